"""What keys do while the server runs, and what modes they leave a real pseudo-terminal in."""

import asyncio
import signal
import sys
import termios
from collections import deque
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page
from support.process.pseudo import Session, open_page, session, started

from hotreload.terminal.device import keys

# -- keys ----------------------------------------------------------------------------------------


def test_keys_help_reload_open_clear_and_quit(site: Path, page: Page, tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    browser = f"sh -c 'echo %s >{opened}'"
    with session("serve", "site", "--port", "0", cwd=site.parent, BROWSER=browser) as run:
        open_page(run, page)
        run.press("h")
        for key in ("o  open in", "r  reload every page", "c  clear", "q  quit", "h  this help"):
            run.wait_for(key)
        with page.expect_navigation():
            run.press("R")
        run.wait_for("asked 1 page to reload")
        run.press("o")
        run.press("\x1b[A?")  # an arrow is no key of ours, whatever its letters
        run.press("c")
        (site / "later.css").touch()
        run.wait_for("later.css")
        assert "asked 1 page" not in run.text()
        assert "Local:" in run.text()
        page.wait_for_function("true")
        run.press("q")
        run.rest()
        assert run.process.returncode == 0
    assert opened.read_text().strip().startswith("http://127.0.0.1:")


@pytest.mark.parametrize("words", [("--json",), ("-q",)])
def test_programs_and_the_quiet_have_no_keys(site: Path, words: tuple[str, ...]) -> None:
    with session("serve", "site", "--port", "0", *words, cwd=site.parent) as run:
        before = run.modes()
        run.wait_for("ready" if words == ("--json",) else "^$")
        assert run.modes() == before


def test_a_windows_console_is_asked_for_keys_until_they_are_wanted_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A function key is two characters, neither of which a person has pressed."""
    waiting = deque("r\xe0Hé\0;q")
    console = SimpleNamespace(kbhit=lambda: bool(waiting), getwch=waiting.popleft)
    monkeypatch.setitem(sys.modules, "msvcrt", console)
    monkeypatch.setattr(sys, "platform", "win32")

    async def press() -> list[str]:
        heard: asyncio.Queue[str] = asyncio.Queue()
        with keys.keys(heard.put_nowait) as give_back:
            pressed = [await asyncio.wait_for(heard.get(), 10) for _ in "réq"]
            give_back()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.wait(others)
        assert all(each.cancelled() for each in others)
        assert heard.empty()
        return pressed

    assert asyncio.run(press()) == ["r", "é", "q"]


# -- the terminal's modes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ended",
    [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, "q", "\x03"],
    ids=str,
)
def test_the_terminal_has_its_modes_back_whatever_ends_the_command(
    site: Path, ended: "signal.Signals | str"
) -> None:
    with session("serve", "site", "--port", "0", cwd=site.parent) as run:
        before = run.modes()
        started(run)
        assert not run.modes()[3] & termios.ICANON
        if isinstance(ended, str):
            run.press(ended)
        else:
            run.process.send_signal(ended)
        run.process.wait(20)
        assert run.modes() == before


def test_a_stopped_command_gives_the_terminal_back_and_takes_it_again(site: Path) -> None:
    """Ctrl-Z in a shell, then `fg`."""
    with Session.shell(site.parent) as run:
        run.press("PS1='> '; stty -a > before\n")
        run.press(f"{sys.executable} -m hotreload serve site --port 0\n")
        started(run)
        run.press("\x1a")
        run.wait_for("Stopped")
        run.press("stty -a > stopped; fg\n")
        (site / "later.css").touch()
        run.wait_for("later.css")
        run.press("h")
        run.wait_for("this help")
        run.press("q")
        run.wait_for(r">$")
        run.press("stty -a > after; echo e''nd\n")
        run.wait_for("end")
    before, stopped, after = (
        (site.parent / name).read_text() for name in ("before", "stopped", "after")
    )
    assert before == stopped == after


def test_a_command_in_the_background_leaves_the_terminal_alone(site: Path) -> None:
    with Session.shell(site.parent) as run:
        run.press("stty -a > before\n")
        run.press(f"{sys.executable} -m hotreload serve site --port 0 &\n")
        run.wait_for("Ignoring")
        run.press("stty -a > beside; echo th''ere\n")
        run.wait_for("there")
        run.press("kill %1; wait; echo e''nd\n")
        run.wait_for("end")
        assert "Stopped" not in run.text()
    assert (site.parent / "before").read_text() == (site.parent / "beside").read_text()
