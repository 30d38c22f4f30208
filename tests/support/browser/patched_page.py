"""A page that the HTML patch changes: as it was loaded, and one part after the other.

Its fixtures are every test's: `conftest` names this module.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from support.browser.pair_server import Web

Shown = Callable[..., Page]

ITEMS = "<p class=x>one</p><p>two</p><p>three</p>"


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    web = Web()
    yield web
    web.close()


@pytest.fixture
def shown(page: Page, web: Web) -> Shown:
    """Opens a page with this body, tracks it, and leaves `patch(old part, new part)` in it."""

    def show(body: str, head: str = "", headers: dict[str, str] | None = None) -> Page:
        source = (
            f"<!doctype html><html><head><title>t</title>{head}</head><body>{body}</body></html>"
        )
        web.pages["/shown"] = ("text/html; charset=utf-8", source, headers or {})
        page.goto(f"{web.origin}/shown")
        page.evaluate(
            """async (source) => {
                const { track } = await import('/src/html/html.js');
                window.tracker = track(source);
                window.patch = (from, to) => tracker.patch(source = source.replace(from, to));
            }""",
            source,
        )
        return page

    return show


def patch(page: Page, old: str, new: str) -> list[dict[str, Any]]:
    done = page.evaluate("([old, new_]) => patch(old, new_).operations", [old, new])
    assert done, "nothing was patched"
    return list(done)
