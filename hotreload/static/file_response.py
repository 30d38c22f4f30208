"""A file of the site as the response to a request.

Knows: what goes into it: the type, the tag of a document, the headers of the site's rules, a
coding that the client takes. Refuses to know: which file a request gets, sockets, and how
conditions and ranges are answered.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from hotreload.files.open_file import OpenFile, reading
from hotreload.http import compress
from hotreload.http.compress import Compressor, encoded, worthwhile
from hotreload.http.fetch_metadata import VARY, is_whole, wants_document
from hotreload.http.messages import Header, Request, Response
from hotreload.http.mime import DOCUMENTS, SNIFFED, essence_of
from hotreload.http.representation import Representation, TaggedFile, respond
from hotreload.http.response_cache import Dependency
from hotreload.http.url_path import BadTarget, Target, parse
from hotreload.live.source_versions import Source
from hotreload.static.rules.header_rules import extended
from hotreload.static.rules.rule_files import RuleFiles
from hotreload.static.site.file_access import FileAccess
from hotreload.static.site.file_cache import Content, is_settled
from hotreload.static.site.site import Found
from hotreload.static.tagging import Tagger

# The beginning of a document that is not read whole: its head is looked for in it.
HEAD: Final = 2**20


class FileResponder:
    """Answers with files.

    Args:
        files: the site's.
        tagger: puts the tag into documents.
        rules: of the site, for their headers.
        compressor: of content; None for none.
        from_worker: whether a service worker asks, who may show what it gets as a document.
        in_sandbox: whether a frame in a sandbox asks, in which no client can work.
    """

    def __init__(
        self,
        files: FileAccess,
        tagger: Tagger,
        rules: RuleFiles,
        *,
        compressor: Compressor | None,
        from_worker: Callable[[Request], bool],
        in_sandbox: Callable[[Request], bool],
    ) -> None:
        self._files = files
        self._tagger = tagger
        self._rules = rules
        self._compressor = compressor
        self._from_worker = from_worker
        self._in_sandbox = in_sandbox

    def response(self, request: Request, found: Found, status: int) -> Response:
        """The response with a file.

        Args:
            request: with GET or HEAD.
            found: the file.
            status: of the answer when nothing else is called for.

        Raises:
            FileBusy: the file is being written, and no version before is known.
            NotServed: there is no such file, or it is never served.
            OutOfFiles: the process has no descriptor left.
        """
        theirs = self._wanted(request)
        whole = self._representation(request, found, status, theirs)
        if self._compressor is not None and worthwhile(whole):
            theirs = [*theirs, compress.VARY]
            whole = self._compressed(request, found, whole, self._compressor)
        response = respond(request, whole)
        return extended(response, theirs) if theirs else response

    def dependencies(self, target: Target, found: Found) -> tuple[Dependency, ...]:
        """What on the disk makes the answer what it is, if every change of that would show.

        The file counts as it was when it was read: what memory serves while it is being written is
        the version before.
        """
        read = self._files.cache.knows(found.path)
        plain = self._compressor is None and all(map(str.isascii, target.segments))
        if not plain or read is None or not read.settled or read.held:
            return ()
        way = [
            Dependency(path, self._files.site.stat(path))
            for path in self._files.site.parent_dirs(target)
        ]
        settled = all(is_settled(stamp.changed_ns) for _, stamp in way if stamp)
        return (*way, Dependency(found.path, read.stamp)) if settled else ()

    def _wanted(self, request: Request) -> list[Header]:
        """The headers that the site's rules, or --header, have for this path."""
        if not self._rules.wanted:
            return []
        target = parse(request.target)
        return [] if isinstance(target, BadTarget) else self._rules.wanted.at(target.segments)

    def _representation(
        self, request: Request, found: Found, status: int, theirs: list[Header]
    ) -> Representation:
        """The file as it is sent; takes from `theirs` what it has heeded."""
        read = self._files.cache.read(found.path)
        if isinstance(read, Content):
            return self._represented(request, found, read, status, theirs)
        with reading(read, found.path):
            return self._represented(request, found, read, status, theirs)

    def _represented(
        self,
        request: Request,
        found: Found,
        read: Content | OpenFile,
        status: int,
        theirs: list[Header],
    ) -> Representation:
        file = read if isinstance(read, OpenFile) else None
        head = read.read(0, SNIFFED) if isinstance(read, OpenFile) else read.data[:SNIFFED]
        said = _taken(theirs, b"content-type")
        media_type = said[-1] if said else self._files.media_type(found.path, head=head)
        is_document = essence_of(media_type) in DOCUMENTS
        shown = is_document and self._shows(request, head)
        known = _beginning(read, HEAD if shown else 0) if isinstance(read, OpenFile) else read
        self._files.used(found.path, known.digest)
        whole = Representation(
            TaggedFile(file) if file else known.data, media_type, f'"{known.digest}"'.encode(),
            known.modified, (VARY,) if is_document else (), status,
        )  # fmt: skip
        if not shown:
            return whole
        policies = _taken(theirs, b"content-security-policy")
        source = Source(known.data, known.digest, found.url)
        return self._tagger.represent(whole, source, policies=policies, origin=request.origin)

    def _shows(self, request: Request, head: bytes) -> bool:
        """Whether the answer will be shown as a document that can have our tag."""
        if request.headers.get(b"sec-fetch-dest") != b"document" and self._in_sandbox(request):
            return False
        return wants_document(request) or (is_whole(head) and self._from_worker(request))

    def _compressed(
        self, request: Request, found: Found, whole: Representation, compressor: Compressor
    ) -> Representation:
        """The file in a coding that the client takes; from the file beside it that holds that."""
        coding = compressor.coding(whole, request.headers)
        if coding is None:
            return whole
        known = self._files.cache.knows(found.path)
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
        read = self._files.cache.now(path + compress.EXTENSIONS[coding])
        return read if read is not None and read.modified >= modified else None


def _taken(headers: list[Header], name: bytes) -> tuple[str, ...]:
    """The values of the headers of a name, which are taken out."""
    values = tuple(value.decode("latin-1") for key, value in headers if key == name)
    if values:
        headers[:] = [header for header in headers if header[0] != name]
    return values


def _beginning(file: OpenFile, length: int) -> Content:
    """A large file is not read to name its version: its time, size and inode do."""
    data = file.read(0, length)
    return Content(file.stamp, data, file.stamp.version, file.modified, settled=False)
