"""What happened to files: the values that the watcher hands out.

Knows: paths and what became of them. Refuses to know: the disk, the clock, URLs.
"""

from dataclasses import dataclass
from enum import StrEnum


class ChangeKind(StrEnum):
    """What became of a file, compared with what was last reported of it."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"


class Presence(StrEnum):
    """What became of a watched place itself."""

    AWAITED = "awaited"
    GONE = "gone"
    THERE = "there"


@dataclass(frozen=True, slots=True)
class Change:
    """One file that is not what it was.

    Attributes:
        path: absolute, as `os.fsdecode` gives it.
        kind: what became of it.
    """

    path: str
    kind: ChangeKind


@dataclass(frozen=True, slots=True)
class Batch:
    """The changes of one act, to be shown at once; no path stands in it twice.

    Attributes:
        changes: in the order in which they were noticed.
        saved: when the newest of them was saved, in seconds since the epoch.
    """

    changes: tuple[Change, ...]
    saved: float
