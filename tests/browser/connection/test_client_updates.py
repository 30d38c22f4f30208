"""The client in a real browser: what a page makes of updates.

The server here is `fake_server.FakeServer`, so that each test can say what no real one would.
"""

import pytest
from playwright.sync_api import Page
from support.browser.client_page import (
    BLUE,
    FORM,
    PIXEL,
    TALL,
    Open,
    html,
    is_blue,
    is_reloaded,
    visit,
    wait_for_reload,
    wait_until,
)
from support.browser.fake_server import OWN, FakeServer


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

    def test_sheet_in_a_closed_shadow_root_is_a_reload(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        fake.write("/own.css", "b {}")
        page = open_page(
            "<x-a></x-a><script>customElements.define('x-a', class extends HTMLElement {"
            " connectedCallback() { this.attachShadow({ mode: 'closed' }).innerHTML ="
            " '<link rel=stylesheet href=/own.css>' } })</script>"
        )
        fake.wait(lambda: "/own.css" in fake.requests)
        page.wait_for_load_state("networkidle")
        fake.edit("/own.css", BLUE)

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
        state = "'visibilityState', { get: () => (window.away ? 'hidden' : 'visible') }"
        page = open_page(f"<script>Object.defineProperty(Document.prototype, {state})</script>")
        page.evaluate("away = true; document.dispatchEvent(new Event('visibilitychange'))")
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
