"""Tags that a browser has to repair.

Knows: how to see from the parsed tree what became of each tag in the source. Refuses to know: how
HTML is parsed, which is the parser's: a tag without a trace in the tree was dropped, an element
without a tag of its own was made up, and one out of order was moved.
Source: https://html.spec.whatwg.org/ sections 13.1.2.4 (optional tags) and 13.2.6 (the tree).
"""

import re
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterator, KeysView, Sequence
from itertools import chain
from operator import attrgetter
from typing import Final, NamedTuple

import turbohtml

from hotreload.check.html.element_spans import Part, Whole, implies_tbody, lacking, whole_of
from hotreload.check.html.nesting import nested
from hotreload.check.html.tokenizer_errors import is_doubtful
from hotreload.check.source.source_text import Note, position

# -- tags without a trace, and elements without an end ---------------------------------------------


class _Tag(NamedTuple):
    """A tag of the source that the tree knows nothing of."""

    start: int
    name: str
    written: str
    is_end: bool


# What is deeper is looked at tag by tag: to compare it once more on each level would take too long.
_DEEP: Final = 64


def _parts(text: str, document: turbohtml.Document) -> list[Part]:
    """The parts of a document, in the order of the tree."""
    parts: list[Part] = []
    waiting: list[tuple[turbohtml.Node, int]] = [(document, 0)]
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, turbohtml.Element):
            whole = whole_of(node)
            compared = whole is not None and 1 < depth < _DEEP
            after = _intact(text, node, whole) if whole and compared else 0
            parts.append(Part(node, whole, [(whole.start, after)] if whole and after else ()))
            if after:
                continue
        waiting += [(child, depth + 1) for child in reversed(node.children)]
    return parts


def _intact(text: str, element: turbohtml.Element, whole: Whole) -> int:
    """Where the element ends if the tree, written with the source's own tags, is the source.

    White space at its end makes no difference: what stands behind `</body>` is moved into it. Nor
    does a `<tbody>` that nobody writes, the newline that browsers drop in `<pre>`, or the way in
    which a character is written.
    """
    tree = element.to_source()
    inside = (tree[: whole.end - whole.after] if whole.end >= 0 else tree).rstrip()
    if whole.end < 0:
        same = text.startswith(inside, whole.start)
        return whole.start + len(inside) if same else 0
    written = text[whole.start : whole.end].rstrip()
    return whole.after if inside == written or _alike(inside, written) else 0


# The longest name of a character has fewer letters.
_REFERENCE: Final = 40


def _alike(tree: str, source: str) -> bool:
    """Whether two texts differ only in what makes no difference."""
    at = _difference(tree, source)
    begun = max(at - _REFERENCE, 0)
    is_tbody = tree.startswith("<tbody>", at - len("<t")) and "<tbody" not in source
    is_reference = "&" in tree[begun : at + 1] + source[at : at + 1]
    if not is_tbody and not is_reference and not source.startswith("\n", at):
        return False
    if is_tbody:
        tree = tree.replace("<tbody>", "").replace("</tbody>", "")
    one, other = turbohtml.unescape(tree[begun:]), turbohtml.unescape(source[begun:])
    return one == other or one.replace("\n", "") == other.replace("\n", "")


