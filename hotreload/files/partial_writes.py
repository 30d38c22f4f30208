"""Which version of a file is served while another process may be writing it.

Knows: how long to wait for a writer, and how a slow save differs from a file that stays open for
ever, such as a log. Refuses to know: the disk and the clock; observations and times are handed in.
All times are in seconds.

A page that loads during a save gets the version before it, or waits for the new one. It gets a
partial version only if that stays for `BOUND`.
"""

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from hotreload.files.stamp import FileStamp

# Who keeps a file open for so long without beginning it anew may keep it open for ever.
BOUND: Final = 2.0
# Between two looks that are further apart the file may have been whole for a while.
GAP: Final = 0.25


class ReadDecision(Enum):
    """What a request for the file gets."""

    WHOLE = auto()  # the file: it is complete
    AS_IS = auto()  # the file: it was incomplete for so long that it may always be
    BEFORE = auto()  # the version before, if that is known; else a look a moment later
    LATER = auto()  # a look a moment later


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of a file.

    Attributes:
        now: the time, which never goes backwards.
        stamp: what the file system says of it.
        age: for how long it has been as it is, by the file system's clock, which may be wrong.
        patience: for how long it must be as it is to be taken as complete.
    """

    now: float
    stamp: FileStamp
    age: float
    patience: float


@dataclass(frozen=True, slots=True)
class PartialWrite:
    """What is known of a file that was not complete when it was last looked at.

    Attributes:
        stamp: what the file system said of it then.
        still: since when it has that stamp.
        first: since when it is not complete.
        watched: since when it has been looked at without a gap.
        last: when it was looked at.
    """

    stamp: FileStamp
    still: float
    first: float
    watched: float
    last: float


def decide(
    before: PartialWrite | None, look: Observation
) -> tuple[ReadDecision, PartialWrite | None]:
    """What a request gets, and what is to be known of the file at the next look.

    Args:
        before: what was known of the file; None if it was complete, or never looked at.
        look: what is seen of it now.
    """
    known = _known(before, look)
    if max(look.age, look.now - known.still) >= look.patience:
        return ReadDecision.WHOLE, None
    if look.now - known.watched >= BOUND:
        return ReadDecision.AS_IS, known
    return (ReadDecision.LATER if look.now - known.first >= BOUND else ReadDecision.BEFORE), known


def _known(before: PartialWrite | None, look: Observation) -> PartialWrite:
    """What is known with this look; all begins anew with a file that was begun anew."""
    if before is None or _begun_anew(before.stamp, look.stamp):
        return PartialWrite(look.stamp, look.now, look.now, look.now, look.now)
    return replace(
        before,
        stamp=look.stamp,
        still=before.still if before.stamp == look.stamp else look.now,
        watched=look.now if look.now - before.last > GAP else before.watched,
        last=look.now,
    )


def _begun_anew(before: FileStamp, now: FileStamp) -> bool:
    return now.inode != before.inode or now.size < before.size
