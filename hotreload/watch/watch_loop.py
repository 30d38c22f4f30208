"""Edge: the watcher's thread: it takes events, looks at the disk and sends settled changes.

Knows: when to look where, and the faults that it repairs. Refuses to know: the event loop, URLs,
pages, what a change is good for.

Events are hints. What counts is the index, which compares the disk with what was last reported; it
is asked where an event points to, where files are in use (each second), and everywhere after a
stall, a flood of events or a failure.
"""

import math
import os
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from hotreload.errors import StartError, shown
from hotreload.files import git_excludes, ignore, network_filesystems
from hotreload.reporter import Reporter
from hotreload.watch import disk
from hotreload.watch.changes import Batch, Change, Presence
from hotreload.watch.debounce import Debouncer, FileLook
from hotreload.watch.index import Index
from hotreload.watch.inotify import Inotify
from hotreload.watch.rust_notify import Hints, NotifierFailed, Notifiers
from hotreload.watch.watched_tree import News, WatchedTree

Attend = Callable[[str, Presence], None]

# How often files in use and the places are looked at, in seconds; a place that is missing oftener.
_BEAT: Final = 1.0
_MISSING_BEAT: Final = 0.1
# Looking at what is in use may take this part of the time, and looking through all the rest that.
_SHARE: Final = 1 / 50
_PART: Final = 1 / 10
# A wake-up that is later than this means that the process was stopped: events may be lost.
_STALL: Final = 1.0
# Linux keeps 16,384 events for a process that does not fetch them, and several tell of one file.
_FLOOD: Final = 5_000
# For how long after the last change the next one is to be known at once, while there are pages.
_LIVELY: Final = 20.0
# How often it is tried to cover folders with events that are looked through instead.
_RETRY: Final = 30.0
# The least time between two engines for new folders.
_COVER: Final = 0.03
# How often git's lock is looked at while changes wait for it.
_LOCK: Final = 0.01
# How many folders are looked at before events are heard again.
_SLICE: Final = 20
# So many files that are not there are awaited because somebody asked for them.
_MOST_AWAITED: Final = 1_000
# So many ignore files that are not read are named at once.
_TOLD: Final = 5
# Stands for the digest of a file that nobody has asked for yet.
_NEVER: Final = "never"


