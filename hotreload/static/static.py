"""The backend that a folder is: its files as answers, and its changes as pages see them.

Knows: how the parts are joined, whose answer is checked or opened for whom, and that a file which
is being written is waited for. Refuses to know: sockets, and which file a request gets.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from hotreload.http.clear_site_data import ClearSiteData
from hotreload.http.messages import Request, Response, text
from hotreload.http.mime import content_type
from hotreload.live.import_graph import ImportGraph
from hotreload.live.messages import FileChange, Page
from hotreload.reporter import Reporter
from hotreload.static.change_mapper import ChangeMapper
from hotreload.static.options import StaticOptions
from hotreload.static.rules.header_rules import extended
from hotreload.static.sandboxes import Sandboxes, opened, unconditional
from hotreload.static.service_workers import ServiceWorkers
from hotreload.static.site import write_wait
from hotreload.static.site.file_access import FileAccess
from hotreload.static.site.file_cache import FileBusy, FileCache
from hotreload.static.site.site import Site
from hotreload.static.site.write_wait import WriteWait
from hotreload.static.site_response import SiteResponder
from hotreload.static.tagging import Tagger
from hotreload.watch.changes import Change


class Static:
    """The files of a site.

    Args:
        site: resolves and opens.
        used: called with each file that a client was served, and the digest of its content; or None
            where the client asked in vain.
        options: what may be chosen about the answers.
        report: called with a sentence, and whether it is a problem.
        import_graph: takes down which file was requested by which.
        tagger: puts the tag into documents.

    Attributes:
        workers: the site's service workers, and those that are not its own.
        sandboxes: who asks from a frame in a sandbox.
    """

    def __init__(
        self,
        site: Site,
        used: Callable[[str, str | None], None],
        options: StaticOptions,
        report: Reporter,
        *,
        import_graph: ImportGraph,
        tagger: Tagger,
    ) -> None:
        self.workers = ServiceWorkers(report)
        self.sandboxes = Sandboxes()
        self._cors = options.cors
        self._clearing = ClearSiteData() if options.clear_site_data else None
        cache = FileCache(site)
        files = FileAccess(site, cache, used, partial(content_type, overrides=options.types))
        self._writes = WriteWait(cache.is_busy)
        self._responder = SiteResponder(
            files, options, report,
            sandboxes=self.sandboxes, import_graph=import_graph, tagger=tagger,
        )  # fmt: skip
        self._changes = ChangeMapper(
            files, tagger.versions, self._responder.listings, self._responder.rules, import_graph
        )

    # -- what every backend gives ----------------------------------------------------------------

    def respond(self, request: Request) -> Response | Awaitable[Response]:
        """The response to a request; awaited while a file that it takes is being written."""
        try:
            return self._checked(request)
        except FileBusy as busy:
            return self._written(request, busy.path)

    def admits(self, request: Request) -> bool:
        """Whether a page of another origin may load this: a document in a sandbox of ours."""
        return self.sandboxes.holds(request)

    async def file_changes(self, change: Change) -> list[FileChange]:
        """The changes that pages are sent for a changed file; none for one that is not served."""
        return await self._changes.file_changes(change)

    def diff(self, page: Page) -> list[FileChange]:
        """All that differs between what a page has and what the disk holds."""
        return self._changes.diff(page)

    def source(self, digest: str, url: str) -> bytes | None:
        """A version of a document, which a page that was made of it compares the next one with."""
        return self._changes.source(digest, url)

    def websocket(self, _: Request) -> None:
        """A folder has no sockets."""

    # -- files -----------------------------------------------------------------------------------

    async def _written(self, request: Request, path: str) -> Response:
        """The response to a request that takes a file which is being written."""
        try:
            async with asyncio.timeout(write_wait.WRITING_SECONDS) as limit:
                while True:
                    await self._writes.end(path)
                    try:
                        return self._checked(request)
                    except FileBusy as busy:
                        path = busy.path
        except TimeoutError:
            if not limit.expired():
                raise
        sentence = "the file is being written all the time: try again"
        return text(503, sentence, (b"retry-after", b"1"))

    def _checked(self, request: Request) -> Response:
        if self.sandboxes.holds(request):
            response = opened(self._responder.respond(unconditional(request)))
        else:
            response = self.workers.checked(request, self._responder.respond(request))
        response = self._clearing.checked(request, response) if self._clearing else response
        if self._cors is None:
            return response
        return extended(response, self._cors.headers(request))
