"""`hotreload doctor`: says what would go wrong here, and what to do about it.

Knows: the order of the checks, how a finding reads, and the exit status. Refuses to know: how a
fact is found out, and what it means.
"""

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from hotreload.configuring import sources
from hotreload.configuring.cli_settings import (
    ConfiguredCommand,
    exposures,
    keys_of,
    strangers,
)
from hotreload.configuring.exposure import Verdict
from hotreload.errors import HotreloadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hotreload.diagnosing.facts import Configuration
    from hotreload.diagnosing.findings import Finding
    from hotreload.talking.lines import Lines

# Of the longest name of a check.
NAME: Final = 11
INDENT: Final = len("! ") + NAME + len("  ")
SIGNS: Final = {"good": ("✓", "green"), "warning": ("!", "yellow"), "failed": ("✗", "red")}
PLAIN: Final = {"✓": "+", "✗": "x"}


@click.command(
    cls=ConfiguredCommand,
    shared=("root", "port"),
    reports=True,
    short_help="Find out what would keep a server from working here.",
    epilog="Exit status: 0 if all will work, warnings or not; 1 if something will not.",
)
@click.argument("root", required=False, type=click.Path(readable=False, path_type=Path))
@click.option(
    "-p",
    "--port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Look whether this port is free, instead of the one that `serve` would take.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON event a line.")
@click.pass_context
def doctor(
    context: click.Context, /, root: Path | None, port: int | None, *, as_json: bool
) -> None:
    """Find out what would go wrong with a server for the folder ROOT.

    Without it, the folder that `serve` would serve is meant.

    Looks at the folder and its file system, configuration, limits, ports, proxies, names, clocks
    and libraries, and saves a temporary file to see how soon that is noticed.
    """
    # Imported here, so that --help and other commands need not wait for it.
    from hotreload.diagnosing import findings
    from hotreload.talking.lines import Lines

    lines = Lines(as_json=as_json)
    found = []
    for finding in _findings(root or Path(), port or None, _configuration(context)):
        found.append(finding)
        _print(finding, lines)
    failed = findings.failed(found)
    lines.event("doctor", ok=not failed, text=findings.summary(found))
    lines.line(f"\n{findings.summary(found)}")
    if failed:
        sys.exit(1)


def _configuration(context: click.Context) -> "Configuration":
    """What the configuration files here may, with any command."""
    from hotreload.diagnosing.facts import Configuration

    found = sources.find(Path.cwd())
    exposed = exposures(found.files, keys_of(context.parent))
    refused = [each for each in exposed if each.verdict(may_ask=False) is Verdict.REFUSED]
    return Configuration(
        files=[str(source.file) for source in found.files],
        opened=["".join(s) for each in exposed if each not in refused for s in each.sentences()],
        refused=[each.refusal() for each in refused],
        foreign=strangers(found),
    )


def _findings(root: Path, port: int | None, configuration: "Configuration") -> "Iterator[Finding]":
    from hotreload.diagnosing import findings, gathering, latency

    folder = findings.root(gathering.root(root))
    yield folder
    yield findings.trust(configuration)
    # Where there is nothing to serve, the folder around it is not to be watched.
    here = None if findings.failed([folder]) else gathering.nearest(root)
    if here is not None:
        yield _made("file system", lambda: findings.file_system(gathering.file_system(here)))
        yield _made("watches", lambda: findings.watches(gathering.watches(here)))
        yield _made("git", lambda: findings.rules(gathering.rules(here)))
    yield _made("port", lambda: findings.port(gathering.port(port, root)))
    with suppress(HotreloadError):  # a server that does not answer is what the port tells of
        if (found := gathering.workers(root)).scripts:
            yield findings.workers(found)
    yield _made("localhost", lambda: findings.reach(gathering.reach()))
    yield _made("proxy", lambda: findings.proxies(gathering.proxies()))
    yield _made("browser", lambda: findings.browser(gathering.browser()))
    yield _made("system", lambda: findings.machine(gathering.machine()))
    yield _made("Python", lambda: findings.libraries(gathering.libraries()))

    if here is None:
        return

    def noticed() -> "Finding":
        with latency.scratch(here) as scratch:
            return findings.latency(latency.measure(scratch))

    def dated() -> "Finding":
        with latency.scratch(here) as scratch:
            return findings.clock(latency.clock(scratch))

    yield _made("clock", dated)
    yield _made("events", noticed)


def _made(check: str, make: "Callable[[], Finding]") -> "Finding":
    """A finding; that a fact cannot be found out is one too."""
    from hotreload.diagnosing.findings import unknown

    try:
        return make()
    except Exception as error:  # one check that fails must not hide the others
        return unknown(check, str(error) or repr(error))


def _print(finding: "Finding", lines: "Lines") -> None:
    from hotreload.telling.text import printable

    lines.event(
        "check", name=finding.check, state=str(finding.state), text=finding.sentence,
        advice=finding.advice,
    )  # fmt: skip
    sign, colour = SIGNS[finding.state]
    advice = f"; {finding.advice}" if finding.advice else ""
    begin = f"{lines.style(_sign(sign), fg=colour)} {finding.check:<{NAME}}  "
    for part in lines.parts(printable(finding.sentence + advice), INDENT):
        lines.line(begin + part)
        begin = " " * INDENT


def _sign(sign: str) -> str:
    """The sign, or one that standard output can show."""
    try:
        sign.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return PLAIN[sign]
    return sign
