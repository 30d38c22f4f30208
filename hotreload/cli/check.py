"""The command `check`.

Knows: its options, and what they mean for a run. Refuses to know: how anything is found.
"""

import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from hotreload.cli.configured_command import ConfiguredCommand
from hotreload.config import defaults
from hotreload.errors import HotreloadError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hotreload.check.findings import Finding
    from hotreload.check.run import Progress, Result

FORMATS: Final = ("text", "json", "github", "sarif")
# Shorter runs are over before a bar can be read.
_FILES_WORTH_A_BAR: Final = 500
_STEPS: Final = 100


class NoParser(HotreloadError):
    """The parser of HTML is not there: it is in C, and not built for every system."""

    exit_code = 2


class _CheckCommand(ConfiguredCommand):
    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        from hotreload.check.findings import RULES

        with formatter.section("What is found"):
            formatter.write_dl([(code, rule.summary) for code, rule in RULES.items()])
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(
                "A comment, <!-- hotreload: ignore HR101 --> or /* ... */, keeps its line quiet, or"
                " the next one where it stands alone; ignore-file the whole file."
            )


@click.command(cls=_CheckCommand)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--fix", is_flag=True, help="Mend what can be mended safely: HR001 and HR102.")
@click.option(
    "--select",
    multiple=True,
    metavar="CODES",
    help="Tell only these: HR101, HR1 for all that begin so, or several with commas.",
)
@click.option("--ignore", multiple=True, metavar="CODES", help="Do not tell these.")
@click.option(
    "--exclude",
    multiple=True,
    metavar="GLOB",
    help="Leave out what this pattern matches in a folder, as in a .gitignore. May be repeated.",
)
@click.option(
    "--root",
    "roots",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="What / means in a reference. May be repeated. Default: any folder from a page upwards.",
)
@click.option(
    "--elsewhere",
    multiple=True,
    metavar="GLOB",
    help="Addresses that something else answers, like /api/*. May be repeated.",
)
@click.option(
    "--port",
    "ports",
    multiple=True,
    type=click.IntRange(1, 65535),
    metavar="PORT",
    help=f"References to this port are leftovers, as those to {defaults.PORT}. May be repeated.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    metavar="FORMAT",
    help=f"Print findings as {', '.join(FORMATS[:-1])} or {FORMATS[-1]}.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    help="Share the work among so many processes. Default: as many as pay.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print findings only, no sum.")
def check(
    paths: tuple[Path, ...],
    *,
    roots: tuple[Path, ...],
    fix: bool,
    style: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    exclude: tuple[str, ...],
    elsewhere: tuple[str, ...],
    ports: tuple[int, ...],
    jobs: int | None,
    quiet: bool,
) -> None:
    """Find what is broken in pages and style sheets.

    PATHS are files and folders; without any, this folder is checked.

    The exit status is 0 if nothing is found, 1 if something is, 2 if the command cannot be run.
    """
    # Imported here, so that --help and other commands need not wait for it.
    try:
        from hotreload.check import file_check, findings, run
        from hotreload.files import git_excludes
    except ModuleNotFoundError as error:
        raise NoParser(_no_parser(error)) from None

    started = time.perf_counter()
    wanted = findings.choice(_codes(select), _codes(ignore))
    options = file_check.Options(
        codes=frozenset(filter(wanted, findings.RULES)),
        roots=tuple(os.path.abspath(root) for root in roots),  # noqa: PTH100 - links stay
        elsewhere=elsewhere,
        ports=(defaults.PORT, *ports),
    )
    places = run.collect(paths or (Path(),), exclude, _note)
    for remark in sorted(
        {git_excludes.remark(path.absolute()) for path in paths or (Path(),)} - {""}
    ):
        _note(remark)
    with _bar(len(places), quiet=quiet) as progress:
        result = run.run(places, options, fix=fix, jobs=jobs, progress=progress)
    _print(result.findings, style)
    if not quiet:
        click.echo(_summary(result, time.perf_counter() - started), err=True)
    if result.findings:
        sys.exit(1)


def _no_parser(error: ModuleNotFoundError) -> str:
    return (
        f"`hotreload check` needs {error.name}, which is not installed: there is no wheel of it for"
        f" every system; `{os.path.basename(sys.executable)} -m pip install {error.name}` builds it"  # noqa: PTH119
        " where there is a C compiler"
    )


@contextmanager
def _bar(files: int, *, quiet: bool) -> "Iterator[Progress]":
    """Draws a bar on a terminal while many files are checked; gives what moves it on."""
    from hotreload.terminal import layout
    from hotreload.terminal.device.screen import Screen

    screen = Screen(sys.stderr)
    if quiet or files < _FILES_WORTH_A_BAR or not screen.live:
        yield lambda _done, _total: None
        return
    step = files // _STEPS

    def show(done: int, total: int) -> None:
        if done % step == 0:
            screen.status(layout.bar("checking", done, total, screen.width))

    try:
        yield show
    finally:
        screen.close()


def _note(sentence: str) -> None:
    from hotreload.terminal.text import printable

    click.echo(f"hotreload: {printable(sentence)}", err=True)


def _codes(given: "Sequence[str]") -> list[str]:
    return [code.strip().upper() for each in given for code in each.split(",") if code.strip()]


def _print(found: "Sequence[Finding]", style: str) -> None:
    from hotreload.check import formats

    if style == "text":
        from hotreload.terminal.device.screen import colour

        lines = formats.text(found, colour=colour(sys.stdout))
    else:
        lines = formats.FORMATS[style](found)
    click.echo(lines, nl=False, color=True if "\x1b" in lines else None)


def _summary(result: "Result", seconds: float) -> str:
    from hotreload.terminal.text import count

    files = len({finding.file for finding in result.findings})
    found = count(len(result.findings), "finding")
    said = f"{found} in {files} of {count(result.files, 'file')}" if files else "nothing found"
    said += "" if files else f" in {count(result.files, 'file')}"
    fixed = f", {result.fixed} fixed" if result.fixed else ""
    return f"{said}{fixed} ({seconds:.1f} s)"
