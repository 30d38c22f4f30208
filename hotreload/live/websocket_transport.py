"""A WebSocket as the transport of a page.

Knows: how a message goes onto a socket of the library's. Refuses to know: what a message says.

The frame is made once for all: for ten thousand pages the library's own `broadcast` makes ten
thousand frames, and keeps as many copies for slow readers.
"""

from websockets.asyncio.server import ServerConnection, broadcast
from websockets.protocol import State

from hotreload.live.transport import Message


class WebSocketTransport:
    """One WebSocket; it is never in the middle of a message in several frames.

    Args:
        connection: the library's.
    """

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection

    @property
    def buffered(self) -> int:
        """The bytes that wait for the page."""
        return self._connection.transport.get_write_buffer_size()

    def send(self, message: Message) -> None:
        """Sends a message, if the socket is open still."""
        connection = self._connection
        if connection.protocol.extensions:  # compressed with what each was sent before
            broadcast([connection], message.text)
        elif connection.protocol.state is State.OPEN and not connection.transport.is_closing():
            connection.transport.write(message.frame)

    def close(self) -> None:
        """Ends the connection at once, with all that waits on it."""
        self._connection.transport.abort()
