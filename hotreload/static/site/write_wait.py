"""Requests that wait for the end of a write, and the one look at the file that serves them all.

Knows: how often a file is looked at, and for how long it is waited for. Refuses to know: when a
file is whole, and what a request wants with it.

No event of the system tells it: a file may be ignored, or lie where there are no events, and one
that stays open for ever is whole after a while without any.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

# A file that is being written is looked at again so soon, and is waited for so long.
AGAIN_SECONDS: Final = 0.01
WRITING_SECONDS: Final = 5.0


@dataclass(slots=True)
class _Wait:
    over: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    requests: int = 0


class WriteWait:
    """Waits for files.

    Args:
        is_busy: whether a request for the file at a path still has to wait.
    """

    def __init__(self, is_busy: Callable[[str], bool]) -> None:
        self._is_busy = is_busy
        self._waits: dict[str, _Wait] = {}

    async def end(self, path: str) -> None:
        """The file is not busy any more, or may not be."""
        wait = self._waits.get(path)
        if wait is None:
            wait = self._waits[path] = _Wait()
            self._look_later(path, wait)
        wait.requests += 1
        try:
            await asyncio.shield(wait.over)
        finally:
            wait.requests -= 1

    def _look_later(self, path: str, wait: _Wait) -> None:
        asyncio.get_running_loop().call_later(AGAIN_SECONDS, self._look, path, wait)

    def _look(self, path: str, wait: _Wait) -> None:
        busy = False
        try:
            busy = wait.requests > 0 and self._is_busy(path)
        finally:  # whatever went wrong, the requests find out for themselves
            if busy:
                self._look_later(path, wait)
            else:
                del self._waits[path]
                wait.over.set_result(None)
