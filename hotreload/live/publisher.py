"""From a batch of changes to the pages: each batch becomes an update, which is sent and reported.

Knows: the order in which a batch is described, recorded and sent. Refuses to know: what a change
means to a page, and how anything is sent or printed.
"""

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from hotreload.live.history import UpdateHistory
from hotreload.live.hub import PageHub
from hotreload.live.messages import FileChange, Update
from hotreload.live.update_source import UpdateSource
from hotreload.watch.changes import Batch
from hotreload.watch.watcher import Watcher

# The seconds that describing a batch may take before requests have their turn.
_SLICE: Final = 0.005


class SaveReporter(Protocol):
    """What shows a person which files were saved."""

    def saved(self, update: Update, names: Sequence[str], /) -> None:
        """Files changed, and the update is being sent."""


class Publisher:
    """Sends what the watcher reports.

    Args:
        watcher: gives the batches.
        source: says what a change is to pages.
        history: numbers the updates.
        terminal: shows the save.
        root: the folder of the site, from which names are counted.
    """

    def __init__(
        self,
        watcher: Watcher,
        source: UpdateSource,
        history: UpdateHistory,
        terminal: SaveReporter,
        root: Path,
    ) -> None:
        self._watcher = watcher
        self._source = source
        self._history = history
        self._terminal = terminal
        self._root = root

    async def run(self, hub: PageHub) -> None:
        """Until the watcher stops."""
        async for batch in self._watcher.batches():
            await self._take(batch, hub)

    async def _take(self, batch: Batch, hub: PageHub) -> None:
        changes: list[FileChange] = []
        names: list[str] = []
        begun = time.monotonic()
        for change in batch.changes:
            if time.monotonic() - begun > _SLICE:
                await asyncio.sleep(0)
                begun = time.monotonic()
            seen = await self._source.file_changes(change)
            if seen:
                changes += seen
                names.append(self._name(change.path))
        if changes:
            update = self._history.append(changes, batch.saved)
            self._terminal.saved(update, names)
            hub.broadcast(update)

    def _name(self, path: str) -> str:
        try:
            relative = os.path.relpath(path, self._root)
        except ValueError:  # on another drive
            return path
        return path if relative.startswith(os.pardir) else relative
