"""What tools and faults do to a whole tree, seen by the command and by an open page."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from conftest import NIGHTLY, Server
from support.process import unhurried
from support.process.limits import limited
from support.process.watching import LONG
from support.saves.many_saves import Saving
from support.saves.wire_page import WirePage, linked_site

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="signals and limits are Linux'")
# Longer than a burst waits to be quiet, with all the patience that there is.
QUIET = unhurried.QUIET + 0.5

Open = Callable[[Server, str], WirePage]

site = linked_site


@pytest.fixture
def shown(site: Path) -> Iterator[Open]:
    """Open pages that speak the wire; each has loaded when it is given."""
    pages: list[WirePage] = []

    def show(server: Server, path: str = "/index.html") -> WirePage:
        pages.append(WirePage(server.port, path))
        server.wait_for(type="page", event="opened")
        return pages[-1]

    yield show
    for page in pages:
        page.close()


def becomes(page: WirePage, root: Path) -> None:
    """Wait until the page shows what the disk holds."""
    until(lambda: page.equals(root), page)


def until(true: Callable[[], object], shown: object = "") -> None:
    deadline = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < deadline, shown
        time.sleep(0.01)


def updates(server: Server) -> int:
    """How many updates there were, after a pause in which none may come any more."""
    time.sleep(QUIET)
    return len({line["seq"] for line in server.lines if line["type"] == "change"})


# Tools that change many files.


def git(site: Path, *words: str) -> None:
    who = ["-c", "user.name=me", "-c", "user.email=me@localhost", "-c", "gc.auto=0"]
    subprocess.run(["git", "-C", site, *who, *words], check=True, capture_output=True)


def commit(site: Path, message: str) -> None:
    git(site, "add", "-A")
    git(site, "commit", "-qm", message)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.nightly
def test_a_checkout_of_5000_files_and_back_is_one_or_two_updates_each(site, server, shown):
    git(site, "init", "-q", "-b", "main")
    for branch in ("main", "other"):
        for number in range(5_000):
            (site / f"{number % 50}").mkdir(exist_ok=True)
            (site / f"{number % 50}" / f"{number}.html").write_text(branch * (number % 7))
        (site / "index.html").write_text(f'<link rel="stylesheet" href="style.css"><p>{branch}')
        (site / "style.css").write_text(f"/* {branch} */")
        commit(site, branch)
        git(site, "tag", f"of-{branch}")
    git(site, "checkout", "-q", "--detach", "of-other")
    running = server(site, program=unhurried.PROGRAM)
    page = shown(running, "/index.html")
    for number in range(20 if NIGHTLY else 3):
        before = updates(running)
        git(site, "checkout", "-q", "--detach", ("of-main", "of-other")[number % 2])
        becomes(page, site)
        assert 1 <= updates(running) - before <= 2
    assert page.missed == []


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_rebase_of_50_commits_is_one_or_two_updates(site, server, shown):
    git(site, "init", "-q", "-b", "main")
    commit(site, "first")
    git(site, "checkout", "-qb", "work")
    for number in range(50):
        (site / "index.html").write_text(f'<link rel="stylesheet" href="style.css"><p>{number}')
        commit(site, f"{number}")
    git(site, "checkout", "-q", "main")
    (site / "style.css").write_text("/* main goes on */")
    commit(site, "second")
    git(site, "checkout", "-q", "work")
    running = server(site, program=unhurried.PROGRAM)
    page = shown(running, "/index.html")
    git(site, "rebase", "-q", "main")
    becomes(page, site)

    assert 1 <= updates(running) <= 2
    assert page.missed == []


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_npm_install_is_no_update_of_a_page_that_uses_no_package(site, server, shown, tmp_path):
    package = tmp_path / "package"
    package.mkdir()
    (package / "package.json").write_text('{"name": "part", "version": "1.0.0"}')
    for number in range(500):
        (package / f"{number}.js").write_text("1")
    (site / "package.json").write_text('{"name": "site", "version": "1.0.0"}')
    running = server(site)
    page = shown(running, "/index.html")
    subprocess.run(
        ["npm", "install", "--offline", "--no-audit", "--no-fund", "--install-links", package],
        cwd=site, check=True, capture_output=True,
    )  # fmt: skip
    assert (site / "node_modules" / "part" / "499.js").exists()

    assert updates(running) <= 2
    assert (page.acts, page.missed) == ([], [])


def test_a_folder_that_is_replaced_is_never_shown_as_missing(site, server, shown):
    """Generators move the new output into the place of the old one."""
    running = server(site)
    page = shown(running, "/index.html")
    for number in range(10):
        new, old = site.with_name("new"), site.with_name("old")
        shutil.copytree(site, new)
        (new / "index.html").write_text(f'<link rel="stylesheet" href="style.css"><p>{number}')
        site.rename(old)
        new.rename(site)
        shutil.rmtree(old)
        becomes(page, site)
    assert page.missed == []


# Saves that change nothing, and saves in numbers.


def test_a_thousand_touches_are_no_update(site, server, shown):
    running = server(site)
    page = shown(running, "/index.html")
    for _ in range(250):
        for name in ("index.html", "style.css"):
            os.utime(site / name)
            (site / name).write_bytes((site / name).read_bytes())

    assert updates(running) == 0
    assert page.acts == []


@LINUX
def test_of_many_saves_none_is_lost_and_none_is_told_twice(tmp_path):
    """Also while the server is stopped; benchmarks/saves.py makes a thousand."""
    saving = Saving(tmp_path / "site", Random().randrange(1000))
    try:
        saving.save_some(60)
        saving.save_while_stopped(20, 1.5)
        saving.save_the_same(20)
    finally:
        saving.close()

    assert saving.outcome.lost.total() == 0
    assert saving.outcome.extra.total() == 0, [page.heard for page in saving.pages]
    assert saving.outcome.saved.total() >= 80


# Faults of the machine, and of whoever starts the server.


@LINUX
def test_twenty_pages_are_current_after_the_server_was_killed(site, server, shown):
    first = server(site)
    pages = [shown(first, "/index.html") for _ in range(20)]
    first.kill()
    (site / "style.css").write_text("p { color: green }")
    (site / "index.html").write_text('<link rel="stylesheet" href="style.css"><p>two')
    server(site, port=first.port)
    for page in pages:
        becomes(page, site)


@LINUX
def test_another_site_on_the_port_makes_no_page_reload_in_a_loop(site, server, shown, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "index.html").write_text("<p>another site")
    first = server(site)
    page = shown(first, "/index.html")
    first.kill()
    second = server(other, port=first.port)
    becomes(page, other)
    loads = page.loads
    assert updates(second) == 0
    assert page.loads == loads <= 3


def test_a_page_that_is_missing_heals_after_a_restart(site, server, shown):
    """The file was made while there was no server to tell of it."""
    first = server(site)
    page = shown(first, "/late.html")
    first.kill()
    (site / "late.html").write_text("<p>here")
    server(site, port=first.port)
    becomes(page, site)
    assert page.shown


def test_a_file_that_was_asked_for_in_vain_is_told_of_though_git_ignores_it(site, server, shown):
    (site / ".gitignore").write_text("/made/\n")
    (site / "index.html").write_text('<link rel="stylesheet" href="made/main.css"><p>one')
    page = shown(server(site), "/index.html")
    assert page.shown["/made/main.css"] == ""
    (site / "made").mkdir()
    (site / "made" / "main.css").write_text("p {}")
    becomes(page, site)


def test_a_page_loaded_while_its_file_was_replaced_shows_it(site, server, shown):
    """The replacement is told as one modification, for the sake of all who had the file before."""
    running = server(site)
    before = shown(running, "/index.html")
    for number in range(5):
        (site / "index.html").unlink()
        (site / "style.css").unlink()
        early = shown(running, "/index.html")
        (site / "style.css").write_text(f"/* {number} */")
        (site / "index.html").write_text(f'<link rel="stylesheet" href="style.css"><p>{number}')
        becomes(early, site)
        becomes(before, site)
        assert early.shown


def test_a_missing_page_in_chromium_heals_after_a_restart(site, server, page):
    first = server(site)
    page.goto(f"{first.url}late.html")
    first.wait_for(type="page", event="opened")
    first.kill()
    (site / "late.html").write_text("<p id=here>here")
    server(site, port=first.port)
    page.wait_for_selector("#here")


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_page_in_chromium_loaded_while_its_file_was_replaced_shows_it(site, server, page):
    """While git's lock is there nothing is told; then it is one modification."""
    git(site, "init", "-q")
    running = server(site)
    lock = site / ".git" / "index.lock"
    page.goto(f"{running.url}index.html")
    lock.touch()
    (site / "index.html").unlink()
    page.goto(f"{running.url}index.html")
    assert page.title() == "Not found"
    (site / "index.html").write_text("<p id=here>here")
    lock.unlink()
    page.wait_for_selector("#here")


