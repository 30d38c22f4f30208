"""Where the ASCII of a document stands in its bytes, whatever its encoding is.

Knows: which bytes of a document are the ASCII characters that markup is made of. Refuses to know:
what the markup means, and which the other characters are.
Source: https://encoding.spec.whatwg.org/.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from operator import itemgetter

from hotreload.injection.encoding import Sniffed


@dataclass(frozen=True, slots=True)
class Outline:
    """A document's characters, as far as they are ASCII, and the byte where each one begins.

    Attributes:
        text: One character for each one in the document, or for each of its bytes; those outside
            ASCII are there, but which they are is not told.
        runs: Where the text goes on without a gap: (index in the text, byte in the document).
        width: Bytes for each character of the text.
        open_end: Whether ASCII that is put behind the last byte is read as ASCII.
    """

    text: str
    runs: tuple[tuple[int, int], ...]
    width: int = 1
    open_end: bool = True

    def offset(self, index: int) -> int:
        """Returns the byte at which something can be put in front of this character.

        That is directly behind the character before it, so that an escape sequence in between
        stays with what it governs.
        """
        run = bisect_right(self.runs, index - 1, lo=1, key=itemgetter(0)) - 1
        first, byte = self.runs[run]
        return byte + (index - first) * self.width


def outline(document: bytes, sniffed: Sniffed) -> Outline | None:
    """Returns the document's outline; None when its encoding shows nothing of its content."""
    if sniffed.encoding == "replacement":
        return None
    content = document[sniffed.start :]
    if sniffed.encoding in {"utf-16le", "utf-16be"}:
        text = _narrow(content, little=sniffed.encoding == "utf-16le")
        return Outline(text, ((0, sniffed.start),), width=2, open_end=len(content) % 2 == 0)
    if sniffed.encoding == "iso-2022-jp":
        return _without_escapes(content)
    pairs = _PAIRS.get(sniffed.encoding)
    text = (pairs.sub(b"\x80\x80", content) if pairs else content).decode("latin-1")
    return Outline(text, ((0, sniffed.start),))


# Two bytes of which the second may look like ASCII. (What can be a second byte here is a letter or
# one of @ [ \ ] ^ _ ` { | } ~, never one of the characters that HTML is made of.)
_PAIRS = {
    "shift_jis": re.compile(rb"[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]"),
    "gbk": re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]"),
    "gb18030": re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]"),
    "big5": re.compile(rb"[\x81-\xfe][\x40-\x7e\xa1-\xfe]"),
    "euc-kr": re.compile(rb"[\x81-\xfe][\x41-\xfe]"),
}

_OUTSIDE = bytes([0, *[0x80] * 255])


def _narrow(content: bytes, *, little: bool) -> str:
    """One character for each 16-bit unit: itself below U+0100, something outside ASCII above."""
    even = len(content) // 2 * 2
    first, second = content[0:even:2], content[1:even:2]
    low, high = (first, second) if little else (second, first)
    units = int.from_bytes(low) | int.from_bytes(high.translate(_OUTSIDE))
    return units.to_bytes(len(low)).decode("latin-1")


_ESCAPE = re.compile(rb"\x1b(\([BJI]|\$[@B])")
_SEVEN_BIT = {b"(B", b"(J"}
_ALL_OUTSIDE = bytes([0x80] * 256)


def _without_escapes(content: bytes) -> Outline:
    """ISO-2022-JP: escape sequences say whether bytes are ASCII or halves of other characters."""
    texts, runs, at, length, ascii_now = [], [(0, 0)], 0, 0, True
    for escape in [*_ESCAPE.finditer(content), None]:
        part = content[at : escape.start() if escape else None]
        texts.append(part if ascii_now else part.translate(_ALL_OUTSIDE))
        if escape:
            length += len(part)
            at, ascii_now = escape.end(), escape[1] in _SEVEN_BIT
            runs.append((length, at))
    return Outline(b"".join(texts).decode("latin-1"), tuple(runs), open_end=ascii_now)
