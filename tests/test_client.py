"""The client in a real Chromium: what a person sees when the server speaks.

The server here is `fake_server.FakeServer`, so that each test can say what no real one would.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import CHROMIUM_FLAGS, Lend, chromium_path
from fake_server import OWN, FakeServer
from playwright.sync_api import Browser, Page

PIXEL = "<svg xmlns='http://www.w3.org/2000/svg' width='{}' height='10'/>"
BLUE = "h1 { color: rgb(0, 0, 255) }"
FORM = "<input id=field>"
TALL = "<div style='height:3000px'></div>"

Open = Callable[..., Page]


def html(body: str = "", head: str = "", root: str = "") -> str:
    return (
        f"<!doctype html><html{root}><head><meta charset=utf-8>"
        f"<link rel=stylesheet href=/style.css>{head}</head>"
        f"<body><h1>Hello</h1>{body}</body></html>"
    )


@pytest.fixture
def fake() -> Iterator[FakeServer]:
    server = FakeServer()
    server.write("/style.css", "h1 { color: red }")
    server.write("/favicon.ico", b"")
    yield server
    server.close()


@pytest.fixture
def open_page(page: Page, fake: FakeServer) -> Open:
    """Writes /index.html and opens it; the page then carries a mark that no reload leaves."""

    def open_page(body: str = "", head: str = "", root: str = "", path: str = "/") -> Page:
        fake.write("/index.html", html(body, head, root))
        visit(page, fake, path)
        return page

    return open_page


@pytest.fixture(params=["chromium", "firefox"])
def caching_page(lend: Lend, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in a browser that keeps pages for the way back, as Playwright's does not."""
    with lend(request.param) as browser:
        if request.param == "firefox":
            context = browser.new_context()
            yield context.new_page()
            context.close()
        else:
            yield from caching_chromium(browser)


def caching_chromium(browser: Browser) -> Iterator[Page]:
    chromium = browser.browser_type.launch(
        executable_path=chromium_path(),
        args=CHROMIUM_FLAGS,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield chromium.new_page()
    chromium.close()


def visit(page: Page, fake: FakeServer, path: str = "/") -> None:
    page.goto(fake.origin + path)
    fake.hear("page")
    page.evaluate("window.mark = 1")


def wait_until(page: Page, condition: str) -> None:
    page.wait_for_function(f"() => {condition}")


def is_reloaded(page: Page) -> bool:
    return bool(page.evaluate("window.mark !== 1"))


def is_blue(page: Page) -> bool:
    return bool(
        page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 255)"
    )


def wait_for_reload(page: Page, fake: FakeServer, pages: int = 2) -> None:
    fake.hear("page", pages)
    wait_until(
        page, "window.mark !== 1 && window.__hotreload__ && document.readyState === 'complete'"
    )


