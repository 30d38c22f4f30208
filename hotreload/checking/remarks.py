"""Comments in a page or a style sheet that keep findings quiet.

Knows: `hotreload: ignore`, which means its own line, or the next one where it stands alone, and
`hotreload: ignore-file`; both with or without codes. Refuses to know: what is found.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from hotreload.checking.reading import Note

_REMARK = re.compile(
    r"(?:<!--|/\*)\s*hotreload:\s*ignore(?P<file>-file)?\b[\s:]*"
    r"(?P<codes>[A-Z0-9, \t]*?)\s*(?:-->|\*/)"
)
_EVERY: tuple[str, ...] = ("HR",)


@dataclass(frozen=True, slots=True)
class Remarks:
    """What a file asks to be left alone.

    Attributes:
        everywhere: beginnings of codes that are quiet in the whole file.
        lines: beginnings of codes that are quiet in a line.
    """

    everywhere: tuple[str, ...] = ()
    lines: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def quiet(self, note: Note) -> bool:
        """Whether the file asks not to be told this."""
        return note.code.startswith((*self.everywhere, *self.lines.get(note.line, ())))


def read(text: str) -> Remarks:
    """Returns the remarks in a file's text."""
    everywhere: tuple[str, ...] = ()
    lines: dict[int, tuple[str, ...]] = {}
    for remark in _REMARK.finditer(text) if "hotreload:" in text else ():
        codes = tuple(re.split(r"[,\s]+", remark["codes"])) if remark["codes"] else _EVERY
        if remark["file"]:
            everywhere += codes
        for line in _lines(text, remark):
            lines[line] = lines.get(line, ()) + codes
    return Remarks(everywhere, lines)


def _lines(text: str, remark: re.Match[str]) -> Iterator[int]:
    line = text.count("\n", 0, remark.start()) + 1
    yield line
    before = text[text.rfind("\n", 0, remark.start()) + 1 : remark.start()]
    after = text[remark.end() :].partition("\n")[0]
    if not (before + after).strip():
        yield line + remark[0].count("\n") + 1


def heard(notes: Iterable[Note], remarks: Remarks) -> list[Note]:
    """Returns what the file does not ask to leave alone."""
    return [note for note in notes if not remarks.quiet(note)]
