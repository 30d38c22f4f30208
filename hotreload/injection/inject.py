"""Where our tag goes into a document, and the document's bytes with it.

Knows: the tag, and how to put it in so that a browser makes of the document what it makes of it
without: the same tree but for one script, in the same encoding and compatibility mode. Refuses to
know: files, requests, and what the tag's address says.
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html.entities import html5

from hotreload.injection import encoding, encoding_labels, html_prefix, tag, xml_prolog
from hotreload.injection.ascii_outline import Outline, outline
from hotreload.injection.attribute_parser import Value
from hotreload.injection.csp import Amendment
from hotreload.injection.encoding import Sniffed, sniff
from hotreload.injection.html_prefix import Element, Survey

# With a query it is a tag of a server's, in a page that was saved: what it says is long past.
_CLIENT = re.compile("/__hotreload__/(?:[0-9a-f]{16}/)?client[.]js$")

# The longest byte order mark: it counts for more than any other word on the encoding.
_MARK = 3

_HTML = "text/html"
_XML = frozenset({"application/xhtml+xml", "image/svg+xml"})


@dataclass(frozen=True, slots=True)
class Policy:
    """A `<meta http-equiv="content-security-policy">` of the head.

    Attributes:
        value: The policy.
        start: Where the attribute's value begins, with its quote, in bytes of the document.
        end: Where it ends.
    """

    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be known of a document to put a tag in; nothing of it depends on the request.

    Attributes:
        offset: Where the tag goes in, in bytes of the document.
        late: Where it goes in when it would move the `<meta>` that declares the encoding too far
            from the document's start; None when there is no such place.
        encoding: The Encoding Standard's name of the document's encoding, in lower case.
        declaration: How many bytes from the start hold that `<meta>`; 0 when there is none.
        xml: Whether the tag has to be well-formed XML.
        close: What goes in ahead of the tag: the rest of a comment or doctype that never ends.
        policies: The head's Content Security Policies.
    """

    offset: int
    late: int | None
    encoding: str
    declaration: int
    xml: bool
    close: str
    policies: tuple[Policy, ...]


def plan(
    document: bytes,
    media_type: str = "text/html",
    charset: str | None = None,
    *,
    whole: bool = True,
) -> Plan | None:
    """Returns where a tag goes into the document; None when the document is left alone.

    Left alone is what is no document of ours (another media type), what a person has put our
    script into, what opts out with `data-hotreload="off"` on its root element, and the few kinds
    that cannot take a tag unseen: XML that is not well-formed up to its content or is styled by
    XSLT, a root element without inside, an encoding that shows nothing of its content, and a file
    that ends within its first characters (in a doctype behind its system identifier, in a lone
    `<?`, in half a character of a comment).

    Args:
        document: The document as it is sent without the tag.
        media_type: Its media type without parameters, in lower case.
        charset: The charset in its Content-Type.
        whole: Whether this is all of it; a mere beginning that ends ahead of the head's content is
            left alone.
    """
    seen = _look(document, media_type, charset)
    if not seen or _opts_out(seen.survey) or any(map(_is_ours, seen.survey.elements)):
        return None
    at_the_end = bool(seen.survey.close)
    if at_the_end and not (whole and seen.outline.open_end):
        return None
    return Plan(
        offset=len(document) if at_the_end else seen.outline.offset(_place(seen.survey)),
        late=_late(seen),
        encoding=seen.sniffed.encoding,
        declaration=seen.sniffed.declaration,
        xml=media_type in _XML,
        close=seen.survey.close,
        policies=tuple(_policies(seen)),
    )


def is_settled(document: bytes, media_type: str = "text/html", charset: str | None = None) -> bool:
    """Whether the plan for this beginning is the plan for every document that begins so.

    That takes the whole head of a document in HTML, and all that browsers look at to find its
    encoding. Of other documents it is never said.

    Args:
        document: The beginning.
        media_type: The document's media type without parameters, in lower case.
        charset: The charset in its Content-Type.
    """
    seen = _look(document, media_type, charset)
    if seen is None or not seen.survey.settled or seen.sniffed.encoding == "iso-2022-jp":
        return False
    told = charset is not None and seen.sniffed.certain and len(document) >= _MARK
    return told or len(document) >= encoding.WINDOW


