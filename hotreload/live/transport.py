"""How a page is reached: what the hub asks of a connection, whatever it is.

Knows: that a message is text, and that more of it may wait than a page takes. Refuses to know: any
kind of connection, and what a message says.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from websockets.frames import Frame, Opcode


@dataclass(frozen=True)
class Message:
    """A text for any number of pages.

    Attributes:
        text: what all of them are sent.
    """

    text: str

    @cached_property
    def frame(self) -> bytes:
        """It as a WebSocket takes it (RFC 6455, section 5.2): made once for all pages."""
        return Frame(Opcode.TEXT, self.text.encode()).serialize(mask=False)


class Transport(Hashable, Protocol):
    """A connection to one page."""

    @property
    def buffered(self) -> int:
        """The bytes that wait for the page."""

    def send(self, message: Message, /) -> None:
        """Sends a message, if the connection is open still."""

    def close(self) -> None:
        """Ends the connection at once, with all that waits on it."""
