"""What else is found in a page: leftovers, ids, encodings; and what keeps it quiet."""

from pathlib import Path

import pytest
from support.process.checked import EVERY, check, codes, page, places, said, write

from hotreload.app import assets
from hotreload.check import findings
from hotreload.errors import UsageError
from hotreload.injection import inject

CLIENT = assets.load().modules["client.js"].data.decode()
TAG = "/__hotreload__/0123456789abcdef/client.js?0123abcd-4-0123456789abcdef/index.html"


def injected(html: bytes) -> bytes:
    plan = inject.plan(html)
    assert plan is not None
    return inject.inject(html, plan, TAG)


# -- our own leftovers ---------------------------------------------------------------------------

CLEAN = [
    b"<!doctype html>\n<title>t</title><p>x",
    "<!doctype html><meta charset=utf-8><title>é</title>\r\n<p>é".encode(),
    '<html><head><meta charset="iso-8859-1"><title>é</title></head></html>'.encode("latin-1"),
    "<!doctype html><title>é</title>".encode("utf-16"),
]


@pytest.mark.parametrize("html", CLEAN)
def test_our_tag_is_found_and_taken_out_to_the_byte(html: bytes, tmp_path: Path) -> None:
    write(tmp_path, {"p.html": injected(html)})
    assert [f.code for f in check(tmp_path).findings] == ["HR001"]
    result = check(tmp_path, fix=True)
    assert (result.fixed, result.findings) == (1, [])
    assert (tmp_path / "p.html").read_bytes() == html


@pytest.mark.parametrize(
    "html",
    [
        f'<script type="module" async="" src="{TAG}"></script>',
        f'<script src="http://127.0.0.1:9000{TAG}" type=module async></script>',
        '<link rel="modulepreload" href="/__hotreload__/css/css.js">',
        '<hotreload-status aria-hidden="true"></hotreload-status>',
        '<img src="a.png?hotreload=0123456789abcdef" alt="">',
        '<img src="a.png?x&amp;hotreload=0123456789abcdef#y" alt="">',
    ],
)
def test_what_a_saved_page_has_of_us_is_found_and_mended(html: str, tmp_path: Path) -> None:
    write(tmp_path, {"a.png": "", "p.html": page(html)})
    assert {f.code for f in check(tmp_path).findings} == {"HR001"}
    assert check(tmp_path, fix=True).findings == []
    assert "hotreload" not in (tmp_path / "p.html").read_text()


@pytest.mark.parametrize(
    ("url", "mended"),
    [
        ("a?hotreload=0123456789abcdef", "a"),
        ("a?hotreload=0123456789abcdef#f", "a#f"),
        ("a?q=1&amp;hotreload=0123456789abcdef", "a?q=1"),
        ("a?hotreload=0123456789abcdef&amp;q=1", "a?q=1"),
    ],
)
def test_the_mark_of_a_new_version_is_taken_out_of_an_address(
    url: str, mended: str, tmp_path: Path
) -> None:
    write(tmp_path, {"a": "", "p.html": page(f'<img src="{url}" alt="">')})
    check(tmp_path, fix=True)
    assert (tmp_path / "p.html").read_text() == page(f'<img src="{mended}" alt="">')


@pytest.mark.parametrize("name", ["client.js", "client.js.download"])
def test_a_client_that_the_browser_saved_beside_the_page_is_found(
    name: str, tmp_path: Path
) -> None:
    script = f'<script type="module" async="" src="./p_files/{name}"></script>'
    write(tmp_path, {"p.html": page(script), f"p_files/{name}": CLIENT})
    assert [f.code for f in check(tmp_path).findings] == ["HR001"]


@pytest.mark.parametrize(
    "html",
    [
        '<script type="module" async src="client.js"></script>',
        "<p>/__hotreload__/client.js</p>",
        "<code>&lt;script src=/__hotreload__/client.js></code>",
        '<img src="a.png?hotreload=yes" alt="">',
        "<!-- hotreload -->",
        '<p data-hotreload="off">x</p>',
        '<a href="https://example.org/hotreload">x</a>',
    ],
)
def test_what_only_speaks_of_us_is_left_alone(html: str, tmp_path: Path) -> None:
    assert codes(tmp_path, html, "a.png", "client.js") == []