@dataclass(frozen=True, slots=True)
class _Seen:
    """A document as a browser reads its beginning."""

    sniffed: Sniffed
    outline: Outline
    survey: Survey


def _look(document: bytes, media_type: str, charset: str | None) -> _Seen | None:
    if media_type in _XML:
        return _read(document, sniff(document, charset, xml=True), xml_prolog.survey)
    if media_type != _HTML:
        return None
    seen = _read(document, sniff(document, charset, xml=False), html_prefix.survey)
    declared = _declared_far_away(seen) if seen else None
    return _read(document, declared, html_prefix.survey) if declared else seen


def _read(
    document: bytes, sniffed: Sniffed, survey: Callable[[str], Survey | None]
) -> _Seen | None:
    where = outline(document, sniffed)
    found = survey(where.text) if where else None
    return _Seen(sniffed, where, found) if where and found else None


def _declared_far_away(seen: _Seen) -> Sniffed | None:
    """Browsers take a `<meta>` at any distance from the start, as long as it is in the head."""
    if seen.sniffed.certain:
        return None
    for element in _named(seen.survey, "meta"):
        if declared := encoding.meta_encoding(element.given):
            return Sniffed(declared)
    return None


def _named(survey: Survey, name: str) -> Iterator[Element]:
    return (element for element in survey.elements if element.name == name)


def _opts_out(survey: Survey) -> bool:
    return _given(survey.root, "data-hotreload").lower() == "off"


def _is_ours(element: Element) -> bool:
    return element.name == "script" and _CLIENT.search(_given(element.given, "src")) is not None


def _place(survey: Survey) -> int:
    """Behind an import map: a browser that knows of one only takes none once it has a module."""
    for element in _named(survey, "script"):
        if _given(element.given, "type").lower() == "importmap" and _base_comes_behind(
            survey, element
        ):
            return element.end
    return survey.at


def _base_comes_behind(survey: Survey, element: Element) -> bool:
    """Whether our address, which begins with a slash, still means our server behind this."""
    return all(base.start > element.start for base in _named(survey, "base"))


def _late(seen: _Seen) -> int | None:
    for element in _named(seen.survey, "meta"):
        start, end = seen.outline.offset(element.start), seen.outline.offset(element.end)
        if start < seen.sniffed.declaration <= end and _base_comes_behind(seen.survey, element):
            return end
    return None


def _policies(seen: _Seen) -> Iterator[Policy]:
    for element in _named(seen.survey, "meta"):
        content = element.given.get("content")
        kind = _given(element.given, "http-equiv").lower()
        if kind == "content-security-policy" and content and content.raw.isascii():
            span = (seen.outline.offset(content.start), seen.outline.offset(content.end))
            yield Policy(_unescaped(content.raw), *span)


def _given(given: Mapping[str, Value], name: str) -> str:
    return _unescaped(given[name].raw) if name in given else ""


_REFERENCE = re.compile("&(?:#[0-9]+;?|#x[0-9a-f]+;?|[a-z0-9]+;?)", re.IGNORECASE)


def _unescaped(raw: str) -> str:
    """An attribute's value; what is no reference there may be one elsewhere (13.2.5.73)."""
    return _REFERENCE.sub(_character, raw)


def _character(reference: re.Match[str]) -> str:
    named = reference[0][1:]
    return html.unescape(reference[0]) if named[0] == "#" or named in html5 else reference[0]


