"""Which file of a site, or which page in its place, a request gets.

Knows: the order in which rules, files, lists of folders and pages of our own are taken. Refuses to
know: sockets, which files may be opened, and what goes into a response with a file.
"""

from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from hotreload.files.open_file import NotServed, TooManyOpenFiles, Unreadable
from hotreload.http import compress
from hotreload.http.compress import Compressor
from hotreload.http.fetch_metadata import VARY, is_navigation, wants_document
from hotreload.http.messages import Header, Request, Response, content, redirect, text
from hotreload.http.mime import DOCUMENTS, essence_of
from hotreload.http.url_path import BadTarget, Target, parse, url_path
from hotreload.live.import_graph import ImportGraph
from hotreload.reporter import Reporter
from hotreload.static.file_response import FileResponder
from hotreload.static.import_recorder import ImportRecorder
from hotreload.static.options import StaticOptions
from hotreload.static.pages import directory_listing, error_pages
from hotreload.static.pages.listing_history import ListingHistory
from hotreload.static.rules.redirects import REDIRECTS, Outcome
from hotreload.static.rules.rule_files import RuleFiles
from hotreload.static.sandboxes import Sandboxes, binds, is_in_sandbox
from hotreload.static.site.file_access import FileAccess
from hotreload.static.site.file_cache import FileBusy
from hotreload.static.site.finder import Finder
from hotreload.static.site.site import Folder, Found, Missing, Redirect
from hotreload.static.tagging import Tagger

# So many files that cannot be read are named.
MOST_TOLD: Final = 100
ALLOW: Final[Header] = (b"allow", b"GET, HEAD, OPTIONS")


class SiteResponder:
    """Answers with the files of a site, and with pages of ours where there is none.

    Args:
        files: the site's.
        options: what may be chosen about the answers.
        report: called with a sentence, and whether it is a problem.
        sandboxes: who asks from a frame in a sandbox.
        import_graph: takes down which file was requested by which.
        tagger: puts the tag into documents.

    Attributes:
        rules: the site's own.
        listings: the lists of folders that were sent.
    """

    def __init__(
        self,
        files: FileAccess,
        options: StaticOptions,
        report: Reporter,
        *,
        sandboxes: Sandboxes,
        import_graph: ImportGraph,
        tagger: Tagger,
    ) -> None:
        self._files = files
        self._options = options
        self._report = report
        self._sandboxes = sandboxes
        self._tagger = tagger
        self._told: set[str] = set()
        self._finder = Finder(files.site)
        self.listings = ListingHistory()
        self.rules = RuleFiles(
            options.root.absolute(), files.cache, files.used,
            always=options.headers, cors=options.cors is not None, report=report,
        )  # fmt: skip
        self._import_recorder = ImportRecorder(
            self._finder, import_graph, files.media_type, sandboxes.document
        )
        self._responder = FileResponder(
            files, tagger, self.rules,
            compressor=Compressor(compress.coders()) if options.compress else None,
            from_worker=self._import_recorder.is_service_worker,
            in_sandbox=lambda request: sandboxes.document(request) is not None,
        )  # fmt: skip

    def respond(self, request: Request) -> Response:
        """The response to a request for a file of the site.

        Raises:
            FileBusy: a file that it takes is being written.
        """
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
        if self.rules.redirects and (outcome := self._ruled(target, found)):
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
            return redirect(self._sandboxes.place(request, found.url))
        self._import_recorder.note(request, found.url)
        response = self._responder.response(request, found, 200)
        dependencies = self._responder.dependencies(target, found)
        return Response(response.status, response.headers, response.body, dependencies)

    def _goes_into_sandbox(self, request: Request, found: Found) -> bool:
        """Whether the document is for a frame in a sandbox that nothing keeps from another name."""
        if not self._options.sandbox_hosts or not self._sandboxes.may_name(request):
            return False
        if essence_of(self._files.media_type(found.path)) not in DOCUMENTS:
            return False
        if any(map(binds, self.rules.wanted.names)):
            return False
        address = request.headers[b"referer"].decode("latin-1")
        around = self._finder.file_at(urlsplit(address).path)
        known = self._files.cache.now(around.path) if around else None
        return known is not None and is_in_sandbox(known.data, address, request.target)

    # -- the site's rules ------------------------------------------------------------------------

    def _ruled(self, target: Target, found: object) -> Outcome | None:
        """What the site's rules make of the target."""
        exists = isinstance(found, Found) or (
            isinstance(found, Redirect) and self._finder.file_at(found.location) is not None
        )
        query = target.query.decode("ascii")
        return self.rules.redirects.first(target.segments, query, exists=exists)

    def _obey(self, request: Request, outcome: Outcome) -> Response:
        if outcome.status in REDIRECTS:
            return redirect(outcome.location, outcome.status)
        found = self._finder.file_at(outcome.location)
        if found is None:
            raise NotServed
        return self._responder.response(request, found, outcome.status)

    # -- where there is no file ------------------------------------------------------------------

    def _await(self, target: Target) -> None:
        """Notify the page if the missing file appears later.

        Raises:
            FileBusy: it was there a moment ago: an editor may be replacing it.
        """
        for path in self._finder.awaited(target):
            if self._files.cache.may_return(path):
                raise FileBusy(path)
            self._files.used(path, None)

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
        entries = self._files.site.entries(target.segments)
        folder = url_path(target.segments, directory=True)
        self.listings.note(folder, (folder + url_path((one.name,))[1:] for one in entries))
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
        page = self._nothing_yet(target) or error_pages.not_found(
            "/" + "/".join(target.segments),
            near=[
                url for url in self._finder.suggestions(target)
                if url != url_path(target.segments)
            ],
            above=self._finder.above(target) if self._options.listing else "",
        )  # fmt: skip
        return self._own(request, 404, page, error_pages.POLICY)

    def _shown(self, request: Request, segments: tuple[str, ...], status: int) -> Response | None:
        """A page of the site in place of a file; None if there is none to be read."""
        found = self._files.site.find(Target.of(segments))
        if isinstance(found, Found):
            with suppress(NotServed):
                return self._responder.response(request, found, status)
        return None

    def _nothing_yet(self, target: Target) -> bytes | None:
        """A page that waits for the folder that the target would be in, if that is missing."""
        for prefix, folder in self._options.folders:
            names = self._options.base + prefix
            if (
                target.segments[: len(names)] == names
                and self._files.site.stat(str(folder)) is None
            ):
                self.listings.note(url_path(names, directory=True), ())
                return error_pages.nothing_yet(str(folder))
        return None

    def _own(self, request: Request, status: int, page: bytes, policy: Header) -> Response:
        """One of our own pages, with the tag in it where it is shown as a document."""
        body = self._tagger.tagged_page(page) if wants_document(request) else page
        return content(status, b"text/html; charset=utf-8", body, policy, VARY)
