"""Whether every open page has taken the newest update, as the server's facts say.

Knows: what "taken" means for a script that waits. Refuses to know: how often one looks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PagesVerdict:
    """What the facts come to.

    Attributes:
        wanted: number of the update that pages must have taken.
        missing: why not all is well yet, in words; empty when it is.
        failed: a page tried and could not: waiting longer does not help.
        errors: what pages have reported since that update, as "page: text".
    """

    wanted: int
    missing: str
    failed: bool
    errors: Sequence[str]


def judge(facts: Facts, seq: int | None) -> PagesVerdict:
    """Reads the facts.

    Args:
        facts: of `/__hotreload__/health`.
        seq: the update that is waited for; None for the newest.
    """
    newest: int = facts["seq"]
    wanted = newest if seq is None else seq
    pages: Sequence[Facts] = facts["open"]
    late = [page for page in pages if not _has_taken(page, max(wanted, newest))]
    failed = [page for page in late if page["action"] == "failed"]
    return PagesVerdict(
        wanted, _missing(facts, wanted, late, failed), bool(failed), _errors(pages, wanted)
    )


def _has_taken(page: Facts, wanted: int) -> bool:
    """A page that reloads has taken it once it is back."""
    at = page["seq"]
    return at is not None and at >= wanted and not page["reloading"] and page["action"] != "failed"


def _missing(facts: Facts, wanted: int, late: Sequence[Facts], failed: Sequence[Facts]) -> str:
    if facts["seq"] < wanted:
        return f"there is no update {wanted} yet: the newest is {facts['seq']}"
    if failed:
        page = failed[0]
        return f"{page['url']} could not take update {page['seq']}: {page['detail']}"
    if late:
        urls = ", ".join(page["url"] for page in late[:3])
        return f"{urls} {'has' if len(late) == 1 else 'have'} not taken update {facts['seq']}"
    if facts["returning"]:
        return "a page is reloading and not back"
    return "" if facts["open"] else "no page is open"


def _errors(pages: Sequence[Facts], wanted: int) -> list[str]:
    """An earlier error may be what the update has mended."""
    return [
        f"{page['url']}: {error['text']}"
        for page in pages
        for error in page["errors"]
        if error["seq"] >= wanted
    ]
