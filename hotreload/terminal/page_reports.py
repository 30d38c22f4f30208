"""What a person is told of pages: which open and close, their sockets, and their consoles' errors.

Knows: which of it only --verbose shows, and that the same error is shown once after each save.
Refuses to know: how a line looks, and how a page is reached.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from hotreload.live.messages import Log, Page
from hotreload.terminal.layout import BAD
from hotreload.terminal.server_output import ServerOutput
from hotreload.terminal.text import count

# So many different errors of pages are remembered, to be shown once each.
MOST_ERRORS: Final = 500


class PageReports:
    """Tells of pages.

    Args:
        output: prints it.
        local_urls: gives the server's addresses for this machine.
    """

    def __init__(self, output: ServerOutput, local_urls: Callable[[], Sequence[str]]) -> None:
        self._output = output
        self._local_urls = local_urls
        self._errors: set[tuple[str, Log]] = set()

    def joined(self, page: Page, pages: int) -> None:
        """A page opened; so many are open now."""
        self._output.event("page", event="opened", url=page.url, pages=pages)
        self._output.detail(f"page opened  {page.url}  ({count(pages, 'page')} open)")

    def left(self, page: Page, pages: int) -> None:
        """A page closed; so many are open now."""
        self._output.event("page", event="closed", url=page.url, pages=pages)
        self._output.detail(f"page closed  {page.url}  ({count(pages, 'page')} open)")

    def socket(self, event: str, path: str, detail: str) -> None:
        """A socket connected, got a message, or closed."""
        self._output.event("socket", event=event, path=path, detail=detail)
        self._output.detail(f"socket {event}  {path}  {detail}".rstrip())

    def logged(self, page: Page, log: Log) -> None:
        """A page's console said something; an error is shown once after each save."""
        self._output.event(
            "log", page=page.url, level=log.level, text=log.text, source=log.source, line=log.line
        )
        where = f"  ({self._place(log.source)}:{log.line})" if log.source else ""
        if log.level != "error":
            self._output.detail(f"{log.level}  {page.url}  {log.text}{where}")
        elif (page.url, log) not in self._errors and len(self._errors) < MOST_ERRORS:
            self._errors.add((page.url, log))
            self._output.warning(f"{page.url}  {log.text}{where}", BAD)

    def forget_errors(self) -> None:
        """Files changed: an error that comes again is shown again."""
        self._errors.clear()

    def _place(self, source: str) -> str:
        """A script's address; of one from this server its path, as pages are called."""
        with suppress(ValueError):  # pages say what they like
            found = urlsplit(source)
            ours = [urlsplit(url).port for url in self._local_urls()]
            if found.port in ours and found.path:
                return found.path + (f"?{found.query}" if found.query else "")
        return source
