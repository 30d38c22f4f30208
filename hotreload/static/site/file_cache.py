"""The content of served files, kept between requests and never stale.

Knows: which version of a file it holds, and whether the file is being written. Refuses to know:
URLs, how files are opened safely, which is the site's, and how long a writer is waited for.
"""

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from hotreload.files import write_lease
from hotreload.files.open_file import NotServed, OpenFile, TooManyOpenFiles, reading
from hotreload.files.partial_writes import Observation, PartialWrite, ReadDecision, decide
from hotreload.files.stamp import LARGE, FileStamp, digest
from hotreload.http.lru import LRUCache
from hotreload.static.site.site import Site
from hotreload.watch.debounce import CLEARED, GONE

# Two writes within one tick of the file system's clock may look alike; ticks are 1 to 10 ms long.
TICK: Final = 0.02
# All that is kept; the files that were asked for longest ago go first.
MAX_FILES: Final = 256 * 2**20
# A file that was left alone for so long, in seconds, is whole, whoever has it open.
YOUNG: Final = write_lease.quiet_period(True)
# What is served is the file, not the version before.
TAKEN: Final = (ReadDecision.WHOLE, ReadDecision.AS_IS)


class FileBusy(Exception):
    """The file is being written, and no earlier version will do: ask again in a moment.

    Args:
        path: of the file.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


@dataclass(frozen=True, slots=True)
class Content:
    """One version of a file, whole.

    Attributes:
        stamp: what the file system said of the file when it was opened.
        data: its bytes.
        digest: of its bytes.
        modified: when it was last written, in seconds since the epoch.
        settled: a later write would show in the stamp.
        held: a program had the file open for writing, for too long to be waited for.
    """

    stamp: FileStamp
    data: bytes
    digest: str
    modified: float
    settled: bool
    held: bool = False


class FileCache:
    """Reads files through the site, and again only when they have changed."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._files: LRUCache[str, Content] = LRUCache(MAX_FILES)
        self._unfinished: dict[str, PartialWrite] = {}
        self._gone: dict[str, float] = {}

    def read(self, path: str) -> Content | OpenFile:
        """The newest whole version of a file; one too large to keep comes open.

        Returns:
            The version before for as long as the file is being written; an open file, which the
            caller closes.

        Raises:
            FileBusy: the file is being written, and no version before is known.
            NotServed: there is no such file, or it is never served.
            TooManyOpenFiles: the process has no descriptor left.
        """
        known = self._current(path)
        if known is not None:
            return known
        known = self._files.get(path)
        verdict, read = self._new(path, known)
        if read is not None:
            return read
        if known is None or verdict is ReadDecision.LATER:
            raise FileBusy(path)
        return known

    def now(self, path: str) -> Content | None:
        """The file as it is now; None when it is not to be had, not whole, or too large to keep."""
        with suppress(FileBusy):
            return self.latest(path)
        return None

    def latest(self, path: str, *, settled: bool = False) -> Content | None:
        """The file as it is now; None when it is not to be had, or too large to keep.

        Args:
            path: of the file.
            settled: it was seen to be left alone for long enough to be whole.

        Raises:
            FileBusy: the file is being written.
        """
        known = self._files.get(path)
        try:
            read = self._current(path) or self._new(path, known, settled=settled)[1]
        except (NotServed, TooManyOpenFiles):
            return None
        if read is None:
            raise FileBusy(path)
        if isinstance(read, OpenFile):
            read.close()
            return None
        return read

    def _current(self, path: str) -> Content | None:
        """The version that is kept, if the file is still the same."""
        known = self._files.get(path)
        current = known is not None and known.settled and known.stamp == self._site.stat(path)
        return known if current else None

    def _new(
        self, path: str, known: Content | None, *, settled: bool = False
    ) -> tuple[ReadDecision, Content | OpenFile | None]:
        """What a request gets, and the file as it is now if it is that."""
        file = self._site.open(path)
        self._gone.pop(path, None)
        with reading(file, path):
            verdict, read = self._taken(path, file, known, settled=settled)
        if read is not file:
            file.close()
        return verdict, read

    def _taken(
        self, path: str, file: OpenFile, known: Content | None, *, settled: bool
    ) -> tuple[ReadDecision, Content | OpenFile | None]:
        age = time.time() - max(file.stat.st_mtime, file.stat.st_ctime)
        cut = write_lease.is_cut(file.stamp, known.stamp if known else None)
        held = write_lease.being_written(file.fd) if cut or age < YOUNG else False
        age = 0.0 if cut and held else age
        had = known is not None and known.data != b""
        empty = file.size == 0 and (known is None or had)
        patience = write_lease.quiet_period(held, empty=empty, had=had)
        patience = 0.0 if settled and not held else patience
        verdict = self._judge(path, Observation(time.monotonic(), file.stamp, age, patience))
        if verdict not in TAKEN and known is not None and _continues(file, known):
            verdict = ReadDecision.AS_IS
        if verdict not in TAKEN:
            return verdict, None
        if file.size > LARGE:  # streamed from the disk: browsers ask for these seldom, and in parts
            return verdict, file
        content = _content(file, held=held is True)
        if verdict is ReadDecision.WHOLE and not _undisturbed(file, age, held):
            return ReadDecision.BEFORE, None
        self._files.put(path, content, len(content.data))
        return verdict, content

    def _judge(self, path: str, look: Observation) -> ReadDecision:
        verdict, unfinished = decide(self._unfinished.pop(path, None), look)
        if unfinished is not None:
            self._unfinished[path] = unfinished
        return verdict

    def may_return(self, path: str) -> bool:
        """Whether a file that is not there was kept, and is missed for no more than a moment."""
        if self._files.get(path) is None:
            return False
        now = time.monotonic()
        away = now - self._gone.setdefault(path, now)
        return away < GONE or (away < CLEARED and self._site.is_cleared(path))

    def is_busy(self, path: str) -> bool:
        """Whether a request for the file has to wait: it is being written, or replaced."""
        try:
            read = self.read(path)
        except FileBusy:
            return True
        except NotServed:
            return self.may_return(path)
        except TooManyOpenFiles:
            return False
        if isinstance(read, OpenFile):
            read.close()
        return False

    def knows(self, path: str) -> Content | None:
        """The version of the file that was read last, if it is still kept."""
        return self._files.get(path)


def is_settled(changed_ns: int) -> bool:
    """Whether what is changed from now on gets another time, in nanoseconds since the epoch."""
    return time.time() - changed_ns / 1e9 > TICK


def _content(file: OpenFile, *, held: bool) -> Content:
    data = file.read(0, LARGE + 1)
    settled = is_settled(file.stamp.changed_ns)
    return Content(file.stamp, data, digest(data), file.modified, settled, held)


def _undisturbed(file: OpenFile, age: float, held: bool | None) -> bool:
    """Whether no write of the file has begun since it was opened."""
    return file.is_unchanged() and (age >= YOUNG or write_lease.being_written(file.fd) == held)


def _continues(file: OpenFile, known: Content) -> bool:
    """Whether it is the file that was not waited for, with more at its end: a log."""
    same = known.held and known.stamp.inode == file.stamp.inode
    return same and file.read(0, len(known.data)) == known.data
