"""Each page hears each update exactly once and in order, however it comes and goes."""

import http.client
import json
import re
import socket
import struct
import time

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

PATIENCE = 10


def join(server, seq=0, run=None, compression="deflate", **more):
    """A connection that spoke like a page; it is to be used in a with statement."""
    url = server.url.replace("http:", "ws:") + "__hotreload__/ws"
    options = {"subprotocols": ["hotreload.v1"], "max_size": None, "compression": compression}
    connection = connect(url, **options)
    page = {"type": "page", "url": "/", "run": run or health(server)["run"], "seq": seq, **more}
    return Page(connection, page)


class Page:
    def __init__(self, connection, page):
        self._opening = connection
        self._page = page

    def __enter__(self):
        self.connection = self._opening.__enter__()
        self.say(**self._page)
        return self

    def __exit__(self, *error):
        return self._opening.__exit__(*error)

    def say(self, **message):
        self.connection.send(json.dumps(message))

    def hear(self, kind=None):
        """The next message; with a kind the next of it, and no other may come before."""
        message = json.loads(self.connection.recv(timeout=PATIENCE))
        assert kind is None or message["type"] == kind, message
        return message


def health(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    connection.request("GET", "/__hotreload__/health")
    facts = json.loads(connection.getresponse().read())
    connection.close()
    return facts


def get(server, path):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    connection.request("GET", path)
    body = connection.getresponse().read()
    connection.close()
    return body


def save(server, path, text):
    """Saves a file, and waits until the server has numbered the update."""
    path.write_text(text)
    return server.wait_for(type="change")["seq"]


def test_a_page_is_greeted_with_the_run_and_the_newest_number(server, site):
    running = server()
    save(running, site / "notes.txt", "one")

    with join(running, seq=1) as page:
        hello = page.hear("hello")

    assert hello["run"] == health(running)["run"]
    assert hello["seq"] == 1


def test_a_page_hears_of_a_save_with_its_url_and_text(server, site):
    running = server()
    get(running, "/styles/site.css")
    with join(running) as page:
        page.hear("hello")
        (site / "styles" / "site.css").write_text("b { order: 1 }")
        update = page.hear("update")

    (change,) = update["changes"]
    assert change["url"] == "/styles/site.css"
    assert change["kind"] == "modified"
    assert change["text"] == "b { order: 1 }"
    assert re.fullmatch("[0-9a-f]{16}", change["digest"])
    assert 0 <= update["age"] < 5000


def test_a_page_that_comes_back_hears_what_it_missed_once_and_in_order(server, site):
    running = server()
    for number in range(1, 6):
        assert save(running, site / "notes.txt", str(number)) == number

    with join(running, seq=2) as page:
        page.hear("hello")
        assert [page.hear("update")["seq"] for _ in range(3)] == [3, 4, 5]
        save(running, site / "notes.txt", "six")
        assert page.hear("update")["seq"] == 6


def test_a_page_of_an_earlier_run_is_told_to_compare_and_hears_only_what_differs(server, site):
    running = server()
    digest = re.search(rb"client\.js\?\w+-\d+-(\w+)", get(running, "/"))[1].decode()
    with join(running, run="00000000", file="/index.html") as page:
        page.hear("resync")
        page.say(
            type="page", url="/", run="00000000", seq=7, file="/index.html",
            resources={
                "/index.html": digest, "/styles/site.css": "0" * 16, "/gone.js": "1" * 16,
                "/never.js": "", "/images/hill.svg": None,
            },
        )  # fmt: skip
        page.hear("hello")
        update = page.hear("update")

    kinds = {change["url"]: change["kind"] for change in update["changes"]}
    assert kinds == {
        "/styles/site.css": "modified",
        "/gone.js": "deleted",
        "/images/hill.svg": "modified",
    }
    assert update["seq"] == 0


def test_a_save_while_a_page_is_asked_what_it_has_does_not_hide_what_differs(server, site):
    """The first hello after the question stands right before what differs."""
    running = server()
    with join(running, run="00000000", file="/index.html") as page:
        page.hear("resync")
        save(running, site / "notes.txt", "meanwhile")
        assert page.hear("update")["seq"] == 1
        page.say(type="page", url="/", run="00000000", seq=7, resources={"/gone.js": "1" * 16})
        page.hear("hello")
        update = page.hear("update")

    assert [change["url"] for change in update["changes"]] == ["/gone.js"]


def test_what_a_page_did_is_told_to_the_person(server, site):
    running = server()
    with join(running) as page:
        page.hear("hello")
        save(running, site / "notes.txt", "new")
        page.hear("update")
        page.say(type="applied", seq=1, action="css", ms=4.2, detail="why")
        update = running.wait_for(type="update")

    assert (update["action"], update["pages"], update["ms"]) == ("css", 1, 4.2)
    assert update["detail"] == "why"


def test_a_page_that_leaves_without_an_answer_does_not_hold_up_the_line(server, site):
    running = server()
    with join(running) as page:
        page.hear("hello")
        save(running, site / "notes.txt", "new")
        page.hear("update")
    update = running.wait_for(type="update")

    assert (update["pages"], update["silent"]) == (0, 0)


def test_what_is_of_no_known_type_is_echoed(server):
    with join(server()) as page:
        page.hear("hello")
        page.say(type="ping", n=1)
        assert page.hear() == {"type": "ping", "n": 1}


def test_a_message_with_wrong_fields_ends_the_connection_with_the_reason(server):
    with join(server()) as page:
        page.hear("hello")
        page.say(type="applied", seq="x", action="css", ms=1)
        with pytest.raises(ConnectionClosedError) as closed:
            page.connection.recv(timeout=PATIENCE)

    assert closed.value.rcvd.code == 1008
    assert "seq" in closed.value.rcvd.reason


def test_every_page_is_reloaded_when_somebody_asks_for_it(server):
    running = server()
    with join(running) as one, join(running) as two:
        one.hear("hello")
        two.hear("hello")
        connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=PATIENCE)
        connection.request("POST", "/__hotreload__/reload")
        assert json.loads(connection.getresponse().read())["pages"] == 2
        connection.close()
        assert one.hear()["type"] == two.hear()["type"] == "reload"


