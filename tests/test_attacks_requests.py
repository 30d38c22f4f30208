"""Attacks by requests, over real sockets: one list of promises for HTTP, upgrades and every route.

The site is the one with canaries in it and around it; the server is the real command.
"""

import importlib.metadata
import json
import os
import random
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from attacking import (
    OWN,
    ROUTES,
    UPGRADE,
    Wire,
    ask,
    closed_to_others,
    get,
    no_canary,
    replies,
)
from canary import CANARY, DENIED, LINKS, PUBLIC, Tree, _climbs, plant, targets
from conftest import CHECKOUT, PATIENCE, Server

from hotreload.serving.resolve import Target, parse
from hotreload.serving.site import Mount, Site

NIGHTLY = os.environ.get("HOTRELOAD_TESTS") == "nightly"
UPGRADED = UPGRADE.removesuffix(b"\r\n")
WITHOUT_UPGRADE, WITH_UPGRADE = (b"Accept: */*",), (UPGRADED,)
KINDS = pytest.mark.parametrize("lines", [WITHOUT_UPGRADE, WITH_UPGRADE], ids=["HTTP", "WebSocket"])


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return plant(tmp_path_factory.mktemp("attacked"))


@pytest.fixture(scope="module")
def victim(tree: Tree) -> Iterator[Server]:
    """The server of that site; alive before each test and after the last."""
    running = Server(tree.site)
    yield running
    assert ask(running.port, get(b"/app.js")).body == PUBLIC["app.js"]
    running.kill()


# -- who asks ------------------------------------------------------------------------------------

FOREIGN_HOSTS = (
    *(
        b"evil.example",
        b"evil.example:PORT",
        b"localhost.evil",
        b"evil-localhost",
        b"127.0.0.1.evil",
    ),
    *(
        b"0.0.0.0:PORT",
        b"[::]:PORT",
        b"192.0.2.1:PORT",
        b"[2001:db8::1]",
        b"localhost-",
        b"localhos",
    ),
)
MALFORMED_HOSTS = (
    *(b"", b"2130706433", b"127.1", b"0x7f000001", b"0177.0.0.1", b"::1", b"[", b"[:", b"[::z]"),
    *(b"a@127.0.0.1", b"127.0.0.1:99999", b"127.0.0.1:PORT:80", b"x/y", b"%", b"localhost?", b"."),
    *(b"localhost, evil.example", b"localhost evil.example", b"localh\xf6st", b"http://localhost"),
    *(b"255.255.255.256", b"localhost:+80", b"localhost:0x50", b":80", b"localhost\\evil"),
)
OWN_HOSTS = (
    *(
        b"localhost:PORT",
        b"foo.localhost",
        b"127.0.0.1:PORT",
        b"[::1]:PORT",
        b"LOCALHOST",
        b"localhost.",
    ),
)


def hosts(running: Server, written: tuple[bytes, ...]) -> list[bytes]:
    return [each.replace(b"PORT", b"%d" % running.port) for each in written]


@KINDS
def test_dns_rebinding(victim, lines):
    """A name that an attacker has pointed here is refused on every route, and nothing is told."""
    asked = [
        get(route, *lines, b"Origin: http://" + host, host=host)
        for route, host in product(ROUTES, hosts(victim, FOREIGN_HOSTS))
    ]
    for reply in replies(victim.port, asked):
        assert reply.status == 403
        assert b"does not answer to the host name" in reply.body
        no_canary(reply)
        assert not any(name.startswith(b"access-control-") for name, _ in reply.headers)


@KINDS
def test_host_grammar(victim, lines):
    """What is no host is a bad request, and our own names are answered however they are spelt."""
    bad = [
        get(route, *lines, host=host)
        for route, host in product(ROUTES, hosts(victim, MALFORMED_HOSTS))
    ]
    assert {reply.status for reply in replies(victim.port, bad)} == {400}

    good = [get(b"/app.js", *lines, host=host) for host in hosts(victim, OWN_HOSTS)]
    expected = 101 if lines is WITH_UPGRADE else 200
    assert [ask(victim.port, each).status for each in good] == [expected] * len(good)


