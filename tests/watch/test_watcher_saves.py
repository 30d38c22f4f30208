"""Saves: one act is one change, and of each file the last word is right."""

import asyncio
import os
import shutil
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.process.watching import (
    LINUX,
    LONG,
    Watching,
    away,
    made_page,
    made_site,
    runs,
    watching,
)

from hotreload.files.stamp import digest
from hotreload.watch import disk, inbox
from hotreload.watch.served_files import ServedFile
from hotreload.watch.watch_loop import WatchLoop

site = made_site
page = made_page


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a program that writes many files may be held up."""
    for name in ("watch.debounce.QUIET", "watch.debounce.GIT_QUIET"):
        monkeypatch.setattr(f"hotreload.{name}", 1.5)
    for name in (
        *("watch.debounce.SOON", "watch.debounce.CAP", "watch.debounce.GIT_CAP"),
        "files.git_excludes._WORKING",
    ):
        monkeypatch.setattr(f"hotreload.{name}", LONG)


# One update for one act.


@runs
async def test_a_save_is_one_change(site: Path, page: Path) -> None:
    async with watching(site) as watch:
        page.write_text("two")

        assert await watch.batch() == {"index.html": "modified"}
        assert await watch.nothing()


@runs
async def test_a_new_file_is_added_and_a_removed_one_deleted(site: Path) -> None:
    async with watching(site) as watch:
        (site / "new.html").write_text("new")
        assert await watch.batch() == {"new.html": "added"}

        (site / "new.html").unlink()
        assert await watch.batch() == {"new.html": "deleted"}


@runs
async def test_a_batch_says_when_it_was_saved(site: Path, page: Path) -> None:
    async with watching(site) as watch:
        page.write_text("two")
        _, batch = await watch.heard.get()

        assert batch.saved == page.stat().st_mtime
        assert batch.changes[0].path == str(page)


@runs
async def test_a_time_that_cannot_be_is_not_taken_for_the_time_of_the_save(
    site: Path, page: Path
) -> None:
    async with watching(site) as watch:
        other = site.parent / "index.html"
        other.write_text("two")
        os.utime(other, (1, 1))
        other.rename(page)
        _, batch = await watch.heard.get()

        assert abs(batch.saved - time.time()) < 5


@runs
async def test_html_and_css_saved_one_after_the_other_both_arrive(site: Path, page: Path) -> None:
    async with watching(site) as watch:
        for pause in (0.0, 0.02, 0.05, 0.1, 0.15):
            page.write_text(f"pause {pause}")
            await asyncio.sleep(pause)
            (site / "style.css").write_text(f"/* pause {pause} */")

            assert await watch.until({"index.html", "style.css"}) <= 2


@LINUX
@runs
async def test_a_lone_save_can_be_known_within_milliseconds(site: Path, page: Path) -> None:
    """At least one is, on a machine that does other things too; benchmarks measure it."""
    took = []
    async with watching(site) as watch:
        watch.use(page)
        for number in range(31):
            page.write_text(f"{number}")
            closed = time.perf_counter()
            took.append(await watch.when() - closed)
            await asyncio.sleep(0.03)

    assert min(took) < 0.03


@runs
async def test_a_page_that_loads_a_save_early_takes_nothing_from_the_others(
    site: Path, page: Path
) -> None:
    """While a burst waits for its end one page is served the new content, another has the old."""
    async with watching(site) as watch:
        watch.use(page)
        for number in range(10):
            (site / f"{number}.html").write_text("burst")
        page.write_text("two")
        watch.use(page)

        assert await watch.until({"index.html"})


@runs
async def test_a_page_that_loads_a_new_file_early_takes_nothing_from_the_others(site: Path) -> None:
    """Somebody else may be shown a list of the folder, or may have asked for the file in vain."""
    async with watching(site) as watch:
        for number in range(10):
            (site / f"{number}.html").write_text("burst")
        watch.use(site / "9.html")

        assert await watch.until({"9.html"})


@runs
async def test_a_page_that_was_served_what_is_gone_again_is_told(site: Path, page: Path) -> None:
    """The file was changed and changed back before anybody was told of either."""
    async with watching(site) as watch:
        watch.use(page)
        watch.watcher.use(str(page), digest(b"for a moment"))

        assert await watch.batch() == {"index.html": "modified"}
        assert await watch.nothing()


@runs
async def test_a_file_in_use_that_is_missing_for_a_moment_is_told_whatever_else_is_missing(
    site: Path, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many files are awaited, but one that pages use is not counted among them."""
    monkeypatch.setattr(inbox, "_MOST_AWAITED", 2)
    async with watching(site) as watch:
        watch.use(page)
        for number in range(5):
            watch.watcher.use(str(site / f"{number}.html"), None)
        watch.watcher.use(str(page), None)

        assert await watch.until({"index.html"})
        assert len(watch.watcher._work._inbox._awaited) == 2


