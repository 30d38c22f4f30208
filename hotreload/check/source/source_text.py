"""A file's text as a browser decodes it, and what its bytes or its declarations get wrong.

Knows: which declarations of an encoding browsers follow, and which they only contradict. Refuses to
know: what the text means.
Sources: https://html.spec.whatwg.org/ section 13.2.3 and https://drafts.csswg.org/css-syntax-3/
section 3.2.
"""

import re
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from hotreload.injection import encoding, encoding_labels

# Python's nearest codec for the encodings that it reads almost as browsers do: good enough to find
# markup, not to judge a byte.
_NEAR: Final = {
    "big5": "big5hkscs",
    "euc-jp": "euc_jp",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "iso-2022-jp": "iso2022_jp",
    "koi8-u": "koi8_u",
    "replacement": "ascii",
    "shift_jis": "cp932",
    "x-user-defined": "latin-1",
}
_JUDGED: Final = frozenset({"utf-8", "utf-16le", "utf-16be"})
# What everybody declares who has never chosen an encoding.
_WESTERN: Final = frozenset({"windows-1252", "iso-8859-15"})


class Note(NamedTuple):
    """Something wrong at a place of a text, both counted from 1."""

    line: int
    column: int
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A file's text.

    Attributes:
        text: without a byte order mark, and with every line ended by a single newline.
        codec: Python's name of the encoding.
        start: the length of the byte order mark.
        encoding: the Encoding Standard's name of the encoding; None where browsers guess it.
        notes: what is wrong with the bytes.
    """

    text: str
    codec: str
    start: int = 0
    encoding: str | None = None
    notes: tuple[Note, ...] = ()


def page(data: bytes) -> Reading:
    """Returns an HTML document's text."""
    sniffed = encoding.sniff(data, None, xml=False)
    if not sniffed.certain:
        guess = "utf-8" if _is_utf8(data) else sniffed.encoding
        return replace(_read(data, guess, 0, judged=False), encoding=None)
    reading = _read(data, sniffed.encoding, sniffed.start, judged=True)
    if sniffed.encoding in _WESTERN and not data.isascii() and _is_utf8(data):
        note = _written_in_utf8(data.decode(), sniffed.encoding)
        reading = replace(reading, notes=(*reading.notes, note))
    return reading


_CSS_CHARSET = re.compile(rb'@charset "([^"]{0,1000})";')


def sheet(data: bytes) -> Reading:
    """Returns a style sheet's text. UTF-8 is what it is read in unless it says something else."""
    mark = encoding.sniff(data[:3], None, xml=False)
    if mark.start:
        return _read(data, mark.encoding, mark.start, judged=True)
    said = _CSS_CHARSET.match(data)
    name = encoding_labels.encoding(said[1].decode("latin-1")) if said else None
    name = "utf-8" if name in {"utf-16le", "utf-16be"} else name
    return _read(data, name or "utf-8", 0, judged=name is not None)


@dataclass(slots=True)
class _Last:
    """What was asked last: the next place mostly is not far."""

    text: str
    offset: int = 0
    line: int = 1
    start: int = 0


_last = _Last("")


def position(text: str, offset: int) -> tuple[int, int]:
    """Returns the line and the column of a character, both counted from 1."""
    global _last  # noqa: PLW0603 - a cache by text would hash each page from end to end
    if _last.text is not text:
        _last = _Last(text)
    ahead = text.count("\n", _last.offset, offset)
    behind = text.count("\n", offset, _last.offset)
    if ahead or behind:
        _last.start = text.rfind("\n", 0, offset) + 1
    _last.offset, _last.line = offset, _last.line + ahead - behind
    return _last.line, offset - _last.start + 1


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _read(data: bytes, name: str, start: int, *, judged: bool) -> Reading:
    codec = encoding_labels.CODECS.get(name) or _NEAR[name]
    notes: tuple[Note, ...] = ()
    try:
        text = data[start:].decode(codec)
    except UnicodeDecodeError as error:
        text = data[start:].decode(codec, "replace")
        if judged and name in _JUDGED:
            notes = (_undecodable(error, codec, name),)
    return Reading(_one_newline(text), codec, start, name, notes)


def _one_newline(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _undecodable(error: UnicodeDecodeError, codec: str, name: str) -> Note:
    before = _one_newline(error.object[: error.start].decode(codec))
    bad = error.object[error.start : error.end].hex(" ").upper()
    noun = "byte" if len(bad) == 2 else "bytes"
    line, column = position(before, len(before))
    return Note(line, column, "HR401", f"the {noun} {bad} mean nothing in {name.upper()}")


_OUTSIDE_ASCII = re.compile(r"[^\x00-\x7f]")


def _written_in_utf8(text: str, name: str) -> Note:
    text = _one_newline(text)
    first = _OUTSIDE_ASCII.search(text)
    line, column = position(text, first.start() if first else 0)
    return Note(line, column, "HR402", f"this is written in UTF-8, but declared as {name}")


_CHARSET = re.compile(r"""charset[\t\n\f\r ]*=[\t\n\f\r ]*["']?([^"'\t\n\f\r ;]+)""", re.IGNORECASE)


def label(charset: str | None, http_equiv: str | None, content: str | None) -> str | None:
    """Returns the encoding that a `<meta>` with these attributes names."""
    if charset is not None:
        return charset.strip()
    if (http_equiv or "").lower() != "content-type":
        return None
    named = _CHARSET.search(content or "")
    return named[1] if named else None


def contradiction(name: str, used: str) -> str | None:
    """Returns what is wrong with a declaration in a document that is read otherwise."""
    said = encoding_labels.encoding(name)
    if said == used or (said == "x-user-defined" and used == encoding.FALLBACK):
        return None
    if said is None:
        return f"no browser knows the encoding {name!r}; the page is read as {used.upper()}"
    return f"the page says that it is {name}, but browsers read it as {used.upper()}"