@KINDS
@pytest.mark.parametrize("own", [b"localhost", b"127.0.0.1"])
def test_a_missing_or_second_host(victim, lines, own):
    for given in ([], [own, own], [own, b"evil.example"], [b"evil.example", own], [own, b""]):
        head = [b"GET / HTTP/1.1", *(b"Host: " + host for host in given), *lines]
        assert ask(victim.port, b"\r\n".join(head) + b"\r\n\r\n").status == 400, given


@KINDS
def test_a_target_that_names_another_server(victim, lines):
    """Nobody is dialled, whatever the target says: this is no proxy."""
    port = b"%d" % victim.port
    host = b"127.0.0.1:" + port
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.setblocking(False)
        for target, status in {
            b"http://evil.example/": 403,
            b"http://169.254.169.254/latest/meta-data": 403,
            b"http://127.0.0.1:%d/" % other.getsockname()[1]: 400,
            b"http://localhost:" + port + b"/app.js": 400,
            b"https://" + host + b"/app.js": 400,
            b"http://a@" + host + b"/app.js": 400,
            b"file:///etc/passwd": 400,
        }.items():
            reply = ask(victim.port, get(target, *lines, host=host))
            assert reply.status == status, target
            no_canary(reply)
        with pytest.raises(BlockingIOError):
            other.accept()


def test_an_absolute_target_of_our_own_is_like_a_path(victim):
    host = b"127.0.0.1:%d" % victim.port
    one, other = (
        ask(victim.port, get(target, host=host))
        for target in (b"/app.js", b"http://%b/app.js" % host)
    )
    assert one.without_date() == other.without_date()


FOREIGN_ORIGINS = (
    *(b"http://evil.example", b"null", b"http://203.0.113.9", b"http://127.0.0.1:1", b"file://"),
    *(b"https://127.0.0.1:PORT", b"http://127.0.0.1:PORT.evil", b"chrome-extension://x", b""),
    *(b"http://localhost:PORT", b"http://127.0.0.1", b"http://[", b"http://\xff", b"%"),
    *(b"http://127.0.0.1:PORT http://evil.example", b"http://127.0.0.1:PORT/"),
)


def test_cross_site_web_socket_hijacking(victim):
    """On no route does a page of another origin get a socket, whatever its Origin looks like."""
    host = b"127.0.0.1:%d" % victim.port
    protocol = b"Sec-WebSocket-Protocol: hotreload.v1"
    for route in (OWN + b"ws", OWN + b"echo", b"/", b"/any"):
        for origin in hosts(victim, FOREIGN_ORIGINS):
            asked = get(route, UPGRADED, protocol, b"Origin: " + origin, host=host)
            assert ask(victim.port, asked).status == 403, (route, origin)
        own = b"Origin: http://" + host
        assert ask(victim.port, get(route, UPGRADED, own, own, host=host)).status == 403
        assert ask(victim.port, get(route, UPGRADED, protocol, own, host=host)).status == 101


def test_a_socket_from_a_page_that_says_it_is_cross_site(victim):
    for site in (b"cross-site", b"same-site", b"same-origin, cross-site", b"new"):
        asked = get(OWN + b"ws", UPGRADED, b"Sec-Fetch-Site: " + site)
        assert ask(victim.port, asked).status == 403


@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"OPTIONS", b"POST"])
def test_permissive_cors(victim, method):
    """No header lets another origin read anything, not even the answer to a preflight."""
    preflight = (
        b"Access-Control-Request-Method: PUT", b"Access-Control-Request-Headers: x-a",
        b"Access-Control-Request-Private-Network: true", b"Content-Length: 0",
    )  # fmt: skip
    for origin in (b"http://evil.example", b"null", b"http://localhost:1"):
        asked = [get(route, b"Origin: " + origin, *preflight, method=method) for route in ROUTES]
        for reply in replies(victim.port, asked, head_only=method == b"HEAD"):
            closed_to_others(reply)
            no_canary(reply)
            assert reply.status != 500