def _difference(one: str, other: str) -> int:
    """How many characters two strings have in common before they differ."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


_END_TAG: Final = re.compile(r"</([a-zA-Z][^\s/>]*)")
# An attribute and a title may hold `</b>` as it is, where the tree is written with `&lt;/b&gt;`.
_ESCAPED_TAG: Final = re.compile(r"&lt;/([a-zA-Z][^\s/&]*)")


def _without_ends(text: str, document: turbohtml.Document, loose: Sequence[_Tag]) -> list[Whole]:
    """The elements that lack an end tag, though they must have one.

    Args:
        text: the source.
        document: its tree.
        loose: the end tags that the tree does not know.
    """
    tree = document.serialize()
    if implies_tbody(document):
        tree = tree.replace("</tbody>", "")
    names = {name for tag in loose for name in (tag.name, tag.written)}
    escaped = "&lt;/" in tree and tree.count("&lt;/") != text.count("&lt;/")
    if escaped or is_doubtful(document) or tree.count("</") + len(loose) != text.count("</"):
        names |= _fewer(text, tree, _END_TAG)
    if escaped:
        names |= _fewer(text, tree, _ESCAPED_TAG)
    return lacking(text, document, names)


def _fewer(text: str, tree: str, tags: re.Pattern[str]) -> KeysView[str]:
    """The names of which there are fewer in the source than in the tree."""
    return (Counter(tags.findall(tree)) - Counter(tags.findall(text))).keys()


_RAW: Final = frozenset(
    (
        "script",
        "style",
        "textarea",
        "title",
        "noscript",
        "iframe",
        "noembed",
        "noframes",
        "xmp",
        "plaintext",
    )
)
# They may end without a start tag, as they begin by themselves.
_ROOTS: Final = frozenset(("html", "head", "body"))
_LOOSE_TAG: Final = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))|<[!?][^>]*+(?:>|\Z)"
    r"""|<(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*+)(?:[^>"']++|"[^"]*+"|'[^']*+')*+>?+""",
    re.DOTALL,
)
_CDATA: Final = "<![CDATA["


def repairs(text: str, document: turbohtml.Document) -> list[Note]:
    """Returns what a browser has to repair in a document.

    Args:
        text: the source.
        document: what `places.parsed` makes of it.
    """
    compared = nested(text, document)
    parts = compared.parts if compared else _parts(text, document)
    wholes = [part.whole for part in parts if part.whole]
    loose = _loose(text, parts)
    ends = [tag for tag in loose if tag.is_end]
    unclosed = compared.unclosed if compared else _without_ends(text, document, ends)
    loose = [tag for tag in loose if not tag.is_end or tag.name not in _ROOTS]
    found = [*_beyond_head(document, loose), *_moved(wholes), *_behind_body(wholes)]
    waiting = _Ends(loose)
    found += _rows([part.element for part in parts], waiting)
    found += _dropped(loose, waiting)
    found += _paired(text, unclosed, waiting.left())
    notes = {(offset, code): sentence for offset, code, sentence in found}
    return [
        Note(*position(text, offset), code, sentence)
        for (offset, code), sentence in sorted(notes.items())
    ]


_Found = tuple[int, str, str]


def _loose(text: str, parts: Sequence[Part]) -> list[_Tag]:
    """The tags that the tree does not know; comments and raw text left out."""
    at, last = 0, len(text)
    found, cdata_end = [], -1
    for start, end in [*sorted(_covered(text, parts)), (last, last)]:
        while at < start and (tag := _LOOSE_TAG.search(text, at, start)):
            written = tag["name"] or ""
            name = written.lower()
            if name:
                found.append(_Tag(tag.start(), name, written, bool(tag["end"])))
            at = tag.end()
            if tag[0].startswith(_CDATA):
                if cdata_end < tag.start():  # where there is none, it is not looked for again
                    cdata_end = text.find("]]>", tag.start())
                    cdata_end = last if cdata_end < 0 else cdata_end
                at = cdata_end + len("]]>") if cdata_end + len("]]>") <= start else at
        at = max(at, end)
    return found


def _covered(text: str, parts: Sequence[Part]) -> Iterator[tuple[int, int]]:
    for _, whole, intact in parts:
        if whole is None:
            continue
        if intact:
            yield from intact
        elif whole.html and whole.name in _RAW:
            yield whole.start, whole.after if whole.end >= 0 else len(text)
        else:
            yield whole.start, whole.inside
            if whole.end >= 0:
                yield whole.end, whole.after


def _beyond_head(document: turbohtml.Document, loose: list[_Tag]) -> Iterator[_Found]:
    """Content in the head begins the body; then `<body>` comes too late."""
    late = next((tag for tag in loose if tag.name == "body" and not tag.is_end), None)
    body = document.select_one("body")
    if late is None or body is None or body.source_location is not None:
        return
    loose.remove(late)
    first = next(filter(None, (_place(child) for child in body.children)), None)
    if first and first[0] < late.start:
        yield first[0], "HR303", f"<{first[1]}> begins the body: the <body> behind it is too late"


def _place(node: turbohtml.Node) -> tuple[int, str] | None:
    if not isinstance(node, turbohtml.Element) or node.source_location is None:
        return None
    return node.source_location.start_tag.start_offset, node.tag


def _moved(wholes: Sequence[Whole]) -> Iterator[_Found]:
    """What stands in a table but not in a cell comes before the table in the tree."""
    seen: list[int] = []
    names: dict[int, str] = {}
    for whole in wholes:
        if seen and whole.start < seen[-1]:
            first = seen[bisect_right(seen, whole.start)]
            yield (
                first,
                "HR303",
                f"<{names[first]}> is moved by browsers out of this <{whole.name}>",
            )
            del seen[bisect_right(seen, whole.start) :]
        seen.append(whole.start)
        names[whole.start] = whole.name


def _behind_body(wholes: Sequence[Whole]) -> Iterator[_Found]:
    over = next((whole.after for whole in wholes if whole.name == "body" and whole.end >= 0), None)
    behind = [whole for whole in wholes if over is not None and whole.start >= over]
    for whole in behind[:1]:
        yield whole.start, "HR303", f"<{whole.name}> stands behind </body>: browsers move it inside"


class _Ends:
    """End tags that the tree does not know, in order, without those that are reported already."""

    def __init__(self, loose: Sequence[_Tag]) -> None:
        self._ends = [tag for tag in loose if tag.is_end]
        self._by_name: dict[str, list[_Tag]] = {}
        for tag in self._ends:
            self._by_name.setdefault(tag.name, []).append(tag)
        # For each of a name, the next one that is left: itself, or one behind it.
        self._next = {name: list(range(len(ends) + 1)) for name, ends in self._by_name.items()}
        self._taken: set[int] = set()

    def take(self, name: str, start: int) -> None:
        """Takes out the first one of a name behind a place."""
        ends = self._by_name.get(name, [])
        at = bisect_right(ends, start, key=attrgetter("start"))
        following = self._next.get(name, [0])
        while following[at] != at:
            following[at] = at = following[following[at]]
        if at < len(ends):
            self._taken.add(ends[at].start)
            following[at] = at + 1

    def left(self) -> list[_Tag]:
        """Those that were not taken out."""
        return [tag for tag in self._ends if tag.start not in self._taken]


def _rows(elements: Sequence[turbohtml.Element], ends: _Ends) -> Iterator[_Found]:
    """A row that no tag began, as cells stand in the table itself; an end tag may end it."""
    for row in elements:
        cells = row.children if row.tag == "tr" and row.source_line is None else ()
        place = next(filter(None, map(_place, cells)), None)
        if place:
            ends.take("tr", place[0])
            yield place[0], "HR303", f"<{place[1]}> stands in no <tr>: browsers begin one here"


def _dropped(loose: Sequence[_Tag], ends: _Ends) -> Iterator[_Found]:
    """Start tags that browsers drop; and their end tags, about which nothing is said then."""
    for tag in loose:
        if not tag.is_end:
            ends.take(tag.name, tag.start)
            yield tag.start, "HR303", f"<{tag.name}> cannot stand here: browsers drop the tag"


def _paired(text: str, unclosed: Sequence[Whole], loose: Sequence[_Tag]) -> Iterator[_Found]:
    """Elements without end and end tags without element: often one is what the other lacks."""
    ahead = deque(unclosed)
    begun: dict[str, list[Whole]] = {}
    for tag in loose:
        name = f"</{tag.name}>"
        while ahead and ahead[0].start < tag.start:
            whole = ahead.popleft()
            begun.setdefault(whole.name.lower(), []).append(whole)
        before = begun.get(tag.name)
        if before:
            line = position(text, tag.start)[0]
            sentence = (
                f"<{tag.name}> overlaps another element: its {name} in line {line} is too late"
            )
            yield before.pop().start, "HR302", sentence
        else:
            yield tag.start, "HR301", f"{name} closes nothing"
    for whole in chain(ahead, *begun.values()):
        yield whole.start, "HR302", f"<{whole.name}> is never closed"
