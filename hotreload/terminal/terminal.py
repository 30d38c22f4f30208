"""What a person sees while the server runs; or, with --json, one JSON event a line for programs.

Knows: which event is shown to whom, and what keys do here. Refuses to know: how a line looks
(`layout.py`), how it reaches the screen, and what to do about any of it.

Lines are dressed by click, which the command line needs anyway: there are a start block, one line a
save, and a bar now and then, for which a library of layouts would cost 55 ms and four packages.
"""

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TextIO
from urllib.parse import unquote, urlsplit

from hotreload import __version__
from hotreload.live.acks import Ack
from hotreload.live.messages import Log, Page, Update
from hotreload.terminal import layout
from hotreload.terminal.layout import BAD, CARE, Save, Start
from hotreload.terminal.line_limiter import LineLimiter
from hotreload.terminal.screen import Screen
from hotreload.terminal.text import count
from hotreload.watch.changes import Presence

# The strongest first: a save shows the strongest action that any page took.
STRENGTH: Final = ("failed", "reload", "html", "css", "image", "unused")
# So many different errors of pages are remembered, to be shown once each.
MOST_FAULTS: Final = 500
KEYS: Final = {
    "o": "open in the browser",
    "r": "reload every page",
    "c": "clear the screen",
    "q": "quit",
    "h": "this help",
}


