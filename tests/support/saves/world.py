"""A site that says its versions, a server of it, and the pages that are open on it.

Knows: what the files hold, how the world begins anew, and when all of it is right: each page equals
the disk, and none did anything about a file that it has no use for. Refuses to know: what happens
to the world and in which order, and what a page runs in.
"""

import os
import shutil
import sys
import time
from pathlib import Path
from typing import Protocol

import pytest
from conftest import NIGHTLY, Server

from support.saves import saves
from support.saves.wire_page import expected

# For what takes two seconds at most on a machine with nothing else to do.
PATIENCE = 60.0
LIMIT = 2.0 if NIGHTLY else PATIENCE
# Longer is told of, on whatever machine.
LATE = 4.0

FILES = {
    "index.html": ("style.css", "app.js", "pic.svg", "late/extra.css"),
    "sub/index.html": ("../style.css", "own.css", "../pic.svg"),
    "style.css": ("deep/part.css",),
    "sub/own.css": ("../late/extra.css",),
    "deep/part.css": (),
    "late/extra.css": (),
    "app.js": (),
    "pic.svg": (),
}
# The pages, and what each does not use, whichever document takes its place.
NEVER = {"/index.html": ("/sub/",), "/sub/": ("/index.html", "/app.js")}
PAGES = tuple(NEVER)
FOLDERS = ("sub", "deep", "late")
SHEETS = ("style", "own", "part", "extra")

# What a page did, and the URLs that it was told of.
Act = tuple[str, list[str]]


class Page(Protocol):
    """An open page, in whatever it runs.

    Attributes:
        path: of its URL.
        reloads: how often only a person could help it, whose document or client did not come.
        acts: for each update that it did something about.
    """

    path: str
    reloads: int
    acts: list[Act]

    def equals(self, root: Path) -> bool: ...
    def drop(self) -> None: ...
    def freeze(self, *, asleep: bool) -> None: ...
    def resume(self) -> None: ...
    def close(self) -> None: ...


def content(name: str, number: int, size: str = "small") -> bytes:
    """A version of a file: it says its number wherever a page can show it."""
    if size == "empty":
        return b""
    links = FILES[name] if size != "short" else FILES[name][:1]
    kind = Path(name).suffix
    if kind == ".css":
        imports = "".join(f'@import "{link}";\n' for link in links)
        variable = f"--{Path(name).stem}"
        text = f"{imports}:root {{ {variable}: v{number:06} }}\n"
    elif kind == ".js":
        text = f"window.app = {number};\n"
    elif kind == ".svg":
        text = f'<svg xmlns="http://www.w3.org/2000/svg" width="{number}" height="1"></svg>\n'
    else:
        heads = "".join(_link(link) for link in links)
        text = f"<!doctype html>\n<title>v{number}</title>\n{heads}<p id=v>v{number}</p>\n"
    return text.encode() + _filling(kind, size)


def _link(link: str) -> str:
    if link.endswith(".css"):
        return f'<link rel="stylesheet" href="{link}">\n'
    return f'<script src="{link}"></script>\n' if link.endswith(".js") else f'<img src="{link}">\n'


def _filling(kind: str, size: str) -> bytes:
    """More than travels inside an update."""
    if size != "large" or kind == ".js":
        return b""
    many = 300 * 2**10 // len(b"<!-- filling -->\n")
    if kind == ".svg":  # so many comments take Chromium 700 ms to read, also without a client
        return b"<!--" + b" filling" * 2 * many + b" -->\n"
    return (b"/* filling */\n" if kind == ".css" else b"<!-- filling -->\n") * many


class World:
    """A server with its site and pages; it serves all sequences, one after the other.

    Attributes:
        outages: how often in this sequence a page was without a server for a moment.
        needless: what pages of this sequence, open or not any more, did about what none ever uses.
        reloads: how often only a person could help a page, in all sequences.
    """

    def __init__(self, top: Path, before: tuple[str, ...] = ()) -> None:
        self.root = top / "site"
        self.before = before
        self.root.mkdir(parents=True)
        self.number = 100_000
        self.sequences = self.outages = 0
        self.pages: list[Page] = []
        self.needless: list[Act] = []
        self.server = self.start(0)
        self.waits: list[float] = []
        self.late: list[str] = []
        self.reloads = 0

    def start(self, port: int) -> Server:
        program = (*self.before, sys.executable, "-m", "hotreload")
        return Server(self.root, port=port, program=program)

    def restart(self) -> None:
        self.server.kill()
        self.server = self.start(self.server.port)

    def write(self, name: str, way: str, size: str = "small") -> None:
        self.number += 1
        saves.save(self.root / name, content(name, self.number, size), way)

    def write_all(self) -> None:
        for name in FILES:
            self.write(name, "truncate_and_write")

    def empty(self) -> None:
        """As it is before each sequence."""
        self.sequences += 1
        self.outages = 0
        self.close_pages()
        self.needless.clear()
        for other in self.root.parent.iterdir():
            if other != self.root:
                shutil.rmtree(other)
        for each in self.root.iterdir():
            shutil.rmtree(each) if each.is_dir() else each.unlink()
        self.write_all()

    def settle(self, steps: list[str]) -> None:
        """Leave everything alone until all pages equal the disk."""
        begun, is_late = time.monotonic(), False
        while not all(page.equals(self.root) for page in self.pages):
            waited = time.monotonic() - begun
            if waited > LATE and not is_late:
                is_late = True
                self.late.append("late after: " + "; ".join(steps) + self._difference())
            if waited > PATIENCE:
                pytest.fail("a page is old after: " + "; ".join(steps) + self._difference())
            time.sleep(0.01)
        waited = time.monotonic() - begun
        self.waits.append(waited)
        assert waited < LIMIT or is_busy(), (waited, steps)
        reloads = sum(page.reloads for page in self.pages)
        assert reloads <= self.outages, (reloads, self.outages, steps)
        needless = self.needless + [act for page in self.pages for act in needless_of(page)]
        assert not needless, (needless, steps)

    def _difference(self) -> str:
        wrong = [page for page in self.pages if not page.equals(self.root)]
        texts = [f"\n{page!r} shows {getattr(page, 'shown', '')}" for page in wrong]
        texts.append(f"\nthe server: {self.server.lines[-12:]}")
        disk = [f"\nthe disk: {expected(self.root, path)}" for path in PAGES]
        return "".join(texts + disk)

    def report(self) -> None:
        """How long it took until all pages were equal to the disk, in seconds."""
        waits = sorted(self.waits) or [0.0]
        parts = [round(waits[int(part * (len(waits) - 1))], 2) for part in (0, 0.5, 0.9, 0.99, 1)]
        said = [line for line in self.server.lines if line["type"] in ("problem", "note")][-5:]
        print(  # noqa: T201
            f"{self.sequences} sequences, {self.reloads} reloads by hand,",
            f"{len(waits)} times left alone: {parts} {said}",
            *self.late,
        )

    def close_page(self, page: Page) -> None:
        page.close()
        self.reloads += page.reloads
        self.needless += needless_of(page)

    def close_pages(self) -> None:
        while self.pages:
            self.close_page(self.pages.pop())

    def close(self) -> None:
        self.close_pages()
        self.server.kill()


def needless_of(page: Page) -> list[Act]:
    """What a page did about nothing but what it never uses, however the files are renamed."""
    never = ("/unused", "/more/", *NEVER[page.path])
    return [act for act in page.acts if act[1] and all(url.startswith(never) for url in act[1])]


def is_busy() -> bool:
    """Whether the machine does more than it has processors for."""
    return os.getloadavg()[0] > (os.cpu_count() or 1)
