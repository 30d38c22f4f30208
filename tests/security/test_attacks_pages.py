"""Attacks by pages: what a hostile site does in the browser of somebody who works with hotreload.

Chromium is told that evil.example is this machine, as DNS rebinding would have it. Each attack is
also made by a page of our own, where it succeeds: else it would prove nothing that it fails.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from conftest import Server
from playwright.sync_api import Browser, Page
from support.browser.other_names import chromium_with, page_of
from support.security.attacking import OWN, ask, get
from support.security.foreign_pages import ATTACKS

pytestmark = pytest.mark.page_errors  # pages that are refused things have errors

SECRET = "colour-of-the-new-logo"
RULES = "MAP evil.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"


@pytest.fixture(scope="module")
def hostile(chromium: tuple[Browser, asyncio.AbstractEventLoop]) -> Iterator[Browser]:
    """A Chromium whose resolver an attacker has under control."""
    with chromium_with(chromium, RULES) as launched:
        yield launched


@pytest.fixture
def page(hostile: Browser, browser: Browser) -> Iterator[Page]:
    """A page of that Chromium."""
    with page_of(hostile) as page:
        yield page


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    root = tmp_path_factory.mktemp("victim")
    (root / "index.html").write_text(f"<!doctype html><title>plans</title><p>{SECRET}")
    (root / "app.js").write_text("globalThis.stolen = 'source';")
    (root / "style.css").write_text("p { color: red }")
    (root / "logo.svg").write_text(
        "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'></svg>"
    )
    (root / "list" / "sub").mkdir(parents=True)
    (root / "list" / "sub" / "a.txt").write_text("a")
    running = Server(root)
    yield running
    running.kill()


@pytest.fixture(params=["another site", "another port of this machine"])
def lure(request: pytest.FixtureRequest, elsewhere: int) -> str:
    """The address of a page that is not ours."""
    host = {"another site": "evil.example", "another port of this machine": "127.0.0.1"}
    return f"http://{host[request.param]}:{elsewhere}/"


@pytest.mark.parametrize("attack", ATTACKS)
def test_our_own_pages_load_everything(page, victim, attack):
    page.goto(victim.url)
    assert page.evaluate(ATTACKS[attack], victim.url) == "read"


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_page_of_another_origin_reads_nothing(page, victim, lure, attack):
    page.goto(lure)
    assert page.evaluate(ATTACKS[attack], victim.url) == "refused"
    assert page.evaluate("globalThis.stolen") is None


@pytest.mark.parametrize("attack", ["fetch", "a WebSocket", "a WebSocket that speaks like a page"])
def test_a_sandboxed_frame_reads_nothing(page, victim, attack):
    """Its origin is "null", also where it stands in a page of our own."""
    page.goto(victim.url)
    page.evaluate("""() => {
        const frame = document.createElement("iframe");
        frame.sandbox = "allow-scripts";
        frame.srcdoc = "<!doctype html><head></head><body>";
        document.body.append(frame);
        return new Promise(done => frame.onload = done);
    }""")
    assert page.frames[1].evaluate("origin") == "null"
    assert page.frames[1].evaluate(ATTACKS[attack], victim.url) == "refused"


def test_dns_rebinding_reads_nothing(page, victim):
    """The attacker's name is this machine's now: the page is of our origin to the browser."""
    evil = f"http://evil.example:{victim.port}/"
    shown = page.goto(evil)
    assert shown.status == 403
    assert SECRET not in page.content()
    # What runs here now stands for the script that the attacker's own server sent before.
    assert page.evaluate("origin") == evil.rstrip("/")

    for path in ("", "index.html", "app.js", "__hotreload__/health", "__hotreload__/client.js"):
        status, said = page.evaluate(
            "url => fetch(url).then(async answer => [answer.status, await answer.text()])",
            "/" + path,
        )
        assert status == 403, path
        assert SECRET not in said
        assert "stolen" not in said
    for attack in ("a WebSocket", "a WebSocket that speaks like a page", "a classic script"):
        assert page.evaluate(ATTACKS[attack], evil) == "refused"


ACTIONS = {
    "GET by an image": """url => new Promise(done => {
        const image = new Image();
        image.onload = image.onerror = done;
        image.src = url;
    })""",
    "GET in a frame": """url => new Promise(done => {
        const frame = document.createElement("iframe");
        frame.onload = done;
        frame.src = url;
        document.body.append(frame);
    })""",
    "POST by a form": """url => new Promise(done => {
        const frame = document.createElement("iframe");
        frame.name = "hidden";
        document.body.append(frame);
        const form = document.createElement("form");
        Object.assign(form, { method: "post", action: url, enctype: "text/plain" });
        form.target = "hidden";
        document.body.append(form);
        frame.onload = done;
        form.submit();
    })""",
    "POST by fetch": """url => fetch(url, { method: "POST", mode: "no-cors", body: "x" })
        .catch(() => {})""",
    "POST by fetch with CORS": """url => fetch(url, { method: "POST", credentials: "include" })
        .catch(() => {})""",
    "POST from a sandbox": """url => new Promise(done => {
        const frame = document.createElement("iframe");
        frame.sandbox = "allow-scripts allow-forms";
        frame.srcdoc = `<form method=post action="${url}"></form>
            <body onload="document.forms[0].submit()">`;
        let loads = 0;
        frame.onload = () => ++loads == 2 && done();
        document.body.append(frame);
    })""",
    "a beacon": """url => fetch(url, { method: "POST", keepalive: true, mode: "no-cors" })
        .catch(() => {})""",
}


def test_no_page_of_another_origin_makes_ours_reload(page, victim, lure):
    """One page is open and marked; after every attack it is still the same, and still connected."""
    mine = page.context.new_page()
    mine.goto(victim.url)
    mine.evaluate("globalThis.marked = true")
    victim.wait_for(type="page", event="opened")
    page.goto(lure)
    for action in ACTIONS.values():
        page.evaluate(action, victim.url + "__hotreload__/reload")

    assert mine.evaluate("globalThis.marked")
    answer = ask(victim.port, get(OWN + b"reload", b"Content-Length: 0", method=b"POST"))
    assert answer.body == b'{"pages": 1}'  # it hears of this one, and of no other before it
    mine.wait_for_function("!globalThis.marked")
    victim.wait_for(type="page", event="closed")


@pytest.mark.parametrize("path", ["list/", "nope.html", "list/nope/"])
def test_our_own_pages_cannot_be_framed_by_others(page, victim, lure, path):
    """No click can be stolen on a listing or an error page; the site's own pages may be framed."""
    for shown, url in ((path, "chrome-error://chromewebdata/"), ("", victim.url)):
        page.goto(lure)
        page.evaluate(ACTIONS["GET in a frame"], victim.url + shown)
        page.wait_for_function("frames.length == 1")
        assert page.frames[1].url == url


