"""What the server answers: who is let in first, then our own routes, then the backend.

Knows: which path is whose. Refuses to know: sockets, and what any of them does.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from hotreload.app import devtools
from hotreload.app.admission import Admission
from hotreload.app.backend import Backend
from hotreload.app.own_routes import OwnRoutes
from hotreload.app.watched_body import WatchedBody
from hotreload.http.connection.request_body import IncompleteBody
from hotreload.http.connection.upgrades import WebSocketHandler
from hotreload.http.messages import FileBody, Request, Response, text, then
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
        report: called with a sentence for each fault of our own.
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

    def respond(self, request: Request) -> Response | Awaitable[Response]:
        """The response to a request, at once if the backend has it at once.

        A fault of ours, or of the backend, is reported, and answered with 500.
        """
        try:
            answer = self._admitted(self._placed(request))
        except Exception as fault:
            return self._failed(request, fault)
        if isinstance(answer, Response):
            return self._sent(request, answer)
        return self._awaited(request, answer)

    async def _awaited(self, request: Request, answer: Awaitable[Response]) -> Response:
        try:
            return self._sent(request, await answer)
        except IncompleteBody:  # the client is gone: no answer can reach it
            raise
        except Exception as fault:
            return self._failed(request, fault)

    def _failed(self, request: Request, fault: Exception) -> Response:
        path = request.target.decode("latin-1")
        self._report(f"a fault in hotreload answered {path} with 500: {fault!r}", True)
        return text(500, "a fault in hotreload; its terminal says more")

    def _sent(self, request: Request, response: Response) -> Response:
        """The response, of which is reported if its body breaks off."""
        if isinstance(response.body, bytes | FileBody):
            return response
        path = request.target.decode("latin-1")
        sentence = f"a fault in hotreload has cut off the answer to {path}"
        return replace(response, body=WatchedBody(response.body, sentence, self._report))

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

    def _admitted(self, request: Request) -> Response | Awaitable[Response]:
        is_own = request.target.startswith(_OWN)
        from_anywhere = not is_own and self._from_anywhere(request)
        refusal = self._admission.refusal(request, from_anywhere=from_anywhere)
        if refusal is not None:
            return refusal
        return self._own.respond(request) if is_own else self._site(request)

    def _from_anywhere(self, request: Request) -> bool:
        """Whether a page of another origin may load this: a file, for --cors or a sandbox."""
        return self._admission.by_cors(request) or self._backend.admits(request)

    def _site(self, request: Request) -> Response | Awaitable[Response]:
        answer = self._backend.respond(request)
        if request.target != self._devtools:
            return answer
        return then(answer, lambda response: self._or_workspace(request, response))

    def _or_workspace(self, request: Request, response: Response) -> Response:
        """The workspace of DevTools, where the backend has no file of that name."""
        if response.status != 404 or self._backend.admits(request):
            return response
        return devtools.answer(request, self._root) or response
