"""Where a tree that was written out differs from its source.

Knows: how to walk along both texts at once, and which steps mean the same tags: an attribute or a
character written otherwise, an end tag that only one of them has. Refuses to know: the tree itself,
and what an end tag too many or too few means.
Source: https://html.spec.whatwg.org/#serialising-html-fragments
"""

import html
import re
from functools import lru_cache
from typing import Final, NamedTuple

import turbohtml

Span = tuple[int, int]
"""Where something begins in a text, and where it ends."""


class Differences(NamedTuple):
    """The end tags that only one of two texts has.

    Attributes:
        strays: those in the source, where they stand.
        missing: the names of those in the tree.
    """

    strays: list[Span]
    missing: list[str]


# A walk is for texts that are nearly the same: less than one difference in so many letters.
_FAR: Final = 150


def differences(tree: str, source: str, within: Span, *, makes_tbody: bool) -> Differences | None:
    """Walks along a tree that was written out, and its source, which has no broken tag in it.

    Args:
        tree: as the tree is serialized.
        source: what it was parsed from.
        within: the part of the source that the tree stands for.
        makes_tbody: no `<tbody>` of the tree is in the source.

    Returns:
        What differs; None if that is more than end tags, or much.
    """
    found = Differences([], [])
    here, (there, stop) = 0, within
    source = source[:stop]
    for _ in range(10 + (stop - there) // _FAR):
        same = _common(tree, here, source, there, stop)
        here, there = here + same, there + same
        if here == len(tree) and there == stop:
            return found
        step = (
            _character(tree, here, source, there)
            or _start_tag(tree, here, source, there)
            or (_tbody(tree, here, there) if makes_tbody else None)
            or _end_tag(tree, here, source, there, found)
            or _newline(here, source, there)
        )
        if step is None:
            return None
        here, there = step
    return None


_SHORT: Final = 32
_LONG: Final = 2048


def _common(tree: str, here: int, source: str, there: int, stop: int) -> int:
    """How many characters both have in common."""
    begun, length = there, _SHORT
    while there + length <= stop and tree.startswith(source[there : there + length], here):
        here, there, length = here + length, there + length, min(2 * length, _LONG)
    while length := length // 2:
        if there + length <= stop and tree.startswith(source[there : there + length], here):
            here, there = here + length, there + length
    return there - begun


# -- steps: where both texts go on behind a difference -------------------------------------------

_Step = tuple[int, int]

_CHARACTER: Final = re.compile(r"&[#\w]*;?|[<>\xa0]")
# In `&nbsp` and `&nbsp;` the sixth character differs; there is no longer name without a semicolon
# that is written with one.
_BACK: Final = 6


def _character(tree: str, here: int, source: str, there: int) -> _Step | None:
    start = source.rfind("&", max(there - _BACK, 0), there + 1)
    written = _CHARACTER.match(source, start if start >= 0 else there)
    if written is None:
        return None
    escaped = _escaped(written[0])
    begun = here - (there - written.start())
    end = begun + len(escaped)
    is_ahead = end >= here and written.end() >= there and (end, written.end()) != (here, there)
    return (end, written.end()) if is_ahead and tree.startswith(escaped, begun) else None


@lru_cache(1000)
def _escaped(written: str) -> str:
    """A character as the text of a tree has it."""
    return html.escape(turbohtml.unescape(written), quote=False).replace("\xa0", "&nbsp;")


_TBODY: Final = re.compile("</?tbody>")
_START_TAG: Final = re.compile(r"""<[a-zA-Z](?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")
_END_TAG: Final = re.compile(r"</([a-zA-Z][^\s/>]*)[^>]*>")


def _at(tags: re.Pattern[str], text: str, place: int) -> re.Match[str] | None:
    """The tag in which a place is."""
    tag = tags.match(text, max(text.rfind("<", 0, place + 1), 0))
    return tag if tag and tag.end() > place else None


def _tbody(tree: str, here: int, there: int) -> _Step | None:
    tag = _at(_TBODY, tree, here)
    return (tag.end(), there - (here - tag.start())) if tag else None


def _start_tag(tree: str, here: int, source: str, there: int) -> _Step | None:
    written = _at(_START_TAG, source, there)
    tag = _at(_START_TAG, tree, here)
    if written is None or tag is None or _plain(written[0]) != _plain(tag[0]):
        return None
    return tag.end(), written.end()


_SIGNS: Final = re.compile(r"[\s\"'/=]+")


def _plain(tag: str) -> str:
    """The names and values in a start tag: most pages of a site have the same ones."""
    return _kept_plain(tag) if len(tag) < _LONG else _made_plain(tag)


def _made_plain(tag: str) -> str:
    return _SIGNS.sub("", turbohtml.unescape(tag)).lower()


_kept_plain: Final = lru_cache(1000)(_made_plain)

_MADE: Final = "<p></p>"
_ENOUGH: Final = 8


def _end_tag(tree: str, here: int, source: str, there: int, found: Differences) -> _Step | None:
    written, tag = _at(_END_TAG, source, there), _at(_END_TAG, tree, here)
    if written:
        begun = here - (there - written.start())
        is_made = written[1].lower() == "p" and tree.startswith(_MADE, begun)
        begun += len(_MADE) * is_made
        goes_on = source[written.end() : written.end() + _ENOUGH]
        if tag is None or tree.startswith(goes_on, begun):
            found.strays.append(written.span())
            return begun, written.end()
    if tag is None:
        return None
    begun = there - (here - tag.start())
    # With no broken tag on the page, this is how an element of SVG or MathML is closed.
    if not source.endswith("/>", 0, begun):
        found.missing.append(tag[1])
    return tag.end(), begun


def _newline(here: int, source: str, there: int) -> _Step | None:
    """Browsers drop one at the beginning of `<pre>`."""
    return (here, there + 1) if source.startswith("\n", there) else None
