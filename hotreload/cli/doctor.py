"""`hotreload doctor`: says what would go wrong here, and what to do about it.

Knows: the order of the checks, how a finding reads, and the exit status. Refuses to know: how a
fact is found out, and what it means.
"""

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from hotreload.cli.configured_command import (
    ConfiguredCommand,
    exposures,
    keys_of,
    strangers,
)
from hotreload.config import sources
from hotreload.config.exposure import Permission
from hotreload.errors import HotreloadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hotreload.doctor.diagnoses import Diagnosis
    from hotreload.doctor.facts import Configuration
    from hotreload.terminal.command_output import Lines

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
    from hotreload.doctor import diagnoses
    from hotreload.terminal.command_output import Lines

    lines = Lines(as_json=as_json)
    found = []
    for finding in _findings(root or Path(), port or None, _configuration(context)):
        found.append(finding)
        _print(finding, lines)
    failed = diagnoses.failed(found)
    lines.event("doctor", ok=not failed, text=diagnoses.summary(found))
    lines.line(f"\n{diagnoses.summary(found)}")
    if failed:
        sys.exit(1)


def _configuration(context: click.Context) -> "Configuration":
    """What the configuration files here may, with any command."""
    from hotreload.doctor.facts import Configuration

    found = sources.find(Path.cwd())
    exposed = exposures(found.files, keys_of(context.parent))
    refused = [each for each in exposed if each.verdict(may_ask=False) is Permission.REFUSED]
    return Configuration(
        files=[str(source.file) for source in found.files],
        opened=["".join(s) for each in exposed if each not in refused for s in each.sentences()],
        refused=[each.refusal() for each in refused],
        foreign=strangers(found),
    )


def _findings(
    root: Path, port: int | None, configuration: "Configuration"
) -> "Iterator[Diagnosis]":
    from hotreload.doctor import diagnoses, probes, save_latency

    folder = diagnoses.root(probes.root(root))
    yield folder
    yield diagnoses.trust(configuration)
    # Where there is nothing to serve, the folder around it is not to be watched.
    here = None if diagnoses.failed([folder]) else probes.nearest(root)
    if here is not None:
        yield _made("file system", lambda: diagnoses.file_system(probes.file_system(here)))
        yield _made("watches", lambda: diagnoses.watches(probes.watches(here)))
        yield _made("git", lambda: diagnoses.rules(probes.rules(here)))
    yield _made("port", lambda: diagnoses.port(probes.port(port, root)))
    with suppress(HotreloadError):  # the port reports a server that does not answer
        if (found := probes.workers(root)).scripts:
            yield diagnoses.workers(found)
    yield _made("localhost", lambda: diagnoses.reach(probes.reach()))
    yield _made("proxy", lambda: diagnoses.proxies(probes.proxies()))
    yield _made("browser", lambda: diagnoses.browser(probes.browser()))
    yield _made("system", lambda: diagnoses.machine(probes.machine()))
    yield _made("Python", lambda: diagnoses.libraries(probes.libraries()))

    if here is None:
        return

    def noticed() -> "Diagnosis":
        with save_latency.scratch(here) as scratch:
            return diagnoses.latency(save_latency.measure(scratch))

    def dated() -> "Diagnosis":
        with save_latency.scratch(here) as scratch:
            return diagnoses.clock(save_latency.clock(scratch))

    yield _made("clock", dated)
    yield _made("events", noticed)


def _made(check: str, make: "Callable[[], Diagnosis]") -> "Diagnosis":
    """A finding; that a fact cannot be found out is one too."""
    from hotreload.doctor.diagnoses import unknown

    try:
        return make()
    except Exception as error:  # one check that fails must not hide the others
        return unknown(check, str(error) or repr(error))


def _print(finding: "Diagnosis", lines: "Lines") -> None:
    from hotreload.terminal.text import printable

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
