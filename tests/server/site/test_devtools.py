"""Chrome's DevTools learn which folder the site is, and nobody else does."""

import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.process.http_client import ask

from hotreload.app import devtools
from hotreload.http.messages import Request

PATH = devtools.PATH.decode()
# As Chromium 156 sends them.
ASKED = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "empty"}


def told(host="localhost:8765", peer="127.0.0.1", method="GET", **lines):
    headers = [(b"host", host.encode())] if host else []
    headers += [(name.replace("_", "-").encode(), value) for name, value in lines.items()]
    return devtools.answer(Request.of(method, devtools.PATH, headers, "http", peer), "/home/x")


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_a_folder_has_one_id_for_ever(root):
    first, again = json.loads(devtools.workspace(root)), json.loads(devtools.workspace(root))

    assert first == again
    assert first["workspace"]["root"] == root
    assert UUID(first["workspace"]["uuid"]).version == 4
    assert devtools.workspace(root) != devtools.workspace(root + "/x")


@pytest.mark.parametrize("host", ["localhost", "a.localhost:80", "127.0.0.1:8765", "[::1]:8765"])
@pytest.mark.parametrize("peer", ["127.0.0.1", "::1"])
def test_the_person_at_this_machine_is_told(host, peer):
    assert told(host, peer) is not None


@pytest.mark.parametrize(
    ("host", "peer"),
    [
        ("localhost", "192.168.1.7"),
        ("localhost", ""),
        ("tunnel.example", "127.0.0.1"),
        ("192.168.1.7", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_whoever_comes_from_elsewhere_is_not(host, peer):
    assert told(host, peer) is None


@pytest.mark.parametrize(
    "line",
    [
        {"origin": b"http://localhost:8765"},
        {"referer": b"http://localhost:8765/"},
        {"sec_fetch_mode": b"cors"},
        {"sec_fetch_mode": b"same-origin"},
        {"sec_fetch_dest": b"script"},
        {"sec_fetch_dest": b"iframe"},
    ],
    ids=str,
)
def test_a_script_in_a_page_is_not(line):
    assert told(**line) is None


def test_nothing_can_be_written_there():
    assert told(method="POST") is None
    assert told(method="HEAD") is not None


def test_devtools_find_the_folder_and_a_file_of_the_site_wins(server, site, page):
    running = server()
    folder = json.loads(ask(running, PATH, headers=ASKED).body)["workspace"]["root"]
    page.goto(running.url)
    in_page = page.evaluate(f"fetch('{PATH}').then(answer => answer.status)")

    assert folder == str(site)
    assert in_page == 404
    (site / PATH[1:]).parent.mkdir(parents=True)
    (site / PATH[1:]).write_text("own")
    assert ask(running, PATH, headers=ASKED).body == b"own"
