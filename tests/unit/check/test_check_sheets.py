"""What a style sheet refers to."""

from pathlib import Path

import pytest
import tinycss2
from hypothesis import given
from hypothesis import strategies as st
from support.process.checked import places, said

from hotreload.check.references import css_references


@pytest.mark.parametrize(
    ("css", "urls"),
    [
        ("a { b: url(x) }", ["x"]),
        ("a { b: url( 'x y' ) }", ["x y"]),
        ('a { b: URL("x") no-repeat, url(y) }', ["x", "y"]),
        (r"a { b: url(x\29 y\ z\"\") }", ['x)y z""']),
        (r'a { b: url("x\22 y\A z\0 ") }', ['x"y\nz\ufffd']),
        ("a { b: url('x\\\ny') }", ["xy"]),
        ("@import 'x.css';@import url(y.css) print;", ["x.css", "y.css"]),
        ('@import/**/"x";@IMPORT\n"y" layer;', ["x", "y"]),
        ("@font-face { src: url(a.eot?#iefix) format('eot'), local('b') }", ["a.eot?#iefix"]),
        ("a { b: url() url('') }", ["", ""]),
        ("a { b: url(x", ["x"]),
        ("a { b: url('x' ", ["x"]),
    ],
)
def test_references_are_read_as_browsers_read_them(css: str, urls: list[str]) -> None:
    assert [use.url for use in css_references.uses(css)] == urls


@pytest.mark.parametrize(
    "css",
    [
        "/* url(x) */",
        "/* url(x)",
        "a { content: 'url(x)' }",
        'a { content: "\\"url(x)" }',
        "a { b: my-url(x) }",
        "a { b: url-prefix(x) }",
        "a { b: \\url(x) }",
        "@namespace url(x); @namespace svg 'y';",
        "@important 'x';",
        "a { b: url(x y) }",
        "a { b: url(x'y) }",
        "a { b: url(x y",
        "a { b: curl(x) }",
    ],
)
def test_what_is_no_reference_is_left_alone(css: str) -> None:
    assert list(css_references.uses(css)) == []


PIECES = st.sampled_from(
    ["url(", "URL(", ")", "'", '"', "x", "\\", "\n", " ", "/*", "*/", "a-", "@import ", ";", "29 "]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_a_second_tokenizer_finds_the_same_urls(css: str) -> None:
    """Where it finds no token that is broken."""
    css += "\n"  # a string that ends with the file is whole, but one that ends with a line is not
    ours = [use.url for use in css_references.uses(css) if not use.imported]
    nodes = list(_flat(tinycss2.parse_component_value_list(css)))
    if not any(node.type == "error" for node in nodes):
        assert ours == [url for node in nodes for url in _urls(node)]


def _flat(nodes):
    for node in nodes:
        yield node
        inside = getattr(node, "content", None) or getattr(node, "arguments", None)
        yield from _flat(inside or [])


def _urls(node):
    if node.type == "url":
        yield node.value
    elif node.type == "function" and node.lower_name == "url":
        given = [each for each in node.arguments if each.type != "whitespace"]
        if [each.type for each in given] == ["string"]:
            yield given[0].value


@given(st.text())
def test_any_text_is_read_and_places_are_within_it(css: str) -> None:
    for use in css_references.uses(css):
        assert 0 <= use.start <= use.end <= len(css)


# -- in a site -----------------------------------------------------------------------------------


def test_missing_files_and_wrong_case_are_found_where_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "b.png").write_text("")
    css = '@import "./no.css";\na { background: url("B.png") }\nb { background: url(b.png) }\n'
    assert places(tmp_path, css, "a.css") == [(1, 10, "HR101"), (2, 22, "HR102")]


def test_a_sheet_in_capitals_is_a_file_that_can_be_missing(tmp_path: Path) -> None:
    assert places(tmp_path, "@import 'NO.CSS';", "a.css") == [(1, 10, "HR101")]


@pytest.mark.parametrize(
    "css",
    [
        "@import 'tailwindcss';",
        "@import 'pkg/theme';",
        "@import 'pkg/theme.css';",
        "@import 'b.css';",
        "a { b: url(#x) }",
        "a { b: url(data:,x) }",
        "a { b: url(//example.org/x) }",
        "a { b: url(~pkg/x.png) }",
        "a { b: url($x) }",
        "a { b: url(@fontsource/x) }",
        "a { b: url({{ x }}) }",
        "a { b: url(c.svg#icon) }",
        "a { b: url(/c.svg?v=1) }",
    ],
)
def test_what_exists_or_belongs_to_others_is_left_alone(css: str, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"b.css": "", "c.svg": "", "node_modules/pkg/theme.css": ""}
    assert said(tmp_path, {**files, "a.css": css}) == []


def test_links_to_the_dev_server_are_found_in_sheets_too(tmp_path: Path) -> None:
    css = "a { b: url(http://localhost:8765/x.png) }"
    assert places(tmp_path, css, "a.css") == [(1, 12, "HR002")]


@pytest.mark.parametrize(
    ("css", "found"),
    [
        ('@charset "utf-8";\na { b: "é" }'.encode("latin-1"), [(2, 9, "HR401")]),
        (b"\xef\xbb\xbfa { b: '\xe9' }", [(1, 9, "HR401")]),
        ('@charset "iso-8859-1";\na { b: "é" }'.encode("latin-1"), []),
        ('@charset "utf-16";\na { b: "é" }'.encode(), []),
        ('@charset "nonsense";\na { b: "é" }'.encode("latin-1"), []),
        ('a { b: "é" }'.encode("latin-1"), []),
    ],
)
def test_bytes_that_mean_nothing_are_found(
    css: bytes, found: list[tuple[int, int, str]], tmp_path: Path
) -> None:
    assert places(tmp_path, css, "a.css") == found
