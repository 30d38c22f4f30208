"""What becomes of each request of one connection.

Knows: which requests are refused, answered at once, answered in their turn, or upgraded. Refuses to
know: what is asked for (that is the app's), bytes that come, and how a connection ends.

What lies in memory is written inside the parser's callback, before a task is made. What is awaited
or streamed goes through the pipeline.
"""

import asyncio
from collections.abc import Awaitable
from typing import Final, NamedTuple, Protocol

from hotreload.http import validation
from hotreload.http.connection.link import Link
from hotreload.http.connection.pipeline import PendingRequest, Pipeline, Respond
from hotreload.http.connection.request_body import RequestBody
from hotreload.http.connection.request_parser import RequestHead
from hotreload.http.connection.response_writer import CHUNK
from hotreload.http.connection.time_limits import TimeLimits
from hotreload.http.connection.upgrades import wants_websocket
from hotreload.http.messages import NO_BODY, Request, Response, text
from hotreload.http.response_cache import ResponseCache
from hotreload.http.serialize import SerializedResponse, date, serialize
from hotreload.security.connection_limit import ConnectionLimit, IdleConnection
from hotreload.security.fair_share import ActiveClients
from hotreload.security.limits import Limits


class Shared(NamedTuple):
    """What all connections of a server share.

    Attributes:
        response_cache: the answers that may be given again.
        active_clients: the clients that share the server's time.
        open_connections: the limit on them.
        connections: those that are open.
        tasks: those that send answers.
        limits: on what a client may ask.
    """

    response_cache: ResponseCache[SerializedResponse]
    active_clients: ActiveClients
    open_connections: ConnectionLimit
    connections: "set[Connection]"
    tasks: set[asyncio.Task[None]]
    limits: Limits


class Connection(IdleConnection, Protocol):
    """The connection that requests come from."""

    def stop_reading(self) -> None:
        """Take no more requests."""

    def end(self, *, linger: bool) -> None:
        """The last answer was given."""

    def shutdown(self) -> None:
        """The server stops."""


class Responder:
    """Answers the requests of one connection.

    Args:
        respond: gives each request its response.
        link: to the client.
        times: of the connection.
        shared: with all other connections.
        connection: that they come from.
        upgrades: whether it may become a WebSocket's.

    Attributes:
        upgrade: the request that makes it one.
    """

    def __init__(
        self,
        respond: Respond,
        link: Link,
        times: TimeLimits,
        shared: Shared,
        connection: Connection,
        *,
        upgrades: bool,
    ) -> None:
        self._respond = respond
        self._link = link
        self._times = times
        self._shared = shared
        self._connection = connection
        self._upgrades = upgrades
        self._pipeline = Pipeline(respond, link, shared.tasks, self._ended)
        self._body: RequestBody | None = None
        self.upgrade: Request | None = None

    @property
    def is_sending(self) -> bool:
        """Whether answers are being sent."""
        return self._pipeline.is_sending

    def finish(self) -> None:
        """Send what is being sent, and what waits before now; nothing follows."""
        self._pipeline.end()

    def cut(self) -> None:
        """The client says no more."""
        if self._body is not None:
            self._body.cut()

    # -- what the parser calls ------------------------------------------------------------------

    def on_begin(self) -> None:
        """The first byte of a request."""
        self._times.cancel_rest()

    def on_head(self, head: RequestHead) -> None:
        """The head is complete: refuse it, let it upgrade, or answer it."""
        self._times.cancel()
        self._body = None
        busy = self._pipeline.is_sending or not self._link.flow.is_writable
        key = (head.method, self._link.scheme, head.target, *head.lines)
        if not (busy or head.is_last) and (known := self._shared.response_cache.find(key)):
            self._write_again(known)
            return
        method = head.method.decode("ascii")
        refusal = validation.validate(head.version, head.target, head.lines, self._shared.limits)
        if refusal is None:
            target = validation.origin_form(method, head.target, head.lines, self._link.scheme)
            head = head._replace(target=target)
            if self._upgrades and not busy and wants_websocket(head):
                self.upgrade = self._request(head)
                return
        self._body = self._new_body(head) if validation.has_body(head.lines) else None
        # Behind what asks for another protocol (h2c, CONNECT) the parser takes no more requests.
        close = refusal is not None or head.upgrades or head.is_last
        pending = PendingRequest(self._request(head), refusal, close, self._body, head.is_1_1)
        if busy:
            self._wait(pending)
            return
        response = refusal or self._respond(pending.request)
        if isinstance(response, Response) and isinstance(response.body, bytes):
            self._give(pending, response)
            if response.dependencies and not pending.is_last and len(response.body) <= CHUNK:
                kept = serialize(response, method)
                self._shared.response_cache.keep(key, kept, response.dependencies)
        else:
            self._send(pending, response)

    def on_body(self, data: bytes) -> None:
        """Some of a body came."""
        if self._body is not None:
            self._body.feed(data)

    def on_end(self) -> None:
        """A request is complete."""
        if self._body is not None:
            self._body.end()

    def _request(self, head: RequestHead) -> Request:
        body = NO_BODY if self._body is None else self._body
        method, link = head.method.decode("ascii"), self._link
        return Request.of(method, head.target, head.lines, link.scheme, link.peer, body=body)

    # -- bodies of requests ----------------------------------------------------------------------

    def _new_body(self, head: RequestHead) -> RequestBody:
        proceed = self._proceed if head.expects_continue else lambda: None
        seconds = self._shared.limits.stall_seconds
        return RequestBody(self._link.flow.pause_reading, self._read_on, proceed, seconds)

    def _read_on(self) -> None:
        # Requests that wait are read no further.
        if not (self._pipeline or self._link.transport.is_closing()):
            self._link.flow.resume_reading()

    def _proceed(self) -> None:
        if not self._link.transport.is_closing():
            self._link.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    # -- answers ---------------------------------------------------------------------------------

    def _give(self, pending: PendingRequest, response: Response) -> None:
        """Gives an answer from memory at once."""
        close = pending.is_last
        if pending.body is not None:
            pending.body.answered(is_wanted=False)
        self._link.writer.write(response, head_only=pending.request.method == "HEAD", close=close)
        self._next(close=close)

    def _write_again(self, known: SerializedResponse) -> None:
        self._link.transport.write(b"".join((known.start, date(), known.headers, known.body)))
        self._next(close=False)

    def _wait(self, pending: PendingRequest) -> None:
        """Has a request wait for the answers before it, and the client with what it says next."""
        if len(self._pipeline) >= self._shared.limits.pipelined:
            self._connection.stop_reading()
            pending = pending._replace(answer=_TOO_MANY, close=True)
        self._send(pending, pending.answer)
        self._link.flow.pause_reading()

    def _send(self, pending: PendingRequest, answer: Response | Awaitable[Response] | None) -> None:
        """Has an answer sent in its turn."""
        if not self._pipeline.is_sending:
            self._shared.open_connections.busy(self._connection)
        self._pipeline.add(pending._replace(answer=answer))

    def _ended(self, close: bool) -> None:
        """All that waited is answered, or cannot be."""
        self._shared.open_connections.idle(self._connection)
        if not self._link.transport.is_closing():
            self._next(close=close)

    def _next(self, *, close: bool) -> None:
        """An answer was given: for others, or for the last time."""
        if close:
            self._connection.end(linger=self._body is not None)
        elif not self._link.transport.is_closing():
            self._link.flow.resume_reading()
            self._times.rest()
            self._connection.used = True


_TOO_MANY: Final = text(
    503, "too many requests wait for their answers on this connection", (b"retry-after", b"1")
)
