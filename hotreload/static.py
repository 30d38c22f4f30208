"""A site's files as responses, and their changes as the pages see them.

Knows: which requests want a document with the tag in it, and what of a changed file pages are told.
Refuses to know: sockets, which files may be opened, and how conditions and ranges are answered.
"""

from collections.abc import Callable
from time import time
from typing import Final
from urllib.parse import urlsplit

from hotreload import inject, pages
from hotreload.changes import Change, Kind
from hotreload.documents import VARY, Documents
from hotreload.memory import Content, Memory
from hotreload.messages import EVERYTHING, FileChange, Page, Update
from hotreload.mime import SNIFFED, content_type
from hotreload.representation import Representation, respond
from hotreload.resolve import Bad, Target, parse
from hotreload.responses import Header, Request, Response, content, redirect, text
from hotreload.site import Found, NotServed, OpenFile, OutOfFiles, Redirect, Site
from hotreload.updates import Edges, Stream

# Text up to this travels inside the update: it saves the page a request.
MAX_TEXT: Final = 256 * 2**10
DOCUMENTS: Final = ("text/html", "application/xhtml+xml", "image/svg+xml")
DESTINATIONS: Final = (b"document", b"iframe", b"frame")
ALLOW: Final[Header] = (b"allow", b"GET, HEAD, OPTIONS")
NOT_FOUND_PAGE: Final = Target(("404.html",), False, True, b"", b"/404.html")


