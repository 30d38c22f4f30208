"""The command line: words become Settings, errors become one line and an exit status.

Knows: options and their help. Refuses to know: how anything is done. The only module that prints
usage or exits.
"""

import gc
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click
from click.core import ParameterSource

from hotreload import __version__
from hotreload.cli import check, doctor, echo, pages, trust
from hotreload.cli.configured_command import ConfiguredCommand, Line, Placed, exposed, optional
from hotreload.cli.interrupts import end_quietly, raise_exceptions
from hotreload.config import defaults
from hotreload.errors import HotreloadError, UsageError, reason
from hotreload.security.limits import Limits
from hotreload.terminal.standard_streams import Unwritable, abandon
from hotreload.terminal.text import printable, wrap

STARTED = time.perf_counter()
# A terminal of so few columns does not say how wide it is.
NARROW: Final = 20
# Words of click, for people who write pages.
PLAINER: Final = {
    "is not a valid integer range": "is not a whole number",
    "is not a valid float range": "is not a number",
}


def main(args: Sequence[str] | None = None, prog_name: str = "hotreload") -> None:
    """The command `hotreload`; leaves with its exit status.

    Args:
        args: the words after the command; those of the process if not given.
        prog_name: the name it is called by.
    """
    raise_exceptions()
    try:
        sys.exit(cli.main(args, prog_name, standalone_mode=False))
    except click.ClickException as error:
        _fail(error.format_message(), error.exit_code, getattr(error, "ctx", None))
    except HotreloadError as error:
        _fail(str(error), error.exit_code)
    except click.Abort:
        sys.exit(130)
    except Unwritable as error:
        abandon()
        _fail(f"what this prints cannot be written: {reason(error)}", 1)
    except FileNotFoundError:
        if _has_folder():
            raise
        _fail("the folder that you are in is gone: go to another one, or come back to it", 1)


