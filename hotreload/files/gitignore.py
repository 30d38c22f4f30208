"""Lines of a .gitignore, and which paths they mean: exactly git's reading of them.

Knows: gitignore(5) and git's wildmatch. Refuses to know: where the lines come from, what else is
ignored, and the disk. A path is judged by itself; the caller ignores everything in an
ignored folder.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hotreload.files.globs import NOT_SLASH, SLASH, Gap, Glob, Globs, Item, OneOf


def _span(first: str, last: str) -> frozenset[int]:
    return frozenset(range(ord(first), ord(last) + 1))


_LOWER, _UPPER, _DIGIT = _span("a", "z"), _span("A", "Z"), _span("0", "9")
_GRAPH: Final = _span("!", "~")
_ALNUM: Final = _LOWER | _UPPER | _DIGIT
_POSIX: Final = {
    "alnum": _ALNUM,
    "alpha": _LOWER | _UPPER,
    "blank": frozenset(b" \t"),
    "cntrl": _span("\0", "\x1f") | {0x7F},
    "digit": _DIGIT,
    "graph": _GRAPH,
    "lower": _LOWER,
    "print": _GRAPH | {ord(" ")},
    "punct": _GRAPH - _ALNUM,
    "space": frozenset(b" \t\n\v\f\r"),
    "upper": _UPPER,
    "xdigit": _DIGIT | _span("A", "F") | _span("a", "f"),
}


class Invalid(ValueError):
    """A line that can never match anything; `str()` is the reason."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line.

    Attributes:
        glob: matches a name, or the whole path, relative to the folder of the ignore file.
        anywhere: whether it means a name in whatever folder; else it means a path.
        negated: whether it takes paths back (`!`).
        only_folders: whether it means folders only (`/` at its end).
    """

    glob: Glob
    anywhere: bool
    negated: bool
    only_folders: bool


class Patterns:
    """All lines of one ignore file, matched at once; the last line that matches a path decides.

    Args:
        base: the absolute path of the folder that the lines are relative to.
        patterns: the lines in the order of the file.
    """

    def __init__(self, base: str, patterns: Iterable[Pattern]) -> None:
        lines = list(patterns)
        self._below = base.removesuffix(os.sep) + os.sep
        self._negated = [line.negated for line in lines]
        self._names = _Lines([(n, line) for n, line in enumerate(lines) if line.anywhere])
        self._paths = _Lines([(n, line) for n, line in enumerate(lines) if not line.anywhere])

    def __bool__(self) -> bool:
        """Whether there is any line."""
        return bool(self._negated)

    def reaches(self, path: str) -> bool:
        """Whether the path is below the folder that the lines are relative to."""
        return path.startswith(self._below)

    def verdict(self, path: str, *, folder: bool) -> bool | None:
        """What the lines say of an absolute path below the base: True is ignored, None nothing."""
        if not self:
            return None
        below = path[len(self._below) :].replace(os.sep, "/")
        of_name = self._names.last(below[below.rfind("/") + 1 :], folder=folder)
        line = max(of_name, self._paths.last(below, folder=folder))
        return None if line < 0 else not self._negated[line]

    def folders(self, path: str) -> list[bool | None]:
        """What the lines say of each folder on the way to a path, the uppermost first."""
        below = path[len(self._below) :].replace(os.sep, "/")
        of_names = (self._names.last(name, folder=True) for name in below.split("/")[:-1])
        both = map(max, of_names, self._paths.folders(below))
        return [None if line < 0 else not self._negated[line] for line in both]


class _Lines:
    """Some lines of an ignore file, with their numbers in it."""

    def __init__(self, lines: Sequence[tuple[int, Pattern]]) -> None:
        self._numbers = [number for number, _ in lines]
        self._globs = Globs(line.glob for _, line in lines)
        self._folders = self._globs.mask(lambda _: True)
        self._files = self._globs.mask(lambda at: not lines[at][1].only_folders)

    def last(self, text: str, *, folder: bool) -> int:
        """The number of the last line that matches; -1 if there is none."""
        if not self._numbers:
            return -1
        found = self._globs.last(_as_bytes(text), self._folders if folder else self._files)
        return -1 if found is None else self._numbers[found]

    def folders(self, path: str) -> list[int]:
        """The same of each folder on a path."""
        if not self._numbers:
            return [-1] * path.count("/")
        found = self._globs.along(_as_bytes(path), self._folders)
        return [-1 if number is None else self._numbers[number] for number in found]


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
    body = _without_trailing_spaces(line.removesuffix("\r"))
    if not body or body.startswith("#"):
        return None
    negated = body.startswith("!")
    body = body.removeprefix("!")
    only_folders = body.endswith("/")
    body = body.removesuffix("/")
    glob = _items(_as_bytes(body.removeprefix("/")).decode("latin-1"))
    if not body.strip("/"):
        raise Invalid("it names nothing")
    return Pattern(glob, "/" not in body, negated, only_folders)


def _as_bytes(text: str) -> bytes:
    """As git sees it: its `?` and `[a]` match bytes."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _without_trailing_spaces(line: str) -> str:
    r"""Git keeps a trailing space that a backslash escapes: `a\ `."""
    end = len(line.rstrip(" "))
    escapes = end - len(line[:end].rstrip("\\"))
    return line[: end + 1] if escapes % 2 and end < len(line) else line[:end]


