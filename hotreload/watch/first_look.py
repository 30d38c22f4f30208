"""Edge: what becomes known of a file that a listing shows for the first time.

Knows: which files are reported as new, and how much is looked at of the others. Refuses to know:
folders and rules.
"""

import os
import time
from collections.abc import Callable
from enum import Enum, auto
from typing import Final

from hotreload.files.stamp import FileStamp
from hotreload.watch import disk

# At the start so many files are looked at; of the others only the names and inodes are taken, which
# the listing of a folder has at no cost.
_EXACT: Final = 5_000
# When ignore files change, files that were not changed for so many nanoseconds are not new.
_OLD: Final = 2_000_000_000

Learner = Callable[[os.DirEntry[str]], disk.Known | None]
"""Gives what becomes known of a file; None if the file is reported as new."""


class News(Enum):
    """What is done with files that were not known before."""

    REPORT = auto()
    LEARN = auto()
    LEARN_OLD = auto()  # report those that were changed just now: rules and files change together


class FirstLook:
    """Learns what new files are.

    Args:
        since: what was changed after this time is reported; in nanoseconds since the epoch.
    """

    def __init__(self, since: int) -> None:
        self._since = since
        self._exact = _EXACT

    def learner(self, news: News, files: int, *, deep: bool) -> Learner:
        """How the files of one folder are learnt.

        Args:
            news: what is to be done with those that were not known.
            files: how many files the folder has.
            deep: whether each is looked at, however many there are.
        """
        self._exact -= files
        if news is News.REPORT:
            return lambda _: None
        if news is News.LEARN_OLD:
            return self._if_old
        return self._exactly if self._exact > 0 or deep else self._cheaply

    def _cheaply(self, entry: os.DirEntry[str]) -> disk.Known:
        """The inode, which the listing has, except for links."""
        return disk.inode(entry) or self._exactly(entry)

    def _exactly(self, entry: os.DirEntry[str]) -> disk.Known:
        """The stamp of a file, if it was not changed since the watching began."""
        found = disk.status(entry.path)
        if found is None or not disk.is_regular(found):
            return disk.NO_FILE
        return disk.NOT_LISTED if disk.changed(found) > self._since else FileStamp.of(found)

    def _if_old(self, entry: os.DirEntry[str]) -> disk.Known | None:
        """The stamp of a file that was not changed just now."""
        found = disk.status(entry.path)
        old = found is None or disk.changed(found) < time.time_ns() - _OLD
        return self._exactly(entry) if old else None
