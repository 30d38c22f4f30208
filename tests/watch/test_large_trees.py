"""Folders that are very deep, very long of name, very full, or lead in a circle: nothing hangs.

The nightly profile makes the trees as large as any that people have.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from conftest import NIGHTLY
from support.saves.wire_page import WirePage, linked_site

FOLDERS, FILES = (20_000, 5) if NIGHTLY else (1_000, 5)
ENTRIES = 100_000 if NIGHTLY else 5_000
# What takes a second on a machine with nothing else to do.
LONG = 120.0 if NIGHTLY else 30.0
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="names and links as Linux has them")

DEPTH = 200
LONGEST = 255  # a name's bytes on most file systems

site = linked_site


def get(port: int, path: str) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=LONG)
    try:
        connection.request("GET", path, headers={"Accept": "text/html", "Sec-Fetch-Dest": "empty"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@contextmanager
def shown(server, root: Path, path: str = "/index.html") -> Iterator[WirePage]:
    """A page of the server that follows what is saved."""
    page = WirePage(server.port, path)
    try:
        server.wait_for(type="page", event="opened", timeout=LONG)
        yield page
    finally:
        page.close()


def save(server, file: Path, text: str, url: str) -> None:
    """Save a file, and wait until it is told under its URL."""
    file.write_text(text)
    server.wait_for(type="change", url=url, timeout=LONG)


# Circles, depth and length.


@LINUX
@pytest.mark.parametrize("times", [1, 60, 500])
def test_links_that_lead_in_a_circle_are_missing(site, server, times):
    (site / "loop").symlink_to("loop")
    (site / "one").symlink_to("two")
    (site / "two").symlink_to("one")
    (site / "here").symlink_to(".")
    running = server(site)
    for name in ("loop", "one"):
        assert get(running.port, f"/{name}" * times)[0] == 404
        assert get(running.port, f"/{name}" * times + "/index.html")[0] == 404
    found = get(running.port, "/here" * times + "/index.html")[0]
    assert found == (200 if times == 1 else 404)  # Linux follows 40 links on one path
    save(running, site / "style.css", "p {}", "/style.css")


@LINUX
def test_a_file_200_folders_deep_is_served_and_watched(site, server):
    names = [f"{number}" for number in range(DEPTH)]
    deepest = site.joinpath(*names)
    deepest.mkdir(parents=True)
    (deepest / "page.css").write_text("deep")
    running = server(site)
    url = f"/{'/'.join(names)}/page.css"
    assert get(running.port, url) == (200, b"deep")
    save(running, deepest / "page.css", "deeper", url)
    assert get(running.port, url) == (200, b"deeper")
    assert get(running.port, f"/{'/'.join(names)}/none.css")[0] == 404


@LINUX
def test_a_name_as_long_as_a_name_can_be_is_served_and_watched(site, server):
    name = "n" * (LONGEST - 4) + ".css"
    folder = site / ("f" * LONGEST)
    folder.mkdir()
    (folder / name).write_text("long")
    running = server(site)
    url = f"/{folder.name}/{name}"
    assert get(running.port, url) == (200, b"long")
    save(running, folder / name, "longer", url)


@LINUX
def test_a_target_that_no_file_can_have_is_missing(site, server):
    """A name of 256 bytes, a path of 4096, and a name that is both short enough and too long."""
    running = server(site)
    for path in ("/" + "n" * 256, "/" + "n" * 252, ("/" + "n" * 200) * 25, "/n" * 3000):
        assert get(running.port, path)[0] == 404, path[:40]
    # Each letter is three bytes on the disk.
    assert get(running.port, "/" + "%E2%82%AC" * 86)[0] == 404
    save(running, site / "style.css", "p {}", "/style.css")


@LINUX
def test_a_tree_deeper_than_any_path_stops_nothing(site, server):
    bottom = os.open(site, os.O_RDONLY)
    for _ in range(25):
        os.mkdir("n" * 200, dir_fd=bottom)
        below = os.open("n" * 200, os.O_RDONLY, dir_fd=bottom)
        os.close(bottom)
        bottom = below
    os.close(bottom)
    running = server(site)
    save(running, site / "style.css", "p {}", "/style.css")
    running.kill()
    subprocess.run(["rm", "-rf", site], check=True)


# Numbers.


def fill(root: Path, folders: int, files: int) -> None:
    for number in range(folders):
        folder = root / f"{number % 20}" / f"{number}"
        folder.mkdir(parents=True)
        for file in range(files):
            (folder / f"{file}.css").touch()


def test_in_a_huge_tree_every_save_is_told_and_what_is_used_is_shown(site, server):
    fill(site / "data", FOLDERS, FILES)
    running = server(site)
    with shown(running, site) as page:
        (site / "style.css").write_text("p { color: green }")
        running.wait_for(type="change", url="/style.css", timeout=LONG)
        for number in (0, FOLDERS // 2, FOLDERS - 1):
            name = f"data/{number % 20}/{number}/{FILES - 1}.css"
            save(running, site / name, "told", f"/{name}")
        deadline = time.monotonic() + LONG
        while not page.equals(site):
            assert time.monotonic() < deadline, page
            time.sleep(0.01)
    shutil.rmtree(site / "data")


def test_a_list_of_very_many_files_comes_in_pages(site, server):
    (site / "many").mkdir()
    for number in range(ENTRIES):
        (site / "many" / f"{number}.txt").touch()
    running = server(site)
    connection = HTTPConnection("127.0.0.1", running.port, timeout=LONG)
    connection.request("GET", "/many/", headers={"Accept": "text/html"})
    body = connection.getresponse().read().decode()
    connection.close()
    rows = len(re.findall(r"<tr>|<tr ", body))

    assert 100 < rows < 1_000
    assert f"{ENTRIES:,} files" in body
    assert len(body) < 2**20
    save(running, site / "style.css", "p {}", "/style.css")
    shutil.rmtree(site / "many")
