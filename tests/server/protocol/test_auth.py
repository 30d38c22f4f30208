"""With --auth nobody gets anything without the password, and who knows it notices nothing."""

import base64
import http.client
import json
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Server
from support.process.commands import command
from support.security.attacking import ROUTES, UPGRADED, Reply, ask, get
from websockets.sync.client import connect

USER = "ann:p@ss:wörd"
RIGHT = b"Authorization: Basic " + base64.b64encode(USER.encode())
WRONG = b"Authorization: Basic " + base64.b64encode(b"ann:password")
COLOUR = "getComputedStyle(document.querySelector('p')).color"
PYTHON = (sys.executable, "-m", "hotreload")
PAGE = b"<!doctype html><title>t</title><link rel=stylesheet href=/style.css><p>text"


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("site")
    (root / "sub" / "deep").mkdir(parents=True)
    (root / "index.html").write_bytes(PAGE)
    (root / "sub" / "deep" / "page.html").write_bytes(PAGE)
    (root / "style.css").write_bytes(b"p { color: red }")
    return root


@pytest.fixture(scope="module")
def closed(root) -> Iterator[Server]:
    server = Server(root, "--auth", USER)
    yield server
    server.kill()


def said(*lines: bytes) -> bytes:
    return get(b"/style.css", *lines)


@pytest.mark.parametrize("route", ROUTES, ids=bytes.decode)
@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"POST", b"OPTIONS"], ids=bytes.decode)
def test_nothing_is_answered_without_the_password(closed, route, method):
    for lines in ((), (UPGRADED,)):
        reply = ask(closed.port, get(route, *lines, method=method), head_only=method == b"HEAD")
        if lines and method != b"GET" and reply.status in (400, 405):
            continue  # no handshake at all
        assert reply.status == 401
        assert reply[b"www-authenticate"] == b'Basic realm="hotreload", charset="UTF-8"'
        said = b"a name and a password are needed here\n"
        assert reply.body == (b"" if method == b"HEAD" else said)


def test_with_the_password_everything_is_answered(closed):
    for route in ROUTES:
        assert ask(closed.port, get(route, RIGHT)).status not in (401, 403), route
    upgraded = ask(closed.port, get(b"/", RIGHT, UPGRADED))
    assert upgraded.status == 101


def test_a_foreign_host_or_origin_is_refused_whatever_the_password(closed):
    assert ask(closed.port, get(b"/", RIGHT, host=b"evil.example")).status == 403
    lines = (RIGHT, b"Origin: http://evil.example", UPGRADED)
    assert ask(closed.port, get(b"/", *lines)).status == 403


def test_an_answer_that_is_given_again_is_given_to_the_same_people(closed):
    for _ in range(3):
        assert ask(closed.port, said(RIGHT)).status == 200
        assert ask(closed.port, said()).status == 401


def test_who_guesses_has_to_wait(root, server):
    guessed = server(root, "--auth", USER)
    statuses = [ask(guessed.port, said(WRONG)).status for _ in range(40)]
    last: Reply = ask(guessed.port, said(WRONG))

    assert set(statuses) == {401, 429}
    assert statuses.index(429) >= 20
    assert (last.status, last[b"retry-after"]) == (429, b"1")


def test_a_password_in_a_variable_is_in_no_list_of_processes(root):
    server = Server(root, program=("env", f"HOTRELOAD_AUTH={USER}", *PYTHON))
    arguments = Path(f"/proc/{server.process.pid}/cmdline").read_bytes()
    statuses = ask(server.port, said()).status, ask(server.port, said(RIGHT)).status
    server.kill()

    assert USER.encode() not in arguments
    assert statuses == (401, 200)


@pytest.mark.parametrize("word", ["secret", "ann:", ":secret"])
def test_a_name_without_a_password_does_not_start_and_is_not_repeated(root, word):
    done = command("serve", root, "--auth", word)

    assert done.status == 2
    assert "--auth takes USER:PASSWORD" in done.error
    assert "secret" not in done.error


# ---- commands ----