NASTY = (
    '"><img src=x onerror=alert(1)>.html',
    "<script>alert(2)</script>.txt".replace("/", "\u2215"),
    "' onmouseover='alert(3).css",
    "javascript:alert(4)",
    "<svg onload=alert(5)>",
    "{{constructor.constructor('alert(6)')()}}",
    "--><script>alert(7)<\u2215script>",
)


def test_names_of_files_are_text_in_every_page_of_ours(page, tmp_path: Path):
    """In listings, in error pages and in what an open page is told of a save."""
    (tmp_path / "odd").mkdir()
    for name in NASTY:
        (tmp_path / "odd" / name).write_text("x")
    (tmp_path / "index.html").write_text("<!doctype html><title>x</title><body>")
    running = Server(tmp_path)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    try:
        page.goto(running.url + "odd/")
        assert page.locator("a").filter(has_text="alert(1)").count() == 1
        for link in page.locator("a").all():
            link.hover()
        for name in NASTY:
            page.goto(running.url + "odd/" + quote(name, safe="") + "/nope")
            assert page.title()
        page.goto(running.url)
        for name in NASTY:
            (tmp_path / "odd" / name).write_text("y")
            running.wait_for(type="update")
        page.goto(running.url + "#<img src=x onerror=alert(8)>")
        assert page.evaluate("1 + 1") == 2
    finally:
        running.kill()
    assert dialogs == []


def test_a_page_that_was_opened_by_another_cannot_be_read(page, victim, lure):
    """A window that a hostile page opens is a page like any other: its opener reads nothing."""
    page.goto(lure)
    with page.expect_popup() as opened:
        page.evaluate("url => { globalThis.opened = open(url) }", victim.url)
    opened.value.wait_for_load_state()
    assert SECRET in opened.value.content()
    read = "() => { try { return opened.document.title } catch { return 'refused' } }"
    assert page.evaluate(read) == "refused"
