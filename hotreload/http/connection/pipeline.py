"""The requests of one connection that wait for their answers, which are sent in turn.

Knows: the order, and when an answer is the last. Refuses to know: bytes that come, and how a
connection ends.

Requests that wait are answered, in their turn, as things stand then: until then they cost neither
content nor a descriptor.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from hotreload.http.connection.link import Link
from hotreload.http.connection.request_body import RequestBody
from hotreload.http.messages import FileBody, Request, Response

Respond = Callable[[Request], Response | Awaitable[Response]]


class PendingRequest(NamedTuple):
    """A request whose answer is to be sent.

    Attributes:
        request: what was asked.
        answer: the answer, if it was asked for before its turn.
        close: it is the last one on its connection.
        body: of the request, if it has one.
        chunks: the client knows of chunks.
    """

    request: Request
    answer: Response | Awaitable[Response] | None
    close: bool
    body: RequestBody | None = None
    chunks: bool = True

    @property
    def is_last(self) -> bool:
        """Whether no other request can follow: what is not read of a body stands in its way."""
        return self.close or (self.body is not None and not self.body.is_read)


class Pipeline:
    """Sends the answers of one connection by a task, no faster than the client reads.

    Args:
        respond: gives each request its response.
        link: to the client.
        tasks: of the server; the one that sends is among them while it does.
        ended: called when nothing is left to be sent, with whether the last answer was sent.
    """

    def __init__(
        self,
        respond: Respond,
        link: Link,
        tasks: set[asyncio.Task[None]],
        ended: Callable[[bool], None],
    ) -> None:
        self._respond = respond
        self._link = link
        self._tasks = tasks
        self._ended = ended
        self._pending: deque[PendingRequest] = deque()
        self._sending: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        """How many requests wait behind the one that is being answered."""
        return len(self._pending)

    @property
    def is_sending(self) -> bool:
        """Whether an answer is being sent."""
        return self._sending is not None

    def add(self, pending: PendingRequest) -> None:
        """Have an answer sent in its turn."""
        self._pending.append(pending)
        if self._sending is None:
            self._sending = asyncio.get_running_loop().create_task(self._send_all())
            self._tasks.add(self._sending)
            self._sending.add_done_callback(self._tasks.discard)

    def end(self) -> None:
        """No request follows those that wait."""
        self._pending.append(_LAST)

    async def _send_all(self) -> None:
        close = False
        try:
            while self._pending and not close:
                pending = self._pending.popleft()
                close = pending is _LAST or await self._send_one(pending)
        except BaseException as error:  # what was promised cannot be sent, nor anything behind it
            self._link.transport.abort()
            if not isinstance(error, OSError):  # the file's, or it has changed
                raise
        finally:
            self._sending = None
            self._ended(close)

    async def _send_one(self, pending: PendingRequest) -> bool:
        """Sends an answer; the result is whether it was the last."""
        await self._link.flow.drain()
        answer = pending.answer or self._respond(pending.request)
        if not isinstance(answer, Response):
            answer = await self._link.presence.answer(answer)
        close = pending.is_last
        if pending.body is not None:
            pending.body.answered(is_wanted=not isinstance(answer.body, bytes | FileBody))
        await self._link.writer.send(
            answer, head_only=pending.request.method == "HEAD", close=close, chunks=pending.chunks
        )
        return close


# Stands where no answer follows.
_LAST: Final = PendingRequest(Request.of("GET", b"/", [], "http"), None, close=True)
