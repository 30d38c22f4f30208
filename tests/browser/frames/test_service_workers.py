"""Pages behind service workers: those of the site follow their files, those of another site go.

What browsers send (Chromium and Firefox, tried): a worker's script is asked for with
`Service-Worker: script` and the destination `serviceworker`; what it imports is asked for with the
destination `script`, in Firefox with the first header too. What a worker fetches by its address has
the destination `empty`, the mode `cors`, takes anything, and names the worker's script as Referer;
what it passes on keeps the mode (`navigate`; in Firefox `same-origin`) and what it takes.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Server
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page
from support.process.commands import command
from support.security.attacking import ask, get

from hotreload.http import clear_site_data
from hotreload.http.fetch_metadata import is_whole
from hotreload.http.messages import Request, Response, content, text
from hotreload.static.service_workers import MOST, ServiceWorkers

Start = Callable[..., Server]

REGISTER = """<!doctype html><title>{title}</title><p>{text}</p><script>
navigator.serviceWorker.register("/sw.js")</script>"""
LIFE = """
addEventListener("install", event => event.waitUntil(fill().then(() => skipWaiting())));
addEventListener("activate", event => event.waitUntil(clients.claim()));
const fill = async () => (await caches.open("v1")).addAll(["./", "app.js"]);
"""
FORMS = {
    "cache first": LIFE + """addEventListener("fetch", event => event.respondWith(
        caches.match(event.request).then(found => found || fetch(event.request))));""",
    "an app shell": LIFE + """addEventListener("fetch", event => {
        if (event.request.mode === "navigate") event.respondWith(caches.match("./"));
    });""",
    "fetched by its address": LIFE + """addEventListener("fetch", event => event.respondWith(
        fetch(event.request.url)));""",
}  # fmt: skip
CONTROLLED = "navigator.serviceWorker.controller !== null"
FORM = pytest.mark.parametrize("form", FORMS)


def site_of(root: Path, form: str) -> None:
    root.mkdir(exist_ok=True)
    (root / "index.html").write_text(REGISTER.format(title="A", text="old"))
    (root / "app.js").write_text("1")
    (root / "sw.js").write_text(FORMS[form])


def controlled(page: Page, running: Server) -> None:
    """The page, as the worker answers it."""
    page.goto(running.url)
    page.wait_for_function(CONTROLLED)
    page.goto(running.url)
    running.wait_for(type="page", event="opened")


@FORM
def test_a_page_that_a_service_worker_answers_shows_an_edit(
    page: Page, tmp_path: Path, server: Start, form: str
) -> None:
    site_of(tmp_path / "a", form)
    running = server(tmp_path / "a")
    controlled(page, running)

    for word in ("new", "newer"):
        (tmp_path / "a" / "index.html").write_text(REGISTER.format(title="A", text=word))
        page.get_by_text(word, exact=True).wait_for()
    page.goto("about:blank")
    page.goto(running.url)
    page.get_by_text("newer", exact=True).wait_for()


@pytest.mark.parametrize(
    ("form", "path"), [*((form, "") for form in FORMS), ("an app shell", "deep/route")]
)
def test_a_page_of_a_cache_from_an_earlier_run_shows_what_was_edited_meanwhile(
    page: Page, tmp_path: Path, server: Start, form: str, path: str
) -> None:
    site_of(tmp_path / "a", form)
    running = server(tmp_path / "a")
    controlled(page, running)
    page.goto("about:blank")
    running.stop()
    (tmp_path / "a" / "index.html").write_text(REGISTER.format(title="A", text="new"))
    again = server(tmp_path / "a", port=running.port)
    page.goto(again.url + path)

    page.get_by_text("new", exact=True).wait_for()
    (tmp_path / "a" / "index.html").write_text(REGISTER.format(title="A", text="newer"))
    page.get_by_text("newer", exact=True).wait_for()
    page.goto("about:blank")


def test_the_sites_own_service_worker_is_told_of_once_and_found_by_doctor(
    page: Page, tmp_path: Path, server: Start, own_runtime: None
) -> None:
    site_of(tmp_path / "a", "cache first")
    running = server(tmp_path / "a")
    controlled(page, running)
    controlled(page, running)
    done = command("doctor", tmp_path / "a", "--json")
    page.goto("about:blank")
    running.stop()

    notes = [line["text"] for line in running.lines if line["type"] == "note"]
    assert [note for note in notes if "service worker, /sw.js" in note] == notes
    assert len(notes) == 1
    (found,) = [event for event in done.events if event.get("name") == "workers"]
    assert found["text"].startswith("/sw.js may answer pages")
    assert found["state"] == "warning"


def from_worker(running: Server, target: bytes, referer: bytes = b"sw.js") -> bytes:
    own = running.url.encode()
    return ask(
        running.port,
        get(
            target,
            b"Accept: */*",
            b"Sec-Fetch-Site: same-origin",
            b"Sec-Fetch-Mode: cors",
            b"Sec-Fetch-Dest: empty",
            b"Referer: " + own + referer,
            host=own.split(b"/")[2],
        ),
    ).body


def test_only_a_whole_document_is_followed_where_a_service_worker_asks(
    tmp_path: Path, server: Start
) -> None:
    """What a page's script fetches through the worker is not told from what the tab shows."""
    site_of(tmp_path, "cache first")
    (tmp_path / "part.html").write_text("<p>part</p>")
    (tmp_path / "helper.js").write_text("1")
    running = server(tmp_path)

    assert b"client.js" in from_worker(running, b"/")
    assert b"client.js" in from_worker(running, b"/index.html", b"sw.js?v=3")
    for target, referer in (
        (b"/part.html", b"sw.js"),
        (b"/app.js", b"sw.js"),
        (b"/", b""),
        (b"/", b"index.html"),
        (b"/", b"nothing.js"),
    ):
        assert b"client.js" not in from_worker(running, target, referer), (target, referer)
    asked = get(b"/helper.js", b"Sec-Fetch-Dest: worker", b"Sec-Fetch-Mode: same-origin")
    ask(running.port, asked)
    assert b"client.js" not in from_worker(running, b"/", b"helper.js")


