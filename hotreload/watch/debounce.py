"""When what was seen of changed files becomes a batch.

Knows: how long to wait for a file that is being written, for one that is gone and may come back,
and for a burst to end. Refuses to know: the disk and the clock; looks at files and the time are
handed in, and batches and the time of the next look are handed back. All times are in seconds.

A lone change goes out at once. After it, the next ones wait a little, the longer the more files
there were; many files at once are a burst, which goes out when it has been quiet for a moment.
What pages use does not wait for long while a burst goes on, which may be none of theirs: no more
than 0.4 s at first, and a lone style sheet, which costs a page nothing, not at all.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from hotreload.files.stamp import FileStamp
from hotreload.watch.changes import ChangeKind

# A file that is gone for less was replaced: vim, JetBrains and generators delete and write anew.
GONE: Final = 0.3
# The same where a whole site is gone: it was cleared to be generated anew.
CLEARED: Final = 1.5
# More files than FEW within RECENT are a burst.
RECENT: Final = 0.2
FEW: Final = 5
# After a batch the next one waits this long for each recent file.
GAP: Final = 0.005
# A burst ends when nothing was noticed for QUIET, and goes out after CAP in any case. If pages use
# files in it, it goes out after SOON, and a lone file of the kind SWAPPED goes ahead of it, but
# once within CAP.
QUIET: Final = 0.1
SOON: Final = 0.4
CAP: Final = 2.0
SWAPPED: Final = ".css"
# The same while git works on the tree: more is to come, unless it waits for a person.
GIT_QUIET: Final = 1.0
GIT_CAP: Final = 10.0
# How often a file that is being written is looked at: at first, at most, and after which part of
# the time that it has taken so far.
OFTEN: Final = 0.002
SELDOM: Final = 0.1
PART: Final = 1 / 50
_UNMARKED: Final = FileStamp(0, 0, 0, 0)


class FileState(Enum):
    """What a look at a file showed."""

    SAME = auto()  # it is what was last reported of it
    WHOLE = auto()  # it differs, and is complete
    OPEN = auto()  # it differs, and may be incomplete
    GONE = auto()  # it was reported to exist, and does not


@dataclass(frozen=True, slots=True)
class FileLook:
    """What a look at a file showed.

    Attributes:
        path: the file.
        state: how it compares with what was last reported of it.
        kind: what the change is, if it is one.
        mark: differs when the file was written to between two looks.
        patience: for how long an OPEN file must stay unchanged to be taken as complete, or a GONE
            one be away, if that is longer than GONE.
        age: for how long the file had been unchanged at the time of the look, if that is known.
        saved: when the change was made, in seconds since the epoch.
        content: the file's new digest, if it was read, as that is what pages use.
        sure: whether whatever is written from now on gives another mark: not within the same
            tick of the clock that file times come from.
    """

    path: str
    state: FileState
    kind: ChangeKind = ChangeKind.MODIFIED
    mark: FileStamp = _UNMARKED
    patience: float = 0.0
    age: float = 0.0
    saved: float = 0.0
    content: str | None = None
    sure: bool = True


@dataclass(slots=True)
class _Pending:
    """A change that has not gone out: since when it waits, and for what.

    It is ready to go out when it need not be looked at again.
    """

    look: FileLook
    since: float
    still: float
    ready: float = math.inf
    again: float = math.inf


class Debouncer:
    """Collects looks and says what goes out when."""

    def __init__(self) -> None:
        self._pending: dict[str, _Pending] = {}
        self._unready: dict[str, _Pending] = {}
        self._used: dict[str, _Pending] = {}
        self._noticed: dict[str, float] = {}
        self._last = -math.inf
        self._sent = self._parted = self._ahead = -math.inf
        self._burst: float | None = None
        self._git = False

    def __bool__(self) -> bool:
        """Whether any change waits."""
        return bool(self._pending)

    def see(self, now: float, look: FileLook) -> None:
        """Take in what a look at a file showed."""
        if look.state is FileState.SAME:
            self._forget(look.path)
            return
        waiting = self._pending.get(look.path)
        if waiting is None:
            if not self._pending:  # nothing is left of the last burst
                self._burst, self._git = None, False
            waiting = self._pending[look.path] = _Pending(look, now, now - _rested(look))
            self._noticed.pop(look.path, None)
            self._noticed[look.path] = self._last = now
        elif (look.state, look.mark) != (waiting.look.state, waiting.look.mark):
            waiting.still = now - _rested(look)
            self._last = self._last if look.state is FileState.OPEN else now
        elif look.state is FileState.GONE:  # with others of a cleared site it may come last
            look = replace(look, patience=max(look.patience, waiting.look.patience))
        waiting.look = look
        _schedule(waiting, now)
        self._sort(waiting)

    def _sort(self, waiting: _Pending) -> None:
        """Keep what is not ready, and what is and pages use, at hand: a burst may be long."""
        path, is_ready = waiting.look.path, waiting.again == math.inf
        for kept, belongs in (
            (self._unready, not is_ready),
            (self._used, is_ready and waiting.look.content),
        ):
            kept.pop(path, None)
            if belongs:
                kept[path] = waiting

    def _forget(self, path: str) -> None:
        for kept in (self._pending, self._unready, self._used):
            kept.pop(path, None)

    def due(self, now: float) -> list[str]:
        """The files to look at again by now; what is seen goes to `see`."""
        return [path for path, waiting in self._unready.items() if waiting.again <= now]

    def release(self, now: float, *, git: bool = False) -> list[FileLook]:
        """The looks that go out now as one batch, in the order in which they were noticed.

        Args:
            now: the time, which never goes backwards.
            git: whether git is at work in the tree.
        """
        if self._opens(now, git) > now:
            return self._go_ahead(now)
        out = [one.look for path, one in self._pending.items() if path not in self._unready]
        for look in out:
            self._forget(look.path)
        if out:
            self._sent = now
            self._parted = self._parted if self._burst is None else now
            self._burst, self._git = None, False
        return out

    def _go_ahead(self, now: float) -> list[FileLook]:
        """A file of a burst that pages change without a loss, while no other is to come with it."""
        if self._burst is None or self._git or now < self._ahead + CAP:
            return []
        if self._unready or len(self._used) != 1:
            return []
        (out,) = self._used.values()
        if not out.look.path.lower().endswith(SWAPPED):
            return []
        self._forget(out.look.path)
        self._ahead = now
        return [out.look]

    def wake(self, now: float, *, git: bool = False) -> float:
        """When there is something to do at the latest: a look or a release."""
        looks = min((waiting.again for waiting in self._unready.values()), default=math.inf)
        ready = len(self._unready) < len(self._pending)
        return min(looks, max(now, self._opens(now, git))) if ready else looks

    def _opens(self, now: float, git: bool) -> float:
        """From when on changes may go out."""
        while self._noticed and next(iter(self._noticed.values())) <= now - RECENT:
            del self._noticed[next(iter(self._noticed))]
        if self._pending and self._burst is None and (git or self._many()):
            self._burst = now
        self._git = self._git or git
        if self._burst is None:
            return self._sent + GAP * len(self._noticed)
        quiet = self._last + (GIT_QUIET if git else QUIET)
        coming = max(_coming(self._unready.values(), now), default=quiet)
        end = self._burst + GIT_CAP if self._git else min(self._burst + CAP, self._soon())
        return min(max(quiet, coming), end)

    def _soon(self) -> float:
        """When pages have waited for long enough while a burst goes on, if all of it is ready."""
        if self._unready:
            return math.inf
        since = min((waiting.since for waiting in self._used.values()), default=math.inf)
        return max(since + SOON, self._parted + CAP)

    def _many(self) -> bool:
        """Whether a burst begins: many files at once, or a site that was cleared."""
        cleared = (_longest(waiting.look) > GONE for waiting in self._pending.values())
        return len(self._noticed) > FEW or any(cleared)


def _longest(look: FileLook) -> float:
    """For how long a file must be gone to be taken as deleted."""
    return max(GONE, look.patience) if look.state is FileState.GONE else GONE


def _rested(look: FileLook) -> float:
    """For how long an incomplete file has been left alone already."""
    return min(look.age, look.patience)


def _schedule(waiting: _Pending, now: float) -> None:
    """Set when a change is ready, and when to look at it again."""
    if waiting.look.state is FileState.WHOLE:
        waiting.ready, waiting.again = now, math.inf
        return
    gone = waiting.look.state is FileState.GONE
    waiting.ready = waiting.still + (_longest(waiting.look) if gone else waiting.look.patience)
    if waiting.ready <= now:
        waiting.again = math.inf
    elif waiting.look.state is FileState.GONE:
        waiting.again = waiting.ready
    else:
        often = min(max(OFTEN, (now - waiting.since) * PART), SELDOM)
        waiting.again = min(waiting.ready, now + often)


def _coming(unready: Iterable[_Pending], now: float) -> Iterable[float]:
    """When the unready changes that a burst waits for are ready: those that began just now."""
    for waiting in unready:
        longest = waiting.since + _longest(waiting.look)
        if now <= longest:
            yield min(waiting.ready, longest)
