"""The client in a real browser: what a page finds of ours in itself.

The server here is `fake_server.FakeServer`, so that each test can say what no real one would.
"""

from playwright.sync_api import Page
from support.browser.client_page import (
    BLUE,
    FORM,
    Open,
    html,
    is_blue,
    is_reloaded,
    visit,
    wait_until,
)
from support.browser.fake_server import OWN, FakeServer


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

    def test_scripts_of_the_page_stay_in_it(self, open_page: Open) -> None:
        """Those without an address too, which may hold data, and one whose address is none."""
        own = (
            "<script>ran = 1</script><script type=application/json>{}</script>"
            "<script type=text/plain src=''></script><script type=text/plain src='http://{{ a }}/'>"
            "</script>"
        )
        page = open_page(head=own, body=own)

        assert page.evaluate("document.querySelectorAll('script').length") == 8

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
        is_made_ready = "'prerendering', { get: () => true }"
        page.add_init_script(f"Object.defineProperty(Document.prototype, {is_made_ready})")
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
