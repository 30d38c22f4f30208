"""What other threads hand over to the watcher's thread.

Knows: which files were served with which content, and how the thread is woken. Refuses to know:
what becomes of it.
"""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from typing import Final

from hotreload.watch import disk
from hotreload.watch.events.rust_notify import Hints, NotifierFailed

# So many requested files that do not exist are remembered.
_MOST_AWAITED: Final = 1_000
# Stands for the digest of a file that was never served.
_NEVER: Final = "never"

Served = tuple[str, str | None, os.stat_result | None]


class Inbox:
    """A queue of events, the files that were served, and the request to stop.

    Args:
        is_used: whether a page is known to use a file; called from any thread.

    Attributes:
        queue: where sources of events put them; None wakes the thread for something else.
    """

    def __init__(self, is_used: Callable[[str], bool]) -> None:
        self._is_used = is_used
        self.queue: SimpleQueue[Hints | NotifierFailed | None] = SimpleQueue()
        self._served: deque[Served] = deque()
        self._awaited: set[str] = set()
        self._digests: dict[str, str | None] = {}
        self._stopped = threading.Event()

    # From other threads.

    def serve(self, path: str, digest: str | None) -> None:
        """A page was served this file with this content; with None there was no such file."""
        if digest is None and not self._is_known(path):
            if len(self._awaited) == _MOST_AWAITED:
                return
            self._awaited.add(path)
        if self._digests.get(path, _NEVER) != digest:
            self._digests[path] = digest
            self._served.append((path, digest, disk.status(path)))
            self.queue.put(None)

    def _is_known(self, path: str) -> bool:
        return path in self._awaited or path in self._digests or self._is_used(path)

    def stop(self) -> None:
        """The thread is to end."""
        self._stopped.set()
        self.queue.put(None)

    # From the watcher's thread.

    @property
    def is_stopped(self) -> bool:
        """Whether the thread is to end."""
        return self._stopped.is_set()

    def pause(self, seconds: float) -> None:
        """Wait, unless the thread is to end."""
        self._stopped.wait(seconds)

    def receive(self, timeout: float) -> list[Hints | NotifierFailed]:
        """All events that are there, after waiting for the first one, or for another wake-up."""
        try:
            items = [self.queue.get(timeout=timeout)]
        except Empty:
            return []
        while not self.queue.empty():
            items.append(self.queue.get())
        return [item for item in items if item is not None]

    def served(self) -> Iterator[Served]:
        """Each file that was served: its path, its digest, and its status right after that."""
        while self._served:
            yield self._served.popleft()

    def forget(self, path: str) -> None:
        """A file was changed: if it is served with the same content once more, that is news."""
        self._digests.pop(path, None)