# -- the dev server's address --------------------------------------------------------------------


@pytest.mark.parametrize(
    "html",
    [
        '<a href="http://localhost:8765/x">a</a>',
        '<a href="http://127.0.0.1:8765">a</a>',
        '<img src="//[::1]:8765/x" alt="">',
        '<form action="https://LOCALHOST:8765/?q"></form>',
        '<meta property="og:image" content="http://0.0.0.0:8765/a.png">',
        '<script src="ws://app.localhost:8765#x"></script>',
    ],
)
def test_links_to_the_dev_server_are_found(html: str, tmp_path: Path) -> None:
    assert codes(tmp_path, html) == ["HR002"]


@pytest.mark.parametrize(
    "html",
    [
        "<p>http://localhost:8765/</p>",
        '<a href="http://localhost:8000/">a</a>',
        '<a href="http://localhost/">a</a>',
        '<a href="http://localhost:87650/">a</a>',
        '<a href="http://example.org:8765/">a</a>',
        '<a href="https://example.org/?u=http://localhost:8765/">a</a>',
        '<p title=":8765">x</p>',
        '<a href="http://localhost.example.org:8765/">a</a>',
    ],
)
def test_links_to_other_servers_are_left_alone(html: str, tmp_path: Path) -> None:
    assert codes(tmp_path, html) == []


def test_the_dev_servers_other_ports_can_be_told(tmp_path: Path) -> None:
    write(tmp_path, {"p.html": page('<a href="http://localhost:9000/">a</a>')})
    assert check(tmp_path).findings == []
    assert [f.code for f in check(tmp_path, ports=(8765, 9000)).findings] == ["HR002"]


def test_the_browsers_note_of_where_a_page_was_saved_from_is_found(tmp_path: Path) -> None:
    note = "<!-- saved from url=(0028){} -->\n"
    html = "<!doctype html>\n" + note + "<title>t</title>"
    assert places(tmp_path, html.format("http://localhost:8765/a.html")) == [(2, 1, "HR002")]
    assert places(tmp_path, html.format("https://example.org/a.html")) == []


# -- conflicts -----------------------------------------------------------------------------------

CONFLICT = "<<<<<<< HEAD\n<p>a\n=======\n<p>b\n>>>>>>> other\n"


def test_a_merge_conflict_is_found_in_pages_and_sheets(tmp_path: Path) -> None:
    assert (3, 1, "HR003") in places(tmp_path, f"<!doctype html>\n<title>t</title>\n{CONFLICT}")
    assert places(tmp_path / "c", f"a{{}}\n{CONFLICT}", "a.css") == [(2, 1, "HR003")]
    three_way = CONFLICT.replace("=======", "||||||| base\n<p>c\n=======")
    assert places(tmp_path / "d", three_way * 2, "a.css") == [(1, 1, "HR003"), (8, 1, "HR003")]


@pytest.mark.parametrize(
    "text",
    [
        "=======\n",
        "<<<<<<< HEAD\n",
        " " + CONFLICT,
        "<<<<<<< a\n>>>>>>> b\n=======\n",
        "a\n=======\n>>>>>>> x\n",
    ],
)
def test_less_than_a_conflict_is_none(text: str, tmp_path: Path) -> None:
    assert places(tmp_path, text, "a.css") == []


# -- ids -----------------------------------------------------------------------------------------


def test_an_id_that_is_taken_is_found_where_it_is_taken_again(tmp_path: Path) -> None:
    html = (
        '<!doctype html><title>t</title>\n<p id="a">\n<p class="x" id="a">\n<svg><g id=a /></svg>'
    )
    assert places(tmp_path, html) == [(3, 14, "HR201"), (4, 9, "HR201")]


@pytest.mark.parametrize(
    "html",
    [
        '<p id="a"></p><p id="A"></p>',
        '<p id=""></p><p id=""></p>',
        '<p id="a"></p><p name="a"></p>',
        '<p id="a"></p><template><p id="a"></p></template>',
        '<template><p id="a"></p><p id="a"></p></template>',
        '<p id="a"></p><!-- <p id="a"> -->',
        '<p id="a"></p><noscript><p id="a"></p></noscript>',
        '<div><template shadowrootmode="open"><p id="a"></p></template></div><p id="a"></p>',
        '<p id="a"></p><script>"<p id=a>"</script>',
    ],
)
def test_ids_that_only_look_alike_are_left_alone(html: str, tmp_path: Path) -> None:
    assert codes(tmp_path, html) == []


