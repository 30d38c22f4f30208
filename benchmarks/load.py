"""What many pages, hostile clients, a restart and a long day cost, next to a bare server.

    python benchmarks/load.py [--soak SECONDS] [--write]

Measures, and prints as Markdown: 10,000 open pages and an update to all of them, in turns with a
bare `websockets` server; what the others notice of a page that never reads and of a flood; a
restart under 1,000 pages; and a soak (600 s) with 60 saves a second while pages come and go. With
--write the figures go into docs/reliability.md. Takes about 14 minutes on an idle machine.

The clients are bare sockets behind one epoll, so that they cost less than what they measure. Linux.
"""

import argparse
import asyncio
import heapq
import json
import os
import platform
import random
import select
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.request import urlopen

PAGES = 10_000
ROUNDS = 3
UPDATES = 10  # in each round
SOURCES = 8  # addresses that the pages come from
AT_A_TIME = 200  # handshakes under way
STORM_PAGES = 1000
OTHERS = 100  # pages beside the hostile clients
PATIENCE = 60.0
CHURN = 10  # pages that come, and that go, in each second of the soak
SAVES = 60  # a second
# How long a page waits before it connects again, as injector/src/connection.js has it.
FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0

UPGRADE = (
    "GET /__hotreload__/ws HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: Upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: hotreload.v1\r\n\r\n"
)
STYLE = "/* {:08d} */ " + "p {{ color: red }} " * 20


# -- pages ---------------------------------------------------------------------------------------


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
        if page.state == "greeting" and b'"hello"' in text:
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


# -- servers -------------------------------------------------------------------------------------


