"""Files that a page shows in frames: each frame follows its own, and the page around it stays."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Server
from playwright.sync_api import Page
from support.browser.made_files import svg

Start = Callable[..., Server]


def opened(page: Page, server: Start, root: Path, body: str, pages: int = 1) -> Server:
    (root / "index.html").write_text(f"<!doctype html><title>t</title>{body}")
    running = server(root)
    page.goto(running.url)
    running.wait_for(type="page", event="opened", pages=pages)
    page.evaluate("window.mark = 1")
    return running


def actions(running: Server) -> set[str]:
    running.wait_for(type="update")
    return {event["action"] for event in running.lines if event["type"] == "applied"}


WIDTH = "document.documentElement.getAttribute('width')"
TEXT = "document.body.innerText"


@pytest.mark.parametrize(
    ("tag", "name", "old", "new", "shown", "now"),
    [
        ("<iframe src=a.svg></iframe>", "a.svg", svg(1), svg(22), WIDTH, "22"),
        ("<object data=a.html></object>", "a.html", "<p>old", "<p>new", TEXT, "new"),
        ("<embed src=a.html>", "a.html", "<p>old", "<p>new", TEXT, "new"),
    ],
)
def test_a_document_in_a_frame_changes_by_itself(
    page: Page, server: Start, tmp_path: Path,
    tag: str, name: str, old: str, new: str, shown: str, now: str,
) -> None:  # fmt: skip
    (tmp_path / name).write_text(old)
    running = opened(page, server, tmp_path, tag, pages=2)
    (_, frame) = page.frames
    frame.evaluate("window.mark = 1")
    (tmp_path / name).write_text(new)

    assert actions(running) == {"html", "unused"}
    assert frame.evaluate(shown) == now
    assert [each.evaluate("mark") for each in page.frames] == [1, 1]


def test_a_frame_in_a_sandbox_shows_its_file_at_a_fragment(
    page: Page, server: Start, tmp_path: Path
) -> None:
    (tmp_path / "a.html").write_text("<p id=x>old")
    running = opened(page, server, tmp_path, "<iframe sandbox src=a.html#x></iframe>")
    (tmp_path / "a.html").write_text("<p id=x>new")

    assert actions(running) == {"html"}
    page.frame_locator("iframe").get_by_text("new").wait_for()
    assert page.evaluate("mark") == 1


def test_a_sheet_of_a_frame_without_an_address_changes_there_and_in_the_page(
    page: Page, server: Start, tmp_path: Path
) -> None:
    """What stands in `srcdoc` has no client."""
    (tmp_path / "a.css").write_text("p { color: rgb(1, 1, 1) }")
    link = "<link rel=stylesheet href=a.css><p>p"
    running = opened(page, server, tmp_path, f"{link}<iframe srcdoc='{link}'></iframe>")
    (tmp_path / "a.css").write_text("p { color: rgb(2, 2, 2) }")

    assert actions(running) == {"css"}
    page.wait_for_function(
        "[document, document.querySelector('iframe').contentDocument].every("
        "each => each.querySelector('p') &&"
        " getComputedStyle(each.querySelector('p')).color === 'rgb(2, 2, 2)')"
    )
    assert page.evaluate("mark") == 1
