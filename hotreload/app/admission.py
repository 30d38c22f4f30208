"""Which requests are let in: by the guard, by --cors, and by the password.

Knows: the order of those, and which of them our own routes take no notice of. Refuses to know: what
is asked for, and how it is answered.
"""

import time
from collections.abc import Callable

from hotreload.http.cors import Cors
from hotreload.http.messages import Request, Response, redirect, text
from hotreload.security.basic_auth import AuthFailure, Credentials
from hotreload.security.guard import Guard, Refusal


class Admission:
    """Lets requests in.

    Args:
        guard: refuses what comes from elsewhere.
        credentials: what every client is asked for; None for nothing.
        cors: which pages of other origins may read the site's files; None for none.
        refused: called with each refusal of the guard.
    """

    def __init__(
        self,
        guard: Guard,
        credentials: Credentials | None = None,
        cors: Cors | None = None,
        refused: Callable[[Refusal], None] = lambda _: None,
    ) -> None:
        self._guard = guard
        self._credentials = credentials
        self._cors = cors
        self._refused = refused

    def by_cors(self, request: Request) -> bool:
        """Whether a page of another origin may send it, as --cors has it."""
        return self._cors is not None and self._cors.admits(request.headers)

    def refusal(self, request: Request, *, from_anywhere: bool) -> Response | None:
        """The answer to a request that is not let in; None for others.

        Args:
            request: of any client.
            from_anywhere: whether a page of another origin may send it.
        """
        refusal = self._guard.check(request, from_anywhere=from_anywhere)
        if refusal is not None:
            self._refused(refusal)
            return text(refusal.status, refusal.reason)
        denied = self.denied(request)
        return None if denied is None else text(denied.status, denied.reason, denied.header)

    def lets_upgrade(self, request: Request) -> bool:
        """Whether the request may open a WebSocket."""
        return self._guard.check(request, upgrade=True) is None and self.denied(request) is None

    def denied(self, request: Request) -> AuthFailure | None:
        """Why the request is not let in for want of the password; None if it is."""
        if self._credentials is None:
            return None
        given = request.values(b"authorization")
        return self._credentials.refuse(given, request.peer, time.monotonic())


def https_redirect(guard: Guard, request: Request) -> Response:
    """The answer to plain HTTP where TLS is spoken: the same with https."""
    # Whatever page asks, it is let in or refused where the redirect leads.
    lines = [(b"host", host) for host in request.values(b"host")]
    refusal = guard.check(Request.of(request.method, request.target, lines, "http"))
    if refusal is not None:
        return text(refusal.status, refusal.reason)
    host = request.headers[b"host"].decode("ascii")
    return redirect(f"https://{host}{request.target.decode('ascii')}")
