"""Where the tags of a page's elements stand in its source.

Knows: how a page is parsed for this, and which elements may go without an end tag. Refuses to know:
tags that no element came of, and what is wrong with a page.
Source: https://html.spec.whatwg.org/ sections 13.1.2 (elements) and 13.1.2.4 (optional tags).
"""

from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Final, NamedTuple

import turbohtml

from hotreload.check.html.serialization_diff import Span


def parsed(text: str) -> turbohtml.Document:
    """Returns what a browser that runs scripts makes of a page, with places in the source.

    A declarative shadow root stays the template that it is written as.
    """
    return turbohtml.parse(
        text, source_locations=True, scripting=True, allow_declarative_shadow_roots=False
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


OMITTED_ENDS: Final = _words(
    """
    p li dt dd tr td th thead tbody tfoot option optgroup rt rp
    colgroup caption html head body
    """
)
_VOID: Final = _words(
    """
    area base basefont bgsound br col embed frame hr img input keygen
    link meta param source track wbr
    """
)


class Whole(NamedTuple):
    """An element with the places of its tags; -1 for an end tag that is not there."""

    name: str
    start: int
    inside: int
    end: int
    after: int
    html: bool


class Part(NamedTuple):
    """An element in which something may be wrong, or one that stands in such an element.

    Attributes:
        element: the element.
        whole: where it is; None for the copy of an element that a browser closes and begins again.
        intact: the spans of the source of which every tag stands in the tree, in its place; none
            for an element in which something may be wrong.
    """

    element: turbohtml.Element
    whole: Whole | None
    intact: Sequence[Span] = ()


def whole_of(element: turbohtml.Element) -> Whole | None:
    """Where an element is; None if no start tag of its own made it."""
    place = element.source_location
    if place is None:
        return None
    tag, end = place.start_tag, place.end_tag
    is_html = element.namespace is turbohtml.Namespace.HTML
    ends = (end.start_offset, end.end_offset) if end else (-1, -1)
    return Whole(element.tag, tag.start_offset, tag.end_offset, *ends, is_html)


def lacking(text: str, document: turbohtml.Document, names: Collection[str]) -> list[Whole]:
    """The elements with these names that lack an end tag, though they must have one."""
    elements = [each for name in {*names} - OMITTED_ENDS for each in document.find_all(name)]
    wholes = [whole for each in elements if (whole := whole_of(each))]
    without = [whole for whole in wholes if _lacks_end(text, whole)]
    return sorted(without, key=attrgetter("start"))


def _lacks_end(text: str, whole: Whole) -> bool:
    if whole.end >= 0:
        return False
    if not whole.html:
        return not text.startswith("/>", whole.inside - 2)
    return whole.name not in _VOID and whole.name not in OMITTED_ENDS


def implies_tbody(document: turbohtml.Document) -> bool:
    """Whether browsers make every `<tbody>` of a page."""
    lines = [body.source_line for body in document.find_all("tbody")]
    return bool(lines) and not any(lines)
