"""What is to be tried with a connection, and what came of a step.

Knows: both as values. Refuses to know: how a step is taken, and how it is printed.
"""

import time
from dataclasses import dataclass

from hotreload.remote.outgoing_messages import Message
from hotreload.remote.target import Target


@dataclass(frozen=True, slots=True)
class Talk:
    """What is to be tried.

    Attributes:
        target: where to.
        timeout: seconds for the opening as a whole, for each echo, and for the close.
        interval: seconds between an echo and the next message.
        subprotocols: to offer.
    """

    target: Target
    timeout: float
    interval: float = 0.0
    subprotocols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tls:
    """What TLS came to, in its own words."""

    version: str
    cipher: str
    subject: str
    expires: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message and its echo.

    Attributes:
        connection: which of the connections, from 1.
        number: which message of the connection, from 1.
        sent: the message.
        received: the echo.
        ms: from before the one was sent until the other was there, in milliseconds.
    """

    connection: int
    number: int
    sent: Message
    received: Message
    ms: float


def since(began: float) -> float:
    """Milliseconds from a `time.perf_counter()` until now."""
    return (time.perf_counter() - began) * 1000
