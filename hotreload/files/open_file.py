"""A file of the site that is open, and why one is not.

Knows: how an open file is read, and whether it is still what it was. Refuses to know: which files
may be opened.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import time
from typing import Self

from hotreload.errors import reason
from hotreload.files.stamp import FileStamp


class NotServed(Exception):
    """The file is not there, or is never served; `str()` says which, for the terminal only."""


class Unreadable(NotServed):
    """The file is there, and cannot be read: for its permissions, or for what it lies on.

    Args:
        why: the system's words.
        path: of the file.
    """

    def __init__(self, why: str, path: str) -> None:
        super().__init__(why)
        self.path = path


class TooManyOpenFiles(Exception):
    """The process or the machine has no more file descriptors; a little later it may."""


@dataclass(slots=True)
class OpenFile:
    """A verified regular file; the caller closes it.

    Attributes:
        fd: its descriptor.
        stat: what it was when it was opened.
    """

    fd: int
    stat: os.stat_result

    @property
    def size(self) -> int:
        """In bytes, when it was opened."""
        return self.stat.st_size

    @property
    def modified(self) -> float:
        """When it was last written, in seconds since the epoch.

        A file may be of the future, as its clock has it; what is sent must not (RFC 9110, 8.8.2.1).
        """
        return min(self.stat.st_mtime, time())

    @property
    def stamp(self) -> FileStamp:
        """What to compare with the site's `stat` later."""
        return FileStamp.of(self.stat)

    def is_unchanged(self) -> bool:
        """Whether it is still what it was when it was opened."""
        return FileStamp.of(os.fstat(self.fd)) == self.stamp

    def is_rewritten(self) -> bool:
        """Whether what it held may be gone; more at its end alone does not count."""
        now = os.fstat(self.fd)
        touched = now.st_mtime_ns != self.stat.st_mtime_ns
        return now.st_size < self.size or (touched and now.st_size == self.size)

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """Some of the content, or all; less than `length` only where the file ends."""
        os.lseek(self.fd, offset, os.SEEK_SET)
        left = sys.maxsize if length is None else length
        pieces = []
        while left > 0 and (piece := os.read(self.fd, min(left, 2**20))):
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)

    def close(self) -> None:
        """Give the descriptor back; once more does nothing."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def reading(file: OpenFile, path: str) -> Iterator[None]:
    """Closes the file if what is done with it meanwhile fails.

    A file that was opened may still not be to be read: a network drive is gone, a disk has a bad
    block, another program has locked a part of it.

    Raises:
        Unreadable: so it is.
    """
    try:
        yield
    except OSError as error:
        file.close()
        raise Unreadable(reason(error), path) from None
    except BaseException:
        file.close()
        raise