def test_source_theft_is_forbidden_in_every_kind_of_answer(victim):
    """The resource policy stands on 200, 206, 304, 307, 404, 405, 412, 416 and our own routes."""
    etag = ask(victim.port, get(b"/app.js"))[b"etag"] or b""
    asked = [
        *(get(route) for route in ROUTES),
        get(b"/app.js", b"Range: bytes=0-3"),
        get(b"/app.js", b"Range: bytes=0-1,3-4"),
        get(b"/app.js", b"Range: bytes=900-"),
        get(b"/app.js", b"If-None-Match: " + etag),
        get(b"/app.js", b"If-Match: \"x\""),
        get(b"/app.js", method=b"PUT"),
        get(b"/style.css", method=b"OPTIONS"),
    ]  # fmt: skip
    found = list(replies(victim.port, asked))

    assert {200, 206, 304, 307, 404, 405, 412, 416, 426} <= {reply.status for reply in found}
    for reply in found:
        closed_to_others(reply)
        if reply.status == 304:
            assert reply[b"cross-origin-resource-policy"] == b"same-origin"


@pytest.mark.parametrize("site", [b"cross-site", b"same-site", b"same-origin, cross-site", b"x"])
def test_loading_from_another_site(victim, site):
    """Where the browser says that another site asks, it gets nothing as its own resource."""
    for mode, dest in (
        *((b"no-cors", dest) for dest in (b"script", b"style", b"image", b"empty", b"font")),
        *((b"cors", b"script"), (b"navigate", b"object"), (b"navigate", b"embed")),
    ):
        fetch = (
            b"Sec-Fetch-Site: " + site, b"Sec-Fetch-Mode: " + mode, b"Sec-Fetch-Dest: " + dest,
        )  # fmt: skip
        found = list(replies(victim.port, [get(route, *fetch) for route in ROUTES]))
        assert {reply.status for reply in found} == {403}
        no_canary(*found)


def test_state_change_by_get_or_from_elsewhere(victim):
    """Nothing that another site can make a browser send makes a page reload."""
    port, url = victim.port, OWN + b"reload"
    evil, null = b"Origin: http://evil.example", b"Origin: null"
    form = b"Content-Type: text/plain"
    cross = (b"Sec-Fetch-Site: cross-site", b"Sec-Fetch-Mode: navigate", b"Sec-Fetch-Dest: iframe")
    empty = b"Content-Length: 0"
    with Wire(port) as page:
        page.send(get(OWN + b"ws", UPGRADED, b"Sec-WebSocket-Protocol: hotreload.v1"))
        assert page.reply().status == 101
        page.send(frame(b'{"type":"page","url":"/","run":"x","seq":0}'))
        assert b'"resync"' in message(page)

        for method, lines, status in (
            (b"GET", (), 405),
            (b"HEAD", (), 405),
            (b"OPTIONS", (), 405),
            (b"GET", cross, 405),
            (b"POST", (evil, form, empty), 403),
            (b"POST", (null, form, empty), 403),
            (b"POST", (*cross, empty), 403),
            (b"PUT", (evil, empty), 403),
            (b"DELETE", (), 405),
        ):
            asked = get(url, *lines, method=method)
            assert ask(port, asked, head_only=method == b"HEAD").status == status, (method, lines)
        page.send(frame(b'{"type":"marker"}'))
        assert message(page) == b'{"type":"marker"}'  # the first that it hears

        assert ask(port, get(url, empty, method=b"POST")).body == b'{"pages": 1}'
        assert b'"reload"' in message(page)


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


# -- which files ---------------------------------------------------------------------------------


def well_formed(target: bytes) -> bool:
    return target.startswith(b"/") and all(0x20 < byte < 0x7F and byte != 0x23 for byte in target)


