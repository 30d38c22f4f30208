"""Tags and comments that do not mean what they look like.

Knows: which of the tokenizer's repairs are worth a word, and what each is about. Refuses to know:
the tree.
Source: https://html.spec.whatwg.org/#parse-errors
"""

import re
from collections.abc import Sequence
from typing import Final

import turbohtml

from hotreload.check.source.source_text import Note

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


def is_doubtful(document: turbohtml.Document) -> bool:
    """Whether the tokenizer repaired something in a tag."""
    return any(error.code in _BROKEN or error.code in _NO_TAGS for error in document.errors)


# What stands around an attribute's name.
_AROUND: Final = frozenset("/>\"'=<")
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
        start = end = min(error.col, len(line))
        while start and line[start - 1] not in _AROUND and not line[start - 1].isspace():
            start -= 1
        return (line[start:end], start) if start < end else ("an attribute", error.col)
    if error.code.startswith("non-void"):
        tag = _NAME_BEHIND.match(line, error.col)
        return (f"{tag[0]}>" if tag else "the element"), error.col
    return "", error.col
