"""What takes over a connection that is upgraded to a WebSocket.

Knows: which request asks for that, and how the connection is handed over. Refuses to know: what is
said on it.
"""

from typing import Any, Protocol

from hotreload.http.connection.request_parser import RequestHead
from hotreload.http.messages import Request


class WebSocketHandler(Protocol):
    """What reads the rest of a connection that is upgraded."""

    def connection_made(self, transport: Any, /) -> None:
        """Take over the transport."""

    def begin(self, head: bytes, rest: bytes, /) -> None:
        """Read the head of the upgrade request, and what came behind it."""


def wants_websocket(head: RequestHead) -> bool:
    """Whether a WebSocket is wanted; HTTP/1.0 has none (RFC 9110, section 7.8)."""
    if not (head.upgrades and head.is_1_1):
        return False
    headers = dict(head.lines)
    tokens = [token.strip().lower() for token in headers.get(b"connection", b"").split(b",")]
    return b"upgrade" in tokens and headers.get(b"upgrade", b"").lower() == b"websocket"


def handshake_head(request: Request) -> bytes:
    """The head of an upgrade request, as the handler reads it: GET, or no handshake at all."""
    method = b"GET " if request.method == "GET" else b"POST "
    lines = [b"%s: %s\r\n" % line for line in request.lines]
    return b"".join([method, request.target, b" HTTP/1.1\r\n", *lines, b"\r\n"])
