"""`hotreload reload` and `hotreload wait`: a script asks the running server about its pages.

Knows: the options, their help, and how the answers read. Refuses to know: what a page is.

The server is asked again and again, every 50 ms: on the same machine a question costs a fraction of
a millisecond, no connection has to be held open, and a server that ends is noticed at once.
"""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import click

from hotreload.cli import auth_option
from hotreload.errors import HotreloadError, UsageError

if TYPE_CHECKING:
    from hotreload.remote.target import Target
    from hotreload.remote.wait_condition import PagesVerdict
    from hotreload.terminal.command_output import Lines

POLL_SECONDS: Final = 0.05
# A save is noticed within this, and the deletion of a file, the slowest: only then is all said.
CALM_SECONDS: Final = 0.5
DEFAULT_SECONDS: Final = 10.0
URL_HELP: Final = "Ask the server there, not the one that runs for this folder."


class NotTaken(HotreloadError):
    """Not every page has taken the update, or not in time."""

    exit_code = 3


class PageErrors(HotreloadError):
    """A page reported an error."""

    exit_code = 4


# -- reload ---------------------------------------------------------------------------------------


@click.command(short_help="Reload the open pages, or those that use a file.")
@click.argument("urls", nargs=-1, metavar="[URL]...")
@click.option("--url", "server", metavar="URL", help=URL_HELP)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON event.")
@auth_option.option
def reload(urls: tuple[str, ...], server: str | None, as_json: bool, auth: str | None) -> None:
    """Reload every open page, or with URLs (such as /style.css) the pages that use any of them."""
    from hotreload.remote import api
    from hotreload.terminal.command_output import Lines
    from hotreload.terminal.text import count

    paths = [_path(url) for url in urls]
    pages = api.reload(_server(server, auth), paths)
    lines = Lines(as_json=as_json)
    lines.event("reload", urls=paths, pages=pages)
    lines.line(f"asked {count(pages, 'page')}" if pages else "no page is open")


def _path(url: str) -> str:
    """A file's URL path; the address before it, and the query after it, do not matter."""
    try:
        path = urlsplit(url).path
    except ValueError:  # brackets that hold no IPv6 address
        path = ""
    if not path.startswith("/"):
        raise UsageError(f"{url}: the URL of a file begins with /, as its page has it")
    return path


# -- wait -----------------------------------------------------------------------------------------

EPILOG: Final = """\b
Exit status:
  0  every open page has taken it
  1  the server does not answer
  2  usage
  3  a page has not taken it, or none is open
  4  with --no-errors: a page reported an error since
"""


@click.command(epilog=EPILOG)
@click.option(
    "--seq", type=click.IntRange(0), metavar="N", help="Wait for update N. Default: the newest."
)
@click.option("--no-errors", is_flag=True, help="Fail if a page has reported an error since.")
@click.option(
    "--timeout",
    type=click.FloatRange(0),
    default=DEFAULT_SECONDS,
    metavar="SECONDS",
    help=f"Wait no longer than this. Default: {DEFAULT_SECONDS:g}.",
)
@click.option("--url", "server", metavar="URL", help=URL_HELP)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON event.")
@auth_option.option
def wait(
    *,
    seq: int | None,
    no_errors: bool,
    timeout: float,
    server: str | None,
    as_json: bool,
    auth: str | None,
) -> None:
    """Wait until every open page has taken the newest update.

    A save that was made just before is waited for, too. While no page is open, one is waited for.
    """
    from hotreload.terminal.command_output import Lines

    facts, verdict = _settled(_server(server, auth), seq, timeout)
    errors = verdict.errors if no_errors else ()
    _tell(Lines(as_json=as_json), facts, verdict)
    if verdict.missing:
        raise NotTaken(verdict.missing)
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise PageErrors(f"a page reported an error: {errors[0]}{more}")


def _settled(
    target: "Target", seq: int | None, timeout: float
) -> tuple[dict[str, object], "PagesVerdict"]:
    """Looks until all is well and stays so for a moment, or time is up, or a page has failed."""
    from hotreload.remote import api
    from hotreload.remote.wait_condition import judge

    deadline = time.monotonic() + timeout
    newest, since = None, time.monotonic()
    while True:
        facts = api.health(target)
        try:
            verdict, now = judge(facts, seq), time.monotonic()
            state = (facts["run"], facts["seq"], verdict.missing)
        except (KeyError, TypeError):
            raise api.foreign(target) from None
        if state != newest:
            newest, since = state, now
        calm = now - since >= CALM_SECONDS
        if (calm and (not verdict.missing or verdict.failed)) or now >= deadline:
            return facts, verdict
        time.sleep(POLL_SECONDS)


def _tell(lines: "Lines", facts: dict[str, object], verdict: "PagesVerdict") -> None:
    from hotreload.terminal.text import count

    lines.event(
        "wait", taken=not verdict.missing, missing=verdict.missing, errors=list(verdict.errors),
        run=facts["run"], seq=facts["seq"], pages=facts["pages"],
    )  # fmt: skip
    if not verdict.missing:
        pages = facts["pages"]
        has = "has" if pages == 1 else "have"
        lines.line(f"{count(int(str(pages)), 'page')} {has} taken update {facts['seq']}")


def _server(url: str | None, auth: str | None) -> "Target":
    from hotreload.remote import registry, target

    found = registry.find(Path.cwd()).target if url is None else target.parse(url)
    return auth_option.introduced(found, auth)
