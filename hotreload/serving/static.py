"""A site's files as responses.

Knows: which requests want a document with the tag in it, and what a request without a file gets.
Refuses to know: sockets, which files may be opened, and how conditions and ranges are answered.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from hotreload.configuring.settings import Settings
from hotreload.pushing.updates import Edges, Stream
from hotreload.serving import compress, listing, pages
from hotreload.serving.again import Ground
from hotreload.serving.changed import Changed
from hotreload.serving.compress import Compressor, encoded, worthwhile
from hotreload.serving.documents import DOCUMENTS, HEAD, VARY, Documents
from hotreload.serving.finder import Finder
from hotreload.serving.headers import merged, wanted
from hotreload.serving.listed import Listed
from hotreload.serving.memory import Content, Memory, is_settled
from hotreload.serving.mime import SNIFFED, content_type, essence_of
from hotreload.serving.representation import Opened, Representation, respond
from hotreload.serving.resolve import Bad, Target, parse, url_path
from hotreload.serving.responses import Header, Request, Response, content, redirect, text
from hotreload.serving.rulefiles import RuleFiles
from hotreload.serving.rules import REDIRECTS, Outcome, first
from hotreload.serving.site import (
    Folder,
    Found,
    NotServed,
    OpenFile,
    OutOfFiles,
    Redirect,
    Site,
)

DESTINATIONS: Final = (b"document", b"iframe", b"frame")
ALLOW: Final[Header] = (b"allow", b"GET, HEAD, OPTIONS")


class Static:
    """The files of a site.

    Args:
        site: resolves and opens.
        stream: the updates of this run; the newest number goes into each tag.
        used: told of each file that a client was served, and the digest of its content; or None
            where the client asked in vain.
        settings: what was asked for.
        report: called with a sentence, and whether it tells of a problem.

    Attributes:
        changed: what pages are told of the files that change.
    """

    def __init__(
        self,
        site: Site,
        stream: Stream,
        used: Callable[[str, str | None], None],
        settings: Settings,
        report: Callable[[str, bool], None],
    ) -> None:
        self._site = site
        self._finder = Finder(site)
        self._listed = Listed()
        self._settings = settings
        self._stream = stream
        self._used = used
        self._memory = Memory(site)
        self._edges = Edges()
        self._documents = Documents(stream, settings, report)
        self._compressor = Compressor(compress.coders()) if settings.compress else None
        self._rules = RuleFiles(
            settings.root.absolute(), self._memory, used,
            always=settings.headers, cors=settings.cors is not None, report=report,
        )  # fmt: skip
        self.changed = Changed(
            site, self._memory, self._documents, self._listed, self._rules, self._edges, stream,
            used=used, media_type=self._type,
        )  # fmt: skip

    # -- requests --------------------------------------------------------------------------------

    def answer(self, request: Request) -> Response:
        """The response to a request for a file of the site."""
        response = self._answer(request)
        if self._settings.cors is None:
            return response
        return _extended(response, self._settings.cors.headers(request))

    def _answer(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(204, [ALLOW])
        if request.method not in ("GET", "HEAD"):
            return text(405, "files are read with GET and HEAD", ALLOW)
        target = parse(request.target)
        if isinstance(target, Bad):
            return text(target.status, target.reason)
        try:
            return self._found(request, target)
        except NotServed:
            self._await(target)
            return self._missing(request, target)
        except OutOfFiles:
            return text(503, "too many files are open: try again", (b"retry-after", b"1"))

    def _found(self, request: Request, target: Target) -> Response:
        found = self._finder.find(target)
        if self._rules.redirects and (outcome := self._ruled(target, found)):
            return self._obey(request, outcome)
        if not target.segments and self._settings.base:
            return redirect(url_path(self._settings.base, directory=True))
        if isinstance(found, Redirect):
            return redirect(found.location)
        if isinstance(found, Folder):
            return self._folder(request, target)
        if not isinstance(found, Found):
            raise NotServed
        self._remember_referer(request, found.url)
        response = self._file(request, found, 200)
        return replace(response, ground=self._ground(target, found))

    def _ground(self, target: Target, found: Found) -> tuple[Ground, ...]:
        """What on the disk makes the answer what it is, if every change of that would show.

        The file counts as it was when it was read: what memory serves while it is being written is
        the version before.
        """
        read = self._memory.knows(found.path)
        plain = self._compressor is None and all(map(str.isascii, target.segments))
        if not plain or read is None or not read.settled or read.held:
            return ()
        way = [Ground(path, self._site.stat(path)) for path in self._site.way(target)]
        settled = all(is_settled(stamp.changed_ns) for _, stamp in way if stamp)
        return (*way, Ground(found.path, read.stamp)) if settled else ()

    def _ruled(self, target: Target, found: object) -> Outcome | None:
        """What the site's rules make of the target."""
        exists = isinstance(found, Found) or (
            isinstance(found, Redirect) and self._led_to(found.location) is not None
        )
        query = target.query.decode("ascii")
        return first(self._rules.redirects, target.segments, query, exists=exists)

    def _obey(self, request: Request, outcome: Outcome) -> Response:
        if outcome.status in REDIRECTS:
            return redirect(outcome.location, outcome.status)
        found = self._led_to(outcome.location)
        if found is None:
            raise NotServed
        return self._file(request, found, outcome.status)

    def _led_to(self, location: str) -> Found | None:
        """The file at a location of this site, one redirect further if need be."""
        target = parse(location.encode("ascii"))
        found = None if isinstance(target, Bad) else self._finder.find(target)
        if isinstance(found, Redirect):
            target = parse(found.location.encode("ascii"))
            found = None if isinstance(target, Bad) else self._finder.find(target)
        return found if isinstance(found, Found) else None

    def _file(self, request: Request, found: Found, status: int) -> Response:
        theirs = self._wanted(request)
        whole = self._representation(request, found, status, theirs)
        if self._compressor is not None and worthwhile(whole):
            theirs = [*theirs, compress.VARY]
            whole = self._compressed(request, found, whole, self._compressor)
        response = respond(request, whole)
        return _extended(response, theirs) if theirs else response

    def _compressed(
        self, request: Request, found: Found, whole: Representation, compressor: Compressor
    ) -> Representation:
        """The file in a coding that the client takes; from the file beside it that holds that."""
        coding = compressor.coding(whole, request.headers)
        if coding is None:
            return whole
        known = self._memory.knows(found.path)
        opened = None if isinstance(whole.content, bytes) else whole.content
        tagged = opened.head if opened else not (known and known.data is whole.content)
        beside = None if tagged else self._beside(found.path, coding, whole.modified)
        if beside is None:
            return compressor.encode(whole, coding)
        if opened:
            opened.file.close()
        return encoded(replace(whole, etag=f'"{beside.digest}"'.encode()), beside.data, coding)

    def _beside(self, path: str, coding: str, modified: float) -> Content | None:
        """The file of the same name with the coding's extension, if it is no older."""
        read = self._memory.now(path + compress.EXTENSIONS[coding])
        return read if read is not None and read.modified >= modified else None

    def _wanted(self, request: Request) -> list[Header]:
        """The headers that the site's rules, or --header, have for this path."""
        if not self._rules.wanted:
            return []
        target = parse(request.target)
        return [] if isinstance(target, Bad) else wanted(self._rules.wanted, target.segments)

    def _representation(
        self, request: Request, found: Found, status: int, theirs: list[Header]
    ) -> Representation:
        """The file as it is sent; takes from `theirs` what it has heeded."""
        read = self._memory.read(found.path)
        head = read.read(0, SNIFFED) if isinstance(read, OpenFile) else read.data[:SNIFFED]
        said = _taken(theirs, b"content-type")
        media_type = said[-1] if said else self._type(found.path, head)
        shown = essence_of(media_type) in DOCUMENTS and wants_document(request)
        if isinstance(read, OpenFile):
            file, known = read, _beginning(read, HEAD if shown else 0)
        else:
            file, known = None, read
            self._used(found.path, read.digest)
        if shown:
            policies = _taken(theirs, b"content-security-policy")
            return self._documents.represent(
                known, media_type, found.url, status,
                policies=policies, origin=_origin(request), file=file,
            )  # fmt: skip
        etag = f'"{known.digest}"'.encode()
        headers = (VARY,) if essence_of(media_type) in DOCUMENTS else ()
        data = Opened(file) if file else known.data
        return Representation(data, media_type, etag, known.modified, headers, status)

    def _type(self, path: str, head: bytes | None = None) -> str:
        return content_type(path, self._settings.types, head)

    def _await(self, target: Target) -> None:
        """Whoever asked in vain is to hear of the file when it comes."""
        for path in self._finder.awaited(target):
            self._used(path, None)

    def _folder(self, request: Request, target: Target) -> Response:
        """A folder without an index page: a list of what is in it, which keeps itself current."""
        if not self._settings.listing or (self._settings.spa and _navigates(request)):
            raise NotServed
        self._await(target)
        view = listing.View.of(target.query)
        entries = self._site.entries(target.segments)
        folder = url_path(target.segments, directory=True)
        self._listed.note(folder, (folder + url_path((one.name,))[1:] for one in entries))
        page = listing.page(target.segments, entries, view)
        return self._own(request, 200, page, listing.POLICY)

    def _missing(self, request: Request, target: Target) -> Response:
        """The app's page, the site's 404.html, or a page of ours, which heals by itself."""
        if self._settings.spa and _navigates(request):
            found = self._site.find(Target.of(self._settings.base + self._settings.spa))
            if isinstance(found, Found):
                return self._file(request, found, 200)
        if not wants_document(request):
            return text(404, "there is no such file", VARY)
        found = self._site.find(Target.of((*self._settings.base, "404.html")))
        if isinstance(found, Found):
            return self._file(request, found, 404)
        page = self._nothing_yet(target) or pages.error_page(
            "Not found", "There is no file of this name here.", _readable(target),
            near=self._finder.near(target),
            above=self._finder.above(target) if self._settings.listing else "",
        )  # fmt: skip
        return self._own(request, 404, page, pages.POLICY)

    def _nothing_yet(self, target: Target) -> bytes | None:
        """A page that waits for the folder that the target would be in, if that is missing."""
        for prefix, folder in self._settings.folders:
            names = self._settings.base + prefix
            if target.segments[: len(names)] == names and not folder.exists():
                self._listed.note(url_path(names, directory=True), ())
                sentence = "There is no such folder yet:"
                return pages.error_page("Nothing here yet", sentence, str(folder))
        return None

    def _own(self, request: Request, status: int, page: bytes, policy: Header) -> Response:
        """One of our own pages, with the tag in it where it is shown as a document."""
        body = self._documents.tagged_page(page) if wants_document(request) else page
        return content(status, b"text/html; charset=utf-8", body, policy, VARY)

    def _remember_referer(self, request: Request, url: str) -> None:
        """A page sees what it loads itself: what scripts and style sheets load, we saw."""
        referer = request.headers.get(b"referer")
        # Of a shared worker not even the page that starts it is told.
        not_seen = request.headers.get(b"sec-fetch-dest") == b"sharedworker"
        if referer and (requester := self._requester(referer, not_seen=not_seen)):
            self._edges.add(url, requester)

    def _requester(self, referer: bytes, *, not_seen: bool) -> str | None:
        try:
            path = urlsplit(referer.decode("ascii")).path
        except ValueError:  # not a URL: no browser sends that
            return None
        found = self.changed.found_at(path or "/")
        if found and (not_seen or essence_of(self._type(found.path)) not in DOCUMENTS):
            return found.url
        return None