class TestTag:
    def test_page_finds_nothing_of_ours_but_one_object(self, open_page: Open) -> None:
        """Scripts, style sheets and saved pages meet the author's document, and one global name."""
        before = "<script>before = new Set(Object.getOwnPropertyNames(window))</script>"
        page = open_page(head=before)

        assert page.evaluate("document.querySelectorAll('script[type=module]').length") == 0
        assert page.evaluate("document.head.previousSibling") is None
        new = "Object.getOwnPropertyNames(window).filter(n => !before.has(n) && n !== 'mark')"
        assert set(page.evaluate(new)) <= {"before", "__hotreload__"}
        assert page.evaluate("Object.keys(window).includes('__hotreload__')") is False

    def test_object_tells_the_run_and_the_last_update(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        page = open_page()
        fake.edit("/style.css", BLUE)
        fake.hear("applied")

        facts = "(({version, run, seq}) => [version, run, seq])(window.__hotreload__)"
        assert page.evaluate(facts) == ["0.0", fake.run, 1]
        assert page.evaluate("Object.isFrozen(window.__hotreload__)")

    def test_client_that_is_loaded_twice_connects_once(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        """As in a page that was saved with the tag in it."""
        again = f"<script type=module src='{OWN}client.js?bbbb0001-9-0'></script>"
        page = open_page(head=again)
        page.wait_for_load_state("load")
        fake.edit("/style.css", BLUE)
        fake.hear("applied")

        assert fake.pages() == 1
        assert page.evaluate("document.querySelectorAll('script').length") == 0
        assert [m["run"] for m in fake.heard if m["type"] == "page"] == [fake.run]

    def test_sandbox_without_origin_is_left_alone(self, open_page: Open, fake: FakeServer) -> None:
        """Its document runs, unconnected, and is loaded anew when its file changes."""
        fake.write("/frame.html", "<!doctype html><p>old</p><script>document.title='ran'</script>")
        page = open_page("<iframe sandbox='allow-scripts' src=/frame.html></iframe>")
        frame = page.frame_locator("iframe")
        fake.edit("/frame.html", "<!doctype html><p>new</p>")

        assert fake.hear("applied")["action"] == "html"
        frame.get_by_text("new").wait_for()
        assert fake.pages() == 1
        assert not is_reloaded(page)

    def test_page_that_is_made_ready_ahead_connects_when_it_is_shown(
        self, page: Page, fake: FakeServer
    ) -> None:
        page.add_init_script("Object.defineProperty(document, 'prerendering', { value: true })")
        fake.write("/index.html", html())
        page.goto(fake.origin)
        wait_until(page, "window.__hotreload__")
        assert fake.pages() == 0
        page.evaluate("document.dispatchEvent(new Event('prerenderingchange'))")

        fake.hear("page")

    def test_strict_policies_are_kept_and_work(self, page: Page, fake: FakeServer) -> None:
        """A page with Trusted Types and a nonce shows every kind of update and no violation."""
        fake.nonce = "abc"
        fake.headers["/index.html"] = {
            "Content-Security-Policy": "default-src 'none'; connect-src 'self'; img-src 'self';"
            " style-src 'self'; script-src 'nonce-abc'; require-trusted-types-for 'script'"
        }
        script = (
            "<script nonce=abc>violations = [];"
            "addEventListener('securitypolicyviolation', e => violations.push(e.blockedURI))"
            "</script>"
        )
        fake.write("/index.html", html(FORM, script))
        visit(page, fake)
        page.fill("#field", "typed")
        fake.edit("/style.css", BLUE)
        fake.edit("/index.html", html(FORM + "<p>more</p>", script))
        fake.say({"type": "problem", "source": "watch", "text": "bad"})
        fake.hear("applied", 2)
        wait_until(page, "document.querySelector('hotreload-status')")

        assert fake.answers() == [(1, "css"), (2, "html")]
        assert is_blue(page)
        assert page.inner_text("p") == "more"
        assert page.input_value("#field") == "typed"
        assert page.evaluate("violations") == []


class TestUpdates:
    def test_style_sheet_changes_in_place(self, open_page: Open, fake: FakeServer) -> None:
        page = open_page(FORM + TALL)
        page.fill("#field", "typed")
        page.evaluate("scrollTo(0, 700)")
        fake.edit("/style.css", BLUE)

        answer = fake.hear("applied")
        assert (answer["seq"], answer["action"]) == (1, "css")
        assert 1 <= answer["ms"] < 1000
        assert is_blue(page)
        assert not is_reloaded(page)
        assert page.input_value("#field") == "typed"
        assert page.evaluate("scrollY") == 700

    def test_update_is_shown_before_anything_else_happens(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        """In the task of its message: no other event, timer or frame comes in between."""
        page = open_page(
            head="<script>WebSocket = class extends WebSocket { set onmessage(hear) {"
            " super.onmessage = (event) => { hear(event);"
            " const { port1, port2 } = new MessageChannel();"
            " port1.onmessage = () => { window.next = [document.querySelector('h1').textContent,"
            " getComputedStyle(document.querySelector('h1')).color] }; port2.postMessage(1); } } }"
            "</script>"
        )
        source = fake.files["/index.html"].decode()
        fake.update(fake.write("/style.css", "h1 {}"), fake.write("/index.html", source + "<p>"))
        fake.hear("applied")
        fake.update(
            fake.write("/style.css", BLUE),
            fake.write("/index.html", source.replace("Hello", "Hi")),
        )
        fake.hear("applied", 2)

        wait_until(page, "window.next?.[0] === 'Hi' && next[1] === 'rgb(0, 0, 255)'")

    def test_image_changes_in_place(self, open_page: Open, fake: FakeServer) -> None:
        fake.write("/image.svg", PIXEL.format(10))
        page = open_page("<img src=/image.svg>")
        page.wait_for_load_state("load")
        fake.edit("/image.svg", PIXEL.format(20))

        assert fake.hear("applied")["action"] == "image"
        wait_until(page, "document.querySelector('img').naturalWidth === 20")
        assert not is_reloaded(page)

    def test_document_changes_in_place(self, open_page: Open, fake: FakeServer) -> None:
        page = open_page(FORM)
        page.fill("#field", "typed")
        fake.edit("/index.html", html(FORM + "<p>more</p>"))

        assert fake.hear("applied")["action"] == "html"
        assert page.inner_text("p") == "more"
        assert page.input_value("#field") == "typed"
        assert not is_reloaded(page)

    def test_document_that_was_too_large_to_send_is_fetched(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        page = open_page()
        change = fake.write("/index.html", html("<p>more</p>"))
        del change["text"]
        fake.update(change)

        assert fake.hear("applied")["action"] == "html"
        assert page.inner_text("p") == "more"

    def test_old_encodings_are_read_as_the_page_was(self, page: Page, fake: FakeServer) -> None:
        """The server's bytes are decoded with the document's own encoding."""
        source = "<!doctype html><meta charset=iso-8859-1><h1>Hello</h1><p>{}</p>"
        fake.write("/index.html", source.format("é").encode("latin-1"))
        visit(page, fake)
        fake.edit("/index.html", source.format("éü").encode("latin-1"))

        assert fake.hear("applied")["action"] == "html"
        assert page.inner_text("p") == "éü"

    def test_document_and_style_sheet_change_together(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        page = open_page()
        fake.update(fake.write("/style.css", BLUE), fake.write("/index.html", html("<p>more</p>")))

        fake.hear("applied")
        assert fake.answers() == [(1, "html")]
        assert is_blue(page)
        assert page.inner_text("p") == "more"
        assert not is_reloaded(page)

    def test_script_is_a_full_reload(self, open_page: Open, fake: FakeServer) -> None:
        fake.write("/code.js", "n = 1")
        page = open_page("<script src=/code.js></script>")
        fake.edit("/code.js", "n = 2")

        answer = fake.hear("applied")
        assert (answer["action"], answer["detail"]) == ("reload", "/code.js was modified")
        wait_for_reload(page, fake)
        assert page.evaluate("n") == 2

    @pytest.mark.parametrize(
        "uses",
        [
            {
                "/data.json": "<script>fetch('/data.json')</script>",
                "/dir/index.html": "<script>fetch('/dir/')</script>",
                "/lib.js": "<script type=module>import '/lib.js'</script>",
                "/only.css": "<script>fetch('/only.css')</script>",
                "/app.webmanifest": "<link rel=manifest href=/app.webmanifest>",
            },
            {
                "/part.html": "<script>fetch('/part')</script>",
                "/sp%C3%A4ce%20d.js": "<script src='/späce d.js'></script>",
                "/worker.js": "<script>new Worker('/worker.js')</script>",
                "/pic.svg": "<script>fetch('/pic.svg')</script>",
            },
        ],
        ids=["read", "run"],
    )
    def test_what_scripts_read_is_a_full_reload(
        self, open_page: Open, fake: FakeServer, uses: dict[str, str]
    ) -> None:
        for url in uses:
            fake.write(url, "")
        page = open_page("".join(uses.values()))
        for count, url in enumerate(uses, 1):
            page.wait_for_load_state("networkidle")
            fake.edit(url, "1")
            assert (fake.hear("applied", count)["action"], url) == ("reload", url)
            wait_for_reload(page, fake, count + 1)

    def test_import_of_a_worker_is_a_full_reload(self, open_page: Open, fake: FakeServer) -> None:
        """Only the server saw who asked for it."""
        fake.write("/worker.js", "importScripts('/part.js')")
        fake.write("/part.js", "1")
        page = open_page("<script>new Worker('/worker.js')</script>")
        page.wait_for_load_state("networkidle")
        fake.update({**fake.write("/part.js", "2"), "via": ["/worker.js"]})

        assert fake.hear("applied")["action"] == "reload"
        wait_for_reload(page, fake)

    def test_file_that_the_page_does_not_use_changes_nothing(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        fake.write("/later.html", "")
        fake.write("/gone.css", "")
        page = open_page(
            "<a href=/linked.html></a>",
            "<link rel=prefetch href=/later.html><link rel=stylesheet href=/gone.css id=gone>",
        )
        page.wait_for_load_state("networkidle")
        page.evaluate("gone.remove()")
        urls = ["/x.css", "/x.js", "/x.svg", "/x.html", "/linked.html", "/later.html", "/gone.css"]
        for url in urls:
            fake.edit(url, "p {}")
        fake.hear("applied", len(urls))

        assert [(url, action) for url, (_, action) in zip(urls, fake.answers(), strict=True)] == [
            (url, "unused") for url in urls
        ]
        assert not is_reloaded(page)

    def test_one_change_that_needs_a_reload_is_one_reload(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        fake.write("/code.js", "n = 1")
        page = open_page("<script src=/code.js></script>")
        page.evaluate("document.addEventListener('hotreload:after-update', () => {throw 1})")
        fake.update(fake.write("/style.css", BLUE), fake.write("/code.js", "n = 2"))
        wait_for_reload(page, fake)

        assert fake.answers() == [(1, "reload")]
        assert is_blue(page)
        assert len([m for m in fake.heard if m["type"] == "page"]) == 2

    def test_each_update_is_answered_once_and_in_order(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        open_page()
        changes = [
            fake.write("/style.css", "h1 {}"),
            fake.write("/nothing.js", ""),
            fake.write("/index.html", html("<p>1</p>")),
            fake.write("/nothing.css", ""),
            fake.write("/index.html", html("<p>2</p>")),
            fake.write("/style.css", BLUE),
        ]
        for change in changes:
            fake.update(change)
        fake.hear("applied", len(changes))

        actions = ["css", "unused", "html", "unused", "html", "css"]
        assert fake.answers() == list(enumerate(actions, 1))

    def test_what_cannot_be_patched_is_a_full_reload(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        page = open_page("<p id=gone>old</p>")
        page.evaluate("document.querySelector('#gone').remove()")
        fake.edit("/index.html", html("<p id=gone>new</p>"))

        answer = fake.hear("applied")
        assert answer["action"] == "reload"
        assert "not in the page" in answer["detail"]
        wait_for_reload(page, fake)
        assert page.inner_text("p") == "new"

    def test_server_may_ask_for_a_reload(self, open_page: Open, fake: FakeServer) -> None:
        page = open_page()
        fake.say({"type": "reload", "reason": "asked for"})
        wait_for_reload(page, fake)
        page.evaluate("window.mark = 1")
        fake.say({"type": "reload", "reason": "asked for again"})
        wait_for_reload(page, fake, 3)

        assert fake.answers() == []

    def test_full_reloads_can_be_all_there_is(self, open_page: Open, fake: FakeServer) -> None:
        page = open_page()
        fake.update(fake.write("/unused.css", ""), reload=True)
        fake.update(fake.write("/style.css", BLUE), reload=True)
        fake.hear("applied", 2)
        wait_for_reload(page, fake)

        assert fake.answers() == [(1, "unused"), (2, "reload")]

    def test_change_to_everything_is_used_by_everybody(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        page = open_page()
        fake.update({"url": "*", "kind": "modified"})

        assert fake.hear("applied")["action"] == "reload"
        wait_for_reload(page, fake)

    def test_page_can_refuse_an_update(self, open_page: Open, fake: FakeServer) -> None:
        page = open_page()
        page.evaluate(
            "document.addEventListener('hotreload:before-update',"
            " e => { heard = e.detail; e.preventDefault() })"
        )
        fake.edit("/style.css", BLUE)

        answer = fake.hear("applied")
        assert answer["action"] == "unused"
        assert "cancelled" in answer["detail"]
        assert page.evaluate("heard") == {"seq": 1, "action": "css", "urls": ["/style.css"]}
        assert not is_blue(page)

    @pytest.mark.page_errors
    def test_page_that_throws_on_hearing_of_an_update_has_it_all_the_same(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        page = open_page()
        page.evaluate("document.addEventListener('hotreload:before-update', () => {throw 1})")
        fake.edit("/style.css", BLUE)

        assert fake.hear("applied")["action"] == "css"
        assert is_blue(page)

    def test_change_that_crosses_a_request_is_not_dropped(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        """The page asked before the change and gets the old content after it."""
        fake.write("/slow.js", "n = 1")
        page = open_page()
        fake.held.add("/slow.js")
        page.evaluate(
            "document.body.append(document.createElement('script'));"
            "document.querySelector('script').src = '/slow.js'"
        )
        fake.wait(lambda: "/slow.js" in fake.requests)
        old = fake.files["/slow.js"]
        fake.edit("/slow.js", "n = 2")
        assert fake.hear("applied")["action"] == "unused"
        fake.files["/slow.js"] = old
        fake.held.clear()
        wait_for_reload(page, fake)

    def test_more_requests_than_browsers_remember_are_all_taken_for_used(
        self, page: Page, fake: FakeServer
    ) -> None:
        many = (
            "<script>Promise.all(Array.from({length: 260}, (_, i) => fetch('/x' + i)))"
            ".then(() => done = 1, () => 0)</script>"
        )
        fake.held.add(OWN + "client.js")
        fake.write("/index.html", html(many))
        page.goto(fake.origin, wait_until="commit")
        wait_until(page, "window.done")
        page.evaluate("window.mark = 1")
        fake.held.clear()
        fake.hear("page")
        fake.edit("/unknown.json", "{}")

        assert fake.hear("applied")["action"] == "reload"
        wait_for_reload(page, fake)

    def test_renamed_style_sheet_is_a_swap(self, open_page: Open, fake: FakeServer) -> None:
        fake.write("/app.3f2.css", "h1 { color: red }")
        page = open_page(head="<link rel=stylesheet href=/app.3f2.css>")
        page.wait_for_load_state("load")
        fake.update(fake.delete("/app.3f2.css"), fake.write("/app.91c.css", BLUE))

        assert fake.hear("applied")["action"] == "css"
        assert is_blue(page)
        assert not is_reloaded(page)

    def test_hidden_page_is_kept_up_to_date(self, open_page: Open, fake: FakeServer) -> None:
        page = open_page()
        page.evaluate("Object.defineProperty(document, 'visibilityState', {value: 'hidden'})")
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        fake.edit("/style.css", BLUE)

        assert fake.hear("applied")["action"] == "css"
        fake.cut()
        fake.edit("/style.css", "h1 { color: lime }")
        fake.hear("applied", 2)

    def test_page_that_writes_itself_anew_stays_connected(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        """`document.open()` removes the listeners of everybody."""
        page = open_page()
        page.evaluate("document.open(); document.write('<p>new'); document.close()")
        fake.edit("/index.html", html("<p>newer</p>"))

        assert fake.hear("applied")["action"] == "reload"
        wait_for_reload(page, fake)
        assert page.inner_text("p") == "newer"


class TestDocuments:
    def test_frame_decides_for_itself(self, open_page: Open, fake: FakeServer) -> None:
        fake.write("/frame.html", "<!doctype html><p>old</p>")
        page = open_page(FORM + "<iframe src=/frame.html></iframe>")
        fake.hear("page", 2)
        page.fill("#field", "typed")
        fake.edit("/frame.html", "<!doctype html><p>new</p>")
        fake.hear("applied", 2)

        assert sorted(action for _, action in fake.answers()) == ["html", "unused"]
        page.frame_locator("iframe").get_by_text("new").wait_for()
        assert page.input_value("#field") == "typed"
        assert not is_reloaded(page)

    def test_document_is_what_was_loaded_not_the_address(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        page = open_page()
        page.evaluate("history.pushState(null, '', '/route/2')")
        fake.edit("/index.html", html("<p>more</p>"))

        assert fake.hear("applied")["action"] == "html"
        assert page.inner_text("p") == "more"

    def test_base_of_another_place_changes_nothing(self, open_page: Open, fake: FakeServer) -> None:
        fake.write("/code.js", "n = 1")
        page = open_page("<script src=/code.js></script>", "<base href='/deep/er/'>")
        fake.edit("/style.css", BLUE)
        fake.hear("applied")
        fake.edit("/code.js", "n = 2")
        fake.hear("applied", 2)
        wait_for_reload(page, fake)

        assert fake.answers() == [(1, "css"), (2, "reload")]

    @pytest.mark.parametrize("path", ["/new/", "/new", "/new.html"])
    def test_missing_page_heals_when_its_file_appears(
        self, page: Page, fake: FakeServer, path: str
    ) -> None:
        visit(page, fake, path)
        assert fake.hear("page")["file"] == ""
        fake.edit("/new.html" if path == "/new.html" else "/new/index.html", html("<p>here</p>"))

        assert fake.hear("applied")["action"] == "reload"
        wait_for_reload(page, fake)

    def test_document_that_is_deleted_is_shown_to_be(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        page = open_page()
        fake.update(fake.delete("/index.html"))

        assert fake.hear("applied")["action"] == "reload"
        wait_until(page, "document.title === '404'")


class TestStayingInStep:
    def test_change_before_the_socket_is_open_is_shown(self, page: Page, fake: FakeServer) -> None:
        fake.held.add(OWN + "client.js")
        fake.write("/index.html", html())
        page.goto(fake.origin, wait_until="commit")
        fake.wait(lambda: any("client.js" in path for path in fake.requests))
        wait_until(page, "document.styleSheets.length === 1")
        fake.edit("/style.css", BLUE)
        fake.held.clear()

        assert fake.hear("applied")["action"] == "css"
        assert is_blue(page)

    def test_update_that_went_missing_is_asked_for(self, open_page: Open, fake: FakeServer) -> None:
        page = open_page()
        fake.update(fake.write("/style.css", BLUE), tell=False)
        fake.edit("/index.html", html("<p>more</p>"))
        fake.hear("applied", 2)

        assert fake.answers() == [(1, "css"), (2, "html")]
        assert fake.hear("page", 2)["seq"] == 0
        assert is_blue(page)

    def test_update_that_comes_twice_is_applied_once(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        open_page()
        fake.edit("/style.css", BLUE)
        fake.say(fake.updates[0])
        fake.edit("/style.css", "h1 {}")
        fake.hear("applied", 2)

        assert fake.answers() == [(1, "css"), (2, "css")]

    def test_edits_during_a_broken_connection_are_shown(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        page = open_page()
        fake.stop()
        for text in ("h1 {}", "h1 { color: lime }", BLUE):
            fake.update(fake.write("/style.css", text), tell=False)
        fake.start()
        fake.hear("applied", 3)

        assert [seq for seq, _ in fake.answers()] == [1, 2, 3]
        assert is_blue(page)
        assert not is_reloaded(page)

    def test_edit_during_a_restart_is_shown_without_a_reload(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        """What did not change is known not to have: no script is loaded again."""
        fake.write("/code.js", "n = 1")
        fake.write("/image.svg", PIXEL.format(10))
        page = open_page("<script src=/code.js></script><img src=/image.svg><img src=/missing.png>")
        page.wait_for_load_state("load")
        fake.edit("/image.svg", PIXEL.format(20))
        fake.hear("applied")
        fake.stop()
        fake.write("/style.css", BLUE)
        fake.restart()

        assert fake.hear("applied", 2)["action"] == "css"
        assert is_blue(page)
        assert not is_reloaded(page)
        sent = fake.hear("page", 3)["resources"]
        assert all(sent[url] for url in ("/index.html", "/code.js", "/image.svg"))
        assert sent["/missing.png"] == ""

    def test_restart_without_an_edit_changes_nothing(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        fake.write("/code.js", "n = 1")
        page = open_page("<script src=/code.js></script>")
        page.wait_for_load_state("load")
        fake.restart()

        assert fake.hear("applied")["action"] == "unused"
        fake.edit("/style.css", BLUE)
        assert fake.hear("applied", 2)["seq"] == 1
        assert not is_reloaded(page)

    def test_script_that_changed_during_a_restart_is_a_reload(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        fake.write("/code.js", "n = 1")
        page = open_page("<script src=/code.js></script>")
        page.wait_for_load_state("load")
        fake.stop()
        fake.write("/code.js", "n = 2")
        fake.restart()

        assert fake.hear("applied")["action"] == "reload"
        wait_for_reload(page, fake)
        assert page.evaluate("n") == 2

    def test_document_that_was_patched_is_compared_as_it_is_now(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        page = open_page()
        fake.edit("/index.html", html("<p>more</p>"))
        fake.hear("applied")
        fake.restart()

        assert fake.hear("applied", 2)["action"] == "unused"
        assert not is_reloaded(page)

    def test_comparison_that_was_cut_off_is_made_again(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        page = open_page()
        fake.stop()
        fake.write("/style.css", BLUE)
        welcome = fake._welcome

        def cut_off(page: dict[str, Any]) -> list[dict[str, Any]]:
            if "resources" in page:
                fake._welcome = welcome  # type: ignore[method-assign]  # once
                for socket in fake._sockets:
                    socket.transport.abort()
                return []
            return welcome(page)

        fake._welcome = cut_off  # type: ignore[method-assign]
        fake.restart()

        assert fake.hear("applied")["action"] == "css"
        assert is_blue(page)

    def test_page_is_back_within_three_seconds(self, open_page: Open, fake: FakeServer) -> None:
        page = open_page()
        fake.stop()
        page.wait_for_timeout(1000)  # some attempts fail, and the waits between them grow
        fake.start()
        began = time.monotonic()
        fake.hear("page", 2)

        assert time.monotonic() - began < 3

    def test_page_whose_modules_did_not_come_can_still_reload(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        """As when the server was away just then: Firefox does not ask for a module again."""
        own = fake._own
        fake._own = lambda name: own("away" if name == "reload.js" else name)  # type: ignore[method-assign]
        fake.write("/code.js", "n = 1")
        page = open_page("<script src=/code.js></script>")
        fake.edit("/code.js", "n = 2")
        wait_for_reload(page, fake)

        assert page.evaluate("n") == 2
        assert fake.answers() == [(1, "reload")]

    def test_reload_is_not_repeated_for_the_same_update(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        """As when a cache answers with the page that was: it would ask for the same again."""
        fake.write("/code.js", "n = 1")
        page = open_page("<script src=/code.js></script>")
        welcome = fake._welcome
        fake._welcome = lambda page: welcome({**page, "seq": 0})  # type: ignore[method-assign]
        inject = fake._inject
        fake._inject = lambda *args: inject(*args).replace(b"-1-", b"-0-")  # type: ignore[method-assign]
        fake.edit("/code.js", "n = 2")
        fake.hear("applied", 2)

        assert fake.answers() == [(1, "reload"), (1, "failed")]
        wait_until(page, "document.querySelector('hotreload-status')")

    def test_page_that_comes_back_from_the_cache_is_up_to_date(
        self, caching_page: Page, fake: FakeServer
    ) -> None:
        """The socket does not keep the page from being kept."""
        page = caching_page
        fake.write("/other.html", html("<p>other</p>"))
        fake.write("/index.html", html())
        visit(page, fake)
        page.goto(fake.origin + "/other.html")
        fake.hear("page", 2)
        fake.edit("/style.css", BLUE)
        fake.hear("applied")
        page.go_back(wait_until="commit")
        fake.hear("applied", 2)

        # Firefox keeps no page that has a socket, even one that closes when the page is left.
        assert is_reloaded(page) == ("Firefox" in page.evaluate("navigator.userAgent"))
        assert is_blue(page)

    def test_page_that_comes_back_after_a_restart_is_up_to_date(
        self, caching_page: Page, fake: FakeServer
    ) -> None:
        """What the browser's cache holds by then is another page's: only what differs is safe."""
        page = caching_page
        fake.write("/code.js", "n = 1")
        fake.write("/other.html", html("<script src=/code.js></script>"))
        fake.write("/index.html", html("<script src=/code.js></script>"))
        visit(page, fake)
        page.wait_for_load_state("load")
        fake.stop()
        fake.write("/code.js", "n = 2")
        fake.start()
        fake.hear("page", 2)
        page.goto(fake.origin + "/other.html")
        fake.hear("page", 3)
        fake.restart()
        fake.hear("page", 5)
        page.go_back(wait_until="commit")
        wait_until(page, "location.pathname === '/' && n === 2 && window.mark !== 1")

    def test_frozen_page_is_up_to_date_when_it_goes_on(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        page = open_page()
        page.evaluate("document.dispatchEvent(new Event('freeze'))")
        fake.wait(lambda: fake.pages() == 0)
        fake.update(fake.write("/style.css", BLUE), tell=False)
        page.evaluate("document.dispatchEvent(new Event('resume'))")

        assert fake.hear("applied")["action"] == "css"
        assert is_blue(page)


STATE = """
<details id=more><summary>more</summary>text</details>
<details id=less open><summary>less</summary>text</details>
<form><input name=text value=old><input name=same value=same><input type=password name=secret>
<input name=card autocomplete=cc-number><input type=checkbox name=check>
<input type=radio name=radio value=a checked><input type=radio name=radio value=b>
<select name=one><option>a<option>b</select>
<select name=many multiple><option>a<option>b<option>c</select>
<textarea name=area>old</textarea></form>
<div id=rich contenteditable>old</div>
<div id=box style="height:100px;overflow:auto"><div style="height:1000px"></div></div>
<dialog id=modal>modal</dialog><dialog id=plain>plain</dialog><div id=pop popover>pop</div>
<div id=host></div>
<script>
host.attachShadow({mode: 'open'}).innerHTML = '<input id=inner><div><input></div>';
setTimeout(() => document.body.insertAdjacentHTML('beforeend', '<input id=late>'), 200);
</script>
""" + "".join(f"<p id=p{i}>paragraph {i}</p>" for i in range(100))

# What a person did, and where it shows.
DONE = {
    "more.open": "more.open = true",
    "less.open": "less.open = false",
    "document.forms[0].text.value": "document.forms[0].text.value = 'typed'",
    "document.forms[0].same.value": "document.forms[0].same.value = 'same'",
    "document.forms[0].check.checked": "document.forms[0].check.checked = true",
    "document.forms[0].radio.value": "document.forms[0].radio.value = 'b'",
    "document.forms[0].one.value": "document.forms[0].one.value = 'b'",
    "[...document.forms[0].many.selectedOptions].map(o => o.value)": (
        "for (const each of document.forms[0].many.options) each.selected = each.value !== 'a'"
    ),
    "document.forms[0].area.value": "document.forms[0].area.value = 'line 1\\nline 2'",
    "rich.innerHTML": (
        "rich.innerHTML = 'some <b>text</b>';"
        "rich.dispatchEvent(new Event('input', {bubbles: true}))"
    ),
    "box.scrollTop": "box.scrollTop = 300",
    "modal.matches(':modal')": "modal.showModal()",
    "plain.open && !plain.matches(':modal')": "plain.show()",
    "pop.matches(':popover-open')": "pop.showPopover()",
    "host.shadowRoot.querySelector('#inner').value": (
        "host.shadowRoot.querySelector('#inner').value = 'in'"
    ),
    "host.shadowRoot.querySelector('div input').value": (
        "host.shadowRoot.querySelector('div input').value = 'deep'"
    ),
    "document.querySelector('#late')?.value": "document.querySelector('#late').value = 'late'",
    "Math.round(scrollY)": "scrollTo(0, 1500)",
}


@pytest.mark.parametrize("engine", ["chromium", "firefox"])
class TestLanding:
    """A full reload lands where the page was."""

    def reload(self, page: Page, fake: FakeServer) -> None:
        pages = len([m for m in fake.heard if m["type"] == "page"])
        fake.say({"type": "reload", "reason": "a test"})
        wait_for_reload(page, fake, pages + 1)

    def test_what_a_person_did_is_put_back(
        self, open_page: Open, fake: FakeServer, engine: str
    ) -> None:
        page = open_page(STATE)
        wait_until(page, "document.querySelector('#late')")
        for deed in DONE.values():
            page.evaluate(f"() => {{ {deed} }}")
        page.evaluate("for (const name of ['secret', 'card']) document.forms[0][name].value = name")
        before = {place: page.evaluate(place) for place in DONE}
        self.reload(page, fake)
        wait_until(page, "document.querySelector('#late')?.value")

        assert {place: page.evaluate(place) for place in DONE} == before
        kept = page.evaluate("document.forms[0].secret.value + document.forms[0].card.value")
        assert kept == ("" if engine == "chromium" else "card")  # Firefox keeps that itself

    def test_focus_and_selection_are_put_back(self, open_page: Open, fake: FakeServer) -> None:
        page = open_page("<input id=a value='some text'><p id=b>other text</p>")
        page.evaluate("a.focus(); a.setSelectionRange(2, 5, 'backward')")
        self.reload(page, fake)
        wait_until(page, "document.activeElement === a && a.selectionStart === 2")
        assert page.evaluate("[a.selectionEnd, a.selectionDirection]") == [5, "backward"]

        page.evaluate(
            "window.mark = 1; a.blur(); const text = b.firstChild;"
            "getSelection().setBaseAndExtent(text, 6, text, 10)"
        )
        self.reload(page, fake)
        wait_until(page, "getSelection().toString() === 'text'")

    def test_what_was_seen_is_seen_when_content_above_it_changed(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        """Also without ids to know it by."""
        lines = "".join(f"<p>line {i}</p>" for i in range(100))
        fake.write("/code.js", "")
        script = "<script src=/code.js></script>"
        page = open_page(script + lines)
        page.evaluate("document.querySelectorAll('p')[50].scrollIntoView()")
        seen = "[...document.querySelectorAll('p')].find(p => p.textContent === 'line 50')"
        top = f"{seen}.getBoundingClientRect().top"
        before = page.evaluate(top)
        fake.files["/index.html"] = html(script + "<p>new</p>" * 20 + lines).encode()
        fake.edit("/code.js", "1")
        wait_for_reload(page, fake)

        wait_until(page, f"Math.abs({top} - {before}) < 1")

    def test_film_goes_on_where_it_was(self, open_page: Open, fake: FakeServer) -> None:
        rate, seconds = 8000, 4
        size = rate * seconds
        wave = (
            b"RIFF" + (36 + size).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
        )
        wave += b"\1\0\1\0" + rate.to_bytes(4, "little") * 2 + b"\1\0\x08\0data"
        fake.write("/tone.wav", wave + size.to_bytes(4, "little") + b"\x80" * size)
        page = open_page("<audio id=a src=/tone.wav preload=auto></audio>")
        wait_until(page, "a.readyState === 4")
        page.evaluate(
            "a.volume = .5; new Promise(done => { a.onseeked = done; a.currentTime = 2 })"
        )
        self.reload(page, fake)

        wait_until(page, "a.currentTime === 2 && a.volume === .5")

    @pytest.mark.parametrize("opt_out", [" data-hotreload-restore=off", ""])
    def test_page_may_have_nothing_put_back(
        self, open_page: Open, fake: FakeServer, opt_out: str
    ) -> None:
        head = "<script>addEventListener('load', () => { field.autocomplete = 'off' })</script>"
        page = open_page("<input id=field autocomplete=off>", head, opt_out)
        page.evaluate("field.value = 'typed'")
        self.reload(page, fake)
        if opt_out:
            page.wait_for_timeout(300)  # what must not happen would happen in this time
            assert page.input_value("#field") == ""
        else:
            wait_until(page, "field.value === 'typed'")

    def test_person_has_the_last_word(self, open_page: Open, fake: FakeServer) -> None:
        """What a person does while a page lands is not undone."""
        page = open_page("<input id=field autocomplete=off>")
        page.evaluate(
            "field.value = 'typed';"
            "document.body.insertAdjacentHTML('beforeend', '<input id=made>');"
            "made.value = 'never made again: what is waited for until patience ends'"
        )
        self.reload(page, fake)
        wait_until(page, "field.value === 'typed'")
        page.fill("#field", "")
        page.keyboard.press("a")
        page.evaluate("new Promise(done => setTimeout(done, 300))")

        assert page.input_value("#field") == "a"

    def test_each_frame_lands_for_itself(self, open_page: Open, fake: FakeServer) -> None:
        fake.write("/frame.html", "<!doctype html><input id=field autocomplete=off>")
        page = open_page("<iframe src=/frame.html></iframe><iframe src=/frame.html></iframe>")
        fake.hear("page", 3)
        for number in range(2):
            page.evaluate(f"frames[{number}].field.value = 'typed {number}'")
        fake.update({"url": "*", "kind": "modified"})
        fake.hear("page", 6)

        for number in range(2):
            wait_until(page, f"frames[{number}].field?.value === 'typed {number}'")

    def test_worker_that_answers_from_a_cache_does_not_keep_a_change_away(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        fake.write(
            "/worker.js",
            "addEventListener('install', () => skipWaiting());"
            "addEventListener('activate', e => e.waitUntil(clients.claim()));"
            "addEventListener('fetch', e => e.respondWith((async () => {"
            " const cache = await caches.open('v1'); const known = await cache.match(e.request);"
            " if (known) return known; const fresh = await fetch(e.request);"
            " await cache.put(e.request, fresh.clone()); return fresh; })()))",
        )
        fake.write("/code.js", "n = 1")
        page = open_page("<script src=/code.js></script>")
        page.evaluate(
            "navigator.serviceWorker.register('/worker.js')"
            ".then(() => navigator.serviceWorker.ready)"
        )
        wait_until(page, "navigator.serviceWorker.controller")
        page.reload()
        page.evaluate("window.mark = 1")
        pages = len([m for m in fake.heard if m["type"] == "page"])
        fake.edit("/code.js", "n = 2")
        wait_for_reload(page, fake, pages + 1)

        assert page.evaluate("n") == 2


class TestConnection:
    """The connection with a socket and a clock of the test's own."""

    SETUP = """async () => {
        const { Connection } = await import('/__hotreload__/connection.js');
        log = []; timers = []; sockets = [];
        class Socket {
            readyState = 0;
            said = [];
            constructor() { sockets.push(this); log.push('open'); }
            send(text) { this.said.push(text); }
            close() { this.readyState = 3; }
            opens() { this.readyState = 1; this.onopen?.(); }
        }
        const world = {
            WebSocket: Socket, random: () => 1, window: new EventTarget(),
            document: Object.assign(new EventTarget(), { visibilityState: 'visible' }),
            setTimeout(task, ms) { const timer = { task, ms }; timers.push(timer); return timer; },
            clearTimeout(timer) { timers = timers.filter((each) => each !== timer); },
        };
        fire = () => { const { task, ms } = timers.shift(); task(); return ms; };
        connection = new Connection('ws://x', {
            opened: () => log.push('opened'), lost: () => log.push('lost'),
            received: (data) => log.push(data), question: () => 'ping',
        }, world);
        theWorld = world;
        connection.start();
    }"""

    @pytest.fixture
    def lab(self, page: Page, fake: FakeServer) -> Page:
        fake.files["/plain.txt"] = b"text"
        page.goto(fake.origin + "/plain.txt")
        page.evaluate(self.SETUP)
        return page

    def test_waits_twice_as_long_each_time_up_to_two_seconds(self, lab: Page) -> None:
        waits = lab.evaluate(
            "Array.from({length: 7}, () => { sockets.at(-1).onclose(); return fire() })"
        )
        assert waits == [100, 200, 400, 800, 1600, 2000, 2000]
        lab.evaluate("sockets.at(-1).opens()")
        assert lab.evaluate("sockets.at(-1).onclose(), fire()") == 100

    @pytest.mark.parametrize(
        ("target", "sign"),
        [("window", "focus"), ("window", "online"), ("document", "visibilitychange")],
    )
    def test_page_that_is_looked_at_is_back_at_once(
        self, lab: Page, target: str, sign: str
    ) -> None:
        lab.evaluate("sockets[0].onclose()")
        assert lab.evaluate("sockets.length") == 1
        lab.evaluate(f"theWorld.{target}.dispatchEvent(new Event('{sign}'))")
        assert lab.evaluate("sockets.length") == 2

    def test_socket_that_does_not_open_is_given_up(self, lab: Page) -> None:
        assert lab.evaluate("fire()") == 3000
        assert lab.evaluate("[sockets[0].readyState, timers.map(t => t.ms)]") == [3, [100]]

    def test_dead_socket_is_noticed_by_its_silence(self, lab: Page) -> None:
        lab.evaluate("sockets[0].opens()")
        assert lab.evaluate("fire()") == 15_000
        assert lab.evaluate("sockets[0].said") == ["ping"]
        assert lab.evaluate("fire()") == 3000
        assert lab.evaluate("log") == ["open", "opened", "lost"]

    def test_answer_shows_that_the_socket_lives(self, lab: Page) -> None:
        lab.evaluate("sockets[0].opens(), fire(), sockets[0].onmessage({data: 'ping'})")
        assert lab.evaluate("timers.map(t => t.ms)") == [15_000]

    def test_hidden_page_has_no_timer(self, lab: Page) -> None:
        lab.evaluate("sockets[0].opens(); theWorld.document.visibilityState = 'hidden'; fire()")
        assert lab.evaluate("[timers.length, sockets[0].said]") == [0, []]

    def test_page_whose_policy_forbids_the_socket_asks_once(self, lab: Page) -> None:
        lab.evaluate(
            "theWorld.document.dispatchEvent("
            "new SecurityPolicyViolationEvent('securitypolicyviolation', {blockedURI: 'ws://x'}))"
        )
        assert lab.evaluate("[timers.length, sockets.length]") == [0, 1]

    def test_page_that_sleeps_does_not_try(self, lab: Page) -> None:
        lab.evaluate("theWorld.window.dispatchEvent(new Event('pagehide'))")
        assert lab.evaluate("[timers.length, sockets[0].readyState]") == [0, 3]
        lab.evaluate("theWorld.window.dispatchEvent(new Event('focus'))")
        assert lab.evaluate("sockets.length") == 1
        lab.evaluate(
            "theWorld.window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"
        )
        assert lab.evaluate("sockets.length") == 2

    def test_ears_that_throw_do_not_throw_into_the_page(self, lab: Page) -> None:
        lab.evaluate("connection.ears.opened = () => { throw 1 }; sockets[0].opens()")
        assert lab.evaluate("timers.map(t => t.ms)") == [15_000]


class TestStatus:
    def test_page_without_a_server_says_so_until_it_is_back(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        page = open_page()
        wait_until(
            page,
            "performance.getEntriesByName(location.origin + '/__hotreload__/status.js').length",
        )
        fake.stop()
        wait_until(page, "document.querySelector('hotreload-status[aria-hidden=true]')")
        fake.start()
        wait_until(page, "!document.querySelector('hotreload-status')")

    def test_problem_is_shown_until_it_is_solved(self, open_page: Open, fake: FakeServer) -> None:
        page = open_page(
            head="<script>const attach = Element.prototype.attachShadow;"
            "Element.prototype.attachShadow = function () "
            "{ return (shadow = attach.call(this, {mode: 'open'})) }</script>"
        )
        fake.say(
            {
                "type": "problem",
                "source": "build",
                "text": "no such rule",
                "file": "a.scss",
                "line": 3,
            }
        )
        fake.say({"type": "problem", "source": "watch", "text": "polling"})
        wait_until(page, "window.shadow?.querySelectorAll('p').length === 2")
        texts = page.evaluate("[...shadow.querySelectorAll('p')].map(p => p.textContent)")
        assert texts == ["a.scss:3: no such rule", "polling"]
        fake.say({"type": "solved", "source": "build"})
        wait_until(page, "shadow.querySelectorAll('p').length === 1")
        fake.say({"type": "solved", "source": "watch"})
        wait_until(page, "!document.querySelector('hotreload-status')")