@runs
async def test_a_page_that_comes_with_a_save_is_not_told_of_it_twice(
    site: Path, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is served and the file saved while the watcher is busy making sure of a folder."""
    recheck = WatchLoop._recheck

    def serve_and_save(work: Any) -> None:
        if work._coverage.must_recheck:
            work.use(str(page), digest(page.read_bytes()))
            page.write_text("two")
        recheck(work)

    monkeypatch.setattr(WatchLoop, "_recheck", serve_and_save)
    async with watching(site) as watch:
        assert await watch.batch() == {"index.html": "modified"}
        assert await watch.nothing()


@LINUX
@runs
async def test_a_file_with_an_old_time_that_is_still_open_is_one_modification(
    site: Path, page: Path
) -> None:
    def save() -> None:
        with page.open("w") as file:
            file.write("saved")
            file.flush()
            os.utime(page, (0, 0))
            time.sleep(0.1)

    async with watching(site) as watch:
        watch.use(page)
        await away(save)

        assert await watch.batch() == {"index.html": "modified"}
        assert await watch.nothing()


@LINUX
@runs
@pytest.mark.parametrize("length", [0, 1])
async def test_a_file_that_is_cut_off_is_not_told_though_its_time_is_old(
    site: Path, page: Path, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    """Ext4 gives it the new size milliseconds before the new time."""
    later = SimpleNamespace(time=lambda: time.time() + 3600, clock_gettime_ns=time.clock_gettime_ns)
    async with watching(site) as watch:
        watch.use(page)
        known = ServedFile(digest(page.read_bytes()), disk.now(str(page)))
        await watch.becomes(lambda used: used.get(str(page)) == known)
        monkeypatch.setattr(disk, "time", later)
        with page.open("r+") as file:
            file.truncate(length)
            assert await watch.nothing()
            file.write("two")

        assert await watch.batch() == {"index.html": "modified"}
        assert await watch.nothing()


@LINUX
@runs
async def test_a_file_that_rests_while_it_is_open_is_not_told_again_when_it_is_closed(
    site: Path, page: Path
) -> None:
    async with watching(site) as watch:
        watch.use(page)
        with page.open("w") as file:
            file.write("saved")
            file.flush()
            assert await watch.batch() == {"index.html": "modified"}

        assert await watch.nothing(1.5)


@runs
async def test_a_save_of_a_very_large_file_is_one_modification(
    site: Path, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its content is not read: only its time tells it from what it was."""
    monkeypatch.setattr("hotreload.watch.disk.LARGE", 1000)
    async with watching(site) as watch:
        watch.use(page)
        for number in range(20):
            page.write_text(f"{number}" * 2000)
            await asyncio.sleep(0.003)
            page.write_text(f"{number + 1}" * 2000)
            assert await watch.until({"index.html"}) == 1
            while not await watch.nothing(0.06):
                pass
            await watch.becomes(lambda used: used[str(page)].stamp == disk.now(str(page)))


@runs
async def test_reading_is_no_change(site: Path, page: Path) -> None:
    async with watching(site) as watch:
        page.read_bytes()

        assert await watch.nothing()


@runs
async def test_a_formatter_right_after_a_save_is_shown_too(site: Path, page: Path) -> None:
    async with watching(site) as watch:
        watch.use(page)
        for number in range(5):
            page.write_text(f"saved {number}")
            await asyncio.sleep(0.01 * number)
            page.write_text(f"saved and formatted {number}")
            await _equals_disk(watch, page)


async def _equals_disk(watch: Watching, page: Path) -> None:
    """Wait until nothing more comes; then what was reported last is what is on the disk."""
    assert await watch.until({page.name})
    await watch.becomes(lambda used: used[str(page)].digest == digest(page.read_bytes()))
    while not await watch.nothing(0.3):
        pass
    await watch.becomes(lambda used: used[str(page)].digest == digest(page.read_bytes()))


@runs
async def test_many_files_at_once_are_one_or_two_batches(site: Path, unhurried: None) -> None:
    async with watching(site) as watch:
        names = {f"{number}.html" for number in range(300)}
        await away(lambda: [(site / name).write_text("new") for name in names])

        assert await watch.until(names) <= 2


@runs
async def test_a_generator_that_empties_and_refills_its_folder_modifies(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotreload.watch.debounce.GONE", LONG)  # the generator may be held up
    for number in range(20):
        folder = site / "blog" / f"{number}"
        folder.mkdir(parents=True)
        (folder / f"{number}.html").write_text("old")

    def generate() -> None:
        shutil.rmtree(site / "blog")
        time.sleep(0.1)
        for number in range(20):
            (site / "blog" / f"{number}").mkdir(parents=True)
            (site / "blog" / f"{number}" / f"{number}.html").write_text("new")

    async with watching(site) as watch:
        await away(generate)
        changes = {}
        while len(changes) < 20:  # at once, unless the generator was held up
            changes |= await watch.batch()

        assert changes == {f"{number}.html": "modified" for number in range(20)}
        assert await watch.nothing()


@runs
async def test_a_site_that_is_cleared_and_generated_anew_is_one_batch(
    site: Path, page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make clean html`: for a while there is no site, and the start page is written last."""
    monkeypatch.setattr("hotreload.watch.debounce.GONE", 0.0)
    monkeypatch.setattr("hotreload.watch.index.CLEARED", LONG)
    monkeypatch.setattr("hotreload.watch.debounce.CAP", LONG)
    async with watching(site) as watch:
        watch.use(page, site / "style.css")
        site.rename(tmp_path / "old")
        assert await watch.said("is gone")
        site.mkdir()
        shutil.copy(tmp_path / "old" / "style.css", site)
        assert await watch.nothing()
        page.write_text("generated anew")

        assert await watch.batch() == {"index.html": "modified"}
        assert await watch.nothing()


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@runs
async def test_a_checkout_of_many_files_is_one_or_two_batches(site: Path, unhurried: None) -> None:
    def git(*words: str) -> None:
        who = ["-c", "user.name=me", "-c", "user.email=me@localhost", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", site, *who, *words], check=True, capture_output=True)

    def write(text: str) -> None:
        for number in range(1000):
            (site / f"{number % 10}").mkdir(exist_ok=True)
            (site / f"{number % 10}" / f"{number}.html").write_text(text * (1 + number % 7))

    git("init", "-q", "-b", "main")
    write("main")
    git("add", ".")
    git("commit", "-qm", "main")
    git("checkout", "-qb", "other")
    write("other")
    git("commit", "-qam", "other")
    async with watching(site) as watch:
        for branch in ("main", "other", "main"):
            await away(lambda branch=branch: git("checkout", "-q", branch))

            assert await watch.until({f"{number}.html" for number in range(1000)}) <= 2
            assert await watch.nothing(0.3)


@LINUX
@runs
async def test_a_file_written_in_parts_goes_out_once_when_it_is_closed(
    site: Path, page: Path
) -> None:
    closed = 0.0

    def write() -> None:
        nonlocal closed
        with page.open("w") as file:
            for number in range(12):
                file.write(f"part {number}")
                file.flush()
                time.sleep(0.025)
            closed = time.perf_counter()

    async with watching(site) as watch:
        await away(write)
        came = await watch.when()

        assert came > closed
        assert await watch.nothing()


@LINUX
@runs
async def test_a_file_that_is_kept_open_is_shown_when_it_rests(site: Path) -> None:
    log = site / "live.txt"
    with log.open("w") as file:
        async with watching(site) as watch:
            begun = time.perf_counter()
            file.write("line")
            file.flush()

            assert await watch.batch() == {"live.txt": "modified"}
            assert time.perf_counter() - begun > 1.5


@runs
async def test_a_file_written_in_parts_is_shown_whole_without_leases_too(
    site: Path, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotreload.files.write_lease.being_written", lambda file: None)
    monkeypatch.setattr("hotreload.files.write_lease._UNSURE", 1.0)  # the writer may be held up

    def write() -> None:
        with page.open("w") as file:
            for number in range(12):
                file.write(f"part {number}")
                file.flush()
                time.sleep(0.005)

    async with watching(site) as watch:
        await away(write)

        assert await watch.batch() == {"index.html": "modified"}
        assert await watch.nothing()
