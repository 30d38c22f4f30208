"""The beginning of an HTML document: where a tag can go in unseen, and what stands in the head.

Knows: the tokens that may come before the head's first content and in the head, and how a browser's
tree construction takes each of them. Refuses to know: bytes and encodings, what is put in, and
everything behind the head.
Source: https://html.spec.whatwg.org/ sections 13.2.5 (tokens) and 13.2.6.4.1 to 13.2.6.4.6 (modes).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from hotreload.injection.attribute_parser import ATTRIBUTES, Value, attributes


@dataclass(frozen=True, slots=True)
class Element:
    """One element of the head: from its start tag to the end of its end tag, if it has one."""

    name: str
    given: Mapping[str, Value]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Survey:
    """What a document's beginning says, in indexes of its text.

    Attributes:
        at: Where a tag goes in so that the parsed document is the same but for that tag.
        close: What has to go in ahead of the tag: the rest of a comment or doctype that never ends.
        root: The attributes of the document's element.
        elements: The `base`, `meta` and `script` elements of the head, in order.
        settled: Whether nothing that may stand behind this text could change any of that.
    """

    at: int
    close: str
    root: Mapping[str, Value]
    elements: tuple[Element, ...]
    settled: bool = False


class Token(NamedTuple):
    """One comment, doctype or tag, or the place where text begins or the document ends.

    Attributes:
        kind: `comment`, `doctype`, `start`, `end` or `text`.
        start: Index of its first character.
        end: Index behind its last one.
        name: A tag's name in lower case.
        inner: Where a tag's attributes stand.
        closed: False when the document ends inside it.
    """

    kind: str
    start: int
    end: int
    name: str = ""
    inner: tuple[int, int] = (0, 0)
    closed: bool = True


def survey(text: str) -> Survey | None:
    """Returns what a document's beginning says; None when a tag cannot go in unseen."""
    root: dict[str, Value] = {}
    at, space, in_body = 0, "", False
    while True:
        space = _space(text, at)
        in_body = in_body or "\0" in space
        ahead = token(text, at + len(space))
        if not _goes_before_the_head(ahead):
            break
        if not ahead.closed:
            close = _close(text[ahead.start :])
            return None if close is None else Survey(len(text), close, root, ())
        if ahead.name == "html":
            root = attributes(text, *ahead.inner) | root
        at = ahead.end
    if in_body and ahead.kind == "text" and space.strip("\0"):
        return None  # the white space belongs to the text, and our tag would part them
    explicit = ahead.kind == "start" and ahead.name == "head"
    at = ahead.end if explicit else ahead.start
    return Survey(at, "", root, *_elements(text, at))


_ENDS_THAT_OPEN_THE_HEAD = frozenset({"head", "body", "html", "br"})


def _goes_before_the_head(ahead: Token) -> bool:
    """Whether the modes up to "before head" take this token without making the head element."""
    match ahead.kind:
        case "start":
            return ahead.name == "html"
        case "end":
            return ahead.name not in _ENDS_THAT_OPEN_THE_HEAD
        case kind:
            return kind != "text"


# White space is dropped ahead of the head in whatever way it is written. So is NUL in Chromium,
# while by the standard it opens the body and is dropped then.
_SPACE = re.compile(
    r"""(?: [\0\t\n\f\r ]
      | &\#0*+(?:9|10|12|13|32)(?![0-9]);?+
      | &\#[xX]0*+(?:9|[aA]|[cC]|[dD]|20)(?![0-9a-fA-F]);?+
      | &(?:Tab|NewLine);
    )*+""",
    re.VERBOSE,
)


def _space(text: str, at: int) -> str:
    space = _SPACE.match(text, at)
    return space[0] if space else ""


_COMMENT_END = re.compile("--!?>")
_DOCTYPE = re.compile("<!doctype", re.IGNORECASE)
_BOGUS_COMMENT = re.compile("<(?:[!?]|/[^a-z])", re.IGNORECASE)
_TAG = re.compile(
    rf"<(?P<end> /?+ )(?P<name> [a-z][^\t\n\f\r />]*+ )(?P<attributes> {ATTRIBUTES} ) >",
    re.VERBOSE | re.IGNORECASE,
)


def token(text: str, at: int) -> Token:
    """Returns the token that begins at this index."""
    if text.startswith("<!--", at):
        return _token("comment", text, at, _comment_end(text, at))
    if _DOCTYPE.match(text, at):
        return _token("doctype", text, at, text.find(">", at) + 1)
    if _BOGUS_COMMENT.match(text, at):
        return _token("comment", text, at, text.find(">", at) + 1)
    if tag := _TAG.match(text, at):
        kind = "end" if tag["end"] else "start"
        return Token(kind, at, tag.end(), tag["name"].lower(), tag.span("attributes"))
    return Token("text", at, at)