@LINUX
def test_a_folder_that_may_not_be_read_is_said_and_the_rest_works(site, server, shown):
    """The tests may run as root, so the server gives up the power to read everything."""
    words = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    words += ["--inh-caps=-dac_override,-dac_read_search"]
    if os.getuid() != 0 or shutil.which("setpriv") is None:
        words = []
    secret = site / "secret"
    secret.mkdir(mode=0)
    (site / "secret.html").write_text("secret")
    (site / "secret.html").chmod(0)
    running = server(site, program=[*words, sys.executable, "-m", "hotreload"])
    problem = running.wait_for(type="problem")
    assert f"cannot read the folder {secret}" in problem["text"]
    page = shown(running, "/index.html")
    (site / "style.css").write_text("p { color: green }")
    becomes(page, site)
    assert page._get("/secret.html")[0] == page._get("/secret/a.html")[0] == 404
    secret.chmod(0o755)


@LINUX
def test_with_few_watches_every_page_in_60_folders_is_current(site, server, shown):
    """Half of the folders are there before the server, half come while it runs."""
    program = [*limited("max_inotify_watches", 10), sys.executable, "-m", "hotreload"]
    names = [f"/{number}/index.html" for number in range(60)]

    def write(text: str, those: list[str]) -> None:
        for name in those:
            (site / name[1:]).parent.mkdir(exist_ok=True)
            (site / name[1:]).write_text(text)

    write("<p>one", names[:30])
    running = server(site, program=program)
    write("<p>one", names[30:])
    pages = [shown(running, name) for name in names[::6]]
    write("<p>two", names)
    for page in pages:
        becomes(page, site)


