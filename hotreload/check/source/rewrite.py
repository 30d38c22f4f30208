"""Edits of a file, made on its bytes.

Knows: how to change a few characters and leave every other byte as it is. Refuses to know: why.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from hotreload.check.source.source_text import Reading


class Edit(NamedTuple):
    """A replacement.

    Attributes:
        start: the first character of the text, as `Reading` has it.
        end: the character behind the last one.
        text: what comes in its place.
    """

    start: int
    end: int
    text: str


def edited(data: bytes, reading: Reading, edits: Sequence[Edit]) -> bytes | None:
    """Returns a file's bytes with the edits made; None if it cannot be written back as it was."""
    try:
        text = data[reading.start :].decode(reading.codec)
        if text.encode(reading.codec) != data[reading.start :]:
            return None
        changed = _changed(text, edits).encode(reading.codec)
    except UnicodeError:
        return None
    return data[: reading.start] + changed


def _changed(text: str, edits: Sequence[Edit]) -> str:
    dropped = _second_halves(text)
    pieces, at = [], 0
    for edit in sorted(set(edits)):
        start, end = _original(edit.start, dropped), _original(edit.end, dropped)
        if start >= at:
            pieces += [text[at:start], edit.text]
            at = end
    return "".join([*pieces, text[at:]])


def _second_halves(text: str) -> list[int]:
    r"""Where each `\r\n` stands, counted as `Reading` counts: as one character."""
    found: list[int] = []
    at = text.find("\r\n")
    while at >= 0:
        found.append(at - len(found))
        at = text.find("\r\n", at + 2)
    return found


def _original(offset: int, dropped: Sequence[int]) -> int:
    return offset + bisect_left(dropped, offset)
