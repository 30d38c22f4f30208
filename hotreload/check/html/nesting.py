"""Pages that are nested well but for some end tags: what one comparison finds in them.

Knows: when comparing a page's source with its tree once, as a whole, is enough to say what became
of each tag. Refuses to know: how the two texts are walked along, and what to do with other pages.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

import turbohtml

from hotreload.check.html.element_spans import Part, Whole, implies_tbody, lacking, whole_of
from hotreload.check.html.serialization_diff import Differences, Span, differences
from hotreload.check.html.tokenizer_errors import is_doubtful

# More characters than these that are written as numbers are sooner compared all at once.
_SPELT: Final = 24


class Nested(NamedTuple):
    """A page of which every tag stands in the tree, in its place, but for some end tags.

    Attributes:
        parts: the root, the head and the body.
        unclosed: the elements that lack an end tag, though they must have one.
    """

    parts: list[Part]
    unclosed: list[Whole]


def nested(text: str, document: turbohtml.Document) -> Nested | None:
    """What is known of a page by one comparison; None if that is not enough, or not sure."""
    if text.count("&#") > _SPELT:
        return None
    root = document.root
    inside = [each for each in root.children if isinstance(each, turbohtml.Element)] if root else []
    if root is None or is_doubtful(document) or [each.tag for each in inside] != ["head", "body"]:
        return None
    makes_tbody = implies_tbody(document)
    parts = [Part(root, whole_of(root))]
    strays: list[Span] = []
    missing: list[str] = []
    for element in inside:
        whole = whole_of(element)
        found = _differences(text, element, whole, makes_tbody=makes_tbody) if whole else None
        if whole is None or found is None:
            return None
        parts.append(Part(element, whole, _between(found.strays, whole)))
        strays, missing = strays + found.strays, missing + found.missing
    unclosed = lacking(text, document, missing)
    # A tag too many may be taken for one too few, and the other way round.
    sure = not strays or Counter(missing) == Counter(whole.name for whole in unclosed)
    return Nested(parts, unclosed) if sure else None


def _differences(
    text: str, element: turbohtml.Element, whole: Whole, *, makes_tbody: bool
) -> Differences | None:
    """What differs within an element. White space at its end is none: it may come from behind."""
    if whole.end < 0:
        return None
    tree = element.serialize().removesuffix(f"</{element.tag}>").rstrip()
    stop = _stripped(text, whole.start, whole.end)
    return differences(tree, text, (whole.start, stop), makes_tbody=makes_tbody)


def _stripped(text: str, start: int, end: int) -> int:
    """Where a part of a text ends without the white space at its end."""
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


def _between(strays: Sequence[Span], whole: Whole) -> list[Span]:
    """What of an element is between end tags that stand at these places in it."""
    cuts = [whole.start, *(cut for stray in strays for cut in stray), whole.after]
    return list(zip(cuts[::2], cuts[1::2], strict=True))
