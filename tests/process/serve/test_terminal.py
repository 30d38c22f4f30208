"""What a person sees while the server runs, in real pseudo-terminals."""

import asyncio
import io
import os
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from support.process.commands import CHECKOUT, environment, free_port
from support.process.pseudo import Session, open_page, session, started

from hotreload.files import ignore
from hotreload.live.acks import Ack
from hotreload.live.messages import Applied, FileChange, Log, Update
from hotreload.live.messages import Page as OwnPage
from hotreload.terminal.startup import Ready
from hotreload.terminal.terminal import Terminal
from hotreload.watch.watched_tree import WatchedTree
from hotreload.watch.watcher import Watcher

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")


# -- screens -------------------------------------------------------------------------------------


def test_the_start_names_what_is_served_watched_and_ignored(site: Path) -> None:
    words = ("--port", "0", "--watch", "more", "--ignore", "*.log", "--mount", "/d=docs")
    (site.parent / "more").mkdir()
    (site.parent / "docs").mkdir()
    with session("serve", "site", *words, cwd=site.parent) as run:
        started(run)
        said = run.text()
    assert re.search(r"^  hotreload \S+  ready in \d+ ms$", said, re.MULTILINE)
    assert "  Network:  --host lets other devices in\n" in said
    assert "  Serving:  site\n            docs  at /d/\n" in said
    assert "  Watching: more\n" in said
    assert "  Ignoring: what git ignores, what editors leave, *.log\n" in said


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_saves_stand_in_aligned_columns_at_any_width(site: Path, page: Page, columns: int) -> None:
    with session("serve", "site", "--port", "0", cwd=site.parent, columns=columns) as run:
        open_page(run, page)
        for name in ("styles/colours.css", "index.html"):
            with (site / name).open("a") as file:
                file.write("\n")
                file.write("a { color: red }" if name.endswith("css") else "<p>more")
            run.wait_for(rf"{Path(name).name} .* ms")
        lines = [line for line in run.text().splitlines() if line.endswith(" ms")][-2:]
    ends = [re.search(r"(css|html)  +1 page", line) for line in lines]
    assert ends[0]
    assert ends[1]
    assert ends[0].start() == ends[1].start()
    assert len(lines[0]) == len(lines[1]) <= columns
    assert all(re.match(r"\d\d:\d\d:\d\d  ", line) for line in lines) is (columns >= 60)


def test_a_burst_is_one_line(site: Path) -> None:
    with session("serve", "site", "--port", "0", cwd=site.parent) as run:
        started(run)
        subprocess.run([sys.executable, "-c", BURST], cwd=site, check=True)
        run.wait_for(r"many/\w+.css \+\d+ +no page is open")
        files = sum(1 + int(more or 0) for more in re.findall(r"css(?: \+(\d+))?  ", run.text()))
        lines = run.text().count("no page is open")
    assert files <= 300
    assert lines <= 3


BURST = """
import os, pathlib
os.mkdir('.many')
for number in range(300): pathlib.Path(f'.many/{number}.css').touch()
os.rename('.many', 'many')
"""


@pytest.mark.page_errors
def test_names_and_errors_of_pages_cannot_command_the_terminal(site: Path, page: Page) -> None:
    with session("serve", "site", "--port", "0", cwd=site.parent) as run:
        open_page(run, page)
        (site / "a\x1b[2J\u202eb.css").touch()
        run.wait_for(re.escape(r"a\x1b[2J\u202eb.css"))
        page.evaluate("setTimeout(() => console.assert(Promise.reject('bad \\x1b[2J')))")
        run.wait_for(re.escape(r"/  bad \x1b[2J"))
        assert b"\x1b[2J" not in run.written


@pytest.mark.page_errors
def test_an_error_in_a_page_is_told_once_after_each_save(site: Path, page: Page) -> None:
    fail = "() => new Promise(done => setTimeout(() => { setTimeout(done); throw Error('no') }))"
    with session("serve", "site", "--port", "0", cwd=site.parent) as run:
        open_page(run, page)
        for _ in range(3):
            page.evaluate(fail)
        run.wait_for("Error: no")
        (site / "unused.css").touch()
        run.wait_for("unused by 1 page")
        page.evaluate(fail)
        run.wait_for(r"(?s)Error: no.*unused by.*Error: no")
        assert run.text().count("Error: no") == 2


