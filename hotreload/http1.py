"""HTTP/1.1 connections: uvicorn's protocol with our limits, answered without an ASGI round.

Knows: bytes, connections, time limits, and how an upgrade leaves for the channel. Refuses to know:
what is asked for (that is the app's `answer`).

What lies in memory is written inside the parser's callback, before a task or an ASGI cycle is made;
what is streamed from a file goes through uvicorn's cycle, with its flow control.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from email.utils import formatdate
from time import time
from typing import Any, Final, cast

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState

from hotreload.channel import Channel
from hotreload.serving.responses import Request, Response, Stream, text

# What browsers and servers of the field allow for a request line and for one header.
MAX_LINE: Final = 8 * 2**10
MAX_HEADERS: Final = 128
# A whole head, unfinished: all that a client may make us hold before it has asked for anything.
MAX_HEAD: Final = 64 * 2**10
# A head that is not complete, or a connection that says nothing, for so long is closed.
HEAD_SECONDS: Final = 10.0
# Browsers keep six connections to a server; a page that rests for so long opens them again.
KEEP_ALIVE_SECONDS: Final = 60
# How much of a file is read and sent at a time.
CHUNK: Final = 256 * 2**10

_ABSOLUTE_FORM: Final = re.compile(rb"https?://([^/?#]*)", re.IGNORECASE)

Answer = Callable[[Request], Response]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class _Answered:
    """Stands where uvicorn keeps the cycle of a request, once that request has its answer."""

    response_complete = True
    disconnected = False
    keep_alive = True

    def __init__(self) -> None:
        self.message_event = asyncio.Event()


class Http1(HttpToolsProtocol):
    """One client connection.

    Args:
        answer: gives each request its response.
        channel: takes over the connections that are upgraded to WebSockets.
        config: uvicorn's, for its time limits.
        state: uvicorn's list of open connections.
    """

    def __init__(
        self, answer: Answer, channel: Channel, config: Config, state: ServerState
    ) -> None:
        super().__init__(config, state, {})
        self._answer = answer
        self._channel = channel
        self._head_bytes = 0
        self._in_head = False
        self._head_timer: asyncio.TimerHandle | None = None
        self._answered = cast("RequestResponseCycle", _Answered())

    # -- bytes in --------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A client connected: it has `HEAD_SECONDS` to say what it wants."""
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._stop_head_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came: whole requests are answered, an unfinished head is counted and timed."""
        self._unset_keepalive_if_required()
        if self._in_head:
            self._head_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._refuse(text(400, "this is not HTTP/1.1"))
        else:
            self._watch_head()

    def _watch_head(self) -> None:
        if not self._in_head:
            return
        if self._head_bytes > MAX_HEAD:
            self._refuse(text(431, f"the head of a request may have {MAX_HEAD} bytes"))
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _give_up(self) -> None:
        self._head_timer = None
        if self._in_head:
            self._refuse(text(408, f"no complete request within {HEAD_SECONDS:.0f} seconds"))
        else:
            self.transport.close()

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _refuse(self, response: Response) -> None:
        self._stop_head_timer()
        if not self.transport.is_closing():
            self._write(response, head_only=False, close=True)

    # -- what the parser calls -------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        """The head is whole: refuse it, hand it to the channel, or answer it."""
        self._in_head = False
        self._stop_head_timer()
        method = self.parser.get_method().decode("ascii")
        self.scope["method"] = method
        refusal = self._refusal(method)
        if refusal is None and self.parser.should_upgrade() and self._should_upgrade():
            return
        response = refusal or self._answer(
            Request.of(
                method,
                self.url,
                self.headers,
                self.scheme or "http",
                self.client[0] if self.client else "",
            )
        )
        close = refusal is not None or self._has_body() or not self.parser.should_keep_alive()
        busy = not getattr(self.cycle, "response_complete", True)
        if isinstance(response.body, Stream) or busy:
            self._run(response, close=close)
        else:
            self._write(response, head_only=method == "HEAD", close=close)

    def _refusal(self, method: str) -> Response | None:
        """What is wrong with the head, whatever it asks for."""
        if len(self.url) > MAX_LINE:
            return text(414, f"a request line may have {MAX_LINE} bytes")
        if len(self.headers) > MAX_HEADERS or any(
            len(name) + len(value) > MAX_LINE for name, value in self.headers
        ):
            return text(431, f"{MAX_HEADERS} headers of {MAX_LINE} bytes each are the limit")
        if self.parser.get_http_version() not in ("1.1", "1.0"):
            return text(505, "HTTP/1.1 and 1.0 are spoken here")
        return self._origin_form(method)

    def _origin_form(self, method: str) -> Response | None:
        """Brings the target to origin-form (RFC 9112, 3.2), or says why that cannot be."""
        if method == "OPTIONS" and self.url == b"*":
            self.url = b"/"
        absolute = _ABSOLUTE_FORM.match(self.url)
        hosts = [value for name, value in self.headers if name == b"host"]
        # One that names another server than Host does is left as it is, for the guard to refuse.
        if absolute and [absolute[1].lower()] == [host.lower() for host in hosts]:
            rest = self.url[absolute.end() :]
            self.url = rest if rest.startswith(b"/") else b"/" + rest
        if b"#" in self.url or not all(0x20 < byte < 0x7F for byte in self.url):
            return text(400, "the target of a request is a URL in ASCII without a fragment")
        return None

    def _has_body(self) -> bool:
        """Bodies are not read, so nothing can follow one on the same connection."""
        return any(
            name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
            for name, value in self.headers
        )

    # -- answers ---------------------------------------------------------------------------------

    def _write(self, response: Response, *, head_only: bool, close: bool) -> None:
        lines = [STATUS_LINE[response.status], b"date: ", _date(), b"\r\n"]
        for name, value in response.headers:
            lines += [name, b": ", value, b"\r\n"]
        lines.append(b"connection: close\r\n\r\n" if close else b"\r\n")
        if not head_only:
            lines.append(cast("bytes", response.body))
        self.transport.write(b"".join(lines))
        self.cycle = self._answered
        if close:
            self.transport.close()
        else:
            self.on_response_complete()

    def _run(self, response: Response, *, close: bool) -> None:
        """Lets uvicorn's cycle send it: in its turn, and no faster than the client reads."""
        self.app = _sender(response, close=close)
        super().on_headers_complete()

    # -- upgrades --------------------------------------------------------------------------------

    def _should_upgrade(self) -> bool:
        return self._get_upgrade() == b"websocket"

    def _upgrade(self, rest: bytes) -> None:
        """The rest of this connection is a WebSocket's, from its first byte on."""
        if self.transport.is_closing():
            return
        self._stop_head_timer()
        self.connections.discard(self)
        head = [b"GET " if self.scope["method"] == "GET" else b"POST ", self.url, b" HTTP/1.1\r\n"]
        for name, value in self.headers:
            head += [name, b": ", value, b"\r\n"]
        connection = self._channel.protocol(self.scheme or "http")
        connection.connection_made(self.transport)
        self.transport.set_protocol(connection)
        connection.data_received(b"".join([*head, b"\r\n", rest]))


