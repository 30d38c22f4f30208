"""A WebSocket is opened step by step, and closed properly.

Knows: websockets' client side, and the order in which a connection comes about. Refuses to know:
what is said on it, and what a failure means (`failures`).

A browser connects to its own machine directly, whatever proxy is set: so does this client.
"""

import asyncio
import contextlib
import logging
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidProxy
from websockets.frames import CloseCode
from websockets.proxy import get_proxy
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from hotreload import __version__
from hotreload.remote import trusted_authorities
from hotreload.remote.connect_errors import Attempt, EchoFailed, closed, failure
from hotreload.remote.echo_plan import Talk, Tls, since
from hotreload.remote.echo_report import EchoReport

Result = TypeVar("Result")

_LOGGER: Final = logging.getLogger("hotreload.remote.websocket_client")
_LOGGER.addHandler(logging.NullHandler())
_LOGGER.propagate = False


@contextlib.asynccontextmanager
async def opened(talk: Talk, report: EchoReport) -> AsyncIterator[ClientConnection]:
    """An open WebSocket, each step of whose opening was reported; closed properly at the end.

    Raises:
        EchoFailed: a step did not work.
    """
    report.connecting(talk.target)
    opening = _WebSocketOpening(talk, report)
    client = await opening.reach()
    try:
        await opening.shake_hands(client)
    except BaseException:
        client.transport.abort()
        raise
    try:
        yield client
    except EchoFailed as failed:
        await _part(client, failed)
        raise
    except asyncio.CancelledError:
        report.interrupted()
        await _close(client, talk, report)
        raise
    except BaseException:
        client.transport.abort()
        raise
    await _close(client, talk, report)


async def _part(client: ClientConnection, failed: EchoFailed) -> None:
    """Close the connection properly if the server still answers."""
    if failed.kind == "timeout":
        client.transport.abort()
    else:
        await client.close()


async def _close(client: ClientConnection, talk: Talk, report: EchoReport) -> None:
    began = time.perf_counter()
    await client.close()
    if client.protocol.close_rcvd is None:
        attempt = Attempt(talk.target, "when it was told goodbye", talk.timeout)
        raise closed(client.protocol.close_exc, attempt)
    code = client.close_code or CloseCode.ABNORMAL_CLOSURE
    report.closed(code, client.close_reason or "", since(began))


class _WebSocketOpening:
    """One attempt at a connection, all steps of which share one time limit."""

    def __init__(self, talk: Talk, report: EchoReport) -> None:
        self._talk = talk
        self._report = report
        self._deadline = asyncio.get_running_loop().time() + talk.timeout
        self._uri = talk.target.at(talk.target.path).socket_url
        if talk.target.user:
            self._uri = self._uri.replace("://", f"://{talk.target.user}@", 1)
        target = talk.target
        self._proxy = None if target.loops_back else get_proxy(parse_uri(self._uri))

    async def reach(self) -> ClientConnection:
        """Through TCP, or a proxy, and TLS."""
        began = time.perf_counter()
        sock = None
        if self._proxy is None:
            sock = await self._try(self._tcp(), "while TCP was connecting")
            address, port = sock.getpeername()[:2]
            self._report.tcp(address, port, since(began))
            began = time.perf_counter()
        doing = "during TLS" if self._talk.target.secure else "while connecting"
        client = await self._try(self._opener(sock).open_tcp_connection(), doing)
        ms = since(began)
        if self._proxy is not None:
            self._report.proxied(_without_password(self._proxy), ms)
        if self._talk.target.secure:
            self._report.tls(_tls(client.transport.get_extra_info("ssl_object")), ms)
        return client

    def _opener(self, sock: socket.socket | None) -> connect:
        tls: dict[str, Any] = (
            {"ssl": trusted_authorities.context()} if self._talk.target.secure else {}
        )
        return connect(
            self._uri,
            subprotocols=[Subprotocol(name) for name in self._talk.subprotocols] or None,
            proxy=self._proxy,
            sock=sock,
            max_size=None,
            close_timeout=self._talk.timeout,
            logger=_LOGGER,
            **tls,
        )

    async def _tcp(self) -> socket.socket:
        loop, target = asyncio.get_running_loop(), self._talk.target
        found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        error: OSError = socket.gaierror()
        for family, kind, protocol, _, address in found:
            sock = socket.socket(family, kind, protocol)
            sock.setblocking(False)
            try:
                await loop.sock_connect(sock, address)
            except OSError as why:
                error = why
                sock.close()
            except BaseException:
                sock.close()
                raise
            else:
                return sock
        raise error

    async def shake_hands(self, client: ClientConnection) -> None:
        """The opening handshake of RFC 6455, section 4.1."""
        began = time.perf_counter()
        try:
            await self._try(
                client.handshake(user_agent_header=f"hotreload/{__version__}"),
                "while it was asked for a WebSocket",
            )
        finally:
            if client.request is not None:
                self._report.asked(client.request)
            if client.response is not None:
                self._report.answered(client.response, since(began))
        client.start_keepalive()
        self._report.opened(client.subprotocol, [one.name for one in client.protocol.extensions])

    async def _try(self, work: Awaitable[Result], doing: str) -> Result:
        try:
            async with asyncio.timeout_at(self._deadline):
                return await work
        except (OSError, InvalidHandshake, InvalidProxy, ConnectionClosed, ImportError) as error:
            proxy = None if self._proxy is None else _without_password(self._proxy)
            attempt = Attempt(self._talk.target, doing, self._talk.timeout, proxy)
            raise failure(error, attempt) from error


def _tls(tls: ssl.SSLObject) -> Tls:
    certificate: dict[str, Any] = tls.getpeercert() or {}
    names = [value for _, value in certificate.get("subjectAltName", ())]
    cipher = tls.cipher()
    return Tls(
        version=tls.version() or "",
        cipher=cipher[0] if cipher else "",
        subject=", ".join(names),
        expires=str(certificate.get("notAfter", "")),
    )


def _without_password(proxy: str) -> str:
    url = urlsplit(proxy)
    return url._replace(netloc=url.netloc.rpartition("@")[2]).geturl()
