"""Random saves one after the other, with pages open: how many were lost, and how many were told
twice or to pages that had no use for them.
"""

import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from conftest import Server

from support.saves import saves
from support.saves.wire_page import WirePage

PATHS = ("/index.html", "/index.html", "/other.html")
USERS = {
    "index.html": (0, 1),
    "other.html": (2,),
    "style.css": (0, 1, 2),
    "only.css": (2,),
    "app.js": (0, 1),
    "nobody.txt": (),
}
WAYS = (
    "truncate_and_write",
    "vim_by_renaming",
    "emacs_by_renaming",
    "jetbrains",
    "temporary_beside",
    "deleted_and_written",
)
# A save that was not seen by then is lost.
PATIENCE = 20.0


@dataclass
class Outcome:
    """What became of the saves.

    Attributes:
        saved: how many there were, by the way in which the program saves.
        lost: after so many a page did not become what the disk holds.
        extra: so many times a page acted though it had the bytes, or used none of the files.
        seconds: from each save until all pages were equal to the disk.
    """

    saved: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    extra: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


class Saving:
    """A server, three pages, and somebody who saves."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root, self.random, self.number = root, Random(seed), 0
        root.mkdir(parents=True)
        for name in USERS:
            self.save(name, "truncate_and_write")
        self.server = Server(root)
        self.pages = [WirePage(self.server.port, path) for path in PATHS]
        self.outcome = Outcome()
        self.settle()

    def save(self, name: str, way: str) -> None:
        self.number += 1
        saves.save(self.root / name, _content(name, self.number), way)

    def settle(self) -> bool:
        """Whether all pages became equal to the disk; then each has said so."""
        deadline = time.monotonic() + PATIENCE
        while not all(page.equals(self.root) for page in self.pages):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.002)
        return True

    def save_some(self, count: int) -> None:
        """Save at random, and each time wait for the pages; then see whether more comes."""
        before = [len(page.acts) for page in self.pages]
        wanted = [0, 0, 0]
        for _ in range(count):
            name, way = self.random.choice(list(USERS)), self.random.choice(WAYS)
            begun = time.monotonic()
            self.save(name, way)
            self._note(way, begun)
            for user in USERS[name]:
                wanted[user] += 1
        self._mark()
        for page, acts, due in zip(self.pages, before, wanted, strict=True):
            self.outcome.extra["each once"] += max(0, len(page.acts) - acts - due - 1)

    def save_the_same(self, count: int) -> None:
        """Save the same bytes again."""
        before = [len(page.acts) for page in self.pages]
        for _ in range(count):
            path, way = self.root / self.random.choice(list(USERS)), self.random.choice(WAYS)
            if path.name != "nobody.txt":  # which is told as a change: nobody knows what it held
                saves.save(path, path.read_bytes(), way)
                self.outcome.saved["the same bytes"] += 1
        self._mark()
        acted = sum(len(page.acts) for page in self.pages) - sum(before)
        self.outcome.extra["the same bytes"] += acted - len(self.pages)

    def save_while_stopped(self, count: int, seconds: float) -> None:
        """The server is stopped for so long; of many saves only the last state is to be told."""
        process = self.server.process
        process.send_signal(signal.SIGSTOP)
        begun = time.monotonic()
        for _ in range(count):
            self.save(self.random.choice(list(USERS)), self.random.choice(WAYS))
        time.sleep(max(0.0, begun + seconds - time.monotonic()))
        told = [len(page.needless) for page in self.pages]
        process.send_signal(signal.SIGCONT)
        self._note("while it was stopped", time.monotonic(), count)
        self._mark()
        self.outcome.extra["while it was stopped"] += sum(
            len(page.needless) - before for page, before in zip(self.pages, told, strict=True)
        )

    def _mark(self) -> None:
        """A last save that every page takes: whatever came before it has come by then."""
        time.sleep(0.4)  # a deletion that is held back would be told by now
        self.save("style.css", "truncate_and_write")
        self.settle()

    def _note(self, way: str, begun: float, count: int = 1) -> None:
        self.outcome.saved[way] += count
        if self.settle():
            self.outcome.seconds.append(time.monotonic() - begun)
        else:
            self.outcome.lost[way] += 1

    def close(self) -> None:
        for page in self.pages:
            page.close()
        self.server.kill()


def _content(name: str, number: int) -> bytes:
    text = {
        "index.html": '<link rel="stylesheet" href="style.css"><script src="app.js"></script>',
        "other.html": '<link rel="stylesheet" href="style.css">'
        '<link rel="stylesheet" href="only.css">',
    }.get(name, "")
    return f"<!doctype html>{text}<p>{number}".encode() if text else f"/* {number} */".encode()
