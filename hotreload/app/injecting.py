"""A backend with the injecting layer before it: what it sends to be shown gets the tag.

Knows: what a document is asked for with, how much of one is held back until the place of the tag is
found, and what the tag changes in the answer. Refuses to know: what a tag says.

An answer that is read by a script, or is no document, passes as it is, and so does one in a coding:
a backend is asked for none. What is sent from an open file passes too: who has files has them
tagged before conditions and ranges are looked at.
"""

from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import replace
from typing import Final

from hotreload.app.backend import Backend
from hotreload.app.held_body import HeldBody
from hotreload.app.inject import Injector
from hotreload.http.connection.upgrades import WebSocketHandler
from hotreload.http.fetch_metadata import VARY, is_navigation, wants_document
from hotreload.http.messages import FileBody, Request, Response
from hotreload.http.mime import DOCUMENTS, essence_of
from hotreload.live.messages import FileChange, Page
from hotreload.watch.changes import Change

# Of a document so much is held back, and no longer than for this silence.
MOST_HELD: Final = 64 * 2**10
SILENCE_SECONDS: Final = 0.05

# What would be answered with less than a document, or with one that has to be decoded first.
_SHORTER: Final = frozenset(
    b"accept-encoding if-none-match if-modified-since if-match if-unmodified-since if-range"
    b" range".split()
)
# What is said of the bytes, which are others with the tag in them.
_OF_THE_BYTES: Final = frozenset(
    b"accept-ranges content-digest content-length content-md5 digest etag last-modified"
    b" repr-digest".split()
)
_AMENDED: Final = frozenset((*_OF_THE_BYTES, b"content-type", b"content-security-policy"))


class Injecting:
    """A backend whose documents have the tag in them.

    Args:
        backend: answers.
        injector: puts in the tag.
    """

    def __init__(self, backend: Backend, injector: Injector) -> None:
        self._backend = backend
        self._injector = injector

    def respond(self, request: Request) -> Response | Awaitable[Response]:
        """The response to a request: with the tag, if it is a document that will be shown."""
        if not wants_document(request):
            return self._backend.respond(request)
        answer = self._backend.respond(whole(request) if is_navigation(request) else request)
        if isinstance(answer, Response) and isinstance(answer.body, bytes | FileBody):
            return self._at_once(request, answer)
        return self._as_it_comes(request, answer)

    def _at_once(self, request: Request, response: Response) -> Response:
        if not is_document(response) or not isinstance(response.body, bytes):
            return response
        if request.method == "HEAD":
            return unsure(response)
        return self._tagged(request, response, response.body, is_whole=True)[0]

    async def _as_it_comes(
        self, request: Request, answer: Response | Awaitable[Response]
    ) -> Response:
        response = answer if isinstance(answer, Response) else await answer
        if isinstance(response.body, bytes | FileBody):
            return self._at_once(request, response)
        if not is_document(response):
            return response
        if request.method == "HEAD":
            return unsure(response)
        return await self._streamed(request, response, response.body)

    async def _streamed(
        self, request: Request, response: Response, body: AsyncIterator[bytes]
    ) -> Response:
        held = HeldBody(body)
        try:
            await self._hold(held, response.media_type)
        except BaseException:
            await held.aclose()
            raise
        tagged, held.beginning = self._tagged(
            request, response, held.beginning, is_whole=held.is_whole
        )
        return replace(tagged, body=held)

    async def _hold(self, held: HeldBody, media_type: str) -> None:
        """Waits for as much of a document as its tag depends on, if that is not too much."""
        await held.hold(None)
        while len(held.beginning) < MOST_HELD:
            if self._injector.is_settled(media_type, held.beginning):
                return
            if not await held.hold(SILENCE_SECONDS):
                return

    def _tagged(
        self, request: Request, response: Response, beginning: bytes, *, is_whole: bool
    ) -> tuple[Response, bytes]:
        """The response with the tag in its beginning, and that."""
        policies = [
            value.decode("latin-1")
            for name, value in response.headers
            if name == b"content-security-policy"
        ]
        tagged = self._injector.tagged(
            response.media_type, beginning, is_whole=is_whole,
            policies=tuple(policies), origin=request.origin,
        )  # fmt: skip
        if tagged is None:
            return response, beginning
        headers = [header for header in response.headers if header[0] not in _AMENDED]
        length = response.content_length
        if length is not None:
            longer = length + len(tagged.beginning) - len(beginning)
            headers.append((b"content-length", b"%d" % longer))
        headers = [*headers, *tagged.headers, VARY]
        body = tagged.beginning if isinstance(response.body, bytes) else response.body
        return replace(response, headers=headers, body=body), tagged.beginning

    # -- what passes -----------------------------------------------------------------------------

    def admits(self, request: Request) -> bool:
        """As the backend has it."""
        return self._backend.admits(request)

    async def file_changes(self, change: Change) -> Sequence[FileChange]:
        """As the backend has it."""
        return await self._backend.file_changes(change)

    def diff(self, page: Page) -> Sequence[FileChange]:
        """As the backend has it."""
        return self._backend.diff(page)

    def source(self, digest: str, url: str) -> bytes | None:
        """As the backend has it."""
        return self._backend.source(digest, url)

    def websocket(self, request: Request) -> WebSocketHandler | None:
        """As the backend has it."""
        return self._backend.websocket(request)


def whole(request: Request) -> Request:
    """The request for all of a document as it is, whatever the client has of it."""
    lines = [line for line in request.lines if line[0] not in _SHORTER]
    headers = {name: value for name, value in request.headers.items() if name not in _SHORTER}
    coding = (b"accept-encoding", b"identity")
    return replace(request, lines=[*lines, coding], headers=headers | dict([coding]))


def is_document(response: Response) -> bool:
    """Whether it holds a whole document, as it is."""
    coding = response.header(b"content-encoding") or b"identity"
    return (
        essence_of(response.media_type) in DOCUMENTS
        and response.status not in (204, 206)
        and not 300 <= response.status < 400
        and coding.lower() == b"identity"
    )


def unsure(response: Response) -> Response:
    """The answer to a HEAD without what a GET may not say of the bytes."""
    headers = [header for header in response.headers if header[0] not in _OF_THE_BYTES]
    return replace(response, headers=headers)
