"""What the server answers: the guard first, then our own routes, then the site.

Knows: which path is whose. Refuses to know: sockets, and what any of them does.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qs

from hotreload import __version__
from hotreload.app import devtools
from hotreload.app.assets import Asset, Assets
from hotreload.http.cors import Cors
from hotreload.http.messages import (
    KEEP,
    NO_CACHE,
    Request,
    Response,
    content,
    redirect,
    text,
)
from hotreload.http.representation import Representation, respond
from hotreload.live.messages import OWN_PATH, inside
from hotreload.reporter import Reporter
from hotreload.security.basic_auth import Credentials
from hotreload.security.guard import Guard, Refusal
from hotreload.static.site.file_cache import FileBusy
from hotreload.static.static import Static

SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")
JAVASCRIPT: Final = "text/javascript; charset=utf-8"


class App:
    """The answer to every request.

    Args:
        guard: refuses what comes from elsewhere.
        static: the site.
        assets: the browser's modules.
        health: facts about this run, for `/__hotreload__/health`.
        reload: asks every page to reload, or those that use one of some URLs, and says how many
            there are.
        report: told of a fault of our own, in one sentence.
        refused: hears of those who are not answered.
        root: the folder of the site.
        outside: the URL path below which a proxy shows this server, "/" without.
        cors: which pages of other origins may read the site's files; None for none.
        credentials: what every client is asked for; None for nothing.
    """

    def __init__(
        self,
        guard: Guard,
        static: Static,
        assets: Assets,
        *,
        health: Callable[[], Mapping[str, object]],
        reload: Callable[[str, Sequence[str]], int],
        report: Reporter,
        refused: Callable[[Refusal], None],
        root: str,
        outside: str = "/",
        cors: Cors | None = None,
        credentials: Credentials | None = None,
    ) -> None:
        self._guard = guard
        self._static = static
        self._assets = assets
        self._health = health
        self._reload = reload
        self._report = report
        self._refused = refused
        self._root = root
        self._outside = outside
        self._devtools = outside[:-1].encode() + devtools.PATH
        self._cors = cors
        self._credentials = credentials

    def answer(self, request: Request) -> Response | None:
        """The response to a request; None while a file that it takes is being written.

        A fault of ours is reported, and answered with 500.
        """
        try:
            return self._guarded(self._placed(request))
        except FileBusy:
            return None
        except Exception as fault:
            path = request.target.decode("latin-1")
            self._report(f"a fault in hotreload answered {path} with 500: {fault!r}", True)
            return text(500, "a fault in hotreload; its terminal says more")

    def elsewhere(self, request: Request) -> Response:
        """The answer to plain HTTP where TLS is spoken: the same with https."""
        refusal = self._guard.refuse(
            method=request.method, hosts=request.values(b"host"), target=request.target
        )
        if refusal is not None:
            return text(refusal.status, refusal.reason)
        host = request.headers[b"host"].decode("ascii")
        return redirect(f"https://{host}{request.target.decode('ascii')}")

    def _placed(self, request: Request) -> Request:
        """The request for our own by our own path, and for the site by the path that browsers use.

        A proxy may have taken its prefix off; who comes past the proxy leaves it on.
        """
        target = request.target.decode("latin-1")
        if self._outside == "/" or not target.startswith("/"):
            return request
        placed = inside(target, self._outside)
        there = f"{target.partition('?')[0]}/" == self._outside
        if not (there or placed.startswith((OWN_PATH, self._outside))):
            placed = self._outside + target[1:]
        return request if placed == target else replace(request, target=placed.encode("latin-1"))

    def _guarded(self, request: Request) -> Response:
        refusal = self._guard.refuse(
            method=request.method,
            hosts=request.values(b"host"),
            target=request.target,
            origins=request.values(b"origin"),
            fetch_site=None if self._admits(request) else request.headers.get(b"sec-fetch-site"),
            fetch_mode=request.headers.get(b"sec-fetch-mode"),
            fetch_dest=request.headers.get(b"sec-fetch-dest"),
            scheme="https" if request.scheme == "https" else "http",
            state_changing=request.method not in SAFE_METHODS,
        )
        if refusal is not None:
            self._refused(refusal)
            return text(refusal.status, refusal.reason)
        if self._credentials is not None:
            given = request.values(b"authorization")
            denied = self._credentials.refuse(given, request.peer, time.monotonic())
            if denied is not None:
                return text(denied.status, denied.reason, denied.header)
        if request.target.startswith(OWN_PATH.encode()):
            return self._own(request)
        response = self._static.answer(request)
        by_name = self._static.sandboxes.document(request) is not None
        if response.status == 404 and request.target == self._devtools and not by_name:
            return devtools.answer(request, self._root) or response
        return response

    def _admits(self, request: Request) -> bool:
        """Whether a page of another origin may load this: a file, for --cors or a sandbox."""
        if request.target.startswith(OWN_PATH.encode()):
            return False
        by_cors = self._cors is not None and self._cors.admits(request.headers)
        return by_cors or self._static.sandboxes.holds(request)

    def _own(self, request: Request) -> Response:
        name = request.target[len(OWN_PATH) :].partition(b"?")[0].decode("ascii", "replace")
        if name == "reload":
            return self._reload_all(request)
        if request.method not in SAFE_METHODS:
            return text(405, "this is read with GET", (b"allow", b"GET, HEAD"))
        module = self._assets.find(name)
        if module is not None:
            return _module(request, *module)
        if name == "health":
            body = json.dumps({"name": "hotreload", "version": __version__, **self._health()})
            return content(200, b"application/json", body.encode())
        if name.startswith("source/"):
            digest, slash, path = name.removeprefix("source/").partition("/")
            return self._static.changed.source(digest, slash + path)
        if name in ("ws", "echo"):
            sentence = "a WebSocket client is needed here: GET with Upgrade: websocket"
            return text(426, sentence, (b"upgrade", b"websocket"), (b"connection", b"upgrade"))
        return text(404, "hotreload has nothing of that name")

    def _reload_all(self, request: Request) -> Response:
        if request.method != "POST":
            return text(405, "asking for a reload takes a POST", (b"allow", b"POST"))
        query = request.target.partition(b"?")[2].decode("ascii", "replace")
        count = self._reload("asked for by a request", parse_qs(query).get("url", []))
        return content(200, b"application/json", json.dumps({"pages": count}).encode())


def _module(request: Request, asset: Asset, lasting: bool) -> Response:
    etag = f'"{asset.digest}"'.encode()
    cached = KEEP if lasting else NO_CACHE
    module = Representation(asset.data, JAVASCRIPT, etag, asset.modified, cached=cached)
    return respond(request, module)
