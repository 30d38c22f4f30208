"""The open pages and the echo, on websockets' own server connections.

Knows: who is connected, what each page has taken, and how a socket is opened and closed. Refuses to
know: what an update means, and where it comes from.

uvicorn hands over the transport of an upgrade request; `Channel` is what a websockets
`ServerConnection` asks of its server: a handler, its tasks, and whether it still serves.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import chain
from typing import Final, Protocol, cast
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, broadcast
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.frames import CloseCode
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.server import ServerProtocol

from hotreload import __version__
from hotreload.live import messages
from hotreload.live.acks import Ack, AckCollector
from hotreload.live.broadcast import broadcast_text
from hotreload.live.handshake import Handshake, select_subprotocol
from hotreload.live.history import UpdateHistory
from hotreload.live.import_graph import ImportGraph
from hotreload.live.messages import (
    SOCKET_PATH,
    SUBPROTOCOL,
    Applied,
    BadMessage,
    FileChange,
    Log,
    Page,
    Update,
    inside,
)
from hotreload.live.page_status import PageStatus
from hotreload.live.update_source import UpdateSource
from hotreload.security.basic_auth import Credentials
from hotreload.security.fair_share import ActiveClients
from hotreload.security.guard import Guard, Refusal
from hotreload.security.limits import Limits
from hotreload.security.throttled_socket import ThrottledConnection

# Messages that wait for the handler: few, since each may be as large as that.
MAX_QUEUE: Final = 4
# Browsers answer pings by themselves; one that is gone is noticed after 40 seconds.
PING_SECONDS: Final = 20.0
# How long the stop of the server waits for the pages' side of the closing handshake.
CLOSE_SECONDS: Final = 0.5


class Listener(Protocol):
    """Who wants to hear what happens here: the terminal."""

    def joined(self, page: Page, count: int) -> None:
        """A page opened; so many are open now."""

    def left(self, page: Page, count: int) -> None:
        """A page closed; so many are open now."""

    def answered(self, answer: Ack) -> None:
        """A page said what it did with an update."""

    def settled(self, update: Update, answers: list[Ack], silent: int) -> None:
        """All pages answered to an update, but for so many silent ones."""

    def logged(self, page: Page, log: Log) -> None:
        """A page's console said something."""

    def socket(self, event: str, path: str, detail: str) -> None:
        """A socket connected, got a message, or closed."""


