"""The beginning of an XML document, XHTML or SVG: where a tag can go in, and what the head holds.

Knows: XML's prolog and tags, as far as a well-formed document needs. Refuses to know: bytes and
encodings, what is put in, namespaces beyond a name's prefix, and everything behind the head.
Source: https://www.w3.org/TR/xml/ sections 2.8 and 3.1.
"""

import re
from collections.abc import Iterator

from hotreload.injection.attribute_parser import attributes
from hotreload.injection.html_prefix import Element, Survey

_COMMENT = "<!--(?s:.*?)-->"
_INSTRUCTION = r"<\?(?s:.*?)\?>"
_QUOTED = """ "[^"]*+" | '[^']*+' """
_ANY_MISC = rf"(?: [\t\n\r ]++ | {_COMMENT} | {_INSTRUCTION} )*+"
_MISC = re.compile(_ANY_MISC, re.VERBOSE)
_PROLOG = re.compile(
    rf"""{_ANY_MISC}
    (?: <!DOCTYPE (?: [^\[\]"'<>]++ | {_QUOTED} )*+
      (?: \[ (?: [^\]"'<]++ | {_QUOTED} | {_COMMENT} | {_INSTRUCTION} | <(?!!--|\?) )*+ \] )?+
      [\t\n\r ]*+ > {_ANY_MISC} )?+
    """,
    re.VERBOSE,
)
_START = re.compile(
    r"""< (?: [^\s/>=<"'&!?:]++ : )?+ (?P<local> [^\s/>=<"'&!?:]++ )
    (?P<attributes> (?: [\t\n\r ]++ [^\s/>=<"'&]++ [\t\n\r ]*+ = [\t\n\r ]*+
      (?: "[^"<]*+" | '[^'<]*+' ) )*+ ) [\t\n\r ]*+ (?P<empty> /?+ ) >""",
    re.VERBOSE,
)
_XSLT = re.compile(rf"{_COMMENT}|(?P<sheet><\?xml-stylesheet[\t\n\r ](?s:.*?)\?>)")
_BETWEEN = re.compile(rf"(?: [^<]++ | {_COMMENT} | {_INSTRUCTION} )*+", re.VERBOSE)
_CONTENT = re.compile(
    rf"(?: [^<]++ | {_COMMENT} | {_INSTRUCTION} | <!\[CDATA\[(?s:.*?)\]\]> )*+ </ [^<>]*+ >",
    re.VERBOSE,
)


def survey(text: str) -> Survey | None:
    """Returns what a document's beginning says; None when it is not well-formed or has no inside.

    A document that a style sheet in XSLT turns into another one is left alone as well.
    """
    prolog = _PROLOG.match(text)
    root = _START.match(text, prolog.end() if prolog else 0)
    if not root or root["empty"] or _has_xslt(text[: root.start()]):
        return None
    head = _START.match(text, _behind(_MISC, text, root.end())) if root["local"] == "html" else None
    inside = head if head and head["local"] == "head" and not head["empty"] else root
    at = inside.end()
    given = attributes(text, *root.span("attributes"))
    return Survey(at, "", given, tuple(_elements(text, at)))


def _has_xslt(prolog: str) -> bool:
    return any("xsl" in (match["sheet"] or "")[16:] for match in _XSLT.finditer(prolog))


def _behind(ignored: re.Pattern[str], text: str, at: int) -> int:
    match = ignored.match(text, at)
    return match.end() if match else at


def _elements(text: str, at: int) -> Iterator[Element]:
    """The elements from here on, up to the first one that holds others."""
    while start := _START.match(text, _behind(_BETWEEN, text, at)):
        end = start if start["empty"] else _CONTENT.match(text, start.end())
        if not end:
            return
        at = end.end()
        yield Element(
            start["local"], attributes(text, *start.span("attributes")), start.start(), at
        )
