"""Attacks by messages and frames on open WebSockets, and by sockets that do nothing.

After each, the server holds no more memory and no more descriptors than before.
"""

import json
import os
import random
import socket
import struct
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from conftest import NIGHTLY, PATIENCE, Server
from fuzz import corpora
from fuzz.varied import PIECES
from support.security.attacking import (
    OWN,
    UPGRADED,
    Wire,
    ask,
    descriptors,
    descriptors_return_to,
    get,
    resident,
)
from support.security.canary import CANARY, PUBLIC
from websockets.exceptions import ConnectionClosed, ConnectionClosedError
from websockets.sync.client import ClientConnection, connect

MIB = 2**20
MESSAGES = 10_000 if NIGHTLY else 2000

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")


@pytest.fixture
def calm(victim: Server) -> Iterator[Server]:
    """The server, which afterwards answers, and has let go of everything."""
    ask(victim.port, get(b"/app.js"))
    before, pid = descriptors(victim.process.pid), victim.process.pid
    yield victim
    assert ask(victim.port, get(b"/app.js")).body == PUBLIC["app.js"]
    with connect(f"ws://127.0.0.1:{victim.port}/") as client:
        client.send("still here")
        assert client.recv(PATIENCE) == "Echo: still here"
    assert descriptors_return_to(pid, before)


def page(server: Server) -> ClientConnection:
    return connect(f"ws://127.0.0.1:{server.port}/__hotreload__/ws", subprotocols=["hotreload.v1"])


def opened(server: Server, path: bytes = OWN + b"echo", *lines: bytes) -> Wire:
    """A WebSocket as a bare connection, for frames that no library would send."""
    wire = Wire(server.port)
    wire.send(get(path, UPGRADED, *lines))
    assert wire.reply().status == 101
    return wire


def frame(first: int, payload: bytes, size: int | None = None) -> bytes:
    """A masked frame (RFC 6455, section 5.2); its size may be a lie."""
    length = len(payload) if size is None else size
    if length < 126:
        head = struct.pack("!BB", first, 0x80 | length)
    elif length < 2**16:
        head = struct.pack("!BBH", first, 0xFE, length)
    else:
        head = struct.pack("!BBQ", first, 0xFF, length)
    return head + bytes(4) + payload


def close_code(wire: Wire) -> int:
    """What the server closes with; whatever else it says comes before."""
    said = wire.rest()
    at = said.rfind(b"\x88")
    return int(struct.unpack_from("!H", said, at + 2)[0]) if at >= 0 else 0


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    """Each file with its size and the time when it was written."""
    found = {}
    for where, _, names in os.walk(folder):
        for name in names:
            stat = os.lstat(os.path.join(where, name))
            found[os.path.join(where, name)] = (stat.st_size, stat.st_mtime_ns)
    return found


STORIES = (
    '{"type":"fetchModule","path":"/etc/passwd"}',
    '{"type":"exec","command":"touch pwned"}',
    '{"type":"page","url":"file:///etc/passwd","run":"","seq":0,"file":"../secret.txt"}',
    '{"type":"page","url":"/","run":"x","seq":0,"file":"/../secret.txt","resources":{"/.env":"0"}}',
    '{"type":"page","url":"/","run":"x","seq":0,"resources":{"/../secret.txt":"0","/out":"0"}}',
    '{"type":"page","url":"/","run":"x","seq":0,"resources":{"//etc/passwd":"0","file:///x":"0"}}',
    '{"type":"page","url":"/","run":"x","seq":0,"resources":{"":"","/%00":"","/\\ud800":"","[":""}}',
    '{"type":"reload"}',
    '{"type":"update","seq":9,"changes":[]}',
    '{"path":"../secret.txt"}',
    "[" * 5000,
    '{"type":' * 2000,
    '{"__proto__":{"type":"page"}}',
    '{"type":"log","level":"error","text":"\\u001b]0;x\\u0007\\u001b[2J"}',
)