@pytest.mark.parametrize(
    ("method", "lines", "share"),
    [
        (b"GET", (b"Sec-Fetch-Dest: empty",), 1 if NIGHTLY else 3),
        (b"GET", (b"Range: bytes=0-99", b"Accept-Encoding: gzip, br"), 7),
        (b"HEAD", (), 11),
        (b"GET", (b"Sec-Fetch-Dest: document", b"Accept: text/html"), 13),
    ],
    ids=["GET", "a range", "HEAD", "a navigation"],
)
def test_path_traversal(victim, method, lines, share):
    """Of more than 20,000 targets none reads a canary, and none redirects to another server.

    All of them are tried on the resolver itself elsewhere; here, through every layer, a share.
    """
    asked = [get(each, *lines, method=method) for each in targets() if well_formed(each)][::share]
    statuses: dict[int, int] = {}
    for reply in replies(victim.port, asked, head_only=method == b"HEAD"):
        statuses[reply.status] = statuses.get(reply.status, 0) + 1
        no_canary(reply)
        where = reply[b"location"]
        assert where is None or re.fullmatch(rb"/(?![/\\]).*", where), where

    assert set(statuses) <= {200, 206, 307, 400, 404, 414, 416}, statuses
    assert statuses[404] > 20_000 / share / 2


def test_targets_that_are_no_urls(victim):
    """Bytes that no browser sends are a bad request; none of them reads a canary either."""
    odd = [each for each in targets() if not well_formed(each)]
    for target in random.Random(10).sample(odd, 400):
        reply = ask(victim.port, get(target))
        assert reply.status in (400, 403, 414), target
        no_canary(reply)


def test_web_sockets_are_no_second_door_to_files(victim):
    """The path of a socket is a name for the log; what is sent on it comes back, no more."""
    sample = [each for each in targets() if well_formed(each)]
    for target in random.Random(11).sample(sample, 100):
        with Wire(victim.port) as wire:
            wire.send(get(target, UPGRADED))
            opened = wire.reply()
            no_canary(opened)
            if opened.status == 101:
                wire.send(frame(b'{"path":"../secret.txt"}'))
                assert message(wire) == b'Echo: {"path":"../secret.txt"}'
            else:
                assert opened.status == 414, target


def recorded(call: Callable[..., Any], touched: list[str]) -> Callable[..., Any]:
    def recording(path: str, *args: Any, **kwargs: Any) -> Any:
        touched.append(os.fsdecode(path))
        return call(path, *args, **kwargs)

    return recording


def test_nothing_outside_of_the_site_is_even_looked_at(tree, monkeypatch):
    """A path that climbs is refused before the disk is asked; so is one that is absolute."""
    touched: list[str] = []
    for name in ("open", "stat", "lstat", "readlink", "scandir", "listdir", "access"):
        monkeypatch.setattr(os, name, recorded(getattr(os, name), touched))
    site = Site([Mount((), tree.site)])
    touched.clear()
    for target in (
        *_climbs(),
        b"//etc/passwd",
        b"///etc/passwd",
        b"/%2fetc/passwd",
        b"/etc/passwd",
    ):
        parsed = parse(target)
        if isinstance(parsed, Target):
            site.find(parsed)

    # Whether the disk disregards case is asked of the site's own folder.
    above = {str(tree.site), *map(str, tree.site.parents)}
    above |= {f"{tree.top}/SITE"}
    outside = {
        path for path in touched if path not in above and tree.site not in Path(path).parents
    }
    assert touched
    assert not outside
    assert not any(".." in path.split("/") for path in touched)


def test_secrets_in_the_site_look_as_if_they_were_not_there(victim):
    """Denied, outside and missing have the same answer, down to its length."""
    missing = (
        *(b"/" + name.encode() for name in DENIED), b"/.nope", b"/nope", b"/out", b"/env",
        b"/outdir/secret.txt", b"/outdir/nope", b"/abs/passwd", b"/pem.txt", b"/fifo", b"/sock",
        b"/zero", b"/environ", b"/self", b"/dang", b"/index.html/", b"/.env?raw",
    )  # fmt: skip
    above = (b"/../secret.txt", b"/../nope", b"/../site-secret/leak.txt", b"/../../etc/passwd")
    for targets_alike in (missing, above):
        asked = [get(target, b"Sec-Fetch-Dest: empty") for target in targets_alike]
        seen = {repr(reply.without_date()) for reply in replies(victim.port, asked)}
        assert len(seen) == 1
        assert "404" in seen.pop()
    assert ask(victim.port, get(b"/.well-known/ok.txt")).body == PUBLIC[".well-known/ok.txt"]


