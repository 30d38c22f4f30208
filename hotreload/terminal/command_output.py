"""Lines of a short command's output: text for people, or with --json one event a line.

Knows: whether colour is wanted, how wide a terminal is, and what it must not be sent. Refuses to
know: what the lines say. A reader that leaves ends the command: unlike the server it has nobody
else to work for.
"""

import json
import sys
import time
from typing import Any, Final, TextIO

import click

from hotreload.terminal.device.screen import colour, columns, obeys
from hotreload.terminal.text import count, printable, wrap

BRIEF: Final = 60  # characters of a message that are shown
NARROW: Final = 12  # columns that are too few to stand beside a label


class Lines:
    """The voice of a command.

    Args:
        as_json: print JSON events instead of text.
        out: where lines go; standard output if not given.
    """

    def __init__(self, *, as_json: bool, out: TextIO | None = None) -> None:
        self.json = as_json
        self._out = sys.stdout if out is None else out
        self._colour = colour(self._out)

    def event(self, event_type: str, /, **fields: Any) -> None:
        """One event, if events are wanted."""
        if self.json:
            self._write(json.dumps({"type": event_type, "at": round(time.time(), 3), **fields}))

    def line(self, text: str) -> None:
        """One line, if text is wanted."""
        if not self.json:
            self._write(text)

    def parts(self, text: str, indent: int) -> list[str]:
        """The text as lines that fit a terminal, behind so many columns; whole elsewhere."""
        room = columns(self._out) - indent
        return wrap(text, room) if room >= NARROW else [text]

    def again(self) -> None:
        """On a terminal, the next line stands in place of this one: of the ^C that it has shown."""
        if not self.json and obeys(self._out):
            self._out.write("\r\x1b[K")

    def style(self, text: str, **style: Any) -> str:
        """The text as `click.style` dresses it, where colour is wanted."""
        return click.style(text, **style) if self._colour and style else text

    def _write(self, text: str) -> None:
        try:
            self._out.write(text + "\n")
        except UnicodeEncodeError:
            self._out.write(text.encode("ascii", "backslashreplace").decode() + "\n")
        self._out.flush()


class Muted(Lines):
    """Says nothing."""

    def _write(self, text: str) -> None:
        pass


def brief(message: str | bytes) -> str:
    """A message as one short line shows it."""
    if isinstance(message, bytes):
        return f"(binary, {count(len(message), 'byte')})"
    if len(message) <= BRIEF:
        return printable(message) or "(empty)"
    return f"{printable(message[:BRIEF])}... ({len(message)} characters)"
