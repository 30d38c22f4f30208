"""What attackers send: bytes on sockets, whatever they say; and how the server is after it.

Knows: requests by the hundred on one connection, and the strict reading of what comes back. Refuses
to know: what any of it is an attack on.
"""

import os
import re
import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest

from support.security.canary import CANARY

TIMEOUT = 10.0  # seconds; for what takes milliseconds
BATCH = 40
CONTROLS = re.compile(rb"[\0-\x08\n-\x1f\x7f]")
UPGRADE = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
UPGRADED = UPGRADE.removesuffix(b"\r\n")
WITHOUT_UPGRADE, WITH_UPGRADE = (b"Accept: */*",), (UPGRADED,)
KINDS = pytest.mark.parametrize("lines", [WITHOUT_UPGRADE, WITH_UPGRADE], ids=["HTTP", "WebSocket"])
SMUGGLED = b"GET /.well-known/ok.txt HTTP/1.1\r\nHost: localhost\r\n\r\n"
OWN = b"/__hotreload__/"
# Each of our own routes, and each kind of answer that a site gives.
ROUTES = (
    *(b"/", b"/index.html", b"/app.js", b"/sub", b"/.well-known/", b"/nope", b"/.env"),
    *(OWN + name for name in (b"client.js", b"health", b"source/0123456789abcdef", b"reload")),
    *(OWN + name for name in (b"ws", b"echo", b"nothing", b"")),
    b"/.well-known/appspecific/com.chrome.devtools.json",
)


@dataclass(frozen=True)
class Reply:
    """One response: its status, its headers with their names in lower case, and its body."""

    status: int
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes

    def __getitem__(self, name: bytes) -> bytes | None:
        values = [value for key, value in self.headers if key == name]
        assert len(values) < 2, values
        return values[0] if values else None

    def without_date(self) -> object:
        return self.status, [one for one in self.headers if one[0] != b"date"], self.body


class Torn(Exception):
    """The connection ended before the response did."""


class Wire:
    """One connection, and what was received on it."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        self._got = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # its answer can be read still
            self.socket.sendall(data)

    def reply(self, *, head_only: bool = False) -> Reply:
        """The next response. Only what is framed beyond doubt is taken for one."""
        lines = self._until(b"\r\n\r\n").split(b"\r\n")
        version, status, _ = lines[0].split(b" ", 2)
        assert version == b"HTTP/1.1", lines[0]
        headers = []
        for line in lines[1:]:
            name, colon, value = line.partition(b": ")
            assert colon, line
            assert not CONTROLS.search(line), line
            headers.append((name.lower(), value))
        found = Reply(int(status), headers, b"")
        assert found[b"transfer-encoding"] is None
        if head_only or found.status in (101, 204, 304):
            return found
        return Reply(found.status, headers, self.exactly(int(found[b"content-length"] or b"")))

    def _until(self, end: bytes) -> bytes:
        while end not in self._got:
            self._more()
        return self.exactly(self._got.index(end) + len(end)).removesuffix(end)

    def exactly(self, count: int) -> bytes:
        while len(self._got) < count:
            self._more()
        found = bytes(self._got[:count])
        del self._got[:count]
        return found

    def _more(self) -> None:
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        if not data:
            raise Torn(bytes(self._got))
        self._got += data

    def rest(self) -> bytes:
        """Whatever else comes until the server closes."""
        try:
            while True:
                self._more()
        except Torn:
            return bytes(self._got)


def get(target: bytes, *lines: bytes, method: bytes = b"GET", host: bytes = b"localhost") -> bytes:
    """A request as bytes."""
    head = [method + b" " + target + b" HTTP/1.1", b"Host: " + host, *lines]
    return b"\r\n".join(head) + b"\r\n\r\n"


def ask(port: int, request: bytes, *, head_only: bool = False) -> Reply:
    """The response to one request on a connection of its own."""
    with Wire(port) as wire:
        wire.send(request)
        return wire.reply(head_only=head_only)


def replies(port: int, requests: Iterable[bytes], *, head_only: bool = False) -> Iterator[Reply]:
    """The responses to many requests, in order: many on each connection, but upgrades alone."""
    ahead = list(requests)
    while ahead:
        with Wire(port) as wire:
            batch = ahead[: 1 if UPGRADE in ahead[0] else BATCH]
            wire.send(b"".join(batch))
            done = 0
            while done < len(batch):
                try:
                    yield wire.reply(head_only=head_only)
                except Torn:
                    assert done, f"no answer to {batch[0]!r}"
                    break  # closed behind the last one; the others are asked again
                done += 1
        del ahead[:done]


def no_canary(*found: Reply) -> None:
    """Whatever is in an answer, it is nothing that lies outside of the site, or is denied in it."""
    for reply in found:
        assert CANARY not in reply.body
        assert not any(CANARY in name + value for name, value in reply.headers)


def closed_to_others(reply: Reply) -> None:
    """No page of another origin reads this, whatever it is."""
    assert not any(name.startswith(b"access-control-") for name, _ in reply.headers)
    if reply.body:
        assert reply[b"cross-origin-resource-policy"] == b"same-origin"
        assert reply[b"x-content-type-options"] == b"nosniff"


def resident(pid: int) -> int:
    """How many bytes of memory the process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def descriptors(pid: int) -> int:
    """How many files and sockets the process has open, leaving out what it watches them with."""
    return sum(not _link(f"/proc/{pid}/fd/{fd}").startswith("anon_") for fd in _open(pid))


def _open(pid: int) -> list[str]:
    return os.listdir(f"/proc/{pid}/fd")


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except FileNotFoundError:  # closed since it was listed
        return "anon_"


def descriptors_return_to(pid: int, before: int) -> bool:
    """Whether connections that are gone leave nothing behind, given a moment."""
    end = time.monotonic() + TIMEOUT
    while descriptors(pid) > before and time.monotonic() < end:
        time.sleep(0.02)
    return descriptors(pid) <= before


def frame(text: bytes) -> bytes:
    """A masked text frame, of a text shorter than 64 KiB."""
    size = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2)
    return b"\x81" + size + bytes(4) + text


def message(wire: Wire) -> bytes:
    """The next text frame of the server."""
    first, size = wire.exactly(2)
    assert first == 0x81, first
    if size == 126:
        size = int.from_bytes(wire.exactly(2))
    return wire.exactly(size)
