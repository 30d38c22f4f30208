"""Folders and engines that go, come and fail under the watcher."""

import asyncio
import mmap
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from support.process.watching import LINUX, away, made_page, made_site, runs, watches, watching

from hotreload.watch.events import rust_notify
from hotreload.watch.index import Index

site = made_site
page = made_page


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

            assert await watch.batch() == {"index.html": "modified"}


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
async def test_a_folder_that_is_removed_and_made_again_is_watched_again(site: Path) -> None:
    """As generators do; what is new in it has never been told of."""
    blog = site / "blog" / "2026"
    blog.mkdir(parents=True)
    (blog / "first.html").write_text("first")
    async with watching(site) as watch:
        for number in range(5):
            shutil.rmtree(site / "blog")
            await asyncio.sleep(0.05 * number)
            blog.mkdir(parents=True)
            (blog / "first.html").write_text(f"{number}")
            (blog / f"{number}.html").write_text("new")
            await watch.until({f"{number}.html"})

            (blog / "later.html").write_text(f"{number}")
            await watch.until({"later.html"})


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
        assert watches() == 1


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

    real = rust_notify.RustNotify
    monkeypatch.setattr(rust_notify, "RustNotify", Failing)
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
    hint = Index.hint

    def fail(self: Any, *arguments: Any) -> Any:
        nonlocal failures
        if failures:
            failures -= 1
            raise RuntimeError("a bug")
        return hint(self, *arguments)

    monkeypatch.setattr(Index, "hint", fail)
    async with watching(site) as watch:
        for number in range(5):
            page.write_text(f"save {number}")
            assert await watch.batch() == {"index.html": "modified"}

    assert [sentence for sentence, problem in watch.sentences if problem] == [
        "watching failed (RuntimeError('a bug')); it was begun again"
    ]


@runs
async def test_a_failure_while_changes_are_told_loses_none_of_them(
    site: Path, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept = Index.accept
    failed = False

    def fail(self: Any, look: Any) -> None:
        nonlocal failed
        if look.path == str(page) and not failed:
            failed = True
            raise RuntimeError("a bug")
        accept(self, look)

    monkeypatch.setattr(Index, "accept", fail)
    names = {f"{number}.html" for number in range(20)} | {page.name}
    async with watching(site) as watch:
        for name in sorted(names):
            (site / name).write_text("a burst")
        await watch.until(names)
        assert await watch.said("a bug")
        while not await watch.nothing(1.2):
            pass

        page.write_text("after")
        assert await watch.batch() == {"index.html": "modified"}


@runs
async def test_while_folders_come_nothing_in_the_others_is_missed(site: Path) -> None:
    """New folders are covered by engines that take over what others covered."""
    for number in range(10):
        (site / f"{number}").mkdir()
    names = {f"{number}.txt" for number in range(600)}

    def make() -> None:
        for number in range(600):
            if number % 4 == 0:
                (site / f"new{number}").mkdir()
            (site / f"{number % 10}" / f"{number}.txt").write_text("new")
            time.sleep(0.002)

    async with watching(site) as watch:
        watch.watcher.pages(0)
        await away(make)
        await watch.until(names)


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
