"""What is held against a page that acted for files that it does not use."""

from typing import Any

import pytest
from world import acted_needlessly

Line = dict[str, Any]

CHANGED: Line = {"type": "change", "seq": 1, "url": "/unused1.txt"}
ACTED: Line = {"type": "applied", "action": "reload", "seq": 1, "page": "/index.html"}
OPENED: Line = {"type": "page", "event": "opened", "url": "/index.html"}
CLOSED: Line = {**OPENED, "event": "closed"}


@pytest.mark.parametrize(
    ("lines", "needless"),
    [
        ([OPENED, ACTED], 0),
        ([OPENED, ACTED, ACTED], 1),
        ([OPENED, CLOSED, OPENED, ACTED, ACTED], 1),
        ([OPENED, OPENED, ACTED, CLOSED, OPENED, ACTED], 0),
    ],
)
def test_only_what_a_page_does_first_may_be_about_other_files(
    lines: list[Line], needless: int
) -> None:
    """It is told of what it missed with the number of the newest update."""
    assert acted_needlessly([CHANGED, *lines]) == [ACTED] * needless
