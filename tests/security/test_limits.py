"""No client can make the server hold much, wait long, or turn others away."""

import asyncio
import contextlib
import itertools
import os
import resource
import select
import socket
import struct
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from conftest import PATIENCE, Server
from support.process import hasty
from support.security.attacking import (
    UPGRADED,
    Torn,
    Wire,
    ask,
    descriptors,
    descriptors_return_to,
    get,
    resident,
)
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from hotreload.security.connection_limit import ConnectionLimit
from hotreload.security.fd_limit import Shares, allocate
from hotreload.security.write_timeout import WriteTimeout

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")

MIB = 2**20
FEW = 64  # descriptors


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("site")
    (root / "small.txt").write_bytes(b"small")
    (root / "kept.bin").write_bytes(bytes(6 * MIB))
    with open(root / "large.bin", "wb") as file:
        file.truncate(256 * MIB)
    return root


@pytest.fixture(scope="module")
def impatient(tree) -> Iterator[Server]:
    """A server that waits for a second where it would for ten, or for sixty."""
    server = Server(tree, program=hasty.PROGRAM)
    ask(server.port, get(b"/kept.bin"))
    yield server
    server.kill()


def is_alive(server: Server) -> bool:
    return ask(server.port, get(b"/small.txt")).body == b"small"


def deaf(port: int) -> socket.socket:
    """A connection whose client will not read, and for which the system keeps little."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.settimeout(PATIENCE)
    sock.connect(("127.0.0.1", port))
    return sock


def ended(sock: socket.socket) -> bool:
    """Waits until the server has closed; whatever it says before does not matter."""
    sock.settimeout(PATIENCE)
    try:
        while sock.recv(MIB):
            pass
    except ConnectionResetError:
        pass
    return True


@contextlib.contextmanager
def closing(socks: Sequence[socket.socket]) -> Iterator[None]:
    try:
        yield
    finally:
        for sock in socks:
            sock.close()


# ---- clients that keep the server waiting ----


def test_silent_connections_are_closed(impatient):
    before = descriptors(impatient.process.pid)
    socks = [deaf(impatient.port) for _ in range(100)]
    with closing(socks):
        assert all(ended(sock) for sock in socks)
    assert descriptors_return_to(impatient.process.pid, before)


def test_a_head_that_comes_letter_by_letter_is_given_up(impatient):
    with Wire(impatient.port) as wire:
        for letter in itertools.cycle(b"GET /small.txt HTTP/1.1\r\nX: " + b"x" * 1000):
            wire.send(bytes([letter]))
            if select.select([wire.socket], [], [], 0.02)[0]:
                break
        answer = wire.rest()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert is_alive(impatient)


def test_a_connection_that_rests_is_closed_without_a_word(impatient):
    with Wire(impatient.port) as wire:
        wire.send(get(b"/small.txt"))
        assert wire.reply().body == b"small"
        assert wire.rest() == b""


def test_who_asks_for_large_files_and_reads_nothing_is_cut_and_costs_no_memory(impatient):
    pid = impatient.process.pid
    before, held = descriptors(pid), resident(pid)
    socks = [deaf(impatient.port) for _ in range(50)]
    with closing(socks):
        for sock, path in zip(socks, itertools.cycle((b"/large.bin", b"/kept.bin")), strict=False):
            sock.sendall(get(path))
        # Both the file and its connection are gone, though the client is still there.
        assert descriptors_return_to(pid, before)
    assert resident(pid) - held < 48 * MIB
    assert is_alive(impatient)


def test_a_last_answer_that_nobody_takes_does_not_keep_its_connection(impatient):
    before = descriptors(impatient.process.pid)
    with closing([deaf(impatient.port)]) as _, closing(socks := [deaf(impatient.port)]):
        socks[0].sendall(get(b"/kept.bin", b"Connection: close"))
        assert descriptors_return_to(impatient.process.pid, before)


def test_who_takes_a_little_all_the_time_is_not_cut():
    waits, seen = [50, 40, 40, 30, 30, 20, 20, 20], []

    class Transport:
        def get_write_buffer_size(self):
            seen.append(waits[len(seen)])
            return seen[-1]

        def abort(self):
            ended.set()

    async def watched():
        nonlocal ended
        ended = asyncio.Event()
        WriteTimeout(Transport(), 0.001).start()
        await asyncio.wait_for(ended.wait(), PATIENCE)

    ended = None
    asyncio.run(watched())
    assert seen == waits


def test_requests_that_wait_for_an_answer_cost_neither_content_nor_descriptors(impatient):
    pid = impatient.process.pid
    before, held = descriptors(pid), resident(pid)
    with closing(socks := [deaf(impatient.port)]):
        socks[0].sendall(get(b"/large.bin") * 50 + get(b"/kept.bin") * 50)
        assert is_alive(impatient)
        assert descriptors(pid) <= before + 4
        assert resident(pid) - held < 48 * MIB
        assert descriptors_return_to(pid, before)


def test_answers_behind_a_large_one_come_in_order(impatient):
    with Wire(impatient.port) as wire:
        wire.send(get(b"/kept.bin") + get(b"/small.txt") + get(b"/nope") + get(b"/kept.bin"))
        assert [len(wire.reply().body) > MIB, wire.reply().body, wire.reply().status] == [
            True, b"small", 404,
        ]  # fmt: skip
        assert len(wire.reply().body) == 6 * MIB


def test_requests_without_end_behind_one_that_is_not_taken_are_refused(impatient):
    with Wire(impatient.port) as wire:
        wire.send(get(b"/large.bin", b"Range: bytes=0-9999999") + get(b"/small.txt") * 1000)
        assert wire.reply().status == 206
        statuses = []
        with pytest.raises(Torn):
            while True:
                statuses.append(wire.reply().status)
    assert (set(statuses[:-1]), statuses[-1]) == ({200}, 503)
    assert len(statuses) in (128, 129)  # the first may wait for its turn too


# ---- bodies ----


def test_the_answer_to_a_body_can_be_read_by_who_is_still_sending_it(impatient):
    with Wire(impatient.port) as wire:
        head = get(b"/", b"Content-Length: %d" % (64 * MIB), method=b"POST")
        sending = threading.Thread(target=wire.send, args=(head + bytes(4 * MIB),))
        sending.start()
        reply = wire.reply()
        sending.join()
        assert reply.status == 405
        assert reply[b"connection"] == b"close"
        assert wire.rest() == b""


@pytest.mark.parametrize("line", [b"Content-Length: 1073741824", b"Transfer-Encoding: chunked"])
def test_a_body_without_end_is_thrown_away_for_a_moment_only(impatient, line):
    before, held = descriptors(impatient.process.pid), resident(impatient.process.pid)
    with Wire(impatient.port) as wire:
        wire.socket.sendall(get(b"/", line, b"Expect: 100-continue", method=b"POST"))
        assert wire.reply().status == 405  # and no 100 before it
        with contextlib.suppress(OSError):
            while True:
                wire.socket.sendall(b"10000\r\n" + bytes(65536) + b"\r\n")
    assert resident(impatient.process.pid) - held < 16 * MIB
    assert descriptors_return_to(impatient.process.pid, before)


def test_who_has_said_all_still_gets_the_whole_answer(impatient):
    with Wire(impatient.port) as wire:
        wire.send(get(b"/large.bin", b"Range: bytes=0-49999999"))
        wire.socket.shutdown(socket.SHUT_WR)
        assert len(wire.reply().body) == 50_000_000
        assert wire.rest() == b""


# ---- sockets ----


def frame(opcode: int, payload: bytes) -> bytes:
    """A masked frame; the mask is zero."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else struct.pack("!BH", 0xFE, size)
    return bytes([0x80 | opcode]) + length + bytes(4) + payload