def test_nothing_of_what_is_denied_is_proposed_or_listed(victim):
    """Who mistypes a name is shown what there is: of what is served."""
    document = (b"Sec-Fetch-Dest: document", b"Accept: text/html")
    near = [b"/.enw", b"/kye.pem", b"/.git/confg", b"/tls.kei", b"/ot", b"/keys/", b"/.ssh/"]
    for target in near:
        body = ask(victim.port, get(target, *document)).body
        links = re.findall(rb'href="([^"]*)"', body)
        assert not [link for link in links if re.search(rb"\.env|key|\.git|ssh|out|rsa", link)]


def test_a_link_that_leads_out(victim):
    for name in ("out", "outdir/secret.txt", "abs/passwd", "a", "env", "gitdir/config", "pem.txt"):
        assert name.split("/", maxsplit=1)[0] in LINKS
        assert ask(victim.port, get(b"/" + name.encode())).status == 404
    assert ask(victim.port, get(b"/in", b"Sec-Fetch-Dest: empty")).body == PUBLIC["index.html"]


def test_a_compressed_twin_that_leads_out(tree):
    """`index.html.gz` is a link to a secret: it is not what a browser that takes gzip gets."""
    running = Server(tree.site, "--compress")
    try:
        for name, coding in product((b"/index.html", b"/index.html.gz"), (b"gzip", b"br, gzip")):
            no_canary(ask(running.port, get(name, b"Accept-Encoding: " + coding)))
    finally:
        running.kill()


def test_following_links_still_contains_paths(tree):
    """With --follow-symlinks a link may lead out; a URL may not, and secrets stay secret."""
    running = Server(tree.site, "--follow-symlinks")
    try:
        assert CANARY in ask(running.port, get(b"/out")).body
        climbs = [b"/../secret.txt", b"/a/../../secret.txt", b"/outdir/../secret.txt"]
        denied = [b"/env", b"/gitdir/config", b"/pem.txt", b"/outdir/site/.env", b"/zero", b"/.env"]
        for reply in replies(running.port, map(get, climbs + denied)):
            assert reply.status == 404
            no_canary(reply)
    finally:
        running.kill()


def test_on_all_interfaces_names_are_checked_all_the_same(tree):
    """--host 0.0.0.0 is for other machines of the network, not for other people's names."""
    running = Server(tree.site, "--host", "0.0.0.0")
    try:
        for host, status in {b"192.0.2.7:80": 200, b"evil.example": 403, b"box.lan": 403}.items():
            for lines, good in ((WITHOUT_UPGRADE, 200), (WITH_UPGRADE, 101)):
                asked = get(b"/app.js", *lines, host=host)
                assert ask(running.port, asked).status == (good if status == 200 else status)
    finally:
        running.kill()


# -- what is said --------------------------------------------------------------------------------


def test_open_redirects(victim):
    """A redirect leads to a path of this server, and never to what a browser takes for another."""
    asked = [
        *(
            b"//evil.example/%2e%2e",
            b"//evil.example/sub",
            b"/%2fevil.example/",
            b"/%5cevil.example",
        ),
        *(
            b"/sub?x=//evil.example",
            b"/sub//",
            b"//sub",
            b"/.//sub",
            b"/sub/%2e%2e/sub",
            b"/%2f/sub",
        ),
        *(
            b"/sub%0d%0aX:1",
            b"/sub?%0d%0aX:1",
            b"/sub?a\tb",
            b"/;/evil.example/..",
            b"/@evil.example",
        ),
    ]
    led = 0
    for target in asked:
        reply = ask(victim.port, get(target))
        where = reply[b"location"]
        assert reply[b"x"] is None
        if where is not None:
            led += 1
            assert re.fullmatch(rb"/(?![/\\])[!-~]*", where), (target, where)
    assert led > 2


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", '"><script>alert(1)</script>'])
def test_cross_site_scripting_by_a_path(victim, name):
    """A path in our own pages is text; and they run no script but ours."""
    for target in (f"/{quote(name)}", f"/.well-known/{quote(name)}/", f"/nope?{quote(name)}"):
        asked = get(target.encode(), b"Sec-Fetch-Dest: document", b"Accept: text/html")
        reply = ask(victim.port, asked)
        assert name.encode() not in reply.body
        assert b"script-src 'self'" in (reply[b"content-security-policy"] or b"")


