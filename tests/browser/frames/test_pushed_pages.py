"""Pages that scripts put in the place of others: each follows the file of the address it shows."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import CHECKOUT, Server
from playwright.sync_api import Page

Start = Callable[..., Server]

in_both = pytest.mark.parametrize("engine", ["chromium", "firefox"])

LIBRARIES = CHECKOUT / "injector" / "node_modules"
TURBO = LIBRARIES / "@hotwired" / "turbo" / "dist" / "turbo.es2017-umd.js"
HTMX = LIBRARIES / "htmx2" / "dist" / "htmx.js"

# Keeps what was there for the way back, as routers do.
BY_HAND = """<script type=module>
const kept = new Map();
const show = (title, html) => {
  document.title = title;
  document.querySelector("main").innerHTML = html;
};
addEventListener("click", async (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  event.preventDefault();
  const text = await (await fetch(link.href)).text();
  const next = new DOMParser().parseFromString(text, "text/html");
  const go = () => {
    kept.set(location.pathname, [document.title, document.querySelector("main").innerHTML]);
    show(next.title, next.querySelector("main").innerHTML);
    history.pushState(null, "", link.href);
  };
  WAY
});
addEventListener("popstate", () => show(...kept.get(location.pathname)));
</script>"""
WAYS = {
    "hand-written": BY_HAND.replace("WAY", "go();"),
    "view transition": BY_HAND.replace("WAY", "document.startViewTransition(go);"),
    "turbo": "<script src=turbo.js defer></script>",
    "htmx": "<script src=htmx.js></script>",
}
in_every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)

SHELL = """<!doctype html><title>App</title><h1>Shell</h1><a href=/about>about</a><main></main>
<script type=module>
const show = () => { document.querySelector("main").textContent = location.pathname; };
addEventListener("click", (event) => {
  if (!event.target.closest("a")) return;
  event.preventDefault();
  history.pushState(null, "", event.target.href);
  show();
});
addEventListener("popstate", show);
show();
</script>"""

# htmx knows the links of a page that it has put there when it has settled, not before.
MARK = """window.mark = 1;
window.settled = true;
addEventListener("htmx:beforeSwap", () => { window.settled = false; });
addEventListener("htmx:afterSettle", () => { window.settled = true; });"""

SHOWN = "[document.title, document.body.innerText.split('\\n').filter(Boolean).join()].join()"


def document(way: str, title: str, text: str) -> str:
    return (
        f"<!doctype html><html><head><title>{title}</title>{way}</head><body hx-boost=true>"
        f"<nav><a id=one href=/>one</a> <a id=two href=/two.html>two</a></nav><h1>{title}</h1>"
        f"<main><p>{text}</p></main></body></html>"
    )


def opened(page: Page, server: Start, root: Path, way: str) -> Server:
    (root / "index.html").write_text(document(way, "One", "first"))
    (root / "two.html").write_text(document(way, "Two", "second"))
    for library in (TURBO, HTMX):
        shutil.copy(library, root / ("turbo.js" if library == TURBO else "htmx.js"))
    running = server(root)
    page.goto(running.url)
    running.wait_for(type="page", event="opened")
    page.wait_for_function("document.readyState === 'complete'")
    page.evaluate(MARK)
    return running


def go(page: Page, link: str, title: str, text: str) -> None:
    """By the page's own script."""
    page.evaluate("(link) => document.querySelector(link).click()", link)
    page.wait_for_function(
        f"document.title === '{title}' && document.querySelector('main').innerText === '{text}'"
        " && window.settled"
    )
    assert page.evaluate("mark") == 1


def save(root: Path, name: str, old: str, new: str) -> None:
    text = (root / name).read_text()
    assert old in text
    (root / name).write_text(text.replace(old, new))


def answer(running: Server) -> tuple[str, str]:
    told = running.wait_for(type="applied")
    return told["action"], told.get("detail", "")


def shows(page: Page, text: str) -> None:
    page.wait_for_function(f"document.readyState === 'complete' && {SHOWN} === '{text}'")


@in_both
@in_every_way
def test_a_page_that_was_left_is_not_mixed_into_the_one_that_is_shown(
    page: Page, server: Start, tmp_path: Path, way: str
) -> None:
    running = opened(page, server, tmp_path, way)
    go(page, "#two", "Two", "second")
    before = page.evaluate(SHOWN)
    save(tmp_path, "index.html", "first", "1st")
    assert answer(running) == ("unused", "")
    save(tmp_path, "index.html", "One", "Eins")
    assert answer(running) == ("unused", "")

    assert page.evaluate(SHOWN) == before
    assert page.evaluate("mark") == 1