def test_an_element_that_browsers_begin_again_is_one(tmp_path: Path) -> None:
    """The mistake is told, not what follows from it."""
    assert codes(tmp_path, '<b id="a"><p>x</b></p>') == ["HR302"]
    assert codes(tmp_path, '<a id="a" href="no"><p>x</a></p>') == ["HR302", "HR101"]


# -- encodings -----------------------------------------------------------------------------------

HTTP_EQUIV = b"""<!doctype html><title>x</title>
<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>"""
META = "<!doctype html><meta charset={}><title>{}</title>"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (META.format("utf-8", "é").encode("latin-1"), [(1, 43, "HR401")]),
        (b"\xef\xbb\xbf<!doctype html>\n<title>\xe9", [(2, 8, "HR401"), (2, 1, "HR302")]),
        ("\ufeff<!doctype html><title>é</title>".encode("utf-16-le") + b"\x00", [(1, 32, "HR401")]),
        (META.format("iso-8859-1", "é").encode(), [(1, 48, "HR402")]),
        (META.format("utf8x", "x").encode(), []),
        (META.format("utf-16", "x").encode(), [(1, 16, "HR402")]),
        ((META.format("utf-8", "x") + "<meta charset=latin1>").encode(), [(1, 52, "HR402")]),
        ((META.format("utf-8", "x") + "<meta charset=nonsense>").encode(), [(1, 52, "HR402")]),
        (b"\xef\xbb\xbf" + META.format("iso-8859-1", "x").encode(), [(1, 16, "HR402")]),
        (b"\xef\xbb\xbf" + HTTP_EQUIV, [(2, 1, "HR402")]),
    ],
)
def test_encodings_that_contradict_are_found(
    source: bytes, found: list[object], tmp_path: Path
) -> None:
    assert sorted(places(tmp_path, source)) == sorted(found)  # type: ignore[type-var]


@pytest.mark.parametrize(
    "source",
    [
        META.format("utf-8", "é").encode(),
        META.format("iso-8859-1", "é").encode("latin-1"),
        META.format("windows-1252", "“").encode("cp1252"),
        META.format("shift_jis", "表").encode("cp932"),
        META.format("gb2312", "中").encode("gbk"),
        META.format("koi8-r", "я").encode("koi8-r"),
        b"\xef\xbb\xbf" + META.format("UTF8", "é").encode(),
        META.format("x-user-defined", "x").encode(),
        "<!doctype html><title>é</title>".encode(),
        "<!doctype html><title>é</title>".encode("latin-1"),
        "<!doctype html><title>é</title>".encode("utf-16"),
        b"<!doctype html><!-- <meta charset=latin1> --><meta charset=utf-8><title>x</title>",
        b"<!doctype html><meta charset=utf-8><title>x</title><pre>&lt;meta charset=latin1></pre>",
        b"<!doctype html><meta charset=utf-8><meta http-equiv=refresh content='1'><title>x</title>",
        b'<?xml version="1.0" encoding="utf-8"?>\n<!doctype html><title>x</title>',
    ],
)
def test_encodings_that_agree_are_left_alone(source: bytes, tmp_path: Path) -> None:
    assert places(tmp_path, source) == []


# -- templates and parts of pages ----------------------------------------------------------------


@pytest.mark.parametrize(
    "mark", ["{% if x %}", "{{ x }}", "<% x %>", "<?php x ?>", "<?= x ?>", "{{#each x}}"]
)
def test_templates_are_not_judged_as_pages(mark: str, tmp_path: Path) -> None:
    body = f'{mark}<a href="x">a</a><a href="#x">a</a><p id="a"></p><div id="a"></p>'
    assert codes(tmp_path, body) == []