def test_error_pages_tell_nothing_of_the_machine(victim, tree):
    """No path of the disk, no traceback, no version of what is inside."""
    odd = (b"/nope", b"/.env", b"/fifo", b"/%ff", b"/a%00b", b"/locked/", b"/" + b"x" * 300)
    asked = [
        get(route, *lines) for route in (*ROUTES, *odd) for lines in ((), (b"Accept: text/html",))
    ]
    for reply in replies(victim.port, asked):
        whole = reply.body + b"".join(name + value for name, value in reply.headers)
        if b"devtools.json" not in whole and b'"root"' not in whole:
            assert os.fsencode(tree.top) not in whole
        assert b"Traceback" not in whole
        assert reply[b"server"] is None


def test_a_referer_that_is_no_url(victim):
    """It is only a hint about which file wanted which: any bytes will do."""
    for referer in (
        b"http://[",
        b"\x80 http://localhost/",
        b"//",
        b"\xff",
        b"http://[::1",
        b"x" * 8000,
    ):
        reply = ask(victim.port, get(b"/style.css", b"Referer: " + referer))
        assert (reply.status, reply.body) == (200, PUBLIC["style.css"])


# -- how it is said ------------------------------------------------------------------------------

SMUGGLED = b"GET /.well-known/ok.txt HTTP/1.1\r\nHost: localhost\r\n\r\n"


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


# -- the process ---------------------------------------------------------------------------------


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


def test_requests_are_not_logged_so_nobody_fills_a_log(tree):
    """Neither a path with escape sequences, nor a hundred of them, leave a line."""
    running = Server(tree.site)
    try:
        asked = [get(b"/%1b[2J%0aX"), *map(get, (b"/nope%d" % n for n in range(200)))]
        assert {reply.status for reply in replies(running.port, asked)} == {404}
        assert running.stop() == 0
        said = [line["type"] for line in running.lines if line["type"] != "note"]
        assert said == ["ready", "stopped"]
    finally:
        running.kill()


def test_a_full_disk_below_the_log(tree):
    """Lines that cannot be written are lost; the pages are served."""
    with open("/dev/full", "w") as full:
        process = subprocess.Popen(
            [sys.executable, "-m", "hotreload", "serve", tree.site, "--port", "0"],
            cwd=CHECKOUT, stdout=full, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    try:
        assert ask(port_of(process.pid), get(b"/app.js")).status == 200
        process.terminate()
        _, said = process.communicate(timeout=PATIENCE)
        assert "Traceback" not in said
    finally:
        process.kill()
        process.communicate()


def port_of(pid: int) -> int:
    """The port of the server with that process id, as it leaves word for other commands."""
    folder = Path(os.environ["XDG_RUNTIME_DIR"]) / "hotreload"
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for path in folder.glob("*.json"):
            told = json.loads(path.read_text())
            if told["pid"] == pid:
                return int(told["url"].rstrip("/").rpartition(":")[2])
        time.sleep(0.02)
    pytest.fail("the server did not come up")


def test_the_libraries_are_no_older_than_their_last_known_hole():
    """Before 17.4 websockets had no limit on the number of a message's fragments."""
    release = tuple(map(int, importlib.metadata.version("websockets").split(".")[:2]))

    assert release >= (17, 4)
    wanted = importlib.metadata.requires("hotreload-server") or []
    assert any(re.fullmatch(r"websockets>=17\.4", line.split(";")[0].strip()) for line in wanted)