def random_messages(count: int) -> Iterator[str | bytes]:
    """Of our own kinds, cut up and put together anew; the same ones each time."""
    chance = random.Random(17)
    seeds = [seed.decode("latin-1") for seed in corpora.read("messages")]
    words = sorted({piece for seed in seeds for piece in PIECES.findall(seed.encode("latin-1"))})
    for number in range(count):
        if number % 10 == 0:
            yield chance.choice(STORIES)
        elif number % 10 == 1:
            yield chance.randbytes(chance.randrange(200))
        else:
            seed = chance.choice(seeds)
            at, cut = chance.randrange(len(seed) + 1), chance.randrange(6)
            more = b"".join(chance.choices(words, k=chance.randrange(4))).decode("latin-1")
            yield seed[:at] + more + seed[at + cut :]


def test_messages_do_nothing_but_what_is_documented(calm, tree):
    """Thousands of them: no file is told, none is written, and each line of ours is JSON."""
    before = snapshot(tree.top)
    heard, codes = 0, []
    waiting = iter(random_messages(MESSAGES))
    sent: str | bytes | None = next(waiting)
    while sent is not None:
        with page(calm) as client:
            try:
                while sent is not None:
                    client.send(sent)
                    sent = next(waiting, None)
                    client.send('{"type":"marker"}')
                    while (said := client.recv(PATIENCE)) != '{"type":"marker"}':
                        heard += 1
                        assert CANARY not in (said if isinstance(said, bytes) else said.encode())
            except ConnectionClosedError as end:
                codes.append(end.rcvd.code if end.rcvd else f"torn by {sent!r}")

    assert heard > MESSAGES / 2
    assert set(codes) == {1008}
    assert 10 < len(codes) < MESSAGES
    assert snapshot(tree.top) == before
    for line in calm.lines:
        assert line["type"] != "problem"
        json.dumps(line, allow_nan=False)


@pytest.mark.parametrize("path", ["//[", "/[::1", "/%ff%00", "/?prefix=%ff&prefix", "/;?&=", "/?%"])
def test_paths_of_sockets_are_only_names(calm, path):
    with Wire(calm.port) as wire:
        wire.send(get(path.encode(), UPGRADED))
        assert wire.reply().status == 101
        wire.send(frame(0x82, b"bytes"))
        assert wire.exactly(7) == b"\x82\x05bytes"


def test_a_page_with_an_address_that_is_none_breaks_nothing_for_others(calm):
    with page(calm) as client:
        client.send('{"type":"page","url":"//[","run":"","seq":0,"file":"/index.html"}')
        with pytest.raises(ConnectionClosed):
            client.recv(PATIENCE)
    with page(calm) as client:
        client.send('{"type":"page","url":"/x","run":"","seq":0,"file":"/index.html"}')
        client.recv(PATIENCE)
        asked = get(OWN + b"reload?url=/x", b"Content-Length: 0", method=b"POST")
        assert ask(calm.port, asked).body == b'{"pages": 1}'


@pytest.mark.parametrize("size", [0, 1])
def test_a_flood_of_fragments(calm, size):
    """A message in hundreds of thousands of pieces is given up early."""
    before = resident(calm.process.pid)
    with opened(calm) as wire:
        with suppress(OSError):  # it is closed while we send
            wire.send(frame(0x01, b"x" * size))
            for _ in range(100):
                wire.send(frame(0x00, b"x" * size) * 4000)
        assert close_code(wire) in (0, 1009)  # 0: the close came and went while we were sending
    assert resident(calm.process.pid) < before + 8 * MIB


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(0x81, b"x", 2**40), 1009),
        (frame(0x81, b"x", 2**62), 1009),
        (frame(0x82, b"", 2**20 + 1), 1009),
        (b"\xc1\x8a" + bytes(4) + zlib.compress(bytes(2**20)), 1002),
        (b"\x81\x05hello", 1002),
        (frame(0x83, b"x"), 1002),
        (frame(0x8F, b""), 1002),
        (frame(0xF1, b"x"), 1002),
        (frame(0x00, b"x"), 1002),
        (frame(0x01, b"x") + frame(0x81, b"y"), 1002),
        (frame(0x09, b"x"), 1002),
        (frame(0x89, b"x" * 126), 1002),
        (frame(0x88, b"x"), 1002),
        (frame(0x88, b"\x03\xed"), 1002),
        (frame(0x88, b"\x00\x00"), 1002),
        (frame(0x81, b"\xff\xfe"), 1007),
        (frame(0x01, b"\xc3") + frame(0x80, b"("), 1007),
        (frame(0x88, b"\x03\xe8\xff"), 1007),
    ],
    ids=[
        *("1 TiB", "4 EiB", "more than the limit", "compressed", "not masked", "reserved opcode"),
        *("reserved control", "reserved bits", "continues nothing", "begins within", "cut ping"),
        *("long ping", "one byte of a code", "a code that is reserved", "a code that is none"),
        *("no UTF-8", "no UTF-8 in two", "no UTF-8 in a reason"),
    ],
)
def test_frames_that_break_the_rules(calm, data, code):
    with opened(calm) as wire:
        wire.send(data)
        assert close_code(wire) == code


