"""Tags that a browser has to repair.

Knows: how to see from the parsed tree what became of each tag in the source. Refuses to know: how
HTML is parsed, which is the parser's: a tag without a trace in the tree was dropped, an element
without a tag of its own was made up, and one out of order was moved.
Source: https://html.spec.whatwg.org/ sections 13.1.2.4 (optional tags) and 13.2.6 (the tree).
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

import turbohtml

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


_TAG: Final = re.compile(r"<([/a-zA-Z][^ />\n]*+)")
# Each with a beginning that is searched for at the speed of memory.
_FOREIGN: Final = (
    re.compile(r"<svg(?=[\s>/]).*?</svg", re.DOTALL),
    re.compile(r"<math(?=[\s>/]).*?</math", re.DOTALL),
)
_SELF_CLOSED: Final = re.compile(r"<([a-zA-Z][^\s/>]*+)([^<>]*+)(?<=/)>")
_OMITTED_ENDS: Final = _words(
    """
    p li dt dd tr td th thead tbody tfoot option optgroup rt rp
    colgroup caption html head body
    """
)
# Start and end tags that a tree has and a source may leave out.
_OPTIONAL: Final = frozenset(
    ["html", "head", "body", "tbody", "colgroup", *(f"/{name}" for name in _OMITTED_ENDS)]
)


class _Part(NamedTuple):
    """A part of the source.

    Attributes:
        start: its first character.
        end: the character behind it.
        elements: those of the tree with a tag in the part, and all above them.
    """

    start: int
    end: int
    elements: list[turbohtml.Element]


def _suspect(text: str, document: turbohtml.Document) -> _Part | None:
    """The part of the source outside of which every tag stands in the tree, in its place.

    Two lists of names are compared, which costs less than parsing did: the names in order, with
    both ends of each element, are the tree. There may be nothing wrong in the part; None is sure.
    """
    tree = _TAG.findall(document.serialize())
    whole = _closed(text) if "svg" in tree or "math" in tree else text
    source = _TAG.findall(whole)
    before, known = _alike(source, tree)
    if before == len(source) and known == len(tree):
        return None
    behind = _same(source[before:][::-1], tree[known:][::-1])
    while behind and source[-behind].startswith("/"):
        behind -= 1
    start = _offset(text, whole, before)
    end = _offset(text, whole, len(source) - behind)
    elements = list(document.iter_elements())
    first = _index(elements, 0, position(text, start), exactly=False)
    last = _index(elements, first, position(text, end), exactly=True)
    # Only where a start tag stands in both do the two lists mean the same tags from there on.
    end = end if last < len(elements) else len(text)
    while first and elements[first - 1].source_location is None:
        first -= 1  # what no tag began belongs to what follows
    around = _around(elements[:first])
    # A tag that the tree knows stands in no comment and no CDATA section.
    start = max(0, 0, *(place[0] for each in around if (place := _place(each))))
    return _Part(start, end, [*around, *elements[first:last]])


def _index(
    elements: Sequence[turbohtml.Element], start: int, place: tuple[int, int], *, exactly: bool
) -> int:
    """The first of the elements whose start tag stands here, or here or behind."""
    wanted_line, wanted_column = place[0], place[1] - 1
    for index in range(start, len(elements)):
        line = elements[index].source_line
        if line is not None and line >= wanted_line:
            column = elements[index].source_col or 0
            if line == wanted_line and column == wanted_column:
                return index
            if not exactly and (line > wanted_line or column > wanted_column):
                return index
    return len(elements)


def _around(before: Sequence[turbohtml.Element]) -> list[turbohtml.Element]:
    """The last of the elements and those that it is in, from the outside in."""
    inside_out = [before[-1], *before[-1].ancestors] if before else []
    return [each for each in inside_out[::-1] if isinstance(each, turbohtml.Element)]


_STEP: Final = 64


def _alike(source: Sequence[str], tree: Sequence[str]) -> tuple[int, int]:
    """How many tags of the source stand in the tree before they differ, and of how many there.

    What may be left out in a source is no difference.
    """
    at, known = 0, 0
    while at < len(source) and known < len(tree):
        if source[at : at + _STEP] == tree[known : known + _STEP]:
            at, known = at + _STEP, known + _STEP
        elif source[at] == tree[known] or source[at].lower() == tree[known].lower():
            at, known = at + 1, known + 1
        elif tree[known] in _OPTIONAL:
            known += 1
        else:
            break
    while known < len(tree) and at >= len(source) and tree[known] in _OPTIONAL:
        known += 1
    return min(at, len(source)), min(known, len(tree))


def _same(one: Sequence[str], other: Sequence[str]) -> int:
    """How many names two lists have in common before they differ."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _closed(text: str) -> str:
    """The source with `<path/>` of SVG and MathML as `<path></path>`, as a tree is written."""
    for foreign in _FOREIGN:
        text = foreign.sub(lambda part: _SELF_CLOSED.sub(r"<\1\2></\1>", part[0]), text)
    return text


