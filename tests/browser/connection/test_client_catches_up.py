"""A page that missed, lost or crossed an update shows the disk in the end, in a real browser.

The server, its files and the network are real; a network that swallows a request stands between.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from conftest import Server
from playwright.sync_api import Page, Route, WebSocket
from support.browser.cable import Breaking, Cable

Start = Callable[..., Server]

HEAD = "<!doctype html><title>t</title><link rel=icon href=data:,>"
PADDING = "getComputedStyle(document.querySelector('p')).padding"
CONNECTED = "window.__hotreload__?.version"


def svg(width: int) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="9"></svg>'


def made(root: Path, body: str, **files: str) -> Path:
    """A site with a page; the names of its other files have `_` for their dots."""
    (root / "index.html").write_text(HEAD + body)
    for name, text in files.items():
        (root / name.replace("_", ".")).write_text(text)
    return root


def visit(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_function(CONNECTED)
    page.evaluate("window.mark = 1")


def add(page: Page, tag: str, **properties: str) -> None:
    """Add an element to the page's head, as a script of the page would."""
    made = "Object.assign(document.createElement(tag), properties)"
    page.evaluate(f"([tag, properties]) => document.head.append({made})", [tag, properties])


@pytest.fixture
def held(page: Page) -> Iterator[list[Route]]:
    yield (routes := [])
    for route in routes:
        with suppress(Exception):  # the page has gone, or it was answered
            route.abort()


def hold(page: Page, pattern: str, held: list[Route]) -> None:
    def keep(route: Route) -> None:
        if route.request.resource_type == "fetch":
            route.continue_()
        else:
            held.append(route)

    page.route(pattern, keep)


def wait_for(page: Page, held: list[Route]) -> Route:
    while not held:
        page.wait_for_timeout(5)
    return held[0]


def stays_and_is_kept_current(page: Page, root: Path, running: Server) -> None:
    """Once the page is back, a saved sheet is shown in the same document."""
    running.wait_for(type="page", event="opened")
    (root / "a.css").write_text("p { margin: 2px }")
    page.wait_for_function("getComputedStyle(document.querySelector('p')).margin === '2px'")
    assert page.evaluate("window.mark") == 1


def test_a_page_that_holds_a_frame_of_another_origin_is_reloaded(
    server: Start, page: Page, tmp_path: Path
) -> None:
    """A film of somebody else's, or anything in a sandbox."""
    body = "<script src=app.js></script><iframe sandbox srcdoc='<iframe></iframe>'></iframe>"
    visit(page, server(made(tmp_path, body, app_js="window.app = 1")).url)

    (tmp_path / "app.js").write_text("window.app = 2")

    page.wait_for_function("window.app === 2")


def test_a_page_inside_of_a_page_of_another_origin_is_reloaded(
    server: Start, page: Page, tmp_path: Path
) -> None:
    """The preview of an editor."""
    running = server(made(tmp_path, "<script src=app.js></script>", app_js="window.app = 1"))
    page.set_content(f"<iframe src='{running.url}'></iframe>")
    running.wait_for(type="page", event="opened")

    (tmp_path / "app.js").write_text("window.app = 2")

    running.wait_for(type="page", event="opened")
    (_, frame) = page.frames
    assert frame.evaluate("window.app") == 2


