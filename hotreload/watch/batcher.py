"""Edge: from files that may have changed to batches of settled changes.

Knows: in which order files are looked at, served files are taken up and changes go out. Refuses to
know: why a file is looked at, and what a batch is used for.
"""

import time
from collections.abc import Callable, Collection, Iterable

from hotreload.watch.changes import Batch, Change
from hotreload.watch.debounce import Debouncer, FileLook
from hotreload.watch.inbox import Inbox
from hotreload.watch.index import Index


class Batcher:
    """Looks at files, and sends their changes once they have settled.

    Args:
        index: compares a file with what was last reported of it.
        inbox: the files that were served meanwhile.
        is_git_working: whether git is at work in the tree.
        on_used: called with the folders of all files in use, when files were served.
        out: called with each batch.
    """

    def __init__(
        self,
        index: Index,
        inbox: Inbox,
        *,
        is_git_working: Callable[[], bool],
        on_used: Callable[[Collection[str]], None],
        out: Callable[[Batch], None],
    ) -> None:
        self._index = index
        self._inbox = inbox
        self._is_git_working = is_git_working
        self._on_used = on_used
        self._out = out
        self._debouncer = Debouncer()

    def __bool__(self) -> bool:
        """Whether changes are pending."""
        return bool(self._debouncer)

    def next_release(self, now: float) -> tuple[float, bool]:
        """When a pending change is due, and whether it waits for git."""
        git = bool(self._debouncer) and self._is_git_working()
        return self._debouncer.wake(now, git=git), git

    def observe(self, paths: Iterable[str]) -> None:
        """Look at files; what differs is pending from now on."""
        for path in paths:
            self._debouncer.see(time.monotonic(), self._index.look(path))

    def take_served(self) -> None:
        """Take up the files that were served, and look at those that differ from the disk."""
        any_served = False
        for path, digest, found in self._inbox.served():
            any_served = True
            self.observe(self._index.use(path, digest, found))
        if any_served:
            self._on_used(self._index.used.at_hand)

    def flush(self) -> None:
        """Look again at what is due, and send the settled changes."""
        if not self._debouncer:
            return
        self.observe(self._debouncer.due(time.monotonic()))
        self.take_served()  # what was served before a save is compared before the save is sent
        looks = self._debouncer.release(time.monotonic(), git=self._is_git_working())
        if looks:
            self._send(looks)

    def _send(self, looks: list[FileLook]) -> None:
        """Report changes; if noting one as reported fails, it is reported once more, not lost."""
        for look in looks:
            self._inbox.forget(look.path)
        changes = tuple(Change(look.path, look.kind) for look in looks)
        self._out(Batch(changes, max(look.saved for look in looks)))
        for look in looks:
            self._index.accept(look)