def _has_folder() -> bool:
    """Whether the process is in a folder: that one may have been removed, and even made anew."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def _fail(sentence: str, status: int, context: click.Context | None = None) -> None:
    line = printable(" ".join(sentence.split())).rstrip(".")
    for said, meant in PLAINER.items():
        line = line.replace(said, meant)
    hint = f" (see {context.command_path} --help)" if context is not None else ""
    if line[1:2].islower():  # click's sentences, not the name of a variable
        line = line[:1].lower() + line[1:]
    click.echo(_fitted(f"hotreload: {line}{hint}"), err=True)
    sys.exit(status)


def _fitted(line: str) -> str:
    """The line, broken between words where it is longer than the terminal is wide."""
    from hotreload.terminal.screen import columns

    width = columns(sys.stderr)
    return "\n  ".join(wrap(line, width - 2)) if width > NARROW else line


class _Commands(click.Group):
    """The commands in the order in which people need them."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Other servers take the folder as their only word."""
        word = args[0]
        if word not in self.commands and not ctx.resilient_parsing and Path(word).is_dir():
            raise UsageError(f"{word} is a folder: `hotreload serve {word}` serves it")
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return list(self.commands)


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "--version", message="hotreload %(version)s")
@click.pass_context
def cli(context: click.Context, /) -> None:
    """Save a file, and every open page that uses it shows the change.

    Nothing to configure, nothing written into your files, nothing lost in the page.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@cli.command(
    cls=ConfiguredCommand,
    short_help="Serve a folder, and keep its open pages current.",
    headings={
        "port": "Where it is found",
        "mounts": "What is served",
        "watch": "What is watched",
        "full_reload": "What pages get",
        "quiet": "What is printed",
    },
)
@click.argument(
    "root",
    required=False,
    type=click.Path(readable=False, path_type=Path),
)
@click.option(
    "-p",
    "--port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Listen on this port, 0 for any free one."
    f" Default: {defaults.PORT}, or the next free one.",
)
@optional(
    "--host",
    metavar="[ADDRESS]",
    meant=defaults.EVERYWHERE,
    help="Let other devices in: listen on this address, or on all. Default: this machine only.",
)
@optional(
    "-o",
    "--open",
    "open_path",
    metavar="[PATH]",
    meant=defaults.FIRST_PAGE,
    help="Open the browser, at this path (which starts with /).",
)
@click.option("--no-open", is_flag=True, help="Open no browser, whatever the configuration says.")
@click.option(
    "--https",
    is_flag=True,
    help="Speak HTTPS, with a certificate made for this machine.",
)
@click.option(
    "--cert",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Speak HTTPS with this certificate.",
)
@click.option("--key", type=click.Path(path_type=Path), metavar="FILE", help="The key of --cert.")
@click.option(
    "--allow-host",
    multiple=True,
    metavar="NAME",
    help="Answer to this host name too; .NAME stands for its subdomains. May be repeated.",
)
@click.option(
    "--auth",
    metavar="USER:PASSWORD",
    help="Ask every client for this name and password. As HOTRELOAD_AUTH it is in no list of "
    "processes.",
)
@click.option(
    "--mount",
    "mounts",
    multiple=True,
    type=Placed(),
    metavar="/URL=DIR",
    help="Serve the folder DIR too, below this URL path. May be repeated, also with one path: "
    "of several files at one address the first is served, ROOT's before all.",
)
@optional(
    "--spa",
    metavar="[FILE]",
    meant=defaults.INDEX,
    help=f"Show this page ({defaults.INDEX}) where a navigation finds nothing: the app routes it.",
)
@click.option("--base", default="/", metavar="/PATH/", help="Serve ROOT below this URL path.")
@click.option(
    "--proxy-base",
    default="/",
    metavar="/PATH/",
    help="The URL path below which a proxy that takes it off shows the site, as browser IDEs do.",
)
@click.option(
    "--header",
    "headers",
    multiple=True,
    type=Line(),
    metavar="'PATH: NAME: VALUE'",
    help="Send this header at these paths; * stands for anything. May be repeated.",
)
@optional(
    "--cors",
    metavar="[ORIGIN]",
    meant=defaults.ANY_ORIGIN,
    help="Let pages of this origin, or of any, read the site.",
)
@click.option(
    "--clear-site-data",
    is_flag=True,
    help="Have each browser forget at its first page what it keeps of this address: cookies,"
    " storage, caches, service workers.",
)
@click.option(
    "--mime",
    "types",
    multiple=True,
    metavar="EXT=TYPE",
    help="Send files with this extension as this content type. May be repeated.",
)
@click.option("--compress", is_flag=True, help="Compress what is sent, where the client takes it.")
@click.option("--no-listing", is_flag=True, help="Do not list folders that have no index page.")
@click.option("--follow-symlinks", is_flag=True, help="Serve files behind links that leave ROOT.")
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
@optional(
    "--poll",
    metavar="[MS]",
    meant=defaults.POLL_MS,
    help=f"Look at the files every so many milliseconds ({defaults.POLL_MS}) instead of being told"
    " of changes: for network drives and containers.",
)
@click.option("--full-reload", is_flag=True, help="Never update a page in place: reload it.")
@click.option("--no-inject", is_flag=True, help="Send documents as they are: no page updates.")
@click.option(
    "--csp",
    type=click.Choice(["amend", "keep"]),
    default="amend",
    help="Change a page's Content Security Policy so that our script may run, or keep it.",
    show_default=True,
)
@click.option("--ws-compression", is_flag=True, help="Compress WebSocket messages where asked for.")
@click.option(
    "--ws-max-size",
    type=click.IntRange(1024, 2**30),
    default=Limits().message,
    metavar="BYTES",
    help="Close a WebSocket whose client sends a longer message. Default: 1048576, a mebibyte.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print problems only.")
@click.option("-v", "--verbose", is_flag=True, help="Print pages and sockets too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON event a line, for programs.")
@click.pass_context
def serve(context: click.Context, /, **words: Any) -> None:
    """Serve the folder ROOT (default: this one) and keep its open pages current.

    Every option may also stand in hotreload.toml, in the table [tool.hotreload] of pyproject.toml,
    or in a variable, as HOTRELOAD_PORT. A file that would let others in has to be trusted first.
    """
    end_quietly()  # until the server hears it
    # Imported here, so that --help, --version and completion need not wait for it.
    from hotreload.cli.options_to_settings import settings as read
    from hotreload.security.fd_limit import require_descriptors

    typed = frozenset(
        name for name in words if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    )
    settings = read(typed=typed, **words)
    require_descriptors()
    # And mistakes need not wait for this. What is imported stays, so nobody is to look for garbage
    # in it: not now, which takes a twentieth of the start, and not while pages wait for an update.
    gc.disable()
    from hotreload.server.server import run
    from hotreload.terminal.terminal import Terminal

    gc.freeze()
    gc.enable()
    terminal = Terminal(
        as_json=settings.json, verbosity=settings.verbosity, exposed=exposed(context)
    )
    run(settings, terminal, lambda: (time.perf_counter() - STARTED) * 1000)


cli.add_command(echo.echo)
cli.add_command(doctor.doctor)
cli.add_command(pages.reload)
cli.add_command(pages.wait)
cli.add_command(check.check)
cli.add_command(trust.trust)
