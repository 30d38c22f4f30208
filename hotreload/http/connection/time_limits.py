"""The time that a client has: for a head, between two requests, and after the last answer.

Knows: the timers of one connection. Refuses to know: how a connection ends.
"""

import asyncio
from collections.abc import Callable

from hotreload.security.limits import Limits


class TimeLimits:
    """The timers of one connection.

    Args:
        limits: how long each may take.
        head_is_late: called when a head is not complete in time.
        close: called when the client has rested for long, or has been lingered for.
    """

    def __init__(
        self, limits: Limits, head_is_late: Callable[[], None], close: Callable[[], None]
    ) -> None:
        self._limits = limits
        self._head_is_late = head_is_late
        self._close = close
        self._loop = asyncio.get_running_loop()
        self._head: asyncio.TimerHandle | None = None
        self._rest: asyncio.TimerHandle | None = None

    def head(self) -> None:
        """A head is awaited, if it is not awaited already."""
        if self._head is None:
            self._head = self._loop.call_later(self._limits.head_seconds, self._head_is_late)

    def rest(self) -> None:
        """All requests are answered."""
        self._restart_rest(self._limits.rest_seconds)

    def linger(self) -> None:
        """The last answer is sent, and the client is to close."""
        self.cancel()
        self._restart_rest(self._limits.linger_seconds)

    def cancel_rest(self) -> None:
        """A request has begun."""
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None

    def cancel(self) -> None:
        """A head is complete, or the connection ends."""
        self.cancel_rest()
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _restart_rest(self, seconds: float) -> None:
        self.cancel_rest()
        self._rest = self._loop.call_later(seconds, self._close)
