"""After any sequence of saves, faults and absences every page shows what the disk holds.

A machine acts on a site in ways drawn at random: files are saved by all kinds of programs, folders
come and go, the server is stopped, killed and started, pages lose their sockets and sleep. Now and
then, and at the end, everything is left alone until each page equals the disk. The pages speak the
wire without a browser, so that there is time for many sequences; fewer are seen in Chromium.

The nightly profile runs a thousand sequences, and then each page must equal the disk within
two seconds of the last act, as long as the machine does nothing else. Everywhere else a page that
is late is waited for: time says nothing on a busy machine.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import NIGHTLY
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run
from playwright.sync_api import Browser
from support.browser.chromium_tab import Tab
from support.process.limits import allow, limited
from support.process.overtime import unlimited
from support.saves import saves
from support.saves.wire_page import WirePage
from support.saves.world import FILES, FOLDERS, PAGES, Page, World, content

SEQUENCES = int(os.environ.get("HOTRELOAD_SEQUENCES", "1000" if NIGHTLY else "25"))

names = st.sampled_from(list(FILES))
ways = st.sampled_from(list(saves.SAVES))
folders = st.sampled_from(FOLDERS)
moments = st.sampled_from([0.0, 0.0, 0.0, 0.003, 0.02, 0.12, 0.35])
sizes = st.sampled_from(["small", "small", "small", "short", "large", "empty"])


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
        self.world.outages += len(self.world.pages)
        self.world.server.kill()
        self.world.write(name, way)
        self.world.server = self.world.start(self.world.server.port)

    @rule(number=st.integers(0, 2))
    def drop_socket(self, number: int) -> None:
        self.note("drop", number)
        self.world.outages += 1
        self.world.pages[number].drop()

    @rule(number=st.integers(0, 2), asleep=st.booleans(), name=names, way=ways, moment=moments)
    def freeze_page(self, number: int, asleep: bool, name: str, way: str, moment: float) -> None:
        self.note("sleep" if asleep else "freeze", number, name, way)
        self.world.outages += asleep
        self.world.pages[number].freeze(asleep=asleep)
        try:
            self.world.write(name, way)
            time.sleep(moment)
        finally:
            self.world.pages[number].resume()

    @rule(number=st.integers(0, 2))
    def open_page_anew(self, number: int) -> None:
        self.note("open", number)
        self.world.close_page(self.world.pages[number])
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
    unlimited()  # each wait here has its own patience
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


def test_every_page_in_chromium_ends_equal_to_the_disk(world: World, browser: Browser) -> None:
    class InChromium(Machine):
        def open_page(self, path: str) -> Page:
            return Tab(browser, self.world.server.port, path)

    play(InChromium, world, max(1, SEQUENCES // 10), 8)