def test_pages_that_compress_and_pages_that_do_not_hear_the_same(server, site):
    """What a socket has negotiated is its own affair: each gets frames that it can read."""
    running = server(site, "--ws-compression")
    with join(running) as squeezed, join(running, compression=None) as plain:
        assert squeezed.connection.protocol.extensions
        assert not plain.connection.protocol.extensions
        for page in (squeezed, plain):
            page.hear("hello")
        for number in (1, 2):
            save(running, site / "notes.txt", str(number))
            heard = [page.hear("update") for page in (squeezed, plain)]
            assert [update["seq"] for update in heard] == [number, number]
            assert heard[0]["changes"] == heard[1]["changes"]


def test_a_page_that_does_not_read_is_dropped_and_the_others_hear_all(server, site):
    """Its updates are not kept for it beyond a mebibyte: when it comes back it catches up."""
    running = server()
    sheet = site / "styles" / "site.css"
    get(running, "/styles/site.css")
    deaf = deaf_page(running)
    with join(running) as page:
        page.hear("hello")
        while running.wait_for(type="page")["pages"] < 2:
            pass
        for number in range(60):
            sheet.write_text(f"/* {number} */" + "b { order: 1 }" * 15_000)
            assert page.hear("update")["seq"] == number + 1
            page.say(type="applied", seq=number + 1, action="css", ms=1)
            if number > 20 and health(running)["pages"] == 1:
                break
        assert health(running)["pages"] == 1
    deaf.close()


def deaf_page(server):
    """A page that never reads, and lets the system buffer little for it."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", server.port))
    raw.sendall(
        f"GET /__hotreload__/ws HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: hotreload.v1\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    page = {"type": "page", "url": "/deaf", "run": health(server)["run"], "seq": 0}
    text = json.dumps(page).encode()
    raw.sendall(struct.pack("!BB4s", 0x81, 0x80 | len(text), bytes(4)) + text)
    return raw


def test_pages_are_told_when_the_server_stops_and_it_does_not_wait_for_the_deaf(server):
    running = server()
    deaf = deaf_page(running)
    with join(running) as page:
        page.hear("hello")
        began = time.monotonic()
        assert running.stop() == 0
        assert time.monotonic() - began < 5
        with pytest.raises(Exception, match="1001"):
            page.connection.recv(timeout=PATIENCE)
    deaf.close()
