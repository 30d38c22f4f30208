"""Frames in sandboxes: they work as on any host, they follow their files, and nobody else gets in.

What their documents load comes from an opaque origin. Chromium sends no Referer with it, Firefox
the origin alone; both send `Origin: null` and `Sec-Fetch-Site: cross-site`.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import Server
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page
from support.browser.made_files import svg
from support.security.attacking import OWN, UPGRADED, Reply, ask, get
from support.security.foreign_pages import ATTACKS

from hotreload.http.messages import Request, content
from hotreload.static.sandboxes import (
    Sandboxes,
    binds,
    is_in_sandbox,
    unconditional,
)
from hotreload.static.sandboxes import opened as answer_for_a_sandbox

Start = Callable[..., Server]

DEMO = """<!doctype html><title>demo</title><link rel=stylesheet href=demo.css>
<link rel=stylesheet href=/deep/other.css><p id=p>old</p>
<script src=demo.js></script><img id=i src=demo.svg>"""
FRAME = "<iframe sandbox=allow-scripts src={}></iframe>"
COLOUR = "getComputedStyle(p).color"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "deep").mkdir()
    (tmp_path / "demo.html").write_text(DEMO)
    (tmp_path / "demo.css").write_text("@import '/deep/more.css'; p { color: rgb(1, 1, 1) }")
    (tmp_path / "deep" / "other.css").write_text("p { width: 11px }")
    (tmp_path / "deep" / "more.css").write_text("p { height: 11px }")
    (tmp_path / "demo.js").write_text("globalThis.stolen = 'source'; globalThis.n = 1;")
    (tmp_path / "demo.svg").write_text(svg(11))
    (tmp_path / "app.js").write_text("globalThis.stolen = 'source';")
    (tmp_path / "style.css").write_text("p { color: red }")
    (tmp_path / "logo.svg").write_text(svg(9))
    body = FRAME.format("demo.html")
    (tmp_path / "index.html").write_text(f"<!doctype html><title>t</title><input>{body}")
    return tmp_path


@pytest.fixture
def opened(page: Page, server: Start, root: Path) -> Iterator[Server]:
    running = server(root)
    page.goto(running.url)
    running.wait_for(type="page", event="opened")
    page.locator("input").fill("typed")
    yield running
    page.goto("about:blank")


def demo(page: Page, condition: str) -> None:
    """Waits for what the document in the sandbox shows."""
    page.frame_locator("iframe").locator("#p").wait_for()
    page.frames[1].wait_for_function(condition)


def test_a_frame_in_a_sandbox_has_its_style_scripts_and_images(page: Page, opened: Server) -> None:
    demo(page, f"n === 1 && {COLOUR} === 'rgb(1, 1, 1)' && i.naturalWidth === 11")
    demo(page, "getComputedStyle(p).width === '11px' && getComputedStyle(p).height === '11px'")
    assert page.frames[1].evaluate("[origin, location.pathname]") == ["null", "/demo.html"]
    assert page.locator("iframe").get_attribute("src") == "demo.html"
    assert page.frames[1].locator("script").count() == 1
    assert page.frames[1].evaluate("document.querySelectorAll('script[type]').length") == 0


@pytest.mark.parametrize(
    ("name", "text", "condition"),
    [
        ("demo.html", DEMO.replace("old", "new"), "p.textContent === 'new'"),
        ("demo.css", "p { color: rgb(2, 2, 2) }", f"{COLOUR} === 'rgb(2, 2, 2)'"),
        ("deep/other.css", "p { width: 22px }", "getComputedStyle(p).width === '22px'"),
        ("deep/more.css", "p { height: 22px }", "getComputedStyle(p).height === '22px'"),
        ("demo.js", "globalThis.n = 2", "n === 2"),
        ("demo.svg", svg(22), "i.naturalWidth === 22"),
    ],
)
def test_a_frame_in_a_sandbox_follows_what_it_uses_and_the_page_around_it_stays(
    page: Page, opened: Server, root: Path, name: str, text: str, condition: str
) -> None:
    demo(page, "i.complete && n === 1")
    (root / name).write_text(text)

    assert opened.wait_for(type="applied")["action"] == "html"
    demo(page, condition)
    assert page.locator("input").input_value() == "typed"


def test_what_a_frame_in_a_sandbox_does_not_use_leaves_it_alone(
    page: Page, opened: Server, root: Path
) -> None:
    demo(page, "n === 1")
    page.frames[1].evaluate("globalThis.mark = 1")
    (root / "app.js").write_text("2")

    assert opened.wait_for(type="applied")["action"] == "unused"
    assert page.frames[1].evaluate("mark") == 1


# -- others stay out -----------------------------------------------------------------------------

LOADS = {
    name: ATTACKS[name].replace("app.js", "demo.js").replace("logo.svg", "demo.svg")
    .replace("style.css", "demo.css")
    for name in ("a classic script", "an image", "a style sheet", "fetch", "import()")
}  # fmt: skip


def in_a_sandbox(page: Page) -> None:
    page.evaluate("""() => {
        const frame = document.createElement("iframe");
        frame.sandbox = "allow-scripts";
        frame.srcdoc = "<!doctype html><head></head><body>";
        document.body.append(frame);
        return new Promise(done => frame.onload = done);
    }""")


@pytest.mark.page_errors
@pytest.mark.parametrize("attack", LOADS)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_no_page_of_another_origin_gets_what_a_sandbox_has_loaded(
    page: Page, opened: Server, elsewhere: int, attack: str, host: str
) -> None:
    """Nor a sandbox of such a page; each asks after our own sandbox has loaded the same."""
    demo(page, "i.complete && n === 1")
    lure = page.context.new_page()
    lure.goto(f"http://{host}:{elsewhere}/")
    in_a_sandbox(lure)
    for url in (opened.url, f"http://localhost:{opened.port}/"):
        for place in lure.frames:
            assert place.evaluate(LOADS[attack], url) == "refused"
            assert place.evaluate("globalThis.stolen") is None
    lure.close()


NULL = (b"Origin: null", b"Sec-Fetch-Site: cross-site", b"Sec-Fetch-Mode: no-cors")
SCRIPT = (*NULL, b"Sec-Fetch-Dest: script")


def frame_of(
    running: Server,
    target: bytes = b"/demo.html",
    *lines: bytes,
    host: bytes = b"",
    page: bytes = b"",
) -> Reply:
    """The answer to a frame of our page that loads a document."""
    host = host or b"127.0.0.1:%d" % running.port
    asked = get(
        target,
        b"Sec-Fetch-Site: same-origin",
        b"Sec-Fetch-Mode: navigate",
        b"Sec-Fetch-Dest: iframe",
        b"Accept: text/html",
        b"Referer: http://" + host + b"/",
        *(lines or (b'Sec-CH-UA: "Chromium"',)),
        host=host,
    )
    return ask(running.port, asked)


def name_of(running: Server) -> bytes:
    location = frame_of(running)[b"location"] or b""
    found = re.fullmatch(
        rb"http://([0-9a-f]{32}[.]localhost:%d)/demo.html" % running.port, location
    )
    assert found, location
    return found[1]


def test_a_name_that_is_not_the_frames_own_opens_nothing(root: Path, server: Start) -> None:
    running, other = server(root), server(root)
    name = name_of(running)
    assert name.split(b".")[0] != name_of(other).split(b".")[0]
    for host in (b"0" * 32 + b".localhost", name.replace(b".", b"x."), b"x." + name, b"localhost"):
        assert ask(running.port, get(b"/demo.js", *SCRIPT, host=host)).status == 403, host
    for host in (name, name.upper()):
        answer = ask(running.port, get(b"/demo.js", *SCRIPT, host=host))
        assert answer.status == 200
        assert answer[b"cross-origin-resource-policy"] == b"cross-origin"
        assert answer[b"cache-control"] == b"no-store"
        assert not any(key.startswith(b"access-control") for key, _ in answer.headers)
    for target in (OWN + b"health", OWN + b"client.js", b"/.env", b"/../demo.js"):
        assert ask(running.port, get(target, *SCRIPT, host=name)).status in (403, 404), target
    assert ask(running.port, get(OWN + b"ws", UPGRADED, *NULL, host=name)).status == 403
    post = get(OWN + b"reload", *NULL, b"Content-Length: 0", host=name, method=b"POST")
    assert ask(running.port, post).status == 403


@pytest.mark.parametrize(
    ("referer", "status"),
    [
        (b"http://127.0.0.1:PORT/", 200),
        (b"http://127.0.0.1:PORT/demo.css", 200),
        (b"https://127.0.0.1:PORT/", 403),
        (b"http://127.0.0.1:PORT", 403),
        (b"http://127.0.0.1:PORT0/", 403),
        (b"http://127.0.0.1:PORT.evil/", 403),
        (b"http://localhost:PORT/", 403),
        (b"http://evil.example/?http://127.0.0.1:PORT/", 403),
        (b"", 403),
    ],
)
def test_a_referer_of_this_very_origin_is_proof(
    root: Path, server: Start, referer: bytes, status: int
) -> None:
    running = server(root)
    port = b"%d" % running.port
    said = b"Referer: " + referer.replace(b"PORT", port)
    answer = ask(running.port, get(b"/demo.js", *SCRIPT, said, host=b"127.0.0.1:" + port))
    assert answer.status == status
    own = ask(running.port, get(OWN + b"client.js", *SCRIPT, said, host=b"127.0.0.1:" + port))
    assert own.status == 403
    # A page's own requests are answered as ever, for its cache.
    plain = ask(running.port, get(b"/demo.js", said, host=b"127.0.0.1:" + port))
    assert plain[b"cross-origin-resource-policy"] == b"same-origin"
    assert plain[b"cache-control"] == b"no-cache"


def test_what_a_cache_has_for_a_page_is_not_opened_by_a_sandbox_that_asks_whether_it_changed(
    root: Path, server: Start
) -> None:
    running = server(root)
    name = name_of(running)
    etag = ask(running.port, get(b"/demo.js"))[b"etag"] or b""
    for condition in (
        b"If-None-Match: " + etag,
        b"If-Modified-Since: Wed, 01 Jan 2070 00:00:00 GMT",
    ):
        assert ask(running.port, get(b"/demo.js", *SCRIPT, condition, host=name)).status == 200
    part = ask(running.port, get(b"/demo.js", *SCRIPT, b"Range: bytes=0-3", host=name))
    assert (part.status, part.body) == (206, b"glob")


# -- which frames have a name --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "host"),
    [
        ((b"User-Agent: Mozilla/5.0 Version/18.0 Safari/605.1.15",), b""),
        ((b'Sec-CH-UA: "Chromium"',), b"dev.example.test"),
    ],
)
def test_a_browser_that_may_not_know_the_name_gets_the_document_as_ever(
    root: Path, server: Start, lines: tuple[bytes, ...], host: bytes
) -> None:
    running = server(root, "--allow-host", "dev.example.test")
    assert frame_of(running, b"/demo.html", *lines, host=host).status == 200
    assert frame_of(running, b"/demo.html", b"User-Agent: x Firefox/140.0").status == 307


@pytest.mark.parametrize(
    "words",
    [
        ("--auth", "a:b"),
        ("--proxy-base", "/proxy/8765/"),
        ("--header", "/*: Content-Security-Policy: frame-src 'self'"),
        ("--header", "/demo.html: X-Frame-Options: SAMEORIGIN"),
    ],
)
def test_a_frame_that_a_policy_would_keep_from_its_name_has_none(
    root: Path, server: Start, words: tuple[str, str]
) -> None:
    running = server(root, *words)
    assert frame_of(running).status in (200, 401)


BASE = "http://localhost:1/"


@pytest.mark.parametrize(
    ("html", "target", "expected"),
    [
        ("<iframe sandbox src=a.html>", "/a.html", True),
        ("<IFRAME SRC='/a.html?x=1&amp;y=2#z' SandBox='allow-scripts'>", "/a.html?x=1&y=2", True),
        ('<iframe\nsandbox="allow-forms allow-scripts" src=" /a.html ">', "/a.html", True),
        (f"<iframe sandbox src={BASE}a.html>", "/a.html", True),
        ('<iframe title="a > b" sandbox src=a.html>', "/a.html", True),
        ("<iframe sandbox src=a.html>" * 2, "/a.html", True),
        ("<iframe src=a.html>", "/a.html", False),
        ("<iframe sandbox='allow-same-origin' src=a.html>", "/a.html", False),
        ("<iframe sandbox='allow-scripts ALLOW-SAME-ORIGIN' src=a.html>", "/a.html", False),
        ("<iframe sandbox src=a.html><iframe src=/a.html>", "/a.html", False),
        ("<iframe sandbox src=b.html>", "/a.html", False),
        ("<iframe sandbox src=a.html srcdoc=x>", "/a.html", False),
        ("<iframe sandbox>", "/a.html", False),
        ("<iframe sandbox src='http://['>", "/a.html", False),
        ("<iframe sandbox src=https://localhost:1/a.html>", "/a.html", False),
        ("<iframe sandbox src=http://localhost:2/a.html>", "/a.html", False),
        ("<iframes sandbox src=a.html>", "/a.html", False),
        ("<iframe sandbox src=a.html", "/a.html", False),
        ("<meta http-equiv=Content-Security-Policy content=x><iframe sandbox src=a>", "/a", False),
        ("<iframe src=x>" * 300 + "<iframe sandbox src=a.html>", "/a.html", False),
        ("", "/", False),
    ],
)
def test_a_frame_is_in_a_sandbox_if_all_frames_of_its_address_are(
    html: str, target: str, expected: bool
) -> None:
    assert is_in_sandbox(html.encode(), BASE, target.encode()) is expected


PARTS = st.sampled_from(["<iframe ", "sandbox", "src=", '"', "'", ">", "=", "a", " ", "/", "\x80"])


@given(st.lists(PARTS).map("".join))
def test_no_document_takes_long_or_raises(html: str) -> None:
    is_in_sandbox((html * 500).encode("latin-1"), BASE, b"/a")


# -- where nothing proves it ---------------------------------------------------------------------


@pytest.mark.page_errors
def test_a_frame_that_nothing_proves_to_be_ours_is_told_of_and_let_in_by_one_word(
    page: Page, server: Start, root: Path
) -> None:
    """A sandbox without an address of its own: what it sends is what any page could."""
    (root / "index.html").write_text(
        "<!doctype html><title>t</title><iframe sandbox=allow-scripts srcdoc='"
        "<p id=p>p<link rel=stylesheet href=/demo.css>'></iframe>"
    )
    for words, colour in ([], "rgb(0, 0, 0)"), (["--cors", "null"], "rgb(1, 1, 1)"):
        running = server(root, *words)
        page.goto(running.url)
        if not words:
            assert "--cors null" in running.wait_for(type="refused", who="null")["text"]
        demo(page, f"document.readyState === 'complete' && {COLOUR} === '{colour}'")
        page.goto("about:blank")
    assert [e["who"] for e in running.lines if e["type"] == "refused"] == []


@pytest.mark.page_errors
def test_a_page_that_names_no_referrer_has_frames_as_before_and_the_terminal_says_why(
    page: Page, server: Start, root: Path
) -> None:
    (root / "index.html").write_text(
        "<!doctype html><title>t</title><meta name=referrer content=no-referrer>"
        + FRAME.format("demo.html")
    )
    running = server(root)
    page.goto(running.url)

    running.wait_for(type="refused", who="null")
    page.frame_locator("iframe").get_by_text("old").wait_for()
    page.goto("about:blank")


# -- what requests say, without a server -----------------------------------------------------------


def of(
    target: bytes = b"/a.html", *, method: str = "GET", scheme: str = "http", **given: bytes
) -> Request:
    lines = [(name.replace("_", "-").encode(), value) for name, value in given.items()]
    return Request.of(method, target, lines, scheme)


def test_a_name_is_one_documents_for_the_whole_run() -> None:
    sandboxes, other = Sandboxes(b"secret"), Sandboxes(b"secret")
    sandboxes.port = other.port = 80
    asked = of(b"/a.html?x", host=b"[::1]:80")
    there = sandboxes.place(asked, "/a.html")
    assert re.fullmatch(r"http://[0-9a-f]{32}[.]localhost:80/a[.]html[?]x", there)
    assert there == sandboxes.place(asked, "/a.html")
    assert there == other.place(asked, "/a.html")
    assert there != sandboxes.place(asked, "/b.html")
    assert there != Sandboxes().place(asked, "/a.html")

    name = there.split("/")[2].encode()
    assert sandboxes.document(of(host=name)) == "/a.html"
    assert sandboxes.document(of(host=b"localhost")) is None
    assert sandboxes.document(of()) is None
    assert sandboxes.holds(of(host=name))
    assert sandboxes.holds(of(host=name, method="HEAD"))
    assert not sandboxes.holds(of(host=name, method="POST"))
    own = {"host": b"localhost:1", "referer": b"http://localhost:1/a"}
    assert sandboxes.holds(of(**own, origin=b"null"))
    assert not sandboxes.holds(of(**own, origin=b"http://evil.example"))
    assert not sandboxes.holds(of(**own))
    assert not sandboxes.holds(of(**own, origin=b"null", scheme="https"))


FRAMED = {
    "host": b"localhost",
    "referer": b"http://localhost/",
    "sec_fetch_dest": b"iframe",
    "sec_fetch_site": b"same-origin",
    "sec_ch_ua": b"x",
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"sec_fetch_dest": b"frame"}, True),
        ({"host": b"127.0.0.1", "referer": b"http://127.0.0.1/x"}, True),
        ({"host": b"a.localhost", "referer": b"http://a.localhost/x"}, True),
        ({"host": b"localhost:80", "referer": b"http://localhost:80/"}, True),
        ({"host": b"localhost:1", "referer": b"http://localhost:1/"}, False),
        ({"sec_fetch_dest": b"document"}, False),
        ({"sec_fetch_site": b"cross-site"}, False),
        ({"referer": b"http://localhost:2/"}, False),
        ({"host": b"dev.test", "referer": b"http://dev.test/x"}, False),
        ({"host": b"192.168.1.2", "referer": b"http://192.168.1.2/x"}, False),
        ({"host": b"a b", "referer": b"http://a b/x"}, False),
    ],
)
def test_only_a_frame_on_this_machine_has_a_name(change: dict[str, bytes], expected: bool) -> None:
    sandboxes = Sandboxes()
    sandboxes.port = 80
    assert sandboxes.may_name(of(**{**FRAMED, **change})) is expected
    assert not sandboxes.may_name(of(**{**FRAMED, **change}, scheme="https"))


def test_an_answer_for_a_sandbox_is_open_and_in_no_cache() -> None:
    conditions = {"if_none_match": b'"x"', "if_range": b'"x"', "range": b"bytes=0-1"}
    assert set(unconditional(of(**conditions)).headers) == {b"range"}

    answer = answer_for_a_sandbox(content(200, b"text/css", b"p {}"))
    assert answer.body == b"p {}"
    assert [value for name, value in answer.headers if name == b"cache-control"] == [b"no-store"]
    (policy,) = [v for name, v in answer.headers if name == b"cross-origin-resource-policy"]
    assert policy == b"cross-origin"
    assert (b"x-content-type-options", b"nosniff") in answer.headers


def test_policies_bind_a_frame_to_its_address() -> None:
    assert binds(b"content-security-policy")
    assert not binds(b"x-robots-tag")
