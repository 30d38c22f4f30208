"""Edge: reads small text files that another user may have put there.

Knows: how to read a regular file and nothing else, without blocking, up to a limit. Refuses to
know: what the file says, and how an error is reported.

A folder that was cloned or unpacked may hold a pipe without a writer, a device without an end, or a
sparse file of terabytes, under any name.
"""

# Files by the thousand: strings, not objects.
# ruff: noqa: PTH116

import os
import stat
from pathlib import Path
from typing import Final, NamedTuple

from hotreload.errors import reason, shown

MOST: Final = 2**20
"""So many bytes are read where nothing else is said: a thousand times what people write."""

_MISSING: Final = (FileNotFoundError, NotADirectoryError)
_FLAGS: Final[int] = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_BINARY: Final[int] = getattr(os, "O_BINARY", 0)
_NO_LINK: Final[int] = getattr(os, "O_NOFOLLOW", 0)


class NotRead(Exception):
    """A file is there and was not read; `str()` is the sentence, with its path and the reason."""


class Content(NamedTuple):
    """What was read of a file, and the system's facts of it: those of the file that was read."""

    data: bytes
    facts: os.stat_result


def read(file: str | Path, most: int = MOST, *, links: bool = True) -> bytes | None:
    """The content of a regular file; None if there is nothing of that name.

    Raises as `read_with_facts` does, and takes the same.
    """
    found = read_with_facts(file, most, links=links)
    return None if found is None else found.data


def read_with_facts(file: str | Path, most: int = MOST, *, links: bool = True) -> Content | None:
    """The content of a regular file and its facts; None if there is nothing of that name.

    Args:
        file: its path.
        most: a larger one is not read.
        links: whether the last name on the path may be a symbolic link.

    Raises:
        NotRead: it is something else, too large, or not to be read.
    """
    try:
        return _read(os.fspath(file), most, links=links)
    except _MISSING:
        return None
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else "that is no path"
        raise NotRead(f"cannot read {shown(file)}: {why}") from None


def _read(file: str, most: int, *, links: bool) -> Content:
    found = os.stat(file, follow_symlinks=links)  # opening a device may already do something
    if stat.S_ISLNK(found.st_mode):
        raise NotRead(f"cannot read {shown(file)}: it is a link")
    _check(file, found, most)
    opened = os.open(file, _FLAGS | _BINARY | (0 if links else _NO_LINK))
    try:
        facts = os.fstat(opened)
        _check(file, facts, most)
        return Content(_content(file, opened, most), facts)
    finally:
        os.close(opened)


def _check(file: str, found: os.stat_result, most: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        what = "a folder" if stat.S_ISDIR(found.st_mode) else "no regular file"
        raise NotRead(f"cannot read {shown(file)}: it is {what}")
    if found.st_size > most:
        raise _too_large(file, most)


def _content(file: str, opened: int, most: int) -> bytes:
    """All there is, whatever size the file is said to have: those of /proc have none."""
    pieces, left = [], most + 1
    while left > 0 and (piece := os.read(opened, left)):
        pieces.append(piece)
        left -= len(piece)
    if left == 0:
        raise _too_large(file, most)
    return b"".join(pieces)


def _too_large(file: str, most: int) -> NotRead:
    return NotRead(f"cannot read {shown(file)}: it is larger than {most // 1024:,} KiB")
