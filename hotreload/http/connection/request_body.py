"""The body of a request, as it comes from the client.

Knows: how much of it may wait before the client has to, and what ends it. Refuses to know: sockets,
and what reads it.

Most requests are answered without a look at their body. It is thrown away then.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, Self

# The bytes that may wait to be read before the socket is no longer read.
MOST_WAITING: Final = 64 * 2**10


class IncompleteBody(ConnectionError):
    """The client is gone, or has fallen silent, before all of the body had come."""


class RequestBody:
    """An async iterator of bytes, for one reader.

    Args:
        pause: reads no more from the socket.
        resume: reads on.
        proceed: asks a client that waits for it to send the body (RFC 9110, section 10.1.1).
        seconds: how long the client may send nothing.
    """

    def __init__(
        self,
        pause: Callable[[], None],
        resume: Callable[[], None],
        proceed: Callable[[], None],
        seconds: float,
    ) -> None:
        self._pause = pause
        self._resume = resume
        self._proceed: Callable[[], None] | None = proceed
        self._seconds = seconds
        self._pieces: deque[bytes] = deque()
        self._waiting = 0
        self._came = asyncio.Event()
        self._is_whole = self._is_cut = self._is_unwanted = False

    @property
    def is_read(self) -> bool:
        """Whether all of it has come and has been read."""
        return self._is_whole and not self._pieces

    # -- what comes ------------------------------------------------------------------------------

    def feed(self, data: bytes) -> None:
        """A piece of it came."""
        if self._is_unwanted:
            return
        self._pieces.append(data)
        self._waiting += len(data)
        self._came.set()
        if self._waiting >= MOST_WAITING:
            self._pause()

    def end(self) -> None:
        """All of it has come."""
        self._is_whole = True
        self._came.set()

    def cut(self) -> None:
        """No more of it will come."""
        self._is_cut = not self._is_whole
        self._came.set()

    # -- what is read ----------------------------------------------------------------------------

    def answered(self, *, is_wanted: bool) -> None:
        """The head of the answer is sent: the client is not asked to proceed any more.

        Args:
            is_wanted: the answer's body may still be made of this one; else the rest is not read.
        """
        self._proceed = None
        if not is_wanted:
            self._is_unwanted = True
            self._pieces.clear()
            self._resume()

    def __aiter__(self) -> Self:
        """It is read once."""
        return self

    async def __anext__(self) -> bytes:
        """The next bytes.

        Raises:
            IncompleteBody: there will be no more, and this is not all.
        """
        if self._proceed is not None and not (self._pieces or self._is_whole):
            self._proceed()
        self._proceed = None
        while not self._pieces:
            if self._is_whole or self._is_unwanted:
                raise StopAsyncIteration
            if self._is_cut:
                raise IncompleteBody("the client has not sent all of the body")
            await self._more()
        data = self._pieces.popleft()
        self._waiting -= len(data)
        if self._waiting < MOST_WAITING:
            self._resume()
        return data

    async def _more(self) -> None:
        self._came.clear()
        self._resume()
        try:
            await asyncio.wait_for(self._came.wait(), self._seconds)
        except TimeoutError:
            self._is_cut = True
