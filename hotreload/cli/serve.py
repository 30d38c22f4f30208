"""The command `serve`: words become Settings, and the server runs.

Knows: its options and their help. Refuses to know: how anything is done.
"""

import gc
import time
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from hotreload.cli.configured_command import ConfiguredCommand, Line, Placed, exposed, optional
from hotreload.cli.interrupts import end_quietly
from hotreload.config import defaults
from hotreload.security.limits import Limits

STARTED = time.perf_counter()


@click.command(
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
    end_quietly()  # until the server handles Ctrl-C
    # Imported here, so that --help, --version and completion need not wait for it.
    from hotreload.cli.options_to_settings import settings as read
    from hotreload.security.fd_limit import require_descriptors

    typed = frozenset(
        name for name in words if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    )
    settings = read(typed=typed, **words)
    require_descriptors()
    # And mistakes need not wait for this. What is imported stays, so it is not searched for
    # garbage: not now, which takes a twentieth of the start, and not while pages wait for updates.
    gc.disable()
    from hotreload.server.server import run
    from hotreload.terminal.terminal import Terminal

    gc.freeze()
    gc.enable()
    terminal = Terminal(
        as_json=settings.json, verbosity=settings.verbosity, exposed=exposed(context)
    )
    run(settings, terminal, lambda: (time.perf_counter() - STARTED) * 1000)
