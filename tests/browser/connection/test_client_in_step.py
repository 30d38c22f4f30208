"""The client in a real browser misses no change while it is not connected, and says so."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import CHROMIUM_FLAGS, Lend, chromium_path
from playwright.sync_api import Browser, Page
from support.browser.client_page import (
    BLUE,
    PIXEL,
    Open,
    html,
    is_blue,
    is_reloaded,
    visit,
    wait_for_reload,
    wait_until,
)
from support.browser.fake_server import OWN, FakeServer
from support.browser.tabs import close


@pytest.fixture(params=["chromium", "firefox"])
def caching_page(lend: Lend, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in a browser that keeps pages for the way back, as Playwright's does not."""
    with lend(request.param) as browser:
        if request.param == "firefox":
            context = browser.new_context()
            yield context.new_page()
            close(context)
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

    def test_save_while_the_page_is_still_being_read_is_shown(
        self, page: Page, fake: FakeServer
    ) -> None:
        body = "<ul><li>1</li></ul><script src=/slow.js></script><p id=last>old</p>"
        fake.write("/slow.js", "")
        fake.held.add("/slow.js")
        fake.write("/index.html", html(body))
        page.goto(fake.origin, wait_until="commit")
        fake.hear("page")
        fake.edit("/index.html", html(body + "<p>new</p>"))
        assert fake.hear("applied")["action"] == "reload"
        fake.held.clear()

        wait_until(page, "document.readyState === 'complete' && document.querySelector('#last')")
        shown = page.evaluate("[...document.querySelectorAll('p')].map((p) => p.textContent)")
        assert shown == ["old", "new"]

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
        fake._own = lambda name: own("away" if name == "reload/reload.js" else name)  # type: ignore[method-assign]
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


class TestStatus:
    def test_page_without_a_server_says_so_until_it_is_back(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        page = open_page()
        wait_until(
            page,
            "performance.getEntriesByName(location.origin + '/__hotreload__/ui/toast.js').length",
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
