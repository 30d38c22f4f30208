"""A cache of values with a limit on their bytes; the least recently used value goes first.

Knows: sizes, and the order of use. Refuses to know: what a value is, and when it becomes stale.
"""

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class LRUCache(Generic[K, V]):
    """Values by key; those that were used longest ago go first.

    Args:
        most: the bytes of all together.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._bytes = 0
        self._entries: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value of a key, if it is still kept."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def put(self, key: K, value: V, size: int) -> None:
        """Keeps a value of so many bytes, in place of the one that the key had."""
        _, before = self._entries.pop(key, (None, 0))
        self._entries[key] = value, size
        self._bytes += size - before
        while self._bytes > self._most:
            self._bytes -= self._entries.popitem(last=False)[1][1]

    def values(self) -> Iterator[V]:
        """All that is kept, what was used last in front."""
        return (value for value, _ in reversed(self._entries.values()))
