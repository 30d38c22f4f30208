"""What a person is told of saves: which files, what pages did with the update, and how fast.

Knows: how the answers of all pages become one line. Refuses to know: how the line looks
(`layout.py`), and what an update does.
"""

from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import unquote

from hotreload.live.acks import Ack
from hotreload.live.messages import Update
from hotreload.terminal import layout
from hotreload.terminal.layout import Save
from hotreload.terminal.server_output import ServerOutput

# The strongest first: a save shows the strongest action that any page took.
STRENGTH: Final = ("failed", "reload", "html", "css", "image", "unused")


class UpdateReports:
    """Tells of saves.

    Args:
        output: prints it.
        on_save: called with each save.
    """

    def __init__(self, output: ServerOutput, on_save: Callable[[], None]) -> None:
        self._output = output
        self._on_save = on_save
        self._names: dict[int, tuple[str, ...]] = {}

    def saved(self, update: Update, names: Sequence[str]) -> None:
        """Files changed, and the pages are being told."""
        self._names[update.seq] = tuple(names)
        self._on_save()
        for change in update.changes:
            self._output.event("change", url=change.url, kind=change.kind, seq=update.seq)

    def settled(self, update: Update, answers: list[Ack], silent: int) -> None:
        """All pages answered to an update, but for so many silent ones."""
        asked_for = tuple(unquote(change.url) for change in update.changes)
        names = self._names.pop(update.seq, None) or asked_for
        did = [answer.applied for answer in answers if answer.applied.action != "unused"]
        action = min((a.action for a in did), key=STRENGTH.index, default="")
        ms = max((a.ms for a in did), default=None)
        detail = next((a.detail for a in did if a.action == action and a.detail), "")
        unused = len(answers) - len(did)
        self._output.event(
            "update", seq=update.seq, files=names, action=action or "unused", pages=len(did), ms=ms,
            unused=unused, silent=silent, detail=detail,
        )  # fmt: skip
        shown = "" if detail in _plain(update) else detail
        save = Save(names, action, len(did), unused, silent, ms, shown)
        clock, screen = self._output.clock(), self._output.screen
        self._output.lines(layout.save(save, clock, screen.width, cuts=screen.cuts))

    def answered(self, answer: Ack) -> None:
        """A page said what it did with an update."""
        applied = answer.applied
        self._output.event(
            "applied", page=answer.page.url, seq=applied.seq, action=applied.action,
            ms=applied.ms, detail=applied.detail,
        )  # fmt: skip


def _plain(update: Update) -> list[str]:
    """What a page says of one changed file, which its line says already."""
    changes = update.changes if len(update.changes) == 1 else ()
    return [f"{change.url} was modified" for change in changes if change.kind == "modified"]
