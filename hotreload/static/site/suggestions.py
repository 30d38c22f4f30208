"""Names similar to a misspelt one.

Knows: common typing errors. Refuses to know: the disk; the caller gives the existing names.
"""

from collections.abc import Iterable
from difflib import SequenceMatcher
from heapq import nlargest
from itertools import islice
from typing import Final

# What SequenceMatcher calls the ratio: one wrong letter in six is 0.83, two swapped ones less.
ALIKE: Final = 0.6
MOST: Final = 3
# The comparison takes some ten microseconds a name, and nobody meant one of so many.
MOST_NAMES: Final = 2_000


def suggestions(asked: str, names: Iterable[str]) -> list[str]:
    """The names that are most like the one asked for, the best first.

    Args:
        asked: a name, which is not among them.
        names: of the files and folders that there are.
    """
    meant = _plain(asked)
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(meant)
    rated = [(_rate(matcher, meant, _plain(name)), name) for name in islice(names, MOST_NAMES)]
    return [name for rating, name in nlargest(MOST, rated) if rating >= ALIKE]


def _rate(matcher: "SequenceMatcher[str]", meant: str, name: str) -> float:
    """How alike: 1.0 for another case, or for the name with or without its extension."""
    stem = _stem(name)
    if meant in (name, stem) or _stem(meant) == name:
        return 1.0
    matcher.set_seq1(name if "." in meant else stem)
    if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
        return 0.0
    return matcher.ratio()


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name


def _plain(name: str) -> str:
    """Without what is mixed up: case, and what words are joined with."""
    return name.casefold().replace("_", "-").replace(" ", "-")