@pytest.mark.parametrize(
    "mark",
    [
        "<pre>{{ x }}</pre>",
        "<code>{% x %}</code>",
        "<script>'{{ x }}'</script>",
        "<!-- {{ x }} -->",
        "<!-- {{ x }} --><!-- {{ x }} --><pre>{{ x }}</pre>",
    ],
)
def test_pages_that_show_templates_are_judged(mark: str, tmp_path: Path) -> None:
    assert codes(tmp_path, f'{mark}<a href="x">a</a>') == ["HR101"]


@pytest.mark.parametrize("shown", ["<pre>{{ x }}<pre>", "<!-- {{ x }} <!-- x"])
def test_what_is_shown_without_an_end_is_a_template(shown: str, tmp_path: Path) -> None:
    assert "HR101" not in codes(tmp_path, f'<a href="x">a</a>{shown}')


def test_what_is_wrong_in_any_text_is_found_in_templates_too(tmp_path: Path) -> None:
    assert places(tmp_path, "{% x %}\n" + CONFLICT) == [(2, 1, "HR003")]


def test_parts_of_pages_are_only_told_what_is_wrong_in_any_page(tmp_path: Path) -> None:
    part = '</div><tr><td><a href="x">a</a><div><p id="a" id="b"><p id="a">'
    assert [line[:14] for line in said(tmp_path, {"nav.html": part})] == [
        "nav.html HR304",
        "nav.html HR201",
    ]


# -- quiet ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ('<a href="x">a</a> <!-- hotreload: ignore -->\n<a href="y">a</a>', [3]),
        ('<!-- hotreload: ignore -->\n<a href="x">a</a>\n<a href="y">a</a>', [4]),
        ('  <!--hotreload:ignore HR101-->  \n<a href="x">a</a>\n<a href="y">a</a>', [4]),
        ('<!-- hotreload: ignore HR103, HR1 -->\n<a href="x">a</a>\n<a href="y">a</a>', [4]),
        ('<!-- hotreload: ignore HR2 HR3 -->\n<a href="x">a</a>\n<a href="y">a</a>', [3, 4]),
        ('<b></b><!-- hotreload: ignore -->\n<a href="x">a</a>\n<a href="y">a</a>', [3, 4]),
        ('<a href="x">a</a>\n<a href="y">a</a>\n<!-- hotreload: ignore-file -->', []),
        ('<a href="x">a</a>\n<a href="y">a</a>\n<!-- hotreload: ignore-file HR101 -->', []),
        ('<a href="x">a</a>\n<a href="y">a</a>\n<!-- hotreload: ignore-file HR2 -->', [2, 3]),
        ('<!-- hotreload: ignored -->\n<a href="x">a</a>', [3]),
        ('<!-- hotreload: ignore because -->\n<a href="x">a</a>', [3]),
    ],
)
def test_comments_keep_findings_quiet(html: str, lines: list[int], tmp_path: Path) -> None:
    source = f"<!doctype html><title>t</title>\n{html}\n"
    assert [line for line, _, _ in places(tmp_path, source)] == lines


def test_comments_in_style_sheets_do_too(tmp_path: Path) -> None:
    source = (
        "/* hotreload: ignore HR101 */\na { b: url(x) }\n"
        "b { c: url(y) } /* hotreload: ignore */\nc { d: url(z) }"
    )
    assert places(tmp_path, source, "a.css") == [(4, 12, "HR101")]


@pytest.mark.parametrize(
    ("select", "ignore", "chosen"),
    [
        ([], [], EVERY),
        (["HR101"], [], {"HR101"}),
        (["HR1", "HR201"], [], {"HR101", "HR102", "HR103", "HR201"}),
        ([], ["HR"], set()),
        (["HR1"], ["HR103"], {"HR101", "HR102"}),
        (["HR103"], ["HR1"], {"HR103"}),
        (["HR103"], ["HR103"], set()),
    ],
)
def test_rules_are_chosen_by_the_beginning_of_their_codes(
    select: list[str], ignore: list[str], chosen: set[str]
) -> None:
    assert {code for code in EVERY if findings.choice(select, ignore)(code)} == chosen


@pytest.mark.parametrize(
    ("code", "hint"), [("HR105", "did you mean HR"), ("X", "they are HR001,"), ("", "they are")]
)
def test_a_code_that_no_rule_has_is_an_error(code: str, hint: str) -> None:
    with pytest.raises(UsageError, match=hint):
        findings.choice([code], [])
