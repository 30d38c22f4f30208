"""When the watcher's thread has something to do.

Knows: the recurring tasks, when each is due, and how long each rests after it took its time.
Refuses to know: what a task does, and the clock: the time is handed in. All times are in seconds,
of a clock that never goes backwards.
"""

import math
from enum import Enum, auto
from typing import Final

# How often files in use and the places are looked at; oftener while a place is missing.
CHECK: Final = 1.0
MISSING_CHECK: Final = 0.1
# The check may take this part of the time, and the scan of what has no events that part.
CHECK_SHARE: Final = 1 / 50
SCAN_SHARE: Final = 1 / 10
# A wake-up that is later than this means that the process was stopped: events may be lost.
STALL: Final = 1.0
# How often events are requested again for folders that are scanned for lack of them.
RETRY: Final = 30.0
# The least time between two requests of events for new folders.
COVER: Final = 0.03
# How often git's lock is looked at while changes wait for it.
GIT_LOCK: Final = 0.01
# After the last change the next one is expected for so long, while there are pages.
LIVELY: Final = 20.0


class Task(Enum):
    """What the watcher's thread does when its time has come."""

    COVER = auto()  # request the events of new folders
    CHECK = auto()  # look at files in use, the places and their ignore files
    RETRY = auto()  # request the events of folders again that were refused
    SCAN = auto()  # look at every file that has no events


class Schedule:
    """The time of each task, and the time of the next wake-up.

    Args:
        poll: how often every file is looked at; None if that is only done where events are missing.
    """

    def __init__(self, poll: float | None) -> None:
        self._scan_pause = poll or CHECK
        self._due = dict.fromkeys(Task, 0.0)
        self._scan_since: float | None = None
        self._wake = 0.0

    def start(self, now: float) -> None:
        """The first look is over: the first check and the first scan follow after a pause."""
        self._due[Task.CHECK] = self._due[Task.SCAN] = now + CHECK

    def is_due(self, task: Task, now: float) -> bool:
        """Whether the time of a task has come."""
        return now >= self._due[task]

    # The wake-up.

    def wake(self, now: float, *, release: float, git: bool, fresh: bool, recheck: bool) -> float:
        """When to stop waiting for events; it is kept, to be compared by `is_late`.

        Args:
            now: the time.
            release: when a pending change is due.
            git: whether pending changes wait for git's lock.
            fresh: whether folders wait for `Task.COVER`.
            recheck: whether folders wait to be looked at, which is done at once.
        """
        times = [self._due[Task.CHECK], self._due[Task.SCAN], release]
        times += [self._due[Task.COVER]] if fresh else []
        times += [now + GIT_LOCK] if git else []
        times += [now] if recheck else []
        self._wake = max(now, min(times))
        return self._wake

    def is_late(self, now: float) -> bool:
        """Whether the wake-up came so late that events may be lost."""
        return now - self._wake > STALL

    def reconciled(self, now: float) -> None:
        """Everything was looked at, which may take long: the thread is not late for that."""
        self._wake = now

    # What was done, and when it is due again.

    def covered(self, begun: float, now: float) -> None:
        """Events were requested from `begun` until now."""
        self._due[Task.COVER] = now + max(COVER, 4 * (now - begun))

    def lost_events(self, now: float) -> None:
        """A source of events failed: request them again, but not at once."""
        self._due[Task.COVER] = now + COVER

    def retried(self, now: float) -> None:
        """Events were requested again for folders that had been refused."""
        self._due[Task.RETRY] = now + RETRY

    def checked(self, begun: float, now: float, *, processor: float, missing: bool) -> None:
        """The check was done.

        Args:
            begun: when it began.
            now: when it ended; a slow file system is a reason to rest, if only for twice as long.
            processor: how much of the processor's time it took; a busy machine is no reason.
            missing: whether a place is missing.
        """
        least = MISSING_CHECK if missing else CHECK
        rest = max(least, processor / CHECK_SHARE, 2 * (now - begun))
        self._due[Task.CHECK] = begun + rest

    def scan_started(self, now: float) -> None:
        """The scan has begun; the next one is due only after `scan_ended`."""
        self._scan_since, self._due[Task.SCAN] = now, math.inf

    def scan_ended(self, now: float) -> None:
        """Nothing is left to be looked at, of a scan if there is one."""
        if self._scan_since is not None:
            pause = max(self._scan_pause, (now - self._scan_since) / SCAN_SHARE)
            self._due[Task.SCAN] = self._scan_since + pause
            self._scan_since = None


class Activity:
    """Whether the next save is expected soon, and must be noticed at once."""

    def __init__(self) -> None:
        self._pages = 0
        self._last = -LIVELY

    def pages(self, count: int, now: float) -> None:
        """The number of open pages; one more is a sign of work."""
        if count > self._pages:
            self._last = now
        self._pages = count

    def changed(self, now: float) -> None:
        """A change was reported."""
        self._last = now

    def is_lively(self, now: float) -> bool:
        """Whether there are pages, and the last sign of work is recent."""
        return self._pages > 0 and now - self._last < LIVELY
