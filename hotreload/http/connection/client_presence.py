"""How long a backend is waited for, as the client stays, half leaves, or goes.

Knows: the wait that is under way. Refuses to know: what is waited for, and how a client goes.

A client that says no more may still read: programs close their side of a connection when they have
asked. Or it is gone, which looks the same until it is written to.
"""

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar

# Who says no more is answered if the answer comes within the first time, and is sent the rest of it
# if each piece comes within the second.
ANSWER_SECONDS: Final = 10.0
PIECE_SECONDS: Final = 1.0

T = TypeVar("T")


class ClientPresence:
    """Ends the waits for a backend once the client is gone."""

    def __init__(self) -> None:
        self._is_half_closed = self._is_gone = False
        self._timeout: asyncio.Timeout | None = None
        self._seconds = ANSWER_SECONDS

    async def answer(self, awaitable: Awaitable[T]) -> T:
        """What comes of it.

        Raises:
            TimeoutError: the client is gone; what was waited for has been cancelled.
        """
        return await self._wait(awaitable, ANSWER_SECONDS)

    async def piece(self, awaitable: Awaitable[T]) -> T:
        """The same for a piece of an answer that has begun."""
        return await self._wait(awaitable, PIECE_SECONDS)

    async def _wait(self, awaitable: Awaitable[T], seconds: float) -> T:
        self._seconds = seconds
        try:
            async with asyncio.timeout(self._left) as self._timeout:
                return await awaitable
        finally:
            self._timeout = None

    @property
    def _left(self) -> float | None:
        if self._is_gone:
            return 0.0
        return self._seconds if self._is_half_closed else None

    def says_no_more(self) -> None:
        """The client has closed its side."""
        self._is_half_closed = True
        self._shorten()

    def is_gone(self) -> None:
        """The connection is lost."""
        self._is_gone = True
        self._shorten()

    def _shorten(self) -> None:
        left = self._left
        if self._timeout is not None and not self._timeout.expired() and left is not None:
            self._timeout.reschedule(asyncio.get_running_loop().time() + left)
