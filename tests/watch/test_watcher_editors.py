"""Saves by editors and tools: each is one modification, and none where the bytes are the same."""

import os
import shutil
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.process.watching import LONG, away, made_page, made_site, runs, watching

site = made_site
page = made_page


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
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine more time than a program takes may pass before a file is there again."""
    monkeypatch.setattr("hotreload.watch.debounce.GONE", LONG)


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
