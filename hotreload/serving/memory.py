"""The content of served files, kept between requests and never stale.

Knows: which version of a file it holds. Refuses to know: URLs, and how files are opened safely,
which is the site's.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from hotreload.serving.site import NotServed, OpenFile, OutOfFiles, Site, Stamp, digest

# Larger files are streamed from the disk: browsers ask for them seldom, and in parts.
MAX_FILE: Final = 8 * 2**20
# Two writes within one tick of the file system's clock may look alike; ticks are 1 to 10 ms long.
TICK: Final = 0.02
# All that is kept; the files that were asked for longest ago go first.
MAX_FILES: Final = 256 * 2**20


@dataclass(frozen=True, slots=True)
class Content:
    """One version of a file, whole.

    Attributes:
        stamp: what the file system said of the file when it was opened.
        data: its bytes.
        digest: of its bytes.
        modified: when it was last written, in seconds since the epoch.
        settled: a later write would show in the stamp.
    """

    stamp: Stamp
    data: bytes
    digest: str
    modified: float
    settled: bool


class Memory:
    """Reads files through the site, and again only when they have changed."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._files = _Kept(MAX_FILES)

    def read(self, path: str) -> Content | OpenFile:
        """The file as it is now; one too large to keep comes open, and the caller closes it.

        Raises:
            NotServed: there is no such file, or it is not for anybody's eyes.
            OutOfFiles: the process has no descriptor left.
        """
        known = self._files.get(path)
        if known is not None and known.settled and known.stamp == self._site.stat(path):
            return known
        file = self._site.open(path)
        if file.size > MAX_FILE:
            return file
        with file:
            data = file.read(0, MAX_FILE + 1)
        settled = time.time() - file.stat.st_ctime > TICK
        content = Content(file.stamp, data, digest(data), file.stat.st_mtime, settled)
        self._files.put(path, content, len(data))
        return content

    def now(self, path: str) -> Content | None:
        """The file as it is now; None when it is not to be had, or too large to keep."""
        try:
            read = self.read(path)
        except (NotServed, OutOfFiles):
            return None
        if isinstance(read, OpenFile):
            read.close()
            return None
        return read

    def knows(self, path: str) -> Content | None:
        """The version of the file that was read last, if it is still kept."""
        return self._files.get(path)


class _Kept:
    """Contents by key, up to so many bytes; the least recently used go first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._bytes = 0
        self._contents: OrderedDict[str, tuple[Content, int]] = OrderedDict()

    def get(self, key: str) -> Content | None:
        entry = self._contents.get(key)
        if entry is None:
            return None
        self._contents.move_to_end(key)
        return entry[0]

    def put(self, key: str, content: Content, size: int) -> None:
        if key in self._contents:
            self._bytes -= self._contents.pop(key)[1]
        self._contents[key] = content, size
        self._bytes += size
        while self._bytes > self._most:
            self._bytes -= self._contents.popitem(last=False)[1][1]
