"""What is mended, is mended without touching another byte."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.process.checked import check, page, write

from hotreload.check.source import rewrite, source_text
from hotreload.check.source.rewrite import Edit


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<img src="IMG/A.PNG" alt="IMG/A.PNG">', '<img src="img/a.png" alt="IMG/A.PNG">'),
        ("<img src='./img/A.png?v=1#x'>", "<img src='./img/a.png?v=1#x'>"),
        ("<img src=/Img/a.png>", "<img src=/img/a.png>"),
        ('<img srcset="img/A.png 1x, img/a.png 2x">', '<img srcset="img/a.png 1x, img/a.png 2x">'),
        ("<p style='b: url(\"Img/a.png\")'>", "<p style='b: url(\"img/a.png\")'>"),
        ("<style>p { b: url(Img/a.png) }</style>", "<style>p { b: url(img/a.png) }</style>"),
        ('<a href="d/../IMG/">x</a>', '<a href="d/../img/">x</a>'),
        ('<a href="sub%20dir/CAF%C3%89.html">x</a>', '<a href="sub%20dir/caf%C3%A9.html">x</a>'),
    ],
)
def test_case_is_mended_in_the_reference_only(before: str, after: str, tmp_path: Path) -> None:
    write(tmp_path, {"img/a.png": "", "d/x": "", "sub dir/café.html": "", "p.html": page(before)})
    result = check(tmp_path, fix=True)
    assert (tmp_path / "p.html").read_text() == page(after)
    assert (result.findings, result.fixed) == ([], 1)


def test_case_is_mended_in_style_sheets(tmp_path: Path) -> None:
    write(tmp_path, {"b.css": "", "a.css": "@import 'B.css';\r\na { b: url(./B.css) }\r\n"})
    assert check(tmp_path, fix=True).findings == []
    assert (tmp_path / "a.css").read_bytes() == b"@import 'b.css';\r\na { b: url(./b.css) }\r\n"


def test_what_cannot_be_mended_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"a&b": "", "p.html": page('<a href="A&amp;B">x</a><a href="no">y</a>')})
    result = check(tmp_path, fix=True)
    assert [finding.code for finding in result.findings] == ["HR102", "HR101"]
    assert result.fixed == 0


def test_without_asking_nothing_is_written(tmp_path: Path) -> None:
    write(tmp_path, {"a.png": "", "p.html": page('<img src="A.png">')})
    before = os.stat(tmp_path / "p.html").st_mtime_ns
    check(tmp_path)
    assert os.stat(tmp_path / "p.html").st_mtime_ns == before


def test_what_is_kept_quiet_is_not_mended(tmp_path: Path) -> None:
    html = page('<img src="A.png"><!-- hotreload: ignore -->')
    write(tmp_path, {"a.png": "", "p.html": html})
    assert check(tmp_path, fix=True).fixed == 0
    write(tmp_path, {"p.html": page('<img src="A.png">')})
    assert check(tmp_path, fix=True, codes=frozenset({"HR101"})).fixed == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_links_and_permissions_stay(tmp_path: Path) -> None:
    write(tmp_path, {"a.png": "", "real.html": page('<img src="A.png">')})
    (tmp_path / "real.html").chmod(0o640)
    (tmp_path / "p.html").symlink_to("real.html")
    check(tmp_path, "p.html", fix=True)
    assert (tmp_path / "p.html").is_symlink()
    assert stat.S_IMODE((tmp_path / "real.html").stat().st_mode) == 0o640
    assert "a.png" in (tmp_path / "real.html").read_text()


def test_a_file_with_bytes_that_mean_nothing_is_not_written(tmp_path: Path) -> None:
    html = b'<!doctype html><meta charset=utf-8><title>\xe9</title><img src="A.png">'
    write(tmp_path, {"a.png": "", "p.html": html})
    assert {finding.code for finding in check(tmp_path, fix=True).findings} == {"HR401", "HR102"}
    assert (tmp_path / "p.html").read_bytes() == html


TEXTS = st.lists(st.sampled_from(["\r\n", "\n", "\r", "a", "é", "\u2028"]), max_size=20)


@given(TEXTS, st.sampled_from(["utf-8", "utf-16-le"]), st.data())
def test_an_edit_changes_what_it_names_and_nothing_else(
    pieces: list[str], codec: str, data: st.DataObject
) -> None:
    text = "".join(pieces)
    one_newline = text.replace("\r\n", "\n").replace("\r", "\n")
    start = data.draw(st.integers(0, len(one_newline)))
    end = data.draw(st.integers(start, len(one_newline)))
    read = source_text.Reading(one_newline, codec, 0)
    changed = rewrite.edited(text.encode(codec), read, [Edit(start, end, "X")])
    assert changed is not None
    after = changed.decode(codec).replace("\r\n", "\n").replace("\r", "\n")
    assert after == f"{one_newline[:start]}X{one_newline[end:]}"


@given(st.text(), st.text())
def test_edits_that_overlap_are_made_once(before: str, behind: str) -> None:
    text = f"{before}abc{behind}".replace("\r", "")
    read = source_text.Reading(text, "utf-8", 0)
    at = text.index("abc", len(before.replace("\r", "")))
    edits = [Edit(at, at + 3, "X"), Edit(at + 1, at + 2, "Y")]
    changed = rewrite.edited(text.encode(), read, [*edits, *edits])
    assert changed == f"{text[:at]}X{text[at + 3 :]}".encode()


def test_what_would_be_written_otherwise_stays_as_it_is() -> None:
    """An escape sequence that changes nothing would be lost."""
    data = b"\x1b(Bab"
    assert rewrite.edited(data, source_text.Reading("ab", "iso2022_jp"), [Edit(0, 1, "X")]) is None


def test_what_the_encoding_does_not_have_is_not_written() -> None:
    assert rewrite.edited(b"ab", source_text.Reading("ab", "ascii"), [Edit(0, 1, "é")]) is None