def test_what_was_lost_after_a_reload_reloads_the_page_once_more(
    server: Start, page: Page, tmp_path: Path
) -> None:
    """The comparison tells of it with the number of the update that the page was reloaded for."""
    files = {"app_js": "window.app = 1", "lazy_js": "window.lazy = 1"}
    running = server(made(tmp_path, "<script src=app.js></script>", **files))
    with closing(Cable(running.port)) as cable:
        visit(page, f"http://127.0.0.1:{cable.port}/")
        (tmp_path / "app.js").write_text("window.app = 2")
        page.wait_for_function(f"window.app === 2 && {CONNECTED}")
        page.evaluate("window.mark = 1")
        cable.cut()
        with page.expect_event("requestfailed"):
            add(page, "script", src="lazy.js")

        cable.mend()

        page.wait_for_function("window.mark !== 1")


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("unused.txt", "updates/planner.js"),
        ("a.css", "updates/planner.js"),
        ("app.js", "updates/planner.js"),
        ("app.js", "reload/full-reload.js"),
    ],
)
def test_a_page_does_not_reload_into_nothing_when_the_server_goes_right_after_a_save(
    server: Start, page: Page, tmp_path: Path, name: str, lost: str
) -> None:
    """What it needs for the update cannot be loaded any more: that waits for the server."""
    files = {"a_css": "p { padding: 1px }", "app_js": "window.app = 1", "unused_txt": "1"}
    body = "<link rel=stylesheet href=a.css><script src=app.js></script><p>p"
    running = server(made(tmp_path, body, **files))
    document = page.request.get(running.url, headers={"Sec-Fetch-Dest": "document"}).text()
    client = re.search(r'src="([^"]*/)client\.js', document)
    assert client
    with closing(Breaking(running.port, client[1] + lost)) as cable:
        visit(page, f"http://127.0.0.1:{cable.port}/")
        text = (tmp_path / name).read_text()
        with page.expect_event("requestfailed"):
            (tmp_path / name).write_text(text.replace("1", "2"))

        cable.mend()

        if name == "unused.txt":
            running.wait_for(type="applied", action="unused")
        else:
            page.wait_for_function(f"{PADDING} === '2px' || window.app === 2")
        assert page.evaluate("window.mark === 1") == (name != "app.js")


def test_what_the_network_lost_before_the_first_connection_is_asked_for_again(
    server: Start, page: Page, tmp_path: Path
) -> None:
    running = server(made(tmp_path, "<img id=i src=p.svg>", p_svg=svg(7)))
    with closing(Breaking(running.port, "/__hotreload__/ws", swallows="/p.svg")) as cable:
        page.goto(f"http://127.0.0.1:{cable.port}/", wait_until="commit")
        page.wait_for_function("document.querySelector('#i')?.complete")

        cable.mend()

        page.wait_for_function("document.querySelector('#i').naturalWidth === 7")


@pytest.mark.parametrize(
    ("lost", "shown", "kept"),
    [
        ("a.css", f"{PADDING} === '2px'", True),
        ("b.css", f"{PADDING} === '2px'", True),
        ("p.svg", "document.images[0].naturalWidth === 7", True),
        ("app.js", "window.app === 1", False),
    ],
)
def test_what_was_lost_in_a_moment_while_the_page_was_loaded_is_asked_for_again(
    server: Start, page: Page, tmp_path: Path, lost: str, shown: str, *, kept: bool
) -> None:
    """The network was back before the client came: it has seen no outage."""
    files = {"a_css": "@import 'b.css';", "b_css": "p { padding: 2px }", "app_js": "window.app = 1"}
    body = "<link rel=stylesheet href=a.css><script src=app.js></script><img src=p.svg><p>p"
    running = server(made(tmp_path, body, p_svg=svg(7), **files))
    page.route(f"**/{lost}", lambda route: route.abort("connectionreset"), times=1)

    page.goto(running.url)
    page.evaluate("window.mark = 1")

    page.wait_for_function(shown)
    assert page.evaluate("window.mark === 1") == kept


def test_frames_without_a_client_show_what_was_saved_while_the_server_was_away(
    server: Start, page: Page, tmp_path: Path
) -> None:
    body = "<iframe src=note.txt></iframe><iframe sandbox src=a.html></iframe><p>p"
    first = server(made(tmp_path, body, note_txt="old", a_html="<p>old"))
    visit(page, first.url)
    first.kill()
    (tmp_path / "note.txt").write_text("new")
    (tmp_path / "a.html").write_text("<p>new")

    server(tmp_path, "--port", str(first.port))

    for at in (0, 1):
        page.frame_locator("iframe").nth(at).get_by_text("new").wait_for()
    assert page.evaluate("window.mark") == 1


