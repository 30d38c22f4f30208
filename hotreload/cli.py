"""The command line: words become Settings, errors become one line and an exit status.

Knows: options and their help. Refuses to know: how anything is done. The only module that prints
usage or exits.
"""

import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from hotreload import __version__
from hotreload.checking import cli_check
from hotreload.cli_settings import ConfiguredCommand
from hotreload.errors import HotreloadError, UsageError
from hotreload.serving.headers import cors as allowed
from hotreload.serving.headers import option
from hotreload.serving.resolve import Bad, parse, url_path
from hotreload.serving.rules import Wrong
from hotreload.settings import Settings
from hotreload.talking import cli_echo, cli_pages

STARTED = time.perf_counter()
DEFAULT_POLL_MS = 500
INDEX = "index.html"
MEDIA_TYPE = re.compile(r"[!#$&^_.+\w-]+/[!#$&^_.+\w-]+(?:; *[\w-]+=[\w.+-]+)*", re.ASCII)
T = TypeVar("T")


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


cli.add_command(cli_check.check)
cli.add_command(cli_echo.echo)
cli.add_command(cli_pages.reload)
cli.add_command(cli_pages.wait)


@cli.command(cls=ConfiguredCommand)
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
    "--mount",
    "mounts",
    multiple=True,
    metavar="/URL=DIR",
    help="Serve the folder DIR too, below this URL path. May be repeated.",
)
@click.option(
    "--spa",
    metavar="[FILE]",
    is_flag=False,
    flag_value=INDEX,
    help=f"Show this page ({INDEX}) where a navigation finds nothing: the app routes it.",
)
@click.option("--base", default="/", metavar="/PATH/", help="Serve ROOT below this URL path.")
@click.option(
    "--header",
    "headers",
    multiple=True,
    metavar="'PATH: NAME: VALUE'",
    help="Send this header at these paths; * stands for anything. May be repeated.",
)
@click.option(
    "--cors",
    metavar="[ORIGIN]",
    is_flag=False,
    flag_value="*",
    help="Let pages of this origin, or of any, read the site.",
)
@click.option(
    "--mime",
    "types",
    multiple=True,
    metavar="EXT=TYPE",
    help="Send files with this extension as this content type. May be repeated.",
)
@click.option("--no-inject", is_flag=True, help="Send documents as they are: no page updates.")
@click.option(
    "--csp",
    type=click.Choice(["amend", "keep"]),
    default="amend",
    help="Change a page's Content Security Policy so that our script may run, or keep it.",
    show_default=True,
)
@click.option(
    "--https", is_flag=True, help="Speak HTTPS, with a certificate made for this machine."
)
@click.option(
    "--cert", type=click.Path(path_type=Path), metavar="FILE", help="Speak HTTPS with it."
)
@click.option("--key", type=click.Path(path_type=Path), metavar="FILE", help="The key of --cert.")
@click.option("--compress", is_flag=True, help="Compress what is sent, where the client takes it.")
@click.option("--no-listing", is_flag=True, help="Do not list folders that have no index page.")
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
    mounts: tuple[str, ...],
    spa: str | None,
    no_listing: bool,
    base: str,
    headers: tuple[str, ...],
    cors: str | None,
    types: tuple[str, ...],
    no_inject: bool,
    https: bool,
    cert: Path | None,
    key: Path | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    **same: Any,
) -> Settings:
    # `--open ./site`, as `--poll` and `--spa`, reads the folder as its value: it is the ROOT.
    if root is None and open_path is not None and _is_folder(open_path):
        root, open_path = Path(open_path), "/"
    if root is None and poll is not None and not poll.isdecimal():
        root, poll = Path(poll), str(DEFAULT_POLL_MS)
    if root is None and spa is not None and Path(spa).is_dir():
        root, spa = Path(spa), INDEX
    if root is None and cors is not None and "://" not in cors and cors != "*":
        root, cors = Path(cors), "*"
    if open_path is not None and not open_path.startswith("/"):
        raise UsageError(f"--open {open_path}: the path of a page starts with /")
    if poll is not None and (not poll.isdecimal() or int(poll) == 0):
        raise UsageError(f"--poll {poll}: give a whole number of milliseconds from 1 up")
    if key is not None and cert is None:
        raise UsageError(f"--key {key}: name the certificate that it is for, with --cert")
    return Settings(
        root=root or Path(),
        open_path=None if no_open else open_path,
        poll=None if poll is None else int(poll) / 1000,
        gitignore=not no_gitignore,
        allow_hosts=allow_host,
        mounts=tuple(map(_mount, mounts)),
        spa=None if spa is None else _names(spa, f"--spa {spa}: name a file below ROOT"),
        listing=not no_listing,
        base=() if base == "/" else _names(base, f"--base {base}: give a URL path, as in /app/"),
        headers=tuple(_said("--header", value, option, cors is not None) for value in headers),
        cors=None if cors is None else _said("--cors", cors, allowed),
        types=dict(map(_type, types)),
        inject=not no_inject,
        https=https or cert is not None,
        cert=cert,
        key=key or cert,
        json=as_json,
        verbosity=-1 if quiet else int(verbose),
        **same,
    )


def _is_folder(value: str) -> bool:
    return not value.startswith("/") or (value != "/" and Path(value).is_dir())


def _mount(value: str) -> tuple[tuple[str, ...], Path]:
    """The names on the URL path, and the folder."""
    url, found, folder = value.partition("=")
    sentence = f"--mount {value}: give a URL path and a folder, as in /docs=../docs"
    if not (url.startswith("/") and found and folder):
        raise UsageError(sentence)
    return _names(url, sentence), Path(folder)


def _names(path: str, sentence: str) -> tuple[str, ...]:
    names = tuple(name for name in path.split("/") if name not in ("", "."))
    if not names or isinstance(parse(url_path(names).encode()), Bad):
        raise UsageError(sentence)
    return names


def _said(word: str, value: str, read: Callable[..., T], *more: object) -> T:
    try:
        return read(value, *more)
    except Wrong as wrong:
        raise UsageError(f"{word} {value}: {wrong}") from None


def _type(value: str) -> tuple[str, str]:
    """An extension and its content type."""
    extension, equals, content_type = value.partition("=")
    if not (extension and equals and MEDIA_TYPE.fullmatch(content_type)):
        raise UsageError(f"--mime {value}: give an extension and a type, as in vtt=text/vtt")
    return extension.removeprefix(".").lower(), content_type
