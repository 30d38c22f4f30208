"""Edge: one file or folder on the disk, as it is now.

Knows: what the operating system says of a file, how to see whether it was changed, and when it is
whole. Refuses to know: what was reported, what is ignored, who wants to know.
"""

# Paths by the hundred thousand are strings, not objects.
# ruff: noqa: PTH116

import errno
import os
import stat
import sys
import time
from dataclasses import replace
from typing import Final

from hotreload.files import write_lease
from hotreload.files.stamp import LARGE, FileStamp, digest
from hotreload.watch.changes import ChangeKind
from hotreload.watch.debounce import FileLook, FileState

# For longer than this the clock that gives files their times does not stand still.
_TICK: Final = 0.02
# How old a file's time may be to be believed as the time of the save, in seconds.
_PLAUSIBLE: Final = 10.0
# Within so many nanoseconds a change is looked at.
_SEEN_WITHIN: Final = 10_000_000_000
# Linux's CLOCK_REALTIME_COARSE, which gives files their times; Python does not name it.
_REALTIME_COARSE: Final = 5
# What pages have of a file that was served empty.
_NOTHING: Final = digest(b"")
_TO_READ: Final[int] = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)

BARRED: Final = {errno.EACCES, errno.EPERM}
"""Errors that mean that a file is not to be read, for now: Windows also gives them for a file that
another program has opened for itself alone."""

MISSING: Final = {
    errno.ENOENT,
    errno.ENOTDIR,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.ENXIO,
    errno.ESTALE,
}
"""Errors that mean that there is no such file or folder."""

Known = int | FileStamp
"""What is known of a file: its stamp, or only its inode, which its folder's listing has."""

NO_FILE: Final = 0
"""The inode of what is no regular file, such as a link to a folder."""

NOT_LISTED: Final = -1
"""The inode of a file whose listing does not have it."""


def status(path: str) -> os.stat_result | None:
    """What a path leads to; None if it leads nowhere."""
    try:
        return os.stat(path)
    except (OSError, ValueError):
        return None


def now(path: str) -> FileStamp | None:
    """The stamp of the file that a path leads to; None if it leads nowhere."""
    found = status(path)
    return None if found is None else FileStamp.of(found)


def entry(path: str) -> FileStamp | None:
    """The stamp of what has a name, be it a link; None if nothing has it."""
    try:
        return FileStamp.of(os.lstat(path))
    except (OSError, ValueError):
        return None


def identity(found: os.stat_result | None) -> int:
    """A number for a folder that exists, over all file systems; 0 for none."""
    if found is None or not stat.S_ISDIR(found.st_mode):
        return 0
    return found.st_dev << 64 | found.st_ino


def resolved(path: str) -> str:
    """The path without links; as it is where a link on it goes or is turned at this moment."""
    try:
        return os.path.realpath(path)
    except OSError:
        return path


