"""Reverse proxies in front: pages are let in under the name that the user gives, and only there."""

import asyncio
import http.client
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import Server
from playwright.sync_api import Browser, Page
from support.browser.other_names import chromium_with, page_of
from support.process.commands import command
from support.process.proxying import named, reverse_proxy, stripped
from support.security.attacking import OWN, UPGRADED, ask, get
from support.security.guarding import opens

from hotreload.live.messages import inside
from hotreload.security.guard import Guard, Refusal
from hotreload.security.refusals import MOST, RefusalReports
from hotreload.terminal import layout

Start = Callable[..., Server]

NAME = "dev.example.test"
RULES = f"MAP {NAME} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


# -- a tunnel that writes its own Host ---------------------------------------------------------


def test_an_origin_that_is_allowed_opens_where_a_proxy_has_written_our_own_host():
    guard = Guard.of(["127.0.0.1"], [NAME, ".apps.test"])

    for origin in (
        f"https://{NAME}",
        f"http://{NAME}:8080",
        "https://a.apps.test",
        "HTTPS://A.apps.test.",
    ):
        for host in ("localhost:8765", "127.0.0.1:8765", "[::1]", "x.localhost"):
            assert opens(host, origin, guard=guard), (origin, host)
    for origin in (
        f"https://{NAME}.evil",
        f"https://a.{NAME}",
        f"ftp://{NAME}",
        "https://test",
        "null",
        "https://localhost:1",
        "http://127.0.0.1:1",
    ):
        assert not opens("localhost:8765", origin, guard=guard), origin


@pytest.mark.parametrize("name", ["localhost", ".localhost", "127.0.0.1", "::1", "a.localhost"])
def test_to_allow_a_name_of_this_machine_lets_no_other_server_of_it_in(name):
    guard = Guard.of(["127.0.0.1"], [name])

    for origin in ("http://localhost:3000", "http://a.localhost:3000", "http://127.0.0.1:3000",
                   "https://localhost", "http://[::1]:3000"):  # fmt: skip
        assert not opens("127.0.0.1:8765", origin, guard=guard), origin


@pytest.fixture(scope="module")
def abroad(chromium: tuple[Browser, asyncio.AbstractEventLoop]) -> Iterator[Browser]:
    """A Chromium that knows the tunnel's public name."""
    with chromium_with(chromium, RULES) as launched:
        yield launched


@pytest.fixture
def visitor(abroad: Browser, browser: Browser) -> Iterator[Page]:
    with page_of(abroad) as page:
        yield page


def test_a_page_behind_a_tunnel_that_writes_our_host_is_updated(
    visitor: Page, tmp_path: Path, server: Start
) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><title>t</title><p>old</p>")
    running = server(tmp_path, "--allow-host", NAME)
    with reverse_proxy(running.port, named(b"localhost:%d" % running.port)) as port:
        visitor.goto(f"http://{NAME}:{port}/")
        running.wait_for(type="page", event="opened")
        (tmp_path / "index.html").write_text("<!doctype html><title>t</title><p>new</p>")

        running.wait_for(type="applied", action="html")
        visitor.get_by_text("new").wait_for()
        visitor.goto("about:blank")


@pytest.mark.page_errors
def test_a_page_of_a_name_that_was_not_allowed_says_which_word_lets_it_in(
    visitor: Page, tmp_path: Path, server: Start
) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><title>t</title><p>old</p>")
    running = server(tmp_path)
    with reverse_proxy(running.port, named(b"localhost:%d" % running.port)) as port:
        visitor.goto(f"http://{NAME}:{port}/")
        event = running.wait_for(type="refused")
        assert (event["who"], event["allow_host"]) == (f"http://{NAME}:{port}", NAME)
        assert event["text"].endswith(f"add --allow-host {NAME}")

        # Its note is in a closed shadow root: what is in it is read from the picture of the page.
        session = visitor.context.new_cdp_session(visitor)
        deadline = 50
        while f"--allow-host {NAME}" not in text_of(session) and deadline:
            visitor.wait_for_timeout(100)
            deadline -= 1
        assert "Waiting for the server. A page of another origin" in text_of(session)
        visitor.goto("about:blank")
    assert sum(line["type"] == "refused" for line in running.lines) == 1


def text_of(session) -> str:
    """All text of the page, in closed shadow roots too."""
    found = session.send("DOMSnapshot.captureSnapshot", {"computedStyles": []})
    return "\n".join(found["strings"])


def test_who_is_refused_is_told_once_with_the_word_that_lets_it_in(tmp_path, server):
    running = server(tmp_path)
    for _ in range(3):
        ask(running.port, get(OWN + b"ws", UPGRADED, b"Origin: https://dev.example.test"))
        ask(running.port, get(b"/", host=b"dev.example.test:80"))
        ask(running.port, get(OWN + b"ws", UPGRADED, b"Origin: http://localhost:3000"))
        ask(running.port, get(OWN + b"ws", UPGRADED, b"Origin: null"))
        ask(running.port, get(b"/", host=b"a b"))
    running.stop()

    told = [(e["who"], e["allow_host"]) for e in running.lines if e["type"] == "refused"]
    assert told == [
        (f"https://{NAME}", NAME),
        (NAME, NAME),
        ("http://localhost:3000", ""),
    ]


