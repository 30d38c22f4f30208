"""A WebSocket connection that leaves the others their turn.

Knows: how much of the server's time a client has had, and when it may be read from again. Refuses
to know: what is said.

One read takes up to 256 KiB from the system: forty thousand messages of one character, seconds of
work in which nobody else is heard. So it is taken in slices, and a client that keeps the server
busy for longer than its share waits until the share has grown again.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from websockets.asyncio.server import ServerConnection

from hotreload.guarding.stall import Stall

# Of all time, how much goes to one client.
SHARE: Final = 0.1
# Seconds of work that a client may be ahead of that: a thousand messages, or many MiB in one.
AHEAD: Final = 0.1
# It never waits for longer than this at a time, whatever it has cost.
LONGEST_WAIT: Final = 1.0
# Bytes that are read at a time: the fewest are some 70 messages of one character. As long as
# slices are quick work, as in a large message, they grow.
FEWEST: Final = 512
MOST: Final = 8192
QUICK: Final = 0.0002  # seconds


class Account:
    """How far a client is ahead of its share of the time."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._at = 0.0

    def spend(self, began: float, ended: float) -> None:
        """Note work for the client, from one time to another, in seconds."""
        left = max(0.0, self._ahead - (began - self._at) * SHARE)
        self._ahead = min(left + ended - began, AHEAD + LONGEST_WAIT * SHARE)
        self._at = began

    def wait(self, now: float) -> float:
        """For how many seconds the client is to wait; 0 if it need not."""
        ahead = self._ahead - (now - self._at) * SHARE
        return max(0.0, (ahead - AHEAD) / SHARE)


class Connection(ServerConnection):
    """One of many: reads slice by slice, and no more than its share."""

    def __init__(self, *args: Any, stall_seconds: float, **more: Any) -> None:
        super().__init__(*args, **more)
        self._stall_seconds = stall_seconds
        self._stall: Stall | None = None
        self._account = Account()
        self._unread = b""
        self._slice = FEWEST
        self._full = False  # the library has as many messages as it wants
        self._due = False  # a slice will be taken

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is ours: from now on it is here that is said when it is read."""
        super().connection_made(transport)
        self.recv_messages.pause = self._fill
        self.recv_messages.resume = self._drain

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone: what it has said last is nobody's any more."""
        self._unread = b""
        if self._stall is not None:
            self._stall.end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came: they wait if others do."""
        self._unread += data
        if not (self._due or self._full or self.paused):
            self._take()

    def pause_writing(self) -> None:
        """More waits for the client than it takes: it is not heard until it has taken most of it.

        Otherwise answers to pings, which nobody waits for, would pile up.
        """
        super().pause_writing()
        self._stall = self._stall or Stall(self.transport, self._stall_seconds)
        self._stall.begin()

    def resume_writing(self) -> None:
        """It has taken most of it."""
        super().resume_writing()
        if self._stall is not None:
            self._stall.end()
        self._go_on()

    @contextmanager
    def working(self) -> Iterator[None]:
        """What is done meanwhile is done for this client."""
        began = time.perf_counter()
        yield
        self._account.spend(began, time.perf_counter())

    def _take(self) -> None:
        self._due = False
        part, self._unread = self._unread[: self._slice], self._unread[self._slice :]
        if part:
            began = time.perf_counter()
            super().data_received(part)
            ended = time.perf_counter()
            self._account.spend(began, ended)
            quick = ended - began < QUICK
            self._slice = min(MOST, 2 * self._slice) if quick else FEWEST
        self._go_on()

    def _go_on(self) -> None:
        """Plans the next slice; when there is none, the socket is read again."""
        if self.transport.is_closing() or self._due:
            return
        wait = self._account.wait(time.perf_counter())
        held = self._full or self.paused
        if held or not (self._unread or wait):
            (self.transport.pause_reading if held else self.transport.resume_reading)()
            return
        self._due = True
        self.transport.pause_reading()
        self.loop.call_later(wait, self._take)

    def _fill(self) -> None:
        self._full = True

    def _drain(self) -> None:
        self._full = False
        self._go_on()
