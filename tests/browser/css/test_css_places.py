"""Style sheets in the page: they change wherever they stand, in a real browser.

Each case says in `title` what a person notices and in `kept` what is not lost.
"""

from __future__ import annotations

import pytest
from conftest import both_engines
from support.browser.module_page import Cases, Site, integrity, link, module_site, serving

CASES = Cases()
case = CASES.enter
engine = both_engines
site = module_site


# ---- where sheets stand --------------------------------------------------------------------------


@case(
    "sheets",
    "The new text shows at once, without a request.",
    "nothing is fetched, nothing awaited",
)
def test_a_text_that_was_sent_is_shown_before_anything_is_awaited(site: Site) -> None:
    site.open(link("style.css") + "<p>x", {"style.css": "p{top:1px}"})
    requests = len(site.server.requests)

    before_waiting = site.js(
        """async () => {
          const css = await hr.load();
          const change = {url: '/style.css', kind: 'modified', digest: 'd', text: 'p{top:2px}'};
          const done = css.updateCSS(change);
          const seen = hr.style('p', 'top');
          return [seen, await done];
        }"""
    )

    assert before_waiting == ["2px", 1]
    assert len(site.server.requests) == requests


@case(
    "sheets",
    "Two links to one file, with and without a query, both change.",
    "both links and their URLs",
)
def test_every_link_to_the_file_changes(site: Site) -> None:
    site.open(
        link("style.css") + link("/style.css?v=3") + link("./a/../style.css#x") + link("other.css"),
        {"style.css": "p{top:1px}", "other.css": "p{left:1px}"},
    )
    site.js("hr.marked = [...document.styleSheets].map(s => s.cssRules[0])")

    assert site.update("style.css", "p{top:2px}") == 3
    assert site.js("hr.all()") == [["p { top: 2px; }"]] * 3 + [["p { left: 1px; }"]]
    assert site.js("[...document.styleSheets].every((s, i) => s.cssRules[0] === hr.marked[i])")
    assert site.js("[...document.querySelectorAll('[rel=stylesheet]')].map(l => "
                   "l.getAttribute('href'))") == [
        "style.css", "/style.css?v=3", "./a/../style.css#x", "other.css",
    ]  # fmt: skip


@case(
    "sheets",
    "A file name with spaces, umlauts and quotes is found.",
    "the rules that did not change",
)
def test_names_are_compared_decoded(site: Site) -> None:
    site.open(link("a%20b/ü'(1).css"), {"a b/ü'(1).css": "p{top:1px}"})

    assert site.js("hr.update('/a%20b/%C3%BC%27(1).css', 'p{top:2px}')") == 1
    assert site.js("hr.all()") == [["p { top: 2px; }"]]


@case("sheets", "A page whose base is another site takes changes.", "the base")
def test_base_href_does_not_matter(site: Site) -> None:
    site.open(
        f"<base href=http://other.example/><link rel=stylesheet href={site.url}/a.css><p>x",
        {"a.css": "p{top:1px}", "b.css": "p{left:1px}"},
    )

    assert site.js("hr.load().then(css => [css.usesSheet('/a.css'), css.usesSheet('/b.css')])") == [
        True,
        False,
    ]
    assert site.update("a.css", "p{top:2px}") == 1
    assert site.update("a.css", "p{top:3px}", sent=False) == 1
    assert site.js("hr.style('p', 'top')") == "3px"
    assert site.update("a.css", f"@import '{site.url}/b.css';") == 1
    assert site.js("hr.style('p', 'left')") == "1px"


@case("sheets", "A sheet for print, an alternate one and one that a script switched off change.",
      "media, title, and what is switched off stays off")  # fmt: skip
