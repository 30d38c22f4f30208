"""What a page had, does not show any more, and gets back: it is as new as its file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Server
from playwright.sync_api import Page
from support.browser.made_files import svg

WITH, WITHOUT = "p { background: url(a.svg) }", "p { color: red }"
PAGE = "<!doctype html><title>t</title>{}<p>p"
SHEET = "<link rel=stylesheet href=a.css>"
BACKGROUND = "getComputedStyle(document.querySelector('p')).backgroundImage"
Save = Callable[[str, str], tuple[str, str]]


@pytest.fixture
def save(page: Page, server: Callable[..., Server], tmp_path: Path) -> Save:
    """Saves a file, and gives what the page did, and why."""
    (tmp_path / "a.svg").write_text(svg(1))
    (tmp_path / "a.css").write_text(WITH)
    (tmp_path / "index.html").write_text(PAGE.format(SHEET))
    running = server(tmp_path)
    page.goto(running.url)
    page.wait_for_load_state("networkidle")

    def save(name: str, text: str) -> tuple[str, str]:
        (tmp_path / name).write_text(text)
        answer: dict[str, Any] = running.wait_for(type="applied")
        if answer["action"] == "reload":
            running.wait_for(type="page", event="opened")
            page.wait_for_load_state("networkidle")
        return answer["action"], answer["detail"]

    return save


def test_a_picture_that_a_sheet_names_again_is_the_new_one(page: Page, save: Save) -> None:
    """Browsers keep the pictures of styles under the URL that the sheet names."""
    assert save("a.svg", svg(22))[0] == "image"
    assert save("a.css", WITHOUT)[0] == "css"
    assert save("a.css", WITH)[0] == "css"

    assert "?hotreload=" in page.evaluate(BACKGROUND)


def test_a_picture_of_a_style_that_is_gone_may_be_shown_again(save: Save) -> None:
    """As by a script that shows one picture after another: only a reload forgets the old one."""
    save("a.css", WITHOUT)

    assert save("a.svg", svg(22)) == (
        "reload",
        "/a.svg was shown by a style that is not there now",
    )
    assert save("a.svg", svg(333))[0] == "unused"


def test_a_sheet_that_the_page_has_dropped_is_not_used_by_our_own_requests(save: Save) -> None:
    """They are not taken for a script's, which may have read it."""
    save("a.css", f"@import 'b.css'; {WITHOUT}")
    save("index.html", PAGE.format(""))

    assert save("a.css", WITHOUT)[0] == "unused"


def test_a_request_of_ours_that_failed_hides_none_of_the_page(page: Page, save: Save) -> None:
    """A script that reads the sheet later has read it."""
    save("b.css", WITHOUT)
    page.evaluate("window.kept = fetch; window.fetch = () => Promise.reject(new TypeError()); 0")
    save("a.css", f"@import 'b.css'; {WITHOUT}")
    page.evaluate("window.fetch = kept; fetch('a.css').then(response => response.text())")
    save("index.html", PAGE.format(""))

    assert save("a.css", WITHOUT)[0] == "reload"


def test_an_import_that_was_missing_comes_in_place(page: Page, save: Save) -> None:
    """A browser says of a sheet with such an import that it failed: so the page is loaded again."""
    assert save("a.css", f"@import 'b.css'; {WITHOUT}") == (
        "reload",
        "the style sheet could not be loaded",
    )
    assert save("b.css", "p { margin: 7px }")[0] == "css"

    assert page.evaluate("getComputedStyle(document.querySelector('p')).margin") == "7px"


def test_a_file_that_is_no_index_is_not_the_folders_page(save: Save) -> None:
    assert save("index.htm", "<p>another")[0] == "unused"