class Plain(Http1):
    """A client that speaks plain HTTP where TLS is spoken: it is answered, and never upgraded."""

    def _should_upgrade(self) -> bool:
        return False


_dates: dict[int, bytes] = {}


def _date() -> bytes:
    """This second as the Date header writes it."""
    now = int(time())
    if now not in _dates:
        _dates.clear()
        _dates[now] = formatdate(now, usegmt=True).encode()
    return _dates[now]


def _sender(response: Response, *, close: bool) -> Any:
    """The response as an ASGI application."""

    async def send_response(_scope: object, _receive: object, send: Send) -> None:
        headers = [(b"date", _date()), *response.headers]
        if close:
            headers.append((b"connection", b"close"))
        start = {"type": "http.response.start", "status": response.status, "headers": headers}
        await send(start)
        if isinstance(response.body, bytes):
            await send({"type": "http.response.body", "body": response.body})
        else:
            await _send_stream(response.body, send)

    return send_response


async def _send_stream(stream: Stream, send: Send) -> None:
    """Sends the pieces; a file that became shorter than was promised ends the connection."""
    with stream.file as file:
        for piece in stream.pieces:
            if isinstance(piece, bytes):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                continue
            offset, left = piece
            while left:
                data = await asyncio.to_thread(file.read, offset, min(CHUNK, left))
                if not data:
                    raise ConnectionAbortedError("the file became shorter while it was sent")
                await send({"type": "http.response.body", "body": data, "more_body": True})
                offset, left = offset + len(data), left - len(data)
    await send({"type": "http.response.body", "body": b""})
