"""Responses that are sent again to the same request while none of their dependencies has changed.

Knows: which responses those are, and how a dependency is checked. Refuses to know: what a request
or a response contains.

A response with a file depends on the file, on the folders that lead to it (the time of a folder
changes when a name in it does), and on the number of the last update. Two or three system calls
replace finding, guarding and composing the same response.
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
    dependencies: tuple[Dependency, ...]


class ResponseCache(Generic[T]):
    """The answers that may be given again.

    Args:
        look: what there is at a path now.
        newest: the number of the newest update; with each new one everything is forgotten.
    """

    def __init__(self, look: Look, newest: Callable[[], int]) -> None:
        self._look = look
        self._read_newest = newest
        self._newest = newest()
        self._kept: dict[Hashable, _CachedResponse[T]] = {}

    def find(self, request: Hashable) -> T | None:
        """The answer to that very request, if it still holds."""
        kept = self._kept.get(request)
        if kept is None:
            return None
        if self._read_newest() != self._newest:
            self._kept.clear()
            return None
        look = self._look
        for path, stamp in kept.dependencies:
            if look(path) != stamp:
                del self._kept[request]
                return None
        return kept.answer

    def keep(self, request: Hashable, answer: T, dependencies: Iterable[Dependency]) -> None:
        """The request had this answer, which rests on these."""
        if self._read_newest() != self._newest or len(self._kept) >= MOST:
            self._kept.clear()
            self._newest = self._read_newest()
        self._kept[request] = _CachedResponse(answer, tuple(dependencies))
