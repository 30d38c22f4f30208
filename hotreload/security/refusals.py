"""Reports of refused clients, one for each, with the option that would let it in.

Knows: which clients are reported already, and the limit on their number. Refuses to know: why a
client is refused, and how a report is shown.
"""

from collections.abc import Callable
from typing import Final

from hotreload.security.guard import Refusal

# A client that tries one name after another is not reported for ever.
MOST: Final = 20


class RefusalReports:
    """Reports refusals.

    Args:
        report: called with the origin or host name that was refused, and the host name that lets it
            in, "" where none does.
    """

    def __init__(self, report: Callable[[str, str], None]) -> None:
        self._report = report
        self._told: set[str] = set()

    def note(self, refusal: Refusal) -> None:
        """A request was refused."""
        if refusal.who and refusal.who not in self._told and len(self._told) < MOST:
            self._told.add(refusal.who)
            self._report(refusal.who, refusal.word)
