"""A <style> shows its newest text, also when the browser reads again what stands in it."""

import pytest
from conftest import both_engines
from support.browser.client_page import Open, html, is_blue, is_reloaded, wait_until
from support.browser.fake_server import FakeServer

RED = "<style>@import '/more.css'; h1 { color: rgb(255, 0, 0) !important }</style>"
NOW = RED.replace("255, 0, 0", "0, 0, 255")
ALONE, ALONE_NOW = (each.replace("@import '/more.css'; ", "") for each in (RED, NOW))

engine = both_engines

pytestmark = pytest.mark.firefox


def test_it_shows_it_when_a_sheet_that_it_imports_is_loaded_again(
    open_page: Open, fake: FakeServer
) -> None:
    fake.write("/more.css", "h1 { margin: 1px }")
    fake.write("/third.css", "h1 { padding: 1px }")
    page = open_page(RED)
    wait_until(page, "document.readyState === 'complete'")
    fake.edit("/index.html", html(NOW))
    assert fake.hear("applied")["action"] == "html"
    fake.edit("/more.css", "@import '/third.css'; h1 { margin: 2px }")
    assert fake.hear("applied", 2)["action"] == "css"

    wait_until(page, "getComputedStyle(document.querySelector('h1')).padding === '1px'")
    assert is_blue(page)
    assert not is_reloaded(page)


def test_it_shows_it_where_a_save_has_moved_it(open_page: Open, fake: FakeServer) -> None:
    page = open_page(f"<div>{ALONE}</div><p></p>")
    wait_until(page, "document.readyState === 'complete'")
    fake.edit("/index.html", html(f"<div>{ALONE_NOW}</div><p></p>"))
    fake.hear("applied")
    fake.edit("/index.html", html(f"<div></div><p>{ALONE_NOW}</p>"))
    assert fake.hear("applied", 2)["action"] == "html"

    assert is_blue(page)
    assert not is_reloaded(page)


def test_it_shows_it_where_a_script_has_moved_it(open_page: Open, fake: FakeServer) -> None:
    page = open_page(f"<div>{ALONE}</div>")
    wait_until(page, "document.readyState === 'complete'")
    fake.edit("/index.html", html(f"<div>{ALONE_NOW}</div>"))
    fake.hear("applied")
    page.evaluate("document.head.append(document.querySelector('style'))")

    wait_until(page, "getComputedStyle(document.querySelector('h1')).color === 'rgb(0, 0, 255)'")


def test_what_a_script_writes_into_it_stays(open_page: Open, fake: FakeServer) -> None:
    page = open_page("<style>h1 { color: rgb(1, 1, 1) !important }</style>")
    wait_until(page, "document.readyState === 'complete'")
    fake.edit("/index.html", html("<style>h1 { color: rgb(2, 2, 2) !important }</style>"))
    fake.hear("applied")
    page.evaluate(
        """new Promise((done) => {
            const style = document.querySelector('style');
            style.onload = () => requestAnimationFrame(done);
            style.textContent = 'h1 { color: rgb(0, 0, 255) !important }';
        })"""
    )

    assert is_blue(page)
