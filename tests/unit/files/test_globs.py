"""Globs that are matched at once match what each matches alone, in one pass over the text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotreload.files.globs import NOT_SLASH, SLASH, Gap, Globs, OneOf

A, B = b"ab"
ITEMS = st.sampled_from(
    [A, B, SLASH, NOT_SLASH, OneOf(frozenset(b"ab")), OneOf(frozenset(b"a/"), True),
     OneOf(frozenset()), OneOf(frozenset(), True), Gap.NAME, Gap.ANY, Gap.FOLDERS]
)  # fmt: skip


def placed(items):
    """Folders stand where a name begins."""
    glob = []
    for item in items:
        if item is Gap.FOLDERS and glob and glob[-1] not in (SLASH, Gap.FOLDERS):
            glob.append(SLASH)
        glob.append(item)
    return glob


GLOBS = st.lists(st.lists(ITEMS, max_size=6).map(placed), max_size=5)
TEXTS = st.text("ab/c\xff", max_size=12).map(lambda text: text.encode("latin-1"))
GAPS = {Gap.NAME: b"[^/]*", Gap.ANY: b".*", Gap.FOLDERS: b"(?:.*/)?"}


def as_regex(glob):
    """The same as a regular expression."""

    def piece(item):
        if isinstance(item, Gap):
            return GAPS[item]
        if isinstance(item, int):
            return re.escape(bytes([item]))
        within = b"".join(map(re.escape, (bytes([byte]) for byte in sorted(item.bytes))))
        if not within:
            return b"." if item.negated else b"(?!)"
        return b"[" + b"^" * item.negated + within + b"]"

    return re.compile(b"".join(map(piece, glob)), re.DOTALL)


@given(GLOBS, TEXTS)
def test_globs_match_what_each_of_them_matches_alone(globs, text):
    fitting = [n for n, glob in enumerate(globs) if as_regex(glob).fullmatch(text)]

    assert list(Globs(globs).all(text)) == fitting


@given(GLOBS, TEXTS, st.sets(st.integers(0, 4)))
def test_the_last_one_is_looked_for_among_those_that_are_wanted(globs, text, wanted):
    fitting = [n for n in Globs(globs).all(text) if n in wanted]

    found = Globs(globs)
    assert found.last(text, found.mask(wanted.__contains__)) == (fitting[-1] if fitting else None)


def test_globs_may_name_every_byte():
    every = Globs([[byte] for byte in range(256)])

    assert [list(every.all(bytes([byte]))) for byte in range(256)] == [[n] for n in range(256)]


class Read(bytes):
    """Bytes that count how many of them were looked at."""

    def translate(self, table, /):
        def counted():
            for byte in bytes(self):
                self.looks += 1
                yield table[byte]

        self.looks = 0
        return counted()


@pytest.mark.parametrize(
    "glob",
    [
        [*[Gap.NAME, A] * 200, Gap.NAME, B],
        [*[Gap.ANY, A] * 200, Gap.ANY, B],
        [*[Gap.FOLDERS, A] * 200, B],
        [*[Gap.FOLDERS, Gap.NAME, A, SLASH] * 200, B],
    ],
    ids=["stars", "asterisks", "folders", "both"],
)
def test_each_byte_of_a_text_is_looked_at_once_whatever_the_globs_are(glob):
    """No pattern and no name makes anything be tried again."""
    for text in (b"a" * 4000, b"a/" * 2000):
        read = Read(text)
        assert list(Globs([glob] * 20).all(read)) == []
        assert read.looks <= len(text)


@given(GLOBS, TEXTS)
def test_each_folder_on_a_path_is_matched_as_it_is_alone(globs, text):
    found = Globs(globs)
    every = found.mask(lambda _: True)
    folders = [text[:at] for at, byte in enumerate(text) if byte == SLASH]

    assert found.along(text, every) == [found.last(folder, every) for folder in folders]