def test_who_tries_one_name_after_another_is_not_told_of_for_ever(tmp_path, server):
    running = server(tmp_path)
    for number in range(50):
        ask(running.port, get(b"/", host=b"evil%d.example" % number))
    running.stop()

    assert sum(line["type"] == "refused" for line in running.lines) == 20


# -- a proxy that takes a prefix off -----------------------------------------------------------


@pytest.fixture
def below(tmp_path: Path, server: Start) -> Iterator[tuple[str, Server]]:
    """A site behind a browser IDE's proxy: its address there, and its server."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "list").mkdir()
    (tmp_path / "list" / "a.txt").write_text("a")
    (tmp_path / "style.css").write_text("p { color: rgb(1, 1, 1) }")
    link = "<!doctype html><title>t</title><link rel=stylesheet href={}style.css><p>old</p>"
    (tmp_path / "index.html").write_text(link.format(""))
    (tmp_path / "sub" / "index.html").write_text(link.format("../"))
    running = server(tmp_path, "--proxy-base", "/proxy/8765/")
    with reverse_proxy(running.port, stripped(b"/proxy/8765/")) as port:
        # The Host of the browser is passed on.
        yield f"http://localhost:{port}/proxy/8765/", running


@pytest.mark.parametrize("path", ["", "index.html", "sub/", "sub/index.html"])
@pytest.mark.parametrize("past", [False, True], ids=["through the proxy", "past the proxy"])
def test_a_page_below_a_prefix_that_a_proxy_takes_off_is_updated(
    page: Page, below: tuple[str, Server], tmp_path: Path, path: str, past: bool
) -> None:
    address, running = below
    assert running.url.endswith("/proxy/8765/")
    page.goto((running.url if past else address) + path)
    running.wait_for(type="page", event="opened")
    page.evaluate("window.mark = 1")
    (tmp_path / "style.css").write_text("p { color: rgb(2, 2, 2) }")
    running.wait_for(type="applied", action="css")
    page.wait_for_function("getComputedStyle(document.querySelector('p')).color === 'rgb(2, 2, 2)'")
    html = tmp_path / ("sub" if path.startswith("sub") else "") / "index.html"
    html.write_text(html.read_text().replace("old", "new"))
    running.wait_for(type="applied", action="html")
    page.get_by_text("new").wait_for()
    assert page.evaluate("mark") == 1
    page.goto("about:blank")


def test_lists_and_redirects_below_a_prefix_stay_below_it(
    page: Page, below: tuple[str, Server]
) -> None:
    address, running = below
    page.goto(address + "list")
    assert page.url == address + "list/"
    page.get_by_role("link", name="a.txt").click()
    assert page.url == address + "list/a.txt"
    page.goto(running.url.removesuffix("/"))
    assert page.url == running.url
    page.goto("about:blank")


@pytest.mark.parametrize("target", ["/../secret", "/%2e%2e/secret", "/proxy/../../secret", "/.env"])
def test_nothing_is_served_below_a_prefix_that_is_not_served_without(
    below: tuple[str, Server], tmp_path: Path, target: str
) -> None:
    _, running = below
    (tmp_path / ".env").write_text("secret")
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)
    connection.request("GET", target)
    assert connection.getresponse().status == 404
    connection.close()


def test_the_site_stands_at_one_of_two_bases(tmp_path):
    done = command("serve", tmp_path, "--base", "/a/", "--proxy-base", "/b/")

    assert done.status == 2
    assert "give one of --base and --proxy-base" in done.error


def test_each_who_is_refused_is_told_of_once_and_only_with_a_name():
    told: list[tuple[str, str]] = []
    turned_away = RefusalReports(lambda who, word: told.append((who, word)))
    for number in range(2 * MOST):
        refusal = Refusal(403, "no", who=f"http://{number}", word=f"{number}")
        turned_away.note(Refusal(403, "no"))
        turned_away.note(refusal)
        turned_away.note(refusal)

    assert told == [(f"http://{number}", f"{number}") for number in range(MOST)]


@pytest.mark.parametrize(
    ("path", "outside", "expected"),
    [
        ("/__hotreload__/ws", "/", "/__hotreload__/ws"),
        ("/__hotreload__/ws", "/p/", "/__hotreload__/ws"),
        ("/p/__hotreload__/ws", "/p/", "/__hotreload__/ws"),
        ("/p/__hotreload__/ws", "/", "/p/__hotreload__/ws"),
        ("/p/x", "/p/", "/p/x"),
        ("/q/__hotreload__/ws", "/p/", "/q/__hotreload__/ws"),
        ("/p/p/__hotreload__/ws", "/p/", "/p/p/__hotreload__/ws"),
    ],
)
def test_what_is_our_own_is_found_with_and_without_the_prefix_of_a_proxy(path, outside, expected):
    assert inside(path, outside) == expected


def test_the_word_is_named_where_there_is_one():
    assert layout.refused("http://a", "") == "a page of http://a was refused"
    assert "add --cors null" in layout.refused("null", "")
    assert layout.refused("a", "a") == (
        'a request to the host name "a" was refused: if it is yours, add --allow-host a'
    )