class Static:
    """The files of a site.

    Args:
        site: resolves and opens.
        stream: the updates of this run; the newest number goes into each tag.
        used: told of each file that a client was served, and the digest of its content.
    """

    def __init__(self, site: Site, stream: Stream, used: Callable[[str, str], None]) -> None:
        self._site = site
        self._stream = stream
        self._used = used
        self._memory = Memory(site)
        self._edges = Edges()
        self._documents = Documents(stream)

    # -- requests --------------------------------------------------------------------------------

    def answer(self, request: Request) -> Response:
        """The response to a request for a file of the site."""
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
            return self._missing(request, target)
        except OutOfFiles:
            return text(503, "too many files are open: try again", (b"retry-after", b"1"))

    def _found(self, request: Request, target: Target) -> Response:
        found = self._site.find(target)
        if isinstance(found, Redirect):
            return redirect(found.location)
        if not isinstance(found, Found):
            raise NotServed
        self._remember_referer(request, found.url)
        return self._file(request, found, 200)

    def _file(self, request: Request, found: Found, status: int) -> Response:
        read = self._memory.read(found.path)
        if isinstance(read, OpenFile):
            media_type = content_type(found.path, head=read.read(0, SNIFFED))
            return respond(request, _opened(read, media_type, status))
        media_type = content_type(found.path, head=read.data[:SNIFFED])
        self._used(found.path, read.digest)
        if _essence(media_type) in DOCUMENTS and wants_document(request):
            return respond(
                request, self._documents.represent(read, _essence(media_type), found.url, status)
            )
        etag = f'"{read.digest}"'.encode()
        headers = (VARY,) if _essence(media_type) in DOCUMENTS else ()
        return respond(
            request, Representation(read.data, media_type, etag, read.modified, headers, status)
        )

    def _missing(self, request: Request, target: Target) -> Response:
        """The site's 404.html, or a page of ours; either heals when the file appears."""
        if not wants_document(request):
            return text(404, "there is no such file", VARY)
        found = self._site.find(NOT_FOUND_PAGE)
        if isinstance(found, Found):
            return self._file(request, found, 404)
        return self.page(404, "Not found", "There is no file of this name here.", _readable(target))

    def page(self, status: int, title: str, sentence: str, path: str) -> Response:
        """One of our own pages, with the tag in it."""
        page = self._documents.tagged_page(pages.error_page(title, sentence, path))
        return content(status, b"text/html; charset=utf-8", page, pages.POLICY, VARY)

    def _remember_referer(self, request: Request, url: str) -> None:
        """A page sees what it loads itself: what scripts and style sheets load, we saw."""
        referer = request.headers.get(b"referer")
        if referer and (requester := self._requester(referer)):
            self._edges.add(url, requester)

    def _requester(self, referer: bytes) -> str | None:
        found = self._found_at(urlsplit(referer).path.decode("latin-1") or "/")
        if found and _essence(content_type(found.path)) not in DOCUMENTS:
            return found.url
        return None

    # -- changes ---------------------------------------------------------------------------------

    def describe(self, change: Change) -> list[FileChange]:
        """What pages are told of a changed file: nothing of one that is not served."""
        if not self._site.holds(change.path):
            return [FileChange(EVERYTHING, change.kind)]
        known = self._memory.knows(change.path)
        read = None if change.kind is Kind.DELETED or known is None else self._now(change.path)
        digest = read.digest if read else None
        told = self._text(change.path, read) if read else None
        return [
            FileChange(url, change.kind, digest, told, self._edges.via(url))
            for url in self._site.urls(change.path)
        ]

    def _now(self, path: str) -> Content | None:
        try:
            read = self._memory.read(path)
        except (NotServed, OutOfFiles):
            return None
        if isinstance(read, OpenFile):
            read.close()
            return None
        return read

    def _text(self, path: str, read: Content) -> str | None:
        """The text of a small document or style sheet that reads the same to everybody."""
        essence = _essence(content_type(path))
        if essence in DOCUMENTS:
            self._documents.keep(read, essence)
        if len(read.data) > MAX_TEXT:
            return None
        if essence in DOCUMENTS:
            return inject.text(read.data, essence)
        return _css(read.data) if essence == "text/css" else None

    def differing(self, page: Page) -> Update:
        """An update of all that differs between what a page has and what the disk holds."""
        changes = []
        for url, had in (page.resources or {}).items():
            now = self._now_at(url)
            if now is None and had:
                changes.append(FileChange(url, Kind.DELETED))
            elif now is not None and (now.digest is None or now.digest != had):
                changes.append(now)
        return Update(self._stream.seq, time(), tuple(changes))

    def _now_at(self, url: str) -> FileChange | None:
        """The file at a URL as if it had just been modified; None when there is none."""
        found = self._found_at(url)
        if found is None:
            return None
        read = self._now(found.path)
        if read is None:
            return FileChange(found.url, Kind.MODIFIED)
        told = self._text(found.path, read)
        return FileChange(found.url, Kind.MODIFIED, read.digest, told)

    def _found_at(self, url: str) -> Found | None:
        target = parse(url.encode("ascii", "replace"))
        found = None if isinstance(target, Bad) else self._site.find(target)
        return found if isinstance(found, Found) else None

    def source(self, digest: str, url: str) -> Response:
        """A version of a document: what a page that was made of it compares the next one with.

        Args:
            digest: of the version.
            url: canonical URL path of the document's file, which may be of that version still
                when it was an earlier run of the server that sent it.
        """
        source = self._documents.source(digest)
        if source is None and (found := self._found_at(url)) and (now := self._now(found.path)):
            source = now.data if now.digest == digest else None
        if source is None:
            return text(404, "this version is not kept any more")
        return content(200, b"text/plain", source)


def wants_document(request: Request) -> bool:
    """Whether the answer will be shown as a document, rather than read by a script.

    Browsers say so in Sec-Fetch-Dest, but only to this machine or over TLS; without it a
    navigation is known by its Accept, and a script by the marks that scripts leave.
    """
    destination = request.headers.get(b"sec-fetch-dest")
    if destination is not None:
        return destination in DESTINATIONS
    if b"text/html" in request.headers.get(b"accept", b""):
        return True
    marks = (b"referer", b"x-requested-with", b"hx-request", b"turbo-frame")
    return not any(mark in request.headers for mark in marks)


def _opened(file: OpenFile, media_type: str, status: int) -> Representation:
    """A large file is not read to name its version: its time, size and inode do."""
    etag = b'"%s"' % b"-".join(b"%x" % number for number in file.stamp)
    return Representation(file, media_type, etag, file.stat.st_mtime, (), status)


def _readable(target: Target) -> str:
    return "/" + "/".join(target.segments)


def _essence(media_type: str) -> str:
    return media_type.partition(";")[0]


def _css(data: bytes) -> str | None:
    """A style sheet's text where no encoding but UTF-8 can be meant."""
    if data.startswith((b'@charset "', b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe")):
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
