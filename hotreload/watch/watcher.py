"""Edge: watches files and gives their changes, as batches.

Knows: how the event loop and the watcher's thread exchange them. Refuses to know: events, the disk,
and what the thread does.
"""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from hotreload.files import write_lease
from hotreload.reporter import Reporter
from hotreload.watch import disk
from hotreload.watch.changes import Batch
from hotreload.watch.places import OnPresence
from hotreload.watch.watch_loop import WatchLoop

# The clock of file times moves each so many milliseconds at the latest.
_TICKS: Final = 20
# How long `start` waits for a large tree; the rest of it follows.
_START: Final = 0.3
# How long `stop` waits for the thread.
_END: Final = 0.5


class Watcher:
    """Watches places for changes.

    Args:
        places: folders, with all that is below them, and files. One that does not exist yet is
            waited for.
        ignore: patterns in the syntax of .gitignore, relative to each place; they win.
        gitignore: whether git's ignore files count.
        poll: look through everything at this interval, in seconds, instead of using events.
        report: called from the watcher's thread.
        on_presence: called when a place is missing at first, goes, or comes, with its absolute
            path; from the watcher's thread.
    """

    def __init__(
        self,
        places: Sequence[Path],
        ignore: Sequence[str] = (),
        *,
        gitignore: bool = True,
        poll: float | None = None,
        report: Reporter,
        on_presence: OnPresence,
    ) -> None:
        self._batches: asyncio.Queue[Batch | None] = asyncio.Queue()
        self._work = WatchLoop(
            places, ignore, gitignore=gitignore, poll=poll, report=report, on_presence=on_presence
        )
        self._thread: threading.Thread | None = None

    async def start(self) -> None:
        """Watch from now on.

        Returns when all folders have events; for a large tree when it has begun: files in use are
        compared with the disk in any case.

        Raises:
            BadPattern: a pattern of `ignore` can never match.
            StartError: a place is neither a folder nor a file.
        """
        write_lease.prepare()
        begun = time.time_ns()
        self._work.prepare(begun)
        loop = asyncio.get_running_loop()
        self._ready = ready = asyncio.Event()
        self._ended = asyncio.Event()
        self._thread = threading.Thread(
            target=self._run, args=(loop, ready), name="hotreload watcher", daemon=True
        )
        self._thread.start()
        with suppress(TimeoutError):
            await asyncio.wait_for(ready.wait(), _START)
        for _ in range(_TICKS):  # what is saved from now on must be seen to be later
            if disk.clock() > begun:
                break
            await asyncio.sleep(0.001)

    async def batches(self) -> AsyncIterator[Batch]:
        """The batches as they settle, until `stop`."""
        while (batch := await self._batches.get()) is not None:
            yield batch

    def use(self, path: str, digest: str | None) -> None:
        """A page was served this file with this content; None: it was missing. From any thread."""
        self._work.use(path, digest)

    def pages(self, count: int) -> None:
        """So many pages are open."""
        self._work.pages(count)

    def looked_through(self) -> tuple[int, int] | None:
        """How many folders the first look has seen, of how many it knows; None once it is over."""
        return None if self._ready.is_set() else self._work.looked_through()

    async def stop(self) -> None:
        """Stop watching; `batches` ends.

        A thread that waits for a disk, or looks through a large tree, ends with the process.
        """
        if self._thread is not None:
            self._work.stop()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), _END)
                self._thread.join()
            self._thread = None
        self._batches.put_nowait(None)

    def _run(self, loop: asyncio.AbstractEventLoop, ready: asyncio.Event) -> None:
        """The watcher's thread."""

        def call(what: Callable[[], object]) -> None:
            try:
                loop.call_soon_threadsafe(what)
            except RuntimeError:  # the loop was closed without `stop`
                self._work.stop()

        self._work.run(
            lambda: call(ready.set), lambda batch: call(lambda: self._batches.put_nowait(batch))
        )
        call(self._ended.set)
