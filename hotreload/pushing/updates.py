"""The stream of updates: numbers them, keeps the recent ones, knows which file asked for which.

Knows: the order of updates in this run, and what a page that is behind has missed. Refuses to know:
sockets, files, clocks.
"""

from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import Final

from hotreload.pushing.messages import FileChange, Update

# A page that slept through more than this asks for what differs instead of hearing it all.
RING_UPDATES: Final = 1_000
# What the kept updates may weigh: their texts are the bulk of it.
RING_CHARACTERS: Final = 16 * 2**20
# One file in each requester's list: a module graph of this many edges is far beyond a page's.
EDGES: Final = 20_000


class Stream:
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
        """The next update, kept for pages that are not there to hear it."""
        self.seq += 1
        update = Update(self.seq, saved, tuple(changes), reload or self._reload)
        self._ring.append(update)
        self._characters += _weight(update)
        while len(self._ring) > RING_UPDATES or self._characters > RING_CHARACTERS:
            self._characters -= _weight(self._ring.popleft())
        return update

    def since(self, run: str, seq: int) -> list[Update] | None:
        """The updates that a page at that place has missed; None when only a resync can tell."""
        oldest = self.seq - len(self._ring)
        if run != self.run or not oldest <= seq <= self.seq:
            return None
        return [update for update in self._ring if update.seq > seq]


def _weight(update: Update) -> int:
    return sum(200 + len(change.text or "") for change in update.changes)


class Edges:
    """Which file was requested by which, as the Referer of each request tells.

    A page cannot see what its worker imports, or what a style sheet of another frame loads: the
    server saw the request.
    """

    def __init__(self) -> None:
        self._requesters: OrderedDict[str, dict[str, None]] = OrderedDict()
        self._edges = 0

    def add(self, url: str, requester: str) -> None:
        """The file at URL path `url` was requested by the one at `requester`."""
        known = self._requesters.setdefault(url, {})
        self._requesters.move_to_end(url)
        if requester in known or requester == url:
            return
        known[requester] = None
        self._edges += 1
        while self._edges > EDGES:
            self._edges -= len(self._requesters.popitem(last=False)[1])

    def via(self, url: str) -> tuple[str, ...]:
        """All files that requested this one, directly or through others, nearest first."""
        found: dict[str, None] = {}
        queue = [url]
        while queue:
            for requester in self._requesters.get(queue.pop(0), ()):
                if requester != url and requester not in found:
                    found[requester] = None
                    queue.append(requester)
        return tuple(found)
