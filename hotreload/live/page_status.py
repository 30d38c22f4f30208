"""What each open page has taken, what it reported, and which pages are on their way back.

Knows: which answer of a page means that it shows an update. Refuses to know: sockets, clocks, and
who wants to know.
"""

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from hotreload.live.messages import Applied, Log, Page

# A page that reloads is back within a second; one whose tab was closed meanwhile never is.
RETURN_SECONDS: Final = 10.0
# A page that was asked to reload, and has neither done so nor gone, has refused.
ASKED_SECONDS: Final = 5.0
ERRORS_KEPT: Final = 20  # of a page: the first ones explain the later ones


@dataclass(slots=True)
class _Open:
    page: Page
    seq: int | None
    action: str = ""
    detail: str = ""
    asked: float | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)

    def is_reloading(self, now: float) -> bool:
        asked = self.asked is not None and now - self.asked < ASKED_SECONDS
        return asked or self.action == "reload"

    def facts(self, now: float) -> dict[str, Any]:
        return {
            "url": self.page.url,
            "seq": self.seq,
            "action": self.action,
            "detail": self.detail,
            "reloading": self.is_reloading(now),
            "errors": self.errors,
        }


class PageStatus:
    """How far the open pages are; keys are whatever tells their connections apart.

    Times are in seconds, of any clock that only goes forward.
    """

    def __init__(self) -> None:
        self._open: dict[Hashable, _Open] = {}
        self._returning: deque[tuple[str, float]] = deque()

    def joined(self, key: Hashable, page: Page, seq: int | None) -> None:
        """A page said what it is.

        Args:
            key: of its connection, which may have spoken before.
            page: what it said.
            seq: the update that it is at; None if that is known once it has compared itself.
        """
        if key in self._open:
            self._open[key].page, self._open[key].seq = page, seq
            return
        self._open[key] = _Open(page, seq)
        place = urlsplit(page.url).path
        back = next((one for one in self._returning if one[0] == place), None)
        if back:
            self._returning.remove(back)

    def left(self, key: Hashable, now: float) -> None:
        """A connection closed; a page that said it would reload comes back."""
        one = self._open.pop(key, None)
        if one and one.is_reloading(now):
            self._returning.append((urlsplit(one.page.url).path, now))

    def applied(self, key: Hashable, said: Applied) -> None:
        """A page said what it did with an update."""
        one = self._open[key]
        one.seq, one.action, one.detail = said.seq, said.action, said.detail

    def logged(self, key: Hashable, log: Log, seq: int) -> None:
        """A page reported something, when the newest update was that one."""
        errors = self._open[key].errors
        if log.level == "error" and len(errors) < ERRORS_KEPT:
            errors.append({"seq": seq, "text": log.text, "source": log.source, "line": log.line})

    def asked(self, now: float) -> None:
        """Every open page was asked to reload."""
        for one in self._open.values():
            one.asked = now

    def facts(self, now: float) -> dict[str, Any]:
        """All of it, as JSON takes it: `pages`, `open` and `returning`."""
        while self._returning and now - self._returning[0][1] > RETURN_SECONDS:
            self._returning.popleft()
        return {
            "pages": len(self._open),
            "returning": len(self._returning),
            "open": [one.facts(now) for one in self._open.values()],
        }
