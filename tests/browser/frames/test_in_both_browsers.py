"""Frames in sandboxes, and pages behind service workers, in Chromium and in Firefox.

The two say different things of what such pages request; what people see is the same.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Server, both_engines
from playwright.sync_api import Page
from support.browser.made_files import svg
from test_service_workers import CONTROLLED, FORM, REGISTER, site_of

engine = both_engines

pytestmark = pytest.mark.firefox

Start = Callable[..., Server]

DEMO = """<!doctype html><link rel=stylesheet href=demo.css><p id=p>p</p>
<script src=demo.js></script><img id=i src=demo.svg>"""
# The document in the sandbox tells the page around it what it looks like.
TELL = """setInterval(() => parent.postMessage(
    [%d, getComputedStyle(p).color, i.naturalWidth].join(), "*"), 20)"""
HEAR = "<script>addEventListener('message', event => { told = event.data })</script>"
FRAME = "<iframe sandbox=allow-scripts src=demo.html></iframe>"


def is_told(page: Page, told: str) -> None:
    page.wait_for_function(f"globalThis.told === '{told}'")


def test_a_frame_in_a_sandbox_works_and_follows_its_files(
    page: Page, tmp_path: Path, server: Start
) -> None:
    (tmp_path / "index.html").write_text(f"<!doctype html><title>t</title>{HEAR}{FRAME}")
    (tmp_path / "demo.html").write_text(DEMO)
    (tmp_path / "demo.css").write_text("p { color: rgb(1, 1, 1) }")
    (tmp_path / "demo.js").write_text(TELL % 1)
    (tmp_path / "demo.svg").write_text(svg(11))
    running = server(tmp_path)
    page.goto(running.url)
    is_told(page, "1,rgb(1, 1, 1),11")
    running.wait_for(type="page", event="opened")

    (tmp_path / "demo.css").write_text("p { color: rgb(2, 2, 2) }")
    is_told(page, "1,rgb(2, 2, 2),11")
    (tmp_path / "demo.svg").write_text(svg(22))
    is_told(page, "1,rgb(2, 2, 2),22")
    (tmp_path / "demo.js").write_text(TELL % 2)
    is_told(page, "2,rgb(2, 2, 2),22")


@FORM
def test_a_page_that_a_service_worker_answers_shows_an_edit(
    page: Page, tmp_path: Path, server: Start, form: str
) -> None:
    site_of(tmp_path, form)
    running = server(tmp_path)
    page.goto(running.url)
    page.wait_for_function(CONTROLLED)
    page.goto(running.url)
    running.wait_for(type="page", event="opened", pages=1)

    (tmp_path / "index.html").write_text(REGISTER.format(title="A", text="new"))
    page.wait_for_function("document.querySelector('p').textContent === 'new'")
    page.goto("about:blank")
    page.goto(running.url)
    page.wait_for_function("document.querySelector('p').textContent === 'new'")


def test_a_worker_that_another_site_left_at_this_address_goes_by_itself(
    page: Page, tmp_path: Path, server: Start
) -> None:
    site_of(tmp_path / "a", "cache first")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "index.html").write_text("<!doctype html><title>B</title><p>b")
    first = server(tmp_path / "a", "--no-inject")
    page.goto(first.url)
    page.wait_for_function(CONTROLLED)
    page.goto("about:blank")
    first.stop()
    second = server(tmp_path / "b", port=first.port)
    page.goto(second.url)

    # Firefox looks for a newer worker some time after it has answered, and at each visit.
    second.wait_for(type="note")
    page.goto(second.url)
    page.wait_for_function("document.title === 'B'")


@pytest.mark.page_errors
def test_a_frame_that_was_made_by_a_script_is_ours_where_the_browser_says_so(
    page: Page, tmp_path: Path, server: Start, engine: str
) -> None:
    """Firefox names the origin that the frame's document came from; Chromium names none."""
    made = """<script>const frame = document.createElement("iframe");
        frame.sandbox = "allow-scripts"; frame.src = "demo.html"; document.body.append(frame);
        </script>"""
    (tmp_path / "index.html").write_text(f"<!doctype html><title>t</title><body>{HEAR}{made}")
    (tmp_path / "demo.html").write_text(DEMO)
    (tmp_path / "demo.css").write_text("p { color: rgb(1, 1, 1) }")
    (tmp_path / "demo.js").write_text(TELL % 1)
    (tmp_path / "demo.svg").write_text(svg(11))
    running = server(tmp_path)
    page.goto(running.url)

    if engine == "firefox":
        is_told(page, "1,rgb(1, 1, 1),11")
    else:
        running.wait_for(type="refused", who="null")
        assert page.evaluate("globalThis.told") is None
