"""The watcher with fewer events than it wants, with none, and at its beginning and end."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pytest
from support.process.limits import limited
from support.process.watching import (
    LINUX,
    LONG,
    made_page,
    made_site,
    nobody,
    runs,
    watches,
    watching,
)

from hotreload.watch import watcher as watcher_module
from hotreload.watch.batcher import Batcher
from hotreload.watch.debounce import FileLook
from hotreload.watch.events.rust_notify import Notifiers
from hotreload.watch.index import Index
from hotreload.watch.watched_tree import WatchedTree
from hotreload.watch.watcher import Watcher

site = made_site
page = made_page


# Limits and stalls, in processes of their own.

CHILD = """
import asyncio, json, sys, time
from pathlib import Path
from hotreload.watch import schedule
from hotreload.watch.watcher import Watcher
from hotreload.files.stamp import digest

schedule.RETRY = float("inf")  # a limit is tried again once, then it is in no test's way

def say(**what):
    print(json.dumps(what), flush=True)

async def main():
    root = Path(sys.argv[1])
    watcher = Watcher(
        [root], report=lambda sentence, problem: say(said=sentence), on_presence=lambda *said: None
    )
    await watcher.start()
    watcher.pages(1)
    page = root / "index.html"
    watcher.use(str(page), digest(page.read_bytes()))
    say(ready=True)
    async for batch in watcher.batches():
        say(batch=[change.path for change in batch.changes])