def test_what_is_wrong_is_red_and_wrapped_below_its_first_word(site: Path) -> None:
    with session("serve", "site", "--port", "0", cwd=site.parent, columns=60) as run:
        started(run)
        moved = site.rename(site.with_name("away"))
        run.wait_for(r"is gone: +waiting|is gone:\s+waiting for it to come back")
        line = next(number for number, text in enumerate(run.screen.display) if "is gone" in text)
        assert run.screen.buffer[line][12].fg == "red"
        moved.rename(site)
        run.wait_for("is there")


def test_a_qr_code_is_shown_for_other_devices(site: Path) -> None:
    with session("serve", "site", "--port", "0", "--host", cwd=site.parent) as run:
        run.wait_for("for help")
        if "lets other devices in" in run.text():
            pytest.skip("this machine has no other address")
        assert "█▀▀▀▀▀█" in run.text()
        assert run.screen.buffer[10][10].bg == "ffffff"
        said = run.text()
        assert re.search(r"for a\s+password\n\n  press h for help$", said)


def test_a_terminal_without_the_characters_for_it_gets_no_code_and_a_plain_bar(site: Path) -> None:
    plain = {"PYTHONIOENCODING": "latin-1"}
    with session("serve", "site", "--port", "0", "--host", cwd=site.parent, **plain) as run:
        run.wait_for("for help")
        assert "\\u2588" not in run.text()
    with closing(Session([sys.executable, "-c", LOOKING], site, **plain)) as run:
        run.wait_for("##########----------  100 of 200$")
        run.press("\n\n")
        run.rest()


@pytest.mark.parametrize(
    ("names", "detail", "is_told"),
    [
        (["main.js"], "/main.js was modified", False),
        (["main.js"], "/main.js was deleted", True),
        (["main.js"], "its scripts were changed", True),
        (["main.js", "more.js"], "/main.js was modified", True),
    ],
)
def test_what_the_name_of_the_file_says_is_not_said_again(
    names: list[str], detail: str, is_told: bool
) -> None:
    kind = "deleted" if "deleted" in detail else "modified"
    changes = tuple(FileChange(f"/{name}", kind) for name in names)
    answer = Ack(OwnPage("/", "run", 0), Applied(1, "reload", 5.0, detail))
    out = io.StringIO()
    terminal = Terminal(as_json=False, verbosity=0, out=out)
    terminal.updates.settled(Update(1, 0.0, changes), [answer], 0)
    assert (f"({detail})" in out.getvalue()) is is_told
    assert "reload  1 page" in out.getvalue()


def test_the_first_look_at_many_folders_shows_how_far_it_is_below_all_lines(site: Path) -> None:
    with closing(Session([sys.executable, "-c", LOOKING], site)) as run:
        run.wait_for("100 of 200$")
        run.press("\n")
        run.wait_for("(?s)something else.*150 of 200$")
        assert run.text().count("looking through the folders") == 1
        run.press("\n")
        run.wait_for("looked")
        assert "looking through" not in run.text()
        run.rest()


LOOKING = """
import sys, tty
from hotreload.terminal.terminal import Terminal
tty.setcbreak(0)
terminal = Terminal(as_json=False, verbosity=0)
terminal.startup.looking(100, 200)
sys.stdin.read(1)
terminal.note("something else")
terminal.startup.looking(150, 200)
sys.stdin.read(1)
terminal.startup.looked()
terminal.note("looked")
terminal.stopped()
"""


def test_a_tree_that_was_looked_through_has_nothing_left_to_show(tmp_path: Path) -> None:
    for name in ("a/b", "c"):
        (tmp_path / name).mkdir(parents=True)
    tree = WatchedTree(gitignore=False, since=0)
    tree.place(str(tmp_path), ignore.scope(str(tmp_path), [], []))
    assert tree.surveyed == (0, 0)
    tree.survey(str(tmp_path))
    assert tree.surveyed == (4, 4)

    async def looked_through() -> object:
        watcher = Watcher([tmp_path], report=lambda *_: None, on_presence=lambda *_: None)
        await watcher.start()
        progress = watcher.looked_through()
        await watcher.stop()
        return progress

    assert asyncio.run(looked_through()) is None


