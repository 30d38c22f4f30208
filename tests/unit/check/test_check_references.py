"""References lead to files and anchors that exist, spelt as they are."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.process.checked import check, codes, page, places, said, write

from hotreload.check.references import html_references, url_reference

# Each refers to `x` and nothing else.
REFERRING = {
    "a": '<a href="x">a</a>',
    "area": '<map name="m"><area href="x" alt=""></map>',
    "link": '<link rel="stylesheet" href="x">',
    "script": '<script src="x"></script>',
    "img": '<img src="x" alt="">',
    "srcset": '<img srcset="data:,a 1x, x 2x" alt="">',
    "source": '<picture><source srcset="x"><img alt=""></picture>',
    "audio": '<audio src="x"></audio>',
    "poster": '<video poster="x"></video>',
    "track": '<video><track src="x"></video>',
    "iframe": '<iframe src="x"></iframe>',
    "embed": '<embed src="x">',
    "object": '<object data="x"></object>',
    "input": '<input type="image" src="x" alt="">',
    "svg image": '<svg><image href="x"/></svg>',
    "svg use": '<svg><use xlink:href="x#icon"/></svg>',
    "style attribute": '<p style="background: url(x)">p</p>',
    "style element": "<style>p { background: url('x') }</style>",
    "import": '<style>@import "./x";</style>',
    "refresh": '<meta http-equiv="refresh" content="5; url=x">',
    "background": '<table background="x"></table>',
    "preload": '<link rel="preload" as="image" imagesrcset="x 1x">',
}


@pytest.mark.parametrize("html", REFERRING.values(), ids=REFERRING)
def test_what_refers_to_no_file_is_found(html: str, tmp_path: Path) -> None:
    assert codes(tmp_path, html) == ["HR101"]


@pytest.mark.parametrize("html", REFERRING.values(), ids=REFERRING)
def test_what_refers_to_a_file_is_not(html: str, tmp_path: Path) -> None:
    assert codes(tmp_path, html, "x") == []


@pytest.mark.parametrize("html", REFERRING.values(), ids=REFERRING)
def test_what_differs_in_case_is_found(html: str, tmp_path: Path) -> None:
    assert codes(tmp_path, html, "X") == ["HR102"]


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/x",
        "//example.org/x",
        "mailto:a@b",
        "javascript:void(0)",
        "data:,x",
        "tel:1",
        "blob:x",
        "about:blank",
        "HTTP:x",
        "",
        "#",
        "#top",
        "#TOP",
        "?",
        "?q=1",
        "#:~:text=word",
        "#/route",
        "#!/route",
        "#tab=2",
        "${x}",
        "%PUBLIC_URL%/x",
        "~pkg/x",
        "@/x",
    ],
)
def test_what_asks_nothing_of_the_site_is_left_alone(url: str, tmp_path: Path) -> None:
    assert codes(tmp_path, f'<a href="{url}">a</a>') == []


@pytest.mark.parametrize(
    "url",
    ["{{ url }}", "{% url 'x' %}", "<%= x %>", "/x/{{ y }}.css", "#{x}", "a/${b}", "__BASE__/x"],
)
def test_what_a_template_has_yet_to_fill_in_is_no_address(url: str) -> None:
    assert url_reference.local(url) is None


@pytest.mark.parametrize(
    "html",
    [
        '<link rel="canonical" href="x">',
        '<link rel="preconnect" href="x">',
        '<link href="x">',
        '<form action="x"></form>',
        '<blockquote cite="x"></blockquote>',
        '<a data-href="x">a</a>',
        '<script type="text/template"><img src="x"></script>',
        "<!-- <img src=x> -->",
        '<noscript><img src="x"></noscript>',
        '<div src="x"></div>',
        '<img alt="src=x">',
        "<p>src='x'</p>",
        '<object type="a/b"></object>',
        "<style>/* url(x) */</style>",
    ],
)
def test_what_refers_to_nothing_is_left_alone(html: str, tmp_path: Path) -> None:
    assert codes(tmp_path, html) == []


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("a.css?v=3", "a.css"),
        ("a.css#x", "a.css"),
        ("./a.css", "a.css"),
        ("d/../a.css", "d/b"),
        ("d//b", "d/b"),
        ("d\\b", "d/b"),
        (" a.css\n", "a.css"),
        ("caf%C3%A9", "café"),
        ("café", "café"),
        ("a%20b", "a b"),
        ("a b", "a b"),
        ("a%23b", "a#b"),
        ("a&amp;b", "a&b"),
        ("d", "d/index.html"),
        ("d/", "d/index.html"),
        ("d/", "d/other"),
        ("about", "about.html"),
        ("about", "about.htm"),
        ("about/", "about.html"),
        ("about#x", "about.css.html"[:5] + "/index.htm"),
        ("/a.css", "a.css"),
        ("/../a.css", "a.css"),
        ("/favicon.svg", "public/favicon.svg"),
        ("/favicon.svg", "static/favicon.svg"),
        ("page.html", "page.html.en"),
        ("a.html", "a.html.de"),
        ("a.html", "a.html.ja.utf8"),
        ("a.css", "a.css.gz"),
    ],
)
def test_a_reference_finds_its_file(url: str, file: str, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        file: '<p id="x">',
        "a.css": "",
        "p.html": page(f'<img src="{url}">'),
    }
    if file != "a.css" and not url.startswith(("a.css", "d/..", "/..")):
        del files["a.css"]
    assert said(tmp_path, files) == []


@pytest.mark.parametrize("url", ["a", "a.htm", "a.css.map", "a.htmlx", "b/a.html", "a.html.e"])
def test_what_only_looks_like_a_file_is_none(url: str, tmp_path: Path) -> None:
    assert codes(tmp_path, f'<a href="{url}">a</a>', "a.html.map", "a.css", "ax") == ["HR101"]


def test_names_that_differ_in_the_composition_of_accents_are_the_same(tmp_path: Path) -> None:
    assert codes(tmp_path, '<img src="cafe%CC%81" alt="">', "caf\u00e9") == []


def test_what_lies_above_the_site_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "site", {"d/p.html": page('<a href="../../other/x.html">a</a>')})
    write(tmp_path / "site", {"p.html": page('<a href="..">a</a><a href="../">b</a>')})
    assert check(tmp_path / "site").findings == []


def test_a_root_may_be_any_folder_from_the_page_upwards(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "docs/a.css": "",
        "docs/d/e/p.html": page('<a href="/a.css">a</a>'),
    }
    assert said(tmp_path, files) == []


def test_given_roots_are_the_only_ones(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "docs/a.css": "",
            "docs/p.html": page('<a href="/a.css">a</a><a href="/b">b</a>'),
            "o/b": "",
        },
    )
    here = str(tmp_path)
    assert len(check(tmp_path, roots=(here,)).findings) == 2
    assert len(check(tmp_path, roots=(f"{here}/docs",)).findings) == 1
    assert check(tmp_path, roots=(f"{here}/docs", f"{here}/o")).findings == []


def test_the_top_of_the_git_repository_bounds_what_is_known(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".git/HEAD": "",
            "x.css": "",
            "docs/p.html": page('<a href="/x.css">a</a><a href="../y">y</a>'),
        },
    )
    found = check(tmp_path, "docs/p.html").findings
    assert [f.sentence for f in found] == ['"../y" leads to no file']


def test_what_git_ignores_may_yet_be_built(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        ".git/HEAD": "",
        ".gitignore": "/dist/\n",
        "p.html": page('<script src="dist/a.js"></script><a href="x">x</a>'),
    }
    assert said(tmp_path, files) == ['p.html HR101 "x" leads to no file']


def test_a_site_that_git_ignores_is_built_already(tmp_path: Path) -> None:
    write(
        tmp_path,
        {".git/HEAD": "", ".gitignore": "/dist/\n", "dist/p.html": page('<a href="x">x</a>')},
    )
    assert len(check(tmp_path / "dist").findings) == 1


def test_every_id_that_is_wanted_of_one_page_is_looked_for_as_it_is_written(tmp_path: Path) -> None:
    """Also where the page is known from another link: escapes are read, templates are not."""
    wanted = ["i", "j", "%C3%A9", "%AC%82", "{{ x }}", "top", "/route", ":~:text=x"]
    links = "".join(f'<a href="p.html#{each}">x</a>\n' for each in wanted)
    write(tmp_path, {"p.html": page('<p id="i"><p id="é">'), "q.html": page(f"<pre>{links}</pre>")})
    sentences = [finding.sentence for finding in check(tmp_path).findings]
    assert sentences == [
        f'"p.html#{x}" leads to an id that p.html does not have' for x in ("j", "%AC%82")
    ]


def test_addresses_that_something_else_answers_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path, {"p.html": page('<a href="/api/x?y">a</a><a href="/apis">b</a>')})
    assert len(check(tmp_path, elsewhere=("/api/*",)).findings) == 1


@pytest.mark.parametrize(
    ("base", "url", "right"),
    [
        ("d/", "x", True),
        ("d/y.html", "x", True),
        ("/d/", "x", True),
        ("d/", "d/x", False),
        ("d/", "/d/x", True),
        ("d/", "../p.html", True),
        ("./", "d/x", True),
        ("d", "d/x", True),
        ("https://example.org/", "nothing", True),
        ("{{ b }}", "nothing", True),
        ("d/", "#i", False),
        ("d/i.html", "#i", True),
        ("./p.html", "#j", True),
    ],
)
def test_base_is_heeded(base: str, url: str, right: bool, tmp_path: Path) -> None:
    body = f'<a href="{url}" id="j">a</a>'
    html = page(body).replace("<title>", f'<base href="{base}"><title>')
    html = html.replace("{{ b }}", "${b}")
    found = said(
        tmp_path,
        {"p.html": html, "d/x": "", "d/i.html": page('<p id="i">'), "d/index.html": page("")},
    )
    assert (found == []) is right


def test_a_base_without_address_changes_nothing(tmp_path: Path) -> None:
    html = page('<a href="#j" id="j">a</a>').replace("<title>", "<base target=_blank><title>")
    assert said(tmp_path, {"p.html": html}) == []


# -- anchors -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "#a",
        "#caf%C3%A9",
        "#café",
        "#old",
        "p.html#a",
        "/p.html#a",
        "q.html#b",
        "q#b",
        "d/#c",
        "d#c",
    ],
)
def test_anchors_that_exist_are_right(url: str, tmp_path: Path) -> None:
    body = '<p id="a">a</p><p id="café">c</p><a name="old">o</a>'
    files: dict[str, str | bytes] = {
        "p.html": page(body + f'<a href="{url}">l</a>'),
        "q.html": page('<p id="b">b</p>'),
        "d/index.html": page('<p id="c">c</p>'),
    }
    assert said(tmp_path, files) == []


@pytest.mark.parametrize("url", ["#b", "#A", "p.html#b", "q.html#a", "q#a", "d/#a", "d#a", "?x#b"])
def test_anchors_that_do_not_exist_are_found(url: str, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "p.html": page(f'<p id="a">a</p><a href="{url}">l</a>'),
        "q.html": page('<p id="b">b</p>'),
        "d/index.html": page('<p id="c">c</p>'),
    }
    assert [line[:13] for line in said(tmp_path, files)] == ["p.html HR103 "]


@pytest.mark.parametrize("url", ["a.html#2-4", "a.html#L2-L4", "a.html#2-9", "a.html#9-2"])
def test_a_range_of_lines_leads_to_its_first_and_last_line(url: str, tmp_path: Path) -> None:
    """Listings of source code mark it by a script."""
    lines = "".join(f"<i id={line}></i><i id=L{line}></i>" for line in range(1, 6))
    files = {"a.html": page(lines), "p.html": page(f'<a href="{url}">x</a>')}
    assert bool(said(tmp_path, files)) == ("9" in url)


def test_a_page_that_sends_its_readers_on_has_the_anchors_of_another(tmp_path: Path) -> None:
    moved = '<html><head><meta http-equiv="refresh" content="0;URL=b.html"></head></html>'
    link = '<a href="a.html#x">x</a>'
    assert said(tmp_path, {"a.html": moved, "b.html": page(""), "p.html": page(link)}) == []
    assert said(tmp_path, {"a.html": moved.replace(";URL=b.html", "")}) == [
        'p.html HR103 "a.html#x" leads to an id that a.html does not have'
    ]


@pytest.mark.parametrize("name", ["q.html", "Q.HTML"])
def test_anchors_of_pages_that_are_not_checked_are_looked_up(name: str, tmp_path: Path) -> None:
    links = f'<a href="{name}#a">1</a><a href="{name}#b">2</a>'
    write(tmp_path, {"p.html": page(links), name: page('<p id="b">')})
    found = check(tmp_path, "p.html").findings
    assert [f.sentence for f in found] == [f'"{name}#a" leads to an id that {name} does not have']


def test_fragments_of_what_is_no_page_are_not_ids(tmp_path: Path) -> None:
    assert (
        codes(tmp_path, '<a href="x.svg#a">a</a><a href="x.pdf#page">b</a>', "x.svg", "x.pdf") == []
    )


def test_a_template_has_ids_that_cannot_be_told(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "p.html": page('<a href="q.html#a">a</a>'),
        "q.html": "{% block x %}{% endblock %}",
    }
    assert said(tmp_path, files) == []


# -- places --------------------------------------------------------------------------------------


def test_a_finding_names_the_attribute_and_every_place(tmp_path: Path) -> None:
    html = (
        "<!doctype html>\n<title>é</title>\r\n"
        '<p>é<a\n class="x" href="x">1</a>\r<img src=\'x\' alt="">\n'
    )
    assert places(tmp_path, html) == [(4, 12, "HR101"), (5, 6, "HR101")]


def test_a_finding_in_a_style_element_names_the_address(tmp_path: Path) -> None:
    rules = "  p { b: url(page.html) }\n  a { background: url( 'x' ) }\n"
    html = f"<!doctype html><title>t</title>\n<style>\n{rules}</style>"
    assert places(tmp_path, html) == [(4, 25, "HR101")]


# -- the little languages ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("srcset", "urls"),
    [
        ("a", ["a"]),
        ("a 1x", ["a"]),
        ("a, b 2x", ["a", "b"]),
        ("a,b 1x", ["a,b"]),
        (" a 1x , b", ["a", "b"]),
        ("a 1x,b", ["a", "b"]),
        ("data:,x,y 1x, b", ["data:,x,y", "b"]),
        ("a (x,y), b", ["a", "b"]),
        (",,a,", ["a"]),
        ("", []),
        (" , ", []),
        ("a\n100w,\n\tb\n200w", ["a", "b"]),
    ],
)
def test_srcset_is_read_as_browsers_read_it(srcset: str, urls: list[str]) -> None:
    assert list(html_references.candidates(srcset)) == urls


@given(st.lists(st.text("ab/.%?#(-_", min_size=1).filter(lambda url: url[-1] != ","), max_size=5))
def test_every_candidate_of_a_srcset_is_read(urls: list[str]) -> None:
    srcset = ", ".join(f"{url} {number}x" for number, url in enumerate(urls, 1))
    assert list(html_references.candidates(srcset)) == urls


@given(st.text())
def test_any_address_can_be_taken_apart(url: str) -> None:
    address = url_reference.local(url)
    if address is not None:
        assert "#" not in address.path
        assert "?" not in address.path
        assert not address.path.startswith("//")
        url_reference.names(address.path)
        url_reference.anchor(address.fragment)


@given(st.text("ab.-_/", max_size=8), st.text("xy.-:", max_size=8), st.text("q=&.", max_size=5))
def test_the_fast_way_of_taking_addresses_apart_is_the_slow_one(
    path: str, fragment: str, query: str
) -> None:
    url = f"{path}?{query}#{fragment}"
    assert url_reference.local(url) == url_reference.local(f" {url}")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_names_that_are_not_unicode_are_found(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9")).write_text("")
    assert codes(tmp_path, '<img src="caf%E9" alt="">') == []
