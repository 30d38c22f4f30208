"""From saved files to pages: each batch becomes an update, which is sent and told.

Knows: who has to hear of a batch, and of the pages that come and go. Refuses to know: what a change
means to a page, and how anything is sent or printed.
"""

import asyncio
import os
import time
from pathlib import Path
from typing import Final

from hotreload.live.channel import Channel
from hotreload.live.history import Stream
from hotreload.live.messages import Page
from hotreload.static.change_mapper import Changed
from hotreload.terminal.terminal import Terminal
from hotreload.watch.changes import Batch
from hotreload.watch.watcher import Watcher

# For so many seconds the changes of a batch are described before requests are answered again.
_SLICE: Final = 0.005


class Pushing:
    """Sends what the watcher reports.

    Args:
        watcher: gives the batches.
        changed: says what pages are told of a change.
        stream: numbers the updates.
        terminal: tells the person.
        root: the folder of the site, from which names are counted.
    """

    def __init__(
        self, watcher: Watcher, changed: Changed, stream: Stream, terminal: Terminal, root: Path
    ) -> None:
        self._watcher = watcher
        self._changed = changed
        self._stream = stream
        self._terminal = terminal
        self._root = root

    async def run(self, channel: Channel) -> None:
        """Until the watcher stops."""
        async for batch in self._watcher.batches():
            await self._take(batch, channel)

    async def _take(self, batch: Batch, channel: Channel) -> None:
        changes, names = [], []
        begun = time.monotonic()
        for change in batch.changes:
            if time.monotonic() - begun > _SLICE:
                await asyncio.sleep(0)
                begun = time.monotonic()
            seen = await self._changed.describe(change)
            if seen:
                changes += seen
                names.append(self._name(change.path))
        if changes:
            update = self._stream.append(changes, batch.saved)
            self._terminal.saved(update, names)
            channel.broadcast(update)

    def _name(self, path: str) -> str:
        try:
            relative = os.path.relpath(path, self._root)
        except ValueError:  # on another drive
            return path
        return path if relative.startswith(os.pardir) else relative


class Pages:
    """Tells the terminal what the channel hears, and the watcher how many pages are open."""

    def __init__(self, terminal: Terminal, watcher: Watcher) -> None:
        self._watcher = watcher
        self.answered = terminal.answered
        self.settled = terminal.settled
        self.logged = terminal.logged
        self.socket = terminal.socket
        self._joined = terminal.joined
        self._left = terminal.left

    def joined(self, page: Page, count: int) -> None:
        """A page opened; so many are open now."""
        self._watcher.pages(count)
        self._joined(page, count)

    def left(self, page: Page, count: int) -> None:
        """A page closed; so many are open now."""
        self._watcher.pages(count)
        self._left(page, count)
