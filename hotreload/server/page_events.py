"""The events of the pages, passed on to the terminal and to the watcher.

Knows: which of them wants which event. Refuses to know: what either does about it.
"""

from hotreload.live.messages import Page
from hotreload.terminal.terminal import Terminal
from hotreload.watch.watcher import Watcher


class PageEvents:
    """Passes what pages do on to the terminal, and their number to the watcher."""

    def __init__(self, terminal: Terminal, watcher: Watcher) -> None:
        self._watcher = watcher
        self.answered = terminal.updates.answered
        self.settled = terminal.updates.settled
        self.logged = terminal.pages.logged
        self.socket = terminal.pages.socket
        self._joined = terminal.pages.joined
        self._left = terminal.pages.left

    def joined(self, page: Page, count: int) -> None:
        """A page opened; so many are open now."""
        self._watcher.pages(count)
        self._joined(page, count)

    def left(self, page: Page, count: int) -> None:
        """A page closed; so many are open now."""
        self._watcher.pages(count)
        self._left(page, count)