def is_folder(path: str) -> bool:
    """Whether it is a folder itself, not a link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def is_barred(path: str) -> bool:
    """Whether a file is there but cannot be read: it is answered like one that is missing."""
    try:
        os.close(os.open(path, _TO_READ))
    except (OSError, ValueError) as error:
        return isinstance(error, OSError) and error.errno in BARRED
    return False


def is_regular(found: os.stat_result | None) -> bool:
    """Whether there is a file with content: no folder, no device, no pipe."""
    return found is not None and stat.S_ISREG(found.st_mode)


def inode(entry: os.DirEntry[str]) -> int:
    """The inode in the listing, without a look at the file."""
    if not entry.is_file(follow_symlinks=False):
        return NO_FILE
    return NOT_LISTED if sys.platform == "win32" else entry.inode()


def differs(known: Known, entry: os.DirEntry[str], since: int | None) -> bool:
    """Whether a known file is not what it was.

    Args:
        known: what is known.
        entry: the file in the listing of its folder.
        since: when the inode became known, in nanoseconds since the epoch; None to go by the
            listing, without a look at the file.
    """
    if since is None:
        listed = inode(entry)
        before = known if isinstance(known, int) else known.inode
        return min(before, listed) > NO_FILE and before != listed
    try:
        found = entry.stat()
    except OSError:
        return known != NO_FILE
    if known == NO_FILE or not is_regular(found):
        return known != NO_FILE or is_regular(found)
    return is_changed(known, found, since)


def is_changed(known: Known, found: os.stat_result, since: int, *, used: bool = False) -> bool:
    """Whether a file is not what is known of it, or was changed since only its inode was known.

    Args:
        known: what is known.
        found: the file.
        since: when the inode became known, in nanoseconds since the epoch.
        used: its content will be compared, so that it may be suspected for its ctime alone: only
            that shows a writer that gives back the time that the file had, as rsync and tar do,
            but it also changes with permissions and names.
    """
    if not isinstance(known, int):
        now = FileStamp.of(found)
        return known != now if used else known[:3] != now[:3]
    return known not in {NOT_LISTED, found.st_ino} or changed(found) > _still_past(since)


def _still_past(since: int) -> int:
    """The same time, or, where the clock was set back to before it, a time shortly before now."""
    now = time.time_ns()
    return since if since <= now else now - _SEEN_WITHIN


def changed(found: os.stat_result) -> int:
    """When a file was changed; ctime cannot be set back (on Windows it is when it was made)."""
    return max(found.st_mtime_ns, found.st_ctime_ns)


def clock() -> int:
    """The least time that a file changed now can get, in nanoseconds since the epoch."""
    if sys.platform == "linux":
        return time.clock_gettime_ns(_REALTIME_COARSE)
    else:  # noqa: RET505 - mypy takes the rest for unreachable on Linux otherwise
        return time.time_ns()


def gone(path: str, patience: float = 0.0) -> FileLook:
    """The look at a file that was there."""
    return FileLook(path, FileState.GONE, ChangeKind.DELETED, patience=patience, saved=time.time())


def look(path: str, kind: ChangeKind, before: Known | str, served: str | None) -> FileLook:
    """Look at a file that may differ: is it whole, and is its content new?

    Args:
        path: the file.
        kind: what the change is, if it is one.
        before: what was known of it; "" for nothing.
        served: the digest of the content that pages have of it; None if none has it, and its
            content is not to be read.

    Returns:
        SAME if the content is the same; the mark is then its new stamp. GONE also if it is not to
        be read, so that pages cannot have it.
    """
    try:
        file = os.open(path, _TO_READ)
        try:
            return _judge(FileLook(path, FileState.WHOLE, kind), file, before, served)
        finally:
            os.close(file)
    except OSError as error:
        lost = error.errno in MISSING or (served is not None and error.errno in BARRED)
        return gone(path) if lost else _unread(path, kind)


def _judge(seen: FileLook, file: int, before: Known | str, served: str | None) -> FileLook:
    """Look at an open file."""
    found = os.fstat(file)
    written, wall = write_lease.being_written(file), time.time()
    saved = found.st_mtime if 0 <= wall - found.st_mtime <= _PLAUSIBLE else wall
    sure = found.st_mtime_ns < clock()
    seen = replace(seen, mark=FileStamp.of(found), saved=saved, sure=sure)
    if written:
        cut = write_lease.is_cut(seen.mark, before if isinstance(before, FileStamp) else None)
        age = 0.0 if cut else max(0.0, wall - changed(found) / 1e9)
        return replace(
            seen, state=FileState.OPEN, patience=write_lease.quiet_period(written), age=age
        )
    content = None if served is None else _version(file, found)
    if content is not None and FileStamp.of(os.fstat(file)) != seen.mark:
        return replace(seen, state=FileState.OPEN, patience=write_lease.quiet_period(None))
    if content is not None and content == served:
        return replace(seen, state=FileState.SAME, content=content)
    empty = found.st_size == 0 and not (isinstance(before, FileStamp) and before.size == 0)
    had = bool(served and served != _NOTHING) or (isinstance(before, FileStamp) and before.size > 0)
    patience = write_lease.quiet_period(written, empty=empty, had=had)
    if not sure and (content is None or found.st_size > LARGE):
        patience = max(patience, _TICK)  # only its time will distinguish the next save
    state = FileState.OPEN if patience else FileState.WHOLE
    return replace(seen, state=state, patience=patience, content=content)


def digest_of(path: str) -> str:
    """The version of a file as it is now; "" if it cannot be read, or is gone."""
    try:
        file = os.open(path, _TO_READ)
    except OSError:
        return ""
    try:
        return _version(file, os.fstat(file))
    except OSError:
        return ""
    finally:
        os.close(file)


def _version(file: int, found: os.stat_result) -> str:
    """The version of the content of an open file, as responses name it too."""
    if found.st_size > LARGE or not is_regular(found):
        return FileStamp.of(found).version
    return digest(b"".join(iter(lambda: os.read(file, LARGE), b"")))


def _unread(path: str, kind: ChangeKind) -> FileLook:
    """A file that may not be read can still be seen to change."""
    mark = now(path)
    return (
        gone(path)
        if mark is None
        else FileLook(path, FileState.WHOLE, kind, mark, saved=time.time())
    )
