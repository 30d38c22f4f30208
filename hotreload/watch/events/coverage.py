"""Which folders have events, and which must be looked at because events may be missing.

Knows: the names of folders. Refuses to know: the disk, the clock, and where events come from.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator
from typing import Final

# Linux keeps 16,384 events for a process that does not fetch them, and one file may have several.
FLOOD: Final = 5_000
# How many folders are looked at before events are taken again.
SLICE: Final = 20


class Coverage:
    """The folders without events, those to be rechecked, and whether events may have been lost.

    Attributes:
        uncovered: the folders that have no events.
    """

    def __init__(self) -> None:
        self.uncovered: set[str] = set()
        self._recheck: OrderedDict[str, None] = OrderedDict()
        self._events = 0
        self._doubt = False

    def requested(
        self, folders: Collection[str], *, refused: Iterable[str], moved: Iterable[str]
    ) -> None:
        """Events were requested: what happened before in these folders may not be known.

        Args:
            folders: those whose events were requested.
            refused: those of them that get none.
            moved: others that get their events from another source than before.
        """
        self.uncovered.difference_update(folders)
        self.uncovered.update(refused)
        self._recheck.update(dict.fromkeys([*folders, *moved]))

    # Folders to be looked at.

    @property
    def must_recheck(self) -> bool:
        """Whether folders are left to be looked at."""
        return bool(self._recheck)

    def recheck_uncovered(self) -> None:
        """All folders without events are to be looked at."""
        self._recheck.update(dict.fromkeys(sorted(self.uncovered)))

    def next_rechecks(self) -> Iterator[str]:
        """Some folders to be looked at now, the longest waiting first; each is given once."""
        for _ in range(min(SLICE, len(self._recheck))):
            yield self._recheck.popitem(last=False)[0]

    # Events that may be lost.

    def received(self, events: int) -> None:
        """So many events were received."""
        self._events += events

    def doubt(self) -> None:
        """Events may have been lost."""
        self._doubt = True

    def may_have_lost(self, *, busy: bool) -> bool:
        """Whether events may have been lost: everything is to be looked at then.

        Args:
            busy: whether changes are pending: a flood is acted on once they are out.
        """
        return self._doubt or (self._events > FLOOD and not busy)

    def restart(self) -> None:
        """Everything is looked at, and the events of all folders are requested anew."""
        self._doubt, self._events = False, 0
        self.uncovered.clear()