def opened(port: int) -> socket.socket:
    sock = deaf(port)
    sock.sendall(get(b"/", UPGRADED))
    assert sock.recv(12) == b"HTTP/1.1 101"
    return sock


@pytest.mark.parametrize(("opcode", "size"), [(1, 60_000), (9, 125)], ids=["texts", "pings"])
def test_who_has_things_echoed_and_reads_nothing_is_cut_and_costs_no_memory(
    impatient, opcode, size
):
    before, held = descriptors(impatient.process.pid), resident(impatient.process.pid)
    socks = [opened(impatient.port) for _ in range(4)]
    with closing(socks):
        many = frame(opcode, b"x" * size) * (2 * MIB // (size + 8))
        for sock in socks:
            sock.settimeout(PATIENCE)
            with contextlib.suppress(ConnectionError):
                while True:  # until it is cut
                    sock.sendall(many)
    assert resident(impatient.process.pid) - held < 24 * MIB
    assert descriptors_return_to(impatient.process.pid, before)
    assert is_alive(impatient)


def test_the_longest_message_can_be_set(tree, impatient, server):
    for running, most in ((impatient, MIB), (server(tree, "--ws-max-size", str(3 * MIB)), 3 * MIB)):
        with connect(running.url.replace("http", "ws"), max_size=None) as client:
            client.send(bytes(most))
            assert client.recv() == bytes(most)
            client.send(bytes(most + 1))
            with pytest.raises(ConnectionClosedError) as closed:
                client.recv()
        assert closed.value.rcvd.code == 1009


# ---- how many ----


FEW_FILES = ("sh", "-c", f'ulimit -n {FEW}; exec "$@"', "sh", sys.executable)
COMMAND = ("-m", "hotreload")
# Where uvloop cannot be had.
PLAIN = (
    "-c",
    "import sys; sys.modules['uvloop'] = None; from hotreload.cli.main import main; main()",
)


@pytest.fixture
def loop() -> tuple[str, str]:
    return COMMAND


@pytest.fixture
def small(tree, loop, capfd) -> Iterator[Server]:
    """A server with few descriptors, which prints no traceback."""
    server = Server(tree, program=(*FEW_FILES, *loop))
    yield server
    server.kill()
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("loop", [COMMAND, PLAIN], ids=["uvloop", "asyncio"])
def test_more_clients_than_descriptors_turn_nobody_away_who_asks_for_something(small, loop):
    pid = small.process.pid
    before = descriptors(pid)
    socks = [deaf(small.port) for _ in range(200)]
    with closing(socks):
        assert is_alive(small)
        assert ask(small.port, get(b"/large.bin", b"Range: bytes=0-9")).status == 206
        with Wire(small.port) as wire:
            wire.send(get(b"/", UPGRADED))
            assert wire.reply().status == 101
    assert descriptors_return_to(pid, before)
    assert is_alive(small)
    problems = [event["text"] for event in small.lines if event["type"] == "problem"]
    waits = "more connections are asked for than this process may have: some wait"
    assert problems in ([], [waits]) if loop is PLAIN else problems == []


def test_heads_that_never_end_make_room_for_those_that_do(small):
    socks = [deaf(small.port) for _ in range(100)]
    with closing(socks):
        for sock in socks:
            with contextlib.suppress(OSError):  # it has made room already
                sock.sendall(b"GET / HTTP/1.1\r\n")
        assert is_alive(small)


def test_one_download_too_many_is_refused_until_another_ends(small):
    most = allocate(FEW).requests
    socks = []
    with contextlib.ExitStack() as stack:
        for _ in range(most):
            wire = stack.enter_context(Wire(small.port))
            wire.send(get(b"/large.bin"))
            assert wire.exactly(12) == b"HTTP/1.1 200"
            socks.append(wire.socket)
        refused = ask(small.port, b"")
        assert (refused.status, refused[b"retry-after"]) == (503, b"1")
    assert descriptors_return_to(small.process.pid, descriptors(small.process.pid) - most)
    assert is_alive(small)


def test_one_socket_too_many_is_refused_and_files_are_served_all_the_same(small):
    most = allocate(FEW).sockets
    with contextlib.ExitStack() as stack:
        statuses = []
        for _ in range(most + 3):
            wire = stack.enter_context(Wire(small.port))
            wire.send(get(b"/", UPGRADED))
            statuses.append(wire.reply(head_only=True).status)
        assert statuses == [101] * most + [503] * 3
        assert is_alive(small)


def test_the_soft_limit_on_descriptors_is_raised(tree):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    words = ("sh", "-c", 'ulimit -Sn 256; exec "$@"', "sh", sys.executable, "-m", "hotreload")
    server = Server(tree, program=words)
    limits = Path(f"/proc/{server.process.pid}/limits").read_text()
    server.kill()
    soft = next(line for line in limits.splitlines() if "open files" in line).split()[3]
    assert int(soft) == min(hard if hard > 0 else 65_536, 65_536)


def test_pages_have_most_of_the_descriptors():
    assert allocate(20_000) == Shares(requests=4984, sockets=14_952)
    assert allocate(64) == Shares(requests=8, sockets=24)
    assert allocate(2) == Shares(requests=1, sockets=1)


class Guest:
    def __init__(self):
        self.gone = False
        self.used = False

    def abort(self):
        self.gone = True


def test_who_was_not_used_for_longest_makes_room():
    limit = ConnectionLimit(2)
    one, two, three, four = Guest(), Guest(), Guest(), Guest()
    assert limit.add(one)
    assert limit.add(two)
    one.used = True
    assert limit.add(three)
    assert (one.gone, two.gone) == (False, True)
    one.used = three.used = True
    assert limit.add(four)
    assert (one.gone, three.gone) == (True, False)


def test_who_is_being_sent_something_makes_no_room():
    limit = ConnectionLimit(2)
    one, three, four = Guest(), Guest(), Guest()
    assert limit.add(one)
    assert limit.add(three)
    limit.busy(one)
    limit.busy(three)
    assert not limit.add(four)
    limit.remove(one)
    limit.remove(one)
    limit.idle(one)  # it is gone, and does not come back by this
    assert limit.add(four)


def test_nothing_is_left_of_a_thousand_connections(impatient):
    pid = impatient.process.pid
    before, threads = descriptors(pid), len(os.listdir(f"/proc/{pid}/task"))
    for number in range(1000):
        lines = (UPGRADED,) if number % 2 else ()
        assert ask(impatient.port, get(b"/small.txt", *lines), head_only=True).status in (101, 200)
    assert descriptors_return_to(pid, before)
    assert len(os.listdir(f"/proc/{pid}/task")) <= threads + 1
