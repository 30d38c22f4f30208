"""A command in a pseudo-terminal, and what stands on its screen."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pyte
from playwright.sync_api import Page

from support.process.commands import environment

BASH = ("bash", "--norc", "--noprofile", "-i")
COLUMNS, ROWS = 80, 40
PATIENCE = 20.0  # seconds, for what takes milliseconds


class Screen(pyte.Screen):
    """Keeps which characters are dim, which pyte does not: it says so by a colour."""

    def select_graphic_rendition(self, *attributes: int, **more: Any) -> None:
        super().select_graphic_rendition(*attributes, **more)
        if 2 in attributes:
            self.cursor.attrs = self.cursor.attrs._replace(fg="dim")


class Session:
    """A command in a pseudo-terminal.

    Attributes:
        screen: what stands on it.
        process: the command.
        written: all that it wrote.
    """

    def __init__(
        self, command: Sequence[str], cwd: Path, columns: int = COLUMNS, **env: str
    ) -> None:
        self.screen = Screen(columns, ROWS)
        self._stream = pyte.ByteStream(self.screen)
        self.written = b""
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
        hides = ("CI", "NO_COLOR", "FORCE_COLOR")
        kept = {name: value for name, value in environment().items() if name not in hides}
        self.process = subprocess.Popen(
            command,
            stdin=theirs, stdout=theirs, stderr=theirs, cwd=cwd, start_new_session=True,
            env={**kept, "TERM": "xterm-256color", **env},
            # Nothing else makes it the terminal that sends signals; no lock is needed for it.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
        )  # fmt: skip
        os.close(theirs)

    @classmethod
    def shell(cls, cwd: Path, words: Sequence[str] = BASH, **env: str) -> "closing[Session]":
        """A shell without start-up files, which ends with the context."""
        return closing(cls(words, cwd, **env))

    def modes(self) -> list[Any]:
        """The terminal's modes, as termios has them."""
        return termios.tcgetattr(self._ours)

    def text(self) -> str:
        """What stands on the screen, without the space at the ends."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Waits until the screen shows a regular expression."""
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.text())):
            left = deadline - time.monotonic()
            if left < 0 or not self._read(left):
                raise TimeoutError(f"{pattern} is not shown: {self.text()}")
        return found

    def _read(self, seconds: float) -> bool:
        if not select.select([self._ours], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # on Linux, when the other end is closed
            return False
        self.written += data
        self._stream.feed(data)
        return bool(data)

    def press(self, keys: str) -> None:
        """Types."""
        os.write(self._ours, keys.encode())

    def rest(self) -> None:
        """Reads all that is yet to come."""
        while self._read(PATIENCE):
            pass
        self.process.wait(PATIENCE)

    def close(self) -> None:
        """Ends it, however it is."""
        self.process.kill()
        self.process.wait(PATIENCE)
        os.close(self._ours)


@contextmanager
def session(*words: str, cwd: Path, columns: int = COLUMNS, **env: str) -> Iterator[Session]:
    """A command in a pseudo-terminal, which ends with the context."""
    with closing(Session([sys.executable, "-m", "hotreload", *words], cwd, columns, **env)) as made:
        yield made


def started(run: Session) -> str:
    """Waits for the start; gives the address."""
    run.wait_for("for help")
    return run.wait_for(r"Local: +(http\S+)")[1]


def open_page(run: Session, page: Page) -> None:
    with page.expect_websocket() as socket:
        page.goto(started(run))
    socket.value.wait_for_event("framereceived")