@pytest.mark.parametrize(
    ("head", "whole"),
    [
        (b"<!doctype html>", True),
        (b"\xef\xbb\xbf\n <!DOCTYPE html>", True),
        (b"<!-- a > b --><!--x--> <html lang=en>", True),
        (b'<?xml version="1.0"?><svg xmlns="x">', True),
        (b"<HEAD>", True),
        (b"<header>", False),
        (b"<p>part", False),
        (b"<!-- never ends <html>", False),
        (b"text <html>", False),
        (b"", False),
    ],
)
def test_a_document_begins_as_documents_do(head: bytes, whole: bool) -> None:
    assert is_whole(head) is whole


@given(
    st.lists(st.sampled_from([b"<!--", b"-->", b"<?", b">", b" ", b"x", b"<html"])).map(b"".join)
)
def test_no_beginning_takes_long(head: bytes) -> None:
    is_whole(head * 200)


# -- of another site -----------------------------------------------------------------------------


def test_a_worker_that_another_site_left_at_this_address_goes_by_itself(
    page: Page, tmp_path: Path, server: Start
) -> None:
    site_of(tmp_path / "a", "cache first")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "index.html").write_text("<!doctype html><title>B</title><p>b")
    first = server(tmp_path / "a", "--no-inject")  # as any other server
    page.goto(first.url)
    page.wait_for_function(CONTROLLED)
    page.goto("about:blank")
    first.stop()
    second = server(tmp_path / "b", port=first.port)
    page.goto(second.url)

    page.wait_for_function("document.title === 'B'")
    second.wait_for(type="page", event="opened")
    (tmp_path / "b" / "index.html").write_text("<!doctype html><title>B2</title><p>b")
    page.wait_for_function("document.title === 'B2'")
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then(all => all.length)") == 0
    page.goto("about:blank")
    second.stop()
    notes = [line["text"] for line in second.lines if line["type"] == "note"]
    assert notes == [
        "a service worker /sw.js of another site was here, and has been ended: its pages load anew"
    ]


def test_a_page_that_registers_a_worker_that_is_not_there_is_not_loaded_for_ever(
    page: Page, tmp_path: Path, server: Start
) -> None:
    (tmp_path / "index.html").write_text(REGISTER.format(title="t", text="x"))
    running = server(tmp_path)
    page.goto(running.url)
    page.evaluate("window.mark = 1")
    running.wait_for(type="note")
    page.wait_for_function(
        "navigator.serviceWorker.getRegistrations().then(all => all.length === 0)"
    )
    assert page.evaluate("mark") == 1


SCRIPT = (b"Service-Worker: script", b"Sec-Fetch-Dest: serviceworker")


