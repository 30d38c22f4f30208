"""One text message to many sockets.

Knows: how a message becomes a frame (RFC 6455, section 5.2), and which clients read too slowly for
one more. Refuses to know: what a message says.

The frame is made once for all: for ten thousand pages the library's own `broadcast` makes ten
thousand frames, and keeps as many copies for slow readers.
"""

from collections.abc import Iterable

from websockets.asyncio.server import ServerConnection, broadcast
from websockets.frames import Frame, Opcode
from websockets.protocol import State


def broadcast_text(
    connections: Iterable[ServerConnection], text: str, most: int
) -> list[ServerConnection]:
    """Sends a text to all that are open.

    Args:
        connections: to whom; none of them is in the middle of a message in several frames.
        text: the message.
        most: bytes that may wait for a client.

    Returns:
        Those for whom more than that waits already: they are sent nothing.
    """
    frame = Frame(Opcode.TEXT, text.encode()).serialize(mask=False)
    slow = []
    for connection in connections:
        transport = connection.transport
        if transport.get_write_buffer_size() > most:
            slow.append(connection)
        elif connection.protocol.extensions:  # compressed with what each was sent before
            broadcast([connection], text)
        elif connection.protocol.state is State.OPEN and not transport.is_closing():
            transport.write(frame)
    return slow
