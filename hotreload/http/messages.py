"""Requests and responses as values, with the headers that all of ours carry.

Knows: what a request asks and what an answer holds. Refuses to know: sockets, and where an answer's
content comes from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, Self

from hotreload.files.open_file import OpenFile
from hotreload.http.response_cache import Dependency

Header = tuple[bytes, bytes]
# Of a stream: bytes as they stand, or (offset, length) of its file.
Piece = bytes | tuple[int, int]

# Nothing that comes from the disk may be read, or its type guessed, by a page of another origin.
SAFETY: Final[tuple[Header, ...]] = (
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
)
NO_CACHE: Final[Header] = (b"cache-control", b"no-cache")
# For an address that stands for one content alone (RFC 8246).
KEEP: Final[Header] = (b"cache-control", b"private, max-age=31536000, immutable")


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks.

    Attributes:
        method: in upper case.
        target: path and query as they were sent.
        lines: each header line, its name in lower case.
        headers: values by name; of a repeated one the values joined by commas (RFC 9110, 5.2).
        scheme: "http" or "https".
        peer: the address of the client, "" where that is not known.
    """

    method: str
    target: bytes
    lines: Sequence[Header]
    headers: Mapping[bytes, bytes]
    scheme: str
    peer: str = ""

    @classmethod
    def of(
        cls, method: str, target: bytes, lines: Sequence[Header], scheme: str, peer: str = ""
    ) -> Self:
        """A request from its header lines."""
        headers = dict(lines)
        if len(headers) != len(lines):
            headers = {name: b", ".join(v for n, v in lines if n == name) for name in headers}
        return cls(method, target, lines, headers, scheme, peer)

    def values(self, name: bytes) -> list[bytes]:
        """The value of each line of that name."""
        return [value for key, value in self.lines if key == name]


@dataclass(frozen=True, slots=True)
class FileBody:
    """Content that is sent from an open file, piece by piece.

    Attributes:
        file: the open file; whoever sends the response closes it.
        pieces: what is sent in turn.
    """

    file: OpenFile
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; Content-Length is among its headers wherever there is content.

    Attributes:
        status: of HTTP.
        headers: without Date, and without Connection unless there is Upgrade (RFC 9110, 7.8).
        body: in memory, or to be streamed.
        dependencies: what on the disk it rests on, if it would be the same as long as that is.
    """

    status: int
    headers: Sequence[Header] = field(default_factory=list)
    body: bytes | FileBody = b""
    dependencies: tuple[Dependency, ...] = ()


def text(status: int, sentence: str, *headers: Header) -> Response:
    """A short answer in plain text, ending with a newline."""
    return content(status, b"text/plain; charset=utf-8", (sentence + "\n").encode(), *headers)


def content(status: int, content_type: bytes, body: bytes, *headers: Header) -> Response:
    """An answer from memory, of any type."""
    own = (
        (b"content-type", content_type),
        (b"content-length", b"%d" % len(body)),
        NO_CACHE,
    )
    return Response(status, [*own, *SAFETY, *headers], body)


def redirect(location: str, status: int = 307) -> Response:
    """Look there instead; 307, because browsers keep a 301 for ever."""
    return text(status, HTTPStatus(status).phrase, (b"location", location.encode("ascii")))