def _comment_end(text: str, at: int) -> int:
    for abrupt in ("<!-->", "<!--->"):
        if text.startswith(abrupt, at):
            return at + len(abrupt)
    end = _COMMENT_END.search(text, at + len("<!--"))
    return end.end() if end else 0


def _token(kind: str, text: str, at: int, end: int) -> Token:
    return Token(kind, at, end or len(text), closed=end > 0)


_QUOTED = """(?: "[^"]*" | '[^']*' )"""
_S = r"[\t\n\f\r ]"
_NAMED = rf"<!doctype {_S}* [^\t\n\f\r ]+ {_S}+"
_DOCTYPE_WITHOUT_NAME = re.compile(rf"<!doctype{_S}*\Z", re.IGNORECASE)
_DOCTYPE_IN_QUOTES = re.compile(
    rf"""{_NAMED} (?: public {_S}* (?: {_QUOTED} {_S}* )? | system {_S}* )
    (?: "[^"]* | '[^']* ) \Z""",
    re.VERBOSE | re.IGNORECASE,
)
_DOCTYPE_COMPLETE = re.compile(
    rf"{_NAMED} (?: public {_S}* {_QUOTED} | system ) {_S}* {_QUOTED} {_S}* \Z",
    re.VERBOSE | re.IGNORECASE,
)


def _close(unclosed: str) -> str | None:
    """Returns what ends this comment or doctype so that it means what it means at a file's end.

    At a file's end a comment keeps its text, without the dashes of a begun `-->`, and a doctype
    means quirks mode. Nothing ends a doctype in that way behind its system identifier, nor a lone
    `<?`, which is a comment by the standard and nothing in Chromium.
    """
    if unclosed == "<?":
        return None
    if unclosed.startswith("<!--"):
        return _close_comment(unclosed[len("<!--") :])
    if not _DOCTYPE.match(unclosed) or _DOCTYPE_WITHOUT_NAME.match(unclosed):
        return ">"
    if _DOCTYPE_COMPLETE.match(unclosed):
        return None
    return ">" if _DOCTYPE_IN_QUOTES.match(unclosed) else " x>"


def _close_comment(content: str) -> str:
    if content.endswith(("--", "--!")):
        return ">"
    return "->" if content.endswith("-") else "-->"


_WITHOUT_CONTENT = frozenset({"base", "basefont", "bgsound", "head", "html", "link", "meta"})
_WITH_TEXT = frozenset({"noframes", "noscript", "script", "style", "title"})
_REPORTED = frozenset({"base", "meta", "script"})


def _elements(text: str, at: int) -> tuple[tuple[Element, ...], bool]:
    """The head's elements from here on, up to the first `<template>` or what opens the body.

    Also whether that stands in the text, rather than the text's end.
    """
    in_head = True
    found: list[Element] = []
    while (ahead := token(text, at + len(_space(text, at)))).closed and ahead.kind != "text":
        at = ahead.end
        if ahead.kind == "end":
            if ahead.name in _ENDS_THAT_OPEN_THE_HEAD - {"head"}:
                return tuple(found), True
            in_head = in_head and ahead.name != "head"
        if ahead.kind == "start":
            if ahead.name in _WITH_TEXT and (in_head or ahead.name != "noscript"):
                end = _content_end(text, ahead)
                if end is None:
                    return tuple(found), False
                at = end
            elif ahead.name not in _WITHOUT_CONTENT:
                return tuple(found), True
            if ahead.name in _REPORTED:
                found.append(Element(ahead.name, attributes(text, *ahead.inner), ahead.start, at))
    return tuple(found), ahead.closed and _TEXT.match(text, ahead.start) is not None


# What is text however it goes on: neither the beginning of a tag nor that of a reference.
_TEXT = re.compile("[^<&]|<[^a-z/!?]|&[#0-9a-z]*[^#0-9a-z]", re.IGNORECASE)


def _content_end(text: str, opening: Token) -> int | None:
    """Where an element ends that holds text only; None when it never does: then it does nothing."""
    find = _script_end if opening.name == "script" else _raw_end
    closing = token(text, find(text, opening))
    return closing.end if closing.kind == "end" else None


def _raw_end(text: str, opening: Token) -> int:
    end = re.compile(rf"</{opening.name}(?=[\t\n\f\r />])", re.IGNORECASE).search(text, opening.end)
    return end.start() if end else len(text)


_SCRIPT_MARK = re.compile(r"<!(?=--)|-->|<(?P<end>/?)script(?=[\t\n\f\r />])", re.IGNORECASE)


def _script_end(text: str, opening: Token) -> int:
    """A script goes on behind `</script>` in a comment in which another `<script>` has begun."""
    commented = nested = False
    for mark in _SCRIPT_MARK.finditer(text, opening.end):
        if mark["end"] is None:
            commented, nested = mark[0] == "<!", nested and mark[0] == "<!"
        elif not mark["end"]:
            nested = commented
        elif not nested:
            return mark.start()
        else:
            nested = False
    return len(text)
