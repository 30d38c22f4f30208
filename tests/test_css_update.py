"""Style sheets in the page: what a save changes, and what stays as it was, in a real browser.

Each case says in `title` what a person notices and in `kept` what is not lost; `rows` gives them
for a table.
"""

from __future__ import annotations

import hashlib
import http.server
import threading
from ast import literal_eval
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

INJECTOR = Path(__file__).parents[1] / "injector" / "src"
TYPES = {
    ".css": "text/css",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".wav": "audio/wav",
}


class Case(NamedTuple):
    """One thing that a person notices, and what is not lost meanwhile."""

    group: str
    title: str
    kept: str


CASES: list[Case] = []


def rows() -> list[Case]:
    """All cases of this file, in the order in which they are tested."""
    return list(CASES)


def case(group: str, title: str, kept: str) -> Callable[[Any], Any]:
    """Enters a test into `CASES`, with its title as docstring."""
    CASES.append(Case(group, title, kept))

    def entered(test: Any) -> Any:
        test.__doc__ = f"{title} Kept: {kept}."
        return test

    return entered


# ---- a site on a real socket, and a page on it ---------------------------------------------------


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, root: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.root = root
        self.requests: list[str] = []
        self.headers: dict[str, dict[str, str]] = {}
        self.held: dict[str, threading.Event] = {}

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that closes a connection is no error."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        path = unquote(urlsplit(self.path).path)
        if path in self.server.held:
            self.server.held[path].wait(10)
        file = self.file(path)
        if not file.is_file():
            self.answer(404, {}, b"")
            return
        body = file.read_bytes()
        headers = {
            "ETag": f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"',
            "Cache-Control": "no-cache",
            "Content-Type": TYPES[file.suffix],
        } | self.server.headers.get(path, {})
        if self.headers.get("If-None-Match") == headers["ETag"]:
            self.answer(304, headers, b"")
        elif start := self.headers.get("Range", "").partition("=")[2].partition("-")[0]:
            place = f"bytes {start}-{len(body) - 1}/{len(body)}"
            self.answer(206, headers | {"Content-Range": place}, body[int(start) :])
        else:
            self.answer(200, headers, body)

    def file(self, path: str) -> Path:
        name = path.removeprefix("/__hotreload__/")
        return INJECTOR / name if name != path else self.server.root / path.lstrip("/")

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Nothing: pytest's output is for failures."""


HELPERS = """
window.hr = {
  load: () => import(location.origin + '/__hotreload__/css.js'),
  // In Firefox a sheet is loaded again only under another URL.
  plain: navigator.userAgent.includes('Firefox')
    ? url => url.replace(/\\?hotreload=\\w+/, '') : url => url,
  dump(rules) {
    return [...rules].map(rule => rule instanceof CSSImportRule
      ? [hr.plain(rule.cssText), rule.styleSheet ? hr.dump(rule.styleSheet.cssRules) : null]
      : rule.cssText);
  },
  all() { return [...document.styleSheets].map(sheet => hr.dump(sheet.cssRules)); },
  mark(rules, path = '') {
    [...rules].forEach((rule, i) => {
      rule.mark = path + i;
      if (rule.cssRules) hr.mark(rule.cssRules, rule.mark + '.');
      if (rule.styleSheet) hr.mark(rule.styleSheet.cssRules, rule.mark + '>');
    });
  },
  marks(rules) { return [...rules].map(rule => rule.mark ?? null); },
  style(selector, name) { return getComputedStyle(document.querySelector(selector))[name]; },
  frames(probe) {
    const seen = [];
    let on = true;
    const step = () => { if (on) { seen.push(probe()); requestAnimationFrame(step); } };
    requestAnimationFrame(step);
    return async () => {
      await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
      on = false;
      return [...new Set(seen)];
    };
  },
  async update(url, text, more = {}) {
    const css = await hr.load();
    const digest = 'd' + Math.random().toString(36).slice(2);
    const sent = text === null ? {} : { text };
    return css.updateCSS({ url, kind: 'modified', digest, ...sent, ...more });
  },
};
"""


