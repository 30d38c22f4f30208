"""Which handshakes open a WebSocket, and how the others are answered.

Knows: the guard, the password, the key of a handshake (RFC 6455, section 4.2), and how many sockets
there may be. Refuses to know: what is said on a socket once it is open.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, Final

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from hotreload.http import messages as http
from hotreload.live.messages import SUBPROTOCOL
from hotreload.security.basic_auth import AuthFailure
from hotreload.security.guard import Guard, Refusal

KEY_BYTES: Final = 16
RIGHT_KEY: Final = "dGhlIHNhbXBsZSBub25jZQ=="  # the example of RFC 6455, section 1.3


class Handshake:
    """Looks at each handshake.

    Args:
        guard: who may connect.
        denied: why a client is not let in for want of the password; None if it is.
        most: how many sockets may be open.
        refused: called with each refusal of the guard.
    """

    def __init__(
        self,
        guard: Guard,
        denied: Callable[[http.Request], AuthFailure | None],
        most: int,
        refused: Callable[[Refusal], None],
    ) -> None:
        self._guard = guard
        self._refused = refused
        self._denied = denied
        self._most = most

    def refuse(self, connection: ServerConnection, request: Request, count: int) -> Response | None:
        """The answer to a handshake that opens nothing, None for one that does.

        Args:
            connection: the client's; its `handler_kwargs` hold the scheme it is connected by.
            request: its handshake.
            count: how many sockets are open.
        """
        asked = _asked(request, connection.handler_kwargs["scheme"], connection.remote_address)
        refusal = self._guard.check(asked, upgrade=True)
        if refusal is not None:
            self._refused(refusal)
            return connection.respond(refusal.status, refusal.reason + "\n")
        if denied := self._denied(asked):
            response = connection.respond(denied.status, denied.reason + "\n")
            name, value = denied.header
            response.headers[name.decode()] = value.decode()
            return response
        if complaint := _key_complaint(asked.values(b"sec-websocket-key")):
            return connection.respond(400, complaint + "\n")
        if count >= self._most:
            return connection.respond(503, "Too many WebSockets are open: try again.\n")
        return None


def select_subprotocol(_: ServerProtocol, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Ours where it is offered, else the client's first: browsers fail when theirs are ignored."""
    if SUBPROTOCOL in offered:
        return Subprotocol(SUBPROTOCOL)
    return offered[0] if offered else None


def _asked(request: Request, scheme: str, address: Any) -> http.Request:
    """The handshake as a request like any other; an empty Sec-Fetch header says nothing here."""
    lines = [
        (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
        for name, value in request.headers.raw_items()
        if value or not name.lower().startswith("sec-fetch-")
    ]
    peer, *_ = address or ("",)
    target = request.path.encode("latin-1")
    return http.Request.of("GET", target, lines, scheme, str(peer))


def _key_complaint(keys: list[bytes]) -> str:
    """Why the key of the handshake is wrong, in words that help a person with curl."""
    if len(keys) != 1:
        return ""  # the library's answers name what is missing
    try:
        size = len(base64.b64decode(keys[0], validate=True))
    except binascii.Error:
        return f"Sec-WebSocket-Key is not base64. One that is right: {RIGHT_KEY}"
    if size == KEY_BYTES:
        return ""
    return (
        f"Sec-WebSocket-Key holds {size} bytes where RFC 6455 (4.1) wants {KEY_BYTES}."
        f" One that is right: {RIGHT_KEY}"
    )
