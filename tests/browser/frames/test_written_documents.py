"""Documents without an address: what they use changes in them as it does in a page."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Server
from playwright.sync_api import Page
from support.browser.made_files import svg

Start = Callable[..., Server]

in_both = pytest.mark.parametrize("engine", ["chromium", "firefox"])

DOCUMENT = (
    "<!doctype html><title>inside</title><link rel=stylesheet href={0}/a.css><p>p</p>"
    "<img src={0}/a.svg><script src={0}/a.js></script>"
)
# Each leaves `inside()`, which gives the document.
WRITTEN = """
const frame = document.body.appendChild(document.createElement("iframe"));
frame.contentDocument.write(text);
frame.contentDocument.close();
inside = () => frame.contentDocument;"""
STREAMED = """
const frame = document.body.appendChild(document.createElement("iframe"));
addEventListener("load", () => setTimeout(() => frame.contentDocument.write(text)));
inside = () => frame.contentDocument;"""
BLOB = """
const frame = document.body.appendChild(document.createElement("iframe"));
frame.src = URL.createObjectURL(new Blob([text], { type: "text/html" }));
inside = () => frame.contentDocument;"""
SRCDOC = """
const frame = document.body.appendChild(document.createElement("iframe"));
frame.srcdoc = text;
inside = () => frame.contentDocument;"""
SHADOW = """
const host = document.body.appendChild(document.createElement("div"));
const root = host.attachShadow({ mode: "open" });
const frame = root.appendChild(document.createElement("iframe"));
frame.srcdoc = text;
inside = () => frame.contentDocument;"""
NESTED = """
const frame = document.body.appendChild(document.createElement("iframe"));
const between = document.createElement("iframe");
between.srcdoc = text;
frame.srcdoc = between.outerHTML;
inside = () => frame.contentDocument?.querySelector("iframe")?.contentDocument;"""
NESTED_IN_SHADOW = """
const host = document.body.appendChild(document.createElement("div"));
const root = host.attachShadow({ mode: "open" });
const frame = root.appendChild(document.createElement("iframe"));
frame.contentDocument.body.attachShadow({ mode: "open" }).append(document.createElement("iframe"));
inside = () => frame.contentDocument.body.shadowRoot.firstChild.contentDocument;
inside().write(text);
inside().close();"""
WINDOW = """
window.opened = window.open("");
window.opened.document.write(text);
window.opened.document.close();
inside = () => opened.document;"""

LASTING = {
    "written": WRITTEN,
    "still being written": STREAMED,
    "blob": BLOB,
    "nested in a shadow root of a frame": NESTED_IN_SHADOW,
    "opened window": WINDOW,
}
FROM_SOURCE = {"srcdoc": SRCDOC, "srcdoc in a shadow root": SHADOW, "srcdoc in srcdoc": NESTED}

in_every_place = pytest.mark.parametrize(
    "place", [*LASTING.values(), *FROM_SOURCE.values()], ids=[*LASTING, *FROM_SOURCE]
)

READY = (
    "window.__hotreload__?.version && inside()?.querySelector('img')?.naturalWidth === {}"
    " && inside().defaultView.getComputedStyle(inside().querySelector('p')).color === '{}'"
    " && inside().defaultView.version === {}"
)


def opened(page: Page, server: Start, root: Path, place: str) -> Server:
    text = DOCUMENT.format("${location.origin}")
    (root / "make.js").write_text(f"const text = `{text}`; let inside; {place}")
    (root / "a.css").write_text("p { color: rgb(1, 1, 1) }")
    (root / "a.svg").write_text(svg(11))
    (root / "a.js").write_text("version = 1")
    (root / "index.html").write_text(
        "<!doctype html><title>t</title><body><h1>Old</h1><script src=make.js></script>"
    )
    running = server(root)
    page.goto(running.url)
    running.wait_for(type="page", event="opened")
    page.wait_for_function(READY.format(11, "rgb(1, 1, 1)", 1))
    page.evaluate("window.mark = inside().mark = 1")
    return running


def answer(running: Server) -> tuple[str, str]:
    told = running.wait_for(type="applied")
    return told["action"], told.get("detail", "")


@in_both
@in_every_place
def test_a_style_sheet_and_a_picture_change_in_place(
    page: Page, server: Start, tmp_path: Path, place: str
) -> None:
    running = opened(page, server, tmp_path, place)

    (tmp_path / "a.css").write_text("p { color: rgb(2, 2, 2) }")
    assert answer(running) == ("css", "")
    page.wait_for_function(READY.format(11, "rgb(2, 2, 2)", 1))

    (tmp_path / "a.svg").write_text(svg(22))
    assert answer(running) == ("image", "")
    page.wait_for_function(READY.format(22, "rgb(2, 2, 2)", 1))

    (tmp_path / "a.css").write_text("p { color: rgb(3, 3, 3) }")
    assert answer(running) == ("css", "")
    page.wait_for_function(READY.format(22, "rgb(3, 3, 3)", 1))
    assert page.evaluate("[mark, inside().mark]") == [1, 1]


@in_both
@pytest.mark.parametrize("place", FROM_SOURCE.values(), ids=FROM_SOURCE)
def test_a_script_starts_the_frame_anew(
    page: Page, server: Start, tmp_path: Path, place: str
) -> None:
    running = opened(page, server, tmp_path, place)

    (tmp_path / "a.js").write_text("version = 2")

    assert answer(running) == ("html", "")
    page.wait_for_function(READY.format(11, "rgb(1, 1, 1)", 2))
    assert page.evaluate("mark") == 1


@in_both
@pytest.mark.parametrize("place", [WRITTEN, BLOB], ids=["written", "blob"])
def test_a_script_of_what_only_the_page_can_make_again_reloads_the_page(
    page: Page, server: Start, tmp_path: Path, place: str
) -> None:
    running = opened(page, server, tmp_path, place)

    (tmp_path / "a.js").write_text("version = 2")

    assert answer(running) == ("reload", "/a.js was modified")
    page.wait_for_function("!window.mark")
    page.wait_for_function(READY.format(11, "rgb(1, 1, 1)", 2))


@in_both
@in_every_place
def test_a_file_that_no_document_uses_changes_nothing(
    page: Page, server: Start, tmp_path: Path, place: str
) -> None:
    running = opened(page, server, tmp_path, place)

    (tmp_path / "b.css").write_text("p { color: red }")
    assert answer(running) == ("unused", "")
    (tmp_path / "index.htm").write_text("<p>p")

    assert answer(running) == ("unused", "")


@in_both
def test_a_save_of_the_page_is_its_own_and_not_that_of_what_it_has_written(
    page: Page, server: Start, tmp_path: Path
) -> None:
    """What is written to has the address of the page that writes."""
    running = opened(page, server, tmp_path, WRITTEN)
    text = (tmp_path / "index.html").read_text()

    (tmp_path / "index.html").write_text(text.replace("Old", "New"))

    assert answer(running) == ("html", "")
    assert page.evaluate("[document.querySelector('h1').textContent, mark, inside().mark]") == [
        "New",
        1,
        1,
    ]


@in_both
def test_where_no_module_may_be_loaded_the_frame_starts_anew(
    page: Page, server: Start, tmp_path: Path
) -> None:
    sandbox = "frame.sandbox = 'allow-same-origin'; frame.srcdoc = text"
    running = opened(
        page, server, tmp_path,
        SRCDOC.replace("frame.srcdoc = text", sandbox)
        + "frame.onload = () => { frame.contentWindow.version = 1 };",
    )  # fmt: skip

    (tmp_path / "a.css").write_text("p { color: rgb(2, 2, 2) }")

    assert answer(running) == ("html", "")
    page.wait_for_function(READY.format(11, "rgb(2, 2, 2)", 1))
    assert page.evaluate("mark") == 1


@in_both
@pytest.mark.parametrize("place", [WRITTEN, NESTED], ids=["written", "srcdoc in srcdoc"])
def test_saves_while_the_server_is_away_are_shown_inside_too(
    page: Page, server: Start, tmp_path: Path, place: str
) -> None:
    first = opened(page, server, tmp_path, place)
    first.kill()
    (tmp_path / "a.css").write_text("p { color: rgb(2, 2, 2) }")
    (tmp_path / "a.svg").write_text(svg(22))

    server(tmp_path, port=first.port)

    page.wait_for_function(READY.format(22, "rgb(2, 2, 2)", 1))
    assert page.evaluate("[mark, inside().mark]") == [1, 1]


@in_both
@pytest.mark.parametrize("place", [WRITTEN, NESTED], ids=["written", "srcdoc in srcdoc"])
def test_a_restart_of_the_server_leaves_them_as_they_are(
    page: Page, server: Start, tmp_path: Path, place: str
) -> None:
    first = opened(page, server, tmp_path, place)
    first.kill()

    second = server(tmp_path, port=first.port)
    second.wait_for(type="page", event="opened")
    (tmp_path / "b.css").write_text("p {}")
    assert answer(second) == ("unused", "")

    assert page.evaluate("[mark, inside().mark]") == [1, 1]


def test_they_are_ready_for_a_save_when_the_page_is(
    page: Page, server: Start, tmp_path: Path
) -> None:
    opened(page, server, tmp_path, NESTED)

    page.evaluate("dispatchEvent(new FocusEvent('blur'))")

    page.wait_for_function(
        "inside().defaultView.performance.getEntriesByType('resource').some("
        "({ name }) => name.endsWith('/css.js'))"
    )
