"""The body of an answer that a backend makes piece by piece, and the report when it breaks off.

Knows: that a fault behind the head of an answer can only end the connection. Refuses to know: what
the body holds, and how it is sent.
"""

from collections.abc import AsyncIterator
from typing import Self

from hotreload.http.messages import close_body
from hotreload.reporter import Reporter


class WatchedBody:
    """A body, and what is said of its faults.

    Args:
        body: what there is of it, as it comes.
        sentence: what has happened, where that is none of the network.
        report: called with the sentence.
    """

    def __init__(self, body: AsyncIterator[bytes], sentence: str, report: Reporter) -> None:
        self._body = body
        self._sentence = sentence
        self._report = report

    def __aiter__(self) -> Self:
        """It is read once."""
        return self

    async def __anext__(self) -> bytes:
        """The next bytes.

        Raises:
            OSError: there will be no more, and this is not all.
        """
        try:
            return await anext(self._body)
        except (StopAsyncIteration, OSError):
            raise
        except Exception as fault:
            self._report(f"{self._sentence}: {fault!r}", True)
            raise ConnectionAbortedError(self._sentence) from fault

    async def aclose(self) -> None:
        """The answer is given up: end what makes the body."""
        await close_body(self._body)