def test_a_mistake_is_broken_between_words_and_a_command_in_it_stays_whole(site: Path) -> None:
    with session("site", cwd=site.parent, columns=40) as run:
        run.rest()
        assert run.text() == "hotreload: site is a folder:\n  `hotreload serve site` serves it"


def test_steps_of_a_connection_go_on_below_their_first_word(site: Path) -> None:
    with session("serve", "site", "--port", "0", cwd=site.parent) as server:
        address = started(server)
        with session("echo", address, "--follow", cwd=site, columns=60) as run:
            run.wait_for(r"\n[\d:]{8}  following hotreload .*, which is\n {10}at update 0")
            said = run.text()
            run.press("\x03")
            run.rest()
            assert "^C" not in run.text()
    assert f"> Sec-WebSocket-Extensions:\n{' ' * 14}permessage-deflate;" in said


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("http://127.0.0.1:8765/scripts/a.js?v=1", "/scripts/a.js?v=1"),
        ("http://localhost:8765/a%20b.js", "/a%20b.js"),
        ("https://cdn.example/a.js", "https://cdn.example/a.js"),
        ("http://127.0.0.1:99999/", "http://127.0.0.1:99999/"),
        ("", ""),
    ],
)
def test_a_script_of_this_server_is_called_as_pages_are(source: str, place: str) -> None:
    out = io.StringIO()
    terminal = Terminal(as_json=False, verbosity=0, out=out)
    terminal.startup.ready(Ready(urls=["http://127.0.0.1:8765/"], root=".", ms=1))
    terminal.pages.logged(OwnPage("/page", "run", 0), Log("error", "no", source, 7))
    said = out.getvalue().splitlines()[-1]
    assert said.endswith(f"  /page  no  ({place}:7)" if place else "  /page  no")


# -- colours -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("env", "coloured"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"CI": "true"}, True),
    ],
    ids=str,
)
def test_a_terminal_has_colours_unless_it_cannot_or_will_not(
    site: Path, env: dict[str, str], coloured: bool
) -> None:
    with session("serve", "site", "--port", "0", cwd=site.parent, **env) as run:
        run.wait_for("Ignoring: .*")
        run.process.terminate()
        run.rest()
    assert (b"\x1b[32m" in run.written) is coloured
    assert (b"\x1b" in run.written) is coloured


def test_a_pipe_has_none_unless_they_are_forced(site: Path) -> None:
    for forced in ("", "1"):
        words = [sys.executable, "-m", "hotreload", "serve", str(site), "--port", "0"]
        env = environment({"FORCE_COLOR": forced, "NO_COLOR": ""})
        with subprocess.Popen(words, stdout=subprocess.PIPE, env=env) as run:
            assert run.stdout
            said = b"".join(iter(run.stdout.readline, b"\n"))
            said += b"".join(iter(run.stdout.readline, b"\n"))
            run.terminate()
            said += run.stdout.read()
        assert (b"\x1b[" in said) == bool(forced)
        assert b"for help" not in said


def test_a_reader_that_reads_nothing_does_not_hold_up_the_server(site: Path) -> None:
    """A pipe holds 64 KiB; a terminal is held by Ctrl-S, a Windows console by a selection."""
    import urllib.request

    port = free_port()
    words = [sys.executable, "-m", "hotreload", "serve", str(site), "-p", str(port), "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=environment()) as run:
        assert run.stdout
        assert b"ready" in run.stdout.readline()
        echo = [sys.executable, "-m", "hotreload", "echo", f"localhost:{port}", "-n", "3000", "x"]
        subprocess.run(echo, capture_output=True, env=environment(), check=True, timeout=60)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
            assert answer.status == 200
        run.terminate()
        assert len(run.stdout.read().splitlines()) > 3000
        assert run.wait(10) == 0


def test_the_picture_in_the_readme_is_of_this_version(
    monkeypatch: pytest.MonkeyPatch, browser: Browser
) -> None:
    """Times and ports differ; all else that stands in it is what the command prints."""
    monkeypatch.syspath_prepend(CHECKOUT / "tools")
    import picture

    drawn = picture.words(picture.PICTURE.read_text(encoding="utf-8"))
    assert drawn == picture.words(picture.svg(picture.shown(browser), picture.DARK))
