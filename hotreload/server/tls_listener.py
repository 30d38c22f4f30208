"""Connections of a port that speaks TLS, and what becomes of clients that speak plain HTTP there.

Knows: how the first byte of a connection tells TLS from HTTP. Refuses to know: certificates, and
what is asked for.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Final

# A client that does not go on with its handshake for so long is let go.
HANDSHAKE_SECONDS: Final = 10.0
# The first byte of a TLS record that begins a handshake (RFC 8446, section 5.1).
_HANDSHAKE: Final = b"\x16"
# After this the server tries again to take connections for which it had no file descriptor.
_OUT_OF_FILES_SECONDS: Final = 0.5

Protocol = Callable[[], asyncio.Protocol]


class TLSListener:
    """Takes connections of one socket, and looks at their first byte.

    Args:
        sock: listening, non-blocking.
        context: of TLS.
        secure: makes the protocol of a connection that speaks TLS.
        plain: makes the one of a connection that does not.
        most: so many may be at their beginning at a time; then the oldest goes.
    """

    def __init__(
        self,
        sock: socket.socket,
        context: ssl.SSLContext,
        secure: Protocol,
        plain: Protocol,
        most: int,
    ) -> None:
        self._sock = sock
        self._context = context
        self._secure = secure
        self._plain = plain
        self._most = most
        self._loop = asyncio.get_running_loop()
        self._tasks: dict[asyncio.Task[None], None] = {}  # the oldest first
        self._loop.add_reader(sock, self._accept)

    def close(self) -> None:
        """Takes no more connections, and lets go those that have not said anything yet."""
        self._loop.remove_reader(self._sock)
        self._sock.close()
        for task in self._tasks:
            task.cancel()

    def _accept(self) -> None:
        try:
            connection, _ = self._sock.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        except OSError:  # no descriptor is left: the client waits in the queue
            self._loop.remove_reader(self._sock)
            self._loop.call_later(_OUT_OF_FILES_SECONDS, self._resume)
            return
        connection.setblocking(False)
        if len(self._tasks) >= self._most:
            next(iter(self._tasks)).cancel()
        task = self._loop.create_task(self._begin(connection))
        self._tasks[task] = None
        task.add_done_callback(lambda done: self._tasks.pop(done, None))

    def _resume(self) -> None:
        if self._sock.fileno() >= 0:
            self._loop.add_reader(self._sock, self._accept)

    async def _begin(self, connection: socket.socket) -> None:
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                await self._readable(connection)
                first = connection.recv(1, socket.MSG_PEEK)
            if first == _HANDSHAKE:
                await self._loop.connect_accepted_socket(
                    self._secure, connection, ssl=self._context,
                    ssl_handshake_timeout=HANDSHAKE_SECONDS,
                )  # fmt: skip
            else:
                await self._loop.connect_accepted_socket(self._plain, connection)
        except (OSError, TimeoutError, asyncio.CancelledError):  # it went, or does not speak TLS
            connection.close()

    async def _readable(self, connection: socket.socket) -> None:
        said = asyncio.Event()
        self._loop.add_reader(connection, said.set)
        try:
            await said.wait()
        finally:
            self._loop.remove_reader(connection)
