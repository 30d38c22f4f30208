"""Edge: Linux' inotify(7) on the few folders whose files pages use: a save there is known at once.

Knows: the system calls, and the records that they give. Refuses to know: what an event means. It is
one more source of hints: whatever is lost or refused here, watchfiles' engines notice a little
later, and the index in the end.

An engine sleeps in steps of a millisecond at least, and one more step for what else may come; this
waits in the kernel, costs nothing while nothing happens, and reports only writers that are done.
"""

import ctypes
import os
import select
import struct
import sys
import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from hotreload.watch.changes import ChangeKind
from hotreload.watch.events.rust_notify import Hints, NotifierFailed

if TYPE_CHECKING:
    from queue import SimpleQueue

# From <sys/inotify.h>: the same on every architecture.
_CLOSE_WRITE: Final = 0x8
_MOVED_TO: Final = 0x80
_IGNORED: Final = 0x8000
_IS_FOLDER: Final = 0x40000000
_ONLY_FOLDERS: Final = 0x01000000
_WANTED: Final = _CLOSE_WRITE | _MOVED_TO | _ONLY_FOLDERS
_RECORD: Final = struct.Struct("iIII")  # watch, mask, cookie, length of the name
_AT_ONCE: Final = 64 * 2**10
# What a site's open pages use lies in tens of folders; the machine's watches are for everybody.
_MOST: Final = 1_000


class Inotify:
    """Reports finished writes in some folders.

    Args:
        queue: where hints go; filled from another thread.
    """

    def __init__(self, queue: "SimpleQueue[Hints | NotifierFailed | None]") -> None:
        self._queue = queue
        self._folders: dict[int, tuple[str, ...]] = {}
        self._file, self._stop = -1, -1
        self._thread: threading.Thread | None = None

    @property
    def works(self) -> bool:
        """Whether there are events: there are folders, and the system has a free instance."""
        return self._thread is not None

    def cover(self, folders: Iterable[str]) -> None:
        """Report writes in these folders, under these names; a known one costs a system call.

        A folder that is not there, or for which there is no watch left, is left to the engines.
        """
        if self._file < 0 and sys.platform == "linux":
            self._libc = ctypes.CDLL(None)
            self._file = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._file < 0:
            return
        for folder in folders:
            if len(self._folders) < _MOST:
                self._add(folder)
        if self._folders and self._thread is None:
            self._stop = os.eventfd(0)
            self._thread = threading.Thread(target=self._run, name="hotreload saves", daemon=True)
            self._thread.start()

    def _add(self, folder: str) -> None:
        watch = self._libc.inotify_add_watch(self._file, os.fsencode(folder), _WANTED)
        known = self._folders.get(watch, ())  # the same number again for a folder that is known
        if watch >= 0 and folder not in known:
            self._folders[watch] = (*known, folder)

    def close(self) -> None:
        """End; done once."""
        if self._thread is not None:
            os.eventfd_write(self._stop, 1)
            self._thread.join()
            os.close(self._stop)
            self._thread = None
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _run(self) -> None:
        ready = select.poll()
        ready.register(self._file, select.POLLIN)
        ready.register(self._stop, select.POLLIN)
        while self._stop not in [file for file, _ in ready.poll()]:
            found = frozenset(self._read(os.read(self._file, _AT_ONCE)))
            if found:
                self._queue.put(Hints(found))

    def _read(self, data: bytes) -> Iterator[tuple[ChangeKind, str]]:
        for watch, mask, name in records(data):
            if mask & _IGNORED:  # the folder is gone; one that comes in its place is another watch
                self._folders.pop(watch, None)
            elif not mask & _IS_FOLDER:
                for folder in self._folders.get(watch, ()):
                    yield ChangeKind.MODIFIED, os.path.join(folder, os.fsdecode(name))  # noqa: PTH118


def records(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """The events in what was read: watch, mask, and the name in the folder."""
    at = 0
    while at < len(data):
        watch, mask, _, length = _RECORD.unpack_from(data, at)
        at += _RECORD.size + length
        yield watch, mask, data[at - length : at].rstrip(b"\0")
