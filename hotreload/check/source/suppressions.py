"""Comments in a page or a style sheet that keep findings quiet.

Knows: `hotreload: ignore`, which means its own line, or the next one where it stands alone, and
`hotreload: ignore-file`; both with or without codes. Refuses to know: what is found.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from hotreload.check.source.source_text import Note

# Nothing is tried again: what one part has taken, the next cannot begin with.
_REMARK = re.compile(
    r"(?:<!--|/\*)\s*+hotreload:\s*+ignore(?P<file>-file)?\b[\s:]*+"
    r"(?P<codes>[A-Z0-9, \t]*+)\s*+(?:-->|\*/)"
)
# What a code may begin with; others mean no rule, and are as good as not written.
_CODE = re.compile(r"(?:H(?:R[0-9]{0,3})?)?")
_INK = re.compile(r"\S")
_BLANK = re.compile(r"[^\S\n]*+(?:\n|\Z)")
_EVERY: tuple[str, ...] = ("HR",)


@dataclass(frozen=True, slots=True)
class Suppressions:
    """What a file asks to be left alone.

    Attributes:
        everywhere: beginnings of codes that are quiet in the whole file.
        lines: beginnings of codes that are quiet in a line.
    """

    everywhere: tuple[str, ...] = ()
    lines: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def quiet(self, note: Note) -> bool:
        """Whether the file suppresses this note."""
        return note.code.startswith((*self.everywhere, *self.lines.get(note.line, ())))


def read(text: str) -> Suppressions:
    """Returns the remarks in a file's text."""
    everywhere: dict[str, None] = {}
    lines: dict[int, dict[str, None]] = {}
    for remark, line, is_alone in _remarks(text) if "hotreload:" in text else ():
        said = remark["codes"].rstrip(" \t")
        words = re.split(r"[,\s]+", said) if said else _EVERY
        codes = dict.fromkeys(filter(_CODE.fullmatch, words))
        if remark["file"]:
            everywhere |= codes
        lines.setdefault(line, {}).update(codes)
        if is_alone:
            lines.setdefault(line + remark[0].count("\n") + 1, {}).update(codes)
    return Suppressions(tuple(everywhere), {line: tuple(codes) for line, codes in lines.items()})


def _remarks(text: str) -> Iterator[tuple[re.Match[str], int, bool]]:
    """Each remark, the line that it begins in, and whether nothing else stands in its lines."""
    line, at, first = 1, 0, _first(text, 0)
    for remark in _REMARK.finditer(text):
        start = remark.start()
        ends = text.count("\n", at, start)
        if ends:
            line, first = line + ends, _first(text, text.rfind("\n", at, start) + 1)
        at = start
        yield remark, line, first == start and _BLANK.match(text, remark.end()) is not None


def _first(text: str, start: int) -> int:
    """Where the first letter of a line stands."""
    ink = _INK.search(text, start)
    return ink.start() if ink else len(text)


def unsuppressed(notes: Iterable[Note], remarks: Suppressions) -> list[Note]:
    """Returns what the file does not ask to leave alone."""
    return [note for note in notes if not remarks.quiet(note)]
