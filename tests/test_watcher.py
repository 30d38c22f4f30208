"""The watcher on real files, with real editors and real faults."""

import asyncio
import functools
import inspect
import json
import mmap
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from random import Random
from typing import Any, Self

import pytest
from limits import limited
from watching import LONG, Watching, away, watching

from hotreload.errors import BadPattern, StartError
from hotreload.serving.site import digest
from hotreload.watching import native
from hotreload.watching import watcher as watcher_module
from hotreload.watching.watcher import Watcher

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="leases, inotify and /proc are Linux'")


def runs(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an asynchronous test in an event loop of its own."""

    @functools.wraps(test)
    def run(**given: Any) -> None:
        asyncio.run(asyncio.wait_for(test(**given), 4 * LONG))

    run.__signature__ = inspect.signature(test)  # type: ignore[attr-defined]
    return run


def nobody(*_said: object) -> None:
    """Hears what a watcher says."""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = tmp_path / "site"
    root.mkdir()
    (root / "index.html").write_text("<p>one</p>\n" * 20)
    (root / "style.css").write_text("p { color: red }\n")
    return root


@pytest.fixture
def page(site: Path) -> Path:
    return site / "index.html"


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
async def test_a_lone_save_is_known_within_milliseconds(site: Path, page: Path) -> None:
    """The median is bounded for a machine that does other things too; benchmarks measure it."""
    took = []
    async with watching(site) as watch:
        watch.use(page)
        for number in range(31):
            page.write_text(f"{number}")
            closed = time.perf_counter()
            took.append(await watch.when() - closed)
            await asyncio.sleep(0.03)

    assert sorted(took)[15] < 0.03


def _truncate_and_write(page: Path) -> None:
    page.write_text("saved")


def _vim(page: Path) -> None:
    """vim with backup and backupcopy=no, step by step."""
    probe = page.with_name("4913")
    probe.touch()
    probe.unlink()
    backup = page.with_name(page.name + "~")
    page.rename(backup)
    page.write_text("saved")
    page.chmod(stat.S_IRUSR | stat.S_IWUSR)
    backup.unlink()


def _emacs(page: Path) -> None:
    """emacs with lock file, auto-save and backup by renaming."""
    lock = page.with_name(f".#{page.name}")
    lock.symlink_to("me@host.1234:5678")
    auto = page.with_name(f"#{page.name}#")
    auto.write_text("sav")
    page.rename(page.with_name(f"{page.name}~"))
    page.write_text("saved")
    auto.unlink()
    lock.unlink()


def _jetbrains(page: Path) -> None:
    fresh = page.with_name(f"{page.name}___jb_tmp___")
    fresh.write_text("saved")
    old = page.with_name(f"{page.name}___jb_old___")
    page.rename(old)
    fresh.rename(page)
    old.unlink()


def _temporary_and_rename(page: Path) -> None:
    fresh = page.with_name(f"{page.name}.tmp")
    fresh.write_text("saved")
    fresh.replace(page)


def _gedit(page: Path) -> None:
    fresh = page.with_name(".goutputstream-AB12CD")
    fresh.write_text("saved")
    fresh.replace(page)


def _delete_and_recreate(page: Path) -> None:
    page.unlink()
    time.sleep(0.1)
    page.write_text("saved")


def _from_elsewhere(page: Path) -> None:
    fresh = page.parent.parent / "fresh.html"
    fresh.write_text("saved")
    fresh.replace(page)


def _with_an_old_time(page: Path) -> None:
    fresh = page.parent.parent / "fresh.html"
    fresh.write_text("saved")
    os.utime(fresh, (0, 0))
    fresh.replace(page)


def _sed(page: Path) -> None:
    subprocess.run(["sed", "-i", "s/one/saved/", page], check=True)


def _rsync(page: Path) -> None:
    if shutil.which("rsync") is None:
        fresh = page.with_name(f".{page.name}.AbC123")
        fresh.write_text("saved")
        fresh.replace(page)
        return
    source = page.parent.parent / "source"
    source.mkdir()
    (source / page.name).write_text("saved")
    subprocess.run(["rsync", "-a", f"{source}/", page.parent], check=True)


def _copy(page: Path) -> None:
    source = page.parent.parent / "source.html"
    source.write_text("saved")
    shutil.copyfile(source, page)


def _real_vim(page: Path) -> None:
    if shutil.which("vim") is None:
        _vim(page)
        return
    subprocess.run(
        ["vim", "-Nu", "NONE", "-es", "-c", "set backup", "-c", "%s/one/saved/", "-c", "wq", page],
        check=True,
        stdin=subprocess.DEVNULL,
    )


EDITORS = [
    _truncate_and_write,
    _vim,
    _real_vim,
    _emacs,
    _jetbrains,
    _temporary_and_rename,
    _gedit,
    _delete_and_recreate,
    _from_elsewhere,
    _with_an_old_time,
    _sed,
    _rsync,
    _copy,
]


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch, save: Callable[[Path], None]) -> None:
    """On a busy machine more time than a program takes may pass before a file is there again."""
    if save is _delete_and_recreate:
        monkeypatch.setattr("hotreload.watching.settle.GONE", LONG)


@pytest.mark.parametrize("save", EDITORS)
@pytest.mark.parametrize("used", [True, False], ids=["used", "unused"])
@runs
async def test_a_save_by_any_editor_is_one_modification(
    site: Path, page: Path, save: Callable[[Path], None], used: bool, patient: None
) -> None:
    async with watching(site) as watch:
        if used:
            watch.use(page)
        await away(lambda: save(page))

        assert await watch.batch() == {"index.html": "modified"}
        assert await watch.nothing()


@pytest.mark.parametrize("save", [_truncate_and_write, _vim, _jetbrains, _delete_and_recreate])
@runs
async def test_the_same_bytes_of_a_file_in_use_are_no_change(
    site: Path, page: Path, save: Callable[[Path], None], patient: None
) -> None:
    page.write_text("saved")
    async with watching(site) as watch:
        watch.use(page)
        await away(lambda: save(page))

        assert await watch.nothing()


@runs
async def test_touch_and_chmod_are_no_change_of_a_file_in_use(site: Path, page: Path) -> None:
    async with watching(site) as watch:
        watch.use(page)
        os.utime(page)
        page.chmod(0o600)

        assert await watch.nothing()


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

        assert await watch.until({"index.html"}) <= 2


@runs
async def test_a_page_that_loads_a_new_file_early_takes_nothing_from_the_others(site: Path) -> None:
    """Somebody else may be shown a list of the folder, or may have asked for the file in vain."""
    async with watching(site) as watch:
        for number in range(10):
            (site / f"{number}.html").write_text("burst")
        watch.use(site / "9.html")

        assert await watch.until({"9.html"}) <= 2


@runs
async def test_a_page_that_was_served_what_is_gone_again_is_told(site: Path, page: Path) -> None:
    """The file was changed and changed back before anybody was told of either."""
    async with watching(site) as watch:
        watch.use(page)
        watch.watcher.use(str(page), digest(b"for a moment"))

        assert await watch.batch() == {"index.html": "modified"}
        assert await watch.nothing()


@runs
async def test_a_page_that_comes_with_a_save_is_not_told_of_it_twice(
    site: Path, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is served and the file saved while the watcher is busy making sure of a folder."""
    make_sure = watcher_module._Work._make_sure

    def serve_and_save(work: Any) -> None:
        if work._unsure:
            work.use(str(page), digest(page.read_bytes()))
            page.write_text("two")
        make_sure(work)

    monkeypatch.setattr(watcher_module._Work, "_make_sure", serve_and_save)
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
    monkeypatch.setattr("hotreload.watching.disk._LARGE", 1000)
    async with watching(site) as watch:
        watch.use(page)
        for number in range(20):
            page.write_text(f"{number}" * 2000)
            await asyncio.sleep(0.003)
            page.write_text(f"{number + 1}" * 2000)
            assert await watch.until({"index.html"}) == 1
            while not await watch.nothing(0.06):
                pass
            known = watch.watcher._work._index._used[str(page)]
            found = page.stat()
            assert known.signature == (found.st_mtime_ns, found.st_size, found.st_ino)


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
    assert not await watch.nothing(2.0)
    while not await watch.nothing(0.3):
        pass
    known = watch.watcher._work._index._used[str(page)]
    assert known.digest == digest(page.read_bytes())


@runs
async def test_many_files_at_once_are_one_or_two_batches(site: Path) -> None:
    async with watching(site) as watch:
        names = {f"{number}.html" for number in range(300)}
        await away(lambda: [(site / name).write_text("new") for name in names])

        assert await watch.until(names) <= 2


@runs
async def test_a_generator_that_empties_and_refills_its_folder_modifies(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotreload.watching.settle.GONE", LONG)  # the generator may be held up
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


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@runs
async def test_a_checkout_of_many_files_is_one_or_two_batches(site: Path) -> None:
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

        assert 0 < came - closed < 0.2
        assert await watch.nothing()


@LINUX
@runs
async def test_a_file_that_is_kept_open_is_shown_when_it_rests(site: Path) -> None:
    log = site / "live.txt"
    with log.open("w") as file:
        async with watching(site) as watch:
            file.write("line")
            file.flush()
            begun = time.perf_counter()

            assert await watch.batch() == {"live.txt": "modified"}
            assert 1.5 < time.perf_counter() - begun < 4


@runs
async def test_a_file_written_in_parts_is_shown_whole_without_leases_too(
    site: Path, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotreload.watching.whole.being_written", lambda file: None)

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


# What is watched.


@pytest.mark.parametrize("name", ["node_modules", ".venv", ".git", ".idea"])
@runs
async def test_a_place_may_lie_in_a_folder_that_is_ignored_elsewhere(
    tmp_path: Path, name: str
) -> None:
    root = tmp_path / name / "site"
    root.mkdir(parents=True)
    async with watching(root) as watch:
        (root / "foo.swf").write_text("flash")

        assert await watch.batch() == {"foo.swf": "added"}


@runs
async def test_ignored_files_and_folders_are_not_reported(site: Path) -> None:
    (site / ".gitignore").write_text("*.log\n/out/\n")
    (site / "deep").mkdir()
    (site / "deep" / ".gitignore").write_text("!keep.log\n")
    (site / "node_modules").mkdir()
    (site / "out").mkdir()
    async with watching(site, ignore=["*.map"]) as watch:
        for name in ("a.log", "out/a.html", "node_modules/a.js", "a.map", "deep/b.log"):
            (site / name).write_text("ignored")
        (site / "deep" / "keep.log").write_text("kept")

        assert await watch.batch() == {"keep.log": "added"}
        assert await watch.nothing()


@runs
async def test_without_gitignore_git_has_no_say(site: Path) -> None:
    (site / ".gitignore").write_text("*.log\n")
    async with watching(site, gitignore=False) as watch:
        (site / "a.log").write_text("watched")

        assert await watch.batch() == {"a.log": "added"}


@runs
async def test_a_changed_gitignore_is_taken_up(site: Path) -> None:
    (site / "out").mkdir()
    (site / "out" / "a.html").write_text("old")
    async with watching(site) as watch:
        (site / ".gitignore").write_text("out\n*.log\n")
        await _settled(watch)
        (site / "out" / "a.html").write_text("ignored now")
        (site / "a.log").write_text("ignored now")
        assert await watch.nothing()

        (site / ".gitignore").write_text("# nothing\n")
        await _settled(watch)
        (site / "out" / "a.html").write_text("watched again")
        assert await watch.batch() == {"a.html": "modified"}


async def _settled(watch: Watching) -> None:
    """Wait for the change of an ignore file itself, and for files that changed right before it."""
    await watch.until({".gitignore"})
    while not await watch.nothing(0.2):
        pass


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@runs
async def test_ignore_files_of_the_repository_above_apply_and_are_followed(site: Path) -> None:
    subprocess.run(["git", "init", "-q", site.parent], check=True)
    (site.parent / ".gitignore").write_text("*.log\n")
    async with watching(site) as watch:
        (site / "a.log").write_text("ignored")
        assert await watch.nothing()

        (site.parent / ".git" / "info" / "exclude").write_text("*.bak2\n")
        (site.parent / ".gitignore").write_text("")
        deadline = time.monotonic() + LONG
        while await watch.nothing(0.2):
            (site / "a.log").write_text(f"{time.monotonic()}")
            assert time.monotonic() < deadline
        while not await watch.nothing():
            pass
        (site / "a.bak2").write_text("ignored")
        assert await watch.nothing()


@runs
async def test_a_file_in_use_is_watched_though_git_ignores_it(site: Path) -> None:
    (site / ".gitignore").write_text("out/\n*.css\n")
    generated = site / "out" / "css" / "main.css"
    generated.parent.mkdir(parents=True)
    generated.write_text("a {}")
    async with watching(site) as watch:
        watch.use(generated, site / "style.css")
        generated.write_text("b {}")
        assert await watch.batch() == {"main.css": "modified"}

        (site / "style.css").write_text("b {}")
        assert await watch.batch() == {"style.css": "modified"}

        (generated.parent / "other.css").write_text("nobody uses it")
        assert await watch.nothing()

        shutil.rmtree(site / "out")
        generated.parent.mkdir(parents=True)
        generated.write_text("c {}")
        assert await watch.batch() == {"main.css": "modified"}

        generated.write_text("d {}")
        assert await watch.batch() == {"main.css": "modified"}


@runs
async def test_a_file_in_use_is_not_watched_if_asked_not_to(site: Path, page: Path) -> None:
    async with watching(site, ignore=["index.html"]) as watch:
        watch.use(page)
        page.write_text("two")

        assert await watch.nothing(1.5)


@runs
async def test_a_change_between_serving_and_saying_so_is_not_lost(site: Path, page: Path) -> None:
    """The page was served what the disk no longer has when the watcher hears of it."""
    async with watching(site) as watch:
        page.write_text("two")
        await watch.batch()
        watch.watcher.use(str(page), digest(b"one"))

        assert await watch.batch() == {"index.html": "modified"}


@runs
async def test_a_file_can_be_watched_alone(site: Path, tmp_path: Path) -> None:
    single = tmp_path / "data.json"
    single.write_text("1")
    async with watching(site, single) as watch:
        (tmp_path / "other.json").write_text("2")
        assert await watch.nothing()

        single.write_text("2")
        assert await watch.batch() == {"data.json": "modified"}

        single.unlink()
        assert await watch.batch() == {"data.json": "deleted"}

        single.write_text("3")
        assert await watch.batch() == {"data.json": "added"}


@runs
async def test_a_place_inside_of_an_ignored_folder_of_another_is_watched(site: Path) -> None:
    inner = site / "node_modules" / "lib"
    inner.mkdir(parents=True)
    async with watching(site, inner) as watch:
        (inner / "a.js").write_text("new")

        assert await watch.batch() == {"a.js": "added"}


@runs
async def test_a_place_that_does_not_exist_yet_is_waited_for(site: Path, tmp_path: Path) -> None:
    late, file = tmp_path / "_site", tmp_path / "late.json"
    async with watching(site, late, file) as watch:
        assert await watch.said(f"{late} is awaited")
        late.mkdir()
        (late / "a.html").write_text("a")
        assert await watch.batch() == {"a.html": "added"}
        assert await watch.said(f"{late} is there")

        (late / "a.html").write_text("b")
        assert await watch.batch() == {"a.html": "modified"}

        file.write_text("1")
        assert await watch.batch() == {"late.json": "added"}


@runs
async def test_a_wrong_pattern_is_refused_at_the_start(site: Path) -> None:
    with pytest.raises(BadPattern, match=r"--ignore '\[a'"):
        await Watcher([site], ["[a"], report=nobody, attend=nobody).start()


@LINUX
@runs
async def test_a_place_that_is_no_file_is_refused_at_the_start(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")

    with pytest.raises(StartError, match="neither a folder nor a file"):
        await Watcher([tmp_path / "fifo"], report=nobody, attend=nobody).start()


@runs
async def test_links_out_of_the_place_are_not_followed(site: Path, tmp_path: Path) -> None:
    (site / "usr").symlink_to("/usr")
    (site / "loop").symlink_to(".")
    (site / "dangling").symlink_to("nowhere")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (site / "out").symlink_to(elsewhere)
    async with watching(site) as watch:
        assert watch.watcher._work._index.folders() == [str(site)]
        (elsewhere / "a.html").write_text("a")
        assert await watch.nothing()


# Faults.


@runs
async def test_a_file_behind_a_link_is_seen_to_change(site: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "real.css").write_text("a {}")
    (elsewhere / "other.css").write_text("other {}")
    link = site / "link.css"
    link.symlink_to(elsewhere / "real.css")
    (site / "folder").symlink_to(elsewhere)
    async with watching(site) as watch:
        watch.use(link, site / "folder" / "real.css")
        (elsewhere / "real.css").write_text("b {}")
        assert await watch.until({"link.css", "real.css"}) <= 2

        link.unlink()
        link.symlink_to(elsewhere / "other.css")
        assert await watch.batch() == {"link.css": "modified"}

        (elsewhere / "other.css").write_text("changed {}")
        assert await watch.batch() == {"link.css": "modified"}


@runs
async def test_a_folder_link_that_is_turned_changes_what_is_behind_it(
    site: Path, tmp_path: Path
) -> None:
    for release in ("one", "two"):
        (tmp_path / release).mkdir()
        (tmp_path / release / "main.css").write_text(release)
    current = site / "current"
    current.symlink_to(tmp_path / "one")
    async with watching(site) as watch:
        watch.use(current / "main.css")
        fresh = site / "fresh"
        fresh.symlink_to(tmp_path / "two")
        fresh.replace(current)

        assert await watch.batch() == {"main.css": "modified"}


@runs
async def test_a_write_through_a_hard_link_is_seen(site: Path, page: Path, tmp_path: Path) -> None:
    os.link(page, tmp_path / "other.html")
    async with watching(site) as watch:
        watch.use(page)
        (tmp_path / "other.html").write_text("changed behind our back")

        assert await watch.batch() == {"index.html": "modified"}


@LINUX
@runs
async def test_a_write_to_a_mapping_is_seen(site: Path, page: Path) -> None:
    async with watching(site) as watch:
        watch.use(page)
        await asyncio.sleep(0.05)
        with page.open("r+b") as file, mmap.mmap(file.fileno(), 0) as mapping:
            mapping[3:6] = b"two"
            mapping.flush()
            begun = time.monotonic()

            assert await watch.batch() == {"index.html": "modified"}
            assert time.monotonic() - begun < 3.5


@runs
async def test_a_place_that_is_removed_and_made_again_is_watched_again(
    site: Path, page: Path
) -> None:
    async with watching(site) as watch:
        watch.use(page)
        shutil.rmtree(site)
        assert await watch.said("is gone")
        assert await watch.until({"index.html", "style.css"}) <= 2

        site.mkdir()
        page.write_text("back")
        assert await watch.batch() == {"index.html": "added"}

        page.write_text("again")
        assert await watch.batch() == {"index.html": "modified"}


@runs
async def test_a_place_that_is_swapped_by_renaming_is_watched_anew(
    site: Path, page: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new"
    (new / "sub").mkdir(parents=True)
    (new / "index.html").write_text("swapped")
    (new / "sub" / "b.html").write_text("b")
    async with watching(site) as watch:
        watch.use(page)
        site.rename(tmp_path / "old")
        new.rename(site)
        assert await watch.until({"index.html", "style.css", "b.html"}) <= 3

        page.write_text("after")
        assert await watch.batch() == {"index.html": "modified"}

        (site / "sub" / "b.html").write_text("after")
        assert await watch.batch() == {"b.html": "modified"}


@runs
async def test_folders_swapped_by_renaming_are_both_watched(site: Path) -> None:
    for name in ("a", "b"):
        (site / name).mkdir()
        (site / name / f"{name}.html").write_text(name)
    async with watching(site) as watch:
        (site / "a").rename(site / "old")
        (site / "b").rename(site / "a")
        await watch.until({"a.html", "b.html"})
        while not await watch.nothing():
            pass

        (site / "a" / "b.html").write_text("after")
        assert await watch.batch() == {"b.html": "modified"}
        (site / "old" / "a.html").write_text("after")
        assert await watch.batch() == {"a.html": "modified"}


@runs
async def test_files_in_new_nested_folders_are_all_seen(site: Path) -> None:
    async with watching(site) as watch:

        def make() -> None:
            for number in range(100):
                folder = site / f"{number}" / "x" / "y"
                folder.mkdir(parents=True)
                (folder / f"{number}.html").write_text("new")

        await away(make)
        await watch.until({f"{number}.html" for number in range(100)})
        while not await watch.nothing(0.3):
            pass

        for number in range(0, 100, 25):
            (site / f"{number}" / "x" / "y" / f"{number}.html").write_text("changed")
            assert await watch.batch() == {f"{number}.html": "modified"}


@LINUX
@runs
async def test_a_new_ignored_folder_is_not_watched(site: Path) -> None:
    async with watching(site) as watch:
        for number in range(50):
            (site / "node_modules" / f"{number}").mkdir(parents=True)
        (site / "after.html").write_text("after")

        assert await watch.batch() == {"after.html": "added"}
        assert watch.watcher._work._index.folders() == [str(site)]
        assert _watches() == 1


def _watches() -> int:
    """How many inotify watches this process has."""
    count = 0
    for info in Path("/proc/self/fdinfo").iterdir():
        try:
            count += info.read_text().count("inotify wd:")
        except OSError:
            continue
    return count


@LINUX
@runs
async def test_a_file_name_that_is_not_utf_8_is_watched_and_stops_nothing(
    site: Path, page: Path
) -> None:
    async with watching(site) as watch:
        odd = os.fsdecode(os.fsencode(site) + b"/caf\xe9.html")
        Path(odd).write_text("one")
        assert await watch.batch() == {os.path.basename(odd): "added"}
        assert r"site is not UTF-8" in await watch.said("is not UTF-8")

        page.write_text("two")
        assert await watch.batch() == {"index.html": "modified"}

        Path(odd).write_text("two")
        assert await watch.batch() == {os.path.basename(odd): "modified"}


@LINUX
@runs
async def test_a_folder_whose_name_is_not_utf_8_is_watched(site: Path, page: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(site) + b"/caf\xe9"))
    odd.mkdir()
    (odd / "a.html").write_text("one")
    async with watching(site) as watch:
        (odd / "a.html").write_text("two")
        assert await watch.batch() == {"a.html": "modified"}

        page.write_text("two")
        assert await watch.batch() == {"index.html": "modified"}


@runs
async def test_an_engine_that_fails_is_replaced(
    site: Path, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was saved while nobody listened is seen too."""
    failures = 3

    class Failing:
        def __init__(self, *arguments: Any) -> None:
            self.notify = real(*arguments)

        def watch(self, *arguments: Any) -> object:
            nonlocal failures
            if failures and "fail" in page.read_text():
                failures -= 1
                raise RuntimeError("no more")
            return self.notify.watch(*arguments)

        def close(self) -> None:
            self.notify.close()

    real = native.RustNotify
    monkeypatch.setattr(native, "RustNotify", Failing)
    async with watching(site) as watch:
        page.write_text("fail")
        assert await watch.until({"index.html"}) == 1
        assert "no more" in await watch.said("file events failed")

        page.write_text("fixed")
        assert await watch.batch() == {"index.html": "modified"}


@runs
async def test_a_watcher_that_fails_begins_again(
    site: Path, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = 3
    hint = watcher_module.Index.hint

    def fail(self: Any, *arguments: Any) -> Any:
        nonlocal failures
        if failures:
            failures -= 1
            raise RuntimeError("a bug")
        return hint(self, *arguments)

    monkeypatch.setattr(watcher_module.Index, "hint", fail)
    async with watching(site) as watch:
        for number in range(5):
            page.write_text(f"save {number}")
            assert await watch.batch() == {"index.html": "modified"}

    assert [sentence for sentence, problem in watch.sentences if problem] == [
        "watching failed (RuntimeError('a bug')); it was begun again"
    ]


@runs
async def test_an_unreadable_folder_is_said_once_and_taken_up_when_it_can_be_read(
    site: Path, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests may run as root, who may read everything: the refusal is simulated."""
    secret = site / "secret"
    secret.mkdir()
    scandir = os.scandir
    refused = True

    def refuse(path: str) -> Any:
        if refused and path == str(secret):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    async with watching(site) as watch:
        assert await watch.said(f"cannot read the folder {secret}")
        page.write_text("two")
        assert await watch.batch() == {"index.html": "modified"}

        refused = False
        (secret / "a.html").write_text("a")
        assert await watch.batch() == {"a.html": "added"}
    assert len(watch.sentences) == 1


def _act(random: Random, site: Path, pages: list[Path], spare: Path) -> None:
    """One thing that somebody does to the site."""
    page = random.choice(pages)
    page.parent.mkdir(parents=True, exist_ok=True)
    text = random.choice(["one", "two", "three" * 1000, ""])
    number = random.randrange(9)
    if number == 0:
        page.unlink(missing_ok=True)
    elif number == 1:
        fresh = page.with_name(f".{page.name}.AbC123")
        fresh.write_text(text)
        fresh.replace(page)
    elif number == 2 and page.parent != site:
        shutil.rmtree(page.parent)
    elif number == 3 and page.parent != site and not spare.exists():
        page.parent.rename(spare)
    elif number == 4 and spare.exists() and not page.exists():
        shutil.rmtree(page.parent)
        spare.rename(page.parent)
    elif number == 5 and page.exists():
        os.utime(page)
    elif number == 6 and page.exists():
        other = site.parent / "hard"
        other.unlink(missing_ok=True)
        os.link(page, other)
        other.write_text(text)
    elif number == 7:
        site.rename(site.parent / "moved")
        (site.parent / "moved").rename(site)
    else:
        page.write_text(text)


@pytest.mark.parametrize("seed", range(4))
@runs
async def test_whatever_happens_the_last_report_of_each_file_is_what_the_disk_has(
    tmp_path: Path, seed: int
) -> None:
    """Each report is taken for the content that the file has then, as a page takes it."""
    random, site = Random(seed), tmp_path / "site"
    pages = [site / "a.html", site / "x" / "b.html", site / "x" / "y" / "c.html", site / "z" / "d"]
    for page in pages:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text("first")
    async with watching(site) as watch:
        watch.use(*pages)
        shown: dict[str, str | None] = {str(page): digest(b"first") for page in pages}
        for _ in range(60):
            _act(random, site, pages, tmp_path / "spare")
            await asyncio.sleep(random.choice([0, 0, 0.001, 0.01, 0.05, 0.4]))
            _show(watch, shown)
        deadline = time.monotonic() + 4
        while shown != {path: _digest(path) for path in shown} and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
            _show(watch, shown)

        assert shown == {path: _digest(path) for path in shown}


def _show(watch: Watching, shown: dict[str, str | None]) -> None:
    while not watch.heard.empty():
        for change in watch.heard.get_nowait()[1].changes:
            if change.path in shown:
                shown[change.path] = _digest(change.path)
                if shown[change.path] is not None:
                    watch.watcher.use(change.path, str(shown[change.path]))


def _digest(path: str) -> str | None:
    try:
        return digest(Path(path).read_bytes())
    except OSError:
        return None


# Limits and stalls, in processes of their own.

CHILD = """
import asyncio, json, sys, time
from pathlib import Path
from hotreload.watching.watcher import Watcher
from hotreload.serving.site import digest

def say(**what):
    print(json.dumps(what), flush=True)

async def main():
    root = Path(sys.argv[1])
    watcher = Watcher(
        [root], report=lambda sentence, problem: say(said=sentence), attend=lambda *said: None
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
        for number in range(60):
            (site / f"{number}" / "a.html").write_text("a")
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
    before = _watches()
    async with watching(site, poll=0.05):
        assert _watches() == before


@runs
async def test_a_place_on_a_foreign_file_system_is_looked_through(
    site: Path, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotreload.watching.mounts.foreign", lambda path, table: "nfs4")
    monkeypatch.setattr(watcher_module.Index, "hint", lambda *_: [])
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

        assert time.perf_counter() - begun < 0.5
        await asyncio.sleep(0)
    assert watch.ended
    assert {t for t in threading.enumerate() if t.name.startswith("hotreload")} <= threads
    deadline = time.monotonic() + 3
    while _descriptors() > before and time.monotonic() < deadline:
        await asyncio.sleep(0.01)
    assert _descriptors() <= before


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@runs
async def test_stopping_what_was_never_started_ends_the_batches(site: Path) -> None:
    watcher = Watcher([site], report=nobody, attend=nobody)
    await watcher.stop()

    assert [batch async for batch in watcher.batches()] == []


def test_a_loop_that_ends_without_stopping_ends_the_thread(site: Path, page: Path) -> None:
    async def start() -> Watcher:
        watcher = Watcher([site], report=nobody, attend=nobody)
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
    monkeypatch.setattr("hotreload.watching.index._EXACT", 0)
    monkeypatch.setattr("hotreload.watching.native._CHUNK", 100)
    time.sleep(0.02)
    async with watching(site) as watch:
        (site / "9" / "299" / "299.html").write_text("saved at once")
        assert await watch.until({"299.html"}) == 1

        (site / "0" / "290" / "290.html").write_text("saved later")
        assert await watch.until({"290.html"}) == 1