class Server:
    """A server in a process of its own.

    Attributes:
        port: where it is.
        name: what the table calls it.
    """

    name = ""

    def __init__(self, *words: str, port: int = 0) -> None:
        self.port = port or free_port()
        self.process = subprocess.Popen(
            [sys.executable, *words, str(self.port)], stdout=subprocess.PIPE, text=True
        )
        wait_for_port(self.port, self.process)

    def memory(self) -> int:
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * 4096

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def processor(self) -> float:
        """Seconds of processor time until now."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def greeting(self) -> bytes:
        raise NotImplementedError

    def prepare(self) -> None:
        """Whatever comes before an update, and is no part of it."""

    def update(self) -> None:
        """Every page is to hear of an update."""
        raise NotImplementedError


class Ours(Server):
    """hotreload, with a site of two files."""

    name = "hotreload"

    def __init__(self, folder: Path, *, port: int = 0) -> None:
        self.folder = folder
        self.saves = 0
        (folder / "index.html").write_text("<!doctype html><link rel=stylesheet href=style.css>")
        (folder / "style.css").write_text(STYLE.format(0))
        super().__init__(__file__, "ours", str(folder), port=port)
        self.get("index.html")
        self.get("style.css")

    def get(self, path: str) -> bytes:
        with urlopen(f"http://127.0.0.1:{self.port}/{path}") as answer:
            return bytes(answer.read())

    def facts(self) -> dict[str, Any]:
        return dict(json.loads(self.get("__hotreload__/health")))

    def greeting(self) -> bytes:
        facts = self.facts()
        page = {"type": "page", "url": "/", "file": "/index.html"}
        return json.dumps({**page, "run": facts["run"], "seq": facts["seq"]}).encode()

    def update(self) -> None:
        self.saves += 1
        (self.folder / "style.css").write_text(STYLE.format(self.saves))

    def tasks(self) -> int:
        self.process.send_signal(signal.SIGUSR1)
        assert self.process.stdout
        return int(self.process.stdout.readline())


class Bare(Server):
    """websockets, with as little around it as an update to all pages takes."""

    name = "bare websockets"

    def __init__(self, _: Path) -> None:
        super().__init__(__file__, "bare")

    def prepare(self) -> None:
        self._control = socket.create_connection(("127.0.0.1", self.port))
        self._control.sendall(UPGRADE.format(self.port).encode())
        assert b" 101 " in self._control.recv(4096)

    def greeting(self) -> bytes:
        return b'{"type":"page","url":"/","file":"/index.html","run":"ab12cd34","seq":0}'

    def update(self) -> None:
        self._control.sendall(frame(b"update"))
        self._control.close()


def serve_bare(port: int) -> None:
    """A server of websockets alone: greets, broadcasts when it is told to, reads the answers."""
    import uvloop
    from websockets.asyncio.server import ServerConnection, broadcast, serve
    from websockets.exceptions import ConnectionClosed

    pages: set[ServerConnection] = set()
    change = {"url": "/style.css", "kind": "modified", "digest": "0123456789abcdef"}
    changes = [{**change, "text": STYLE.format(1), "via": ["/index.html"]}]
    text = json.dumps({"type": "update", "seq": 1, "age": 1.0, "changes": changes})

    async def handler(connection: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            async for message in connection:
                if message == "update":
                    broadcast(pages, text)
                elif connection not in pages:
                    pages.add(connection)
                    await connection.send('{"type":"hello"}')
        pages.discard(connection)

    async def main() -> None:
        options: Any = {"compression": None, "max_size": 2**20, "max_queue": 4, "backlog": 2048}
        options["subprotocols"] = ["hotreload.v1"]
        async with serve(handler, "127.0.0.1", port, **options) as server:
            await server.serve_forever()

    uvloop.run(main())


def serve_ours(folder: str, port: int) -> None:
    """The command, which on SIGUSR1 prints how many tasks there are."""
    from hotreload.cli import main

    out = os.dup(1)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)

    def count(*_: object) -> None:
        os.write(out, b"%d\n" % len(asyncio.all_tasks()))

    signal.signal(signal.SIGUSR1, count)
    main(["serve", folder, "--port", str(port)], prog_name="hotreload")


def flood(port: int) -> None:
    """Tiny messages to the echo, as fast as they are taken; refused, it comes back at once."""
    burst = frame(b"x") * 500
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)) as sock:
            sock.sendall(UPGRADE.format(port).replace("/ws", "/echo").encode())
            sock.recv(4096)
            sock.setblocking(False)
            while True:
                _, ready, _ = select.select([], [sock], [], 1)
                with suppress(BlockingIOError):
                    if ready:
                        sock.send(burst)
                    while sock.recv(1 << 16):
                        pass
                    break  # closed


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


def wait_for_port(port: int, process: "subprocess.Popen[str]") -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        time.sleep(0.01)
    sys.exit("a server did not come up")


@contextmanager
def serving(make: Callable[[Path], Server]) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        server = make(Path(folder))
        try:
            yield server
        finally:
            server.kill()


# -- measures ------------------------------------------------------------------------------------


def many_pages() -> list[str]:
    """10,000 open pages, and updates to all of them, in turns with the bare server."""
    memory: dict[str, list[int]] = {"hotreload": [], "bare websockets": []}
    opening: dict[str, list[float]] = {name: [] for name in memory}
    update: dict[str, list[float]] = {name: [] for name in memory}
    for _ in range(ROUNDS):
        for make in (Bare, Ours):
            with serving(make) as server:
                say(f"{PAGES} pages of {server.name}")
                crowd = Crowd(server.port, server.greeting())
                begun = time.perf_counter()
                crowd.join(PAGES)
                opening[server.name].append(time.perf_counter() - begun)
                memory[server.name].append(server.memory())
                for _ in range(UPDATES):
                    rest(server, crowd)
                    server.prepare()
                    begun = time.perf_counter()
                    server.update()
                    update[server.name].append(max(crowd.hear(PAGES)) - begun)
                crowd.close()
    mib = {name: statistics.median(values) / 2**20 for name, values in memory.items()}
    took = {name: statistics.median(values) * 1000 for name, values in update.items()}
    open_in = {name: statistics.median(values) for name, values in opening.items()}
    return [
        f"## {PAGES:,} pages",
        "",
        *wrapped(
            f"{ROUNDS} rounds in turns, {UPDATES} updates in each; medians. An update goes from the"
            " save of a style sheet (the bare server: from a message that tells it to send) to the"
            " last page that heard of it; then every page answers."
        ),
        "",
        "| | hotreload | bare websockets | ratio |",
        "|---|---|---|---|",
        row("memory of the server, MiB", mib, ".0f"),
        row("an update to all, ms", took, ".0f"),
        row("all pages opened, s", open_in, ".1f"),
        "",
    ]


def rest(server: Server, crowd: Crowd) -> None:
    """Until the server has nothing left to do."""
    before = -1.0
    while (now := server.processor()) > before:
        before, end = now, time.perf_counter() + 0.5
        while time.perf_counter() < end:
            crowd.step(0.1)


def wrapped(text: str) -> list[str]:
    """A paragraph in lines of 100."""
    return textwrap.wrap(text, 100, break_long_words=False, break_on_hyphens=False)


def row(name: str, values: dict[str, float], form: str) -> str:
    ours, bare = values["hotreload"], values["bare websockets"]
    return f"| {name} | {ours:{form}} | {bare:{form}} | {ours / bare:.2f} |"


def hostile_clients() -> list[str]:
    """What a hundred pages notice of one that never reads and one that floods."""
    calm, attacked = [], []
    with serving(Ours) as server:
        crowd = Crowd(server.port, server.greeting())
        crowd.join(OTHERS)
        latencies(server, crowd, 2)
        before = server.memory()
        for _ in range(ROUNDS):
            say("updates beside nobody, and beside hostile clients")
            calm += latencies(server, crowd, 8)
            with hostility(server):
                time.sleep(1)
                attacked += latencies(server, crowd, 8)
        after = server.memory()
        lost = crowd.lost
        crowd.close()
    return [
        "## One page that never reads, and one client that floods",
        "",
        *wrapped(
            f"{OTHERS} other pages, 20 saves a second, {ROUNDS} times 8 s without and with them;"
            " from the save to each page that hears of it. The flood is one-character messages to"
            " the echo, as many as are taken; when it is cut off it comes back."
        ),
        "",
        "| | alone | beside them | ratio |",
        "|---|---|---|---|",
        *(
            f"| {name}, ms | {a:.1f} | {b:.1f} | {b / a:.2f} |"
            for name, a, b in (
                ("median", percentile(calm, 50), percentile(attacked, 50)),
                ("99th percentile", percentile(calm, 99), percentile(attacked, 99)),
            )
        ),
        "",
        *wrapped(
            f"The server's memory grew by {(after - before) / 2**20:.1f} MiB;"
            f" {lost} of the others were disconnected."
        ),
        "",
    ]


def latencies(server: Server, crowd: Crowd, seconds: float) -> list[float]:
    """Milliseconds from each save to each page that heard of it."""
    found: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        begun = time.perf_counter()
        server.update()
        heard = crowd.hear(len(crowd.open))
        found += [(at - begun) * 1000 for at in heard]
        while time.perf_counter() < begun + 0.05:
            crowd.step(max(0.0, begun + 0.05 - time.perf_counter()))
    return found


@contextmanager
def hostility(server: Server) -> Iterator[None]:
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.connect(("127.0.0.1", server.port))
    deaf.sendall(UPGRADE.format(server.port).encode())
    deaf.recv(200)
    deaf.sendall(frame(server.greeting()))
    flooder = subprocess.Popen([sys.executable, __file__, "flood", str(server.port)])
    try:
        yield
    finally:
        flooder.kill()
        flooder.wait()
        deaf.close()


def storm() -> list[str]:
    """1,000 pages lose their server, which comes back half a second later."""
    with tempfile.TemporaryDirectory() as folder:
        first = Ours(Path(folder))
        crowd = Crowd(first.port, first.greeting(), again=True)
        crowd.join(STORM_PAGES)
        crowd.statuses.clear()
        say("restart")
        first.kill()
        end = time.perf_counter() + 0.5
        while time.perf_counter() < end:
            crowd.step(0.01)
        second = Ours(Path(folder), port=first.port)
        back = time.perf_counter()
        while len(crowd.open) < STORM_PAGES and time.perf_counter() < back + PATIENCE:
            crowd.step(0.05)
        took = time.perf_counter() - back
        second.kill()
        crowd.close()
    others = sum(count for status, count in crowd.statuses.items() if status != 101)
    return [
        "## A restart",
        "",
        *wrapped(
            f"The server is killed under {STORM_PAGES:,} pages and started again:"
            f" {len(crowd.open):,} of them were back {took:.1f} s after it answered."
            f" Responses other than 101: {others}."
        ),
        "",
    ]


def soak(seconds: float) -> list[str]:
    """60 saves a second, and pages that come and go, for ten minutes: is it flat?"""
    samples: list[tuple[float, int, int, int]] = []
    with serving(Ours) as server:
        assert isinstance(server, Ours)
        crowd = Crowd(server.port, server.greeting())
        crowd.join(OTHERS)
        begun = time.perf_counter()
        next_save = next_churn = next_sample = begun
        joined, updates, processor = OTHERS, 0, server.processor()
        while (now := time.perf_counter()) < begun + seconds:
            if now >= next_save:
                server.update()
                next_save += 1 / SAVES
            if now >= next_churn:
                crowd.leave(min(len(crowd.open), 1))
                crowd.greeting = server.greeting()
                crowd.connect(Page())
                joined += 1
                next_churn += 1 / CHURN
            if now >= next_sample:
                figures = server.memory(), server.descriptors(), server.tasks()
                samples.append((now - begun, *figures))
                next_sample += 5
                if len(samples) % 12 == 1:
                    say(f"soak: {now - begun:.0f} s, {figures[0] / 2**20:.1f} MiB {figures[1:]}")
            crowd.step(max(0.0, min(next_save, next_churn) - time.perf_counter()))
            updates += len(crowd.heard)
            crowd.heard.clear()
        spent = server.processor() - processor
        newest = settled(server, crowd)
        behind = sum(page.seq != newest for page in crowd.open)
        lost = crowd.lost
        crowd.close()
        time.sleep(2)
        rest = server.memory(), server.descriptors(), server.tasks()
    third = len(samples) // 3
    early, late = samples[third : 2 * third], samples[2 * third :]
    means = [
        [statistics.mean(column) for column in list(zip(*part, strict=True))[1:]]
        for part in (early, late)
    ]
    slope = statistics.linear_regression(
        [at for at, *_ in samples[third:]], [memory / 2**20 for _, memory, *_ in samples[third:]]
    ).slope
    return [
        f"## {seconds / 60:.0f} minutes at 60 times the rate",
        "",
        *wrapped(
            f"{SAVES} saves a second under {OTHERS} pages, of which {CHURN} a second go and as many"
            f" come: {server.saves:,} saves, {joined:,} pages, {updates:,} updates heard. Pages"
            f" that were disconnected: {lost}; that did not hear of the last save: {behind}."
            f" Processor time: {spent / seconds * 100:.0f} % of one core."
        ),
        "",
        "| | second third | last third | afterwards, without pages |",
        "|---|---|---|---|",
        *wrapped(
            f"| memory, MiB | {means[0][0] / 2**20:.1f} | {means[1][0] / 2**20:.1f} |"
            f" {rest[0] / 2**20:.1f} |"
        ),
        f"| descriptors | {means[0][1]:.1f} | {means[1][1]:.1f} | {rest[1]} |",
        f"| tasks | {means[0][2]:.1f} | {means[1][2]:.1f} | {rest[2]} |",
        "",
        f"Slope of the memory over the last two thirds: {slope * 3600:+.2f} MiB an hour.",
        "",
    ]


def settled(server: Ours, crowd: Crowd) -> int:
    """The number of the newest update, once there are no more to come."""
    end = time.perf_counter() + 2
    while time.perf_counter() < end:
        crowd.step(0.05)
    return int(server.facts()["seq"])


def percentile(values: list[float], rank: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * rank // 100)]


# -- the report ----------------------------------------------------------------------------------


def machine() -> str:
    model = next(
        (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")),
        platform.machine(),
    )  # fmt: skip
    return (
        f"{time.strftime('%Y-%m-%d')}, {model}, {os.cpu_count()} cores, Linux {platform.release()},"
        f" Python {platform.python_version()}, websockets {version('websockets')}, uvicorn"
        f" {version('uvicorn')}, uvloop {version('uvloop')}. Load average when it began:"
        f" {os.getloadavg()[0]:.1f}."
    )


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--soak", type=float, default=600, help="seconds; 600 if not given")
    parser.add_argument("--write", action="store_true", help="write docs/reliability.md")
    options = parser.parse_args()
    lines = [
        "# How it holds up",
        "",
        "Written by `python benchmarks/load.py --write`, which is all that it takes to measure it",
        "again. Servers and clients are processes of one machine.",
        "",
        machine(),
        "",
        *many_pages(),
        *hostile_clients(),
        *storm(),
        *soak(options.soak),
    ]
    text = "\n".join(lines).rstrip() + "\n"
    if options.write:
        place = Path(__file__).parent.parent / "docs" / "reliability.md"
        place.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["bare", port]:
            serve_bare(int(port))
        case ["ours", folder, port]:
            serve_ours(folder, int(port))
        case ["flood", port]:
            flood(int(port))
        case _:
            main()
