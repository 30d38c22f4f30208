"""After any sequence of saves, faults and absences every page shows what the disk holds.

A machine acts on a site in ways drawn at random: files are saved by all kinds of programs, folders
come and go, the server is stopped, killed and started, pages lose their sockets and sleep. Now and
then, and at the end, everything is left alone until each page equals the disk. The pages speak the
wire without a browser, so that there is time for many sequences; fewer are seen in Chromium.

`HOTRELOAD_TESTS=nightly` runs a thousand sequences, and then each page must equal the disk within
two seconds of the last act, as long as the machine does nothing else. Everywhere else a page that
is late is waited for: time says nothing on a busy machine.
"""

import faulthandler
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import pytest
import saves
from cable import Cable
from conftest import Server
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run
from limits import allow, limited
from playwright.sync_api import Browser, Error
from wire_page import WirePage, expected

NIGHTLY = os.environ.get("HOTRELOAD_TESTS") == "nightly"
SEQUENCES = int(os.environ.get("HOTRELOAD_SEQUENCES", "1000" if NIGHTLY else "50"))
# For what takes two seconds at most on a machine with nothing else to do.
PATIENCE = 60.0
LIMIT = 2.0 if NIGHTLY else PATIENCE

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
PAGES = ("/index.html", "/sub/")
FOLDERS = ("sub", "deep", "late")
SHEETS = ("style", "own", "part", "extra")

names = st.sampled_from(list(FILES))
ways = st.sampled_from(list(saves.SAVES))
folders = st.sampled_from(FOLDERS)
moments = st.sampled_from([0.0, 0.0, 0.0, 0.003, 0.02, 0.12, 0.35])
sizes = st.sampled_from(["small", "small", "small", "short", "large", "empty"])


