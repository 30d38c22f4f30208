"""Which character encoding a browser reads a document in, and where the document's ASCII stands.

Knows: the HTML Standard's encoding sniffing (byte order mark, then the transport's charset, then a
declaration in the document), and which bytes of a document are the ASCII characters that markup is
made of. Refuses to know: what the markup means, and any guess from the content.
Sources: https://html.spec.whatwg.org/ section 13.2.3 and https://encoding.spec.whatwg.org/.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter

from hotreload.injecting import labels

WINDOW = 1024
"""The bytes at a document's start in which a declaration is looked for."""

FALLBACK = "windows-1252"
"""What most browsers read an HTML document in when nothing says otherwise."""

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16be"), (b"\xff\xfe", "utf-16le"))
_SIXTEEN_BIT_XML = ((b"<\0?\0x\0", "utf-16le"), (b"\0<\0?\0x", "utf-16be"))


@dataclass(frozen=True, slots=True)
class Sniffed:
    """How a document is read.

    Attributes:
        encoding: The Encoding Standard's name, in lower case.
        start: Where the content begins: the length of the byte order mark.
        declaration: How many bytes from the start hold the `<meta>` that decided; 0 when something
            else did.
        certain: Whether anything but the fallback decided.
    """

    encoding: str
    start: int = 0
    declaration: int = 0
    certain: bool = True


def sniff(document: bytes, charset: str | None, *, xml: bool) -> Sniffed:
    """Returns how a browser reads a document that came with this charset in its Content-Type."""
    return (
        _from_bom(document)
        or _from_transport(charset)
        or _from_sixteen_bit_xml(document)
        or (None if xml else _from_meta(document))
        or _from_xml_declaration(document)
        or (Sniffed("utf-8") if xml else Sniffed(FALLBACK, certain=False))
    )


def _from_bom(document: bytes) -> Sniffed | None:
    for mark, encoding in _BOMS:
        if document.startswith(mark):
            return Sniffed(encoding, start=len(mark))
    return None


def _from_transport(charset: str | None) -> Sniffed | None:
    encoding = labels.encoding(charset)
    return Sniffed(encoding) if encoding else None


def _from_sixteen_bit_xml(document: bytes) -> Sniffed | None:
    for opening, encoding in _SIXTEEN_BIT_XML:
        if document.startswith(opening):
            return Sniffed(encoding)
    return None


_XML_ENCODING = re.compile(
    rb"""<\?xml[^>]*?encoding[\x00-\x20]*+=[\x00-\x20]*+(["'])([^\x00-\x20>]*?)\1[^>]*>"""
)


def _from_xml_declaration(document: bytes) -> Sniffed | None:
    declaration = _XML_ENCODING.match(document, 0, WINDOW)
    encoding = _declared(declaration[2].decode("latin-1")) if declaration else None
    return Sniffed(encoding) if encoding else None


def _declared(label: str | None) -> str | None:
    """A declaration that was read as ASCII does not stand in 16 bits, whatever it says."""
    encoding = labels.encoding(label)
    return "utf-8" if encoding in {"utf-16le", "utf-16be"} else encoding


# One attribute, as the tokenizer (13.2.5.33) and the prescan read it alike. The last kind of value
# is one whose quote never ends: it takes the rest, so that its tag has no end either.
_ATTRIBUTE = r"""
    (?P<name> [^\t\n\f\r />] [^\t\n\f\r />=]*+ )
    (?: [\t\n\f\r ]*+ = [\t\n\f\r ]*+
        (?P<value> "[^"]*+" | '[^']*+' | (?!["'])[^\t\n\f\r >]*+ | ["'](?s:.*) )
    )?+
"""
ATTRIBUTES = rf"(?: [\t\n\f\r /]*+ {re.sub('[?]P<[a-z]+>', '?:', _ATTRIBUTE)} )*+ [\t\n\f\r /]*+"
"""Pattern of everything between a tag's name and its `>`, in verbose syntax; no group."""

_EACH_ATTRIBUTE = re.compile(_ATTRIBUTE, re.VERBOSE)


@dataclass(frozen=True, slots=True)
class Value:
    """An attribute's value as it is written, without its quotes, and where it stands with them."""

    raw: str
    start: int
    end: int


def attributes(text: str, start: int, end: int) -> dict[str, Value]:
    """Returns the attributes in this part of a tag by lower-case name; the first of a name wins."""
    found: dict[str, Value] = {}
    for match in _EACH_ATTRIBUTE.finditer(text, start, end):
        written = match["value"] or ""
        raw = written[1:-1] if written[:1] in {'"', "'"} and written else written
        found.setdefault(match["name"].lower(), Value(raw, *match.span("value")))
    return found


_PRESCANNED = re.compile(
    rf"""
    <!--
    | <(?: (?P<meta> meta )(?= [\t\n\f\r /] ) | /?[a-z][^\t\n\f\r >]*+ )
      (?P<attributes> {ATTRIBUTES} ) (?P<closed> > )?+
    | <[!/?]
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LOOKAHEAD = 64 * 1024


def _from_meta(document: bytes) -> Sniffed | None:
    """The prescan of 13.2.3.2, except that only the `<meta>`'s start has to be in the window.

    The standard wants its end there as well; Chromium and Firefox do not.
    """
    text = document[:_LOOKAHEAD].decode("latin-1")
    for meta in _prescanned_metas(text):
        encoding = meta_encoding(attributes(text, *meta.span("attributes")))
        if encoding:
            return Sniffed(encoding, declaration=meta.end())
    return None


def _prescanned_metas(text: str) -> Iterator[re.Match[str]]:
    at = 0
    while (match := _PRESCANNED.search(text, at)) and match.start() < WINDOW:
        if match[0] == "<!--":
            at = _after(text, "-->", match.start() + 2)
        elif match["attributes"] is None:
            at = _after(text, ">", match.end())
        else:
            at = match.end()
            if match["meta"] and match["closed"]:
                yield match


def _after(text: str, mark: str, start: int) -> int:
    found = text.find(mark, start)
    return len(text) if found < 0 else found + len(mark)


_CHARSET_IN_CONTENT = re.compile(
    r"""charset[\t\n\f\r ]*+=[\t\n\f\r ]*+
        (?: "(?P<double>[^"]*)" | '(?P<single>[^']*)' | ["'] | (?P<bare>[^\t\n\f\r ;]*) )""",
    re.VERBOSE | re.IGNORECASE,
)


def meta_encoding(given: Mapping[str, Value]) -> str | None:
    """Returns the encoding that a `<meta>` with these attributes declares, if it declares one."""
    if "charset" in given:
        encoding = _declared(given["charset"].raw)
    elif "content" in given and _raw(given, "http-equiv").lower() == "content-type":
        content = _CHARSET_IN_CONTENT.search(given["content"].raw)
        encoding = _declared(content[content.lastgroup]) if content and content.lastgroup else None
    else:
        return None
    return FALLBACK if encoding == "x-user-defined" else encoding


def _raw(given: Mapping[str, Value], name: str) -> str:
    return given[name].raw if name in given else ""


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
