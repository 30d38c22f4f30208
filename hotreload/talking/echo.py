"""The diagnostic client: connects step by step, has its messages echoed, and closes properly.

Knows: websockets' client side, and the order in which a connection comes about. Refuses to know:
how any of it is printed (`echo_report`), and what a failure means (`failures`).

A browser connects to its own machine directly, whatever proxy is set: so does this client.
"""

import asyncio
import contextlib
import json
import logging
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidProxy
from websockets.frames import CloseCode
from websockets.http11 import Request, Response
from websockets.proxy import get_proxy
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from hotreload import __version__
from hotreload.pushing.messages import SUBPROTOCOL
from hotreload.talking.failures import Attempt, EchoFailed, closed, failure, timed_out, wrong_echo
from hotreload.talking.lines import brief
from hotreload.talking.outgoing import Message, Outgoing
from hotreload.talking.target import Target

Result = TypeVar("Result")

# A public echo server may greet before it echoes: its greeting is not taken for a wrong echo.
GREETING_SECONDS: Final = 0.5
# What the listener says instead of what a page says: it shows none, and is not counted as one.
LISTENER: Final = json.dumps({"type": "page", "url": "", "run": "", "seq": 0})


@dataclass(frozen=True, slots=True)
class Talk:
    """What is to be tried.

    Attributes:
        target: where to.
        timeout: seconds for the opening as a whole, for each echo, and for the close.
        interval: seconds between an echo and the next message.
        subprotocols: to offer.
    """

    target: Target
    timeout: float
    interval: float = 0.0
    subprotocols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tls:
    """What TLS came to, in its own words."""

    version: str
    cipher: str
    subject: str
    expires: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message and its echo.

    Attributes:
        connection: which of the connections, from 1.
        number: which message of the connection, from 1.
        sent: the message.
        received: the echo.
        ms: from before the one was sent until the other was there, in milliseconds.
    """

    connection: int
    number: int
    sent: Message
    received: Message
    ms: float


class Report(Protocol):
    """Who hears of each step."""

    def connecting(self, target: Target) -> None:
        """The first step is next."""

    def proxied(self, proxy: str, ms: float) -> None:
        """A proxy has opened the way; with TLS, that is done too."""

    def tcp(self, address: str, port: int, ms: float) -> None:
        """TCP is connected."""

    def tls(self, tls: Tls, ms: float) -> None:
        """TLS is agreed."""

    def asked(self, request: Request) -> None:
        """The handshake has been sent."""

    def answered(self, response: Response, ms: float) -> None:
        """Something answered, which need not be what was hoped for."""

    def opened(self, subprotocol: str | None, extensions: Iterable[str]) -> None:
        """The WebSocket is open."""

    def greeted(self, greeting: Message) -> None:
        """The server spoke first."""

    def echoed(self, exchange: Exchange) -> None:
        """A message came back."""

    def closed(self, code: int, reason: str, ms: float) -> None:
        """The connection is closed."""

    def heard(self, message: dict[str, Any]) -> None:
        """The server said something on the channel of the pages."""

    def of_another(self) -> "Report":
        """Who hears of one more connection."""

    def summary(self, connections: int) -> None:
        """All is over."""


class Echoes:
    """Which reply is the echo of which message: the same, or with the same prefix as ever."""

    def __init__(self) -> None:
        self._prefix: str | None = None

    def right(self, sent: Message, reply: Message) -> bool:
        """Whether the reply is the message's echo; the first one settles the prefix."""
        if isinstance(sent, bytes) or isinstance(reply, bytes):
            return type(sent) is type(reply) and sent == reply
        if self._prefix is None and reply.endswith(sent):
            self._prefix = reply.removesuffix(sent)
        return reply == f"{self._prefix}{sent}"

    @property
    def begun(self) -> bool:
        """Whether a text has been echoed."""
        return self._prefix is not None


# -- the whole -----------------------------------------------------------------------------------


async def converse(talk: Talk, outgoing: Outgoing, report: Report, connections: int = 1) -> None:
    """Has messages echoed, on several connections at once.

    Args:
        talk: what to try.
        outgoing: what to send on each connection.
        report: hears of each step, and of the end, also when it is interrupted.
        connections: how many.

    Raises:
        EchoFailed: something did not work, on any of them.
    """
    try:
        async with asyncio.TaskGroup() as group:
            for number in range(1, connections + 1):
                hears = report if number == 1 else report.of_another()
                group.create_task(_one(talk, outgoing, hears, number))
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    except asyncio.CancelledError:
        report.summary(connections)
        raise
    report.summary(connections)


async def _one(talk: Talk, outgoing: Outgoing, report: Report, connection: int) -> None:
    """One connection from its first step to its close."""
    async with opened(talk, report) as client:
        echoes, number, messages = Echoes(), 0, outgoing.messages()
        waiting = Attempt(talk.target, "before all messages were sent", talk.timeout)
        while (message := await _unless_closed(client, _next(messages), waiting)) is not None:
            if number and talk.interval:
                await _unless_closed(client, asyncio.sleep(talk.interval), waiting)
            number += 1
            reply, ms = await _exchange(client, message, echoes, talk, report)
            report.echoed(Exchange(connection, number, message, reply, ms))


