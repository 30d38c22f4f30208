"""Requests that try to put something into an answer, or to learn from it what nobody is to know."""

import os
import re
from urllib.parse import quote

import pytest
from support.security.attacking import (
    ROUTES,
    ask,
    get,
    replies,
)
from support.security.canary import PUBLIC


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