def _items(glob: str) -> list[Item]:
    """The parts of a glob, one character of which is one byte."""
    items: list[Item] = []
    at = 0
    while at < len(glob):
        item, at = _item(glob, at)
        items.append(item)
    return items


def _item(glob: str, at: int) -> tuple[Item, int]:
    """What stands at `at`, and where the next thing starts."""
    char = glob[at]
    if char == "*":
        return _stars(glob, at)
    if char == "?":
        return NOT_SLASH, at + 1
    if char == "[":
        return _bracket(glob, at + 1)
    if char == "\\":
        if at + 1 == len(glob):
            raise Invalid("a backslash at its end escapes nothing")
        return ord(glob[at + 1]), at + 2
    return ord(char), at + 1


def _stars(glob: str, at: int) -> tuple[Item, int]:
    """`*`, or `**` which is special only as a whole path segment."""
    end = at
    while glob[end : end + 1] == "*":
        end += 1
    opens = at == 0 or glob[at - 1] == "/"
    if end - at > 1 and opens and glob[end : end + 1] == "/":
        return Gap.FOLDERS, end + 1
    if end - at > 1 and opens and (end == len(glob) or glob.startswith("\\/", end)):
        return Gap.ANY, end
    return Gap.NAME, end


def _bracket(glob: str, at: int) -> tuple[OneOf, int]:
    """`[a-z]`, `[!a]`, `[^a]`, `[[:alpha:]]`, `[]a]`; never a slash."""
    negated = glob[at : at + 1] in {"!", "^"} and bool(glob[at : at + 1])
    at += negated
    found: set[int] = set()
    first = at
    while glob[at : at + 1] != "]" or at == first:
        some, at = _class(glob, at) if glob.startswith("[:", at) else _range(glob, at)
        found.update(some)
    bytes_ = found | {SLASH} if negated else found - {SLASH}
    return OneOf(frozenset(bytes_), negated), at + 1


def _class(glob: str, at: int) -> tuple[Iterable[int], int]:
    """A POSIX class such as `[:digit:]`, in its brackets."""
    end = glob.find("]", at + 2)
    if end < 0:
        raise Invalid("a [ has no ]")
    if glob[end - 1] != ":" or end == at + 2:
        return _range(glob, at)
    name = glob[at + 2 : end - 1]
    if name not in _POSIX:
        raise Invalid(f"[:{name}:] is no class of characters")
    return _POSIX[name], end + 1


def _range(glob: str, at: int) -> tuple[Iterable[int], int]:
    """One character in brackets, or two with a hyphen between them."""
    low, at = _one(glob, at)
    if glob[at : at + 1] != "-" or glob[at + 1 : at + 2] in {"", "]"}:
        return (ord(low),), at
    high, at = _one(glob, at + 1)
    return range(ord(low), ord(high) + 1), at


def _one(glob: str, at: int) -> tuple[str, int]:
    """One character, escaped or not."""
    at += glob[at : at + 1] == "\\"
    if at >= len(glob):
        raise Invalid("a [ has no ]")
    return glob[at], at + 1