async def follow(talk: Talk, report: Report) -> None:
    """Hears what the server tells its pages, until it closes the connection.

    Raises:
        EchoFailed: something did not work; also when the server stops.
    """
    async with opened(talk, report) as client:
        following = Attempt(talk.target, "while its updates were followed", talk.timeout)
        if client.subprotocol != SUBPROTOCOL:
            raise EchoFailed(
                "not-websocket",
                f"{following.place} speaks WebSocket but not {SUBPROTOCOL}: it is not hotreload",
            )
        try:
            await client.send(LISTENER)
            while True:
                report.heard(_message(await client.recv(), following))
        except ConnectionClosed as error:
            raise closed(error, following) from None


def _message(text: Message, attempt: Attempt) -> dict[str, Any]:
    try:
        message = json.loads(text)
    except ValueError:
        message = None
    if isinstance(message, dict):
        return message
    sentence = f"{attempt.place} sends no updates at {attempt.target.path}: {brief(text)} came"
    raise EchoFailed("path", sentence)


async def _next(messages: AsyncIterator[Message]) -> Message | None:
    return await anext(messages, None)


async def _unless_closed(
    client: ClientConnection, work: Awaitable[Result], attempt: Attempt
) -> Result:
    """Waits for something that takes as long as it likes, unless the connection ends first."""
    task = asyncio.ensure_future(work)
    end = asyncio.ensure_future(client.wait_closed())
    try:
        await asyncio.wait((task, end), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise closed(client.protocol.close_exc, attempt)
    finally:
        task.cancel()
        end.cancel()


async def _exchange(
    client: ClientConnection, message: Message, echoes: Echoes, talk: Talk, report: Report
) -> tuple[Message, float]:
    attempt = Attempt(talk.target, "while an echo was waited for", talk.timeout)
    began = time.perf_counter()
    try:
        async with asyncio.timeout(talk.timeout):
            await client.send(message)
            reply = await client.recv()
    except TimeoutError:
        raise timed_out(attempt) from None
    except ConnectionClosed as error:
        raise closed(error, attempt) from None
    ms = _since(began)
    if echoes.right(message, reply):
        return reply, ms
    if echoes.begun or (second := await _second(client)) is None:
        raise wrong_echo(message, reply)
    if not echoes.right(message, second):
        raise wrong_echo(message, second)
    report.greeted(reply)
    return second, _since(began)


async def _second(client: ClientConnection) -> Message | None:
    try:
        async with asyncio.timeout(GREETING_SECONDS):
            return await client.recv()
    except (TimeoutError, ConnectionClosed):
        return None


# -- opening and closing -------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def opened(talk: Talk, report: Report) -> AsyncIterator[ClientConnection]:
    """An open WebSocket, each step of whose opening was reported; closed properly at the end.

    Raises:
        EchoFailed: a step did not work.
    """
    report.connecting(talk.target)
    opening = _Opening(talk, report)
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
        await _close(client, talk, report)
        raise
    except BaseException:
        client.transport.abort()
        raise
    await _close(client, talk, report)


async def _part(client: ClientConnection, failed: EchoFailed) -> None:
    """Says goodbye to a server that would hear it."""
    if failed.kind == "timeout":
        client.transport.abort()
    else:
        await client.close()


async def _close(client: ClientConnection, talk: Talk, report: Report) -> None:
    began = time.perf_counter()
    await client.close()
    if client.protocol.close_rcvd is None:
        attempt = Attempt(talk.target, "when it was told goodbye", talk.timeout)
        raise closed(client.protocol.close_exc, attempt)
    code = client.close_code or CloseCode.ABNORMAL_CLOSURE
    report.closed(code, client.close_reason or "", _since(began))


class _Opening:
    """One attempt at a connection, all steps of which share one time limit."""

    def __init__(self, talk: Talk, report: Report) -> None:
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
            self._report.tcp(address, port, _since(began))
            began = time.perf_counter()
        doing = "during TLS" if self._talk.target.secure else "while connecting"
        client = await self._try(self._opener(sock).open_tcp_connection(), doing)
        ms = _since(began)
        if self._proxy is not None:
            self._report.proxied(_without_password(self._proxy), ms)
        if self._talk.target.secure:
            self._report.tls(_tls(client.transport.get_extra_info("ssl_object")), ms)
        return client

    def _opener(self, sock: socket.socket | None) -> connect:
        return connect(
            self._uri,
            subprotocols=[Subprotocol(name) for name in self._talk.subprotocols] or None,
            proxy=self._proxy,
            sock=sock,
            max_size=None,
            close_timeout=self._talk.timeout,
            logger=_LOGGER,
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
                self._report.answered(client.response, _since(began))
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


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


_LOGGER: Final = logging.getLogger("hotreload.talking.echo")
_LOGGER.addHandler(logging.NullHandler())
_LOGGER.propagate = False