def test_sheets_that_are_not_in_force_change(site: Site) -> None:
    site.open(
        link("style.css", "media=print title=a")
        + '<link rel="alternate stylesheet" title=b href=style.css>'
        + link("style.css", "id=off"),
        {"style.css": "p{top:1px}"},
    )
    site.js("document.getElementById('off').sheet.disabled = true")
    state = "[...document.styleSheets].map(s => [s.media.mediaText, s.title, s.disabled])"
    before = site.js(state)

    assert site.update("style.css", "p{top:2px}") == 3
    assert site.js(state) == before
    assert before[2] == ["", None, True]
    assert site.js("hr.all()") == [["p { top: 2px; }"]] * 3


@case(
    "sheets",
    "A sheet behind a disabled link shows its new text when the link is enabled.",
    "the link stays disabled",
)
def test_a_disabled_link_gets_the_new_text_when_it_is_enabled(site: Site) -> None:
    site.open(link("style.css", "id=l") + "<p>x", {"style.css": "p{color:red}"})
    site.js("l.disabled = true")

    assert site.update("style.css", "p{color:blue}") == 1
    assert site.js("l.disabled && hr.style('p', 'color')") == "rgb(0, 0, 0)"
    site.js("() => new Promise(done => { l.onload = done; l.disabled = false; })")
    assert site.js("hr.style('p', 'color')") == "rgb(0, 0, 255)"


@case("sheets", "A sheet in an open shadow root changes.", "the other rules, and the shadow root")
def test_sheets_in_shadow_roots_change(site: Site) -> None:
    site.open(
        "<div id=a><template shadowrootmode=open><link rel=stylesheet href=style.css><p>x</p>"
        "<div><template shadowrootmode=open><style>@import "
        "'style.css'</style></template></div></template></div>"
        "<div id=b></div><script>b.attachShadow({mode: 'open'}).innerHTML = '<link "
        "rel=stylesheet href=style.css>'</script>",
        {"style.css": "p{top:1px}i{top:0}"},
    )
    site.page.wait_for_function("b.shadowRoot.styleSheets[0]?.cssRules.length")
    site.js("hr.kept = a.shadowRoot.styleSheets[0].cssRules[1]")

    assert site.update("style.css", "p{top:2px}i{top:0}") == 3
    assert site.js("getComputedStyle(a.shadowRoot.querySelector('p')).top") == "2px"
    assert site.js("a.shadowRoot.styleSheets[0].cssRules[1] === hr.kept")
    assert site.js("b.shadowRoot.styleSheets[0].cssRules[0].style.top") == "2px"
    assert (
        site.js(
            "a.shadowRoot.querySelector('div').shadowRoot.styleSheets[0].cssRules[0].styleSheet.cssRules[0].style.top"
        )
        == "2px"
    )


@case(
    "sheets",
    "A sheet that a script imported as a module changes in every root that adopted it.",
    "the sheet object and its other rules",
)
def test_css_modules_change(site: Site) -> None:
    site.open(
        "<div id=a></div><div id=b></div><script type=module>import sheet from './m.css' "
        "with {type: 'css'};"
        "for (const e of [a, b]) { e.attachShadow({mode: 'open'}).adoptedStyleSheets = "
        "[sheet]; e.shadowRoot.innerHTML = '<p>x'; }"
        "hr.sheet = sheet; hr.mark(sheet.cssRules)</script>",
        {"m.css": "p{top:1px}i{top:0}"},
    )
    site.page.wait_for_function("hr.sheet")

    assert site.js("hr.load().then(css => css.usesSheet('/m.css'))")
    assert site.update("m.css", "p{top:2px}i{top:0}b{top:0}") == 1
    assert site.js("[a, b].map(e => getComputedStyle(e.shadowRoot.querySelector('p')).top)") == [
        "2px",
        "2px",
    ]
    assert site.js("[a, b].every(e => e.shadowRoot.adoptedStyleSheets[0] === hr.sheet)")
    assert site.js("hr.marks(hr.sheet.cssRules)") == ["0", "1", None]