@pytest.mark.parametrize("word", [None, "--spa"])
def test_only_the_script_of_a_worker_is_answered_with_its_end(
    tmp_path: Path, server: Start, word: str | None
) -> None:
    site_of(tmp_path, "cache first")
    (tmp_path / "_redirects").write_text("/all/* /index.html 200\n/away/* /index.html 302\n")
    running = server(tmp_path, *([word] if word else []))

    for target in (b"/gone.js", b"/deep/gone.js?v=1", b"/all/sw.js", b"/away/sw.js"):
        reply = ask(running.port, get(target, *SCRIPT))
        assert (reply.status, b"unregister" in reply.body) == (200, True), target
        assert reply[b"content-type"] == b"text/javascript; charset=utf-8"
        assert reply[b"cross-origin-resource-policy"] == b"same-origin"
    for asked in (
        get(b"/gone.js"),
        get(b"/gone.js", b"Service-Worker: script", b"Sec-Fetch-Dest: script"),
        get(b"/gone.js", b"Sec-Fetch-Dest: serviceworker"),
    ):
        assert ask(running.port, asked).status == 404
    own = ask(running.port, get(b"/sw.js", *SCRIPT))
    assert own.body == (tmp_path / "sw.js").read_bytes()
    etag = own[b"etag"] or b""
    assert ask(running.port, get(b"/sw.js", *SCRIPT, b"If-None-Match: " + etag)).status == 304


# -- what else another site has left -------------------------------------------------------------


def test_a_browser_forgets_once_in_a_run_what_it_has_of_this_address(
    page: Page, tmp_path: Path, server: Start
) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><title>t</title>")
    first = server(tmp_path)
    page.goto(first.url)
    kept = "[localStorage.length, document.cookie]"
    page.evaluate("localStorage.a = 1; document.cookie = 'b=2; max-age=1000'")
    page.goto("about:blank")
    first.stop()
    second = server(tmp_path, "--clear-site-data", port=first.port)
    page.goto(second.url)
    assert page.evaluate(kept) == [0, ""]
    page.evaluate("localStorage.a = 1; document.cookie = 'b=2'")
    page.reload()
    assert page.evaluate(kept) == [1, "b=2"]


def test_only_a_browsers_first_document_has_it_forget(tmp_path: Path, server: Start) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><title>t</title>")
    (tmp_path / "app.js").write_text("1")
    running = server(tmp_path, "--clear-site-data")
    shown = (b"Accept: text/html", b"Sec-Fetch-Mode: navigate", b"Sec-Fetch-Dest: document")
    framed = (b"Accept: text/html", b"Sec-Fetch-Mode: navigate", b"Sec-Fetch-Dest: iframe")

    def clears(target: bytes, *lines: bytes) -> bool:
        return ask(running.port, get(target, *lines))[b"clear-site-data"] is not None

    assert not clears(b"/app.js", b"Sec-Fetch-Dest: script")
    assert not clears(b"/", *framed)
    assert not clears(b"/nothing", *shown)
    assert [clears(b"/", *shown) for _ in range(3)] == [True, False, False]
    assert [clears(b"/", *shown, b"User-Agent: x") for _ in range(2)] == [True, False]


# -- without a server ------------------------------------------------------------------------------


def asked(target: bytes, method: str = "GET", **given: bytes) -> Request:
    lines = [(name.replace("_", "-").encode(), value) for name, value in given.items()]
    return Request.of(method, target, lines, "http")


WORKER = {"service_worker": b"script", "sec_fetch_dest": b"serviceworker"}


def test_each_worker_is_told_of_once_and_only_so_many() -> None:
    told: list[str] = []
    workers = ServiceWorkers(lambda sentence, _: told.append(sentence))
    script = content(200, b"text/javascript; charset=utf-8", b"1")
    for number in range(2 * MOST):
        for _ in range(2):
            request = asked(b"/%d.js?v" % number, **WORKER)
            assert workers.checked(request, script) is script
            assert b"unregister" in workers.checked(request, text(404, "no")).body
    assert len(told) == 2 * MOST == 2 * len(workers.scripts)

    request = asked(b"/new.js", **WORKER)
    for answer in (text(503, "try again"), Response(304)):
        assert workers.checked(request, answer) is answer
    missing = text(404, "no")
    assert workers.checked(asked(b"/new.js", method="HEAD", **WORKER), missing) is missing
    assert workers.checked(asked(b"/new.js"), missing) is missing


def test_a_server_that_many_browsers_ask_has_no_more_forget_in_the_end(monkeypatch) -> None:
    monkeypatch.setattr(clear_site_data, "MOST", 2)
    clears = clear_site_data.ClearSiteData()
    shown = {"accept": b"text/html", "sec_fetch_dest": b"document", "sec_fetch_mode": b"navigate"}
    page = content(200, b"text/html", b"x")
    found = [
        clear_site_data.CLEAR
        in clears.checked(asked(b"/", user_agent=b"%d" % n, **shown), page).headers
        for n in (0, 0, 1, 2)
    ]
    assert found == [True, False, True, False]
