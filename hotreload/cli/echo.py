"""`hotreload echo`: words become a talk with a server.

Knows: the options, their help, and which of them go together. Refuses to know: how anything is
sent, or printed.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from hotreload.cli import server_option
from hotreload.errors import UsageError

if TYPE_CHECKING:
    from hotreload.remote.echo_plan import Talk
    from hotreload.remote.echo_report import EchoReport
    from hotreload.remote.outgoing_messages import Outgoing
    from hotreload.remote.target import Target

DEFAULT_SECONDS: Final = 5.0
# More echoes than this are only summed up, unless they come at a pace that can be read.
READABLE: Final = 100

EPILOG: Final = """\b
Exit status:
  0  every message came back      7  no such path, or a redirect
  1  no server was found          8  refused by the server
  2  usage                        9  not a WebSocket
  3  host name not found         10  wrong echo
  4  nothing listens there       11  no answer in time
  5  TLS or certificate          12  closed too early
  6  a proxy in the way
"""

_times = partial(click.option, type=click.IntRange(1), default=1, metavar="N")
_seconds = partial(click.option, type=click.FloatRange(0), metavar="SECONDS")


@click.command(epilog=EPILOG, short_help="Try a WebSocket connection, and say each step of it.")
@click.argument("words", nargs=-1, metavar="[URL] [MESSAGE]...")
@click.option("--url", metavar="URL", help="Connect there; then every word is a message.")
@click.option("-b", "--binary", is_flag=True, help="Send the messages as binary.")
@_times("-n", "--count", help="Send the messages so many times. Default: once.")
@_seconds(
    "-i",
    "--interval",
    default=0.0,
    help="Wait between an echo and the next message. Default: 0.",
)
@click.option(
    "-s",
    "--size",
    type=click.IntRange(0),
    metavar="N",
    help="Send one message of so many characters, or bytes with --binary.",
)
@_times("-c", "--concurrency", help="Do it on so many connections at once. Default: one.")
@_seconds(
    "-t",
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=DEFAULT_SECONDS,
    help=f"Wait so long for the connection, and for each echo. Default: {DEFAULT_SECONDS:g}.",
)
@click.option(
    "--subprotocol", multiple=True, metavar="NAME", help="Offer this subprotocol. May be repeated."
)
@click.option("-f", "--follow", is_flag=True, help="Show the updates that the pages are sent.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON event a line.")
@server_option.auth
def echo(
    words: tuple[str, ...],
    url: str | None,
    *,
    timeout: float,
    interval: float,
    subprotocol: tuple[str, ...],
    auth: str | None,
    concurrency: int,
    follow: bool,
    as_json: bool,
    **sent: Any,
) -> None:
    """Try a WebSocket connection: say each step, send messages, check what comes back.

    URL is ws://, wss://, http:// or https://, HOST:PORT, or a path such as /try; without one, the
    server that runs for this folder is asked. A MESSAGE - stands for standard input, a message a
    line. Without a message three are sent: text, text beyond ASCII, and binary.
    """
    # Imported here, so that --help need not wait for it.
    import asyncio

    from hotreload.remote.connect_errors import EchoFailed
    from hotreload.remote.echo_plan import Talk
    from hotreload.remote.echo_report import EchoReport
    from hotreload.remote.outgoing_messages import Outgoing
    from hotreload.terminal.command_output import Lines

    target, messages = _target_and_messages(words, url)
    talk = Talk(server_option.with_auth(target, auth), timeout, interval, subprotocol)
    run = _EchoRun(talk, Outgoing(messages, **sent), concurrency, follow)
    run.require_sense()
    report = EchoReport(Lines(as_json=as_json), every=run.is_readable)
    try:
        asyncio.run(run.carry_out(report))
    except EchoFailed as failure:
        report.failed(failure)
        raise


class _EchoRun(NamedTuple):
    """What the command was asked for.

    Attributes:
        talk: what each connection tries.
        outgoing: what each sends.
        concurrency: how many connections there are.
        follow: instead, show the updates that the pages are sent.
    """

    talk: "Talk"
    outgoing: "Outgoing"
    concurrency: int
    follow: bool

    def require_sense(self) -> None:
        """Refuses options that do not go together.

        Raises:
            UsageError: some do not.
        """
        from hotreload.remote.outgoing_messages import Outgoing

        sends, is_one = self.outgoing, self.concurrency == 1
        if self.follow and (sends != Outgoing() or not is_one or self.talk.subprotocols):
            raise UsageError(
                "--follow only listens: give it no messages, and nothing to send them by"
            )
        if sends.words and sends.size is not None:
            raise UsageError("--size makes the message: give it no other")
        if sends.is_typed and (not is_one or sends.count > 1 or len(sends.words) > 1):
            raise UsageError("standard input can be sent once: give - alone, on one connection")

    @property
    def is_readable(self) -> bool:
        """Whether a person can read each echo."""
        slow = self.talk.interval > 0 or self.outgoing.is_typed
        return self.concurrency == 1 and (slow or self.outgoing.total <= READABLE)

    async def carry_out(self, report: "EchoReport") -> None:
        from hotreload.remote.echo_client import converse, follow

        if self.follow:
            await follow(_as_page(self.talk), report)
        else:
            await converse(self.talk, self.outgoing, report, self.concurrency)


def _as_page(talk: "Talk") -> "Talk":
    """The same, where pages connect and in their subprotocol."""
    from hotreload.live.messages import SOCKET_PATH, SUBPROTOCOL

    target = talk.target.at(SOCKET_PATH) if talk.target.path == "/" else talk.target
    return replace(talk, target=target, subprotocols=(SUBPROTOCOL,))


def _target_and_messages(words: Sequence[str], url: str | None) -> tuple["Target", Sequence[str]]:
    """Where to connect to, and what is left to send."""
    from hotreload.remote import registry, target

    if url is not None:
        return target.parse(url), words
    if words and target.is_target(words[0]):
        return target.parse(words[0]), words[1:]
    here = registry.find(Path.cwd()).target
    if words and words[0].startswith("/"):
        return here.at(words[0]), words[1:]
    return here, words
