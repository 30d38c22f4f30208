"""Tags that a browser has to repair are found, and no others."""

import re
from pathlib import Path

import html5lib
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from support.process.checked import check, codes, page, places, write

from hotreload.check.html import element_spans as tag_places
from hotreload.check.html import parser_repairs
from hotreload.check.source.source_text import Note, position


def notes(source: str) -> list[Note]:
    text = source.replace("\r\n", "\n")
    return parser_repairs.repairs(text, tag_places.parsed(text))


OPEN = "<!doctype html><html><head><title>t</title></head><body><p>a</p><svg><path/></svg>\n"


def found(body: str) -> list[str]:
    """The sentences about a body that begins in column 1 of line 2, with their places.

    They are the same whether the tags that may be left out are written or not.
    """
    if "body" not in body:
        assert _found(f"{OPEN}{body}\n<p>b</p><svg><g/></svg></body></html>") == _found(body)
    return _found(body)


def _found(source: str) -> list[str]:
    if not source.startswith("<!doctype"):
        source = f"<!doctype html><title>t</title>\n{source}\n"
    return [f"{n.line}:{n.column} {n.code} {n.sentence}" for n in notes(source)]


REPAIRED = {
    "x<![CDATA[</i><![CDATA[</i></i>": ["2:28 HR301 </i> closes nothing"],
    "x<![CDATA[</i>]]></i>": ["2:18 HR301 </i> closes nothing"],
    "</b>x": ["2:1 HR301 </b> closes nothing"],
    "<p>x</div>": ["2:5 HR301 </div> closes nothing"],
    "<p><ul></ul></p>": ["2:13 HR301 </p> closes nothing"],
    "x</br>": ["2:2 HR301 </br> closes nothing"],
    "<img src=x></img>": ["2:12 HR301 </img> closes nothing"],
    "<ul><li>x</li></li></ul>": ["2:15 HR301 </li> closes nothing"],
    "<ul><li></ul></li></ul>": [
        "2:14 HR301 </li> closes nothing",
        "2:19 HR301 </ul> closes nothing",
    ],
    "<div>x": ["2:1 HR302 <div> is never closed"],
    "<div><div>x</div>": ["2:1 HR302 <div> is never closed"],
    "<DIV>x": ["2:1 HR302 <div> is never closed"],
    "<p><b>x</p>": ["2:4 HR302 <b> is never closed"],
    "<b><p title='</b>'>x": ["2:1 HR302 <b> is never closed"],
    "<table><tr><td><i>x</table>": ["2:16 HR302 <i> is never closed"],
    "<pre>\n<i>x</pre>&#233;</u>": [
        "3:1 HR302 <i> is never closed",
        "3:17 HR301 </u> closes nothing",
    ],
    "<svg><g></svg>": ["2:6 HR302 <g> is never closed"],
    "<x-y>z": ["2:1 HR302 <x-y> is never closed"],
    "<script>x": ["2:1 HR302 <script> is never closed"],
    "<textarea><b>x": ["2:1 HR302 <textarea> is never closed"],
    "<div><b>x</div></b>": [
        "2:6 HR302 <b> overlaps another element: its </b> in line 2 is too late"
    ],
    "<b><i>x</b>\n</i>": ["2:4 HR302 <i> overlaps another element: its </i> in line 3 is too late"],
    "<b><p>x</b></p>": ["2:1 HR302 <b> overlaps another element: its </b> in line 2 is too late"],
    "<b><p></b></p><p></p>": [
        "2:1 HR302 <b> overlaps another element: its </b> in line 2 is too late"
    ],
    "<a href=x>y<a href=z>w</a>": ["2:1 HR302 <a> is never closed"],
    "<form><form></form>x</form>": ["2:7 HR303 <form> cannot stand here: browsers drop the tag"],
    "<div><tr><td>x</td></tr></div>": [
        "2:6 HR303 <tr> cannot stand here: browsers drop the tag",
        "2:10 HR303 <td> cannot stand here: browsers drop the tag",
    ],
    "<p>x<body class=y>": ["2:1 HR303 <p> begins the body: the <body> behind it is too late"],
    "<table><p>x</p><tr><td>y</table>": ["2:8 HR303 <p> is moved by browsers out of this <table>"],
    "<table><tr><b>x</b><td>y</table>": ["2:12 HR303 <b> is moved by browsers out of this <table>"],
    "<table><tbody><td>x</td></tbody></table>": [
        "2:15 HR303 <td> stands in no <tr>: browsers begin one here"
    ],
    "<table><tr><td>x</td></tr><td>y</td></tr></table>": [
        "2:27 HR303 <td> stands in no <tr>: browsers begin one here"
    ],
    "<body><p>x</body></html><p>y": [
        "2:25 HR303 <p> stands behind </body>: browsers move it inside"
    ],
}


