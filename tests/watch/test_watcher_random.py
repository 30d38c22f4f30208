"""Whatever happens to a tree, the watcher's last word about each file is what the disk has."""

import asyncio
import os
import shutil
import time
from pathlib import Path
from random import Random

import pytest
from support.process.watching import LONG, Watching, made_page, made_site, runs, watching

from hotreload.files.stamp import digest

site = made_site
page = made_page


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
        deadline = time.monotonic() + LONG
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
