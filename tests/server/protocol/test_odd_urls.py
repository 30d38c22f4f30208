"""A URL that no page has gets its right answer, a thousand times, and costs the server nothing.

Each of these has crashed, hung or opened up some development server.
"""

import os
import re
import socket
import threading
import time
from pathlib import Path

import pytest
from conftest import PATIENCE, Server

TIMES = 1_000
# What the same thousand answers may leave behind: allocators keep some of what they were given.
MAX_GROWTH = 8 * 2**20
HEAD = re.compile(rb"HTTP/1\.1 (\d+) [^\r]*\r\n((?:[^\r]+\r\n)*)\r\n")
LENGTH = re.compile(rb"(?i)content-length: (\d+)\r\n")

NOWHERE = [
    "/..%2f..", "/..%2f..%2fetc/passwd", "/%00", "/noext%00.html", "//etc/passwd", "///etc/passwd",
    r"/\host\share", "/..%5c..%5csecret.txt", "/../secret.txt", "/%2e%2e/%2e%2e/etc/passwd",
    "/%252e%252e%252fsecret.txt", "/C:/x", "/C:x", "/CON", "/.env", "/.env/.", "/.env?raw??",
    "/.env?import&raw", "/%2egit/config", "/.git%2fconfig", "/.EnV", "/loop", "/loop/x", "/out",
    "/fifo", "/fifo/", "/noext/", "/noext/x", "//dir", "/%ff%fe", "/%ed%a0%80", "/dir/%c0%ae",
    "/%1b]0;x%07%0d%0aX:%20y", "//evil.example/%2e%2e", "/%2fevil.example/", "/.well-known/x",
    "/" + "a" * 4000, "/" + "a/" * 40, "/dir/" + "%20" * 1000, "/<script>alert(1)</script>",
    "/__hotreload__/%E0%A4%A", "/__hotreload__/source/", "/__hotreload__/source/0/../../etc",
    "/__hotreload__/../index.html",
]  # fmt: skip
NO_URL = ["/%E0%A4%A", "/%", "/%zz", "/noext%2", "*"]
THERE = [
    "/",
    "/noext",
    "/?%00",
    "/?a=%",
    "/dir/",
    "/dir/?sort=%E0%A4%A&page=99999999999",
    "/%6eoext",
]
ELSEWHERE = ["/dir", "/dir//a.txt", "/dir?a=%"]
FORMS = {
    **dict.fromkeys(NOWHERE, 404),
    **dict.fromkeys(NO_URL, 400),
    **dict.fromkeys(THERE, 200),
    **dict.fromkeys(ELSEWHERE, 307),
    "http://evil.example/": 403,
}
HEADERS = {
    "Range: bytes=0-4": 206,
    "Range: bytes=-5": 206,
    "Range: bytes=999999-": 416,
    "Range: bytes=" + "0-0," * 1000 + "1-1": 200,
    "Range: bytes=--,,=": 200,
    "If-Match: x": 412,
    "If-None-Match: *": 304,
    "If-None-Match: " + '"' * 4000: 200,
    "If-Modified-Since: 99999999999999999999": 200,
    "Referer: http://[": 200,
    "Referer: \xff\xfe": 200,
    "Accept-Encoding: " + "gzip;q=" * 500: 200,
}
# No server can tell where such a request ends, or what it means: the connection is closed.
NOT_HTTP = {"/a/#/../x": 400, "/x y": 400, "/é": 400, "x": 400, "/" + "a" * 9000: 414}


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    root = tmp_path_factory.mktemp("odd")
    (root / "index.html").write_text("<!doctype html><title>x</title><p>page")
    (root / "noext").write_text("a file without an extension")
    (root / "dir").mkdir()
    (root / "dir" / "a.txt").write_text("a")
    (root / ".env").write_text("SECRET")
    (root / "loop").symlink_to("loop")
    (root / "out").symlink_to("/etc/passwd")
    os.mkfifo(root / "fifo")
    running = Server(root, "--compress")
    for target in FORMS:  # what the server opens once, for all that follow
        statuses(running, request(target), 1)
    running.opened = len(descriptors(running))
    yield running
    assert running.process.poll() is None
    assert [line for line in running.lines if line["type"] == "problem"] == []
    running.kill()


def request(target, more=""):
    lines = f"Host: localhost\r\nAccept: text/html\r\n{more}{more and chr(13) + chr(10)}\r\n"
    return f"GET {target} HTTP/1.1\r\n{lines}".encode("latin-1")


def statuses(server, asked, times):
    """Asks so many times on one connection, all at once, and reads every answer whole."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as raw:
        sender = threading.Thread(target=raw.sendall, args=(asked * times,), daemon=True)
        sender.start()
        got, found = bytearray(), []
        while len(found) < times:
            head = HEAD.match(got)
            length = LENGTH.search(head[2]) if head else None
            size = int(length[1]) if length else 0
            if head is None or len(got) < head.end() + size:
                data = raw.recv(2**18)
                assert data, f"the connection ended after {len(found)} answers"
                got += data
                continue
            found.append(int(head[1]))
            del got[: head.end() + size]
        sender.join()
        assert not got
    return found


def memory(server):
    return int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]) * 4096


def descriptors(server):
    return os.listdir(f"/proc/{server.process.pid}/fd")


def holds_no_more(server):
    """Whether it is down to what it had, or nearly; that a client left it hears a little later."""
    deadline = time.monotonic() + PATIENCE
    while len(descriptors(server)) > server.opened + 2:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


@pytest.mark.parametrize(
    ("asked", "status"),
    [(request(target), status) for target, status in FORMS.items()]
    + [(request("/", header), status) for header, status in HEADERS.items()],
    ids=[name[:40] for name in (*FORMS, *HEADERS)],
)
def test_it_gets_its_answer_a_thousand_times_and_leaves_nothing(odd, asked, status):
    assert statuses(odd, asked, TIMES // 10) == [status] * (TIMES // 10)
    before = memory(odd)

    assert statuses(odd, asked, TIMES) == [status] * TIMES

    assert memory(odd) - before < MAX_GROWTH
    assert holds_no_more(odd)


@pytest.mark.parametrize(("target", "status"), NOT_HTTP.items(), ids=lambda value: str(value)[:20])
def test_what_is_not_http_is_answered_once_and_closed(odd, target, status):
    for _ in range(TIMES // 10):
        with socket.create_connection(("127.0.0.1", odd.port), timeout=20) as raw:
            raw.sendall(request(target).decode("latin-1").encode())
            answer = b"".join(iter(lambda: raw.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 %d " % status)

    assert holds_no_more(odd)
