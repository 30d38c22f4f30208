"""What a person sees while the server runs; or, with --json, one JSON event a line for programs.

Knows: how each event reads as a line, and where lines go. Refuses to know: what to do about any of
them.
"""

import json
import os
import sys
import time
from collections.abc import Sequence
from typing import Any, Final, TextIO
from urllib.parse import unquote

import click

from hotreload import __version__
from hotreload.channel import Answer
from hotreload.messages import EVERYTHING, Log, Page, Update

# The strongest first: a save is told by the strongest action that any page took.
STRENGTH: Final = ("failed", "reload", "html", "css", "image", "unused")
COLOURS: Final = {"failed": "red", "reload": "yellow", "unused": "bright_black"}
NAME_WIDTH: Final = 32


class Terminal:
    """The server's voice.

    Args:
        as_json: print JSON events instead of text.
        verbosity: -1 problems only, 0 saves, 1 also pages and sockets.
        out: where lines go; standard output if not given.
    """

    def __init__(self, *, as_json: bool, verbosity: int, out: TextIO | None = None) -> None:
        self._json = as_json
        self._verbosity = verbosity
        self._out = sys.stdout if out is None else out
        self._colour = self._out.isatty() and not os.environ.get("NO_COLOR")
        self._names: dict[int, tuple[str, ...]] = {}

    # -- the run ---------------------------------------------------------------------------------

    def ready(self, *, urls: Sequence[str], root: str, watched: Sequence[str], ms: float) -> None:
        """The server answers on these addresses, and the watcher watches."""
        self._event("ready", version=__version__, url=urls[0], urls=urls, root=root, ms=round(ms))
        name = self._style("hotreload", bold=True, fg="green")
        self._line(f"{name} {__version__}  ready in {ms:.0f} ms")
        self._line("")
        for url in urls:
            self._line(f"  Local:    {self._style(url, fg='cyan')}")
        self._line(f"  Serving:  {root}")
        for place in watched:
            self._line(f"  Watching: {place}")
        self._line("")

    def note(self, sentence: str) -> None:
        """Something worth knowing that is no problem."""
        self._event("note", text=sentence)
        self._line(sentence)

    def problem(self, sentence: str) -> None:
        """Something is wrong; the sentence says what, where, and what to do."""
        self._event("problem", text=sentence)
        self._line(self._style(sentence, fg="red"), always=True)

    def stopped(self) -> None:
        """The server is gone."""
        self._event("stopped")

    # -- saves -----------------------------------------------------------------------------------

    def saved(self, update: Update, names: Sequence[str]) -> None:
        """Files changed, and the pages are being told."""
        self._names[update.seq] = tuple(names)
        for change in update.changes:
            self._event("change", url=change.url, kind=change.kind, seq=update.seq)

    def settled(self, update: Update, answers: list[Answer], silent: int) -> None:
        """All pages answered to an update, but for so many silent ones."""
        names = self._names.pop(update.seq, None) or tuple(c.url for c in update.changes)
        did = [answer.applied for answer in answers if answer.applied.action != "unused"]
        action = min((a.action for a in did), key=STRENGTH.index, default="unused")
        ms = max((a.ms for a in did), default=None)
        detail = next((a.detail for a in did if a.action == action and a.detail), "")
        self._event(
            "update", seq=update.seq, files=names, action=action, pages=len(did), ms=ms,
            unused=len(answers) - len(did), silent=silent, detail=detail,
        )  # fmt: skip
        said = [self._style(action, fg=COLOURS.get(action, "green"))]
        if did:
            said.append(f"{_count(len(did), 'page')}, {ms:.0f} ms")
        elif answers:
            said = [self._style(f"unused by {_count(len(answers), 'page')}", fg="bright_black")]
        elif not silent:
            said = [self._style("no page is open", fg="bright_black")]
        if silent:
            said.append(self._style(f"no answer from {_count(silent, 'page')}", fg="red"))
        if detail:
            said.append(f"({_printable(detail)})")
        clock = self._style(time.strftime("%H:%M:%S"), fg="bright_black")
        self._line(f"{clock}  {_brief(names):<{NAME_WIDTH}}  {'  '.join(said)}")

    def answered(self, answer: Answer) -> None:
        """A page said what it did with an update."""
        applied = answer.applied
        self._event(
            "applied", page=answer.page.url, seq=applied.seq, action=applied.action,
            ms=applied.ms, detail=applied.detail,
        )  # fmt: skip

    # -- pages and sockets -----------------------------------------------------------------------

    def joined(self, page: Page, count: int) -> None:
        """A page opened; so many are open now."""
        self._event("page", event="opened", url=page.url, pages=count)
        self._detail(f"page opened  {_printable(page.url)}  ({_count(count, 'page')} open)")

    def left(self, page: Page, count: int) -> None:
        """A page closed; so many are open now."""
        self._event("page", event="closed", url=page.url, pages=count)
        self._detail(f"page closed  {_printable(page.url)}  ({_count(count, 'page')} open)")

    def socket(self, event: str, path: str, detail: str) -> None:
        """A socket connected, got a message, or closed."""
        self._event("socket", event=event, path=path, detail=detail)
        self._detail(f"socket {event}  {_printable(path)}  {_printable(detail)}".rstrip())

    def logged(self, page: Page, log: Log) -> None:
        """A page's console said something."""
        self._event(
            "log", page=page.url, level=log.level, text=log.text, source=log.source, line=log.line
        )
        self._detail(f"{log.level}  {_printable(page.url)}  {_printable(log.text)}")

    # -- lines -----------------------------------------------------------------------------------

    def _event(self, event_type: str, /, **fields: Any) -> None:
        if self._json:
            self._write(json.dumps({"type": event_type, "at": round(time.time(), 3), **fields}))

    def _detail(self, line: str) -> None:
        if self._verbosity > 0:
            self._line(self._style(line, fg="bright_black"))

    def _line(self, line: str, *, always: bool = False) -> None:
        if not self._json and (always or self._verbosity >= 0):
            self._write(line)

    def _write(self, line: str) -> None:
        try:
            self._out.write(line + "\n")
            self._out.flush()
        except BrokenPipeError:
            # Whoever read our lines has enough of them; the server goes on.
            self._out = open(os.devnull, "w")  # noqa: SIM115, PTH123 - stays open as long as we do
        except UnicodeEncodeError:
            plain = line.encode("ascii", "backslashreplace").decode()
            self._out.write(plain + "\n")

    def _style(self, text: str, **style: Any) -> str:
        return click.style(text, **style) if self._colour else text


def _brief(names: Sequence[str]) -> str:
    """The names of a batch in one column: the first, and how many more."""
    shown = [_printable(unquote(name)) for name in names[:1]] or [EVERYTHING]
    first = shown[0] if len(shown[0]) <= NAME_WIDTH else "…" + shown[0][1 - NAME_WIDTH :]
    return first if len(names) < 2 else f"{first} +{len(names) - 1} more"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _printable(text: str) -> str:
    """The text with nothing in it that a terminal would act on."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