def test_compression_is_not_negotiated_so_nothing_can_be_blown_up(calm):
    with Wire(calm.port) as wire:
        wire.send(get(b"/", UPGRADED, b"Sec-WebSocket-Extensions: permessage-deflate"))
        assert wire.reply()[b"sec-websocket-extensions"] is None


def test_a_bomb_where_compression_was_asked_for(tree):
    """With --ws-compression 64 MiB of zeros in 64 KiB are given up at the limit of a message."""
    running = Server(tree.site, "--ws-compression")
    try:
        squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
        bomb = squeeze.compress(bytes(64 * MIB)) + squeeze.flush(zlib.Z_SYNC_FLUSH)
        offer = b"Sec-WebSocket-Extensions: permessage-deflate"
        ask(running.port, get(b"/app.js"))
        before = resident(running.process.pid)
        with opened(running, b"/", offer) as wire:
            wire.send(frame(0xC2, bomb.removesuffix(b"\0\0\xff\xff")))
            assert close_code(wire) == 1009
        assert resident(running.process.pid) < before + 16 * MIB
    finally:
        running.kill()


def test_frames_that_never_end(calm):
    """A hundred clients begin a large message each, and say no more: they hold what they sent."""
    before = resident(calm.process.pid)
    wires = [opened(calm) for _ in range(100)]
    for wire in wires:
        wire.send(frame(0x82, b"x" * 1000, 60_000))
    assert ask(calm.port, get(b"/app.js")).status == 200
    assert resident(calm.process.pid) < before + 16 * MIB
    for wire in wires:
        wire.socket.close()


def test_a_flood_of_pings(calm):
    """Tens of thousands, whose answers are never read: the flooder fills its own buffers."""
    before = resident(calm.process.pid)
    with opened(calm) as wire:
        wire.socket.settimeout(1)
        with suppress(OSError):  # it is not read any more, or dropped
            for _ in range(50):
                wire.socket.sendall(frame(0x89, b"x" * 100) * 1000)
        with connect(f"ws://127.0.0.1:{calm.port}/") as other:
            other.send("others")
            assert other.recv(PATIENCE) == "Echo: others"
        assert resident(calm.process.pid) < before + 16 * MIB


def test_connections_that_are_torn(calm):
    """Reset in the middle of a head, of a handshake, of a frame and of an answer."""
    tear = struct.pack("ii", 1, 0)
    for said in (
        b"", b"GET / HT", get(OWN + b"ws", UPGRADED), get(b"/app.js") * 50,
        get(OWN + b"echo", UPGRADED) + b"\x81\xff",
        get(OWN + b"echo", UPGRADED) + frame(0x81, b"x"),
    ):  # fmt: skip
        for _ in range(50):
            with Wire(calm.port) as wire:
                wire.send(said)
                wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, tear)


def test_a_client_that_only_half_closes(calm):
    with opened(calm) as wire:
        wire.send(frame(0x82, b"x"))
        wire.socket.shutdown(socket.SHUT_WR)
        assert wire.exactly(3) == b"\x82\x01x"
        assert wire.rest() in (b"", b"\x88\x00")


def test_one_that_floods_and_one_that_never_reads_hold_up_nobody(calm):
    """A hundred others connect, and get their echo, while two do their worst."""
    burst = frame(0x82, b"x" * 60_000) * 8
    with opened(calm) as deaf, opened(calm) as flooder, ExitStack() as stack:
        for wire in (deaf, flooder):
            wire.socket.setblocking(False)
        for number in range(100):
            for wire in (deaf, flooder):
                with suppress(OSError):  # it is not read any more
                    wire.socket.send(burst)
            client = stack.enter_context(connect(f"ws://127.0.0.1:{calm.port}/"))
            client.send(str(number))
            assert client.recv(PATIENCE) == f"Echo: {number}"
