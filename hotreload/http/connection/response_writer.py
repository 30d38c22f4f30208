"""A response on its way to one client: from memory at once, else no faster than the client reads.

Knows: how each kind of body is framed and sent (RFC 9112, section 6), and that one which breaks off
ends the connection. Refuses to know: requests, and which response is next.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final, cast

from hotreload.files.open_file import OpenFile
from hotreload.http.connection.client_presence import ClientPresence
from hotreload.http.connection.flow_control import FlowControl
from hotreload.http.messages import FileBody, Header, Piece, Response, close_body
from hotreload.http.serialize import head

# How much of a file is read and sent at a time. An answer from memory that is larger is not copied
# to stand behind its head, nor kept to be given again.
CHUNK: Final = 256 * 2**10
# A file that seems to have been written anew is looked at again so soon, and so often.
AGAIN_SECONDS: Final = 0.01
LOOKS: Final = 5

_CHUNKED: Final[Header] = (b"transfer-encoding", b"chunked")
_WITHOUT_BODY: Final = (204, 304)


class ResponseWriter:
    """Writes responses to one connection.

    Args:
        transport: of the connection.
        flow: of the same.
        presence: of the client.
    """

    def __init__(
        self, transport: asyncio.Transport, flow: FlowControl, presence: ClientPresence
    ) -> None:
        self._transport = transport
        self._flow = flow
        self._presence = presence

    def write(self, response: Response, *, head_only: bool, close: bool) -> None:
        """Writes an answer from memory."""
        body = b"" if head_only else cast("bytes", response.body)
        start = head(response, close=close)
        if len(body) > CHUNK:
            self._transport.write(start)
            self._transport.write(body)
        else:
            self._transport.write(start + body)

    async def send(self, response: Response, *, head_only: bool, close: bool, chunks: bool) -> None:
        """Sends an answer of any kind.

        Args:
            response: the answer.
            head_only: it is to a HEAD.
            close: it is the last one on its connection.
            chunks: the client knows of chunks (HTTP/1.1); else what has no length ends with the
                connection.

        Raises:
            OSError: the client is gone, or the content is not what the head has promised.
        """
        if isinstance(response.body, bytes):
            if not self._transport.is_closing():
                self.write(response, head_only=head_only, close=close)
        elif isinstance(response.body, FileBody):
            with response.body.file as file:
                self._put(head(response, close=close))
                for piece in () if head_only else response.body.pieces:
                    await self._send_piece(file, piece)
        else:
            try:
                await self._stream(
                    response, response.body, head_only=head_only, close=close, chunks=chunks
                )
            finally:
                await close_body(response.body)

    async def _send_piece(self, file: OpenFile, piece: Piece) -> None:
        if isinstance(piece, bytes):
            self._put(piece)
            return
        offset, left = piece
        while left:
            await self._flow.drain()
            data = await asyncio.to_thread(file.read, offset, min(CHUNK, left))
            if not data or await _is_rewritten(file):
                raise ConnectionAbortedError("the file was written anew while it was sent")
            self._put(data)
            offset, left = offset + len(data), left - len(data)

    async def _stream(
        self,
        response: Response,
        body: AsyncIterator[bytes],
        *,
        head_only: bool,
        close: bool,
        chunks: bool,
    ) -> None:
        head_only = head_only or response.status in _WITHOUT_BODY
        length = response.content_length
        if length is None and chunks and not head_only:
            response = replace(response, headers=[*response.headers, _CHUNKED])
        self._put(head(response, close=close))
        if head_only:
            return
        if length is not None:
            await self._send_counted(body, length)
        elif chunks:
            while data := await self._piece(body):
                self._put(b"%x\r\n%b\r\n" % (len(data), data))
            self._put(b"0\r\n\r\n")
        else:
            while data := await self._piece(body):
                self._put(data)

    async def _send_counted(self, body: AsyncIterator[bytes], left: int) -> None:
        while data := await self._piece(body):
            left -= len(data)
            if left < 0:
                break
            self._put(data)
        if left:
            raise ConnectionAbortedError("the content is not as long as was promised")

    async def _piece(self, body: AsyncIterator[bytes]) -> bytes:
        """The next piece, once the client has taken most of those before; b"" at the end."""
        try:
            while True:
                await self._flow.drain()
                if data := await self._presence.piece(anext(body)):
                    return data
        except StopAsyncIteration:
            return b""

    def _put(self, data: bytes) -> None:
        if self._transport.is_closing():
            raise ConnectionAbortedError("the client is gone")
        self._transport.write(data)


async def _is_rewritten(file: OpenFile) -> bool:
    """Whether what the file held is gone; one that grows has another time before another size."""
    for _ in range(LOOKS):
        if not file.is_rewritten():
            return False
        await asyncio.sleep(AGAIN_SECONDS)
    return True
