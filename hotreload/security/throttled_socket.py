"""A WebSocket connection that shares the server's time with the other clients.

Knows: how bytes are read from a socket in slices. Refuses to know: what a message says, and how
large a client's share is (`fair_share.py`).

One read takes up to 256 KiB from the system: forty thousand messages of one character, seconds of
work without a turn for any other client. The bytes are therefore handled in slices; a client that
has used up its share waits until the share has grown again.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from websockets.asyncio.server import ServerConnection

from hotreload.security.fair_share import SHARE, ActiveClients, CPUBudget
from hotreload.security.write_timeout import WriteTimeout

# Bytes that are read at a time: the fewest are some 18 messages of one character. As long as
# slices are quick work, as in a large message, they grow.
FEWEST: Final = 128
MOST: Final = 8192
QUICK: Final = 0.0002  # seconds


class ThrottledConnection(ServerConnection):
    """One of many.

    Args:
        stall_seconds: how long it may take nothing of what waits for it.
        active_clients: of all clients; it is noted there when this one wants something.
    """

    def __init__(
        self, *args: Any, stall_seconds: float, active_clients: ActiveClients, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self._stall_seconds = stall_seconds
        self._write_timeout: WriteTimeout | None = None
        self._active_clients = active_clients
        self._account = CPUBudget()
        self._unread = b""
        self._slice = FEWEST
        self._full = False  # the library has as many messages as it wants
        self._due = False  # a slice will be taken
        self._early = True  # the handshake is not answered yet

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is ours: from now on it is here that is said when it is read."""
        super().connection_made(transport)
        self.recv_messages.pause = self._fill
        self.recv_messages.resume = self._drain

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone: what it has said last is nobody's any more."""
        self._unread = b""
        if self._write_timeout is not None:
            self._write_timeout.cancel()
        super().connection_lost(exc)

    def begin(self, head: bytes, rest: bytes) -> None:
        """The handshake came, with what the client has said behind it.

        That is for who has been let in: the library would take it for frames at once, and say that
        they are wrong instead of why nobody is let in.
        """
        self._unread = rest
        self.transport.pause_reading()
        super().data_received(head)

    def send_data(self) -> None:
        """Sends what there is to send. Once that has answered the handshake, the client is heard.

        Also one that is refused: an answer is lost if the connection closes with bytes unread.
        """
        super().send_data()
        if self._early and (self.response is not None or self.protocol.handshake_exc is not None):
            self._early = False
            self.loop.call_soon(self._go_on)

    def data_received(self, data: bytes) -> None:
        """Bytes came: they wait if others do."""
        self._unread += data
        if not (self._due or self._holds):
            self._take()

    def pause_writing(self) -> None:
        """More waits for the client than it takes: it is not heard until it has taken most of it.

        Otherwise answers to pings, which nobody waits for, would pile up.
        """
        super().pause_writing()
        self._write_timeout = self._write_timeout or WriteTimeout(
            self.transport, self._stall_seconds
        )
        self._write_timeout.start()

    def resume_writing(self) -> None:
        """It has taken most of it."""
        super().resume_writing()
        if self._write_timeout is not None:
            self._write_timeout.cancel()
        self._go_on()

    @contextmanager
    def working(self) -> Iterator[None]:
        """What is done meanwhile is done for this client."""
        began = time.perf_counter()
        yield
        self._spend(began, time.perf_counter())

    def _take(self) -> None:
        self._due = False
        part, self._unread = self._unread[: self._slice], self._unread[self._slice :]
        if part:
            began = time.perf_counter()
            self._active_clients.wants(id(self), began)
            super().data_received(part)
            ended = time.perf_counter()
            self._spend(began, ended)
            quick = ended - began < QUICK
            self._slice = min(MOST, 2 * self._slice) if quick else FEWEST
        self._go_on()

    def _go_on(self) -> None:
        """Plans the next slice; when there is none, the socket is read again."""
        if self.transport.is_closing() or self._due:
            return
        now = time.perf_counter()
        wait = self._account.wait(now, self._share(now))
        held = self._holds
        if held or not (self._unread or wait):
            (self.transport.pause_reading if held else self.transport.resume_reading)()
            return
        self._due = True
        self.transport.pause_reading()
        self.loop.call_later(wait, self._take)

    @property
    def _holds(self) -> bool:
        """Whether what the client says is not to be heard now."""
        return self._early or self._full or self.paused

    def _spend(self, began: float, ended: float) -> None:
        self._account.spend(began, ended, self._share(began))

    def _share(self, now: float) -> float:
        """Who says more than is heard, without waiting for answers, is never treated as alone."""
        return SHARE if self._unread else self._active_clients.share(id(self), now)

    def _fill(self) -> None:
        self._full = True

    def _drain(self) -> None:
        self._full = False
        self._go_on()
