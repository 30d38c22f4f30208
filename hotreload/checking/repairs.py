"""Tags that a browser has to repair.

Knows: how to see from the parsed tree what became of each tag in the source. Refuses to know: how
HTML is parsed, which is the parser's: a tag without a trace in the tree was dropped, an element
without a tag of its own was made up, and one out of order was moved.
Source: https://html.spec.whatwg.org/ sections 13.1.2.4 (optional tags) and 13.2.6 (the tree).
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, KeysView, Sequence
from operator import attrgetter
from typing import Final, NamedTuple

import turbohtml

from hotreload.checking.differences import Differences, Span, differences
from hotreload.checking.reading import Note, position


def parsed(text: str) -> turbohtml.Document:
    """Returns what a browser that runs scripts makes of a page, with places in the source.

    A declarative shadow root stays the template that it is written as.
    """
    return turbohtml.parse(
        text, source_locations=True, scripting=True, allow_declarative_shadow_roots=False
    )


# -- where anything is ---------------------------------------------------------------------------


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OMITTED_ENDS: Final = _words(
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


class _Whole(NamedTuple):
    """An element with the places of its tags; -1 for an end tag that is not there."""

    name: str
    start: int
    inside: int
    end: int
    after: int
    html: bool


class _Tag(NamedTuple):
    """A tag of the source that the tree knows nothing of."""

    start: int
    name: str
    written: str
    is_end: bool


class _Part(NamedTuple):
    """An element in which something may be wrong, or one that stands in such an element.

    Attributes:
        element: the element.
        whole: where it is; None for the copy of an element that a browser closes and begins again.
        intact: the spans of the source of which every tag stands in the tree, in its place; none
            for an element in which something may be wrong.
    """

    element: turbohtml.Element
    whole: _Whole | None
    intact: Sequence[Span] = ()


# What is deeper is looked at tag by tag: to compare it once more on each level would take too long.
_DEEP: Final = 64


def _parts(text: str, document: turbohtml.Document) -> list[_Part]:
    """The parts of a document, in the order of the tree."""
    parts: list[_Part] = []
    waiting: list[tuple[turbohtml.Node, int]] = [(document, 0)]
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, turbohtml.Element):
            whole = _whole(node)
            compared = whole is not None and 1 < depth < _DEEP
            after = _intact(text, node, whole) if whole and compared else 0
            parts.append(_Part(node, whole, [(whole.start, after)] if whole and after else ()))
            if after:
                continue
        waiting += [(child, depth + 1) for child in reversed(node.children)]
    return parts


def _whole(element: turbohtml.Element) -> _Whole | None:
    place = element.source_location
    if place is None:
        return None
    tag, end = place.start_tag, place.end_tag
    is_html = element.namespace is turbohtml.Namespace.HTML
    ends = (end.start_offset, end.end_offset) if end else (-1, -1)
    return _Whole(element.tag, tag.start_offset, tag.end_offset, *ends, is_html)


def _intact(text: str, element: turbohtml.Element, whole: _Whole) -> int:
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


def _without_ends(text: str, document: turbohtml.Document, loose: Sequence[_Tag]) -> list[_Whole]:
    """The elements that lack an end tag, though they must have one.

    Args:
        text: the source.
        document: its tree.
        loose: the end tags that the tree does not know.
    """
    tree = document.serialize()
    if _makes_tbody(document):
        tree = tree.replace("</tbody>", "")
    names = {name for tag in loose for name in (tag.name, tag.written)}
    escaped = "&lt;/" in tree and tree.count("&lt;/") != text.count("&lt;/")
    if escaped or _is_doubtful(document) or tree.count("</") + len(loose) != text.count("</"):
        names |= _fewer(text, tree, _END_TAG)
    if escaped:
        names |= _fewer(text, tree, _ESCAPED_TAG)
    return _lacking(text, document, names)


def _makes_tbody(document: turbohtml.Document) -> bool:
    """Whether browsers make every `<tbody>` of a page."""
    lines = [body.source_line for body in document.find_all("tbody")]
    return bool(lines) and not any(lines)


def _lacking(text: str, document: turbohtml.Document, names: Collection[str]) -> list[_Whole]:
    """The elements with these names that lack an end tag, though they must have one."""
    elements = [each for name in {*names} - _OMITTED_ENDS for each in document.find_all(name)]
    wholes = [whole for each in elements if (whole := _whole(each))]
    lacking = [whole for whole in wholes if _lacks_end(text, whole)]
    return sorted(lacking, key=attrgetter("start"))


def _fewer(text: str, tree: str, tags: re.Pattern[str]) -> KeysView[str]:
    """The names of which there are fewer in the source than in the tree."""
    return (Counter(tags.findall(tree)) - Counter(tags.findall(text))).keys()


# -- pages that are nested well but for some end tags --------------------------------------------


# More characters than these that are written as numbers are sooner compared all at once.
_SPELT: Final = 24


class _Nested(NamedTuple):
    """A page of which every tag stands in the tree, in its place, but for some end tags.

    Attributes:
        parts: the root, the head and the body.
        unclosed: the elements that lack an end tag, though they must have one.
    """

    parts: list[_Part]
    unclosed: list[_Whole]


def _nested(text: str, document: turbohtml.Document) -> _Nested | None:
    """What is known of a page by one comparison; None if that is not enough, or not sure."""
    if text.count("&#") > _SPELT:
        return None
    root = document.root
    inside = [each for each in root.children if isinstance(each, turbohtml.Element)] if root else []
    if root is None or _is_doubtful(document) or [each.tag for each in inside] != ["head", "body"]:
        return None
    makes_tbody = _makes_tbody(document)
    parts = [_Part(root, _whole(root))]
    strays: list[Span] = []
    missing: list[str] = []
    for element in inside:
        whole = _whole(element)
        found = _differences(text, element, whole, makes_tbody=makes_tbody) if whole else None
        if whole is None or found is None:
            return None
        parts.append(_Part(element, whole, _between(found.strays, whole)))
        strays, missing = strays + found.strays, missing + found.missing
    unclosed = _lacking(text, document, missing)
    # A tag too many and one too few may be told apart wrongly.
    sure = not strays or Counter(missing) == Counter(whole.name for whole in unclosed)
    return _Nested(parts, unclosed) if sure else None


def _differences(
    text: str, element: turbohtml.Element, whole: _Whole, *, makes_tbody: bool
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


def _between(strays: Sequence[Span], whole: _Whole) -> list[Span]:
    """What of an element is between end tags that stand at these places in it."""
    cuts = [whole.start, *(cut for stray in strays for cut in stray), whole.after]
    return list(zip(cuts[::2], cuts[1::2], strict=True))


# -- what it is ----------------------------------------------------------------------------------


_RAW: Final = _words(
    """
    script style textarea title noscript
    iframe noembed noframes xmp plaintext
    """
)
# They may end without a start tag, as they begin by themselves.
_ROOTS: Final = frozenset(("html", "head", "body"))
_LOOSE_TAG: Final = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))|<!\[CDATA\[.*?\]\]>|<[!?][^>]*>"
    r"""|<(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*)(?:[^>"']|"[^"]*"|'[^']*')*>?""",
    re.DOTALL,
)


def repairs(text: str, document: turbohtml.Document) -> list[Note]:
    """Returns what a browser has to repair in a document.

    Args:
        text: the source.
        document: what was `parsed` of it.
    """
    nested = _nested(text, document)
    parts = nested.parts if nested else _parts(text, document)
    wholes = [part.whole for part in parts if part.whole]
    loose = _loose(text, parts)
    ends = [tag for tag in loose if tag.is_end]
    unclosed = nested.unclosed if nested else _without_ends(text, document, ends)
    loose = [tag for tag in loose if not tag.is_end or tag.name not in _ROOTS]
    found = [*_beyond_head(document, loose), *_moved(wholes), *_behind_body(wholes)]
    found += _rows([part.element for part in parts], loose)
    found += _dropped(loose)
    found += _paired(text, unclosed, loose)
    notes = {(offset, code): sentence for offset, code, sentence in found}
    return [
        Note(*position(text, offset), code, sentence)
        for (offset, code), sentence in sorted(notes.items())
    ]


_Found = tuple[int, str, str]


def _loose(text: str, parts: Sequence[_Part]) -> list[_Tag]:
    """The tags that the tree does not know; comments and raw text left out."""
    at, last = 0, len(text)
    found = []
    for start, end in [*sorted(_covered(text, parts)), (last, last)]:
        while at < start and (tag := _LOOSE_TAG.search(text, at, start)):
            written = tag["name"] or ""
            name = written.lower()
            if name:
                found.append(_Tag(tag.start(), name, written, bool(tag["end"])))
            at = tag.end()
        at = max(at, end)
    return found


def _covered(text: str, parts: Sequence[_Part]) -> Iterator[tuple[int, int]]:
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


def _lacks_end(text: str, whole: _Whole) -> bool:
    if whole.end >= 0:
        return False
    if not whole.html:
        return not text.startswith("/>", whole.inside - 2)
    return whole.name not in _VOID and whole.name not in _OMITTED_ENDS


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


def _moved(wholes: Sequence[_Whole]) -> Iterator[_Found]:
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


def _behind_body(wholes: Sequence[_Whole]) -> Iterator[_Found]:
    over = next((whole.after for whole in wholes if whole.name == "body" and whole.end >= 0), None)
    behind = [whole for whole in wholes if over is not None and whole.start >= over]
    for whole in behind[:1]:
        yield whole.start, "HR303", f"<{whole.name}> stands behind </body>: browsers move it inside"


def _rows(elements: Sequence[turbohtml.Element], loose: list[_Tag]) -> Iterator[_Found]:
    """A row that no tag began, as cells stand in the table itself; an end tag may end it."""
    for row in elements:
        cells = row.children if row.tag == "tr" and row.source_line is None else ()
        place = next(filter(None, map(_place, cells)), None)
        if place:
            _without_end(loose, "tr", place[0])
            yield place[0], "HR303", f"<{place[1]}> stands in no <tr>: browsers begin one here"


def _dropped(loose: list[_Tag]) -> Iterator[_Found]:
    """Start tags that browsers drop; and their end tags, about which nothing is said then."""
    for tag in [tag for tag in loose if not tag.is_end]:
        loose.remove(tag)
        _without_end(loose, tag.name, tag.start)
        yield tag.start, "HR303", f"<{tag.name}> cannot stand here: browsers drop the tag"


def _without_end(loose: list[_Tag], name: str, start: int) -> None:
    """Takes out the end tag of what was told already."""
    ends = (tag for tag in loose if tag.is_end and tag.name == name and tag.start > start)
    end = next(ends, None)
    if end:
        loose.remove(end)


def _paired(text: str, unclosed: list[_Whole], loose: Sequence[_Tag]) -> Iterator[_Found]:
    """Elements without end and end tags without element: often one is what the other lacks."""
    for tag in loose:
        name = f"</{tag.name}>"
        before = [
            whole
            for whole in unclosed
            if whole.name.lower() == tag.name and whole.start < tag.start
        ]
        if before:
            unclosed.remove(before[-1])
            line = position(text, tag.start)[0]
            sentence = (
                f"<{tag.name}> overlaps another element: its {name} in line {line} is too late"
            )
            yield before[-1].start, "HR302", sentence
        else:
            yield tag.start, "HR301", f"{name} closes nothing"
    for whole in unclosed:
        yield whole.start, "HR302", f"<{whole.name}> is never closed"


# -- what the tokenizer repairs ------------------------------------------------------------------

_BROKEN: Final = {
    "duplicate-attribute": "{name} is given twice in this tag: browsers take the first",
    "eof-in-comment": "a comment never ends: the rest of the page is in it",
    "eof-in-tag": "the page ends within a tag",
    "missing-whitespace-between-attributes": (
        "no space stands between two attributes: is a quote wrong?"
    ),
    "non-void-html-element-start-tag-with-trailing-solidus": (
        "the slash does not close {name}: it stays open"
    ),
    "unexpected-character-in-attribute-name": "a quote or < stands in an attribute's name",
    "unexpected-character-in-unquoted-attribute-value": (
        "a quote, =, < or ` stands in a value that has no quotes"
    ),
    "unexpected-equals-sign-before-attribute-name": "an attribute has no name before its =",
}
# Where these are, what looks like an end tag may be none.
_NO_TAGS: Final = frozenset(("missing-end-tag-name", "invalid-first-character-of-tag-name"))


def _is_doubtful(document: turbohtml.Document) -> bool:
    """Whether the tokenizer repaired something in a tag."""
    return any(error.code in _BROKEN or error.code in _NO_TAGS for error in document.errors)


_NAME_BEFORE: Final = re.compile(r"[^\s/>\"'=<]+\Z")
_NAME_BEHIND: Final = re.compile(r"<[^\s/>]+")


def broken_tags(text: str, errors: Sequence[turbohtml.ParseError]) -> list[Note]:
    """Returns the tags and comments that do not mean what they look like; one a place."""
    notes: dict[tuple[int, int], Note] = {}
    wanted = [error for error in errors if error.code in _BROKEN]
    lines = text.split("\n") if wanted else []
    for error in wanted:
        line = lines[error.line - 1]
        name, start = _named(error, line)
        note = Note(error.line, start + 1, "HR304", _BROKEN[error.code].format(name=name))
        notes.setdefault((note.line, note.column), note)
    return list(notes.values())


def _named(error: turbohtml.ParseError, line: str) -> tuple[str, int]:
    """The name that an error is about, and where it begins in its line."""
    if error.code == "duplicate-attribute":
        name = _NAME_BEFORE.search(line, 0, error.col)
        return (name[0], name.start()) if name else ("an attribute", error.col)
    if error.code.startswith("non-void"):
        tag = _NAME_BEHIND.match(line, error.col)
        return (f"{tag[0]}>" if tag else "the element"), error.col
    return "", error.col
