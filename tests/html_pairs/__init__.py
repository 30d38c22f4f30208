"""The pairs of the HTML patch: what a page was, what its source is now, what is done to get there.

Values only, no browser. Each pair is a case that a reader of the documentation may ask about;
`rows()` gives them as a table.
"""

from collections.abc import Iterator

from . import content, fields, foreign, head, live, refused, scripted, scripts, shadows, structure
from .pair import Pair

GROUPS = (content, structure, fields, head, foreign, shadows, scripts, scripted, live, refused)

PAIRS: tuple[Pair, ...] = tuple(pair for group in GROUPS for pair in group.PAIRS)


def rows() -> Iterator[tuple[str, str, str]]:
    """Yield every case as (group, title, what is kept), for a table in the documentation."""
    for pair in PAIRS:
        yield pair.group, pair.title, pair.outcome
