"""Edge: the operating system's file events. The only import of watchfiles.

Knows: watchfiles' engine, its limits and its failures. Refuses to know: what an event means; every
event is a hint to look somewhere, and some are lost.

On Linux a watch covers one folder, so that ignored folders cost nothing: the engine gets the list
of the folders to cover. A list cannot grow, so folders that come later get an engine of their own,
and small engines are joined from time to time. On macOS and Windows one engine covers whole places.

Each engine sleeps in steps and looks for events in between; a thread waits for each. A short step
makes a save known early and costs processor time.
"""

import os
import sys
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError

from hotreload.watch.changes import ChangeKind

if TYPE_CHECKING:
    from queue import SimpleQueue

RECURSIVE: Final = sys.platform != "linux"
LIVELY: Final = 1
CALM: Final = 10
_CALMEST: Final = 50
_GROUP: Final = 10
_TURN: Final = 500
# Folders of one engine at the start: making one holds Python's global lock 17 us a folder.
_CHUNK: Final = 5_000
_SMALL: Final = 2_000
_FEW: Final = 3
_KINDS: Final = {1: ChangeKind.ADDED, 2: ChangeKind.MODIFIED, 3: ChangeKind.DELETED}


@dataclass(frozen=True, slots=True)
class Hints:
    """Somewhere something happened: paths and what is said to have happened."""

    paths: frozenset[tuple[ChangeKind, str]]


@dataclass(frozen=True, slots=True)
class NotifierFailed:
    """An engine failed: its folders have no more events; `reason` is its own words."""

    folders: set[str]
    reason: str


class LimitError(Exception):
    """The operating system gives no more watches; `str()` names the limit."""


class Notifiers:
    """All engines.

    Args:
        queue: where hints go, and failures; filled from other threads.
        recursive: whether an engine covers all that is below its folders.

    Attributes:
        limit: the name of the limit that was met last.
        moved: folders that another engine covers since this was last emptied: what happened in them
            just before may never be reported.
    """

    def __init__(
        self, queue: "SimpleQueue[Hints | NotifierFailed | None]", *, recursive: bool = RECURSIVE
    ) -> None:
        self._queue = queue
        self._recursive = recursive
        self._engines: list[_Engine] = []
        self._ending: list[_Engine] = []
        self._pace = _Pace()
        self.limit = ""
        self.moved: list[str] = []

    def lively(self, yes: bool) -> None:
        """Whether events are to be known at once; else within some ten milliseconds."""
        self._pace.lively = yes

    def cover(self, folders: Sequence[str]) -> list[str]:
        """Report what happens directly in these folders; a folder that was covered is covered anew.

        Returns:
            The folders that could not be covered; `limit` then says why.
        """
        self.forget(folders)
        wanted = self._uppermost(folders) if self._recursive else folders
        left: list[str] = []
        for start in range(0, len(wanted), _CHUNK):
            left += self._cover(list(wanted[start : start + _CHUNK]))
        return left

    def forget(self, folders: Iterable[str]) -> None:
        """These folders are covered in another way: they are left out when engines are joined."""
        gone = set(folders)
        for engine in self._engines:
            engine.folders -= gone

    def restart(self) -> None:
        """Forget all engines, because events may have been lost; `cover` everything then."""
        self._stop(self._engines)

    def close(self) -> None:
        """Stop all engines and wait for their threads."""
        self.restart()
        for engine in self._ending:
            engine.join()

    def _uppermost(self, folders: Sequence[str]) -> list[str]:
        """The folders that no engine reaches from above, nor another of these folders."""
        reached = {folder for engine in self._engines for folder in engine.folders}
        out = []
        for folder in sorted(folders, key=len):
            if reached.isdisjoint([folder, *map(str, Path(folder).parents)]):
                reached.add(folder)
                out.append(folder)
        return out

    def _cover(self, folders: list[str]) -> list[str]:
        self._engines = [engine for engine in self._engines if engine.is_alive()]
        small = [engine for engine in self._engines if len(engine.folders) < _SMALL]
        if len(small) > _FEW:
            moved = [folder for engine in small for folder in engine.folders]
            if self._start(folders + moved):
                self._stop(small)
                self.moved += moved
                return []
        return self._cover_most(folders)

    def _cover_most(self, folders: list[str]) -> list[str]:
        """Cover as many as the limit allows, the first ones first; returns the others."""
        many = len(folders)
        while many:
            if self._start(folders[:many]):
                break
            many //= 2
        return folders[many:]

    def _start(self, folders: list[str]) -> bool:
        """Start an engine; False if a limit forbids it."""
        try:
            self._engines.append(
                _Engine(folders, self._queue, self._pace, recursive=self._recursive)
            )
        except LimitError as limit:
            self.limit = str(limit)
            return False
        self._pace.engines = len(self._engines)
        return True

    def _stop(self, engines: list["_Engine"]) -> None:
        for engine in engines:
            engine.stop()
        self._ending = [engine for engine in (*self._ending, *engines) if engine.is_running()]
        self._engines = [engine for engine in self._engines if engine not in engines]
        self._pace.engines = len(self._engines)


@dataclass(slots=True)
class _Pace:
    """How long the engines sleep between two looks; the more of them, the longer."""

    lively: bool = False
    engines: int = 1

    def step(self) -> int:
        """In milliseconds."""
        return LIVELY if self.lively else min(CALM * max(1, self.engines), _CALMEST)


class _Engine:
    """One RustNotify and the thread that waits for it."""

    def __init__(
        self,
        folders: list[str],
        queue: "SimpleQueue[Hints | NotifierFailed | None]",
        pace: _Pace,
        *,
        recursive: bool,
    ) -> None:
        self.folders = set(folders)
        self._queue = queue
        self._pace = pace
        self._notify = _open(folders, recursive=recursive)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hotreload events", daemon=True)
        self._thread.start()

    def is_alive(self) -> bool:
        return self.is_running() and not self._stopped.is_set()

    def is_running(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        self._stopped.set()

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        try:
            self._listen()
        except Exception as error:  # whatever it is, the watching must go on
            self._queue.put(NotifierFailed(self.folders, str(error)))
        finally:
            self._notify.close()

    def _listen(self) -> None:
        while not self._stopped.is_set():
            found = self._notify.watch(_GROUP, self._pace.step(), _TURN, self._stopped)
            if isinstance(found, set):
                self._queue.put(Hints(frozenset((_KINDS[kind], path) for kind, path in found)))


def _open(folders: list[str], *, recursive: bool) -> RustNotify:
    """An engine for the folders that exist.

    Raises:
        LimitError: there are no more watches to be had, or the engine fails for another reason.
    """
    for _ in range(10):
        try:
            # If it is to ignore refusals, the engine also ignores limits when it watches folders.
            return RustNotify(folders, False, False, 0, recursive, recursive)
        except (FileNotFoundError, PermissionError):
            folders = [folder for folder in folders if os.access(folder, os.R_OK | os.X_OK)]
        except (OSError, WatchfilesRustInternalError) as error:
            raise LimitError(_name_limit(error)) from error
    raise LimitError("folders come and go too fast")


def _name_limit(error: Exception) -> str:
    """Which limit an engine met; its words name it, or the number of the error."""
    text = str(error)
    if "os error 24" in text or "os error 23" in text:
        return "fs.inotify.max_user_instances"
    if "MaxFilesWatch" in text or "os error 28" in text:
        return "fs.inotify.max_user_watches"
    return text
