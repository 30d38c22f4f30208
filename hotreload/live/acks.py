"""The acknowledgements of one update, until each page has answered.

Knows: which pages have not answered, and how long to wait. Refuses to know: what an answer means.
"""

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final

from hotreload.live.messages import Applied, Page

# How long the answers of the pages to an update are waited for before they are summed up.
ANSWER_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Ack:
    """What one page did with one update."""

    page: Page
    applied: Applied


class AckCollector:
    """Collects the answers to one update until each page has answered or left, or time is up."""

    def __init__(self, expected: set[Hashable], done: Callable[[list[Ack], int], None]) -> None:
        self._expected = expected
        self._done = done
        self._answers: list[Ack] = []
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to wait for the answers."""
        if self._expected:
            self._timer = asyncio.get_running_loop().call_later(ANSWER_SECONDS, self.end)
        else:
            self.end()

    def expect(self, connection: Hashable) -> None:
        """Wait for one more page, which gets the update late, by replay."""
        self._expected.add(connection)

    def add(self, connection: Hashable, answer: Ack) -> None:
        """Add the answer of a page."""
        self._answers.append(answer)
        self.discard(connection)

    def discard(self, connection: Hashable) -> None:
        """Stop waiting for a page."""
        if connection in self._expected:
            self._expected.discard(connection)
            if not self._expected:
                self.end()

    def end(self) -> None:
        """Hand over the answers that have come."""
        if self._timer is not None:
            self._timer.cancel()
        self._done(self._answers, len(self._expected))