asyncio.run(main())
"""


class Child:
    """A watcher in another process, whose lines are read with patience."""

    def __init__(self, root: Path, *before: str) -> None:
        self.process = subprocess.Popen(
            [*before, sys.executable, "-c", CHILD, root], stdout=subprocess.PIPE, text=True
        )
        self.lines: list[dict[str, Any]] = []
        self.came = threading.Condition()
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self.came:
                self.lines.append(json.loads(line))
                self.came.notify_all()

    def wait(self, found: Callable[[dict[str, Any]], bool]) -> None:
        with self.came:
            assert self.came.wait_for(lambda: any(map(found, self.lines)), LONG), self.lines

    def saw(self, file: Path) -> None:
        self.wait(lambda line: str(file) in line.get("batch", ()))

    def said(self, words: str) -> None:
        self.wait(lambda line: words in line.get("said", ""))

    def __enter__(self) -> Self:
        self.wait(lambda line: "ready" in line)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self.reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


@LINUX
def test_a_flood_of_events_in_a_stall_loses_nothing(site: Path, page: Path) -> None:
    with Child(site) as child:
        child.process.send_signal(signal.SIGSTOP)
        for number in range(20_000):
            (site / f"{number}.txt").touch()
        page.write_text("saved during the stall")
        (site / "late").mkdir()
        (site / "late" / "late.html").write_text("late")
        child.process.send_signal(signal.SIGCONT)
        child.saw(page)
        child.saw(site / "late" / "late.html")
        child.saw(site / "19999.txt")

        page.write_text("saved afterwards")
        child.lines.clear()
        child.saw(page)


@LINUX
def test_without_enough_watches_the_rest_is_looked_through(site: Path, page: Path) -> None:
    for number in range(30):
        (site / f"{number}").mkdir()
    with Child(site, *limited("max_inotify_watches", 10)) as child:
        child.said("raise fs.inotify.max_user_watches")
        page.write_text("two")
        child.saw(page)
        for number in range(30, 60):
            (site / f"{number}").mkdir()
        for text in ("a", "longer"):
            child.lines.clear()
            for number in range(60):
                (site / f"{number}" / "a.html").write_text(text)
            for number in range(60):
                child.saw(site / f"{number}" / "a.html")


@LINUX
def test_without_any_instance_everything_is_looked_through(site: Path, page: Path) -> None:
    with Child(site, *limited("max_inotify_instances", 0)) as child:
        child.said("raise fs.inotify.max_user_instances")
        page.write_text("two")
        child.saw(page)
        (site / "new").mkdir()
        (site / "new" / "a.html").write_text("a")
        child.saw(site / "new" / "a.html")


@LINUX
def test_a_limit_met_while_running_loses_nothing(site: Path, page: Path) -> None:
    with Child(site, *limited("max_inotify_watches", 5)) as child:
        for number in range(30):
            (site / f"{number}").mkdir()
            (site / f"{number}" / "a.html").write_text("a")
        for number in range(30):
            child.saw(site / f"{number}" / "a.html")
        child.said("raise fs.inotify.max_user_watches")
        child.lines.clear()
        for number in range(30):
            (site / f"{number}" / "a.html").write_text("longer")
        for number in range(30):
            child.saw(site / f"{number}" / "a.html")


# Looking through everything.


@runs
async def test_polling_sees_what_events_would_tell(site: Path, page: Path) -> None:
    async with watching(site, poll=0.05) as watch:
        watch.use(page)
        page.write_text("two")
        assert await watch.batch() == {"index.html": "modified"}

        (site / "new" / "deep").mkdir(parents=True)
        (site / "new" / "deep" / "a.html").write_text("a")
        assert await watch.batch() == {"a.html": "added"}

        shutil.rmtree(site / "new")
        assert await watch.batch() == {"a.html": "deleted"}

        (site / "style.css").write_text("two")
        assert await watch.batch() == {"style.css": "modified"}


@LINUX
@runs
async def test_polling_needs_no_watches(site: Path) -> None:
    before = watches()
    async with watching(site, poll=0.05):
        assert watches() == before


@runs
async def test_a_place_on_a_foreign_file_system_is_looked_through(
    site: Path, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotreload.files.network_filesystems.foreign", lambda path, table: "nfs4")
    monkeypatch.setattr(Index, "hint", lambda *_: [])
    async with watching(site) as watch:
        assert await watch.said("is on nfs4")
        page.write_text("from another computer")

        assert await watch.batch() == {"index.html": "modified"}


# Beginning and end.


@LINUX
@runs
async def test_stopping_is_quick_and_leaves_nothing_behind(site: Path) -> None:
    (site / "sub").mkdir()
    threads = set(threading.enumerate())
    before = _descriptors()
    async with watching(site) as watch:
        for number in range(8):
            (site / f"{number}").mkdir()
            (site / f"{number}" / f"{number}.html").write_text("new")
            await watch.until({f"{number}.html"})
        begun = time.perf_counter()
        await watch.watcher.stop()

        assert time.perf_counter() - begun < 5
        await asyncio.sleep(0)
    assert watch.ended
    assert {t for t in threading.enumerate() if t.name.startswith("hotreload")} <= threads
    deadline = time.monotonic() + LONG
    while _descriptors() > before and time.monotonic() < deadline:
        await asyncio.sleep(0.01)
    assert _descriptors() <= before


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@runs
async def test_stopping_what_was_never_started_ends_the_batches(site: Path) -> None:
    watcher = Watcher([site], report=nobody, on_presence=nobody)
    await watcher.stop()

    assert [batch async for batch in watcher.batches()] == []


def test_a_loop_that_ends_without_stopping_ends_the_thread(site: Path, page: Path) -> None:
    async def start() -> Watcher:
        watcher = Watcher([site], report=nobody, on_presence=nobody)
        await watcher.start()
        return watcher

    watcher = asyncio.run(start())
    page.write_text("nobody listens")
    assert watcher._thread is not None
    watcher._thread.join(5)

    assert not watcher._thread.is_alive()


@runs
async def test_nothing_that_was_there_before_is_reported(site: Path) -> None:
    for number in range(20):
        (site / f"{number}").mkdir()
        (site / f"{number}" / "a.html").write_text("old")
    async with watching(site) as watch:
        assert await watch.nothing(0.3)


@runs
async def test_a_large_tree_is_watched_whatever_start_waits_for(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files of which only the names were taken are known to have changed all the same."""
    for number in range(300):
        folder = site / f"{number % 10}" / f"{number}"
        folder.mkdir(parents=True)
        (folder / f"{number}.html").write_text("old")
    monkeypatch.setattr(watcher_module, "_START", 0.0)
    monkeypatch.setattr("hotreload.watch.first_look._EXACT", 0)
    monkeypatch.setattr("hotreload.watch.events.rust_notify._CHUNK", 100)
    time.sleep(0.02)
    async with watching(site) as watch:
        (site / "9" / "299" / "299.html").write_text("saved at once")
        assert await watch.until({"299.html"}) == 1

        (site / "0" / "290" / "290.html").write_text("saved later")
        assert await watch.until({"290.html"}) == 1


@LINUX
@runs
async def test_a_save_is_told_before_all_folders_without_events_are_looked_through(
    site: Path, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is saved while the first of 200 of them is being looked at."""
    folders = {str(site / str(number)) for number in range(200)}
    for folder in folders:
        Path(folder).mkdir()
    begun = threading.Event()
    looked_at: set[str] = set()
    told_after: list[int] = []
    relist, send = WatchedTree.relist, Batcher._send

    def save_during_the_first(tree: WatchedTree, path: str, **how: Any) -> list[str]:
        if begun.is_set() and path in folders:
            if not looked_at:
                page.write_text("two")
                while work._inbox.queue.empty():
                    time.sleep(0.001)
            looked_at.add(path)
        return relist(tree, path, **how)

    def note(work: Batcher, looks: list[FileLook]) -> None:
        told_after.append(len(looked_at))
        send(work, looks)

    monkeypatch.setattr(Notifiers, "cover", lambda _native, every_folder: list(every_folder))
    monkeypatch.setattr(WatchedTree, "relist", save_during_the_first)
    monkeypatch.setattr(Batcher, "_send", note)
    async with watching(site) as watch:
        work = watch.watcher._work
        watch.use(page)
        while not work._events.has_inotify:
            await asyncio.sleep(0.001)
        begun.set()

        assert await watch.batch() == {"index.html": "modified"}
        assert told_after[0] < len(folders) / 2
