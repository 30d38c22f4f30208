"""`hotreload wait`: a script waits until the pages of the running server have taken an update.

Knows: the options, their help, and how the answer reads. Refuses to know: what a page is.

The server is asked again and again, every 50 ms: on the same machine a question costs a fraction of
a millisecond, no connection has to be held open, and a server that ends is noticed at once.
"""

import time
from typing import TYPE_CHECKING, Final

import click

from hotreload.cli import server_option
from hotreload.errors import HotreloadError

if TYPE_CHECKING:
    from hotreload.remote.target import Target
    from hotreload.remote.wait_condition import PagesVerdict
    from hotreload.terminal.command_output import Lines

POLL_SECONDS: Final = 0.05
# A save is noticed within this, and the deletion of a file, the slowest: only then is all said.
CALM_SECONDS: Final = 0.5
DEFAULT_SECONDS: Final = 10.0


class NotTaken(HotreloadError):
    """Not every page has taken the update, or not in time."""

    exit_code = 3


class PageErrors(HotreloadError):
    """A page reported an error."""

    exit_code = 4


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
@click.option("--url", "server", metavar="URL", help=server_option.URL_HELP)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON event.")
@server_option.auth
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

    facts, verdict = _settled(server_option.find(server, auth), seq, timeout)
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
