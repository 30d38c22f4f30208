"""Records in the import graph which file of the site requested which, by the requests' headers.

Knows: which requesters a page cannot see for itself. Refuses to know: what the graph is used for.
"""

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from hotreload.http.messages import Request
from hotreload.http.mime import DOCUMENTS, essence_of
from hotreload.live.import_graph import ImportGraph
from hotreload.live.messages import EVERYTHING
from hotreload.static.site.finder import Finder
from hotreload.static.site.site import Found

# What these import or request is told to no page, nor, but of the first, that a page starts them:
# https://fetch.spec.whatwg.org/#concept-request-destination
WORKER: Final = b"worker"
SERVICE_WORKER: Final = b"serviceworker"
UNSEEN: Final = (b"sharedworker", SERVICE_WORKER, b"audioworklet", b"paintworklet")


class ImportRecorder:
    """Notes who asked for a file.

    Args:
        finder: the site's files.
        import_graph: takes the notes.
        media_type: the type that a file is served as.
        sandboxed: the URL path of the document in a sandbox that a request comes from.
    """

    def __init__(
        self,
        finder: Finder,
        import_graph: ImportGraph,
        media_type: Callable[[str], str],
        sandboxed: Callable[[Request], str | None],
    ) -> None:
        self._sandboxed = sandboxed
        self._finder = finder
        self._import_graph = import_graph
        self._media_type = media_type
        self._service_workers: set[str] = set()

    def note(self, request: Request, url: str) -> None:
        """A page sees what it loads itself: what scripts and style sheets load, we saw."""
        purpose = request.headers.get(b"sec-fetch-dest")
        document = self._sandboxed(request)
        requester = document or self._requester(request.headers.get(b"referer"), purpose)
        if purpose == WORKER or purpose in UNSEEN or requester == EVERYTHING:
            self._import_graph.worker(url)
        if purpose == SERVICE_WORKER:
            self._service_workers.add(url)
        # What a service worker keeps for pages is no part of it.
        if requester and not (purpose == b"empty" and requester in self._service_workers):
            self._import_graph.add(url, requester)

    def is_service_worker(self, request: Request) -> bool:
        """Whether a service worker asks, as far as headers tell: a script, but none of a worker.

        What a page's own script asks for comes from the page, by its Referer. What the worker
        makes of the answer is not told: a navigation loses what it was when its address is
        fetched anew (in Chromium and Firefox `empty`, `cors`, any type, and from the script).
        """
        if request.headers.get(b"sec-fetch-dest") != b"empty":
            return False
        script = self._file_at(request.headers.get(b"referer", b""))
        if script is None:
            return False
        if script.url in self._service_workers:
            return True
        if self._import_graph.is_of_worker(script.url):
            return False
        return essence_of(self._media_type(script.path)) == "text/javascript"

    def _requester(self, referer: bytes | None, purpose: bytes | None) -> str | None:
        """Who asked, where no page sees it; everybody where that is all that can be said."""
        found = self._file_at(referer) if referer else None
        if found and (purpose in UNSEEN or not self._is_document(found)):
            return found.url
        # Workers that were made of a text have no address. That of a page may stand for no file.
        is_unknown = not found and (purpose in UNSEEN or (purpose == b"script" and not referer))
        return EVERYTHING if is_unknown else None

    def _file_at(self, referer: bytes) -> Found | None:
        try:
            path = urlsplit(referer.decode("ascii")).path
        except ValueError:  # not a URL: no browser sends that
            return None
        return self._finder.file_at(path or "/")

    def _is_document(self, file: Found) -> bool:
        return essence_of(self._media_type(file.path)) in DOCUMENTS
