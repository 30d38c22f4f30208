"""Lines of a .gitignore, and which paths they mean: exactly git's reading of them.

Knows: gitignore(5) and git's wildmatch. Refuses to know: where the lines come from, what else is
ignored, and the disk. A path is judged by itself; that whatever lies in an ignored folder is
ignored too is left to whoever walks the folders.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_POSIX = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": " \\t",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": " \\t-\\r",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}
_NEVER = "(?!)"


class Invalid(ValueError):
    """A line that can never match anything; `str()` is the reason."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line.

    Attributes:
        regex: matches the whole path, relative to the folder of the ignore file.
        negated: whether it takes paths back (`!`).
        only_folders: whether it means folders only (`/` at its end).
    """

    regex: str
    negated: bool
    only_folders: bool


class Patterns:
    """All lines of one ignore file, matched at once; the last line that matches a path decides.

    Args:
        base: the absolute path of the folder that the lines are relative to.
        patterns: the lines in the order of the file.
    """

    def __init__(self, base: str, patterns: Iterable[Pattern]) -> None:
        last_first = list(patterns)[::-1]
        self._below = base.removesuffix(os.sep) + os.sep
        self._folders = _Alternatives(last_first)
        self._files = _Alternatives([pattern for pattern in last_first if not pattern.only_folders])

    def __bool__(self) -> bool:
        """Whether there is any line."""
        return bool(self._folders.negated)

    def reaches(self, path: str) -> bool:
        """Whether the path is below the folder that the lines are relative to."""
        return path.startswith(self._below)

    def verdict(self, path: str, *, folder: bool) -> bool | None:
        """What the lines say of an absolute path below the base: True is ignored, None nothing."""
        if not self:
            return None
        text = _as_bytes(path[len(self._below) :].replace(os.sep, "/"))
        return (self._folders if folder else self._files).verdict(text)


class _Alternatives:
    """Patterns as one regular expression, the last one first."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.negated = [pattern.negated for pattern in patterns]
        self._regex = re.compile("|".join(f"({p.regex})" for p in patterns) or _NEVER, re.DOTALL)

    def verdict(self, text: str) -> bool | None:
        found = self._regex.fullmatch(text)
        return None if found is None else not self.negated[(found.lastindex or 1) - 1]


def read(text: str) -> Iterator[Pattern]:
    """The patterns of an ignore file; lines that git would skip are skipped."""
    for line in text.removeprefix("\ufeff").split("\n"):
        try:
            pattern = parse(line)
        except Invalid:
            continue
        if pattern is not None:
            yield pattern


def parse(line: str) -> Pattern | None:
    r"""One line as a pattern; None for a blank line or a comment.

    Raises:
        Invalid: nothing can match: `[a` has no end, `a\` escapes nothing, `/` names nothing.
    """
    body = _as_bytes(_without_trailing_spaces(line.removesuffix("\r")))
    if not body or body.startswith("#"):
        return None
    negated = body.startswith("!")
    body = body.removeprefix("!")
    only_folders = body.endswith("/")
    body = body.removesuffix("/")
    anywhere = "" if "/" in body else "(?:.*/)?"
    regex = anywhere + _translate(body.removeprefix("/"))
    if not body.strip("/"):
        raise Invalid("it names nothing")
    return Pattern(regex, negated, only_folders)


def _as_bytes(text: str) -> str:
    """One character for each byte: git's `?` and `[a]` match bytes."""
    return text if text.isascii() else text.encode("utf-8", "surrogatepass").decode("latin-1")


def _without_trailing_spaces(line: str) -> str:
    r"""Git keeps a trailing space that a backslash escapes: `a\ `."""
    end = len(line.rstrip(" "))
    escapes = end - len(line[:end].rstrip("\\"))
    return line[: end + 1] if escapes % 2 and end < len(line) else line[:end]


def _translate(glob: str) -> str:
    """A glob as a regular expression: `*` stops at a slash, `**` between slashes does not."""
    out, at = "", 0
    while at < len(glob):
        piece, at = _piece(glob, at)
        out += piece
    return out


def _piece(glob: str, at: int) -> tuple[str, int]:
    """The regular expression of what stands at `at`, and where the next thing starts."""
    char = glob[at]
    if char == "*":
        return _stars(glob, at)
    if char == "?":
        return "[^/]", at + 1
    if char == "[":
        return _bracket(glob, at + 1)
    if char == "\\":
        if at + 1 == len(glob):
            raise Invalid("a backslash at its end escapes nothing")
        return re.escape(glob[at + 1]), at + 2
    return re.escape(char), at + 1


def _stars(glob: str, at: int) -> tuple[str, int]:
    """`*`, or `**` which is special only as a whole path segment."""
    end = at
    while glob[end : end + 1] == "*":
        end += 1
    opens = at == 0 or glob[at - 1] == "/"
    if end - at > 1 and opens and glob[end : end + 1] == "/":
        return "(?:.*/)?", end + 1
    if end - at > 1 and opens and end == len(glob):
        return ".*", end
    return "[^/]*", end


def _bracket(glob: str, at: int) -> tuple[str, int]:
    """`[a-z]`, `[!a]`, `[^a]`, `[[:alpha:]]`, `[]a]`; never a slash."""
    negated = glob[at : at + 1] in {"!", "^"} and bool(glob[at : at + 1])
    at += negated
    items, first = "", at
    while glob[at : at + 1] != "]" or at == first:
        item, at = _class(glob, at) if glob.startswith("[:", at) else _range(glob, at)
        items += item
    if not items:
        return ("[^/]" if negated else _NEVER), at + 1
    return (f"(?!/)[{'^' if negated else ''}{items}]"), at + 1


def _class(glob: str, at: int) -> tuple[str, int]:
    """A POSIX class such as `[:digit:]`, in its brackets."""
    end = glob.find(":]", at + 2)
    name = glob[at + 2 : end]
    if end < 0 or "]" in name:
        return _range(glob, at)
    if name not in _POSIX:
        raise Invalid(f"[:{name}:] is no class of characters")
    return _POSIX[name], end + 2


def _range(glob: str, at: int) -> tuple[str, int]:
    """One character in brackets, or two with a hyphen between them."""
    low, at = _one(glob, at)
    if glob[at : at + 1] != "-" or glob[at + 1 : at + 2] in {"", "]"}:
        return re.escape(low), at
    high, at = _one(glob, at + 1)
    return (f"{re.escape(low)}-{re.escape(high)}" if low <= high else ""), at


def _one(glob: str, at: int) -> tuple[str, int]:
    """One character, escaped or not."""
    at += glob[at : at + 1] == "\\"
    if at >= len(glob):
        raise Invalid("a [ has no ]")
    return glob[at], at + 1