@dataclass
class Site:
    """A folder that is served, and one page of the browser on it."""

    root: Path
    server: Server
    page: Page

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def write(self, files: dict[str, str | bytes]) -> None:
        for name, content in files.items():
            file = self.root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def open(
        self, html: str, files: dict[str, str | bytes] | None = None, name: str = "index.html"
    ) -> None:
        """Opens a page with its files and has the sheets learnt, as an idle page has."""
        self.write(
            {
                name: f"<!doctype html><meta charset=utf-8><link rel=icon href=data:,>{html}",
                **(files or {}),
            }
        )
        self.page.goto(f"{self.url}/{name}")
        self.js("hr.load().then(css => css.prepareAll())")

    def js(self, expression: str, argument: object = None) -> Any:
        return self.page.evaluate(expression, argument)

    def update(self, name: str, text: str, *, sent: bool = True) -> Any:
        """Saves a sheet and has the page take the change: in how many places it is shown."""
        self.write({name: text})
        return self.js(
            "([url, text]) => hr.update(url, text).catch(String)",
            [f"/{name}", text if sent else None],
        )

    def fresh(self) -> Any:
        """The rules of all sheets as a page that is opened now has them."""
        page = self.page.context.new_page()
        page.goto(self.page.url)
        rules = page.evaluate("hr.all()")
        page.close()
        return rules


@contextmanager
def serving(root: Path) -> Iterator[Server]:
    """Serves a folder, and the modules under test, on a free port."""
    server = Server(root)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def opened(browser: Browser, root: Path) -> Iterator[Site]:
    """A page with nothing cached on a served folder; errors in it fail the test."""
    errors: list[str] = []
    with serving(root) as server:
        context = browser.new_context()
        context.set_default_timeout(10_000)
        context.add_init_script(HELPERS)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        yield Site(root, server, context.new_page())
        context.close()
    assert errors == []


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def engine(request: pytest.FixtureRequest) -> str:
    """All of it in both browsers."""
    return str(request.param)


@pytest.fixture
def site(browser: Browser, tmp_path: Path) -> Iterator[Site]:
    with opened(browser, tmp_path) as site:
        yield site


# ---- pairs of an old and a new sheet -------------------------------------------------------------


class Pair(NamedTuple):
    """An old and a new text, and for each new live rule the old one that it still is."""

    group: str
    title: str
    kept: str
    old: str
    new: str
    marks: list[str | None]


def pairs(text: str) -> Iterator[Pair]:
    """Reads the corpus: texts stand as Python writes strings, and `-` is a new rule."""
    for part in text.split("\n== ")[1:]:
        group, *entries = part.strip().split("\n\n")
        for entry in entries:
            title, *fields = (line.strip() for line in entry.splitlines())
            kept, old, new, marks = (field.partition(":")[2].strip() for field in fields)
            numbers = [None if mark == "-" else mark for mark in marks.split()]
            yield Pair(group, title, kept, literal_eval(old), literal_eval(new), numbers)


PAIRS = list(pairs((Path(__file__).parent / "css_pairs.txt").read_text()))
CASES.extend(Case(pair.group, pair.title, pair.kept) for pair in PAIRS)


class Outcome(NamedTuple):
    places: int
    same_sheet: bool
    marks: list[str | None]
    rules: Any
    fresh: Any


def outcomes(browser: Browser, root: Path, headers: dict[str, str]) -> list[Outcome]:
    """Changes the sheets of all pairs in one page, each in a link of its own."""
    names = [f"{i}.css" for i in range(len(PAIRS))]
    with opened(browser, root) as site:
        site.server.headers.update({f"/{name}": headers for name in names})
        site.open(
            "".join(f"<link rel=stylesheet href={name}>" for name in names),
            {name: pair.old for name, pair in zip(names, PAIRS, strict=True)},
        )
        site.js(
            "hr.sheets = [...document.styleSheets]; hr.sheets.forEach(s => hr.mark(s.cssRules))"
        )
        places = [site.update(name, pair.new) for name, pair in zip(names, PAIRS, strict=True)]
        return [
            Outcome(*each)
            for each in zip(
                places,
                site.js("[...document.styleSheets].map((sheet, i) => sheet === hr.sheets[i])"),
                site.js("hr.sheets.map(sheet => hr.marks(sheet.cssRules))"),
                site.js("hr.all()"),
                site.fresh(),
                strict=True,
            )
        ]


