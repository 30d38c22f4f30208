"""Edge: the stream that lines go to.

Knows: whether it is a terminal, how wide, whether it wants colours, and how its last line is kept
for what is going on. Refuses to know: what the lines say.
Sources: https://no-color.org and https://force-color.org.
"""

import os
import sys
from typing import Final, Protocol, TextIO

import click

from hotreload.terminal.device.nonblocking_writer import PLAIN, NonblockingWriter

# What is not read on a screen is laid out for this many columns, and never cut.
ELSEWHERE: Final = 100


class _Writes(Protocol):
    def write(self, text: str, /) -> object: ...


def colour(stream: TextIO) -> bool:
    """Whether colours are wanted there."""
    if os.environ.get("NO_COLOR"):
        return False
    if forced := os.environ.get("FORCE_COLOR"):
        return forced != "0"
    return obeys(stream)


def columns(stream: TextIO) -> int:
    """How many columns a terminal has; 0 for what is none, or does not say."""
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return 0


def obeys(stream: TextIO) -> bool:
    """Whether it is a terminal that knows control sequences."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


class Screen:
    """Where lines go.

    Args:
        out: the stream; standard output, which never keeps the writer waiting, if not given.

    Attributes:
        live: whether a person looks at it: a terminal that can redraw a line.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        stream = sys.stdout if out is None else out
        self._outlet = NonblockingWriter(stream) if out is None else None
        self._writer: _Writes = self._outlet or stream
        self._stream = stream
        self._colour = colour(stream)
        self._status = ""
        self.live = obeys(stream) and not os.environ.get("CI")
        if sys.platform == "win32" and self._colour:
            os.system("")  # noqa: S605, S607 - has the console understand control sequences

    @property
    def width(self) -> int:
        """How many columns there are now."""
        return columns(self._stream) or ELSEWHERE

    @property
    def height(self) -> int:
        """How many lines there are now; 0 where that is not known."""
        try:
            return os.get_terminal_size(self._stream.fileno()).lines
        except (OSError, ValueError):
            return 0

    @property
    def cuts(self) -> bool:
        """Whether what is too wide should be shortened: on a terminal only."""
        return self._stream.isatty()

    def can_show(self, text: str) -> bool:
        """Whether the stream's encoding has all these characters."""
        try:
            text.encode(self._stream.encoding or "ascii")
        except UnicodeEncodeError:
            return False
        return True

    @property
    def dropped(self) -> int:
        """How many lines the reader did not take in time."""
        return 0 if self._outlet is None else self._outlet.dropped

    def line(self, text: str) -> None:
        """Writes a line, or several, above the status."""
        self._writer.write(self._wiped() + self._dressed(text + "\n" + self._status))

    def status(self, text: str) -> None:
        """Shows on the last line what is going on; nothing where lines cannot be redrawn."""
        text = text if self.can_show(text) else text.translate(PLAIN)
        if self.live and text != self._status:
            wiped, self._status = self._wiped(), text
            self._writer.write(wiped + self._dressed(text))

    def clear(self) -> None:
        """Empties a terminal, and what it has scrolled away."""
        if self.live:
            self._writer.write("\x1b[H\x1b[2J\x1b[3J" + self._dressed(self._status))

    def close(self) -> None:
        """Waits until all is written."""
        self.status("")
        if self._outlet is not None:
            self._outlet.close()

    def _wiped(self) -> str:
        return "\r\x1b[K" if self._status else ""

    def _dressed(self, text: str) -> str:
        return text if self._colour else click.unstyle(text)
