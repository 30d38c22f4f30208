"""Answers that are given again: to the same request, while nothing that they rest on has changed.

Knows: which answers those are, and how to see that they still hold. Refuses to know: what is in a
request or in an answer.

An answer with a file rests on that file, on the folders that led to it (a name that comes or goes
changes the time of its folder), and on what the pages were told so far. So two or three looks at
the disk say what finding, guarding and putting together the same answer would say again.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Final, Generic, NamedTuple, TypeVar

from hotreload.files.stamp import FileStamp

# More than a large page asks for. Each holds on to the content that it sends.
MOST: Final = 1_000

T = TypeVar("T")
Look = Callable[[str], FileStamp | None]


class Dependency(NamedTuple):
    """A path, and what was there when the answer was made; None for nothing."""

    path: str
    stamp: FileStamp | None


class _CachedResponse(NamedTuple, Generic[T]):
    answer: T
    ground: tuple[Dependency, ...]


class ResponseCache(Generic[T]):
    """The answers that may be given again.

    Args:
        look: what there is at a path now.
        told: the number of the newest update; with each new one everything is forgotten.
    """

    def __init__(self, look: Look, told: Callable[[], int]) -> None:
        self._look = look
        self._told = told
        self._newest = told()
        self._kept: dict[Hashable, _CachedResponse[T]] = {}

    def find(self, request: Hashable) -> T | None:
        """The answer to that very request, if it still holds."""
        kept = self._kept.get(request)
        if kept is None:
            return None
        if self._told() != self._newest:
            self._kept.clear()
            return None
        look = self._look
        for path, stamp in kept.ground:
            if look(path) != stamp:
                del self._kept[request]
                return None
        return kept.answer

    def keep(self, request: Hashable, answer: T, ground: Iterable[Dependency]) -> None:
        """The request had this answer, which rests on these."""
        if self._told() != self._newest or len(self._kept) >= MOST:
            self._kept.clear()
            self._newest = self._told()
        self._kept[request] = _CachedResponse(answer, tuple(ground))
