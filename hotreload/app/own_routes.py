"""Our own routes: all below `/__hotreload__/` but the sockets.

Knows: which path is which of ours, and the methods of each. Refuses to know: who may ask, and what
any of them does.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import parse_qs

from hotreload import __version__
from hotreload.app.assets import Asset, Assets
from hotreload.http.messages import KEEP, NO_CACHE, Request, Response, content, text
from hotreload.http.representation import Representation, respond
from hotreload.live.messages import OWN_PATH
from hotreload.security.guard import SAFE_METHODS

JAVASCRIPT: Final = "text/javascript; charset=utf-8"


class OwnRoutes:
    """Answers for what is our own.

    Args:
        assets: the browser's modules.
        source: a version of a document by its digest and URL path; None if it is not kept.
        health: facts about this run, for `/__hotreload__/health`.
        reload: asks every page to reload, or those that use one of some URLs, and says how many
            there are.
    """

    def __init__(
        self,
        assets: Assets,
        *,
        source: Callable[[str, str], bytes | None],
        health: Callable[[], Mapping[str, object]],
        reload: Callable[[str, Sequence[str]], int],
    ) -> None:
        self._assets = assets
        self._source = source
        self._health = health
        self._reload = reload

    def respond(self, request: Request) -> Response:
        """The response to a request for a path below `OWN_PATH`."""
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
            return self._version(name.removeprefix("source/"))
        if name in ("ws", "echo"):
            sentence = "a WebSocket client is needed here: GET with Upgrade: websocket"
            return text(426, sentence, (b"upgrade", b"websocket"), (b"connection", b"upgrade"))
        return text(404, "hotreload has nothing of that name")

    def _version(self, name: str) -> Response:
        digest, slash, path = name.partition("/")
        source = self._source(digest, slash + path)
        if source is None:
            return text(404, "this version is not kept any more")
        return content(200, b"text/plain", source)

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
