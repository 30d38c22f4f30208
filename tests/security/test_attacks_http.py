"""Requests that are none: what breaks the rules of HTTP, or strains whoever reads it."""

import os
import socket
from collections.abc import Iterator
from itertools import product

import pytest
from support.security.attacking import (
    KINDS,
    OWN,
    SMUGGLED,
    UPGRADE,
    UPGRADED,
    Wire,
    ask,
    get,
)
from support.security.canary import PUBLIC


@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5",
        b"Content-Length: 0\r\nContent-Length: 54",
        b"Content-Length: 54, 54",
        b"Content-Length: +54",
        b"Content-Length: 5_4",
        b"Content-Length: 0x36",
        b"Content-Length: -1",
        b"Content-Length: 99999999999999999999999999",
        b"Content-Length:",
        b"Content-Length : 0",
        b"Transfer-Encoding: xchunked",
        b"Transfer-Encoding: chunked, identity",
        b"Transfer-Encoding: identity",
        b"Transfer-Encoding : chunked",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding:\x0bchunked",
        b"X: y\r\n folded: z",
        b"X: y\nTransfer-Encoding: chunked",
        b"X: y\rTransfer-Encoding: chunked",
        b"X: \0",
        b"X\0: y",
        b": y",
        b"no colon",
        b"X y: z",
        b"\tX: y",
    ],
    ids=range(26),
)
@pytest.mark.parametrize("method", [b"GET", b"POST"])
def test_request_smuggling(victim, method, lines):
    """What a request's length is, is never in doubt: nothing behind a doubtful one is answered."""
    with Wire(victim.port) as wire:
        wire.send(get(b"/app.js", lines, method=method) + b"0\r\n\r\n" + SMUGGLED)
        reply = wire.reply()
        assert b"ok" not in wire.rest()
    assert reply.status in (200, 400, 405)
    # A line that means nothing to us (a folded one) may stand in a request that says no length.
    assert reply.status != 200 or reply[b"connection"] == b"close" or b"folded" in lines


@pytest.mark.parametrize(
    ("line", "statuses"),
    [
        *((b"GET /" + bytes([byte]) + b" HTTP/1.1", {400}) for byte in (0, 1, 9, 11, 12, 31, 127)),
        *((line, {400}) for line in (
            b"GET /#x HTTP/1.1", b"GET /\xc3\xa9 HTTP/1.1", b"GET / x HTTP/1.1", b"GET HTTP/1.1",
            b"GET x HTTP/1.1", b"GET * HTTP/1.1", b"GET localhost:80 HTTP/1.1",
            b"CONNECT localhost:80 HTTP/1.1", b"GET / HTTP/9.9", b"GET / FTP/1.1",
            b"/ GET HTTP/1.1",
            b" GET / HTTP/1.1", b"get / HTTP/1.1", b"G\0T / HTTP/1.1", b"GET / HTTP/1.1 x",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"SSH-2.0-OpenSSH", b"\x05\x01\x00",
        )),
        (b"PRI * HTTP/2.0", {400, 505}),
        (b"GET / HTTP/2.0", {400, 505}),
        (b"GET / HTTP/0.9", {400, 505}),
        (b"GET /", {400, 505}),
        (b"TRACE / HTTP/1.1", {405}),
        (b"FOO / HTTP/1.1", {400}),
    ],
)  # fmt: skip
def test_request_lines_that_are_none(victim, line, statuses):
    with Wire(victim.port) as wire:
        wire.send(line + b"\r\nHost: localhost\r\n\r\n")
        wire.socket.shutdown(socket.SHUT_WR)
        assert wire.reply().status in statuses
        assert not wire.rest()  # one answer, and no more


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 9000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 2000 + UPGRADE + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 2**20,
        b"x" * 2**20,
    ],
    ids=["URL", "header", "headers of an upgrade", "a header without end", "a line without end"],
)
def test_heads_that_are_too_large(victim, head):
    with Wire(victim.port) as wire:
        wire.send(head)
        assert wire.reply().status in (400, 414, 431)
        assert not wire.rest()


@pytest.mark.parametrize(
    "lines",
    [
        (b"Content-Length: 1073741824",),
        (b"Transfer-Encoding: chunked",),
        (b"Content-Length: 1073741824", b"Expect: 100-continue"),
    ],
    ids=["1 GiB", "without end", "who waits to be told to"],
)
def test_bodies_are_not_read(victim, lines):
    """The answer comes before the body, without "100 Continue", and the connection ends."""
    with Wire(victim.port) as wire:
        wire.send(get(b"/app.js", *lines, method=b"POST"))
        reply = wire.reply()
        assert reply.status == 405
        assert reply[b"connection"] == b"close"


def test_pipelined_requests_are_answered_in_order(victim):
    with Wire(victim.port) as wire:
        wire.send(b"".join(map(get, (b"/app.js", b"/nope", b"/style.css"))))
        found = [wire.reply() for _ in range(3)]
    assert [reply.status for reply in found] == [200, 404, 200]
    assert (found[0].body, found[2].body) == (PUBLIC["app.js"], PUBLIC["style.css"])


