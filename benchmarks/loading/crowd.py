"""Open pages, as many as one likes: bare sockets behind one epoll. Linux.

They cost less than what they measure.
"""

import heapq
import json
import random
import select
import socket
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import suppress

SOURCES = 8  # addresses that the pages come from
AT_A_TIME = 200  # handshakes under way
PATIENCE = 60.0
# How long a page waits before it connects again, as injector/src/connection/connection.js has it.
FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0

UPGRADE = (
    "GET /__hotreload__/ws HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: Upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: hotreload.v1\r\n\r\n"
)
TEXT, PING, PONG = 0x81, 0x89, 0x8A


def frame(text: bytes, kind: int = TEXT) -> bytes:
    """A masked frame (RFC 6455, section 5.2)."""
    size = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2)
    return bytes([kind]) + size + bytes(4) + text


def frames(got: bytearray) -> Iterator[tuple[int, bytes]]:
    """The kinds and payloads of the whole frames in what a server sent; they are taken out."""
    while len(got) > 1:
        size, head = got[1], 2
        if size == 126:
            size, head = int.from_bytes(got[2:4]), 4
        elif size == 127:
            size, head = int.from_bytes(got[2:10]), 10
        if len(got) < head + size:
            return
        yield got[0], bytes(got[head : head + size])
        del got[: head + size]


class Page:
    """One page: a socket, and how far it has come."""

    __slots__ = ("failures", "got", "said", "seq", "sock", "state")

    def __init__(self) -> None:
        self.sock: socket.socket | None = None
        self.state = "away"  # connecting, upgrading, greeting, open
        self.got = bytearray()
        self.failures = 0
        self.seq = 0
        self.said = b""


class Crowd:
    """Open pages, and when each of them heard of an update.

    Args:
        port: where the server is.
        greeting: what each page says when it is connected.
        again: connect again when the connection is lost, as the browser's side does.
    """

    def __init__(self, port: int, greeting: bytes, *, again: bool = False) -> None:
        self.port = port
        self.greeting = greeting
        self.again = again
        self.open: deque[Page] = deque()
        self.heard: list[float] = []
        self._unanswered: list[Page] = []
        self.statuses: Counter[int] = Counter()
        self.lost = 0
        self._epoll = select.epoll()
        self._pages: dict[int, Page] = {}
        self._timers: list[tuple[float, int, Page]] = []
        self._count = 0

    def join(self, count: int) -> None:
        """So many more pages open, and have been greeted."""
        wanted, begun = len(self.open) + count, 0
        end = time.perf_counter() + PATIENCE
        while len(self.open) < wanted:
            while begun < count and begun - (len(self.open) - wanted + count) < AT_A_TIME:
                self.connect(Page())
                begun += 1
            self.step(0.1)
            assert time.perf_counter() < end, f"{len(self.open)} of {wanted} pages are open"

    def leave(self, count: int) -> None:
        """The oldest so many close."""
        for _ in range(count):
            self._drop(self.open.popleft())

    def close(self) -> None:
        self.again = False
        for page in list(self._pages.values()):
            self._drop(page)
        self._epoll.close()

    def hear(self, count: int, wait: float = PATIENCE) -> list[float]:
        """When, as `perf_counter` has it, so many updates were heard."""
        end = time.perf_counter() + wait
        while len(self.heard) < count and time.perf_counter() < end:
            self._look(0.05)
        self._answer()
        heard, self.heard = self.heard, []
        assert len(heard) >= count, f"{len(heard)} of {count} heard"
        return heard

    def step(self, wait: float) -> None:
        """Whatever happens within so many seconds."""
        self._look(wait)
        self._answer()

    def _answer(self) -> None:
        """What pages did with their update: said when nobody's time is taken any more."""
        for page in self._unanswered:
            answer = b'{"type":"applied","seq":%d,"action":"css","ms":1}' % page.seq
            self._say(page, frame(answer))
        self._unanswered.clear()

    def _look(self, wait: float) -> None:
        if self._timers:
            wait = max(0.0, min(wait, self._timers[0][0] - time.perf_counter()))
        for fd, _ in self._epoll.poll(wait, 512):
            if fd in self._pages:
                self._act(self._pages[fd])
        while self._timers and self._timers[0][0] <= time.perf_counter():
            self.connect(heapq.heappop(self._timers)[2])

    def connect(self, page: Page) -> None:
        page.sock = sock = socket.socket()
        page.state, page.got = "connecting", bytearray()
        sock.setblocking(False)
        self._count += 1
        sock.bind((f"127.0.0.{2 + self._count % SOURCES}", 0))
        with suppress(BlockingIOError):
            sock.connect(("127.0.0.1", self.port))
        self._pages[sock.fileno()] = page
        self._epoll.register(sock, select.EPOLLOUT)

    def _act(self, page: Page) -> None:
        sock = page.sock
        assert sock is not None
        if page.state == "connecting":
            if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                self._lose(page)
                return
            sock.send(UPGRADE.format(self.port).encode())
            page.state = "upgrading"
            self._epoll.modify(sock, select.EPOLLIN)
            return
        data = b""
        with suppress(ConnectionResetError):
            data = sock.recv(1 << 18)
        if not data:
            self._lose(page)
            return
        page.got += data
        if page.state == "upgrading":
            self._upgraded(page)
        if page.state in ("greeting", "open"):
            for kind, payload in frames(page.got):
                if kind == PING:
                    self._say(page, frame(payload, PONG))
                elif kind == TEXT:
                    self._received(page, payload)

    def _upgraded(self, page: Page) -> None:
        head, end, rest = bytes(page.got).partition(b"\r\n\r\n")
        if end:
            self.statuses[int(head[9:12])] += 1
            page.state, page.got = "greeting", bytearray(rest)
            self._say(page, frame(self.greeting))

    def _received(self, page: Page, text: bytes) -> None:
        if page.state == "greeting" and b'"resync"' in text:
            uses = {"resources": {"/style.css": None}}
            self._say(page, frame(json.dumps({**json.loads(self.greeting), **uses}).encode()))
        elif page.state == "greeting" and b'"hello"' in text:
            page.state, page.failures = "open", 0
            self.open.append(page)
        elif b'"update"' in text:
            self.heard.append(time.perf_counter())
            at = text.find(b'"seq":') + 6
            page.seq = int(text[at : text.index(b",", at)])
            self._unanswered.append(page)

    def _say(self, page: Page, data: bytes) -> None:
        with suppress(OSError):
            if page.sock:
                page.sock.send(data)

    def _lose(self, page: Page) -> None:
        self.lost += page.state == "open"
        if page.state == "open":
            self.open.remove(page)
        self._drop(page)
        if self.again:
            wait = min(LONGEST_WAIT, FIRST_WAIT * 2**page.failures) * random.uniform(0.5, 1)
            page.failures += 1
            heapq.heappush(self._timers, (time.perf_counter() + wait, id(page), page))

    def _drop(self, page: Page) -> None:
        if page.sock is not None:
            self._pages.pop(page.sock.fileno(), None)
            page.sock.close()
            page.sock, page.state = None, "away"