def test_a_frame_that_the_network_lost_is_loaded_again(
    server: Start, page: Page, tmp_path: Path
) -> None:
    running = server(made(tmp_path, "<iframe src=a.html></iframe>", a_html="<p>framed"))
    with closing(Cable(running.port)) as cable:
        visit(page, f"http://127.0.0.1:{cable.port}/")
        cable.cut()
        with page.expect_event("requestfailed"):
            page.evaluate("document.querySelector('iframe').src = 'a.html?other'")

        cable.mend()

        page.frame_locator("iframe").get_by_text("framed").wait_for()
        assert page.evaluate("window.mark") == 1


def test_a_sheet_that_went_and_comes_back_as_it_was_during_a_restart_is_shown(
    server: Start, page: Page, tmp_path: Path
) -> None:
    """The browser's cache still holds what it was."""
    sheet = "p { padding: 2px }"
    first = server(made(tmp_path, "<link rel=stylesheet href=a.css><p>p", a_css=sheet))
    visit(page, first.url)
    (tmp_path / "a.css").unlink()
    page.wait_for_function(f"{PADDING} === '0px'")
    first.wait_for(type="applied", action="css")
    first.kill()
    (tmp_path / "a.css").write_text(sheet)

    server(tmp_path, "--port", str(first.port))

    page.wait_for_function(f"{PADDING} === '2px'")


def test_a_sheet_that_a_page_loads_anew_is_not_taken_for_what_an_update_brought_before(
    server: Start, page: Page, tmp_path: Path
) -> None:
    """It left the page for a while, as another view's sheet does; then its save is undone."""
    sheet = "p {{ padding: {}px }}"
    first = server(made(tmp_path, "<link rel=stylesheet href=a.css><p>p", a_css=sheet.format(1)))
    visit(page, first.url)
    (tmp_path / "a.css").write_text(sheet.format(2))
    first.wait_for(type="applied", action="css")
    page.evaluate("document.querySelector('link[rel=stylesheet]').remove()")
    (tmp_path / "a.css").write_text(sheet.format(3))
    first.wait_for(type="applied", action="unused")
    add(page, "link", rel="stylesheet", href="a.css")
    page.wait_for_function(f"{PADDING} === '3px'")
    first.kill()
    (tmp_path / "a.css").write_text(sheet.format(2))

    server(tmp_path, "--port", str(first.port))

    page.wait_for_function(f"{PADDING} === '2px'")
    assert page.evaluate("window.mark") == 1


def test_a_page_that_slept_does_not_take_what_another_page_loaded_for_its_own(
    server: Start, page: Page, tmp_path: Path
) -> None:
    """They share the browser's cache; the server is restarted as the page wakes up."""
    sheet, body = "p { padding: 1px }", "<link rel=stylesheet href=a.css><p>p"
    first = server(made(tmp_path, body, a_css=sheet))
    visit(page, first.url)
    page.evaluate("document.dispatchEvent(new Event('freeze'))")
    first.wait_for(type="page", event="closed")
    (tmp_path / "a.css").write_text("p { padding: 2px }")
    other = page.context.new_page()
    other.goto(first.url)
    other.wait_for_function(f"{PADDING} === '2px'")
    other.close()
    first.kill()
    with page.expect_console_message(lambda message: "WebSocket" in message.text):
        page.evaluate("document.dispatchEvent(new Event('resume'))")

    server(tmp_path, "--port", str(first.port))

    page.wait_for_function(f"{PADDING} === '2px'")


WORKER = """<script>
  new Worker("w.js", { type: "module" }).onmessage = ({ data }) => { window.told = data };
</script><p>p"""