@in_both
@in_every_way
def test_a_page_that_scripts_have_put_there_follows_its_own_file(
    page: Page, server: Start, tmp_path: Path, way: str
) -> None:
    running = opened(page, server, tmp_path, way)
    go(page, "#two", "Two", "second")
    save(tmp_path, "two.html", "second", "2nd")

    reason = "/two.html was modified, and it is the page that stands here now"
    assert answer(running) == ("reload", reason)
    shows(page, "Two,one two,Two,2nd")


@in_both
@in_every_way
def test_a_page_that_was_put_back_is_loaded_anew_when_its_file_changes(
    page: Page, server: Start, tmp_path: Path, way: str
) -> None:
    running = opened(page, server, tmp_path, way)
    go(page, "#two", "Two", "second")
    go(page, "#one", "One", "first")
    save(tmp_path, "index.html", "first", "1st")

    reason = "/index.html was modified, and another page has stood here since it was loaded"
    assert answer(running) == ("reload", reason)
    shows(page, "One,one two,One,1st")


@in_both
@in_every_way
def test_what_is_put_back_from_before_a_save_is_loaded_anew(
    page: Page, server: Start, tmp_path: Path, way: str
) -> None:
    running = opened(page, server, tmp_path, way)
    go(page, "#two", "Two", "second")
    save(tmp_path, "index.html", "first", "1st")
    assert answer(running) == ("unused", "")

    page.evaluate("history.back()")

    shows(page, "One,one two,One,1st")


@in_both
def test_an_address_that_was_given_while_the_page_was_loading_counts_too(
    page: Page, server: Start, tmp_path: Path
) -> None:
    running = opened(
        page, server, tmp_path, "<script>history.replaceState(null, '', '/two.html')</script>"
    )
    save(tmp_path, "index.html", "first", "1st")

    assert answer(running) == ("unused", "")


@in_both
def test_saves_while_the_server_is_away_are_each_for_their_own_page(
    page: Page, server: Start, tmp_path: Path
) -> None:
    running = opened(page, server, tmp_path, WAYS["hand-written"])
    go(page, "#two", "Two", "second")
    running.kill()
    save(tmp_path, "index.html", "first", "1st")
    save(tmp_path, "two.html", "second", "2nd")

    running = server(tmp_path, port=running.port)

    shows(page, "Two,one two,Two,2nd")


@in_both
def test_an_app_follows_its_shell_at_every_address_that_it_gives_itself(
    page: Page, server: Start, tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text(SHELL)
    running = server(tmp_path, "--spa")
    page.goto(running.url)
    running.wait_for(type="page", event="opened")
    page.evaluate("window.mark = 1")

    page.evaluate("document.querySelector('a').click()")
    page.wait_for_function("document.querySelector('main').textContent === '/about'")
    save(tmp_path, "index.html", "Shell", "Frame")
    assert answer(running) == ("html", "")
    assert page.evaluate(SHOWN) == "App,Frame,about,/about"

    page.evaluate("history.back()")
    page.wait_for_function("document.querySelector('main').textContent === '/'")
    save(tmp_path, "index.html", "Frame", "Case")
    assert answer(running) == ("html", "")
    assert page.evaluate(SHOWN) == "App,Case,about,/"
    assert page.evaluate("mark") == 1


@in_both
def test_a_file_that_comes_at_an_address_of_an_app_takes_its_place(
    page: Page, server: Start, tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text(SHELL)
    running = server(tmp_path, "--spa")
    page.goto(running.url)
    running.wait_for(type="page", event="opened")
    page.evaluate("document.querySelector('a').click()")
    page.wait_for_function("document.querySelector('main').textContent === '/about'")

    (tmp_path / "about.html").write_text("<!doctype html><title>About</title><p>of its own")

    assert answer(running) == ("reload", "/about.html was added")
    shows(page, "About,of its own")


@in_both
@pytest.mark.parametrize("address", ["/?page=2", "#part", "/index.html", "/nowhere/at/all"])
def test_an_address_that_stands_for_no_other_file_is_no_other_page(
    page: Page, server: Start, tmp_path: Path, address: str
) -> None:
    running = opened(page, server, tmp_path, "")
    page.evaluate("(address) => history.pushState(null, '', address)", address)
    save(tmp_path, "index.html", "first", "1st")

    assert answer(running) == ("html", "")
    assert page.evaluate(SHOWN) == "One,one two,One,1st"
    assert page.evaluate("mark") == 1


@in_both
def test_a_page_that_has_given_itself_many_addresses_is_loaded_anew(
    page: Page, server: Start, tmp_path: Path
) -> None:
    """Not so many are asked about."""
    running = opened(page, server, tmp_path, "")
    page.evaluate(
        "() => { for (let n = 0; n < 30; n++) history.replaceState(null, '', `/nowhere/${n}`);"
        " history.replaceState(null, '', '/') }"
    )
    save(tmp_path, "index.html", "first", "1st")

    assert answer(running)[0] == "reload"
    shows(page, "One,one two,One,1st")