class Terminal:
    """The server's voice.

    Args:
        as_json: print JSON events instead of text.
        verbosity: -1 problems only, 0 saves, 1 also pages and sockets.
        exposed: the configuration files that open something, each with the line, and what it is.
        out: where lines go; standard output if not given.
    """

    def __init__(
        self,
        *,
        as_json: bool,
        verbosity: int,
        exposed: Sequence[tuple[str, str]] = (),
        out: TextIO | None = None,
    ) -> None:
        self._json = as_json
        self._verbosity = verbosity
        self._exposed = exposed
        self._screen = Screen(out)
        self._names: dict[int, tuple[str, ...]] = {}
        self._faults: set[tuple[str, Log]] = set()
        self._fold = LineLimiter()
        self._start: Start | None = None
        self._rests = False  # the last line is empty
        self._release: Callable[[], None] = lambda: None

    # -- the run ---------------------------------------------------------------------------------

    def ready(
        self,
        *,
        urls: Sequence[str],
        root: str,
        ms: float,
        network: Sequence[str] = (),
        mounts: Sequence[tuple[str, str]] = (),
        watched: Sequence[str] = (),
        gitignore: bool = True,
        ignored: Sequence[str] = (),
    ) -> None:
        """The server answers on these addresses, and the watcher watches.

        Args:
            urls: its addresses for this machine, the one to use first.
            root: the folder that is served.
            ms: milliseconds since the command was started.
            network: its addresses for other machines.
            mounts: more folders, each with the URL path that it is seen below.
            watched: more places that are watched.
            gitignore: what git ignores is not watched.
            ignored: more that is not watched.
        """
        self._event(
            "ready", version=__version__, url=urls[0], urls=urls, network=network, root=root,
            watched=watched, gitignore=gitignore, ignored=ignored,
            exposed=[*map("".join, self._exposed)], ms=round(ms),
        )  # fmt: skip
        unseen = [*(["what git ignores"] if gitignore else []), "what editors leave", *ignored]
        served = [_here(root), *(f"{_here(folder)}  at {url}" for url, folder in mounts)]
        places = [*map(_here, watched)]
        exposed = [_here(file) + what for file, what in self._exposed]
        self._start = Start(__version__, ms, urls, network, served, places, unseen, exposed)
        self._lines(["", *self._block(), ""])
        if network:
            self._show_code(network[0])

    def _block(self) -> list[str]:
        cuts, width = self._screen.cuts, self._screen.width
        return layout.start(self._start, width, cuts=cuts) if self._start else []

    def _show_code(self, url: str) -> None:
        """The address for a phone's camera, where there is a screen with room for it."""
        if self._json or not self._screen.live or self._verbosity < 0:
            return
        # Imported here, when the server answers already.
        from hotreload.terminal import qr

        lines = qr.code(url)
        has_room = self._screen.width > len(lines[0]) + 4 and self._screen.height > len(lines) + 4
        if has_room and self._screen.can_show(qr.DRAWN):
            self._lines([*layout.scan(lines), ""])

    def looking(self, done: int, total: int) -> None:
        """So many folders of a large tree were looked through, of so many that are known so far."""
        if not self._json and self._verbosity >= 0:
            doing = "looking through the folders"
            self._screen.status(layout.bar(doing, done, total, self._screen.width))

    def looked(self) -> None:
        """The whole tree was looked through."""
        self._screen.status("")

    def place(self, presence: Presence, path: str, alike: Sequence[str] = ()) -> None:
        """A folder that is served, or a place that is watched, is missing at first, goes, or comes.

        Args:
            presence: what became of it.
            path: as it was given.
            alike: what there is of nearly the same name.
        """
        self._event("place", event=str(presence), path=path, alike=alike)
        if presence is Presence.THERE:
            self._sentence(f"{path} is there")
        elif presence is Presence.GONE:
            self._sentence(f"{path} is gone: waiting for it to come back", fg=BAD, always=True)
        else:
            meant = f" (did you mean {' or '.join(alike)}?)" if alike else ""
            self._sentence(f"waiting for {path}, which is not there yet{meant}", always=True)

    def note(self, sentence: str) -> None:
        """Something worth knowing that is no problem."""
        self._event("note", text=sentence)
        self._sentence(sentence)

    def problem(self, sentence: str) -> None:
        """Something is wrong; the sentence says what, where, and what to do."""
        self._event("problem", text=sentence)
        if self._admitted():
            self._sentence(sentence, fg=BAD, always=True)

    def report(self, sentence: str, is_problem: bool) -> None:
        """A problem, or something worth knowing."""
        (self.problem if is_problem else self.note)(sentence)

    def refused(self, who: str, word: str) -> None:
        """Somebody was not answered.

        Args:
            who: the origin of a page, or the host name of a request, that is not this server's.
            word: the host name that lets it in; "" where none does.
        """
        text = layout.refused(who, word)
        self._event("refused", who=who, allow_host=word, text=text)
        if self._admitted():
            self._sentence(text, fg=CARE, always=True)

    def stopped(self) -> None:
        """The server is gone."""
        if self._fold.left_out:
            self._sentence(f"{self._fold.left_out:,} lines were left out", always=True)
        if self._screen.dropped:
            self.problem(f"{count(self._screen.dropped, 'line')} were not printed: nobody read")
        self._event("stopped")
        self._screen.close()

    # -- keys ------------------------------------------------------------------------------------

    @contextmanager
    def keys(
        self, *, browse: Callable[[], None], reload: Callable[[], int], leave: Callable[[], None]
    ) -> Iterator[None]:
        """Act on the keys that a person presses while the context lasts, if there is a terminal.

        Args:
            browse: opens the browser.
            reload: asks every page to reload, and says how many there are.
            leave: ends the server.
        """
        # Imported here, when the server answers already.
        from hotreload.terminal import keys

        if self._json or self._verbosity < 0 or not keys.are_there():
            yield
            return
        does: dict[str, Callable[[], None]] = {
            "o": browse,
            "r": lambda: self._reloaded(reload()),
            "c": self._clear,
            "q": leave,
            "h": lambda: self._lines(["", *layout.help_of(KEYS), ""]),
            "\n": lambda: self._lines([""]),
        }
        does |= {"?": does["h"], "\r": does["\n"], "\x04": leave}  # Ctrl-D ends input everywhere
        with keys.keys(lambda key: does.get(key.lower(), lambda: None)()) as give_back:
            self._release = give_back
            self._lines([*([] if self._rests else [""]), layout.hint("h"), ""])
            yield

    def release(self) -> None:
        """Give the terminal back as it was found; for a process that ends at once."""
        self._release()

    def _reloaded(self, pages: int) -> None:
        asked = f"asked {count(pages, 'page')} to reload" if pages else "no page is open"
        self._sentence(asked)

    def _clear(self) -> None:
        self._screen.clear()
        self._lines(["", *self._block(), ""])

    # -- saves -----------------------------------------------------------------------------------

    def saved(self, update: Update, names: Sequence[str]) -> None:
        """Files changed, and the pages are being told."""
        self._names[update.seq] = tuple(names)
        self._faults.clear()
        for change in update.changes:
            self._event("change", url=change.url, kind=change.kind, seq=update.seq)

    def settled(self, update: Update, answers: list[Ack], silent: int) -> None:
        """All pages answered to an update, but for so many silent ones."""
        asked_for = tuple(unquote(change.url) for change in update.changes)
        names = self._names.pop(update.seq, None) or asked_for
        did = [answer.applied for answer in answers if answer.applied.action != "unused"]
        action = min((a.action for a in did), key=STRENGTH.index, default="")
        ms = max((a.ms for a in did), default=None)
        detail = next((a.detail for a in did if a.action == action and a.detail), "")
        unused = len(answers) - len(did)
        self._event(
            "update", seq=update.seq, files=names, action=action or "unused", pages=len(did), ms=ms,
            unused=unused, silent=silent, detail=detail,
        )  # fmt: skip
        shown = "" if detail in _plain(update) else detail
        save = Save(names, action, len(did), unused, silent, ms, shown)
        self._lines(layout.save(save, _clock(), self._screen.width, cuts=self._screen.cuts))

    def answered(self, answer: Ack) -> None:
        """A page said what it did with an update."""
        applied = answer.applied
        self._event(
            "applied", page=answer.page.url, seq=applied.seq, action=applied.action,
            ms=applied.ms, detail=applied.detail,
        )  # fmt: skip

    # -- pages and sockets -----------------------------------------------------------------------

    def joined(self, page: Page, pages: int) -> None:
        """A page opened; so many are open now."""
        self._event("page", event="opened", url=page.url, pages=pages)
        self._detail(f"page opened  {page.url}  ({count(pages, 'page')} open)")

    def left(self, page: Page, pages: int) -> None:
        """A page closed; so many are open now."""
        self._event("page", event="closed", url=page.url, pages=pages)
        self._detail(f"page closed  {page.url}  ({count(pages, 'page')} open)")

    def socket(self, event: str, path: str, detail: str) -> None:
        """A socket connected, got a message, or closed."""
        self._event("socket", event=event, path=path, detail=detail)
        self._detail(f"socket {event}  {path}  {detail}".rstrip())

    def logged(self, page: Page, log: Log) -> None:
        """A page's console said something; an error is shown once after each save."""
        self._event(
            "log", page=page.url, level=log.level, text=log.text, source=log.source, line=log.line
        )
        where = f"  ({self._place(log.source)}:{log.line})" if log.source else ""
        if log.level != "error":
            self._detail(f"{log.level}  {page.url}  {log.text}{where}")
        elif (page.url, log) not in self._faults and len(self._faults) < MOST_FAULTS:
            self._faults.add((page.url, log))
            if self._admitted():
                self._sentence(f"{page.url}  {log.text}{where}", fg=BAD, always=True)

    def _place(self, source: str) -> str:
        """A script's address; of one from this server its path, as pages are called."""
        with suppress(ValueError):  # pages say what they like
            found = urlsplit(source)
            ours = [urlsplit(url).port for url in (self._start.local if self._start else ())]
            if found.port in ours and found.path:
                return found.path + (f"?{found.query}" if found.query else "")
        return source

    # -- lines -----------------------------------------------------------------------------------

    def _event(self, event_type: str, /, **fields: Any) -> None:
        if self._json:
            event = {"type": event_type, "at": round(time.time(), 3), **fields}
            self._screen.line(json.dumps(event))

    def _detail(self, text: str) -> None:
        if self._verbosity > 0 and self._admitted():
            self._lines([layout.detail(text, _clock(), self._screen.width)])

    def _admitted(self) -> bool:
        """Whether a line that clients can cause is still one of not too many."""
        if self._json:
            return True
        admitted, of_others = self._fold.admit(time.monotonic())
        if of_others:
            self._sentence(of_others, always=True)
        return admitted

    def _sentence(self, text: str, *, fg: str | None = None, always: bool = False) -> None:
        clock = _clock() if self._start else ""
        width, cuts = self._screen.width, self._screen.cuts
        self._lines(layout.sentence(text, clock, width, cuts=cuts, fg=fg), always=always)

    def _lines(self, lines: Sequence[str], *, always: bool = False) -> None:
        if lines and not self._json and (always or self._verbosity >= 0):
            self._rests = not lines[-1]
            self._screen.line("\n".join(lines))


def _plain(update: Update) -> list[str]:
    """What a page says of one changed file, which its line says already."""
    changes = update.changes if len(update.changes) == 1 else ()
    return [f"{change.url} was modified" for change in changes if change.kind == "modified"]


def _here(path: str) -> str:
    """The path from this folder, if it lies in it or was put together; this folder's whole one."""
    with suppress(ValueError):  # on another drive
        relative = os.path.relpath(path)
        if relative == os.curdir:
            return str(Path.cwd())
        is_outside = relative.startswith(os.pardir) and os.pardir not in Path(path).parts[1:]
        return path if is_outside else relative
    return path


def _clock() -> str:
    return time.strftime("%H:%M:%S")
