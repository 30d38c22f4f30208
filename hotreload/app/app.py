"""What the server answers: who is let in first, then our own routes, then the backend.

Knows: which path is whose. Refuses to know: sockets, and what any of them does.
"""

from collections.abc import Callable
from dataclasses import replace

from hotreload.app import devtools
from hotreload.app.admission import Admission
from hotreload.app.backend import Backend
from hotreload.app.own_routes import OwnRoutes
from hotreload.http.messages import Request, Response, text
from hotreload.http.upgrades import WebSocketHandler
from hotreload.live.messages import OWN_PATH, inside
from hotreload.reporter import Reporter

_OWN = OWN_PATH.encode()


class App:
    """The answer to every request.

    Args:
        admission: refuses those who are not let in.
        own: answers for what is our own.
        backend: answers for everything else.
        sockets: takes over connections that are upgraded, by their scheme: pages and the echo. It
            looks for itself who is let in.
        report: told of a fault of our own, in one sentence.
        root: the folder of the site.
        outside: the URL path below which a proxy shows this server, "/" without.
    """

    def __init__(
        self,
        admission: Admission,
        own: OwnRoutes,
        backend: Backend,
        *,
        sockets: Callable[[str], WebSocketHandler],
        report: Reporter,
        root: str,
        outside: str = "/",
    ) -> None:
        self._admission = admission
        self._own = own
        self._backend = backend
        self._sockets = sockets
        self._report = report
        self._root = root
        self._outside = outside
        self._devtools = outside[:-1].encode() + devtools.PATH

    def respond(self, request: Request) -> Response | None:
        """The response to a request; None while a file that it takes is being written.

        A fault of ours is reported, and answered with 500.
        """
        try:
            return self._admitted(self._placed(request))
        except Exception as fault:
            path = request.target.decode("latin-1")
            self._report(f"a fault in hotreload answered {path} with 500: {fault!r}", True)
            return text(500, "a fault in hotreload; its terminal says more")

    def websocket(self, request: Request) -> WebSocketHandler:
        """What takes over the connection of an upgrade request."""
        placed = self._placed(request)
        handler = None if placed.target.startswith(_OWN) else self._backend.websocket(placed)
        if handler is None or not self._admission.lets_upgrade(placed):
            return self._sockets(request.scheme)  # which says to the client why it is not let in
        return handler

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

    def _admitted(self, request: Request) -> Response | None:
        is_own = request.target.startswith(_OWN)
        from_anywhere = not is_own and self._from_anywhere(request)
        refusal = self._admission.refusal(request, from_anywhere=from_anywhere)
        if refusal is not None:
            return refusal
        return self._own.respond(request) if is_own else self._site(request)

    def _from_anywhere(self, request: Request) -> bool:
        """Whether a page of another origin may load this: a file, for --cors or a sandbox."""
        return self._admission.by_cors(request) or self._backend.admits(request)

    def _site(self, request: Request) -> Response | None:
        response = self._backend.respond(request)
        is_missing = response is not None and response.status == 404
        if is_missing and request.target == self._devtools and not self._backend.admits(request):
            return devtools.answer(request, self._root) or response
        return response
