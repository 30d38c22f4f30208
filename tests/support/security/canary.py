"""A site with secrets in it and around it, and the requests that have read such secrets elsewhere.

Whatever must never be served contains `CANARY-`: no answer to any request may hold these bytes.
"""

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

CANARY = b"CANARY-"

# Below the site, denied by name.
DENIED = (
    ".env",
    ".env.local",
    ".git/config",
    ".htpasswd",
    ".npmrc",
    ".yarnrc.yml",
    ".ssh/id_rsa",
    ".aws/credentials",
    "key.pem",
    "tls.key",
    "keys/id_ed25519",
    "keys/server.p12",
    "keys/server.pem.bak",
)
# Beside the site, the second with a name that begins like the site's.
OUTSIDE = ("secret.txt", "secret.map", "outside.html", "site-secret/leak.txt")

# Below the site, for everybody.
PUBLIC = {
    "index.html": b"<!doctype html><title>site</title>",
    "app.js": b"export {};",
    "style.css": b"body {}",
    "sub/index.html": b"<!doctype html><title>sub</title>",
    "sub/page.html": b"<p>page",
    ".well-known/ok.txt": b"ok",
}
# The same, with names that need care.
ODD = {
    b"caf\xe9.html": b"<p>latin-1 name",
    "na\u00efve.html".encode(): b"<p>accent",
    b"a b#c?.html": b"<p>delimiters",
    b"100%.html": b"<p>percent",
    b"a+b;c=d&e,f@g.html": b"<p>sub-delims",
    b'"><img src=x onerror=alert(1)>.html': b"<p>markup",
    b"it's.html": b"<p>apostrophe",
    b"line\nbreak.html": b"<p>newline",
    b"-dash.html": b"<p>dash",
    b"dot.": b"trailing dot",
    b"space ": b"trailing space",
    "\U0001f600.html".encode(): b"<p>emoji",
    b"c:colon.html": b"<p>colon",
    b"n" * 250 + b".html": b"<p>longest name",
}
LINKS = {
    "in": "index.html",
    "insub": "sub",
    "out": "../secret.txt",
    "outdir": "..",
    "abs": "/etc",
    "loop": ".",
    "dang": "nope",
    "a": "b",
    "b": "../secret.txt",
    "index.html.gz": "../secret.txt",
    "env": ".env",
    "gitdir": ".git",
    "pem.txt": "key.pem",
    "zero": "/dev/zero",
    "environ": "/proc/self/environ",
    "self": "self",
}
SPECIAL = ("fifo", "sock", "zero", "environ", "dang", "self")


@dataclass(frozen=True)
class Tree:
    """Where the fixture lies.

    Attributes:
        top: the folder around the site.
        site: the folder to serve.
    """

    top: Path
    site: Path


def plant(top: Path) -> Tree:
    """Make the whole tree in an empty folder."""
    site = top / "site"
    for name in OUTSIDE:
        _write(top / name, CANARY + name.encode())
    for name in DENIED:
        _write(site / name, CANARY + name.encode())
    for name, content in PUBLIC.items():
        _write(site / name, content)
    for raw, content in ODD.items():
        _write(site / os.fsdecode(raw), content)
    for name, to in LINKS.items():
        (site / name).symlink_to(to)
    os.mkfifo(site / "fifo")
    with socket.socket(socket.AF_UNIX) as sock:
        here = Path.cwd()
        os.chdir(site)  # the name of a socket has 108 bytes at most
        try:
            sock.bind("sock")
        finally:
            os.chdir(here)
    # No canaries: root may read them, and so may a server that root has started.
    _write(site / "unreadable.html", b"mode 000")
    (site / "unreadable.html").chmod(0)
    _write(site / "locked" / "page.html", b"in a folder of mode 000")
    (site / "locked").chmod(0)
    return Tree(top, site)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def targets() -> Iterator[bytes]:
    """More than 20,000 request targets, each an attempt at a canary."""
    yield from _climbs()
    yield from _denied()
    yield from _known()


def _climbs() -> Iterator[bytes]:
    """Up and out, by every spelling of `..` and of the slash that some server has decoded."""
    ups = (
        b"..",
        b"%2e%2e",
        b".%2e",
        b"%252e%252e",
        b"..;",
        b"%c0%ae%c0%ae",
        b"..%00",
        b"%uff0e%uff0e",
        b"..%ff",
        "\uff0e\uff0e".encode(),
        b"...",
        b".. ",
    )
    slashes = (b"/", b"%2f", b"\\", b"%5c", b"//", b"%c0%af", b"/./")
    ends = (b"", b"/", b"/.", b"?raw", b"#", b"%20", b".")
    goals = (b"secret.txt", b"site-secret/leak.txt", b"outside.html", b"etc/passwd")
    for depth, up, slash, goal, end in product((1, 2, 3, 5, 8, 12), ups, slashes, goals, ends):
        climb = (up + slash) * depth + goal + end
        yield b"/" + climb
        if depth <= 2:
            yield b"/sub" + slash + climb


def _denied() -> Iterator[bytes]:
    """Names in the site that are denied, in other letters and with something around them."""
    ends = (
        *(b"", b"/", b"/.", b"//", b"?raw", b"?import&raw??", b"?.svg?.wasm?init", b"?url&inline"),
        *(b"%20", b".", b"%2e", b"\\", b"%5c", b"::$DATA", b"%00", b"%00.html", b"#", b"~", b"%0a"),
    )
    starts = (
        b"/",
        b"//",
        b"/./",
        b"/sub/../",
        b"/sub/%2e%2e/",
        b"/loop/",
        b"/loop/loop/",
        b"/%2e/",
    )
    for name, start, end in product(map(str.encode, DENIED), starts, ends):
        dots = name.replace(b".", b"%2e")
        twice = name.replace(b".", b"%252e")
        for spelling in (name, name.upper(), name.title(), name.swapcase(), dots, twice):
            yield start + spelling + end
        yield start + name.replace(b"/", b"%2f") + end


def _known() -> Iterator[bytes]:
    """Requests from advisories, and the links of the tree."""
    yield from (
        *(b"//etc/passwd", b"///etc/passwd", b"/%2fetc/passwd", b"//127.0.0.1/x", b"/etc/passwd"),
        *(b"/a/#/../../secret.txt", b"/x/../../secret.map", b"/public/..%2f..%2f../etc/passwd"),
        *(b"/.git%2fconfig", b"/%2egit/config", b"/in%5c.env", b"/..\\..\\secret.txt"),
        *(b"/C:/x", b"/C:x", b"/\\\\host\\share", b"//host/share", b"/CON", b"/sub/NUL", b"/ENV~1"),
        *(
            b"/@fs/etc/passwd",
            b"/file:///etc/passwd",
            b"file:///etc/passwd",
            b"*",
            b"",
            b"index.html",
        ),
        *(b"/unreadable.html", b"/locked/page.html", b"/locked/", b"/outdir/site-secret/leak.txt"),
        *(b"/abs/passwd", b"/outdir/secret.txt", b"/gitdir/config", b"/insub/../../secret.txt"),
        *(b"/" + b"loop/" * 60, b"/" + b"x" * 8000, b"/" + b"d/" * 4000, b"/" + b"%ff" * 300),
    )
    for link, end in product(LINKS, (b"", b"/", b"/secret.txt", b"/.env", b"/passwd", b"?raw")):
        yield b"/" + link.encode() + end
