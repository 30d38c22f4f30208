"""Requests by those who may not ask: under foreign names, and from pages of other origins.

One list of promises for HTTP, upgrades and every route of ours.
"""

import socket
from itertools import product

import pytest
from conftest import Server
from support.security.attacking import (
    KINDS,
    OWN,
    ROUTES,
    UPGRADED,
    WITH_UPGRADE,
    WITHOUT_UPGRADE,
    Wire,
    ask,
    closed_to_others,
    frame,
    get,
    message,
    no_canary,
    replies,
)

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