@case(
    "sheets",
    "A sheet that was imported as a module and is adopted later has the new text.",
    "the sheet object",
)
def test_css_modules_that_nothing_adopted_yet_change(site: Site) -> None:
    site.open(
        "<p>x<script type=module>import sheet from './m.css' with {type: 'css'}; hr.sheet = "
        "sheet</script>",
        {"m.css": ""},
    )
    site.page.wait_for_function("hr.sheet")

    assert site.update("m.css", "p{top:2px}") == 1
    site.js("document.adoptedStyleSheets = [hr.sheet]")
    assert site.js("hr.style('p', 'top')") == "2px"


@case(
    "sheets",
    "A sheet that a script made of a fetched text changes.",
    "the sheet object and its other rules",
)
def test_constructed_sheets_are_recognised_by_their_rules(site: Site) -> None:
    site.open(
        "<p>x<script>fetch('c.css').then(r => r.text()).then(text => { hr.sheet = new "
        "CSSStyleSheet();"
        "hr.sheet.replaceSync(text); hr.mark(hr.sheet.cssRules); "
        "document.adoptedStyleSheets.push(hr.sheet); })</script>",
        {"c.css": "p{top:1px}i{top:0}"},
    )
    site.page.wait_for_function("hr.sheet")
    site.js("hr.load().then(css => css.prepareAll())")

    assert site.update("c.css", "p{top:2px}i{top:0}") == 1
    assert site.update("c.css", "p{top:3px}i{top:0}") == 1
    assert site.js("hr.style('p', 'top')") == "3px"
    assert site.js(
        "document.adoptedStyleSheets[0] === hr.sheet && hr.marks(hr.sheet.cssRules)"
    ) == ["0", "1"]