def test_each_sheet_is_as_freshly_loaded_and_what_did_not_change_is_the_same_object(
    browser: Browser, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    found = outcomes(browser, tmp_path, {})

    for pair, outcome in zip(PAIRS, found, strict=True):
        with subtests.test(pair.title):
            assert outcome == Outcome(1, True, pair.marks, outcome.fresh, outcome.fresh)


def test_each_sheet_whose_old_text_is_not_known_is_as_freshly_loaded_too(
    browser: Browser, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    found = outcomes(browser, tmp_path, {"Cache-Control": "no-store"})

    for pair, outcome in zip(PAIRS, found, strict=True):
        with subtests.test(pair.title):
            assert outcome == Outcome(1, True, outcome.marks, outcome.fresh, outcome.fresh)


# ---- where sheets stand --------------------------------------------------------------------------


def link(name: str, more: str = "") -> str:
    return f'<link rel=stylesheet href="{name}" {more}>'


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


def integrity(text: str) -> str:
    return f'integrity="sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"'


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


# ---- imports -------------------------------------------------------------------------------------


@case(
    "imports",
    "A sheet that is imported through three others changes.",
    "every sheet above it and every rule that did not change",
)
def test_imported_sheets_change_at_any_depth(site: Site) -> None:
    site.open(
        link("a.css") + "<style>@layer x; @import 'd.css' layer(x) screen;</style><p>x",
        {
            "a.css": "@import 'sub/b.css';",
            "sub/b.css": "@import url(c.css) layer(y);",
            "sub/c.css": '@import "../d.css" screen;',
            "d.css": "p{top:1px}i{top:0}",
        },
    )
    site.js("hr.mark(document.styleSheets[0].cssRules)")

    assert site.update("d.css", "p{top:2px}i{top:0}") == 2
    assert site.js("hr.style('p', 'top')") == "2px"
    assert site.js("""() => {
          let sheet = document.styleSheets[0];
          for (let i = 0; i < 3; i++) sheet = sheet.cssRules[0].styleSheet;
          return hr.marks(sheet.cssRules);
        }""") == [
        "0>0>0>0", "0>0>0>1",
    ]  # fmt: skip
    assert site.js("hr.all()") == site.fresh()


@case(
    "imports",
    "A picture that an imported sheet names is looked for where that sheet is.",
    "the base of relative URLs",
)
def test_relative_urls_stay_relative_to_their_sheet(site: Site) -> None:
    site.open(link("a.css") + "<p>x", {"a.css": "@import 'sub/b.css';", "sub/b.css": "p{top:1px}"})

    assert site.update("sub/b.css", "p{top:1px;background:url(x.svg)}b{}") == 1
    assert site.js("hr.style('p', 'backgroundImage')") == f'url("{site.url}/sub/x.svg")'


@case("imports", "A new import shows when it is loaded, and no frame lacks style.",
      "the link element, its URL, and what a script switched off")  # fmt: skip
def test_a_changed_import_loads_the_sheet_again_without_a_frame_that_lacks_style(
    site: Site,
) -> None:
    site.open(
        link("a.css", "id=l") + "<p>x",
        {"a.css": "p{color:red}", "b.css": "p{left:7px}"},
    )
    site.js("hr.link = l; hr.stop = hr.frames(() => hr.style('p', 'color')); 0")

    assert site.update("a.css", "@import 'b.css'; p{color:blue}") == 1
    assert site.js("hr.stop()") == ["rgb(255, 0, 0)", "rgb(0, 0, 255)"]
    assert site.js("hr.style('p', 'left')") == "7px"
    assert site.js("hr.link === l && document.querySelectorAll('link[rel=stylesheet]').length") == 1
    assert site.js("hr.plain(l.getAttribute('href'))") == "a.css"
    assert site.js("hr.all()") == site.fresh()
    assert site.update("a.css", "@import 'b.css'; p{color:green}") == 1
    assert site.js("hr.all()") == site.fresh()


@case(
    "imports",
    "A changed import deep in a chain loads the chain again.",
    "the link, and no frame lacks style",
)
def test_a_changed_import_below_others_shows(site: Site) -> None:
    site.open(
        link("a.css") + "<p>x",
        {
            "a.css": "@import 'b.css';",
            "b.css": "@import 'c.css'; p{color:red}",
            "c.css": "p{left:1px}",
            "d.css": "p{left:2px}",
        },
    )
    site.js(
        "hr.link = document.querySelector('[rel=stylesheet]'); hr.stop = hr.frames(() => "
        "hr.style('p', 'color')); 0"
    )

    assert site.update("b.css", "@import 'd.css'; p{color:red}") == 1
    assert site.js("hr.stop()") == ["rgb(255, 0, 0)"]
    assert site.js("hr.style('p', 'left')") == "2px"
    assert site.js(
        "document.querySelectorAll('[rel=stylesheet]').length === 1 && "
        "document.querySelector('[rel=stylesheet]') === hr.link"
    )
    assert site.js("hr.all()") == site.fresh()


@case(
    "imports",
    "What an imported sheet has become stays when the sheet above it is loaded again.",
    "the new text of both",
)
def test_a_sheet_that_is_loaded_again_has_the_imports_as_they_are_now(site: Site) -> None:
    site.open(
        link("a.css") + "<p>x",
        {"a.css": "@import 'b.css';", "b.css": "p{top:1px}i{}", "c.css": "p{left:1px}"},
    )

    assert site.update("b.css", "p{top:2px}") == 1
    assert site.update("a.css", "@import 'c.css'; @import 'b.css';") == 1
    assert site.js("hr.all()") == site.fresh()
    assert site.update("b.css", "p{top:3px}") == 1
    assert site.js("[hr.style('p', 'top'), hr.style('p', 'left')]") == ["3px", "1px"]


@case("imports", "A changed import below a <style> shows.", "the element")
def test_a_changed_import_below_a_style_element_shows(site: Site) -> None:
    site.open(
        "<style id=s>@import 'b.css';</style><p>x",
        {"b.css": "p{color:red}", "c.css": "p{left:1px}"},
    )
    site.js("hr.stop = hr.frames(() => hr.style('p', 'color')); 0")

    assert site.update("b.css", "@import 'c.css'; p{color:red}") == 1
    assert site.js("hr.stop()") == ["rgb(255, 0, 0)"]
    assert site.js("document.querySelectorAll('style').length") == 1
    assert site.js("hr.all()") == site.fresh()


@case(
    "imports",
    "Two sheets of one link that both get new imports are shown in one batch.",
    "the link, and no frame lacks style",
)
def test_two_changed_imports_below_one_link(site: Site) -> None:
    site.open(
        link("a.css") + "<p>x",
        {
            "a.css": "@import 'b.css'; @import 'c.css';",
            "b.css": "p{color:red}",
            "c.css": "i{}",
            "d.css": "p{left:1px}",
            "e.css": "p{right:1px}",
        },
    )
    site.js("hr.stop = hr.frames(() => hr.style('p', 'color')); 0")
    texts = {"b.css": "@import 'd.css'; p{color:red}", "c.css": "@import 'e.css';"}
    site.write(dict(texts))

    assert site.js(
        "texts => Promise.all(Object.entries(texts).map(([name, text]) => hr.update('/' + "
        "name, text)))",
        texts,
    ) == [1, 1]
    assert site.js("hr.stop()") == ["rgb(255, 0, 0)"]
    assert site.js("document.querySelectorAll('[rel=stylesheet]').length") == 1
    assert site.js("hr.all()") == site.fresh()


@case("imports", "A changed namespace applies.", "the link, and no frame lacks style")
def test_a_changed_namespace_loads_the_sheet_again(site: Site) -> None:
    site.open(
        link("a.css", "id=l") + "<p>x",
        {"a.css": "@namespace n url(x);n|p{top:1px}p{color:red}"},
    )
    site.js("l.sheet.disabled = true")

    assert site.update("a.css", "@namespace n url(http://www.w3.org/1999/xhtml);n|p{top:1px}") == 1
    assert site.js("l.sheet.disabled")
    site.js("l.sheet.disabled = false")
    assert site.js("hr.style('p', 'top')") == "1px"


@case(
    "imports",
    "A link whose integrity the new text does not match shows it all the same.",
    "the link",
)
def test_integrity_is_dropped_when_the_sheet_is_loaded_again(site: Site) -> None:
    text = "p{color:red}"
    site.open(link("a.css", integrity(text)) + "<p>x", {"a.css": text, "b.css": "p{left:1px}"})

    assert site.update("a.css", "@import 'b.css';p{color:blue}") == 1
    assert site.js("[hr.style('p', 'color'), hr.style('p', 'left')]") == ["rgb(0, 0, 255)", "1px"]


# ---- what scripts did meanwhile ------------------------------------------------------------------


@case(
    "scripts",
    "Rules that scripts inserted survive every save.",
    "the rules, before, between and behind those of the file",
)
def test_rules_of_scripts_survive(site: Site) -> None:
    old = "p{top:1px}i{top:1px}@media all{b{top:1px}}"
    site.open(link("a.css") + "<p>x", {"a.css": old})
    site.js(
        """() => {
          const sheet = document.styleSheets[0];
          sheet.insertRule('first{top:0}', 0);
          sheet.insertRule('between{top:0}', 2);
          sheet.insertRule('last{top:0}', 5);
          sheet.cssRules[4].insertRule('inner{top:0}', 1);
        }"""
    )

    site.update("a.css", "p{top:2px}u{top:0}i{top:1px}@media all{a{top:0}b{top:2px}}s{top:0}")
    site.update("a.css", "i{top:3px}@media all{b{top:2px}}s{top:0}q{top:0}")

    assert site.js("hr.all()[0].map(text => text.replace(/\\s+/g, ' '))") == [
        "first { top: 0px; }",
        "between { top: 0px; }",
        "i { top: 3px; }",
        "@media all { b { top: 2px; } inner { top: 0px; } }",
        "s { top: 0px; }",
        "q { top: 0px; }",
        "last { top: 0px; }",
    ]


@case("scripts", "Rules that a script inserted before the page was ready survive too.", "the rules")
def test_rules_that_scripts_inserted_early_survive(site: Site) -> None:
    site.open(
        link("a.css") + "<script>document.styleSheets[0].insertRule('own{top:0}', 0)</script>",
        {"a.css": "p{top:1px}"},
    )

    site.update("a.css", "p{top:2px}")

    assert site.js("hr.all()") == [["own { top: 0px; }", "p { top: 2px; }"]]


@case(
    "scripts",
    "A value that a script set in a rule survives, unless the file gives that property a new one.",
    "the script's value",
)
def test_declarations_of_scripts_survive(site: Site) -> None:
    site.open(link("a.css") + "<p>x", {"a.css": "p{top:1px;left:1px;color:red}"})
    site.js(
        """() => {
          const {style} = document.styleSheets[0].cssRules[0];
          style.setProperty('--own', '1');
          style.left = '5px';
          style.top = '5px';
          style.removeProperty('color');
        }"""
    )

    site.update("a.css", "p{top:2px;left:1px;color:red;right:0}")

    assert site.js("hr.all()") == [["p { top: 2px; left: 5px; right: 0px; --own: 1; }"]]


@case(
    "scripts",
    "A rule that a script removed stays away until the file changes it.",
    "the script's decision",
)
def test_rules_that_scripts_removed_stay_away(site: Site) -> None:
    site.open(link("a.css") + "<p>x", {"a.css": "p{top:1px}i{top:1px}"})
    site.js("document.styleSheets[0].deleteRule(1)")

    site.update("a.css", "p{top:2px}i{top:1px}")
    assert site.js("hr.all()") == [["p { top: 2px; }"]]
    site.js("hr.load().then(() => new Promise(requestIdleCallback))")
    site.update("a.css", "p{top:2px}i{top:3px}")
    assert site.js("hr.all()") == [["p { top: 2px; }", "i { top: 3px; }"]]


@case(
    "scripts",
    "What the cache holds is not taken for what the page shows when it is newer.",
    "the page is as the file is",
)
def test_a_newer_text_in_the_cache_is_not_taken_for_the_old_one(site: Site) -> None:
    site.write({"a.css": "p{top:1px}i{top:1px}", "index.html": "<!doctype html>" + link("a.css")})
    site.page.goto(f"{site.url}/index.html")
    site.write({"a.css": "p{top:1px}"})
    site.fresh()

    assert site.update("a.css", "p{top:1px}") == 1
    assert site.js("hr.all()") == [["p { top: 1px; }"]]


# ---- what goes on meanwhile ----------------------------------------------------------------------


@case(
    "motion",
    "A running transition goes on when another property of its rule changes.",
    "the transition at its time",
)
def test_a_running_transition_goes_on(site: Site) -> None:
    site.open(
        link("a.css") + "<p id=p>x",
        {"a.css": "p{transition:opacity 100s linear;opacity:1;color:red}p.x{opacity:0}"},
    )
    site.js(
        "() => { p.offsetTop; p.className = 'x'; hr.motion = p.getAnimations()[0]; "
        "hr.motion.currentTime = 30000; }"
    )

    site.update(
        "a.css", "p{transition:opacity 100s linear;opacity:1;color:blue}b{top:0}p.x{opacity:0}"
    )

    assert (
        site.js(
            "p.getAnimations()[0] === hr.motion && hr.motion.currentTime >= 30000 && "
            "hr.style('p', 'color')"
        )
        == "rgb(0, 0, 255)"
    )


@case("motion", "A running animation takes changed keyframes on.", "the animation at its time")
def test_a_running_animation_goes_on_with_new_keyframes(site: Site) -> None:
    site.open(
        link("a.css") + "<p id=p>x",
        {
            "a.css": "p{position:relative;animation:k 100s linear paused}@keyframes "
            "k{from{left:0}to{left:100px}}"
        },
    )
    site.js("() => { hr.motion = p.getAnimations()[0]; hr.motion.currentTime = 50000; }")

    site.update(
        "a.css",
        "p{position:relative;animation:k 100s linear paused}@keyframes "
        "k{from{left:0}to{left:200px}}",
    )

    assert site.js("p.getAnimations()[0] === hr.motion && hr.motion.currentTime") == 50000
    assert site.js("hr.style('p', 'left')") == "100px"


@case("motion", "The page stays where it was scrolled to.", "scroll, focus and typed text")
def test_scroll_focus_and_typed_text_stay(site: Site) -> None:
    site.open(
        link("a.css") + "<input id=i><div style='height:5000px'></div>",
        {"a.css": "div{color:red}", "b.css": "i{top:0}"},
    )
    site.js("i.focus({preventScroll: true}); i.value = 'typed'; scrollTo(0, 1234)")

    site.update("a.css", "div{color:blue}")
    site.update("a.css", "@import 'b.css';div{color:blue}")

    assert site.js("[scrollY, document.activeElement.value]") == [1234, "typed"]


# ---- files that come, go and get other names -----------------------------------------------------


@case("files", "A sheet that was missing shows when the file comes.", "the link")
def test_a_missing_sheet_comes(site: Site) -> None:
    site.open(link("a.css") + "<p>x")

    site.write({"a.css": "p{top:1px}"})
    assert site.js("hr.update('/a.css', 'p{top:1px}', {kind: 'added'})") == 1
    assert site.js("hr.style('p', 'top')") == "1px"


@case("files", "A missing sheet that imports others shows when the file comes.", "the link")
def test_a_missing_sheet_with_imports_comes(site: Site) -> None:
    site.open(link("a.css") + "<p>x", {"b.css": "p{top:3px}"})

    site.write({"a.css": "@import 'b.css';"})
    assert site.js("hr.update('/a.css', \"@import 'b.css';\", {kind: 'added'})") == 1
    assert site.js("hr.style('p', 'top')") == "3px"


@case(
    "files",
    "A sheet whose file is deleted styles nothing, and does again when it is back.",
    "the link, and rules of scripts",
)
def test_a_deleted_sheet_goes_and_comes_back(site: Site) -> None:
    site.open(link("a.css") + "<p>x", {"a.css": "p{top:1px}"})
    site.js("document.styleSheets[0].insertRule('p{left:1px}', 1)")

    assert site.js("hr.update('/a.css', null, {kind: 'deleted'})") == 1
    assert site.js("[hr.style('p', 'top'), hr.style('p', 'left')]") == ["auto", "1px"]
    assert site.js("hr.update('/a.css', 'p{top:2px}', {kind: 'added'})") == 1
    assert site.js("[hr.style('p', 'top'), hr.style('p', 'left')]") == ["2px", "1px"]


HASHED = [
    (["/app.3f2.css"], ["/app.91c.css"], [("/app.3f2.css", "/app.91c.css")]),
    (["/m-BxQ9a_1z.css"], ["/m-Zk3_09ab.css"], [("/m-BxQ9a_1z.css", "/m-Zk3_09ab.css")]),
    (["/x.d41d.min.js", "/y.a1b2.js"], ["/x.0cc1.min.js"], [("/x.d41d.min.js", "/x.0cc1.min.js")]),
    (["/app.3f2.css"], ["/app.91c.js"], []),
    (["/a/app.3f2.css"], ["/b/app.91c.css"], []),
    (["/app.3f2.css", "/app.4f2.css"], ["/app.91c.css"], []),
    (["/photo-100.png"], ["/photo-200.png"], []),
    (["/style.css"], ["/style2.css"], []),
]  # fmt: skip


def test_files_with_hashed_names_are_paired_when_there_is_no_doubt(site: Site) -> None:
    site.open("")
    for gone, come, wanted in HASHED:
        found = site.js(
            """async ([gone, come]) => {
              const {pairs} = await import('/__hotreload__/pairs.js');
              const changes = [
                ...come.map(url => ({url, kind: 'added'})),
                ...gone.map(url => ({url, kind: 'deleted'})),
                {url: '/app.c4d.css', kind: 'modified'},
              ];
              return pairs(changes).map(({from, to}) => [from.url, to.url]);
            }""",
            [gone, come],
        )
        assert [tuple(each) for each in found] == wanted


@case(
    "files",
    "A file that gets another hash in its name is shown in place of the old one.",
    "the rules that did not change",
)
def test_a_hashed_name_is_swapped(site: Site) -> None:
    site.open(link("app.3f2.css") + "<p>x", {"app.3f2.css": "p{top:1px}i{top:0}"})
    site.js("hr.mark(document.styleSheets[0].cssRules)")
    swap = """async ([old, url, text]) => {
      const css = await hr.load();
      return css.swapHashed(old, {url, kind: 'added', digest: 'd', text});
    }"""

    assert site.js(swap, ["/app.3f2.css", "/app.91c.css", "p{top:2px}i{top:0}"]) == 1
    assert site.js("hr.style('p', 'top')") == "2px"
    assert site.js("hr.update('/app.91c.css', 'p{top:3px}i{top:0}')") == 1
    assert site.js(swap, ["/app.91c.css", "/app.77d.css", "p{top:4px}i{top:0}"]) == 1
    assert site.js("hr.style('p', 'top')") == "4px"
    assert site.js("hr.marks(document.styleSheets[0].cssRules)") == ["0", "1"]


@case(
    "files",
    "A file with another hash in its name and another import is loaded under its new name.",
    "the link",
)
def test_a_hashed_name_with_a_changed_import_is_swapped(site: Site) -> None:
    site.open(
        link("app.3f2.css", "id=l") + "<p>x", {"app.3f2.css": "p{top:1px}", "b.css": "p{top:5px}"}
    )
    (site.root / "app.3f2.css").unlink()
    site.write({"app.91c.css": "@import 'b.css';"})

    swapped = site.js(
        """async () => {
          const css = await hr.load();
          const text = "@import 'b.css';";
          const change = {url: '/app.91c.css', kind: 'added', digest: 'd', text};
          return css.swapHashed('/app.3f2.css', change);
        }"""
    )

    assert swapped == 1
    assert site.js("[hr.style('p', 'top'), l.getAttribute('href')]") == [
        "5px",
        f"{site.url}/app.91c.css",
    ]


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


# ---- how long it takes ---------------------------------------------------------------------------


def test_a_sheet_of_ten_kilobytes_changes_in_about_a_millisecond(site: Site) -> None:
    rule = (
        ".card-{i} .title > a:hover {{ color: #{i:03x}; padding: {i}px 3px; "
        "margin: 0 auto; background: rgb({i}, 2, 3); }}"
    )
    rules = [rule.format(i=i) for i in range(100)]
    site.open(link("a.css"), {"a.css": "\n".join(rules)})

    times = site.js(
        """async rules => {
          const css = await hr.load();
          const times = [];
          for (let i = 0; i < 30; i++) {
            rules[i * 3] = rules[i * 3].replace('auto', i + 'px');
            const text = rules.join('\\n');
            const change = {url: '/a.css', kind: 'modified', digest: 'd' + i, text};
            const start = performance.now();
            const done = css.updateCSS(change);
            times.push(performance.now() - start);
            await done;
          }
          return times.sort((a, b) => a - b);
        }""",
        rules,
    )

    assert times[len(times) // 2] < 1.5, times


# ---- any text ------------------------------------------------------------------------------------

SELECTORS = st.sampled_from(
    ["a", "b", ".c", "a:hover", "&.d", "p > q", "a,b", ":frob(", "[x='}']", "*", "& i", "{"]
)
VALUES = st.sampled_from(
    [
        "red",
        "1px",
        "var(--x)",
        "url(a}b.png)",
        '";}"',
        "calc(1px + (2px))",
        "{a:b}",
        "frob(",
        "\\}",
        "url( 'x' )",
        "/*}*/0",
        "",
    ]
)
NAMES = st.sampled_from(
    ["color", "top", "margin", "margin-left", "padding", "--x", "background", "frob", "content"]
)
DECLARATIONS = st.builds("{}:{}".format, NAMES, VALUES)
BLOCKS = st.recursive(
    st.lists(DECLARATIONS, max_size=3).map(";".join),
    lambda inner: st.lists(
        st.one_of(
            DECLARATIONS.map("{};".format),
            st.builds("{}{{{}}}".format, SELECTORS, inner),
            st.builds("@media (min-width:{}){{{}}}".format, st.sampled_from(["1px", "2px"]), inner),
        ),
        max_size=3,
    ).map("".join),
    max_leaves=4,
)
RULES = st.one_of(
    st.builds("{}{{{}}}".format, SELECTORS, BLOCKS),
    st.builds(
        "@media {}{{{}{{{}}}}}".format,
        st.sampled_from(["all", "(top)", "print"]),
        SELECTORS,
        BLOCKS,
    ),
    st.builds("@layer {}{{{}{{{}}}}}".format, st.sampled_from(["x", "y"]), SELECTORS, BLOCKS),
    st.builds("@keyframes {}{{to{{{}}}}}".format, st.sampled_from(["k", "l"]), DECLARATIONS),
    st.sampled_from(
        [
            "@layer y,x;",
            "@frob z;",
            "@frob{}",
            "/* { */",
            "<!--",
            "-->",
            "}",
            ";",
            "\n",
            "@font-face{font-family:f}",
            "a{",
        ]
    ),
)
TEXTS = st.lists(RULES, max_size=5).map("".join)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(TEXTS, min_size=2, max_size=12))
def test_any_sheet_that_follows_any_other_has_the_rules_of_the_new_one(
    site: Site, texts: list[str]
) -> None:
    if site.page.url == "about:blank":
        site.open("")
    wrong = site.js(
        """async texts => {
          const {adopt, follow, isFaithful} = await import('/__hotreload__/rules.js');
          const rules = sheet => hr.dump(sheet.cssRules).join('\\n');
          const live = new CSSStyleSheet();
          live.replaceSync(texts[0]);
          if (!adopt(live, texts[0], false)) return ['unknown', texts[0], rules(live)];
          for (const [i, text] of texts.slice(1).entries()) {
            const fresh = new CSSStyleSheet();
            fresh.replaceSync(text);
            follow(live, text);
            if (rules(live) !== rules(fresh) && isFaithful(live))
              return [texts[i], text, rules(live), rules(fresh)];
          }
          return null;
        }""",
        texts,
    )

    assert wrong is None