@dataclass(frozen=True, slots=True)
class Injected:
    """A document with our tag: `before + tag + after`.

    Attributes:
        before: The document's bytes ahead of the tag.
        tag: The tag.
        after: The document's bytes behind it.
        charset: The charset that the Content-Type has to name, because the document's own
            declaration of it no longer stands where a browser looks; None when it does.
    """

    before: bytes
    tag: bytes
    after: bytes
    charset: str | None = None


NOTHING_AMENDED = Amendment()


def compose(
    document: bytes, plan: Plan, src: str, amendment: Amendment = NOTHING_AMENDED
) -> Injected:
    """Returns the document with our tag, in parts.

    Args:
        document: The bytes that the plan was made of.
        plan: Where the tag goes in.
        src: The address of our script: ASCII without white space, quotes, `&`, `<` and `>`.
        amendment: The policies in place of `plan.policies`, and the nonce for the tag.

    Raises:
        ValueError: The address could not stand in every kind of document.
    """
    ours = _encoded(
        plan.close
        + tag.script(
            src, plan.encoding, xml=plan.xml, closes=len(plan.close), nonce=amendment.nonce
        ),
        plan,
    )
    edits = _edits(plan, amendment)
    at, charset = plan.offset, None
    if not _declaration_stays(plan, edits, at, len(ours)):
        if plan.late is not None and _declaration_stays(plan, edits, plan.late, len(ours)):
            at = plan.late
        else:
            charset = plan.encoding
    before = _edited(document[:at], 0, edits)
    after = _edited(document[at:], at, edits)
    return Injected(before, ours, after, charset)


def inject(document: bytes, plan: Plan, src: str, amendment: Amendment = NOTHING_AMENDED) -> bytes:
    """Returns the document with our tag; see `compose`, which also tells the charset to send."""
    parts = compose(document, plan, src, amendment)
    return parts.before + parts.tag + parts.after


def _encoded(ascii_text: str, plan: Plan) -> bytes:
    return ascii_text.encode(plan.encoding if plan.encoding.startswith("utf-16") else "ascii")


_Edit = tuple[Policy, bytes]


def _edits(plan: Plan, amendment: Amendment) -> list[_Edit]:
    return [
        (policy, _encoded(_quoted(value), plan))
        for policy, value in zip(plan.policies, amendment.metas, strict=False)
        if value != policy.value
    ]


def _quoted(value: str) -> str:
    return '"' + html.escape(value, quote=False).replace('"', "&quot;") + '"'


def _declaration_stays(plan: Plan, edits: Sequence[_Edit], at: int, length: int) -> bool:
    """Whether the declaration of the encoding still ends in the window that browsers look at."""
    moved = length if at < plan.declaration else 0
    for policy, value in edits:
        if policy.start < plan.declaration:
            moved += len(value) - (policy.end - policy.start)
    return moved <= 0 or plan.declaration + moved <= encoding.WINDOW


def _edited(part: bytes, start: int, edits: Sequence[_Edit]) -> bytes:
    """This part of the document, which begins at `start`, with the policies in it replaced."""
    pieces, done = [], start
    for policy, value in edits:
        if start <= policy.start < start + len(part):
            pieces += [part[done - start : policy.start - start], value]
            done = policy.end
    return b"".join([*pieces, part[done - start :]])


def text(document: bytes, media_type: str = "text/html", charset: str | None = None) -> str | None:
    """Returns the document's characters as a browser reads them; None when that is not sure.

    It is not sure where browsers guess, where the document has bytes that stand for nothing, and
    in encodings that Python and browsers do not agree on.
    """
    known = media_type == _HTML or media_type in _XML
    if known and charset is None and document.isascii() and b"\x1b" not in document:
        return document.decode("ascii")  # the same in every encoding that a file can declare
    seen = _look(document, media_type, charset)
    codec = encoding_labels.CODECS.get(seen.sniffed.encoding) if seen else None
    if not seen or not codec or not (seen.sniffed.certain or document.isascii()):
        return None
    try:
        return document[seen.sniffed.start :].decode(codec)
    except UnicodeDecodeError:
        return None
