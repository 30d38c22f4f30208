"""Fifty thousand malformed requests leave the server as it was: answering, and no larger."""

import random
import select
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Server
from support.security.attacking import (
    UPGRADED,
    ask,
    descriptors,
    descriptors_return_to,
    get,
    resident,
)
from support.security.canary import CANARY, PUBLIC, plant

MIB = 2**20
REQUESTS = 50_000
CONNECTIONS = 250  # open at a time
PATIENCE = 120.0  # seconds for all of it, which takes some ten
SEED = 3

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")

HEADERS = (
    b"Host", b"Origin", b"Connection", b"Upgrade", b"Sec-WebSocket-Key", b"Sec-WebSocket-Version",
    b"Sec-WebSocket-Protocol", b"Sec-WebSocket-Extensions", b"Sec-Fetch-Site", b"Sec-Fetch-Mode",
    b"Sec-Fetch-Dest", b"Content-Length", b"Transfer-Encoding", b"Expect", b"Range", b"If-Range",
    b"If-None-Match", b"If-Modified-Since", b"Accept", b"Accept-Encoding", b"Referer", b"Cookie",
    b"Access-Control-Request-Method", b"X-Forwarded-Host", b"TE", b"Trailer", b"Via", b"",
)  # fmt: skip
VALUES = (
    b"[", b"%", b"http://[", b"\xff", b"\0", b"a\rb", b"", b" ", b"localhost", b"http://localhost",
    b"null", b"chunked", b"+5", b"5_0", b"0x5", b"-1", b"99999999999999999999",
    b"chunked, identity", b"xchunked", b"websocket", b"h2c", b"100-continue", b"bytes=0-0,-",
    b"bytes=9-0", b'W/"x', b'"',
    b"Sat, 99 Foo 9999", b"*/*;q=x", b"gzip;q=9", b"dGhlIHNhbXBsZSBub25jZQ==", b"13",
    b"evil.example", b"x" * 3000, b"," * 500, b"\x1b[2J", b"cross-site", b"127.0.0.1:99999",
    b"a@localhost", b"::1",
)  # fmt: skip
LINES = (
    b"GET / HTTP/1.1", b"GET /../secret.txt HTTP/1.1", b"GET  / HTTP/1.1", b"GET / HTTP/1.1 x",
    b"GET / HTTP/2.0", b"GET /", b"G\0T / HTTP/1.1", b"get / HTTP/1.1", b"GET /\xff HTTP/1.1",
    b"GET /#x HTTP/1.1", b"GET /%zz HTTP/1.1", b"GET * HTTP/1.1", b"GET http://evil/ HTTP/1.1",
    b"GET http://[/ HTTP/1.1", b"CONNECT localhost:1 HTTP/1.1", b"POST / HTTP/1.1", b"", b" ",
    b"\0", b"OPTIONS * HTTP/1.1", b"TRACE / HTTP/1.1", b"PRI * HTTP/2.0",
    b"HEAD /.env HTTP/1.1",
    b"GET /__hotreload__/ws HTTP/1.1", b"GET /__hotreload__/source/.. HTTP/1.1", b"\x16\x03\x01\0",
    b"POST /__hotreload__/reload?url=%ff HTTP/1.1", b"GET /" + b"a/" * 3000 + b" HTTP/1.1",
    b"GET /" + b"%2e%2e%2f" * 20 + b"etc/passwd HTTP/1.1", b"GET /.git%2fconfig HTTP/1.1",
)  # fmt: skip
ENDS = (b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b"\r\n ", b"\r\n\t", b"\0\r\n", b"")


def malformed(count: int) -> Iterator[bytes]:
    """Requests in plain and upgrades, with some of their parts wrong; the same ones each time."""
    chance = random.Random(SEED)
    for number in range(count):
        lines = [chance.choice(LINES) if number % 3 else b"GET /app.js HTTP/1.1"]
        if number % 5:
            lines.append(b"Host: localhost")
        if number % 2:
            lines += UPGRADED.split(b"\r\n")
        for _ in range(chance.randrange(4)):
            value = chance.choice(VALUES) if chance.random() < 0.7 else chance.randbytes(12)
            separator = chance.choice((b": ", b": ", b":", b" : ", b""))
            lines.append(chance.choice(HEADERS) + separator + value)
        whole = b"".join(line + chance.choice(ENDS) for line in lines) + b"\r\n"
        if chance.random() < 0.3:
            whole = bytearray(whole)
            for _ in range(chance.randrange(1, 4)):
                whole[chance.randrange(len(whole))] = chance.randrange(256)
        yield bytes(whole) + b"\r\n"


class Flood:
    """Many connections at a time, each with a few requests in one write, and then closed."""

    def __init__(self, port: int, requests: Iterator[bytes]) -> None:
        self._port = port
        self._requests = requests
        self._poll = select.poll()
        self._open: dict[int, socket.socket] = {}
        self._chance = random.Random(SEED)
        self.sent = 0
        self.answered = 0
        self.canaries = 0
        self.faults = 0

    def run(self) -> None:
        end = time.monotonic() + PATIENCE
        more = True
        while more or self._open:
            while more and len(self._open) < CONNECTIONS:
                more = self._connect()
            for fd, _ in self._poll.poll(1000):
                self._read(fd)
            assert time.monotonic() < end, f"{len(self._open)} connections wait for an answer"

    def _connect(self) -> bool:
        batch = [one for _ in range(self._chance.randrange(1, 6)) for one in self._next()]
        if not batch:
            return False
        sock = socket.create_connection(("127.0.0.1", self._port))
        try:
            sock.sendall(b"".join(batch))
            # Then there is nothing to wait for: a head that is unfinished never will be.
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            sock.close()  # refused before we had said all
            return True
        sock.setblocking(False)
        self._open[sock.fileno()] = sock
        self._poll.register(sock, select.POLLIN)
        return True

    def _next(self) -> Iterator[bytes]:
        for request in self._requests:
            self.sent += 1
            yield request
            return

    def _read(self, fd: int) -> None:
        try:
            data = self._open[fd].recv(65536)
        except OSError:
            data = b""
        self.answered += data.count(b"HTTP/1.1 ")
        self.canaries += data.count(CANARY)
        self.faults += data.count(b"HTTP/1.1 500 ")
        if not data:
            self._poll.unregister(fd)
            self._open.pop(fd).close()


@pytest.mark.nightly
def test_fifty_thousand_malformed_requests(tmp_path_factory):
    """None is answered with a fault or a canary; memory and descriptors are what they were."""
    tree = plant(tmp_path_factory.mktemp("flooded"))
    running = Server(tree.site)
    pid = running.process.pid
    try:
        Flood(running.port, malformed(REQUESTS // 10)).run()  # caches fill, pools grow
        ask(running.port, get(b"/app.js"))
        memory, open_before = resident(pid), descriptors(pid)
        flood = Flood(running.port, malformed(REQUESTS))
        flood.run()

        assert flood.sent == REQUESTS
        assert flood.answered > REQUESTS / 4
        assert flood.canaries == flood.faults == 0
        assert ask(running.port, get(b"/app.js")).body == PUBLIC["app.js"]
        assert descriptors_return_to(pid, open_before)
        assert resident(pid) < memory + 16 * MIB
        assert not [line for line in running.lines if line["type"] == "problem"]
    finally:
        running.kill()