@pytest.mark.parametrize(("body", "expected"), REPAIRED.items())
def test_what_is_repaired_is_found(body: str, expected: list[str]) -> None:
    assert found(body) == expected


INTACT = [
    "",
    "x",
    "<p>x",
    "<p>x<p>y",
    "<p>x</p>",
    "<P>x</P>",
    "<ul><li>x<li>y</ul>",
    "<dl><dt>x<dd>y</dl>",
    "<table><tr><td>x<td>y<tr><th>z</table>",
    "<table><tbody><tr><td>x</table>",
    "<table><thead><tr><th>x<tbody><tr><td>y<tfoot><tr><td>z</table>",
    "<table><col><tr><td>x</table>",
    "<table><caption>x<tr><td>y</table>",
    "<select><option>x<option>y<optgroup label=z><option>w</select>",
    "<ruby>x<rp>(<rt>y<rp>)</ruby>",
    "<br>x<br/>y<br />z<hr><img src=x><input>",
    "<body><p>x</body></html>",
    "</head><body>x",
    "<div><p>x</div>",
    "<p>x<div>y</div>",
    "<b><i>x</i></b>",
    "<svg><path d='M0'/><g/><linearGradient></linearGradient></svg>",
    "<SVG><PATH/></SVG>",
    "<svg viewBox='0 0 1 1'><foreignObject><div>x</div></foreignObject></svg>",
    "<math><mi>x</mi><mspace/></math>",
    "<svg><title>x</title><style>a > b {}</style></svg>",
    "<svg><![CDATA[</g><b>]]></svg>",
    "<script>'<b></div><script>'</script>",
    "<style></div></style>",
    "<textarea></div><b></textarea>",
    "<!-- </div> <b> -->x",
    "<!--> x",
    "<p title='</div><b>'>x</p>",
    '<p title="a > b">x</p>',
    "<noscript><div></noscript>",
    "<template><tr><td>x</td></tr></template>",
    "<template><td>x</td></template>",
    "<iframe><b></iframe>",
    "<!-- <div> --><p>é𝒳</p>\r\n<p>y</p>",
    "a < b > c",
    "x &lt;/b&gt;",
    "<pre>\n\nx</pre>",
    "<audio><source src=x></audio>",
    "<my-el><x-y></x-y></my-el>",
    "<p><script>document.write('<p>')</script></p>",
    "<div\n>x</div\n>",
]


@pytest.mark.parametrize("body", INTACT)
def test_what_needs_no_repair_is_left_alone(body: str) -> None:
    assert found(body) == []


BESIDE = {
    "</body><div>x": "<div> is never closed",
    "</html><pre>x": "<pre> is never closed",
    "</ ><div>x": "<div> is never closed",
    "</ b><dl>x": "<dl> is never closed",
}


@pytest.mark.parametrize(("body", "expected"), BESIDE.items())
def test_what_looks_like_an_end_tag_does_not_hide_that_one_is_missing(
    body: str, expected: str
) -> None:
    source = f"<!doctype html><html><head><title>t</title></head><body>\n{body}</body></html>"
    assert expected in [note.sentence for note in notes(source)]


# Each is the same for browsers as the other, and neither has a finding.
WRITTEN = {
    "<BR CLASS=a  />": '<br class="a">',
    "<input disabled value='&quot;'>": '<input disabled="" value="&quot;">',
    "<a href='?a&b=\xa0'>&#x39;&copy;&AMP;</a>": '<a href="?a&amp;b=&nbsp;">9©&amp;</a>',
    "<pre>\na</pre>": "<pre>a</pre>",
    "<ul><li>a<li>b</ul>": "<ul><li>a</li><li>b</li></ul>",
    "<table><tr><td>a</table>": "<table><tbody><tr><td>a</td></tr></tbody></table>",
    "<svg><path d=M0 /></svg>": '<svg><path d="M0"></path></svg>',
    "<p title='a > b'>a > b</p>": '<p title="a &gt; b">a &gt; b</p>',
    "&#38;" * 30: "&amp;" * 30,
    f"<ul>{'<li>a' * 60}</ul>": f"<ul>{'<li>a</li>' * 60}</ul>",
    "&nbsp x": "&nbsp; x",
}


