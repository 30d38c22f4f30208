"""The identity of one version of a file: its stamp and its digest.

Knows: digests of content, and the file system's facts of a file. Refuses to know: how files are
opened.
"""

import os
from hashlib import blake2b
from typing import Final, NamedTuple, Self

LARGE: Final = 8 * 2**20
"""Larger files, in bytes, are not read to name their version: the stamp does."""


def digest(data: bytes) -> str:
    """The version of some content, 16 hexadecimal digits."""
    return blake2b(data, digest_size=8).hexdigest()


class FileStamp(NamedTuple):
    """What changes when a file does, as cheaply as it can be asked.

    Two writes within one tick of the file system's clock (4 ms on some kernels) may share one: do
    not trust a stamp that is younger than that when its content is read.
    """

    modified_ns: int
    size: int
    inode: int
    changed_ns: int

    @classmethod
    def of(cls, stat: os.stat_result) -> Self:
        """Of what the system says of the file."""
        return cls(stat.st_mtime_ns, stat.st_size, stat.st_ino, stat.st_ctime_ns)

    @property
    def version(self) -> str:
        """Names the version of a file whose content is not read; its "s" marks it as no digest."""
        return "s" + digest(b"%d %d %d %d" % self)
