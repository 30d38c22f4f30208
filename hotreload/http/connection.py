"""HTTP/1.1 connections: uvicorn's protocol with our limits, answered without an ASGI round.

Knows: bytes, connections, time limits, and how an upgrade leaves. Refuses to know: what is asked
for (that is the app's), and what is said on a WebSocket.

What lies in memory is written inside the parser's callback, before a task is made. What is streamed
from a file is sent by a task, no faster than the client reads. Requests that come meanwhile wait,
and are answered, in their turn, as things stand then: until then they cost neither content nor a
descriptor.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import Final, NamedTuple, cast

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from hotreload.files.open_file import OpenFile
from hotreload.http import validation
from hotreload.http.messages import FileBody, Piece, Request, Response, text
from hotreload.http.response_cache import ResponseCache
from hotreload.http.serialize import SerializedResponse, date, head, serialize
from hotreload.http.upgrades import WebSocketHandler
from hotreload.security.connection_limit import ConnectionLimit
from hotreload.security.fair_share import ActiveClients
from hotreload.security.limits import Limits
from hotreload.security.write_timeout import WriteTimeout

# How much of a file is read and sent at a time. An answer from memory that is larger is not copied
# to stand behind its head, nor kept to be given again.
CHUNK: Final = 256 * 2**10
# A file that is being written is asked for again so soon, and for so long.
AGAIN_SECONDS: Final = 0.01
WRITING_SECONDS: Final = 5.0
# So often a file is looked at that seems to have been written anew.
LOOKS: Final = 5

Respond = Callable[[Request], Response | None]
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
    """A request whose answer is to be sent; the answer, if it is there; and whether it is last."""

    request: Request
    response: Response | None
    close: bool


class Http1(HttpToolsProtocol):
    """One client connection.

    Args:
        respond: gives each request its response, or None as long as there is none yet.
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

    # -- bytes in --------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A client connected: if there is room, it has some seconds to say what it wants."""
        super().connection_made(transport)
        self._write_timeout = WriteTimeout(transport, self._limits.stall_seconds)
        if self._open_connections.add(self):
            self._timer = self.loop.call_later(self._limits.head_seconds, self._give_up)
        else:
            self._write(_FULL, head_only=False, close=True)
            self._close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._over = True
        self._stop_timer()
        self._write_timeout.cancel()
        self._open_connections.remove(self)
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
            self._write(response, head_only=False, close=True)
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
        request = self._request(method)
        # Behind what asks for another protocol (h2c, CONNECT) the parser takes no more requests.
        close = (
            refusal is not None or validation.has_body(self.headers) or self.parser.should_upgrade()
        )
        close = close or not stays
        if busy:
            self._wait(PendingRequest(request, refusal, close))
            return
        response = refusal or self._respond(request)
        if response is None or isinstance(response.body, FileBody):
            self._send(PendingRequest(request, response, close))
        else:
            self._write(response, head_only=method == "HEAD", close=close)
            self._next(close=close)
            if response.dependencies and not close and len(response.body) <= CHUNK:
                self._response_cache.keep(asked, serialize(response, method), response.dependencies)

    def _request(self, method: str) -> Request:
        peer = self.client[0] if self.client else ""
        return Request.of(method, self.url, self.headers, self.scheme or "http", peer)

    def _stays(self) -> bool:
        """Whether another request may follow; old clients of HTTP/1.0 wait for the end."""
        return self.parser.should_keep_alive() and self.parser.get_http_version() == "1.1"

    def on_body(self, body: bytes) -> None:
        """Bodies are not read."""

    def on_message_complete(self) -> None:
        """Nor is their end of interest."""

    def _refusal(self, method: str) -> Response | None:
        """What is wrong with the head; the target of one that is right is in origin-form now."""
        version = self.parser.get_http_version()
        refusal = validation.validate(version, self.url, self.headers, self._limits)
        if refusal is None:
            self.url = validation.origin_form(method, self.url, self.headers, self.scheme or "http")
        return refusal

    # -- answers ---------------------------------------------------------------------------------

    def _write(self, response: Response, *, head_only: bool, close: bool) -> None:
        """Writes an answer from memory."""
        body = b"" if head_only else cast("bytes", response.body)
        start = head(response, close=close)
        if len(body) > CHUNK:
            self.transport.write(start)
            self.transport.write(body)
        else:
            self.transport.write(start + body)

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
            asked = asked._replace(response=_TOO_MANY, close=True)
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
                close = asked.close
                if asked is not _LAST:
                    await self._send_one(asked)
        except BaseException as error:  # what was promised cannot be sent, nor anything behind it
            self.transport.abort()
            if not isinstance(error, OSError):  # the file's, or it has changed
                raise
        finally:
            self._sending = None
            self._open_connections.idle(self)
            if not self.transport.is_closing():
                self._next(close=close)

    async def _send_one(self, asked: PendingRequest) -> None:
        await self.flow.drain()
        response = asked.response or await _await_response(self._respond, asked.request)
        head_only = asked.request.method == "HEAD"
        if isinstance(response.body, bytes):
            if not self.transport.is_closing():
                self._write(response, head_only=head_only, close=asked.close)
            return
        with response.body.file as file:
            self._put(head(response, close=asked.close))
            for piece in () if head_only else response.body.pieces:
                await self._send_piece(file, piece)

    async def _send_piece(self, file: OpenFile, piece: Piece) -> None:
        if isinstance(piece, bytes):
            self._put(piece)
            return
        offset, left = piece
        while left:
            await self.flow.drain()
            data = await asyncio.to_thread(file.read, offset, min(CHUNK, left))
            if not data or await _is_rewritten(file):
                raise ConnectionAbortedError("the file was written anew while it was sent")
            self._put(data)
            offset, left = offset + len(data), left - len(data)

    def _put(self, data: bytes) -> None:
        if self.transport.is_closing():
            raise ConnectionAbortedError("the client is gone")
        self.transport.write(data)

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


async def _await_response(respond: Respond, request: Request) -> Response:
    """The response, as soon as there is one."""
    for _ in range(round(WRITING_SECONDS / AGAIN_SECONDS)):
        if (response := respond(request)) is not None:
            return response
        await asyncio.sleep(AGAIN_SECONDS)
    return text(503, "the file is being written all the time: try again", (b"retry-after", b"1"))


async def _is_rewritten(file: OpenFile) -> bool:
    """Whether what the file held is gone; one that grows has another time before another size."""
    for _ in range(LOOKS):
        if not file.is_rewritten():
            return False
        await asyncio.sleep(AGAIN_SECONDS)
    return True


_FULL: Final = text(503, "too many connections are open: try again", (b"retry-after", b"1"))
_TOO_MANY: Final = text(
    503, "too many requests wait for their answers on this connection", (b"retry-after", b"1")
)
# Stands where no answer follows.
_LAST: Final = PendingRequest(Request.of("GET", b"/", [], "http"), None, close=True)