@pytest.mark.parametrize(("one", "other"), WRITTEN.items())
@pytest.mark.parametrize("more", ["</i>", "</p>", "</i></u>", "<div>", "<section><div></section>"])
@pytest.mark.parametrize("end", ["</body></html>", "\n\n</body>\n</html>\n", ""])
def test_how_a_page_is_written_makes_no_difference(
    one: str, other: str, more: str, end: str
) -> None:
    def told(body: str) -> list[tuple[str, str]]:
        source = f"<!doctype html><html><head><title>t</title></head><body>\n{body}\n{more}{end}"
        return [(note.code, note.sentence) for note in notes(source)]

    assert told(one) == told(other) != []


def test_content_in_the_head_is_told_once_where_it_begins() -> None:
    head = "<!doctype html><html><head><title>t</title>\n<div>x</div><meta name=a></head>"
    source = f"{head}<body><p>y</p></body></html>"
    assert notes(source) == [
        Note(2, 1, "HR303", "<div> begins the body: the <body> behind it is too late")
    ]
    assert notes(
        "<!doctype html><html><head><title>t</title>\nx</head><body><p>y</p></b></body></html>"
    ) == [Note(2, 23, "HR301", "</b> closes nothing")]


def test_text_that_begins_the_body_is_not_told() -> None:
    assert found("x</b><body><p>y") == ["2:2 HR301 </b> closes nothing"]


def test_a_mistake_between_many_right_tags_is_found_in_its_place() -> None:
    right = "<div><p>x</p><svg><path d='M0'/></svg><ul><li>y</li></ul></div>\n" * 200
    source = f"<!doctype html><title>t</title>\n{right}<section><b></section>\n</b></i>\n{right}"
    assert [(note.line, note.column, note.code) for note in notes(source)] == [
        (202, 10, "HR302"),
        (203, 5, "HR301"),
    ]


def test_scripts_that_write_tags_do_not_move_a_finding() -> None:
    source = (
        "<!doctype html><title>t</title><script>'<b><i>'</script><!-- <u> -->\n"
        "<p>x</p>\n<p></div></p>\n<p>y</p>"
    )
    assert notes(source) == [Note(3, 4, "HR301", "</div> closes nothing")]


@given(st.text(st.sampled_from("a\n"), max_size=30), st.lists(st.integers(0, 30), max_size=5))
def test_places_are_the_same_in_whatever_order_they_are_asked_for(
    text: str, offsets: list[int]
) -> None:
    for offset in (each for each in offsets if each <= len(text)):
        before = text[:offset].split("\n")
        assert position(text, offset) == (len(before), len(before[-1]) + 1)


# -- what the tokenizer repairs ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "column", "beginning"),
    [
        ('<p class="a" id="b" CLASS="c">x</p>', 21, "CLASS is given twice"),
        ("<div/>x</div>", 1, "the slash does not close <div>"),
        ('<p class="a"id="b">x</p>', 13, "no space stands"),
        ('<p class="a"">x</p>', 13, "no space stands"),
        ('<p class=a"b>x</p>', 11, "a quote, =, <"),
        ("<p =x>x</p>", 4, "an attribute has no name"),
    ],
)
def test_broken_tags_are_found(html: str, column: int, beginning: str, tmp_path: Path) -> None:
    source = f"<!doctype html>\n<title>t</title>\n{html}\n"
    said = check(write(tmp_path, {"p.html": source})).findings
    assert [(f.line, f.column, f.code) for f in said] == [(3, column, "HR304")]
    assert said[0].sentence.startswith(beginning)


@pytest.mark.parametrize("tail", ["<!-- x", "<p class='"])
def test_what_never_ends_is_found(tail: str, tmp_path: Path) -> None:
    assert "HR304" in {
        code for _, _, code in places(tmp_path, f"<!doctype html><title>t</title>{tail}")
    }


