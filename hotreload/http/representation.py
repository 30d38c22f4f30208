"""A representation and a request make a response: conditions, ranges, headers (RFC 9110, 13-15).

Knows: how the content that could be sent becomes what is sent. Refuses to know: where it came from.
"""

from dataclasses import dataclass, replace
from typing import Final

from hotreload.files.open_file import OpenFile
from hotreload.http.conditions import Unsatisfiable, http_date, precondition, ranges
from hotreload.http.messages import NO_CACHE, SAFETY, FileBody, Header, Piece, Request, Response

# Separates the parts of an answer to several ranges; a random one serves hiding, not framing.
BOUNDARY: Final = b"hotreload-range-boundary"


@dataclass(frozen=True, slots=True)
class TaggedFile:
    """The content of an open file, which may begin in another way than the file does.

    Attributes:
        file: the open file.
        head: what is sent in place of its first bytes.
        replaced: so many of them.
    """

    file: OpenFile
    head: bytes = b""
    replaced: int = 0

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.head) + self.file.size - self.replaced

    def pieces(self, offset: int, length: int) -> list[Piece]:
        """A part of the content, as a stream sends it."""
        first = self.head[offset : offset + length]
        left = length - len(first)
        start = offset + len(first) - len(self.head) + self.replaced
        return [*([first] if first else []), *([(start, left)] if left else [])]


@dataclass(frozen=True, slots=True)
class Representation:
    """What a GET could send.

    Attributes:
        content: in memory, or of an open file.
        media_type: the value of Content-Type.
        etag: strong, with its quotes.
        modified: when it last changed, in seconds since the epoch.
        headers: further ones.
        status: of the answer when nothing else is called for.
        cached: the Cache-Control header.
    """

    content: bytes | TaggedFile
    media_type: str
    etag: bytes
    modified: float
    headers: tuple[Header, ...] = ()
    status: int = 200
    cached: Header = NO_CACHE

    @property
    def size(self) -> int:
        """Of the content, in bytes."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.size


def respond(request: Request, whole: Representation) -> Response:
    """The response to a GET or HEAD for it; closes an open file that it does not send."""
    response = _answer(request, whole)
    if request.method == "HEAD" and isinstance(response.body, FileBody):
        response.body.file.close()
        return replace(response, body=b"")
    return response


def _answer(request: Request, whole: Representation) -> Response:
    if whole.status != 200:
        return _full(whole)
    status = precondition(request.method, request.headers, whole.etag, whole.modified)
    if status is not None:
        _close(whole)
        return _without(whole, status)
    if request.method != "GET":  # Range means nothing elsewhere (section 14.2)
        return _full(whole)
    try:
        parts = ranges(request.headers, whole.etag, whole.modified, whole.size)
    except Unsatisfiable:
        _close(whole)
        return _without(whole, 416, (b"content-range", b"bytes */%d" % whole.size))
    if parts is None:
        return _full(whole)
    return _single(whole, *parts[0]) if len(parts) == 1 else _multipart(whole, parts)


def _full(whole: Representation) -> Response:
    return _response(whole, whole.status, whole.size, _cut(whole, [(0, whole.size)]))


def _single(whole: Representation, offset: int, length: int) -> Response:
    return _response(
        whole, 206, length, _cut(whole, [(offset, length)]), _content_range(whole, offset, length)
    )


def _multipart(whole: Representation, parts: list[tuple[int, int]]) -> Response:
    """Several ranges, each with a head of its own (section 14.6)."""
    pieces: list[Piece] = []
    for part in parts:
        name, value = _content_range(whole, *part)
        pieces.append(
            b"\r\n--%s\r\ncontent-type: %s\r\n%s: %s\r\n\r\n"
            % (BOUNDARY, whole.media_type.encode(), name, value)
        )
        pieces.append(part)
    pieces.append(b"\r\n--%s--\r\n" % BOUNDARY)
    length = sum(len(piece) if isinstance(piece, bytes) else piece[1] for piece in pieces)
    multipart = Representation(
        whole.content, f"multipart/byteranges; boundary={BOUNDARY.decode()}", whole.etag,
        whole.modified, whole.headers,
    )  # fmt: skip
    return _response(multipart, 206, length, _cut(whole, pieces))


def _cut(whole: Representation, pieces: list[Piece]) -> bytes | FileBody:
    """Bytes as they stand, and parts of the content."""
    content = whole.content
    if isinstance(content, bytes):
        return b"".join(
            piece if isinstance(piece, bytes) else content[piece[0] : piece[0] + piece[1]]
            for piece in pieces
        )
    found: list[Piece] = []
    for piece in pieces:
        found += [piece] if isinstance(piece, bytes) else content.pieces(*piece)
    return FileBody(content.file, found)


def _without(whole: Representation, status: int, *headers: Header) -> Response:
    """An answer without content; of a 304 a length would be that of what is not sent."""
    length = () if status == 304 else ((b"content-length", b"0"),)
    return Response(status, [*headers, *length, *_validators(whole), *SAFETY])


def _response(
    whole: Representation, status: int, length: int, body: bytes | FileBody, *headers: Header
) -> Response:
    return Response(
        status,
        [
            (b"content-type", whole.media_type.encode()),
            (b"content-length", b"%d" % length),
            (b"accept-ranges", b"bytes"),
            *_validators(whole),
            *SAFETY,
            *headers,
        ],
        body,
    )


def _validators(whole: Representation) -> list[Header]:
    return [
        (b"etag", whole.etag),
        (b"last-modified", http_date(whole.modified)),
        whole.cached,
        *whole.headers,
    ]


def _content_range(whole: Representation, offset: int, length: int) -> Header:
    value = b"bytes %d-%d/%d" % (offset, offset + length - 1, whole.size)
    return (b"content-range", value)


def _close(whole: Representation) -> None:
    if not isinstance(whole.content, bytes):
        whole.content.file.close()