def wants_document(request: Request) -> bool:
    """Whether the answer will be shown as a document, rather than read by a script.

    Browsers say so in Sec-Fetch-Dest, but only to this machine or over TLS; without it a
    navigation is known by its Accept, and a script by the marks that scripts leave.
    """
    destination = request.headers.get(b"sec-fetch-dest")
    mode = request.headers.get(b"sec-fetch-mode")
    takes_html = b"text/html" in request.headers.get(b"accept", b"")
    # What a service worker passes on has lost its destination, and in Firefox its mode.
    if mode == b"navigate" or (mode == b"same-origin" and takes_html):
        return True
    if destination is not None:
        return destination in DESTINATIONS
    if takes_html:
        return True
    marks = (b"referer", b"x-requested-with", b"hx-request", b"turbo-frame")
    return not any(mark in request.headers for mark in marks)


def _navigates(request: Request) -> bool:
    """Whether a person goes there, by a link or an address, and takes HTML for an answer."""
    return b"text/html" in request.headers.get(b"accept", b"") and wants_document(request)


def _extended(response: Response, theirs: Sequence[Header]) -> Response:
    return replace(response, headers=merged(response.headers, theirs))


def _taken(headers: list[Header], name: bytes) -> tuple[str, ...]:
    """The values of the headers of a name, which are taken out."""
    values = tuple(value.decode("latin-1") for key, value in headers if key == name)
    if values:
        headers[:] = [header for header in headers if header[0] != name]
    return values


def _origin(request: Request) -> str:
    return f"{request.scheme}://{request.headers[b'host'].decode('latin-1')}"


def _beginning(file: OpenFile, length: int) -> Content:
    """A large file is not read to name its version: its time, size and inode do."""
    data, modified = file.read(0, length), file.stat.st_mtime
    return Content(file.stamp, data, file.stamp.version, modified, settled=False)


def _readable(target: Target) -> str:
    return "/" + "/".join(target.segments)