@pytest.mark.parametrize(
    "html",
    [
        "<br/>",
        "<p>a < b & c</p>",
        "<p>&nosuch; &copy</p>",
        "<p class=a/b>x</p>",
        "<p class='\"'>x</p>",
        "<a href=x?y&z>x</a>",
        "<p\nclass=a\n>x</p>",
        "<svg><g/></svg>",
        "<p @click='x' [y]='z' :w>x</p>",
    ],
)
def test_what_browsers_read_as_it_looks_is_left_alone(html: str, tmp_path: Path) -> None:
    assert codes(tmp_path, html, "x") == []


# -- any source ----------------------------------------------------------------------------------

NAMES = (
    "div",
    "p",
    "b",
    "i",
    "a",
    "li",
    "ul",
    "table",
    "tr",
    "td",
    "form",
    "br",
    "svg",
    "g",
    "h1",
    "option",
    "select",
)
PIECES = st.sampled_from(
    [*(f"<{n}>" for n in NAMES), *(f"</{n}>" for n in NAMES), "x", "\n", " ", "<!-- <b> -->"]
)


@given(st.lists(PIECES, max_size=14).map("".join))
def test_findings_stand_at_a_tag_or_there_are_none_for_a_tree_that_is_the_source(body: str) -> None:
    source = f"<!doctype html><title>t</title>{body}"
    lines = source.split("\n")
    for note in notes(source):
        assert lines[note.line - 1][note.column - 1] == "<"


@given(st.lists(PIECES, max_size=14).map("".join))
def test_what_may_be_left_out_makes_no_difference(body: str) -> None:
    """With it, only the part of the source is looked at that differs from its tree."""
    tail = "\n<p>b</p><svg><g/></svg>"
    assert _found(f"{OPEN}{body}{tail}</body></html>") == _found(f"{body}{tail}")


SAFE = ("div", "section", "span", "b", "ul", "article", "x-y")


def trees(depth: int) -> st.SearchStrategy[str]:
    if not depth:
        return st.sampled_from(["x", "", "<br>", "<!-- <b> -->", "<img alt=''>"])
    inside = st.lists(trees(depth - 1), max_size=3).map("".join)
    return st.tuples(st.sampled_from(SAFE), inside).map(
        lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0]}>"
    )


@given(trees(4))
def test_well_nested_elements_need_no_repair(body: str) -> None:
    assert found(body) == []


@given(trees(4), st.data())
def test_a_tag_too_few_is_always_found(body: str, data: st.DataObject) -> None:
    tags_in_it = [
        (m.start(), m.end())
        for m in parser_repairs._LOOSE_TAG.finditer(body)
        if m["name"] not in (None, "br", "img")
    ]
    assume(tags_in_it)
    start, end = data.draw(st.sampled_from(tags_in_it))
    assert found(body[:start] + body[end:]) != []


IMPLIED = ("html", "head", "body", "tbody", "colgroup")
OLD_NAMES = (
    "div",
    "p",
    "b",
    "a",
    "li",
    "ul",
    "table",
    "tr",
    "td",
    "br",
)  # html5lib knows the rest otherwise
ENDED = st.sampled_from(
    [*(f"<{n}>x</{n}>" for n in OLD_NAMES[:-1]), "<table><tr><td>", "</table>", "<ul><li>", "</ul>"]
)


@given(
    st.lists(st.one_of(ENDED, st.sampled_from([f"<{n}>" for n in OLD_NAMES])), max_size=8).map(
        "".join
    )
)
def test_what_a_tree_is_written_as_has_the_findings_of_its_tree(body: str) -> None:
    """Where nothing is found, another parser's tree has the same tags, written or implied."""
    source = f"<!doctype html><title>t</title>{body}"
    if notes(source):
        return
    walker = html5lib.getTreeWalker("etree")
    tree = [
        ("/" if token["type"] == "EndTag" else "") + token["name"]
        for token in walker(html5lib.parse(source))
        if token["type"] in ("StartTag", "EndTag", "EmptyTag")
    ]
    at, written = (
        0,
        re.findall(r"<(/?\w+)", source.replace("<!-- <b> -->", "")),
    )
    for name in tree:
        if at < len(written) and written[at] == name:
            at += 1
        else:
            assert name in IMPLIED or name.removeprefix("/") in tag_places.OMITTED_ENDS
    assert at == len(written)


def test_deep_pages_and_thousands_of_mistakes_are_no_trouble(tmp_path: Path) -> None:
    deep = "<div>" * 400 + "</div>" * 400  # browsers have a limit of 512
    assert codes(tmp_path, deep) == []
    assert len(notes(page("<p></b></p>" * 3000))) == 3000
