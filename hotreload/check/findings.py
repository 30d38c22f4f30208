"""A finding: where, which rule, and one sentence; and the rules there are.

Knows: codes, names and who is chosen by `--select` and `--ignore`. Refuses to know: how anything is
found or printed.
"""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from hotreload.errors import UsageError


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something wrong in a file.

    Attributes:
        file: the file's absolute path.
        line: where it begins, counted from 1.
        column: the character of that line, counted from 1.
        code: the rule.
        sentence: what is wrong, with the names that matter in it.
    """

    file: str
    line: int
    column: int
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class CheckRule:
    """A rule.

    Attributes:
        name: a short name in kebab case.
        summary: what the rule finds.
        fixable: whether `--fix` mends it.
    """

    name: str
    summary: str
    fixable: bool = False


RULES: Final = {
    "HR001": CheckRule(
        "leftover-client", "what hotreload puts into pages was saved with one", True
    ),
    "HR002": CheckRule("dev-server-address", "a reference leads to the development server"),
    "HR003": CheckRule("conflict-marker", "git's marks of a merge conflict"),
    "HR101": CheckRule("missing-file", "a reference leads to a local file that does not exist"),
    "HR102": CheckRule("wrong-case", "a reference differs from the file's name in case", True),
    "HR103": CheckRule("missing-anchor", "a link leads to an id that its page does not have"),
    "HR201": CheckRule("duplicate-id", "an id that the page has already"),
    "HR301": CheckRule("stray-end-tag", "an end tag that closes nothing"),
    "HR302": CheckRule("unclosed-element", "an element that is never closed, or by a tag too late"),
    "HR303": CheckRule("misplaced-tag", "an element that browsers move or drop where it stands"),
    "HR304": CheckRule("broken-tag", "a tag or comment that browsers read as something else"),
    "HR401": CheckRule("undecodable", "bytes that mean nothing in the file's encoding"),
    "HR402": CheckRule("contradictory-encoding", "a file says something else of its encoding"),
}

Choice = Callable[[str], bool]


def choice(select: Sequence[str], ignore: Sequence[str]) -> Choice:
    """Returns whether a code is wanted: the longest prefix that covers it decides.

    Args:
        select: codes or their beginnings; all if none is given.
        ignore: codes or their beginnings; they win over a selection of the same length.

    Raises:
        UsageError: no rule begins like that.
    """
    for prefix in (*select, *ignore):
        _known(prefix)
    wanted = {code for code in RULES if _reach(code, select or ("HR",)) > _reach(code, ignore)}
    return wanted.__contains__


def _reach(code: str, prefixes: Sequence[str]) -> int:
    return max((len(prefix) for prefix in prefixes if code.startswith(prefix)), default=0)


def _known(prefix: str) -> None:
    if prefix and any(code.startswith(prefix) for code in RULES):
        return
    close = difflib.get_close_matches(prefix.upper(), RULES, n=1)
    hint = f"did you mean {close[0]}?" if close else f"they are {', '.join(RULES)}"
    raise UsageError(f"no rule has the code {prefix!r}: {hint}")
