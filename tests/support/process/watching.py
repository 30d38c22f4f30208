"""A running watcher for tests: what it reports, and a way to wait for what it says."""

import asyncio
import functools
import inspect
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from hotreload.files.stamp import digest
from hotreload.watch.changes import Batch
from hotreload.watch.served_files import ServedFile
from hotreload.watch.watcher import Watcher

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="leases, inotify and /proc are Linux'")
# For what takes milliseconds, on a machine that is busy with something else.
LONG = 60.0
# Longer than a deletion waits to be reported, and than a burst waits to be quiet.
SILENCE = 0.5


class Watching:
    """A watcher and the batches that it gave."""

    def __init__(self, watcher: Watcher, sentences: list[tuple[str, bool]]) -> None:
        self.watcher = watcher
        self.sentences = sentences
        self.heard: asyncio.Queue[tuple[float, Batch]] = asyncio.Queue()
        self.ended = False

    async def read(self) -> None:
        async for batch in self.watcher.batches():
            self.heard.put_nowait((time.perf_counter(), batch))
        self.ended = True

    async def batch(self, timeout: float = LONG) -> dict[str, str]:
        """The next batch: the last part of each path, and what became of it."""
        _, batch = await asyncio.wait_for(self.heard.get(), timeout)
        paths = [change.path for change in batch.changes]
        assert len(set(paths)) == len(paths)
        return {Path(change.path).name: str(change.kind) for change in batch.changes}

    async def when(self) -> float:
        """When the next batch came, on the clock of `time.perf_counter`."""
        return (await asyncio.wait_for(self.heard.get(), LONG))[0]

    async def until(self, names: Iterable[str], timeout: float = LONG) -> int:
        """Wait until all of these were named; returns in how many batches."""
        missing, batches = set(names), 0
        async with asyncio.timeout(timeout):
            while missing:
                missing -= (await self.batch()).keys()
                batches += 1
        return batches

    async def nothing(self, seconds: float = SILENCE) -> bool:
        """Whether no batch comes for so long."""
        try:
            _, batch = await asyncio.wait_for(self.heard.get(), seconds)
        except TimeoutError:
            return True
        print("came:", batch)  # noqa: T201 - shown when the test fails
        return False

    async def said(self, words: str, timeout: float = LONG) -> str:
        """Wait for a sentence with these words."""
        async with asyncio.timeout(timeout):
            while not any(words in sentence for sentence, _ in self.sentences):
                await asyncio.sleep(0.01)
        return next(sentence for sentence, _ in self.sentences if words in sentence)

    async def becomes(self, true: Callable[[dict[str, ServedFile]], bool]) -> None:
        """Wait until this is true of what the watcher knows of the files in use."""
        async with asyncio.timeout(LONG):
            while not true(self.watcher._work._index.used._files):
                await asyncio.sleep(0.01)

    def use(self, *files: Path) -> None:
        """As if a page had been served these files."""
        for file in files:
            self.watcher.use(str(file), digest(file.read_bytes()))


@asynccontextmanager
async def watching(*places: Path, **options: Any) -> AsyncIterator[Watching]:
    """A watcher that is started and stopped, with a page open."""
    sentences: list[tuple[str, bool]] = []
    watcher = Watcher(
        places,
        **options,
        report=lambda *said: sentences.append(said),
        on_presence=lambda place, presence: sentences.append((f"{place} is {presence}", False)),
    )
    await watcher.start()
    watcher.pages(1)
    watch = Watching(watcher, sentences)
    reader = asyncio.create_task(watch.read())
    try:
        yield watch
    finally:
        await watcher.stop()
        await reader


async def away(act: Callable[[], object]) -> None:
    """Do something slow without holding up the event loop."""
    await asyncio.to_thread(act)


def runs(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an asynchronous test in an event loop of its own."""

    @functools.wraps(test)
    def run(**given: Any) -> None:
        asyncio.run(asyncio.wait_for(test(**given), 4 * LONG))

    run.__signature__ = inspect.signature(test)  # type: ignore[attr-defined]
    return run


def nobody(*_said: object) -> None:
    """Hears what a watcher says."""


def make_site(top: Path) -> Path:
    """A folder with a page and a style sheet."""
    root = top / "site"
    root.mkdir()
    (root / "index.html").write_text("<p>one</p>\n" * 20)
    (root / "style.css").write_text("p { color: red }\n")
    return root


@pytest.fixture
def made_site(tmp_path: Path) -> Path:
    """What a module of such tests says its `site` is."""
    return make_site(tmp_path)


@pytest.fixture
def made_page(site: Path) -> Path:
    """And its `page`."""
    return site / "index.html"


def watches() -> int:
    """How many inotify watches this process has."""
    count = 0
    for info in Path("/proc/self/fdinfo").iterdir():
        try:
            count += info.read_text().count("inotify wd:")
        except OSError:
            continue
    return count
