"""Clients that take nothing of what waits for them.

Knows: how much waits for a client, and whether it becomes less. Refuses to know: what waits.

What a client does not read is kept for it, and so is its connection: one that asks for much and
reads nothing would cost memory and a descriptor for as long as it likes.
"""

import asyncio


class WriteTimeout:
    """Aborts a connection whose client reads nothing of what waits for it.

    Args:
        transport: of the connection; aborted when nothing was taken for `seconds`.
        seconds: how long that is.
    """

    __slots__ = ("_left", "_seconds", "_timer", "_transport")

    def __init__(self, transport: asyncio.WriteTransport, seconds: float) -> None:
        self._transport = transport
        self._seconds = seconds
        self._timer: asyncio.TimerHandle | None = None
        self._left = 0

    def start(self) -> None:
        """Start: bytes wait to be written."""
        self.cancel()
        self._left = self._transport.get_write_buffer_size()
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._check)

    def cancel(self) -> None:
        """Cancel: all bytes are written, or the client is gone."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _check(self) -> None:
        if self._transport.get_write_buffer_size() < self._left:
            self.start()
        else:
            self._timer = None
            self._transport.abort()