class Channel:
    """Every WebSocket of the server: pages of ours, and anybody who wants an echo.

    Args:
        history: the updates of this run.
        guard: who may connect.
        listener: who hears of it.
        source: says what differs between what a page has and what there is now.
        limits: on what a client may ask.
        import_graph: what pages do not see themselves: the files that workers requested.
        compression: negotiate permessage-deflate where a client asks for it.
        credentials: what every client is asked for; None for nothing.
        refused: hears of those who may not connect.
        outside: the URL path below which a proxy shows this server, "/" without.
    """

    def __init__(
        self,
        history: UpdateHistory,
        guard: Guard,
        listener: Listener,
        source: UpdateSource,
        limits: Limits,
        *,
        import_graph: ImportGraph,
        compression: bool = False,
        credentials: Credentials | None = None,
        refused: Callable[[Refusal], None] = lambda _: None,
        outside: str = "/",
    ) -> None:
        self.handler_tasks: set[asyncio.Task[None]] = set()
        self.pages: dict[ServerConnection, Page] = {}
        self.progress = PageStatus()
        self.active_clients = ActiveClients()
        self._history = history
        self._import_graph = import_graph
        import_graph.imported = self._imported
        self._opening = Handshake(guard, credentials, limits.shares.sockets, refused)
        self._outside = outside
        self._listener = listener
        self._source = source
        self._limits = limits
        self._extensions = [ServerPerMessageDeflateFactory()] if compression else None
        self._connections: set[ServerConnection] = set()
        self._followers: set[ServerConnection] = set()
        self._collectors: dict[int, AckCollector] = {}
        self._serving = True
        # The library's own lines are tracebacks for what clients did wrong: not news to anybody.
        self._logger = logging.getLogger("hotreload.websockets")
        self._logger.addHandler(logging.NullHandler())
        self._logger.propagate = False

    # -- what uvicorn and websockets ask for ---------------------------------------------------

    def protocol(self, scheme: str) -> ThrottledConnection:
        """The connection that takes over the transport of an upgrade request."""
        protocol = ServerProtocol(
            extensions=self._extensions,
            subprotocols=[],
            select_subprotocol=select_subprotocol,
            max_size=self._limits.message,
            logger=self._logger,
        )
        connection = ThrottledConnection(
            protocol,
            cast("Server", self),
            ping_interval=PING_SECONDS,
            ping_timeout=PING_SECONDS,
            close_timeout=CLOSE_SECONDS,
            max_queue=MAX_QUEUE,
            stall_seconds=self._limits.stall_seconds,
            active_clients=self.active_clients,
        )
        connection.handler_kwargs = {"scheme": scheme}
        return connection

    def is_serving(self) -> bool:
        """False once the server stops: handshakes under way are then answered with 503."""
        return self._serving

    async def handler(self, connection: ThrottledConnection) -> None:
        """One socket from its opening handshake to its end."""
        try:
            await connection.handshake(self._refuse, server_header=None)
            if connection.state is State.OPEN:
                self._connections.add(connection)
                connection.start_keepalive()
                await self._serve(connection)
            await connection.close()
        except ConnectionClosed:
            pass  # how sockets end when a tab closes or a network goes
        finally:
            self._connections.discard(connection)
            task = cast("asyncio.Task[None]", asyncio.current_task())
            self.handler_tasks.discard(task)
            connection.transport.close()

    # -- sockets ---------------------------------------------------------------------------------

    def _refuse(self, connection: ServerConnection, request: Request) -> Response | None:
        return self._opening.refuse(connection, request, len(self._connections))

    async def _serve(self, connection: ThrottledConnection) -> None:
        request = cast("Request", connection.request)
        path, _, query = request.path.partition("?")
        path = inside(path, self._outside)
        self._listener.socket("connected", path, connection.subprotocol or "")
        try:
            if path == SOCKET_PATH and connection.subprotocol == SUBPROTOCOL:
                await self._page(connection)
            else:
                await self._echo(connection, path, _prefix(query))
        finally:
            code = connection.close_code
            self._listener.socket("closed", path, "" if code is None else str(code))

    # -- echo ----------------------------------------------------------------------------------

    async def _echo(self, connection: ThrottledConnection, path: str, prefix: str) -> None:
        async for message in connection:
            with connection.working():
                self._listener.socket("message", path, _size(message))
                await connection.send(prefix + message if isinstance(message, str) else message)

    # -- pages ---------------------------------------------------------------------------------

    async def _page(self, connection: ThrottledConnection) -> None:
        try:
            async for message in connection:
                try:
                    with connection.working():
                        said = messages.parse(message) if isinstance(message, str) else None
                        if said is not None:
                            self._on_message(connection, said)
                except BadMessage as error:
                    await connection.close(CloseCode.POLICY_VIOLATION, str(error)[:120])
                    return
                if said is None:
                    await connection.send(message)
        finally:
            self._leave(connection)

    def _on_message(self, connection: ServerConnection, said: Page | Applied | Log) -> None:
        page = self.pages.get(connection)
        match said:
            case Page(url=""):
                self._followers.add(connection)
                self._send(connection, [self._hello()])
            case Page():
                self._join(connection, said)
            case Applied() if page is not None:
                self.progress.applied(connection, said)
                self._listener.answered(Ack(page, said))
                if acks := self._collectors.get(said.seq):
                    acks.add(connection, Ack(page, said))
            case Log() if page is not None:
                self.progress.logged(connection, said, self._history.seq)
                self._listener.logged(page, said)
            case _:
                pass  # spoken before it said what page it is: nothing to tell it by

    def _join(self, connection: ServerConnection, page: Page) -> None:
        """Brings a page up to date; from then on it hears each update, none twice.

        All of it is written before anything else can happen, so no update falls between.
        """
        known = connection in self.pages
        hello, at = self._hello(), None
        if page.resources is not None:
            self._send(connection, [hello, self._encode(self._difference(page))])
        elif (missed := self._history.since(page.run, page.seq)) is None:
            # No hello: the next one is to stand before what differs, whatever comes in between.
            self._send(connection, [messages.resync(self._why_resync(page))])
        else:
            for update in missed:
                if acks := self._collectors.get(update.seq):
                    acks.expect(connection)
            self._send(connection, [hello, *(self._encode(update) for update in missed)])
            at = page.seq
        self.pages[connection] = page
        self.progress.joined(connection, page, at)
        if not known:
            self._listener.joined(page, len(self.pages))
        if imports := self._import_graph.imports():
            self._send(connection, [messages.imports(imports)])

    def _difference(self, page: Page) -> Update:
        changes = tuple(self._source.diff(page))
        return Update(self._history.seq, time.time(), changes)

    def _why_resync(self, page: Page) -> str:
        restarted = page.run != self._history.run
        return "the server was restarted" if restarted else "too much was missed"

    def _hello(self) -> str:
        return messages.hello(__version__, self._history.run, self._history.seq)

    def _leave(self, connection: ServerConnection) -> None:
        self._followers.discard(connection)
        self.progress.left(connection, time.monotonic())
        page = self.pages.pop(connection, None)
        for acks in list(self._collectors.values()):
            acks.discard(connection)
        if page is not None:
            self._listener.left(page, len(self.pages))

    def _encode(self, update: Update) -> str:
        return messages.update(update, time.time())

    def _send(self, connection: ServerConnection, texts: Iterable[str]) -> None:
        for text in texts:
            broadcast([connection], text)

    # -- updates -------------------------------------------------------------------------------

    def broadcast(self, update: Update) -> None:
        """Sends an update to every open page, and sums up what they say to it."""
        self._broadcast_all(self._encode(update))
        acks = AckCollector(
            set(self.pages), lambda answers, silent: self._settle(update, answers, silent)
        )
        self._collectors[update.seq] = acks
        acks.start()

    def reload(self, reason: str, urls: Sequence[str] = ()) -> int:
        """Asks every open page to reload, or those that use one of these URL paths.

        Returns:
            How many pages there are.
        """
        if urls:
            shown = {p.file for p in self.pages.values() if p.file and urlsplit(p.url).path in urls}
            changes = [FileChange(url, "modified") for url in sorted({*urls, *shown})]
            self.broadcast(self._history.append(changes, time.time(), reload=True))
        else:
            self._broadcast_all(messages.reload(reason))
            self.progress.asked(time.monotonic())
        return len(self.pages)

    def _imported(self, url: str, requester: str) -> None:
        self._broadcast(self.pages, messages.imports({url: [requester]}))

    def _broadcast_all(self, text: str) -> None:
        self._broadcast(chain(self.pages, self._followers), text)

    def _broadcast(self, connections: Iterable[ServerConnection], text: str) -> None:
        """Nobody hears anything in between: what is to be done for each page is done behind it."""
        self.active_clients.wants(0, time.perf_counter())
        for slow in broadcast_text(connections, text, self._limits.buffered):
            self._leave(slow)
            slow.transport.abort()

    def _settle(self, update: Update, answers: list[Ack], silent: int) -> None:
        del self._collectors[update.seq]
        self._listener.settled(update, answers, silent)

    # -- the end -------------------------------------------------------------------------------

    async def close(self) -> None:
        """Tells every client that the server goes (1001), and ends what does not listen."""
        self._serving = False
        for acks in list(self._collectors.values()):
            acks.end()
        closing = [
            asyncio.ensure_future(_close_quietly(connection.close(CloseCode.GOING_AWAY)))
            for connection in self._connections
        ]
        waited = [*closing, *self.handler_tasks]
        if waited:
            await asyncio.wait(waited, timeout=CLOSE_SECONDS)
        for connection in list(self._connections):
            connection.transport.abort()
        for task in self.handler_tasks:
            task.cancel()


def _prefix(query: str) -> str:
    values = parse_qs(query, keep_blank_values=True).get("prefix")
    return values[0] if values else "Echo: "


def _size(message: str | bytes) -> str:
    kind = "text, {} characters" if isinstance(message, str) else "binary, {} bytes"
    return kind.format(len(message))


async def _close_quietly(close: Awaitable[None]) -> None:
    with contextlib.suppress(ConnectionClosed):
        await close
