"""Frames in sandboxes: a host name for each of their documents, by which its requests are known.

Knows: which frames of a document are in a sandbox, what their requests say, and what proves that
they are ours. Refuses to know: files, and how requests are answered.

The origin of a frame in a sandbox without `allow-same-origin` is opaque, so what its document loads
comes from nobody: `Origin: null`, `Sec-Fetch-Site: cross-site`. In Chromium there is no Referer
either (https://w3c.github.io/webappsec-referrer-policy/, section 8.3), and a page of another site
that puts our files into a sandbox of its own sends the very same. So the document of such a frame
is loaded under a name below `localhost` that nobody can guess. All that it loads is asked for under
that name. Where there is a Referer it is proof too: no page can send one of another origin.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import blake2b
from html import unescape
from secrets import token_bytes
from typing import Final
from urllib.parse import urljoin, urlsplit

from hotreload.http.lru import LRUCache
from hotreload.http.messages import Header, Request, Response
from hotreload.security.guard import authority, is_here

# Of more frames in one document, and of tags that are longer, nothing is known.
MOST_FRAMES: Final = 200
LONGEST_TAG: Final = 4096
# So many documents have a name.
MOST_NAMES: Final = 1_000
_FRAME: Final = re.compile(rb"<iframe(?=[\s/])", re.IGNORECASE)
_TAG: Final = re.compile(rb"(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+>")
_ATTRIBUTE: Final = re.compile(
    r"([^\s\"'>/=]++)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++)))?"
)
# What would keep such a frame from being shown, or its document from being what it was.
_BINDING: Final = frozenset(
    (b"content-security-policy", b"x-frame-options", b"cross-origin-embedder-policy")
)
# Whoever asks for a file once may ask whether it has changed; these answers are in no cache.
_CONDITIONS: Final = frozenset(
    (b"if-none-match", b"if-modified-since", b"if-match", b"if-unmodified-since", b"if-range")
)
_OPEN: Final[tuple[Header, ...]] = (
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"cache-control", b"no-store"),
)


class Sandboxes:
    """The names of the documents that are shown in sandboxes.

    Args:
        secret: nobody else knows it; made anew for each run.

    Attributes:
        port: that this server listens on, 0 while it does not.
    """

    def __init__(self, secret: bytes | None = None) -> None:
        self.port = 0
        self._secret = secret or token_bytes(32)
        self._tagger: LRUCache[str, str] = LRUCache(MOST_NAMES)

    def may_name(self, request: Request) -> bool:
        """Whether a frame asks for its document, in a browser that knows names below `localhost`.

        Safari asks the system, which may not know them. Names and addresses of the network have no
        such names, nor has a certificate. Behind a proxy the Referer or the port is another one,
        and it may know no other names.
        """
        headers = request.headers
        knows = b"sec-ch-ua" in headers or b"Firefox/" in headers.get(b"user-agent", b"")
        host = authority(headers.get(b"host", b""))
        return (
            headers.get(b"sec-fetch-dest") in (b"iframe", b"frame")
            and headers.get(b"sec-fetch-site") == b"same-origin"
            and knows
            and request.scheme == "http"
            and host is not None
            and is_here(host)
            and (host.port or 80) == self.port
            and is_from_own_sandbox(request)
        )

    def place(self, request: Request, url: str) -> str:
        """The address at which a frame in a sandbox is to load a document.

        Args:
            request: of the frame.
            url: canonical URL path of the document's file.
        """
        label = blake2b(url.encode(), key=self._secret, digest_size=16).hexdigest()
        self._tagger.put(label, url, 1)
        return f"http://{label}.localhost:{self.port}{request.target.decode('ascii')}"

    def document(self, request: Request) -> str | None:
        """The URL path of the document in a sandbox whose name the request was sent to."""
        return self._tagger.get(_host(request).partition(".")[0])

    def holds(self, request: Request) -> bool:
        """Whether the request comes from a sandbox, by a name or a Referer that proves it ours."""
        if request.method not in ("GET", "HEAD"):
            return False
        if self.document(request) is not None:
            return True
        return request.headers.get(b"origin") == b"null" and is_from_own_sandbox(request)


def is_from_own_sandbox(request: Request) -> bool:
    """Whether a document or a style sheet of this very origin asks, by its Referer."""
    own = f"{request.scheme}://{_host(request)}/"
    return request.headers.get(b"referer", b"").decode("latin-1").startswith(own)


def unconditional(request: Request) -> Request:
    """The request as if the client had nothing: what it has was for others."""
    headers = {name: value for name, value in request.headers.items() if name not in _CONDITIONS}
    return replace(request, headers=headers)


def opened(response: Response) -> Response:
    """The answer as a sandbox may use it; no cache keeps it for other pages."""
    replaced = {name for name, _ in _OPEN}
    kept = [header for header in response.headers if header[0] not in replaced]
    return replace(response, headers=[*kept, *_OPEN], dependencies=())


def binds(name: bytes) -> bool:
    """Whether a header keeps frames from being shown under another name."""
    return name in _BINDING


def is_in_sandbox(document: bytes, address: str, target: bytes) -> bool:
    """Whether all frames of a document that show what a target names are in a sandbox.

    Args:
        document: in HTML; one with a policy of its own is left alone.
        address: of the document.
        target: path and query, as the frame asks for them.
    """
    if b"content-security-policy" in document.lower():
        return False
    wanted = target.decode("latin-1")
    flags = [
        given["sandbox"]
        for given in _frames(document)
        if "srcdoc" not in given and _target(address, given.get("src")) == wanted
    ]
    return bool(flags) and all(
        flag is not None and "allow-same-origin" not in flag.lower().split() for flag in flags
    )


def _frames(document: bytes) -> Iterator[Mapping[str, str | None]]:
    """The attributes of each frame; `sandbox` is None for one that is in none."""
    for count, frame in enumerate(_FRAME.finditer(document)):
        tag = _TAG.match(document[frame.end() : frame.end() + LONGEST_TAG])
        if count == MOST_FRAMES or tag is None:
            return
        given: dict[str, str | None] = {"sandbox": None}
        for name, *values in _ATTRIBUTE.findall(tag[0].decode("utf-8", "replace")):
            if given.get(name.lower()) is None:
                given[name.lower()] = unescape("".join(values))
        yield given


def _target(address: str, source: str | None) -> str | None:
    """Path and query that an address in a document asks for; None for another server's."""
    if not source:
        return None
    try:
        there, here = urlsplit(urljoin(address, source.strip())), urlsplit(address)
    except ValueError:
        return None
    if (there.scheme, there.netloc) != (here.scheme, here.netloc):
        return None
    return there.path + (f"?{there.query}" if there.query else "")


def _host(request: Request) -> str:
    return request.headers.get(b"host", b"").decode("latin-1").strip(" \t").lower()
