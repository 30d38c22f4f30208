"""What takes over a connection that is upgraded to a WebSocket.

Knows: how the connection is handed over. Refuses to know: what is said on it.
"""

from typing import Any, Protocol


class WebSocketHandler(Protocol):
    """What reads the rest of a connection that is upgraded."""

    def connection_made(self, transport: Any, /) -> None:
        """Take over the transport."""

    def begin(self, head: bytes, rest: bytes, /) -> None:
        """Read the head of the upgrade request, and what came behind it."""
