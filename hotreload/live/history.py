"""The stream of updates: numbers them, and keeps the recent ones.

Knows: the order of updates in this run, and what a page that is behind has missed. Refuses to know:
sockets, files, clocks.
"""

from collections import deque
from collections.abc import Sequence
from typing import Final

from hotreload.live.messages import FileChange, Update

# A page that slept through more than this asks for what differs instead of hearing it all.
RING_UPDATES: Final = 1_000
# What the kept updates may weigh: their texts are the bulk of it.
RING_CHARACTERS: Final = 16 * 2**20


class UpdateHistory:
    """The updates of one run of the server.

    Args:
        run: id of the run, 8 hexadecimal digits.
        reload: every update asks for full reloads.
    """

    def __init__(self, run: str, *, reload: bool = False) -> None:
        self.run = run
        self.seq = 0
        self._reload = reload
        self._ring: deque[Update] = deque()
        self._characters = 0

    def append(
        self, changes: Sequence[FileChange], saved: float, *, reload: bool = False
    ) -> Update:
        """The next update, kept for pages that are not connected."""
        self.seq += 1
        update = Update(self.seq, saved, tuple(changes), reload or self._reload)
        self._ring.append(update)
        self._characters += _weight(update)
        while len(self._ring) > RING_UPDATES or self._characters > RING_CHARACTERS:
            self._characters -= _weight(self._ring.popleft())
        return update

    def since(self, run: str, seq: int) -> list[Update] | None:
        """The updates that a page at that place has missed; None when only a resync finds out."""
        oldest = self.seq - len(self._ring)
        if run != self.run or not oldest <= seq <= self.seq:
            return None
        return [update for update in self._ring if update.seq > seq]


def _weight(update: Update) -> int:
    return sum(200 + len(change.text or "") for change in update.changes)
