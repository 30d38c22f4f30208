"""Which character encoding a browser reads a document in.

Knows: the HTML Standard's encoding sniffing: byte order mark, then the transport's charset, then a
declaration in the document. Refuses to know: any guess from the content.
Source: https://html.spec.whatwg.org/ section 13.2.3.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hotreload.injection import encoding_labels
from hotreload.injection.attribute_parser import ATTRIBUTES, Value, attributes

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
    encoding = encoding_labels.encoding(charset)
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
    encoding = encoding_labels.encoding(label)
    return "utf-8" if encoding in {"utf-16le", "utf-16be"} else encoding


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
