"""Edge: all sources of file events together.

Knows: which source a folder gets its events from, and what to say where there are none. Refuses to
know: what an event means, and which folders are to be watched.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from hotreload.errors import shown
from hotreload.reporter import Reporter
from hotreload.watch.events.inotify import Inotify
from hotreload.watch.events.rust_notify import Hints, NotifierFailed, Notifiers

if TYPE_CHECKING:
    from queue import SimpleQueue

_SYSCTL: Final = "fs."


class EventSources:
    """watchfiles' engines for all watched folders, and inotify for those that pages use.

    Args:
        queue: where events and failures go; filled from other threads.
        poll: whether there are to be no events, as everything is looked at again and again.
        report: called with what a person should know about missing events.
    """

    def __init__(
        self,
        queue: "SimpleQueue[Hints | NotifierFailed | None]",
        *,
        poll: bool,
        report: Reporter,
    ) -> None:
        self._poll = poll
        self._report = report
        self._notifiers = Notifiers(queue)
        self._inotify = Inotify(queue)

    @property
    def has_inotify(self) -> bool:
        """Whether saves in folders that pages use are known at once."""
        return self._inotify.works

    def request(self, folders: Sequence[str], unnameable: Collection[str]) -> list[str]:
        """Receive the events of these folders from now on.

        Args:
            folders: those whose events are wanted.
            unnameable: folders with names that no event can carry.

        Returns:
            Those of the folders that have no events.
        """
        if self._poll:
            return []
        odd = [folder for folder in folders if folder in unnameable]
        refused = self._notifiers.cover([f for f in folders if f not in unnameable])
        self._explain(odd, refused)
        return [*odd, *refused]

    def request_at_once(self, folders: Iterable[str]) -> None:
        """Know each save in these folders at once, also where one was replaced by another."""
        if not self._poll:
            self._inotify.cover(folders)

    def take_moved(self) -> list[str]:
        """The folders that have got another source since the last call: events may be lost."""
        moved, self._notifiers.moved = self._notifiers.moved, []
        return moved

    def set_lively(self, lively: bool) -> None:
        """Whether the engines are to report the next save at once; where inotify works it does."""
        self._notifiers.lively(lively and not self._inotify.works)

    def restart(self) -> None:
        """Drop the engines, because events may have been lost; `request` everything then."""
        self._notifiers.restart()

    def close(self) -> None:
        """Stop all sources and wait for their threads."""
        self._notifiers.close()
        self._inotify.close()

    def _explain(self, odd: Iterable[str], refused: Sequence[str]) -> None:
        for folder in odd:
            self._report(
                f"a file name in {shown(folder)} is not UTF-8: that folder is looked through "
                "every second",
                False,
            )
        if refused:
            limit = self._notifiers.limit
            hint = f"; raise {limit}" if limit.startswith(_SYSCTL) else ""
            self._report(
                f"no more file events to be had ({limit}): folders without them are looked "
                f"through every second{hint}",
                True,
            )
