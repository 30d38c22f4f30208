"""Which files the watcher tells of: places, ignore files, links, and files that pages use."""

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from support.process.watching import (
    LINUX,
    LONG,
    Watching,
    made_page,
    made_site,
    nobody,
    runs,
    watching,
)

from hotreload.errors import BadPattern, StartError
from hotreload.files.stamp import digest
from hotreload.watch.watcher import Watcher

site = made_site
page = made_page


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
async def test_a_file_in_use_is_watched_though_git_ignores_it(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotreload.watch.debounce.GONE", LONG)  # who removes may be held up
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
async def test_a_place_behind_a_folder_that_keeps_us_out_is_waited_for(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests may run as root, who may look everywhere: the refusal is simulated."""
    shut = tmp_path / "shut"
    shut.mkdir()
    refused = True
    stat = os.stat

    def refuse(path: Any, **options: Any) -> os.stat_result:
        if refused and path in (shut, str(shut)):
            raise PermissionError(13, "Permission denied")
        return stat(path, **options)

    monkeypatch.setattr(os, "stat", refuse)
    async with watching(site, shut) as watch:
        assert await watch.said(f"{shut} is awaited")

        refused = False
        assert await watch.said(f"{shut} is there")
        (shut / "a.html").write_text("a")
        assert await watch.batch() == {"a.html": "added"}


@runs
async def test_a_wrong_pattern_is_refused_at_the_start(site: Path) -> None:
    with pytest.raises(BadPattern, match=r"--ignore '\[a'"):
        await Watcher([site], ["[a"], report=nobody, on_presence=nobody).start()


@LINUX
@runs
async def test_a_place_that_is_no_file_is_refused_at_the_start(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")

    with pytest.raises(StartError, match="neither a folder nor a file"):
        await Watcher([tmp_path / "fifo"], report=nobody, on_presence=nobody).start()


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
