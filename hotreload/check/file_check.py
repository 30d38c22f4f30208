"""One file: its findings, its anchors, and what it wants of other files.

Knows: which rules apply to what kind of text: a page, a part of a page, a template, a style sheet.
Refuses to know: other files, but for whether they exist; that is asked of the tree.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, NamedTuple

import turbohtml

from hotreload.check.findings import Finding
from hotreload.check.html import element_spans, parser_repairs, tokenizer_errors
from hotreload.check.references import css_references, html_references, url_reference
from hotreload.check.references.resolve import BrokenReference, Judge
from hotreload.check.references.site_files import SiteFiles
from hotreload.check.source import leftovers, source_text, suppressions
from hotreload.check.source.rewrite import Edit
from hotreload.check.source.source_text import Note, position
from hotreload.config import defaults


@dataclass(frozen=True, slots=True)
class Options:
    """What a run was asked for.

    Attributes:
        codes: the rules that are wanted.
        roots: the folders that `/` means; none if that is to be guessed.
        elsewhere: patterns of addresses that something else answers.
        ports: of the development server.
    """

    codes: frozenset[str]
    roots: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    ports: tuple[int, ...] = (defaults.PORT,)


class CheckedFile(NamedTuple):
    """A file, the folder that its references are relative to, and the top of what is known."""

    file: str
    folder: str
    top: str


_Wanted = dict[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Examined:
    """What one file says.

    Attributes:
        findings: in the file itself.
        wanted: fragments of its links, by the page that should have an id for each.
        anchors: the ids that links may want of it; None if these are not known.
        edits: what mends some of the findings.
    """

    findings: list[Finding]
    wanted: _Wanted
    anchors: frozenset[str] | None
    edits: tuple[Edit, ...]


@dataclass(slots=True)
class _NotesWithEdits:
    """What was found so far, and what would mend some of it."""

    notes: list[Note]
    mending: dict[Note, Edit] = field(default_factory=dict)

    def note(self, note: Note, edit: Edit | None) -> None:
        self.notes.append(note)
        if edit is not None:
            self.mending[note] = edit

    def unsuppressed(self, text: str, codes: frozenset[str]) -> "_NotesWithEdits":
        """The notes with one of these codes that no remark in the text suppresses."""
        wanted = [note for note in self.notes if note.code in codes]
        kept = suppressions.unsuppressed(wanted, suppressions.read(text)) if wanted else []
        return _NotesWithEdits(
            kept, {note: self.mending[note] for note in kept if note in self.mending}
        )


class Examiner:
    """Examines the files of one run."""

    def __init__(self, options: Options, tree: SiteFiles) -> None:
        self._options = options
        self._tree = tree
        self._judge = Judge(tree, options.elsewhere)
        self._dev_server = url_reference.dev_server(options.ports)
        self._at_port = tuple(f":{port}" for port in options.ports)

    # -- pages -----------------------------------------------------------------------------------

    def page(
        self, place: CheckedFile, data: bytes, missing: Mapping[str, Collection[str]]
    ) -> Examined:
        """Examines an HTML document.

        Args:
            place: where it is.
            data: its bytes.
            missing: fragments that other pages turned out to have no id for, by page.
        """
        page = _Page(source_text.page(data))
        said = _NotesWithEdits(
            [*page.read.notes, *page.contradictions(), *leftovers.conflicts(page.text)]
        )
        self._leftovers(page, place, said)
        wanted: _Wanted = {}
        if not page.is_template:
            said.notes += page.duplicates()
            said.notes += tokenizer_errors.broken_tags(page.text, page.document.errors)
        if page.is_whole and not page.is_template:
            said.notes += parser_repairs.repairs(page.text, page.document)
            wanted = self._references(page, place, missing, said)
        remarks_in = page.text if page.names_us else ""
        return _examined(
            place, said.unsuppressed(remarks_in, self._options.codes), wanted, page.ids()
        )

    def _leftovers(self, page: "_Page", place: CheckedFile, said: "_NotesWithEdits") -> None:
        said.notes += leftovers.saved_from(page.text, self._dev_server)
        if any(map(page.text.__contains__, self._at_port)):
            said.notes += page.addresses_at(self._dev_server)
        suspects = leftovers.SUSPECTS if page.names_us else leftovers.SCRIPTS
        for element in page.document.select(suspects):
            ours = leftovers.leftover(element)
            span = _span(element, ours.attribute) if ours else None
            if ours and span and (ours.file is None or self._is_client(ours.file, place)):
                note = Note(*position(page.text, span[0]), "HR001", ours.sentence)
                said.note(note, _without(page.text, span, ours.attribute))

    def _is_client(self, url: str, place: CheckedFile) -> bool:
        names = url_reference.names(url)
        hit = self._tree.find(names, place.folder, place.top, rooted=url.startswith("/"))
        return leftovers.CLIENT_MARK in ((self._tree.read(hit.file) if hit else None) or b"")

    # -- references ------------------------------------------------------------------------------

    def _references(
        self,
        page: "_Page",
        place: CheckedFile,
        missing: Mapping[str, Collection[str]],
        said: "_NotesWithEdits",
    ) -> "_Wanted":
        """Says what leads nowhere; returns what is wanted of other pages."""
        answers = self._judge.answers(place.folder, place.top, page.base())
        urls = page.urls()
        wanted, wrong = answers.ask(urls)
        own = url_reference.lost(wanted.pop("", set()), page.anchors())
        for url in answers.leading(urls, {**missing, "": own}) if missing or own else ():
            wrong[url] = _no_anchor(url)
        for url, span in page.places(wrong) if wrong else ():
            said.note(_note(page.text, span[0], wrong[url]), _respelt(page.text, span, wrong[url]))
        return {file: frozenset(fragments) for file, fragments in wanted.items()}

    # -- style sheets ----------------------------------------------------------------------------

    def sheet(self, place: CheckedFile, data: bytes) -> Examined:
        """Examines a style sheet."""
        read = source_text.sheet(data)
        said = _NotesWithEdits([*read.notes, *leftovers.conflicts(read.text)])
        for use in css_references.uses(read.text):
            judge = self._judge.judge_import if use.imported else self._judge.judge
            answer = judge(use.url, place.folder, place.top)
            if self._dev_server.match(use.url):
                answer = BrokenReference("HR002", f"{use.url} is the development server's address")
            if isinstance(answer, BrokenReference):
                edit = _respelt(read.text, (use.start, use.end), answer)
                said.note(_note(read.text, use.start, answer), edit)
        return _examined(place, said.unsuppressed(read.text, self._options.codes), {}, None)

    def anchors(self, data: bytes) -> frozenset[str] | None:
        """Returns the ids that links may want of a page; None if these are not known."""
        return _Page(source_text.page(data)).ids()


def _examined(
    place: CheckedFile, said: _NotesWithEdits, wanted: _Wanted, anchors: frozenset[str] | None
) -> Examined:
    findings = [Finding(place.file, *note) for note in said.notes]
    return Examined(findings, wanted, anchors, tuple(said.mending.values()))


def _no_anchor(url: str) -> BrokenReference:
    page = url.partition("#")[0].strip() or "this page"
    return BrokenReference("HR103", f'"{url}" leads to an id that {page} does not have')


def _note(text: str, offset: int, wrong: BrokenReference) -> Note:
    return Note(*position(text, offset), wrong.code, wrong.sentence)


def _respelt(text: str, span: tuple[int, int], wrong: BrokenReference) -> Edit | None:
    """The edit that spells a path as its file is spelt; None where it is written with escapes."""
    at = text.find(wrong.written, *span) if wrong.respelt else -1
    return Edit(at, at + len(wrong.written), wrong.respelt) if wrong.respelt and at >= 0 else None


def _without(text: str, span: tuple[int, int], attribute: str | None) -> Edit:
    if attribute is None:
        return Edit(*span, "")
    return Edit(*span, leftovers.without_mark(text[slice(*span)]))


# -- a page --------------------------------------------------------------------------------------

_ADDRESSES: Final = "[href],[src],[srcset],[action],[formaction],[poster],[data],meta[content]"
_ADDRESS_ATTRIBUTES: Final = (
    "href", "src", "srcset", "action", "formaction", "poster", "data", "content",
)  # fmt: skip
_WHOLE: Final = re.compile(r"<(?:!doctype|html|head|body|title|frameset)(?=[\s>/])", re.IGNORECASE)
# Each begins with a character that is rare, and is searched for at the speed of memory.
_MARKS: Final = tuple(map(re.compile, (r"\{[{%]", r"%(?<=<%)", r"\?(?<=<\?)(?:php|=)")))
_SHOWING: Final = ("pre", "code", "script", "style", "textarea", "samp", "kbd", "tt")
_SHOWN: Final = re.compile(rf"<(?:!--|({'|'.join(_SHOWING)})(?=[\s>]))", re.IGNORECASE)
_ENDS: Final = {name: re.compile(rf"</{name}\s*+>", re.IGNORECASE) for name in _SHOWING}
_COMMENT_END: Final = re.compile("-->")


class _Page:
    """A parsed document."""

    def __init__(self, read: source_text.Reading) -> None:
        self.read = read
        self.text = read.text
        self.names_us = "hotreload" in read.text
        self.document = element_spans.parsed(read.text)
        self.is_whole = _WHOLE.search(read.text) is not None
        self.is_template = _is_template(read.text)
        self._has_templates = bool(self.document.find_all("template"))
        self._links = [link for each in html_references.LINKS for link in self._select(each)]
        self._styles = self._select("style")
        self._with_id = self._select("[id]")
        self._ids = [element.attr("id") or "" for element in self._with_id]

    def _select(self, selector: str) -> list[turbohtml.Element]:
        """The elements of the page; what a template holds is not in it."""
        found = self.document.select(selector)
        return [each for each in found if not _in_template(each)] if self._has_templates else found

    # -- what it says ----------------------------------------------------------------------------

    def anchors(self) -> frozenset[str]:
        """The ids that links may want."""
        names = [element.attr("name") for element in self.document.select("a[name]")]
        return frozenset(filter(None, (*self._ids, *names)))

    def ids(self) -> frozenset[str] | None:
        """The ids that links from other pages may want; None if these are not known.

        A template has more of them later. Where a page sends its readers on, they are another's.
        """
        metas = self.document.find_all("meta")
        is_left = any(use for meta in metas for use in html_references.uses(meta))
        return None if self.is_template or is_left else self.anchors()

    def base(self) -> str | None:
        """What `<base>` says."""
        found = (element.attr("href") for element in self.document.find_all("base"))
        return next((href for href in found if href is not None), None)

    def urls(self) -> set[str]:
        """Every reference, as it is written."""
        found = {link.attr("href") or "" for link in self._links}
        found.update(use.url for _, use in self._uses())
        return found.union(
            use.url for style in self._styles for use in css_references.uses(style.text)
        )

    def places(self, urls: Collection[str]) -> Iterator[tuple[str, tuple[int, int]]]:
        """Where references with these addresses stand."""
        links = (
            (link, html_references.AttributeReference("href", link.attr("href") or ""))
            for link in self._links
        )
        for element, use in chain(links, self._uses()):
            if use.url in urls and (span := _span(element, use.attribute)):
                yield use.url, span
        for style in self._styles:
            yield from self._in_style(style, urls)

    def _uses(self) -> Iterator[tuple[turbohtml.Element, html_references.AttributeReference]]:
        """What the elements load."""
        for selector in html_references.SELECTORS:
            for element in self._select(selector):
                for use in html_references.uses(element):
                    yield element, use
        for element in self._select(html_references.STYLED):
            for use in html_references.styles(element):
                yield element, use

    def _in_style(
        self, style: turbohtml.Element, urls: Collection[str]
    ) -> Iterator[tuple[str, tuple[int, int]]]:
        for use in css_references.uses(style.text):
            if use.url in urls and (span := _span(style)):
                start = self.text.index(style.text, span[0])
                yield use.url, (start + use.start, start + use.end)

    # -- what is wrong with it -------------------------------------------------------------------

    def contradictions(self) -> Iterator[Note]:
        """Declarations of an encoding that browsers do not follow."""
        if self.read.encoding is None:
            return
        for meta in self.document.find_all("meta"):
            given = (meta.attr("charset"), meta.attr("http-equiv"), meta.attr("content"))
            label = source_text.label(*given)
            sentence = source_text.contradiction(label, self.read.encoding) if label else None
            if sentence and (span := _span(meta)):
                yield Note(*position(self.text, span[0]), "HR402", sentence)

    def addresses_at(self, dev_server: re.Pattern[str]) -> Iterator[Note]:
        """References to the development server."""
        for element in self.document.select(_ADDRESSES):
            for name in _ADDRESS_ATTRIBUTES:
                url = element.attr(name) or ""
                if dev_server.match(url) and (span := _span(element, name)):
                    sentence = f"{url} is the development server's address"
                    yield Note(*position(self.text, span[0]), "HR002", sentence)

    def duplicates(self) -> Iterator[Note]:
        """Ids that the page has already."""
        if len(set(self._ids)) == len(self._ids):
            return
        first: dict[str, turbohtml.Element] = {}
        for name, element in zip(self._ids, self._with_id, strict=True):
            if name in first and (span := _span(element, "id")):
                sentence = f'the id "{name}" is taken already, in line {first[name].source_line}'
                yield Note(*position(self.text, span[0]), "HR201", sentence)
            elif name:
                first.setdefault(name, element)


def _span(element: turbohtml.Element, attribute: str | None = None) -> tuple[int, int] | None:
    """Where an element stands, or one of its attributes.

    None for the copy of an element that a browser closes and begins again.
    """
    place = element.source_location
    if place is None:
        return None
    if attribute is not None and attribute in place.attrs:
        return place.attrs[attribute].start_offset, place.attrs[attribute].end_offset
    tag = place.start_tag
    return tag.start_offset, (place.end_tag or tag).end_offset


def _in_template(element: turbohtml.Element) -> bool:
    return any(isinstance(each, turbohtml.DocumentFragment) for each in element.ancestors)


def _is_template(text: str) -> bool:
    """Whether the text only becomes a page when something fills it in.

    Marks of template languages in code, scripts and comments are shown, or are for scripts.
    """
    if not any(mark.search(text) for mark in _MARKS):
        return False
    rest = _without_shown(text)
    return any(mark.search(rest) for mark in _MARKS)


def _without_shown(text: str) -> str:
    """A text without its comments and what is code in it; an end is looked for once."""
    pieces, at = [], 0
    ends: dict[str, re.Match[str] | None] = {}
    while shown := _SHOWN.search(text, at):
        name = (shown[1] or "").lower()
        end = ends.get(name)
        if name not in ends or (end is not None and end.start() < shown.end()):
            ends[name] = end = _ENDS.get(name, _COMMENT_END).search(text, shown.end())
        stop = end.start() if end else shown.end()
        pieces.append(text[at : shown.start() if end else stop])
        at = end.end() if end else stop
    return "".join([*pieces, text[at:]])
