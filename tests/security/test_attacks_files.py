"""Requests for what is not to be read: files outside of the site, and secrets in it.

The site is the one with canaries in it and around it.
"""

import os
import random
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from conftest import NIGHTLY, Server
from support.security.attacking import (
    UPGRADED,
    Wire,
    ask,
    frame,
    get,
    message,
    no_canary,
    replies,
)
from support.security.canary import CANARY, DENIED, LINKS, PUBLIC, _climbs, targets

from hotreload.http.url_path import Target, parse
from hotreload.static.site.site import Mount, Site

CALLS = ("open", "stat", "lstat", "readlink", "scandir", "listdir", "access")


def well_formed(target: bytes) -> bool:
    return target.startswith(b"/") and all(0x20 < byte < 0x7F and byte != 0x23 for byte in target)


@pytest.mark.parametrize(
    ("method", "lines", "share"),
    [
        (b"GET", (b"Sec-Fetch-Dest: empty",), 1 if NIGHTLY else 13),
        (b"GET", (b"Range: bytes=0-99", b"Accept-Encoding: gzip, br"), 7 if NIGHTLY else 29),
        (b"HEAD", (), 11 if NIGHTLY else 43),
        (b"GET", (b"Sec-Fetch-Dest: document", b"Accept: text/html"), 13 if NIGHTLY else 53),
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
    for name in CALLS:
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


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        (b"/.env", b"/.nope"),
        (b"/.git/config", b"/.git/nope"),
        (b"/../secret.txt", b"/../nope"),
        (b"/../site-secret/leak.txt", b"/../site-nope/leak.txt"),
        (b"/%2e%2e/secret.txt", b"/%2e%2e/nope"),
    ],
)
def test_what_nobody_may_read_costs_the_same_whether_it_is_there_or_not(
    tree, monkeypatch, there, missing
):
    """The system is asked the same things, so the time of an answer does not tell either."""
    asked: list[list[str]] = []
    site = Site([Mount((), tree.site)])
    for name in CALLS:
        monkeypatch.setattr(os, name, noted(name, getattr(os, name), asked))
    for target in (there, missing):
        asked.append([])
        parsed = parse(target)
        if isinstance(parsed, Target):
            site.find(parsed)
    assert asked[0] == asked[1]


def noted(name: str, call: Callable[..., Any], asked: list[list[str]]) -> Callable[..., Any]:
    def noting(*args: Any, **kwargs: Any) -> Any:
        asked[-1].append(name)
        return call(*args, **kwargs)

    return noting


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