@LINUX
def test_a_stall_with_20000_new_files_loses_no_save(site, server, shown):
    running = server(site)
    page = shown(running, "/index.html")
    running.process.send_signal(signal.SIGSTOP)
    for number in range(20_000):
        (site / f"{number}.txt").touch()
    (site / "style.css").write_text("p { color: green }")
    running.process.send_signal(signal.SIGCONT)
    becomes(page, site)


def test_a_link_to_a_large_tree_costs_nothing(site, server, shown):
    (site / "usr").symlink_to("/usr")
    running = server(site)
    page = shown(running, "/index.html")
    watches = 0
    for info in Path(f"/proc/{running.process.pid}/fdinfo").iterdir():
        watches += info.read_text().count("inotify wd:")
    assert watches < 20
    (site / "style.css").write_text("p { color: green }")
    becomes(page, site)


# Places that are watched besides.


def test_a_file_outside_that_is_watched_reloads_every_page(site, server, shown, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    running = server(site, "--watch", str(data))
    page = shown(running, "/index.html")
    (data / "new.json").write_text("1")
    until(lambda: page.acts, page)
    assert page.acts == [("reload", ["*"])]


def test_a_file_below_a_mount_is_told_by_its_url(site, server, shown, tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "docs.css").write_text("p {}")
    (site / "index.html").write_text('<link rel="stylesheet" href="docs/docs.css"><p>one')
    running = server(site, "--mount", f"/docs={docs}", "--watch", str(docs))
    page = shown(running, "/index.html")
    (docs / "docs.css").write_text("p { color: green }")
    until(lambda: page.acts, page)
    assert page.acts == [("css", ["/docs/docs.css"])]
    (docs / "unused.css").write_text("p {}")
    assert updates(running) == 2
    assert len(page.acts) == 1


def test_of_several_places_each_is_watched(site, server, shown, tmp_path):
    places = [tmp_path / name for name in ("one", "two", "later")]
    for place in places[:2]:
        place.mkdir()
    running = server(site, *(word for place in places for word in ("--watch", str(place))))
    page = shown(running, "/index.html")
    for number, place in enumerate(places, 1):
        place.mkdir(exist_ok=True)
        (place / "a.txt").write_text("a")
        until(lambda: len(page.acts) == number, page)  # noqa: B023 - called at once
