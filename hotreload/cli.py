"""The command line: words become Settings, errors become one line and an exit status.

Knows: options and their help. Refuses to know: how anything is done. The only module that prints
usage or exits.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from hotreload import __version__
from hotreload.errors import HotreloadError, UsageError
from hotreload.settings import Settings

STARTED = time.perf_counter()
DEFAULT_POLL_MS = 500


def main(args: Sequence[str] | None = None, prog_name: str = "hotreload") -> None:
    """The command `hotreload`; leaves with its exit status.

    Args:
        args: the words after the command; those of the process if not given.
        prog_name: the name it is called by.
    """
    try:
        sys.exit(cli.main(args, prog_name, standalone_mode=False))
    except click.ClickException as error:
        _fail(error.format_message(), error.exit_code, getattr(error, "ctx", None))
    except HotreloadError as error:
        _fail(str(error), error.exit_code)
    except click.Abort:
        sys.exit(130)


def _fail(sentence: str, status: int, context: click.Context | None = None) -> None:
    line = " ".join(sentence.split()).rstrip(".")
    hint = f" (see {context.command_path} --help)" if context is not None else ""
    click.echo(f"hotreload: {line[:1].lower()}{line[1:]}{hint}", err=True)
    sys.exit(status)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "--version", message="hotreload %(version)s")
def cli() -> None:
    """Save a file, and every open page that uses it shows the change.

    Nothing to configure, nothing written into your files, nothing lost in the page.
    """


@cli.command()
@click.argument("root", required=False, type=click.Path(readable=False, path_type=Path))
@click.option(
    "--host",
    metavar="ADDRESS",
    help="Listen there. Default: this machine only, 127.0.0.1 and ::1.",
)
@click.option(
    "-p",
    "--port",
    type=click.IntRange(0, 65535),
    help="Listen on this port, 0 for any free one. Default: 8765, or the next free one.",
)
@click.option(
    "-o",
    "--open",
    "open_path",
    metavar="[PATH]",
    is_flag=False,
    flag_value="/",
    help="Open the browser, at this path (which starts with /).",
)
@click.option("--no-open", is_flag=True, help="Open no browser. The default.")
@click.option(
    "--watch",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Watch this too; a change there reloads every page. May be repeated.",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="GLOB",
    help="Do not watch what this pattern matches, written as in a .gitignore. May be repeated.",
)
@click.option("--no-gitignore", is_flag=True, help="Watch also what git ignores.")
@click.option("--full-reload", is_flag=True, help="Never update a page in place: reload it.")
@click.option(
    "--poll",
    metavar="[MS]",
    is_flag=False,
    flag_value=str(DEFAULT_POLL_MS),
    help=f"Look at the files every so many milliseconds ({DEFAULT_POLL_MS}) instead of being told.",
)
@click.option(
    "--allow-host",
    multiple=True,
    metavar="NAME",
    help="Answer to this host name too; .NAME stands for its subdomains. May be repeated.",
)
@click.option("--follow-symlinks", is_flag=True, help="Serve files behind links that leave ROOT.")
@click.option("--ws-compression", is_flag=True, help="Compress WebSocket messages where asked for.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON event a line.")
@click.option("-q", "--quiet", is_flag=True, help="Print problems only.")
@click.option("-v", "--verbose", is_flag=True, help="Print pages and sockets too.")
def serve(**words: Any) -> None:
    """Serve the folder ROOT (default: this one) and keep its open pages current."""
    settings = _settings(**words)
    # Imported here, so that --help, --version and mistakes need not wait for it.
    from hotreload.server import run
    from hotreload.terminal import Terminal

    terminal = Terminal(as_json=settings.json, verbosity=settings.verbosity)
    run(settings, terminal, lambda: (time.perf_counter() - STARTED) * 1000)


def _settings(
    *,
    root: Path | None,
    open_path: str | None,
    no_open: bool,
    poll: str | None,
    no_gitignore: bool,
    allow_host: tuple[str, ...],
    as_json: bool,
    quiet: bool,
    verbose: bool,
    **same: Any,
) -> Settings:
    # `--open ./site` and `--poll ./site` read the folder as the option's value: it is the ROOT.
    if root is None and open_path is not None and _is_folder(open_path):
        root, open_path = Path(open_path), "/"
    if root is None and poll is not None and not poll.isdecimal():
        root, poll = Path(poll), str(DEFAULT_POLL_MS)
    if open_path is not None and not open_path.startswith("/"):
        raise UsageError(f"--open {open_path}: the path of a page starts with /")
    if poll is not None and (not poll.isdecimal() or int(poll) == 0):
        raise UsageError(f"--poll {poll}: give a whole number of milliseconds from 1 up")
    return Settings(
        root=root or Path(),
        open_path=None if no_open else open_path,
        poll=None if poll is None else int(poll) / 1000,
        gitignore=not no_gitignore,
        allow_hosts=allow_host,
        json=as_json,
        verbosity=-1 if quiet else int(verbose),
        **same,
    )


def _is_folder(value: str) -> bool:
    return not value.startswith("/") or (value != "/" and Path(value).is_dir())
