"""`hotreload reload`: a script has the running server reload its pages.

Knows: the options, their help, and how the answer reads. Refuses to know: what a page is.
"""

from urllib.parse import urlsplit

import click

from hotreload.cli import server_option
from hotreload.errors import UsageError


@click.command(short_help="Reload the open pages, or those that use a file.")
@click.argument("urls", nargs=-1, metavar="[URL]...")
@click.option("--url", "server", metavar="URL", help=server_option.URL_HELP)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON event.")
@server_option.auth
def reload(urls: tuple[str, ...], server: str | None, as_json: bool, auth: str | None) -> None:
    """Reload every open page, or with URLs (such as /style.css) the pages that use any of them."""
    from hotreload.remote import api
    from hotreload.terminal.command_output import Lines
    from hotreload.terminal.text import count

    paths = [_path(url) for url in urls]
    pages = api.reload(server_option.find(server, auth), paths)
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
