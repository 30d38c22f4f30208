"""What a person sees while the server runs; or, with --json, one JSON event a line for programs.

Knows: the parts that tell of the start, of updates, of pages and of keys, and what is told of
places, problems and the end. Refuses to know: which lines are wanted (`server_output.py`), how a
line looks (`layout.py`), and what to do about any of it.
"""

from collections.abc import Sequence
from typing import TextIO

from hotreload.terminal import layout
from hotreload.terminal.key_commands import KeyCommands
from hotreload.terminal.layout import BAD, CARE
from hotreload.terminal.page_reports import PageReports
from hotreload.terminal.server_output import ServerOutput
from hotreload.terminal.startup import Startup
from hotreload.terminal.text import count
from hotreload.terminal.update_reports import UpdateReports
from hotreload.watch.changes import Presence


class Terminal:
    """The server's voice.

    Args:
        as_json: print JSON events instead of text.
        verbosity: -1 problems only, 0 saves, 1 also pages and sockets.
        exposed: the configuration files that open something, each with the line, and what it is.
        out: where lines go; standard output if not given.

    Attributes:
        startup: tells of the start.
        updates: tells of saves, and of what pages did with them.
        pages: tells of pages, their sockets and their consoles.
        keys: does what a person asks for with a key.
    """

    def __init__(
        self,
        *,
        as_json: bool,
        verbosity: int,
        exposed: Sequence[tuple[str, str]] = (),
        out: TextIO | None = None,
    ) -> None:
        self._output = ServerOutput(as_json=as_json, verbosity=verbosity, out=out)
        self.startup = Startup(self._output, exposed)
        self.pages = PageReports(self._output, lambda: self.startup.local_urls)
        self.updates = UpdateReports(self._output, self.pages.forget_errors)
        self.keys = KeyCommands(self._output, self.startup)

    def place(self, presence: Presence, path: str, alike: Sequence[str] = ()) -> None:
        """A folder that is served, or a place that is watched, is missing at first, goes, or comes.

        Args:
            presence: what became of it.
            path: as it was given.
            alike: what there is of nearly the same name.
        """
        self._output.event("place", event=str(presence), path=path, alike=alike)
        if presence is Presence.THERE:
            self._output.sentence(f"{path} is there")
        elif presence is Presence.GONE:
            gone = f"{path} is gone: waiting for it to come back"
            self._output.sentence(gone, fg=BAD, always=True)
        else:
            meant = f" (did you mean {' or '.join(alike)}?)" if alike else ""
            awaited = f"waiting for {path}, which is not there yet{meant}"
            self._output.sentence(awaited, always=True)

    def note(self, sentence: str) -> None:
        """Something worth knowing that is no problem."""
        self._output.event("note", text=sentence)
        self._output.sentence(sentence)

    def problem(self, sentence: str) -> None:
        """Something is wrong; the sentence says what, where, and what to do."""
        self._output.event("problem", text=sentence)
        self._output.warning(sentence, BAD)

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
        self._output.event("refused", who=who, allow_host=word, text=text)
        self._output.warning(text, CARE)

    def stopped(self) -> None:
        """The server is gone."""
        if left_out := self._output.left_out:
            self._output.sentence(f"{left_out:,} lines were left out", always=True)
        if dropped := self._output.screen.dropped:
            self.problem(f"{count(dropped, 'line')} were not printed: nobody read")
        self._output.event("stopped")
        self._output.screen.close()
