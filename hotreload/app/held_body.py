"""The body of an answer whose beginning is held back until it is known what becomes of it.

Knows: which pieces have come, and that waiting for the next one may be given up for now without
losing it. Refuses to know: what the beginning is held for.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Self

from hotreload.http.messages import close_body


class HeldBody:
    """A body, from its beginning on.

    Args:
        body: what there is of it, as it comes.

    Attributes:
        beginning: what has come, and is sent first; it may be replaced.
        is_whole: whether that is all.
    """

    def __init__(self, body: AsyncIterator[bytes]) -> None:
        self.beginning = b""
        self.is_whole = False
        self._body = body
        self._next: asyncio.Future[bytes] | None = None

    async def hold(self, seconds: float | None) -> bool:
        """Waits for more of the beginning; False if none comes within this time, or ever."""
        self._next = self._next or asyncio.ensure_future(anext(self._body))
        await asyncio.wait((self._next,), timeout=seconds)
        if not self._next.done():
            return False
        try:
            self.beginning += await self._taken(self._next)
        except StopAsyncIteration:
            self.is_whole = True
        return not self.is_whole

    async def _taken(self, piece: asyncio.Future[bytes]) -> bytes:
        try:
            return await piece
        finally:
            self._next = None

    def __aiter__(self) -> Self:
        """It is read once."""
        return self

    async def __anext__(self) -> bytes:
        """The beginning, then what follows it as it comes."""
        if self.beginning:
            beginning, self.beginning = self.beginning, b""
            return beginning
        if self.is_whole:
            raise StopAsyncIteration
        return await (anext(self._body) if self._next is None else self._taken(self._next))

    async def aclose(self) -> None:
        """The answer is given up: end what makes the body."""
        if self._next is not None:
            self._next.cancel()
            await asyncio.wait((self._next,))
            if not self._next.cancelled():
                self._next.exception()  # retrieved, so that asyncio does not report it
        await close_body(self._body)