def test_commands_of_this_user_are_let_in_where_the_server_runs(closed, root):
    assert command("reload", cwd=root).out == "no page is open\n"
    assert command("wait", "--timeout", "0", cwd=root).status == 3
    echo = command("echo", "hello", cwd=root)
    assert (echo.status, "hello" in echo.out) == (0, True)


def test_the_password_is_in_no_file(closed):
    run = json.loads(health(closed))["run"]
    (path,) = Path(os.environ["XDG_RUNTIME_DIR"], "hotreload").glob(f"{run}.json")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "wörd" not in json.dumps(json.loads(path.read_text()), ensure_ascii=False)


def health(server: Server) -> bytes:
    return ask(server.port, get(b"/__hotreload__/health", RIGHT)).body


@pytest.mark.parametrize(
    ("name", "without", "status"),
    [("reload", 1, 0), ("wait", 1, 3), ("echo", 8, 0)],  # no page is open: `wait` has none
)
def test_with_an_address_commands_say_who_asks(closed, name, without, status):
    more = ("--timeout", "0") if name == "wait" else ()
    words = (name, *more, "--url", closed.url)

    refused = command(*words)
    assert refused.status == without
    assert "--auth USER:PASSWORD" in refused.error
    wrong = command(*words, "--auth", "ann:other")
    assert (wrong.status, "other" in wrong.out + wrong.error) == (refused.status, False)
    right = (
        command(*words, "--auth", USER),
        command(*words, env={"HOTRELOAD_AUTH": USER}),
        command(*words[:-1], closed.url.replace("//", "//ann:p%40ss%3Aw%C3%B6rd@")),
    )
    for done in right:
        assert done.status == status
        assert "rd" not in re.findall("p@ss:w?(..)|Basic", done.out + done.error)


def test_the_variable_is_not_said_to_other_machines(tmp_path):
    from hotreload.cli import server_option
    from hotreload.remote import target

    os.environ["HOTRELOAD_AUTH"] = USER
    try:
        near = server_option.with_auth(target.parse("ws://localhost:9/"), None)
        far = server_option.with_auth(target.parse("ws://192.0.2.1:9/"), None)
    finally:
        del os.environ["HOTRELOAD_AUTH"]

    assert base64.b64decode(near.authorization.partition(" ")[2]).decode() == USER
    assert far.authorization == ""


@pytest.mark.parametrize("address", ["ws://ann@localhost:9/", "ws://an%ff:n@localhost:9/"])
def test_an_address_with_half_a_user_is_none(address):
    done = command("echo", address)

    assert done.status == 2
    assert "USER:PASSWORD" in done.error


# ---- clients ----


def test_other_clients_are_let_in_by_the_address(closed):
    address = closed.url.replace("http://", "ws://ann:p%40ss%3Aw%C3%B6rd@")
    with connect(address) as client:
        client.send("hello")
        assert client.recv() == "Echo: hello"
    with closing(http.client.HTTPConnection("127.0.0.1", closed.port)) as plain:
        plain.request("GET", "/")
        assert plain.getresponse().status == 401


@pytest.mark.parametrize("engine", ["chromium", "firefox"])
def test_a_page_that_was_let_in_keeps_itself_current(root, page):
    """Its modules and its socket are above it, and browsers send them the password too."""
    server = Server(root, "--auth", USER)
    try:
        address = server.url.replace("//", "//ann:p%40ss%3Aw%C3%B6rd@")
        page.goto(address + "sub/deep/page.html")
        server.wait_for(type="page", event="opened")
        before = page.evaluate(COLOUR)
        (root / "style.css").write_bytes(b"p { color: rgb(1, 2, 3) }")
        update = server.wait_for(type="update")
        assert (update["action"], update["pages"]) == ("css", 1)
        colour = page.evaluate(COLOUR)
    finally:
        server.kill()
        (root / "style.css").write_bytes(b"p { color: red }")
    assert (before, colour) == ("rgb(255, 0, 0)", "rgb(1, 2, 3)")
