"""The lines of a run of the server: text for a person, or with --json one JSON event a line.

Knows: which lines are wanted at which verbosity, and how many of those that clients cause are too
many. Refuses to know: what happened, how a line looks (`layout.py`), and how it reaches the screen
(`screen.py`).

Lines are dressed by click, which the command line needs anyway: there are a start block, one line a
save, and a bar now and then, for which a library of layouts would cost 55 ms and four packages.
"""

import json
import time
from collections.abc import Sequence
from typing import Any, TextIO

from hotreload.terminal import layout
from hotreload.terminal.device.screen import Screen
from hotreload.terminal.line_limiter import LineLimiter


class ServerOutput:
    """Where all that is said of a run goes.

    Args:
        as_json: print JSON events instead of text.
        verbosity: -1 problems only, 0 saves, 1 also pages and sockets.
        out: where lines go; standard output if not given.

    Attributes:
        screen: shows the lines.
        has_clock: lines begin with the time: after the start.
        ends_empty: the last line is empty.
    """

    def __init__(self, *, as_json: bool, verbosity: int, out: TextIO | None) -> None:
        self._json = as_json
        self._verbosity = verbosity
        self._limiter = LineLimiter()
        self.screen = Screen(out)
        self.has_clock = False
        self.ends_empty = False

    @property
    def shows_text(self) -> bool:
        """Whether text is wanted that is about no problem."""
        return not self._json and self._verbosity >= 0

    @property
    def left_out(self) -> int:
        """How many lines were left out because there were too many."""
        return self._limiter.left_out

    def event(self, event_type: str, /, **fields: Any) -> None:
        """One event, if events are wanted."""
        if self._json:
            event = {"type": event_type, "at": round(time.time(), 3), **fields}
            self.screen.line(json.dumps(event))

    def lines(self, lines: Sequence[str], *, always: bool = False) -> None:
        """Lines as they are; a problem is shown `always`, also where only problems are wanted."""
        if lines and not self._json and (always or self._verbosity >= 0):
            self.ends_empty = not lines[-1]
            self.screen.line("\n".join(lines))

    def sentence(self, text: str, *, fg: str | None = None, always: bool = False) -> None:
        """A sentence, after the time, in as many lines as it takes."""
        clock = self.clock() if self.has_clock else ""
        width, cuts = self.screen.width, self.screen.cuts
        self.lines(layout.sentence(text, clock, width, cuts=cuts, fg=fg), always=always)

    def detail(self, text: str) -> None:
        """A line that clients can cause, and that only --verbose shows."""
        if self._verbosity > 0 and self._admits():
            self.lines([layout.detail(text, self.clock(), self.screen.width)])

    def warning(self, text: str, fg: str) -> None:
        """A sentence that clients can cause, and that is shown at every verbosity."""
        if self._admits():
            self.sentence(text, fg=fg, always=True)

    def clock(self) -> str:
        """The time of day, as lines begin with it."""
        return time.strftime("%H:%M:%S")

    def _admits(self) -> bool:
        """Whether a line that clients can cause is still one of not too many."""
        if self._json:
            return True
        admitted, of_others = self._limiter.admit(time.monotonic())
        if of_others:
            self.sentence(of_others, always=True)
        return admitted