def files_of_worker(value: int) -> dict[str, str]:
    return {
        "w_js": "import { value } from './dep.js'; postMessage(value)",
        "dep_js": "export * from './deep.js'",
        "deep_js": f"export const value = {value}",
    }


@pytest.mark.parametrize("away", [True, False], ids=["saved meanwhile", "saved afterwards"])
def test_what_a_worker_imports_is_known_to_a_server_that_was_restarted(
    server: Start, page: Page, tmp_path: Path, *, away: bool
) -> None:
    """The server sees what a page does not: it tells pages, and they tell the next one."""
    first = server(made(tmp_path, WORKER, **files_of_worker(1)))
    visit(page, first.url)
    page.wait_for_function("window.told === 1")
    first.kill()
    if away:
        (tmp_path / "deep.js").write_text("export const value = 2")
    second = server(tmp_path, "--port", str(first.port))
    second.wait_for(type="page", event="opened")
    if not away:
        (tmp_path / "deep.js").write_text("export const value = 2")

    page.wait_for_function("window.told === 2")


def test_a_restart_of_the_server_leaves_a_page_with_a_worker_alone(
    server: Start, page: Page, tmp_path: Path
) -> None:
    sheet = "<link rel=stylesheet href=a.css>"
    files = {"a_css": "p { margin: 1px }", **files_of_worker(1)}
    first = server(made(tmp_path, sheet + WORKER, **files))
    visit(page, first.url)
    page.wait_for_function("window.told === 1")
    first.kill()

    second = server(tmp_path, "--port", str(first.port))

    stays_and_is_kept_current(page, tmp_path, second)


def test_a_restart_of_the_server_leaves_a_page_with_queries_alone(
    server: Start, page: Page, tmp_path: Path
) -> None:
    body = "<link rel=stylesheet href=a.css?v=1><script src=app.js?v=1></script><p>p"
    first = server(made(tmp_path, body, a_css="p { margin: 1px }", app_js="window.app = 1"))
    visit(page, first.url)
    first.kill()

    second = server(tmp_path, "--port", str(first.port))

    stays_and_is_kept_current(page, tmp_path, second)


def test_a_script_that_an_update_crossed_reloads_the_page_also_when_a_sheet_was_saved_with_it(
    server: Start, page: Page, tmp_path: Path, held: list[Route]
) -> None:
    """Its old content is on the way while the batch is told."""
    body = "<link rel=stylesheet href=a.css><link rel=stylesheet href=b.css><p>p"
    sheet, files = "p {{ {}: {}px }}", {"lazy_js": "window.lazy = 1"}
    files |= {"a_css": sheet.format("margin", 1), "b_css": sheet.format("padding", 1)}
    running = server(made(tmp_path, body, **files))
    visit(page, running.url)
    hold(page, "**/lazy.js", held)
    add(page, "script", src="lazy.js")
    route = wait_for(page, held)

    (tmp_path / "a.css").write_text(sheet.format("margin", 2))
    (tmp_path / "b.css").write_text(sheet.format("padding", 2))
    (tmp_path / "lazy.js").write_text("window.lazy = 2")
    page.wait_for_function(f"{PADDING} === '2px'")
    told = running.wait_for(type="change", url="/lazy.js")["seq"]
    page.wait_for_function("told => __hotreload__.seq >= told", arg=told)
    route.fulfill(content_type="text/javascript", body="window.lazy = 1")

    page.wait_for_function("window.mark !== 1")


