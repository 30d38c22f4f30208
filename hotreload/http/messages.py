"""Requests and responses as values, with the headers that all of ours carry.

Knows: what a request asks and what an answer holds. Refuses to know: sockets, and where an answer's
content comes from.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
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


class _NoBody:
    """The body of a request that has none."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        raise StopAsyncIteration


NO_BODY: Final = _NoBody()


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
        body: its bytes as they come; what is not read is thrown away.
    """

    method: str
    target: bytes
    lines: Sequence[Header]
    headers: Mapping[bytes, bytes]
    scheme: str
    peer: str = ""
    body: AsyncIterator[bytes] = NO_BODY

    @classmethod
    def of(
        cls,
        method: str,
        target: bytes,
        lines: Sequence[Header],
        scheme: str,
        peer: str = "",
        *,
        body: AsyncIterator[bytes] = NO_BODY,
    ) -> Self:
        """A request from its header lines."""
        headers = dict(lines)
        if len(headers) != len(lines):
            headers = {name: b", ".join(v for n, v in lines if n == name) for name in headers}
        return cls(method, target, lines, headers, scheme, peer, body)

    @property
    def origin(self) -> str:
        """Scheme, host and port that it was sent to, as Host says."""
        return f"{self.scheme}://{self.headers.get(b'host', b'').decode('latin-1')}"

    def values(self, name: bytes) -> list[bytes]:
        """The value of each line of that name."""
        return [value for key, value in self.lines if key == name]


@dataclass(frozen=True, slots=True)
class FileBody:
    """Content that is sent from an open file, piece by piece.

    Attributes:
        file: the open file; the sender of the response closes it.
        pieces: what is sent in turn.
    """

    file: OpenFile
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; Content-Length is among its headers wherever the length is known.

    Attributes:
        status: of HTTP.
        headers: without Date, and without Connection unless there is Upgrade (RFC 9110, 7.8).
        body: in memory, of an open file, or its bytes as they come: the sender closes it.
        dependencies: what on the disk it rests on, if it would be the same as long as that is.
    """

    status: int
    headers: Sequence[Header] = field(default_factory=list)
    body: bytes | FileBody | AsyncIterator[bytes] = b""
    dependencies: tuple[Dependency, ...] = ()

    def header(self, name: bytes) -> bytes | None:
        """The first value of the header of that name, in lower case; None without one."""
        return next((value for key, value in self.headers if key == name), None)

    @property
    def content_length(self) -> int | None:
        """The length that its headers promise; None without one."""
        length = self.header(b"content-length")
        return None if length is None else int(length)

    @property
    def media_type(self) -> str:
        """The value of Content-Type; "" without one."""
        return (self.header(b"content-type") or b"").decode("latin-1")


def then(
    answer: Response | Awaitable[Response], change: Callable[[Response], Response]
) -> Response | Awaitable[Response]:
    """The answer with a change: at once where it is there, else when it comes."""
    return change(answer) if isinstance(answer, Response) else _later(answer, change)


async def _later(answer: Awaitable[Response], change: Callable[[Response], Response]) -> Response:
    return change(await answer)


async def close_body(body: AsyncIterator[bytes]) -> None:
    """Ends what makes a body that is not read to its end, if that can be ended."""
    close = getattr(body, "aclose", None)
    if close is not None:
        await close()


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
