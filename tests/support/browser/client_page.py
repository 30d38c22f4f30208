"""A page of the client's tests: a fake server with a site, and how a page on it is watched.

Its fixtures are every test's: `conftest` names this module.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from support.browser.fake_server import FakeServer

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
