"""Which file of the site was requested by which, as the requests say.

Knows: which requesters a page cannot see for itself. Refuses to know: what is done with it.
"""

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from hotreload.pushing.edges import Edges
from hotreload.serving.documents import DOCUMENTS
from hotreload.serving.finder import Finder
from hotreload.serving.mime import essence_of
from hotreload.serving.responses import Request

# Nobody but the server sees what these request: https://fetch.spec.whatwg.org/#concept-request-destination
WORKERS: Final = (b"worker", b"sharedworker")


class Referers:
    """Notes who asked for a file.

    Args:
        finder: the site's files.
        edges: takes the notes.
        media_type: the type that a file is served as.
        sandboxed: the URL path of the document in a sandbox that a request comes from.
    """

    def __init__(
        self,
        finder: Finder,
        edges: Edges,
        media_type: Callable[[str], str],
        sandboxed: Callable[[Request], str | None],
    ) -> None:
        self._sandboxed = sandboxed
        self._finder = finder
        self._edges = edges
        self._media_type = media_type

    def note(self, request: Request, url: str) -> None:
        """A page sees what it loads itself: what scripts and style sheets load, we saw."""
        referer = request.headers.get(b"referer")
        purpose = request.headers.get(b"sec-fetch-dest")
        if document := self._sandboxed(request):
            self._edges.add(url, document)
        if purpose in WORKERS:
            self._edges.worker(url)
        # Of a shared worker not even the page that starts it is told.
        not_seen = purpose == b"sharedworker"
        if referer and (requester := self._requester(referer, not_seen=not_seen)):
            self._edges.add(url, requester)

    def is_service_worker(self, request: Request) -> bool:
        """Whether a service worker asks, as far as headers tell: a script, but none of a worker.

        What a page's own script asks for comes from the page, by its Referer. What the worker
        makes of the answer is not told: a navigation loses what it was when its address is
        fetched anew (in Chromium and Firefox `empty`, `cors`, any type, and from the script).
        """
        if request.headers.get(b"sec-fetch-dest") != b"empty":
            return False
        script = self._requester(request.headers.get(b"referer", b""), not_seen=False)
        if script is None or self._edges.is_of_worker(script):
            return False
        return essence_of(self._media_type(script)) == "text/javascript"

    def _requester(self, referer: bytes, *, not_seen: bool) -> str | None:
        try:
            path = urlsplit(referer.decode("ascii")).path
        except ValueError:  # not a URL: no browser sends that
            return None
        found = self._finder.file_at(path or "/")
        if found and (not_seen or essence_of(self._media_type(found.path)) not in DOCUMENTS):
            return found.url
        return None