class WatchLoop:
    """What the watcher's thread does; the arguments are the watcher's."""

    def __init__(
        self,
        places: Sequence[Path],
        patterns: Sequence[str],
        *,
        gitignore: bool,
        poll: float | None,
        report: Reporter,
        attend: Attend,
    ) -> None:
        self._places = list(dict.fromkeys(map(os.path.abspath, places)))
        self._patterns = patterns
        self._gitignore = gitignore
        self._poll = poll
        self._report = report
        self._attend = attend
        self._said: set[str] = set()
        self._heard: SimpleQueue[Hints | NotifierFailed | None] = SimpleQueue()
        self._served: deque[tuple[str, str | None, os.stat_result | None]] = deque()
        self._awaited: set[str] = set()
        self._index: Index
        self._digests: dict[str, str | None] = {}
        self._stopped = threading.Event()
        self._pages = 0
        self._active = -_LIVELY
        self._native = Notifiers(self._heard)
        self._prompt = Inotify(self._heard)
        self._settling = Debouncer()
        self._outer: dict[str, git_excludes.OuterExcludes] = {}
        self._stamps: dict[str, object] = {}
        self._locks: list[Path] = []
        self._missing: set[str] = set()
        self._foreign: set[str] = set()
        self._uncovered: set[str] = set()
        self._unsure: OrderedDict[str, None] = OrderedDict()
        self._beat_at = 0.0
        self._look_through_at = 0.0
        self._looking_since: float | None = None
        self._retry_at = 0.0
        self._cover_at = 0.0
        self._wake = 0.0
        self._count = 0
        self._doubt = False

    # From other threads.

    def use(self, path: str, digest: str | None) -> None:
        """A page was served this file with this content, or asked in vain."""
        if digest is None and not self._is_known(path):
            if len(self._awaited) == _MOST_AWAITED:
                return
            self._awaited.add(path)
        if self._digests.get(path, _NEVER) != digest:
            self._digests[path] = digest
            self._served.append((path, digest, disk.status(path)))
            self._heard.put(None)

    def _is_known(self, path: str) -> bool:
        return path in self._awaited or path in self._digests or path in self._index.used

    def pages(self, count: int) -> None:
        """So many pages are open."""
        if count > self._pages:
            self._active = time.monotonic()
        self._pages = count
        self._pace()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._heard.put(None)

    def looked_through(self) -> tuple[int, int]:
        """How many folders the first look has seen, of how many it knows."""
        return self._tree.surveyed

    # The thread.

    def prepare(self, begun: int) -> None:
        """Find out what the places are; raises what `Watcher.start` raises.

        Args:
            begun: nanoseconds since the epoch; what is changed after that is to be reported.
        """
        self._tree = WatchedTree(gitignore=self._gitignore, since=begun)
        self._index = Index(self._tree, since=begun)
        for place in self._places:
            self._rule(place)
            found = disk.status(place)
            if found and not disk.identity(found) and not disk.is_regular(found):
                raise StartError(f"cannot watch {shown(place)}: it is neither a folder nor a file")
            lock = git_excludes.lock(Path(place))
            self._locks += [lock] if lock and lock not in self._locks else []

    def run(self, ready: Callable[[], None], out: Callable[[Batch], None]) -> None:
        """The thread: watches until `stop`; whatever fails is begun again.

        Args:
            ready: called when events are heard from all folders.
            out: called with each batch as it settles.
        """
        self._out = out
        begin: Callable[[], None] = self._begin
        while not self._stopped.is_set():
            try:
                begin()
                self._tell_unread()
                ready()
                while not self._stopped.is_set():
                    self._step()
            except Exception as error:  # whatever it is, the watching must go on
                self._say(f"watching failed ({error!r}); it was begun again", problem=True)
                begin = self._reconcile
                self._stopped.wait(0.1)
        self._native.close()
        self._prompt.close()

    def _begin(self) -> None:
        table = git_excludes.read(Path("/proc/self/mountinfo")) or ""
        for place in self._places:
            self._begin_place(place, table)
        self._cover()
        self._beat_at = self._look_through_at = time.monotonic() + _BEAT

    def _begin_place(self, place: str, table: str) -> None:
        found = disk.status(place)
        if disk.is_regular(found):
            self._index.single(place)
            return
        kind = network_filesystems.foreign(os.path.realpath(place), table)
        if kind is not None and self._poll is None:
            self._foreign.add(place)
            self._say(
                f"{shown(place)} is on {kind}, which does not tell of every change: it is "
                "looked through every second",
                problem=False,
            )
        deep = self._poll is not None or kind is not None
        self._observe(self._tree.survey(place, deep=deep, news=News.LEARN))
        if found is None:
            self._missing.add(place)
            self._attend(place, Presence.AWAITED)

    def _step(self) -> None:
        """Wait for something to do, and do it."""
        items = self._listen()
        now = time.monotonic()
        if now - self._wake > _STALL:
            self._doubt = True
            self._observe(
                self._index.beat()
            )  # what pages use comes first, before a flood of events
            self._flush()
        for item in items:
            self._take(item)
        self._take_served()
        if self._tree.fresh and now >= self._cover_at:
            self._cover()
        self._make_sure()
        if now >= self._beat_at:
            self._beat(now)
        if now >= self._look_through_at:
            self._look_through()
        if self._doubt or (self._count > _FLOOD and not self._settling):
            self._reconcile()
        self._flush()
        self._tell_unread()
        self._pace()

    def _listen(self) -> "list[Hints | NotifierFailed | None]":
        """What was heard until it is time to do something else."""
        now = time.monotonic()
        git = bool(self._settling) and self._git_works()
        self._wake = max(
            now,
            min(
                self._beat_at,
                self._look_through_at,
                self._settling.wake(now, git=git),
                self._cover_at if self._tree.fresh else self._beat_at,
                now + _LOCK if git else self._beat_at,
                now if self._unsure else self._beat_at,
            ),
        )
        try:
            items = [self._heard.get(timeout=self._wake - now)]
        except Empty:
            return []
        while not self._heard.empty():
            items.append(self._heard.get())
        return items

    def _take(self, item: Hints | NotifierFailed | None) -> None:
        if isinstance(item, Hints):
            self._count += len(item.paths)
            for kind, path in item.paths:
                self._observe(self._index.hint(path, kind))
        elif isinstance(item, NotifierFailed):
            self._repair(item)

    def _take_served(self) -> None:
        if not self._served:
            return
        while self._served:
            self._observe(self._index.use(*self._served.popleft()))
        self._listen_closely()

    def _repair(self, deaf: NotifierFailed) -> None:
        """An engine failed: look at its folders, and cover them anew."""
        folders = list(deaf.folders)
        for folder in folders:
            self._observe(self._tree.relist(folder, deep=True))
        self._tree.fresh += folders
        self._cover_at = time.monotonic() + _COVER
        if not self._tree.mute:
            self._say(f"file events failed ({deaf.reason}); they were begun again", problem=False)

    def _observe(self, paths: Iterable[str]) -> None:
        """Look at files."""
        for path in paths:
            self._settling.see(time.monotonic(), self._index.look(path))

    def _flush(self) -> None:
        """Look at what is due, and let the settled changes out."""
        if not self._settling:
            return
        self._observe(self._settling.due(time.monotonic()))
        self._take_served()  # what was served before a save is compared before the save is told
        looks = self._settling.release(time.monotonic(), git=self._git_works())
        if looks:
            self._send(looks)

    def _send(self, looks: list[FileLook]) -> None:
        """Report changes; if noting one as reported fails, it is reported once more, not lost."""
        self._active = time.monotonic()
        for look in looks:
            self._digests.pop(look.path, None)
        changes = tuple(Change(look.path, look.kind) for look in looks)
        self._out(Batch(changes, max(look.saved for look in looks)))
        for look in looks:
            self._index.accept(look)

    def _git_works(self) -> bool:
        return any(map(git_excludes.is_working, self._locks))

    def _pace(self) -> None:
        active = self._pages > 0 and time.monotonic() - self._active < _LIVELY
        self._native.lively(active and not self._prompt.works)

    # Covering folders with events.

    def _listen_closely(self) -> None:
        """Hear at once what is saved in the folders that pages use, also where one was replaced."""
        if self._poll is None:
            self._prompt.cover(self._index.used.at_hand)

    def _cover(self) -> None:
        """Hear events from fresh folders, and note that nothing was heard from them until now."""
        begun = time.monotonic()
        fresh = list(dict.fromkeys(self._tree.fresh))
        self._tree.fresh.clear()
        if self._poll is None:
            mute = [folder for folder in fresh if folder in self._tree.mute]
            left = self._native.cover([f for f in fresh if f not in self._tree.mute])
            self._uncovered.difference_update(fresh)
            self._uncovered.update(mute, left)
            self._complain(mute, left)
        self._unsure.update(dict.fromkeys([*fresh, *self._native.moved]))
        self._native.moved.clear()
        now = time.monotonic()
        self._cover_at = now + max(_COVER, 4 * (now - begun))

    def _complain(self, mute: Sequence[str], left: Sequence[str]) -> None:
        for folder in mute:
            self._say(
                f"a file name in {shown(folder)} is not UTF-8: that folder is looked through "
                "every second",
                problem=False,
            )
        if left:
            limit = self._native.limit
            hint = f"; raise {limit}" if limit.startswith("fs.") else ""
            self._say(
                f"no more file events to be had ({limit}): folders without them are looked "
                f"through every second{hint}",
                problem=True,
            )

    def _make_sure(self) -> None:
        """Look for what happened in folders while their events were not heard, some at a time."""
        for _count in range(min(_SLICE, len(self._unsure))):
            folder, _ = self._unsure.popitem(last=False)
            self._observe(self._tree.relist(folder, deep=True))
        if self._looking_since is not None and not self._unsure:
            spent = time.monotonic() - self._looking_since
            least = self._poll or _BEAT
            self._look_through_at = self._looking_since + max(least, spent / _PART)
            self._looking_since = None

    # Repairing what events did not tell.

    def _beat(self, now: float) -> None:
        """Look at what may have changed without an event: files in use, the places, git's rules."""
        begun = time.thread_time()
        self._observe(self._index.beat())
        self._listen_closely()
        for place in self._places:
            self._check_place(place)
            self._check_rules(place)
        for folder in sorted(self._tree.unreadable):
            self._say(
                f"cannot read the folder {shown(folder)}: what changes there is not seen",
                problem=True,
            )
            self._observe(self._tree.relist(folder))
        if self._uncovered and now > self._retry_at:
            self._retry_at = now + _RETRY
            self._tree.fresh += [f for f in self._uncovered if f not in self._tree.mute]
        spent = time.thread_time() - begun  # of the processor: a busy machine is no reason to wait
        rest = time.monotonic() - now  # a slow file system is one, if only for as long again
        least = _MISSING_BEAT if self._missing else _BEAT
        self._beat_at = now + max(least, spent / _SHARE, 2 * rest)

    def _check_place(self, place: str) -> None:
        """Say that a place is gone or has come; `Index.beat` sees what that changes."""
        if disk.status(place) is None:
            if place not in self._missing:
                self._missing.add(place)
                self._attend(place, Presence.GONE)
        elif place in self._missing:
            self._missing.discard(place)
            self._attend(place, Presence.THERE)
            if disk.is_regular(disk.status(place)):
                self._index.single(place, new=True)

    def _check_rules(self, place: str) -> None:
        """Take up changed ignore files above a place."""
        if place in self._outer and self._outer[place].stamp() != self._stamps[place]:
            self._rule(place)
            self._observe(self._tree.survey(place, news=News.LEARN_OLD))

    def _rule(self, place: str) -> None:
        outer = (
            git_excludes.outer_excludes(Path(place))
            if self._gitignore
            else git_excludes.OuterExcludes()
        )
        for sentence in outer.unread:
            self._say(sentence, problem=True)
        self._outer[place] = outer
        self._stamps[place] = outer.stamp()
        self._tree.place(place, ignore.scope(place, self._patterns, outer.texts))

    def _look_through(self) -> None:
        """Look at every file where there are no events; single folders can wait for an event."""
        self._looking_since, self._look_through_at = time.monotonic(), math.inf
        for place in self._places if self._poll is not None else self._foreign:
            self._observe(self._tree.survey(place, deep=True))
        self._unsure.update(dict.fromkeys(sorted(self._uncovered)))
        self._make_sure()

    def _reconcile(self) -> None:
        """Events may have been lost: look at everything, and cover it anew."""
        self._doubt, self._count = False, 0
        self._native.restart()
        self._uncovered.clear()
        self._tree.fresh.clear()
        for place in self._places:
            self._observe(self._tree.survey(place, deep=True))
        self._tree.fresh += self._index.folders()
        self._cover()
        self._wake = time.monotonic()

    def _tell_unread(self) -> None:
        """Say which ignore files were not read: the first, and how many more."""
        unread = self._tree.unread
        for sentence in unread[:_TOLD]:
            self._say(sentence, problem=True)
        if len(unread) > _TOLD:
            self._say(f"{len(unread) - _TOLD:,} more ignore files are not read", problem=True)
        unread.clear()

    def _say(self, sentence: str, *, problem: bool) -> None:
        """Report a sentence, but each only once."""
        if sentence not in self._said:
            self._said.add(sentence)
            self._report(sentence, problem)
