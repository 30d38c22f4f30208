"""A server around a backend that a test writes, and clients that speak to it byte by byte."""

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import NoReturn

from hotreload.app.admission import Admission
from hotreload.app.app import App
from hotreload.app.assets import Asset, Assets
from hotreload.app.backend import Backend
from hotreload.app.own_routes import OwnRoutes
from hotreload.http.connection.protocol import Http1
from hotreload.http.connection.responder import Shared
from hotreload.http.connection.upgrades import WebSocketHandler
from hotreload.http.messages import Request, Response, content
from hotreload.http.response_cache import ResponseCache
from hotreload.live.messages import FileChange, Page
from hotreload.security.connection_limit import ConnectionLimit
from hotreload.security.fair_share import ActiveClients
from hotreload.security.guard import Guard
from hotreload.security.limits import Limits
from hotreload.watch.changes import Change

Answer = Callable[[Request], Response | Awaitable[Response]]

PLAIN = (b"content-type", b"text/plain")
LONG = 10.0  # seconds: nothing here takes them
LINGER = 0.2


def plain(data: bytes) -> Response:
    return content(200, b"text/plain", data)


@dataclass
class Stream:
    """A body that a test puts together while it is sent, and how it has ended."""

    pieces: asyncio.Queue[bytes | Exception] = field(default_factory=asyncio.Queue)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: bool = False

    def __aiter__(self) -> "Stream":
        return self

    async def __anext__(self) -> bytes:
        try:
            piece = await self.pieces.get()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        if isinstance(piece, Exception):
            raise piece
        if not piece:
            raise StopAsyncIteration
        return piece

    async def aclose(self) -> None:
        self.closed.set()


async def made_of(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


class Scripted:
    """A backend that answers as a test says."""

    def __init__(
        self, answer: Answer, websocket: Callable[[Request], WebSocketHandler | None] | None = None
    ) -> None:
        self.respond = answer
        self._websocket = websocket

    def admits(self, _: Request) -> bool:
        return False

    async def file_changes(self, _: Change) -> Sequence[FileChange]:
        return []

    def diff(self, _: Page) -> Sequence[FileChange]:
        return []

    def source(self, _digest: str, _url: str) -> bytes | None:
        return None

    def websocket(self, request: Request) -> WebSocketHandler | None:
        return self._websocket(request) if self._websocket else None


@dataclass
class Serving:
    """A server, where it listens, and what it has reported."""

    port: int
    reports: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def client(self) -> AsyncIterator["Client"]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield Client(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


@dataclass
class Client:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def ask(self, line: str, *headers: str, body: bytes = b"") -> None:
        lines = "\r\n".join([line, "Host: 127.0.0.1", *headers])
        self.writer.write(lines.encode() + b"\r\n\r\n" + body)

    async def head(self) -> tuple[int, dict[str, str]]:
        data = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), LONG)
        line, *lines = data.decode().strip().split("\r\n")
        return int(line.split()[1]), dict(each.split(": ", 1) for each in lines)

    async def exactly(self, count: int) -> bytes:
        return await asyncio.wait_for(self.reader.readexactly(count), LONG)

    async def chunk(self) -> bytes:
        size = await asyncio.wait_for(self.reader.readline(), LONG)
        data = await self.exactly(int(size, 16) + 2)
        return data.removesuffix(b"\r\n")

    async def chunks(self) -> bytes:
        return b"".join([data async for data in self._chunks()])

    async def _chunks(self) -> AsyncIterator[bytes]:
        while data := await self.chunk():
            yield data

    async def rest(self) -> bytes:
        return await asyncio.wait_for(self.reader.read(), LONG)

    def reset(self) -> None:
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


@asynccontextmanager
async def serving(
    backend: Backend | Answer,
    *,
    limits: Limits | None = None,
    sockets: Callable[[str], WebSocketHandler] | None = None,
) -> AsyncIterator[Serving]:
    """A server with this behind it, while the context lasts."""
    if callable(backend):
        backend = Scripted(backend)
    here = Serving(0)
    own = OwnRoutes(
        Assets({"client.js": Asset(b"", "0" * 16, 0.0)}), source=backend.source, health=dict,
        reload=lambda _reason, _urls: 0,
    )  # fmt: skip
    app = App(
        Admission(Guard.of(["127.0.0.1"])), own, backend, sockets=sockets or _no_socket,
        report=lambda sentence, _: here.reports.append(sentence), root="/",
    )  # fmt: skip
    limits = limits or Limits()
    shared = Shared(
        ResponseCache(lambda _: None, lambda: 0), ActiveClients(), ConnectionLimit(100),
        set(), set(), replace(limits, linger_seconds=LINGER),
    )  # fmt: skip
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        lambda: Http1(app.respond, app.websocket, shared), "127.0.0.1", 0
    )
    here.port = listening.sockets[0].getsockname()[1]
    try:
        yield here
    finally:
        listening.close()
        for connection in list(shared.connections):
            connection.abort()
        await until(lambda: not shared.tasks)


async def until(is_so: Callable[[], bool]) -> None:
    """Waits for what has no event of its own."""
    ending = time.monotonic() + LONG
    while not is_so():
        assert time.monotonic() < ending
        await asyncio.sleep(0.005)


def _no_socket(_: str) -> NoReturn:
    raise AssertionError("nothing here is an upgrade")