@case("sheets", "Another site's sheet is left alone.", "the sheet")
def test_cross_origin_sheets_are_left_alone(
    site: Site, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with serving(tmp_path_factory.mktemp("other")) as other:
        (other.root / "style.css").write_text("p{top:1px}")
        site.open(link(f"http://127.0.0.1:{other.server_port}/style.css") + "<p>x")
        site.js("hr.sheet = document.styleSheets[0]")

        assert not site.js("hr.load().then(css => css.usesSheet('/style.css'))")
        assert site.update("style.css", "p{top:2px}") == 0
        assert site.js("hr.sheet === document.styleSheets[0] && hr.style('p', 'top')") == "1px"


@case("sheets", "A link that has integrity and crossorigin changes in place.", "the attributes")
def test_integrity_does_not_matter_to_a_change_in_place(site: Site) -> None:
    text = "p{top:1px}"
    site.open(link("style.css", f"crossorigin {integrity(text)}") + "<p>x", {"style.css": text})
    assert site.js("hr.style('p', 'top')") == "1px"

    assert site.update("style.css", "p{top:2px}") == 1
    assert site.js("hr.style('p', 'top')") == "2px"


@case(
    "sheets",
    "A sheet in a shadow root that came since the last look changes too.",
    "the shadow root",
)
def test_new_shadow_roots_are_found(site: Site) -> None:
    site.open(
        link("style.css") + "<div id=a></div><div id=b></div>",
        {"style.css": "p{top:1px}", "b.css": "p{left:1px}"},
    )
    site.js(
        """() => {
          a.attachShadow({mode: 'open'}).innerHTML = '<link rel=stylesheet href=style.css>';
          b.attachShadow({mode: 'open'}).innerHTML = '<link rel=stylesheet href=b.css>';
        }"""
    )
    site.page.wait_for_function("[a, b].every(e => e.shadowRoot.styleSheets[0]?.cssRules.length)")

    assert site.update("style.css", "p{top:2px}") == 1
    site.page.wait_for_function("a.shadowRoot.styleSheets[0].cssRules[0].style.top === '2px'")
    assert site.update("b.css", "p{left:2px}") == 1
    assert site.js("b.shadowRoot.styleSheets[0].cssRules[0].style.left") == "2px"


@case(
    "sheets",
    "A page whose policy forbids inline styles and strings as HTML takes changes.",
    "the policy",
)
def test_a_strict_policy_does_not_matter(site: Site) -> None:
    policy = "default-src 'self'; style-src 'self'; require-trusted-types-for 'script'"
    site.server.headers["/index.html"] = {
        "Content-Security-Policy": policy,
        "Content-Type": "text/html",
    }
    site.write(
        {
            "index.html": "<!doctype html>" + link("a.css") + "<p>x",
            "a.css": "p{color:red}",
            "b.css": "p{left:1px}",
        }
    )
    site.page.goto(f"{site.url}/index.html")
    site.js("hr.load().then(css => css.prepareAll())")

    assert site.update("a.css", "p{color:blue}") == 1
    assert site.js("hr.style('p', 'color')") == "rgb(0, 0, 255)"
    assert site.update("a.css", "@import 'b.css';p{color:blue}") == 1
    assert site.js("hr.style('p', 'left')") == "1px"


# ---- reading the text oneself --------------------------------------------------------------------


LATIN = 'p::after{content:"\xe9"}'


@pytest.mark.parametrize(
    ("header", "page", "body"),
    [
        ("text/css; charset=iso-8859-1", "utf-8", LATIN.encode("latin-1")),
        ('text/css; charset="utf-8"', "latin1", LATIN.encode()),
        ("text/css", "utf-8", b'@charset "latin1";' + LATIN.encode("latin-1")),
        ("text/css", "latin1", LATIN.encode("latin-1")),
        ("text/css", "latin1", b"\xef\xbb\xbf" + LATIN.encode()),
        ("text/css", "utf-8", b"\xff\xfe" + LATIN.encode("utf-16-le")),
        ("text/css", "latin1", b"\xfe\xff" + LATIN.encode("utf-16-be")),
        ("text/css", "latin1", b'@charset "utf-16be";' + LATIN.encode()),
        ("text/css; charset=frob", "utf-8", LATIN.encode()),
    ],
)
def test_a_text_that_was_not_sent_is_read_in_its_own_encoding(
    site: Site, header: str, page: str, body: bytes
) -> None:
    """A sheet that is not sent, or not in UTF-8, shows its letters right."""
    site.server.headers["/a.css"] = {"Content-Type": header}
    site.server.headers["/index.html"] = {"Content-Type": "text/html"}
    site.write(
        {
            "index.html": f"<!doctype html><meta charset={page}>{link('a.css')}<p>x",
            "a.css": "p{top:1px}",
        }
    )
    site.page.goto(f"{site.url}/index.html")
    site.write({"a.css": body})

    assert site.js("hr.update('/a.css', null)") == 1
    assert site.js("hr.all()") == site.fresh()
    assert site.js("hr.all()") == [['p::after { content: "\xe9"; }']]


def test_a_text_that_was_sent_is_not_believed_where_the_page_reads_another_encoding(
    site: Site,
) -> None:
    site.server.headers["/index.html"] = {"Content-Type": "text/html"}
    site.write(
        {
            "index.html": f"<!doctype html><meta charset=latin1>{link('a.css')}<p>x",
            "a.css": "p{top:1px}",
        }
    )
    site.page.goto(f"{site.url}/index.html")

    assert site.update("a.css", LATIN) == 1
    assert site.js("hr.all()") == site.fresh()


def test_a_text_that_cannot_be_read_needs_a_reload(site: Site) -> None:
    site.open(link("a.css"), {"a.css": "p{top:1px}"})
    (site.root / "a.css").unlink()

    assert (
        site.js("hr.update('/a.css', null).catch(String)")
        == "Error: /a.css could not be read (status 404)"
    )
    assert site.js("hr.all()") == [["p { top: 1px; }"]]


def test_a_sheet_of_a_processing_instruction_changes_in_place_or_needs_a_reload(site: Site) -> None:
    site.write(
        {
            "a.svg": '<?xml-stylesheet href="a.css"?><svg '
            'xmlns="http://www.w3.org/2000/svg"><g/></svg>',
            "a.css": "g{top:1px}",
        }
    )
    site.page.goto(f"{site.url}/a.svg")

    assert site.update("a.css", "g{top:2px}") == 1
    assert site.js("hr.all()") == [["g { top: 2px; }"]]
    assert (
        site.update("a.css", "@import 'b.css';")
        == "Error: the style sheet belongs to nothing that can be loaded again"
    )


def test_a_sheet_that_the_browser_reads_otherwise_is_loaded_again(site: Site) -> None:
    """Where the browser takes a rule and `insertRule` does not, the sheet is loaded anew."""
    site.open(link("a.css") + "<p>x", {"a.css": "p{top:1px}"})
    site.js(
        "() => { CSSStyleSheet.prototype.insertRule = () => { throw new SyntaxError('no'); }; }"
    )

    assert site.update("a.css", "p{top:1px}p{top:2px}") == 1
    site.page.wait_for_function("hr.style('p', 'top') === '2px'")
    assert site.js("hr.all()") == site.fresh()


# ---- <style> -------------------------------------------------------------------------------------


@case(
    "style elements",
    "A <style> whose text changes shows it.",
    "the sheet, the rules that did not change, and those of scripts",
)
def test_a_style_element_changes_by_rules(site: Site) -> None:
    site.open("<style id=s>p{top:1px}i{top:0}</style><svg><style id=v>g{top:1px}</style></svg><p>x")
    site.js("s.sheet.insertRule('own{top:0}', 2); hr.mark(s.sheet.cssRules); hr.sheet = s.sheet")
    change = (
        "([id, text]) => hr.load().then(css => css.updateStyle(document.getElementById(id), text))"
    )

    assert site.js(change, ["s", "p{top:2px}i{top:0}"])
    assert site.js(change, ["s", "p{top:3px}u{top:0}i{top:0}"])
    assert site.js(change, ["v", "g{top:2px}"])
    assert site.js("hr.style('p', 'top')") == "3px"
    assert site.js("s.sheet === hr.sheet && hr.marks(s.sheet.cssRules)") == ["0", None, "1", "2"]
    assert site.js("hr.load().then(css => [css.shownBy(s), css.shownBy(v)])") == [
        "p{top:3px}u{top:0}i{top:0}",
        "g{top:2px}",
    ]


def test_a_style_element_that_cannot_change_by_rules_is_left_to_the_caller(site: Site) -> None:
    site.open(
        "<style id=s>p{top:1px}</style><style id=t type=text/x>p{top:1px}</style>", {"b.css": ""}
    )
    change = (
        "([id, text]) => hr.load().then(css => css.updateStyle(document.getElementById(id), text))"
    )

    assert site.js(change, ["s", "@import 'b.css';"]) is False
    assert site.js(change, ["t", "p{top:2px}"]) is False
    assert site.js("hr.all()") == [["p { top: 1px; }"]]


# ---- what the page uses --------------------------------------------------------------------------


def test_every_file_that_a_sheet_refers_to_is_known(site: Site) -> None:
    site.open(
        link("sub/a.css") + "<style>i{background:url(data:,)}</style>",
        {
            "sub/a.css": "@import 'b.css';@font-face{font-family:f;src:url(f.ttf)}@media "
            'print{p{background:url("c d.png")}}'
            "u{mask:url(http://other.example/x.svg)}a{cursor:url(../k.cur?v=1#x),auto}",
            "sub/b.css": "p::before{content:url(e.svg)}",
        },
    )

    used = site.js("hr.load().then(css => [...css.urlsInCSS()].sort())")
    uses = site.js(
        "hr.load().then(css => ['/sub/a.css', '/sub/b.css', '/sub/c.css', "
        "'/a.css'].map(css.usesSheet))"
    )

    assert used == ["/k.cur", "/sub/b.css", "/sub/c d.png", "/sub/e.svg", "/sub/f.ttf"]
    assert uses == [True, True, False, False]