class Page(Protocol):
    """An open page, in whatever it runs."""

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
    line = b"/* filling */\n" if kind == ".css" else b"<!-- filling -->\n"
    return line * (300 * 2**10 // len(line))


def is_busy() -> bool:
    """Whether the machine does more than it has processors for."""
    return os.getloadavg()[0] > (os.cpu_count() or 1)


def acted_needlessly(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What pages did about files that none of them ever uses.

    A page that connects is told of other files with the number of the newest update: the first
    thing that it does then says nothing about that update.
    """
    urls: dict[int, list[str]] = {}
    connected: Counter[str] = Counter()
    found = []
    for line in list(lines):
        if line["type"] == "change":
            urls.setdefault(line["seq"], []).append(line["url"])
        elif line["type"] == "page":
            connected[line["url"]] += 1 if line["event"] == "opened" else -1
            connected = +connected
        elif line["type"] == "applied" and line["action"] != "unused":
            told = urls.get(line["seq"], [])
            needless = told and all(url.startswith(("/unused", "/more/")) for url in told)
            if connected[line["page"]]:
                connected[line["page"]] -= 1
            elif needless:
                found.append(line)
    return found


class World:
    """A server with its site and pages; it serves all sequences, one after the other."""

    def __init__(self, top: Path, before: tuple[str, ...] = ()) -> None:
        self.root = top / "site"
        self.before = before
        self.root.mkdir(parents=True)
        self.number = 100_000
        self.sequences = 0
        self.pages: list[Page] = []
        self.server = self.start(0)
        self.waits: list[float] = []

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
        self.close_pages()
        for other in self.root.parent.iterdir():
            if other != self.root:
                shutil.rmtree(other)
        for each in self.root.iterdir():
            shutil.rmtree(each) if each.is_dir() else each.unlink()
        self.write_all()

    def settle(self, steps: list[str]) -> None:
        """Leave everything alone until all pages equal the disk."""
        begun = time.monotonic()
        while not all(page.equals(self.root) for page in self.pages):
            if time.monotonic() - begun > PATIENCE:
                pytest.fail("a page is old after: " + "; ".join(steps) + self._difference())
            time.sleep(0.01)
        waited = time.monotonic() - begun
        self.waits.append(waited)
        assert waited < LIMIT or is_busy(), (waited, steps)
        needless = acted_needlessly(self.server.lines)
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
        print(f"{self.sequences} sequences, {len(waits)} times left alone: {parts} {said}")  # noqa: T201

    def close_pages(self) -> None:
        while self.pages:
            self.pages.pop().close()

    def close(self) -> None:
        self.close_pages()
        self.server.kill()


class Machine(RuleBasedStateMachine):
    """The rules; `world` and `open_page` are set by the test that runs it."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[str] = []

    def open_page(self, path: str) -> Page:
        return WirePage(self.world.server.port, path)

    def note(self, *what: object) -> None:
        self.steps.append(" ".join(map(str, what)))

    @initialize()
    def begin(self) -> None:
        self.world.empty()
        self.world.pages += [self.open_page(path) for path in (*PAGES, PAGES[0])]

    # Saves.

    @rule(name=names, way=ways, size=sizes, moment=moments)
    def edit(self, name: str, way: str, size: str, moment: float) -> None:
        self.note("edit", name, way, size)
        self.world.write(name, way, size)
        time.sleep(moment)

    @rule(name=names, way=ways, other=names, another=ways)
    def edit_two(self, name: str, way: str, other: str, another: str) -> None:
        self.note("edit", name, way, "and", other, another)
        self.world.write(name, way)
        self.world.write(other, another)

    @rule(name=names, way=ways)
    def save_the_same(self, name: str, way: str) -> None:
        path = self.world.root / name
        if path.exists():
            self.note("same", name, way)
            saves.save(path, path.read_bytes(), way)

    @rule(name=names, moment=moments)
    def touch(self, name: str, moment: float) -> None:
        path = self.world.root / name
        if path.exists():
            self.note("touch", name)
            os.utime(path)
            path.chmod(0o600)
            path.chmod(0o644)
            time.sleep(moment)

    @rule(name=names, way=ways, moment=st.sampled_from([0.0, 0.002, 0.01, 0.05]))
    def change_and_change_back(self, name: str, way: str, moment: float) -> None:
        path = self.world.root / name
        if path.exists():
            self.note("there and back", name, way, moment)
            before = path.read_bytes()
            self.world.write(name, way)
            time.sleep(moment)
            path.write_bytes(before)

    @rule(name=names, moment=moments)
    def delete(self, name: str, moment: float) -> None:
        self.note("delete", name)
        (self.world.root / name).unlink(missing_ok=True)
        time.sleep(moment)

    @rule(name=names, other=names)
    def rename(self, name: str, other: str) -> None:
        path, to = self.world.root / name, self.world.root / other
        if path.exists() and to.parent.exists() and path.suffix == to.suffix:
            self.note("rename", name, "to", other)
            path.replace(to)

    @rule(count=st.sampled_from([1, 8, 60]))
    def make_files_that_nobody_uses(self, count: int) -> None:
        self.note("unused", count)
        for number in range(count):
            (self.world.root / f"unused{number}.txt").write_text(f"{self.world.number}")

    # Folders.

    @rule(folder=folders, moment=moments)
    def remove_folder(self, folder: str, moment: float) -> None:
        self.note("remove", folder)
        shutil.rmtree(self.world.root / folder, ignore_errors=True)
        time.sleep(moment)

    @rule(folder=folders, moment=moments)
    def move_folder_away_or_back(self, folder: str, moment: float) -> None:
        inside, outside = self.world.root / folder, self.world.root.parent / f"away-{folder}"
        self.note("move", folder, "back" if outside.exists() else "away")
        if outside.exists():
            shutil.rmtree(inside, ignore_errors=True)
            outside.rename(inside)
        elif inside.exists():
            inside.rename(outside)
        time.sleep(moment)

    @rule(folder=folders, other=folders)
    def swap_folders(self, folder: str, other: str) -> None:
        one, two = self.world.root / folder, self.world.root / other
        if one.exists() and two.exists() and one != two:
            self.note("swap", folder, other)
            spare = self.world.root / "spare"
            one.rename(spare)
            two.rename(one)
            spare.rename(two)

    @rule(depth=st.sampled_from([1, 4, 30]))
    def make_folders(self, depth: int) -> None:
        self.note("folders", depth)
        deepest = self.world.root.joinpath("more", *(f"{n}" for n in range(depth)))
        deepest.mkdir(parents=True, exist_ok=True)
        (deepest / "page.html").write_text("deep")

    @rule(moment=moments)
    def swap_root(self, moment: float) -> None:
        self.note("swap root", moment)
        root = self.world.root
        new, old = root.with_name("new"), root.with_name("old")
        shutil.copytree(root, new, symlinks=True)
        self.world.number += 1
        data = content("style.css", self.world.number)
        (new / "style.css").unlink(missing_ok=True)
        (new / "style.css").write_bytes(data)
        root.rename(old)
        time.sleep(moment)
        new.rename(root)
        shutil.rmtree(old)

    @rule(moment=moments)
    def remove_root_and_write_it_anew(self, moment: float) -> None:
        self.note("remove root", moment)
        shutil.rmtree(self.world.root)
        time.sleep(moment)
        self.world.root.mkdir()
        self.world.write_all()

    @precondition(lambda self: shutil.which("git"))
    @rule()
    def commit_or_reset(self) -> None:
        fresh = not (self.world.root / ".git").is_dir()
        self.note("git", "init" if fresh else "reset")
        if fresh:
            self._git("init", "-q")
        if fresh or self.world.number % 2:
            self._git("add", "-A")
            self._git("commit", "-q", "--allow-empty", "-m", "all")
        else:
            self._git("reset", "-q", "--hard")

    def _git(self, *words: str) -> None:
        who = ("-c", "user.name=me", "-c", "user.email=me@localhost", "-c", "gc.auto=0")
        subprocess.run(
            ["git", "-C", self.world.root, *who, *words], check=True, capture_output=True
        )

    # The server and the pages.

    @rule(name=names, way=ways, moment=moments)
    def stall_server(self, name: str, way: str, moment: float) -> None:
        self.note("stall", name, way)
        self.world.server.process.send_signal(signal.SIGSTOP)
        self.world.write(name, way)
        time.sleep(moment)
        self.world.server.process.send_signal(signal.SIGCONT)

    @rule(name=names, way=ways)
    def kill_server_and_start_it_again(self, name: str, way: str) -> None:
        self.note("restart", name, way)
        self.world.server.kill()
        self.world.write(name, way)
        self.world.server = self.world.start(self.world.server.port)

    @rule(number=st.integers(0, 2))
    def drop_socket(self, number: int) -> None:
        self.note("drop", number)
        self.world.pages[number].drop()

    @rule(number=st.integers(0, 2), asleep=st.booleans(), name=names, way=ways, moment=moments)
    def freeze_page(self, number: int, asleep: bool, name: str, way: str, moment: float) -> None:
        self.note("sleep" if asleep else "freeze", number, name, way)
        self.world.pages[number].freeze(asleep=asleep)
        try:
            self.world.write(name, way)
            time.sleep(moment)
        finally:
            self.world.pages[number].resume()

    @rule(number=st.integers(0, 2))
    def open_page_anew(self, number: int) -> None:
        self.note("open", number)
        self.world.pages[number].close()
        self.world.pages[number] = self.open_page((*PAGES, PAGES[0])[number])

    @rule()
    def leave_alone(self) -> None:
        self.note("settle")
        self.world.settle(self.steps)

    def teardown(self) -> None:
        if self.steps:
            self.world.settle(self.steps)


def play(machine: type[Machine], world: World, sequences: int, steps: int) -> None:
    """Run a machine; a failure is not made smaller, since time is part of it."""
    machine.world = world
    faulthandler.cancel_dump_traceback_later()  # pytest's: each wait here has its own patience
    profile = settings(
        max_examples=sequences,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    try:
        run(machine, settings=profile)
    finally:
        world.close_pages()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path / "world")
    yield world
    world.close()
    world.report()


def test_every_page_ends_equal_to_the_disk(world: World) -> None:
    play(Machine, world, SEQUENCES, 10)


@pytest.fixture
def tight(tmp_path: Path) -> Iterator[World]:
    """A server that gets few watches from the system, fewer than the machine makes folders."""
    world = World(tmp_path / "world", tuple(limited("max_inotify_watches", 8)))
    yield world
    world.close()
    world.report()


class Scarce(Machine):
    """There are more watches to be had, then fewer, then more again."""

    @rule(watches=st.sampled_from([0, 8, 30, 10_000]), instances=st.sampled_from([0, 3, 100]))
    def change_limits(self, watches: int, instances: int) -> None:
        self.note("limits", watches, instances)
        allow(self.world.server.process.pid, "max_inotify_watches", watches)
        allow(self.world.server.process.pid, "max_inotify_instances", instances)


def test_the_same_is_so_while_watches_come_and_go(tight: World) -> None:
    play(Scarce, tight, max(1, SEQUENCES // 10), 10)


# In Chromium.


class Tab:
    """A page in Chromium, on a network of its own."""

    def __init__(self, browser: Browser, port: int, path: str) -> None:
        self._cable = Cable(port)
        self._context = browser.new_context(service_workers="block")
        self._page = self._context.new_page()
        self._cdp = self._context.new_cdp_session(self._page)
        self._path = path
        self._page.goto(f"http://127.0.0.1:{self._cable.port}{path}")

    def __repr__(self) -> str:
        return f"{self._path} showing {self._shown()}"

    def equals(self, root: Path) -> bool:
        shown, wanted = self._shown(), seen(root, self._path)
        if shown is None:
            return False
        if "" in wanted["app"]:
            shown["app"] = ""  # a script's tag can go in place, and what the script did stays
        return all(value in wanted[name] for name, value in shown.items())

    def _shown(self) -> dict[str, str] | None:
        with suppress(Error):  # it is being loaded
            if self._page.evaluate("location.protocol") == "chrome-error:":
                self._page.reload()  # the server was killed just then: a person has to do it
            shown: dict[str, str] = self._page.evaluate(SHOWN)
            return shown
        return None

    def drop(self) -> None:
        """The page's life goes on without its sockets for a moment."""
        self._cable.cut()
        self._cable.mend()

    def freeze(self, *, asleep: bool) -> None:
        self._live("frozen")
        if asleep:
            self._cable.cut()

    def resume(self) -> None:
        self._cable.mend()
        self._live("active")

    def _live(self, state: str) -> None:
        """A page that is just being replaced by its next load is neither: then that one is it."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self._cdp.send("Page.setWebLifecycleState", {"state": state})
            except Error:
                if time.monotonic() > end:
                    raise
                time.sleep(0.01)
            else:
                return

    def close(self) -> None:
        self._context.close()
        self._cable.close()


SHOWN = """() => {
  const style = getComputedStyle(document.documentElement);
  const shown = { text: document.querySelector("#v")?.textContent ?? "", app: String(window.app ?? "") };
  for (const name of ["style", "own", "part", "extra"]) shown[name] = style.getPropertyValue(`--${name}`).trim();
  shown.pic = String(document.images[0]?.complete ? document.images[0].naturalWidth : "");
  return shown;
}"""  # noqa: E501 - JavaScript


def seen(root: Path, path: str) -> dict[str, set[str]]:
    """What `SHOWN` may tell of a page that was loaded from the disk now.

    A renamed style sheet sets what it set under its old name. Which of two that set the same comes
    later is not looked at.
    """
    used = expected(root, path)
    texts = {Path(url).stem: (root / url[1:]).read_text() for url, had in used.items() if had}
    number = re.search(r">(v\d+)</p>", texts.get("index", ""))
    app = re.search(r"\d+", texts.get("app", ""))
    pic = re.search(r'width="(\d+)"', texts.get("pic", ""))
    shown = {"text": {number[1] if number else ""}, "app": {app[0] if app else ""}}
    sheets = "".join(text for name, text in texts.items() if name in SHEETS)
    for name in SHEETS:
        shown[name] = set(re.findall(rf"--{name}: (v\d+)", sheets)) or {""}
    has_picture = any(url.endswith("/pic.svg") for url in used)
    shown["pic"] = {pic[1] if pic else ("0" if has_picture else "")}
    return shown


def test_every_page_in_chromium_ends_equal_to_the_disk(world: World, browser: Browser) -> None:
    class InChromium(Machine):
        def open_page(self, path: str) -> Page:
            return Tab(browser, self.world.server.port, path)

    play(InChromium, world, max(1, SEQUENCES // 10), 8)
