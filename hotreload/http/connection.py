"""HTTP/1.1 connections: uvicorn's protocol with our limits, answered without an ASGI round.

Knows: bytes, connections, time limits, and how an upgrade leaves. Refuses to know: what is asked
for (that is the app's), and what is said on a WebSocket.

What lies in memory is written inside the parser's callback, before a task is made. What is awaited
or streamed is sent by a task, no faster than the client reads. Requests that come meanwhile wait,
and are answered, in their turn, as things stand then: until then they cost neither content nor a
descriptor.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Final, NamedTuple, cast

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from hotreload.http import validation
from hotreload.http.client_presence import ClientPresence
from hotreload.http.messages import NO_BODY, FileBody, Request, Response, text
from hotreload.http.request_body import RequestBody
from hotreload.http.response_cache import ResponseCache
from hotreload.http.response_writer import CHUNK, ResponseWriter
from hotreload.http.serialize import SerializedResponse, date, serialize
from hotreload.http.upgrades import WebSocketHandler
from hotreload.security.connection_limit import ConnectionLimit
from hotreload.security.fair_share import ActiveClients
from hotreload.security.limits import Limits
from hotreload.security.write_timeout import WriteTimeout

Respond = Callable[[Request], Response | Awaitable[Response]]
Upgrade = Callable[[Request], WebSocketHandler]


class Shared(NamedTuple):
    """What all connections of a server share.

    Attributes:
        response_cache: the answers that may be given again.
        active_clients: the clients that share the server's time.
        config: uvicorn's, for its time limits.
        state: uvicorn's list of open connections.
        open_connections: of all such connections.
        limits: on what a client may ask.
    """

    response_cache: ResponseCache[SerializedResponse]
    active_clients: ActiveClients
    config: Config
    state: ServerState
    open_connections: ConnectionLimit
    limits: Limits


class PendingRequest(NamedTuple):
    """A request whose answer is to be sent.

    Attributes:
        request: what was asked.
        answer: the answer, if it was asked for before its turn.
        close: it is the last one on its connection.
        body: of the request, if it has one.
        chunks: the client knows of chunks.
    """

    request: Request
    answer: Response | Awaitable[Response] | None
    close: bool
    body: RequestBody | None = None
    chunks: bool = True

    @property
    def is_last(self) -> bool:
        """Whether no other request can follow: what is not read of a body stands in its way."""
        return self.close or (self.body is not None and not self.body.is_read)


class Http1(HttpToolsProtocol):
    """One client connection.

    Args:
        respond: gives each request its response.
        upgrade: what takes over the connection of an upgrade request.
        shared: with all other connections.
    """

    def __init__(self, respond: Respond, upgrade: Upgrade, shared: Shared) -> None:
        super().__init__(shared.config, shared.state, {})
        self._respond = respond
        self._upgrade_to = upgrade
        self._response_cache = shared.response_cache
        self._active_clients = shared.active_clients
        self._open_connections = shared.open_connections
        self._limits = shared.limits
        self.used = False
        self._head_bytes = 0
        self._in_head = False
        self._upgrading = False
        self._over = False  # nothing more is read, or answered
        self._timer: asyncio.TimerHandle | None = None
        self._asked: deque[PendingRequest] = deque()
        self._sending: asyncio.Task[None] | None = None
        self._body: RequestBody | None = None
        self._presence = ClientPresence()

    # -- bytes in --------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A client connected: if there is room, it has some seconds to say what it wants."""
        super().connection_made(transport)
        self._writer = ResponseWriter(transport, self.flow, self._presence)
        self._write_timeout = WriteTimeout(transport, self._limits.stall_seconds)
        if self._open_connections.add(self):
            self._timer = self.loop.call_later(self._limits.head_seconds, self._give_up)
        else:
            self._writer.write(_FULL, head_only=False, close=True)
            self._close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._over = True
        self._stop_timer()
        self._write_timeout.cancel()
        self._open_connections.remove(self)
        self._cut_body()
        self._presence.is_gone()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came: whole requests are answered, an unfinished head is counted and timed."""
        if self._over:
            return
        self._active_clients.wants(id(self), perf_counter())
        if self._in_head:
            self._head_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self._upgrading:  # else it was answered, and nothing more is read
                self._upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._refuse(text(400, "this is not HTTP/1.1"))
        else:
            self._watch_head()

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn never needs it open
        """The client says no more, but may still read what it has asked for."""
        if self._sending is None or self.scheme == "https":  # TLS is closed both ways or not at all
            self._close()
            return False
        self._asked.append(_LAST)
        self._cut_body()
        self._presence.says_no_more()
        return True

    def pause_writing(self) -> None:
        """More waits for the client than it takes."""
        super().pause_writing()
        self._write_timeout.start()

    def resume_writing(self) -> None:
        """It has taken most of it."""
        super().resume_writing()
        self._write_timeout.cancel()

    def _watch_head(self) -> None:
        if not self._in_head or self._over:
            return
        if self._head_bytes > self._limits.head:
            self._refuse(text(431, f"the head of a request may have {self._limits.head} bytes"))
        elif self._timer is None:
            self._timer = self.loop.call_later(self._limits.head_seconds, self._give_up)

    def _give_up(self) -> None:
        self._timer = None
        if self._in_head:
            seconds = f"{self._limits.head_seconds:.0f} seconds"
            self._refuse(text(408, f"no complete request within {seconds}"))
        else:
            self._close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # -- the end ---------------------------------------------------------------------------------

    def shutdown(self) -> None:
        """The server stops: what is being sent is sent, the rest is not answered any more."""
        self._over = True
        if self._sending is None:
            self._close()
        else:
            self._asked.append(_LAST)

    def make_room(self) -> None:
        """Somebody else needs the descriptor more than this connection, which rests."""
        self._over = True
        self.transport.abort()

    def timeout_keep_alive_handler(self) -> None:
        """The connection has rested for long."""
        self._close()

    def _refuse(self, response: Response) -> None:
        """The last answer, unless it would end up within another."""
        if self._sending is not None or self._over:
            self._close()
        else:
            self._writer.write(response, head_only=False, close=True)
            self._linger()

    def _close(self) -> None:
        """Closes once the client has taken what it was sent."""
        self._over = True
        self._stop_timer()
        self.transport.close()
        if self.transport.get_write_buffer_size():
            self._write_timeout.start()

    def _linger(self) -> None:
        """Closes when the client has, so that it can read the answer before it hears of that."""
        self._over = True
        self._stop_timer()
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._timer = self.loop.call_later(self._limits.linger_seconds, self._close)

    # -- what the parser calls -------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._unset_keepalive_if_required()
        self._in_head = True
        self._head_bytes = 0
        self._body = None

    def on_headers_complete(self) -> None:
        """The head is whole: refuse it, hand it to the channel, or answer it."""
        self._in_head = False
        self._stop_timer()
        self._unset_keepalive_if_required()  # the answer before may have ended meanwhile
        if self._over:
            return
        busy = self._sending is not None or self.flow.write_paused
        asked = (self.parser.get_method(), self.scheme, self.url, *self.headers)
        stays = self._stays()
        if stays and not busy and (known := self._response_cache.find(asked)):
            self._write_again(known)
            return
        method = self.parser.get_method().decode("ascii")
        self.scope["method"] = method
        refusal = self._refusal(method)
        self._upgrading = refusal is None and not busy and self._wants_socket()
        if self._upgrading:
            return
        self._body = self._new_body() if validation.has_body(self.headers) else None
        request = self._request(method)
        # Behind what asks for another protocol (h2c, CONNECT) the parser takes no more requests.
        close = refusal is not None or self.parser.should_upgrade() or not stays
        chunks = self.parser.get_http_version() == "1.1"
        pending = PendingRequest(request, refusal, close, self._body, chunks)
        if busy:
            self._wait(pending)
            return
        response = refusal or self._respond(request)
        if isinstance(response, Response) and isinstance(response.body, bytes):
            self._give(pending, response)
            if response.dependencies and not pending.is_last and len(response.body) <= CHUNK:
                self._response_cache.keep(asked, serialize(response, method), response.dependencies)
        else:
            self._send(pending._replace(answer=response))

    def _request(self, method: str) -> Request:
        peer = self.client[0] if self.client else ""
        body = NO_BODY if self._body is None else self._body
        return Request.of(method, self.url, self.headers, self.scheme or "http", peer, body=body)

    def _stays(self) -> bool:
        """Whether another request may follow; old clients of HTTP/1.0 wait for the end."""
        return self.parser.should_keep_alive() and self.parser.get_http_version() == "1.1"

    # -- bodies of requests ----------------------------------------------------------------------

    def _new_body(self) -> RequestBody:
        waits = self.expect_100_continue and self.parser.get_http_version() == "1.1"
        proceed = self._proceed if waits else lambda: None
        return RequestBody(
            self.flow.pause_reading, self._read_on, proceed, self._limits.stall_seconds
        )

    def on_body(self, body: bytes) -> None:
        """Some of a body came."""
        if self._body is not None:
            self._body.feed(body)

    def on_message_complete(self) -> None:
        """A request is complete."""
        if self._body is not None:
            self._body.end()

    def _cut_body(self) -> None:
        if self._body is not None:
            self._body.cut()

    def _read_on(self) -> None:
        if not (self._asked or self._over):  # requests that wait are read no further
            self.flow.resume_reading()

    def _proceed(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _refusal(self, method: str) -> Response | None:
        """What is wrong with the head; the target of one that is right is in origin-form now."""
        version = self.parser.get_http_version()
        refusal = validation.validate(version, self.url, self.headers, self._limits)
        if refusal is None:
            self.url = validation.origin_form(method, self.url, self.headers, self.scheme or "http")
        return refusal

    # -- answers ---------------------------------------------------------------------------------

    def _give(self, asked: PendingRequest, response: Response) -> None:
        """Gives an answer from memory at once."""
        close = asked.is_last
        if asked.body is not None:
            asked.body.answered(is_wanted=False)
        self._writer.write(response, head_only=asked.request.method == "HEAD", close=close)
        self._next(close=close)

    def _write_again(self, known: SerializedResponse) -> None:
        self.transport.write(b"".join((known.start, date(), known.headers, known.body)))
        self._next(close=False)

    def _next(self, *, close: bool) -> None:
        """An answer was given: for others, or for the last time."""
        if close and validation.has_body(self.headers):
            self._linger()
        elif close:
            self._close()
        else:
            self.on_response_complete()
            self.used = True

    def _wait(self, asked: PendingRequest) -> None:
        """Has a request wait for the answers before it, and the client with what it says next."""
        if len(self._asked) >= self._limits.pipelined:
            self._over = True
            asked = asked._replace(answer=_TOO_MANY, close=True)
        self._send(asked)
        self.flow.pause_reading()

    def _send(self, asked: PendingRequest) -> None:
        """Has an answer sent in its turn, no faster than the client reads."""
        self._asked.append(asked)
        if self._sending is None:
            self._open_connections.busy(self)
            self._sending = self.loop.create_task(self._send_all())
            self.tasks.add(self._sending)
            self._sending.add_done_callback(self.tasks.discard)

    async def _send_all(self) -> None:
        close = False
        try:
            while self._asked and not close:
                asked = self._asked.popleft()
                close = asked is _LAST or await self._send_one(asked)
        except BaseException as error:  # what was promised cannot be sent, nor anything behind it
            self.transport.abort()
            if not isinstance(error, OSError):  # the file's, or it has changed
                raise
        finally:
            self._sending = None
            self._open_connections.idle(self)
            if not self.transport.is_closing():
                self._next(close=close)

    async def _send_one(self, asked: PendingRequest) -> bool:
        """Sends an answer; the result is whether it was the last."""
        await self.flow.drain()
        answer = asked.answer or self._respond(asked.request)
        response = answer if isinstance(answer, Response) else await self._presence.answer(answer)
        close = asked.is_last
        if asked.body is not None:
            asked.body.answered(is_wanted=not isinstance(response.body, bytes | FileBody))
        await self._writer.send(
            response, head_only=asked.request.method == "HEAD", close=close, chunks=asked.chunks
        )
        return close

    # -- upgrades --------------------------------------------------------------------------------

    def _wants_socket(self) -> bool:
        """Whether a WebSocket is wanted; HTTP/1.0 has none (RFC 9110, section 7.8)."""
        wanted = self.parser.should_upgrade() and self._get_upgrade() == b"websocket"
        return wanted and self.parser.get_http_version() == "1.1"

    def _upgrade(self, rest: bytes) -> None:
        """The rest of this connection is a WebSocket's, from its first byte on."""
        if self.transport.is_closing():
            return
        self._stop_timer()
        self._write_timeout.cancel()
        self._open_connections.remove(self)
        self.connections.discard(self)
        head = [b"GET " if self.scope["method"] == "GET" else b"POST ", self.url, b" HTTP/1.1\r\n"]
        for name, value in self.headers:
            head += [name, b": ", value, b"\r\n"]
        connection = self._upgrade_to(self._request(self.scope["method"]))
        connection.connection_made(self.transport)
        self.transport.set_protocol(cast("asyncio.Protocol", connection))
        connection.begin(b"".join([*head, b"\r\n"]), rest)


class PlainOnTLSPort(Http1):
    """A client that speaks plain HTTP where TLS is spoken: it is answered, and never upgraded."""

    def _wants_socket(self) -> bool:
        return False


_FULL: Final = text(503, "too many connections are open: try again", (b"retry-after", b"1"))
_TOO_MANY: Final = text(
    503, "too many requests wait for their answers on this connection", (b"retry-after", b"1")
)
# Stands where no answer follows.
_LAST: Final = PendingRequest(Request.of("GET", b"/", [], "http"), None, close=True)
