"""The backend that a folder is: which file of a site, or which page in its place, a request gets.

Knows: the order in which rules, files, lists of folders and pages of our own are taken. Refuses to
know: sockets, which files may be opened, and what goes into a response with a file.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from hotreload.files.open_file import NotServed, TooManyOpenFiles, Unreadable
from hotreload.http import compress
from hotreload.http.clear_site_data import ClearSiteData
from hotreload.http.compress import Compressor
from hotreload.http.fetch_metadata import VARY, is_navigation, wants_document
from hotreload.http.messages import Header, Request, Response, content, redirect, text
from hotreload.http.mime import DOCUMENTS, content_type, essence_of
from hotreload.http.url_path import BadTarget, Target, parse, url_path
from hotreload.live.import_graph import ImportGraph
from hotreload.live.messages import FileChange, Page
from hotreload.reporter import Reporter
from hotreload.static.change_mapper import ChangeMapper
from hotreload.static.file_response import FileResponder
from hotreload.static.import_recorder import ImportRecorder
from hotreload.static.options import StaticOptions
from hotreload.static.pages import directory_listing, error_pages
from hotreload.static.pages.listing_history import ListingHistory
from hotreload.static.rules.header_rules import extended
from hotreload.static.rules.redirects import REDIRECTS, Outcome
from hotreload.static.rules.rule_files import RuleFiles
from hotreload.static.sandboxes import (
    Sandboxes,
    binds,
    is_in_sandbox,
    opened,
    unconditional,
)
from hotreload.static.service_workers import ServiceWorkers
from hotreload.static.site import write_wait
from hotreload.static.site.file_cache import FileBusy, FileCache
from hotreload.static.site.finder import Finder
from hotreload.static.site.site import Folder, Found, Missing, Redirect, Site
from hotreload.static.site.write_wait import WriteWait
from hotreload.static.tagging import Tagger
from hotreload.watch.changes import Change

# So many files that cannot be read are named.
MOST_TOLD: Final = 100
ALLOW: Final[Header] = (b"allow", b"GET, HEAD, OPTIONS")


class Static:
    """The files of a site.

    Args:
        site: resolves and opens.
        used: told of each file that a client was served, and the digest of its content; or None
            where the client asked in vain.
        options: what may be chosen about the answers.
        report: called with a sentence, and whether it tells of a problem.
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
        self._site = site
        self._finder = Finder(site)
        self._listings = ListingHistory()
        self._options = options
        self._used = used
        self._report = report
        self._told: set[str] = set()
        self.workers = ServiceWorkers(report)
        self.sandboxes = Sandboxes()
        self._clearing = ClearSiteData() if options.clear_site_data else None
        self._tagger = tagger
        self._file_cache = FileCache(site)
        self._writes = WriteWait(self._file_cache.is_busy)
        self._media_type = media_type = partial(content_type, overrides=options.types)
        self._rules = RuleFiles(
            options.root.absolute(), self._file_cache, used,
            always=options.headers, cors=options.cors is not None, report=report,
        )  # fmt: skip
        self._import_recorder = ImportRecorder(
            self._finder, import_graph, media_type, self.sandboxes.document
        )
        self._responder = FileResponder(
            site, self._file_cache, self._tagger, self._rules,
            compressor=Compressor(compress.coders()) if options.compress else None,
            used=used, media_type=media_type, from_worker=self._import_recorder.is_service_worker,
            in_sandbox=lambda request: self.sandboxes.document(request) is not None,
        )  # fmt: skip
        self._changes = ChangeMapper(
            site, self._file_cache, tagger.versions, self._listings, self._rules, import_graph,
            used=used, media_type=media_type,
        )  # fmt: skip

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
        """What pages are told of a changed file: nothing of one that is not served."""
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
            response = opened(self._answer(unconditional(request)))
        else:
            response = self.workers.checked(request, self._answer(request))
        response = self._clearing.checked(request, response) if self._clearing else response
        if self._options.cors is None:
            return response
        return extended(response, self._options.cors.headers(request))

    def _answer(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(204, [ALLOW])
        if request.method not in ("GET", "HEAD"):
            return text(405, "files are read with GET and HEAD", ALLOW)
        target = parse(request.target)
        if isinstance(target, BadTarget):
            return text(target.status, target.reason)
        try:
            return self._found(request, target)
        except NotServed as refusal:
            self._await(target)
            if isinstance(refusal, Unreadable):
                self._refused(f"cannot read {refusal.path}: {refusal}")
            return self._missing(request, target)
        except TooManyOpenFiles:
            return text(503, "too many files are open: try again", (b"retry-after", b"1"))

    def _found(self, request: Request, target: Target) -> Response:
        found = self._finder.find(target)
        if self._rules.redirects and (outcome := self._ruled(target, found)):
            return self._obey(request, outcome)
        if not target.segments and self._options.base:
            return redirect(url_path(self._options.base, directory=True))
        if isinstance(found, Redirect):
            return redirect(found.location)
        if isinstance(found, Folder):
            return self._folder(request, target)
        if isinstance(found, Missing):
            raise NotServed
        if self._goes_into_sandbox(request, found):
            return redirect(self.sandboxes.place(request, found.url))
        self._import_recorder.note(request, found.url)
        response = self._responder.response(request, found, 200)
        dependencies = self._responder.dependencies(target, found)
        return Response(response.status, response.headers, response.body, dependencies)

    def _goes_into_sandbox(self, request: Request, found: Found) -> bool:
        """Whether the document is for a frame in a sandbox that nothing keeps from another name."""
        if not self._options.sandbox_hosts or not self.sandboxes.may_name(request):
            return False
        if essence_of(self._media_type(found.path)) not in DOCUMENTS:
            return False
        if any(map(binds, self._rules.wanted.names)):
            return False
        address = request.headers[b"referer"].decode("latin-1")
        around = self._finder.file_at(urlsplit(address).path)
        known = self._file_cache.now(around.path) if around else None
        return known is not None and is_in_sandbox(known.data, address, request.target)

    # -- the site's rules ------------------------------------------------------------------------

    def _ruled(self, target: Target, found: object) -> Outcome | None:
        """What the site's rules make of the target."""
        exists = isinstance(found, Found) or (
            isinstance(found, Redirect) and self._finder.file_at(found.location) is not None
        )
        query = target.query.decode("ascii")
        return self._rules.redirects.first(target.segments, query, exists=exists)

    def _obey(self, request: Request, outcome: Outcome) -> Response:
        if outcome.status in REDIRECTS:
            return redirect(outcome.location, outcome.status)
        found = self._finder.file_at(outcome.location)
        if found is None:
            raise NotServed
        return self._responder.response(request, found, outcome.status)

    # -- where there is no file ------------------------------------------------------------------

    def _await(self, target: Target) -> None:
        """Whoever asked in vain is to hear of the file when it comes.

        Raises:
            FileBusy: it was there a moment ago: an editor may be replacing it.
        """
        for path in self._finder.awaited(target):
            if self._file_cache.may_return(path):
                raise FileBusy(path)
            self._used(path, None)

    def _refused(self, sentence: str) -> None:
        """Says once which file cannot be read."""
        if sentence not in self._told and len(self._told) < MOST_TOLD:
            self._told.add(sentence)
            self._report(sentence, True)

    def _folder(self, request: Request, target: Target) -> Response:
        """A folder without an index page: a list of what is in it, which keeps itself current."""
        if not self._options.listing or (self._options.spa and is_navigation(request)):
            raise NotServed
        self._await(target)
        view = directory_listing.View.of(target.query)
        entries = self._site.entries(target.segments)
        folder = url_path(target.segments, directory=True)
        self._listings.note(folder, (folder + url_path((one.name,))[1:] for one in entries))
        page = directory_listing.page(target.segments, entries, view)
        return self._own(request, 200, page, directory_listing.POLICY)

    def _missing(self, request: Request, target: Target) -> Response:
        """The app's page, the site's 404.html, or a page of ours, which heals by itself."""
        if self._options.spa and is_navigation(request):
            shown = self._shown(request, self._options.base + self._options.spa, 200)
            if shown is not None:
                return shown
        if not wants_document(request):
            return text(404, "there is no such file", VARY)
        shown = self._shown(request, (*self._options.base, "404.html"), 404)
        if shown is not None:
            return shown
        page = self._nothing_yet(target) or error_pages.error_page(
            "Not found", "There is no file of this name here.", "/" + "/".join(target.segments),
            near=[
                url for url in self._finder.suggestions(target)
                if url != url_path(target.segments)
            ],
            above=self._finder.above(target) if self._options.listing else "",
        )  # fmt: skip
        return self._own(request, 404, page, error_pages.POLICY)

    def _shown(self, request: Request, segments: tuple[str, ...], status: int) -> Response | None:
        """A page of the site in place of a file; None if there is none to be read."""
        found = self._site.find(Target.of(segments))
        if isinstance(found, Found):
            with suppress(NotServed):
                return self._responder.response(request, found, status)
        return None

    def _nothing_yet(self, target: Target) -> bytes | None:
        """A page that waits for the folder that the target would be in, if that is missing."""
        for prefix, folder in self._options.folders:
            names = self._options.base + prefix
            if target.segments[: len(names)] == names and self._site.stat(str(folder)) is None:
                self._listings.note(url_path(names, directory=True), ())
                sentence = "There is no such folder yet:"
                return error_pages.error_page("Nothing here yet", sentence, str(folder))
        return None

    def _own(self, request: Request, status: int, page: bytes, policy: Header) -> Response:
        """One of our own pages, with the tag in it where it is shown as a document."""
        body = self._tagger.tagged_page(page) if wants_document(request) else page
        return content(status, b"text/html; charset=utf-8", body, policy, VARY)
