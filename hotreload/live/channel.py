"""WebSockets, of pages and of the echo, on websockets' own server connections.

Knows: who is connected, and how a socket is opened, read and closed. Refuses to know: what a page
is sent.

http/connection hands over the transport of an upgrade request; `Channel` is what a websockets
`ServerConnection` asks of its server: a handler, its tasks, and whether it still serves.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable
from typing import Final, Protocol, cast
from urllib.parse import parse_qs

from websockets.asyncio.server import Server, ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.frames import CloseCode
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.server import ServerProtocol

from hotreload.live import messages
from hotreload.live.handshake import Handshake, select_subprotocol
from hotreload.live.hub import PageHub
from hotreload.live.messages import SOCKET_PATH, SUBPROTOCOL, BadMessage, inside
from hotreload.live.websocket_transport import WebSocketTransport
from hotreload.security.fair_share import ActiveClients
from hotreload.security.limits import Limits
from hotreload.security.throttled_socket import ThrottledConnection

# Messages that wait for the handler: few, since each may be as large as that.
MAX_QUEUE: Final = 4
# Browsers answer pings by themselves; one that is gone is noticed after 40 seconds.
PING_SECONDS: Final = 20.0
# How long the stop of the server waits for the pages' side of the closing handshake.
CLOSE_SECONDS: Final = 0.5


class SocketListener(Protocol):
    """What shows a person what sockets do."""

    def socket(self, event: str, path: str, detail: str) -> None:
        """A socket connected, got a message, or closed."""


class Channel:
    """Every WebSocket of the server: pages of ours, and clients that want an echo.

    Args:
        hub: the pages.
        handshake: which sockets are opened.
        listener: shows what sockets do.
        limits: on what a client may ask.
        active_clients: the clients that share the server's time.
        compression: negotiate permessage-deflate where a client asks for it.
        outside: the URL path below which a proxy shows this server, "/" without.
    """

    def __init__(
        self,
        hub: PageHub,
        handshake: Handshake,
        listener: SocketListener,
        limits: Limits,
        *,
        active_clients: ActiveClients,
        compression: bool = False,
        outside: str = "/",
    ) -> None:
        self.handler_tasks: set[asyncio.Task[None]] = set()
        self._hub = hub
        self._handshake = handshake
        self._listener = listener
        self._limits = limits
        self._active_clients = active_clients
        self._outside = outside
        self._extensions = [ServerPerMessageDeflateFactory()] if compression else None
        self._connections: set[ServerConnection] = set()
        self._serving = True
        # The library's own lines are tracebacks for what clients did wrong.
        self._logger = logging.getLogger("hotreload.websockets")
        self._logger.addHandler(logging.NullHandler())
        self._logger.propagate = False

    # -- what the connection and websockets ask for --------------------------------------------

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
            active_clients=self._active_clients,
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
        return self._handshake.refuse(connection, request, len(self._connections))

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
        transport = WebSocketTransport(connection)
        try:
            async for message in connection:
                try:
                    with connection.working():
                        said = messages.parse(message) if isinstance(message, str) else None
                        if said is not None:
                            self._hub.on_message(transport, said)
                except BadMessage as error:
                    await connection.close(CloseCode.POLICY_VIOLATION, str(error)[:120])
                    return
                if said is None:
                    await connection.send(message)
        finally:
            self._hub.leave(transport)

    # -- the end -------------------------------------------------------------------------------

    async def close(self) -> None:
        """Close every socket with 1001, and cut those that do not answer."""
        self._serving = False
        self._hub.close()
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
