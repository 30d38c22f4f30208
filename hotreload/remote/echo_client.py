"""The diagnostic client: has messages echoed, or prints what the pages are sent.

Knows: which reply is the echo of which message. Refuses to know: how a connection is opened
(`websocket_client`), how a step reads (`echo_report`), and what a failure means (`connect_errors`).
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable
from typing import Any, Final, TypeVar

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from hotreload.live.messages import SUBPROTOCOL
from hotreload.remote.connect_errors import Attempt, EchoFailed, closed, timed_out, wrong_echo
from hotreload.remote.echo_plan import Exchange, Talk, since
from hotreload.remote.echo_report import EchoReport
from hotreload.remote.outgoing_messages import Message, Outgoing
from hotreload.remote.websocket_client import opened
from hotreload.terminal.command_output import brief

Result = TypeVar("Result")

# A public echo server may greet before it echoes: its greeting is not taken for a wrong echo.
GREETING_SECONDS: Final = 0.5
# What the listener says instead of what a page says: it shows none, and is not counted as one.
LISTENER: Final = json.dumps({"type": "page", "url": "", "run": "", "seq": 0})


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


async def converse(
    talk: Talk, outgoing: Outgoing, report: EchoReport, connections: int = 1
) -> None:
    """Has messages echoed, on several connections at once.

    Args:
        talk: what to try.
        outgoing: what to send on each connection.
        report: called for each step, and for the end, also when it is interrupted.
        connections: how many.

    Raises:
        EchoFailed: something did not work, on any of them.
    """
    try:
        async with asyncio.TaskGroup() as group:
            for number in range(1, connections + 1):
                reporting = report if number == 1 else report.of_another()
                group.create_task(_one(talk, outgoing, reporting, number))
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    except asyncio.CancelledError:
        report.summary(connections)
        raise
    report.summary(connections)


async def _one(talk: Talk, outgoing: Outgoing, report: EchoReport, connection: int) -> None:
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


async def follow(talk: Talk, report: EchoReport) -> None:
    """Prints what the server sends to its pages, until it closes the connection.

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
                report.pushed(_message(await client.recv(), following))
        except ConnectionClosed as error:
            raise closed(error, following) from None


def _message(text: Message, attempt: Attempt) -> dict[str, Any]:
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
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
    client: ClientConnection, message: Message, echoes: Echoes, talk: Talk, report: EchoReport
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
    ms = since(began)
    if echoes.right(message, reply):
        return reply, ms
    if echoes.begun or (second := await _second(client)) is None:
        raise wrong_echo(message, reply)
    if not echoes.right(message, second):
        raise wrong_echo(message, second)
    report.greeted(reply)
    return second, since(began)


async def _second(client: ClientConnection) -> Message | None:
    try:
        async with asyncio.timeout(GREETING_SECONDS):
            return await client.recv()
    except (TimeoutError, ConnectionClosed):
        return None
