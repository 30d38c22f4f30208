"""Edge: the watcher's thread: it takes events, looks at the disk and sends settled changes.

Knows: which task follows which, and the faults that each repairs. Refuses to know: when a task is
due, which folders have events, the event loop, URLs, pages, what a change is good for.

Events are hints. What counts is the index, which compares the disk with what was last reported; it
is asked where an event points to, where files are in use (each second), and everywhere after a
stall, a flood of events or a failure.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from hotreload.errors import shown
from hotreload.files import git_excludes
from hotreload.reporter import Reporter, once
from hotreload.watch import disk
from hotreload.watch.batcher import Batcher
from hotreload.watch.changes import Batch
from hotreload.watch.events.coverage import Coverage
from hotreload.watch.events.rust_notify import Hints, NotifierFailed
from hotreload.watch.events.sources import EventSources
from hotreload.watch.first_look import News
from hotreload.watch.inbox import Inbox
from hotreload.watch.index import Index
from hotreload.watch.places import OnPresence, Places, network_filesystem
from hotreload.watch.schedule import Activity, Schedule, Task
from hotreload.watch.watched_tree import WatchedTree

# So many ignore files that are not read are named at once.
_MOST_NAMED: Final = 5


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
        on_presence: OnPresence,
    ) -> None:
        self._report = once(report)
        self._gitignore = gitignore
        self._places = Places(
            places, patterns, gitignore=gitignore, report=self._report, on_presence=on_presence
        )
        self._inbox = Inbox(lambda path: path in self._index.used)
        self._events = EventSources(self._inbox.queue, poll=poll is not None, report=self._report)
        self._schedule = Schedule(poll)
        self._activity = Activity()
        self._coverage = Coverage()
        self._scanned = {*self._places} if poll is not None else set[str]()
        self._index: Index
        self._tree: WatchedTree
        self._batcher: Batcher

    # From other threads.

    def use(self, path: str, digest: str | None) -> None:
        """A page was served this file with this content; with None there was no such file."""
        self._inbox.serve(path, digest)

    def pages(self, count: int) -> None:
        """So many pages are open."""
        self._activity.pages(count, time.monotonic())
        self._set_pace()

    def stop(self) -> None:
        """End the thread."""
        self._inbox.stop()

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
        self._places.prepare(self._tree)

    def run(self, ready: Callable[[], None], out: Callable[[Batch], None]) -> None:
        """The thread: watches until `stop`; whatever fails is begun again.

        Args:
            ready: called when the events of all folders are received.
            out: called with each batch as it settles.
        """

        def send(batch: Batch) -> None:
            self._activity.changed(time.monotonic())
            out(batch)

        self._batcher = Batcher(
            self._index,
            self._inbox,
            is_git_working=self._places.is_git_working,
            on_used=self._events.request_at_once,
            out=send,
        )
        begin: Callable[[], None] = self._begin
        while not self._inbox.is_stopped:
            try:
                begin()
                self._report_unread()
                ready()
                while not self._inbox.is_stopped:
                    self._step()
            except Exception as error:  # whatever it is, the watching must go on
                self._report(f"watching failed ({error!r}); it was begun again", True)
                begin = self._reconcile
                self._inbox.pause(0.1)
        self._events.close()

    def _begin(self) -> None:
        table = git_excludes.read(Path("/proc/self/mountinfo")) or ""
        for place in self._places:
            self._begin_place(place, table)
        self._cover()
        self._schedule.start(time.monotonic())

    def _begin_place(self, place: str, table: str) -> None:
        found = disk.status(place)
        if disk.is_regular(found):
            self._index.single(place)
            return
        kind = network_filesystem(place, table)
        if kind is not None and place not in self._scanned:
            self._scanned.add(place)
            self._report(
                f"{shown(place)} is on {kind}, which does not tell of every change: it is "
                "looked through every second",
                False,
            )
        suspects = self._tree.survey(place, deep=place in self._scanned, news=News.LEARN)
        self._batcher.observe(suspects)
        if found is None:
            self._places.await_missing(place)

    def _step(self) -> None:
        """Wait for something to do, and do it."""
        items = self._receive()
        now = time.monotonic()
        if self._schedule.is_late(now):
            self._coverage.doubt()
            self._batcher.observe(self._index.beat())  # files in use first, before many events
            self._batcher.flush()
        for item in items:
            self._take(item)
        self._batcher.take_served()
        if self._tree.fresh and self._schedule.is_due(Task.COVER, now):
            self._cover()
        self._recheck()
        if self._schedule.is_due(Task.CHECK, now):
            self._check(now)
        if self._schedule.is_due(Task.SCAN, now):
            self._scan()
        if self._coverage.may_have_lost(busy=bool(self._batcher)):
            self._reconcile()
        self._batcher.flush()
        self._report_unread()
        self._set_pace()

    def _receive(self) -> list[Hints | NotifierFailed]:
        """The events until it is time to do something else."""
        now = time.monotonic()
        release, git = self._batcher.next_release(now)
        wake = self._schedule.wake(
            now,
            release=release,
            git=git,
            fresh=bool(self._tree.fresh),
            recheck=self._coverage.must_recheck,
        )
        return self._inbox.receive(wake - now)

    def _take(self, item: Hints | NotifierFailed) -> None:
        if isinstance(item, NotifierFailed):
            self._repair(item)
            return
        self._coverage.received(len(item.paths))
        for kind, path in item.paths:
            self._batcher.observe(self._index.hint(path, kind))

    def _set_pace(self) -> None:
        self._events.set_lively(self._activity.is_lively(time.monotonic()))

    # Which folders have events.

    def _cover(self) -> None:
        """Request the events of fresh folders; what happened in them until now is looked for."""
        begun = time.monotonic()
        fresh = list(dict.fromkeys(self._tree.fresh))
        self._tree.fresh.clear()
        refused = self._events.request(fresh, self._tree.mute)
        self._coverage.requested(fresh, refused=refused, moved=self._events.take_moved())
        self._schedule.covered(begun, time.monotonic())

    def _repair(self, failure: NotifierFailed) -> None:
        """A source of events failed: look at its folders, and request their events again."""
        folders = list(failure.folders)
        for folder in folders:
            self._batcher.observe(self._tree.relist(folder, deep=True))
        self._tree.fresh += folders
        self._schedule.lost_events(time.monotonic())
        if not self._tree.mute:
            self._report(f"file events failed ({failure.reason}); they were begun again", False)

    # What is looked at without an event.

    def _recheck(self) -> None:
        """Look at some of the folders whose events may be missing."""
        for folder in self._coverage.next_rechecks():
            self._batcher.observe(self._tree.relist(folder, deep=True))
        if not self._coverage.must_recheck:
            self._schedule.scan_ended(time.monotonic())

    def _check(self, now: float) -> None:
        """Look at what may have changed without an event: files in use, the places, git's rules."""
        begun = time.thread_time()
        self._batcher.observe(self._index.beat())
        self._events.request_at_once(self._index.used.at_hand)
        for place in self._places.check():
            if disk.is_regular(disk.status(place)):  # `Index.beat` sees the files of a folder
                self._index.single(place, new=True)
        for place in self._places.reread_rules(self._tree):
            self._batcher.observe(self._tree.survey(place, news=News.LEARN_OLD))
        for folder in sorted(self._tree.unreadable):
            self._report(
                f"cannot read the folder {shown(folder)}: what changes there is not seen", True
            )
            self._batcher.observe(self._tree.relist(folder))
        uncovered = self._coverage.uncovered
        if uncovered and self._schedule.is_due(Task.RETRY, now):
            self._schedule.retried(now)
            self._tree.fresh += uncovered - self._tree.mute
        self._schedule.checked(
            now,
            time.monotonic(),
            processor=time.thread_time() - begun,
            missing=self._places.is_any_missing,
        )

    def _scan(self) -> None:
        """Look at every file where there are no events; single folders can wait for an event."""
        self._schedule.scan_started(time.monotonic())
        for place in self._scanned:
            self._batcher.observe(self._tree.survey(place, deep=True))
        self._coverage.recheck_uncovered()
        self._recheck()

    def _reconcile(self) -> None:
        """Events may have been lost: look at everything, and request all events anew."""
        self._coverage.restart()
        self._events.restart()
        self._tree.fresh.clear()
        for place in self._places:
            self._batcher.observe(self._tree.survey(place, deep=True))
        self._tree.fresh += self._index.folders()
        self._cover()
        self._schedule.reconciled(time.monotonic())

    def _report_unread(self) -> None:
        """Say which ignore files were not read: the first, and how many more."""
        unread = self._tree.rules.unread
        for sentence in unread[:_MOST_NAMED]:
            self._report(sentence, True)
        if len(unread) > _MOST_NAMED:
            self._report(f"{len(unread) - _MOST_NAMED:,} more ignore files are not read", True)
        unread.clear()