def test_answers_without_a_body_leave_the_next_one_in_its_place(victim):
    """HEAD, 304 and 204 have headers only: the next bytes are the next answer's."""
    etag = ask(victim.port, get(b"/app.js"))[b"etag"] or b""
    for first in (
        get(b"/app.js", method=b"HEAD"),
        get(b"/nope", method=b"HEAD"),
        get(b"/app.js", b"If-None-Match: " + etag),
        get(b"/app.js", method=b"OPTIONS"),
    ):
        with Wire(victim.port) as wire:
            wire.send(first + get(b"/style.css"))
            wire.reply(head_only=True)
            assert wire.reply().body == PUBLIC["style.css"]


def slow_headers() -> Iterator[bytes]:
    """8 KiB each, of what a careless reader goes through again and again."""
    fills = (
        b" ",
        b",",
        b'"',
        b";",
        b"\t",
        b"a,",
        b"a=",
        b'"a',
        b"q=0;",
        b"0-0,",
        b"*/",
        b"W/",
        b"b x",
    )
    names = (
        b"Accept-Encoding", b"Accept", b"Cookie", b"Range", b"If-None-Match", b"If-Modified-Since",
        b"If-Range", b"Referer", b"Origin", b"Sec-Fetch-Site", b"Content-Type", b"Connection",
        b"Sec-WebSocket-Protocol", b"Sec-WebSocket-Extensions", b"Upgrade",
    )  # fmt: skip
    for name, fill in product(names, fills):
        size = 8000 // len(fill)
        start = b"bytes=" if name == b"Range" else b""
        yield name + b": " + start + fill * size + b"x"


@KINDS
def test_headers_that_take_long_to_read(victim, lines):
    """Megabytes of them are answered while one is patient; a quadratic reader takes hours."""
    count = 0
    for line in slow_headers():
        with Wire(victim.port) as wire:
            wire.send(get(b"/app.js", *lines, line))
            reply = wire.reply()
        assert reply.status in (101, 200, 206, 400, 403, 416, 426), line[:40]
        count += 1
    assert count > 150


@pytest.mark.parametrize(
    "value",
    [
        b"bytes=" + b",".join(b"%d-%d" % (n, n) for n in range(1000)),
        b"bytes=" + b"0-," * 1000 + b"0-",
        b"bytes=" + b",".join(b"-%d" % n for n in range(1, 1000)),
        b"bytes=0-18446744073709551616",
        b"bytes=-0",
        b"bytes=9-0",
        b"bytes=--1",
        b"chars=0-1",
    ],
    ids=range(8),
)
def test_ranges_without_number(victim, value):
    for path in (b"/app.js", b"/index.html", b"/.well-known/"):
        reply = ask(victim.port, get(path, b"Range: " + value))
        assert reply.status in (200, 206, 416)
        assert len(reply.body) < 100_000


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ((b"Version: 13", b"Version: 8"), 400),
        ((b"Version: 13", b"Version: x"), 400),
        ((b"Key: dGhlIHNhbXBsZSBub25jZQ==", b"Key: x"), 400),
        ((b"Key: dGhlIHNhbXBsZSBub25jZQ==", b"Key:"), 400),
        ((b"Sec-WebSocket-Key", b"X-Key"), 400),
        ((b"Upgrade: websocket", b"Upgrade: h2c"), 426),
        ((b"Connection: Upgrade\r\n", b""), 426),
    ],
    ids=lambda value: "" if isinstance(value, int) else value[1].decode().strip(),
)
def test_handshakes_that_are_wrong(victim, change, status):
    asked = get(OWN + b"ws", UPGRADED.replace(*change))
    assert ask(victim.port, asked).status == status


def test_upgrades_with_another_method_or_version(victim):
    post = get(OWN + b"ws", UPGRADED, b"Content-Length: 0", method=b"POST")
    assert ask(victim.port, post).status in (400, 405)
    old = get(OWN + b"ws", UPGRADED).replace(b"HTTP/1.1", b"HTTP/1.0")
    assert ask(victim.port, old).status == 426


def test_another_protocol_is_not_spoken(victim):
    """Who asks for HTTP/2, or for a tunnel, gets one answer in HTTP/1.1, and no more than one."""
    h2c = (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk")
    for asked, status in (
        (get(b"/app.js", *h2c), 200),
        (get(b"localhost:80", method=b"CONNECT"), 400),
        (get(b"/app.js", b"Connection: Upgrade", b"Upgrade: websocket, h2c"), 200),
    ):
        with Wire(victim.port) as wire:
            wire.send(asked + SMUGGLED)
            assert wire.reply().status == status
            assert not wire.rest()


def test_an_upgrade_behind_a_large_answer(tree, victim):
    """It does not get into what is still being sent: it is answered in its turn."""
    content = os.urandom(20 * 2**20)
    (tree.site / "large.bin").write_bytes(content)
    with Wire(victim.port) as wire:
        wire.send(get(b"/large.bin") + get(OWN + b"ws", UPGRADED))
        assert wire.reply().body == content
        assert wire.reply().status == 426
        assert not wire.rest()