def _offset(text: str, whole: str, index: int) -> int:
    """Where the nth tag of the closed source begins in the source itself."""
    tag = next(islice(_TAG.finditer(whole), index, None), None)
    if tag is None:
        return len(text)
    return tag.start() if whole is text else _before_closing(text, tag.start())


def _before_closing(text: str, offset: int) -> int:
    """A place of the closed source in the source itself; one in what was put in is its tag."""
    added = 0
    parts = [part for foreign in _FOREIGN for part in foreign.finditer(text)]
    for part in sorted(parts, key=re.Match.start):
        for tag in _SELF_CLOSED.finditer(part[0]):
            if offset <= part.start() + tag.start() + added:
                return offset - added
            added += len(f"</{tag[1]}>")
    return offset - added


# -- what it is ----------------------------------------------------------------------------------


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
    is_end: bool


_VOID: Final = _words(
    """
    area base basefont bgsound br col embed frame hr img input keygen
    link meta param source track wbr
    """
)
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
    part = _suspect(text, document)
    if part is None:
        return []
    wholes = [whole for each in part.elements if (whole := _whole(each))]
    loose = _loose(text, wholes, part)
    unclosed = [whole for whole in wholes if _lacks_end(text, whole)]
    found = [*_beyond_head(document, loose), *_moved(wholes), *_behind_body(wholes)]
    found += _rows(part.elements, loose)
    found += _dropped(loose)
    found += _paired(text, unclosed, loose)
    notes = {(offset, code): sentence for offset, code, sentence in found}
    return [
        Note(*position(text, offset), code, sentence)
        for (offset, code), sentence in sorted(notes.items())
    ]


_Found = tuple[int, str, str]


def _whole(element: turbohtml.Element) -> _Whole | None:
    """None for the copy of an element that a browser closes and begins again."""
    place = element.source_location
    if place is None:
        return None
    tag, end = place.start_tag, place.end_tag
    is_html = element.namespace is turbohtml.Namespace.HTML
    ends = (end.start_offset, end.end_offset) if end else (-1, -1)
    return _Whole(element.tag, tag.start_offset, tag.end_offset, *ends, is_html)


def _loose(text: str, wholes: Sequence[_Whole], part: _Part) -> list[_Tag]:
    """The tags of this part that the tree does not know; comments and raw text left out."""
    at, last = part.start, part.end
    found = []
    for start, end in [*sorted(_covered(text, wholes)), (last, last)]:
        until = min(start, last)
        while at < until and (tag := _LOOSE_TAG.search(text, at, until)):
            name = (tag["name"] or "").lower()
            if name and (name not in _ROOTS or not tag["end"]):
                found.append(_Tag(tag.start(), name, bool(tag["end"])))
            at = tag.end()
        at = max(at, end)
    return found


def _covered(text: str, wholes: Sequence[_Whole]) -> Iterator[tuple[int, int]]:
    for whole in wholes:
        if whole.html and whole.name in _RAW:
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