def test_a_change_that_is_taken_late_does_not_follow_a_newer_one(
    server: Start, page: Page, tmp_path: Path, held: list[Route]
) -> None:
    """A sheet is on its way when it is changed, and again while a slow picture is loaded."""
    files = {"a_css": "p { margin: 1px }", "b_css": "p { padding: 1px }", "p_svg": svg(7)}
    body = "<link rel=stylesheet href=a.css><img src=p.svg><p>p"
    running = server(made(tmp_path, body, **files))
    visit(page, running.url)
    hold(page, "**/b.css", held)
    add(page, "style", textContent="@import 'b.css';")
    sheet = wait_for(page, held)
    old = page.request.get(f"{running.url}b.css").text()
    (tmp_path / "b.css").write_text("p { padding: 2px }")
    running.wait_for(type="applied", action="unused")
    pictures: list[Route] = []
    hold(page, "**/p.svg?*", pictures)
    (tmp_path / "p.svg").write_text(svg(8))
    picture = wait_for(page, pictures)

    (tmp_path / "b.css").write_text("p { padding: 3px }")
    told = running.wait_for(type="change", url="/b.css")["seq"]
    page.wait_for_function("told => __hotreload__.seq >= told", arg=told)
    sheet.fulfill(content_type="text/css", body=old)
    page.wait_for_function(f"{PADDING} === '1px'")
    picture.fulfill(content_type="image/svg+xml", body=svg(8))
    (tmp_path / "a.css").write_text("p { margin: 2px }")

    page.wait_for_function("getComputedStyle(document.querySelector('p')).margin === '2px'")
    assert page.evaluate(PADDING) == "3px"


def test_a_picture_that_does_not_come_does_not_hold_up_what_follows(
    server: Start, page: Page, tmp_path: Path, held: list[Route]
) -> None:
    """Its connection is silent."""
    body = "<link rel=stylesheet href=a.css><img src=p.svg><p>p"
    visit(page, server(made(tmp_path, body, a_css="p { margin: 1px }", p_svg=svg(7))).url)
    hold(page, "**/p.svg?*", held)
    (tmp_path / "p.svg").write_text(svg(8))
    wait_for(page, held)

    (tmp_path / "a.css").write_text("p { margin: 2px }")

    page.wait_for_function("getComputedStyle(document.querySelector('p')).margin === '2px'")


def test_the_loss_of_a_picture_is_remembered_although_its_plain_address_has_come(
    server: Start, page: Page, tmp_path: Path
) -> None:
    running = server(made(tmp_path, "<img id=i src=p.svg>", p_svg=svg(7)))
    with closing(Cable(running.port)) as cable:
        visit(page, f"http://127.0.0.1:{cable.port}/")
        page.route("**/p.svg?*", lambda route: route.abort("connectionreset"))
        (tmp_path / "p.svg").write_text(svg(8))
        page.wait_for_function("i.complete && i.naturalWidth === 0")
        running.wait_for(type="applied", action="image")
        page.unroute("**/p.svg?*")

        cable.cut()
        cable.mend()

        page.wait_for_function("i.naturalWidth === 8")


def test_what_the_page_has_given_up_itself_is_not_taken_for_lost(
    server: Start, page: Page, tmp_path: Path
) -> None:
    """A request that an extension blocks and one that a script aborts, and then a restart.

    When a request fails, the page asks whether the server is there.
    """
    body = "<link rel=stylesheet href=a.css><script src=blocked.js></script><p>p"
    made(tmp_path, body, a_css="p { margin: 1px }", blocked_js="1", data_json="[]")
    page.route("**/blocked.js", lambda route: route.abort("blockedbyclient"))
    answers = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda data: answers.append(data) if "ping" in data else None)

    def wait_for_answer(count: int) -> None:
        while len(answers) < count:
            page.wait_for_timeout(5)

    page.on("websocket", listen)
    first = server(tmp_path)
    visit(page, first.url)
    page.unroute("**/blocked.js")
    wait_for_answer(1)
    page.evaluate("""async () => {
        const given = new AbortController();
        const asked = fetch("data.json", { signal: given.signal }).catch(() => {});
        given.abort();
        await asked;
    }""")
    wait_for_answer(2)
    first.kill()

    second = server(tmp_path, "--port", str(first.port))

    stays_and_is_kept_current(page, tmp_path, second)
