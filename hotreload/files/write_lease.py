"""Whether a file is complete, or another process is still writing it.

Knows: Linux' file leases (fcntl(2), F_SETLEASE): a read lease is refused with EAGAIN exactly while
any process has the file open for writing, and the answer comes without waiting. Also the quiet
period after a write, where leases do not work (another owner's file, a network file system, another
operating system). Refuses to know: clocks, and the purpose of the question.
"""

import errno
import signal
import sys
import threading
from typing import Final

from hotreload.files.stamp import FileStamp

# For how long a file was unchanged when it is complete: while a process has it open for writing;
# when that is not known; when it was made without content, as scripts do that then append to it;
# and when it had content and was emptied, as editors do that take their time to write.
_HELD: Final = 2.0
_UNSURE: Final = 0.03
_BEGUN: Final = 0.3
_EMPTIED: Final = 1.0


def quiet_period(written: bool | None, *, empty: bool = False, had: bool = False) -> float:
    """How long a file must stay unchanged to be taken as complete, in seconds.

    Args:
        written: whether a process has it open for writing; None when that is not known.
        empty: it has no content, and was not known to have none.
        had: it is known that it had some.
    """
    if written:
        return _HELD
    if empty:
        return _EMPTIED if had else _BEGUN
    return _UNSURE if written is None else 0.0


def is_cut(now: FileStamp, before: FileStamp | None) -> bool:
    """Whether a file that is open for writing may be being cut off, so that its times mean nothing.

    Linux' file systems give it the new size first, and the new times when all of it is done, which
    takes ext4 milliseconds (ext4_setattr).

    Args:
        now: of the file.
        before: of the version that is known; None if there is none.
    """
    return now.size == 0 if before is None else now.size < before.size


if sys.platform == "linux":
    import fcntl

    def prepare() -> None:
        """Let leases be used in this process; call it once, from the main thread.

        If a process opens a file for writing in the microseconds in which we hold a lease on it,
        the kernel sends us SIGIO, which by default would end our process.
        """
        main = threading.current_thread() is threading.main_thread()
        if main and signal.getsignal(signal.SIGIO) is signal.SIG_DFL:
            signal.signal(signal.SIGIO, signal.SIG_IGN)

    def being_written(file: int) -> bool | None:
        """Whether any process has a file open for writing now.

        Args:
            file: a descriptor of a regular file, open for reading only.

        Returns:
            None where that is not known: not prepared, not our file, no leases here.
        """
        if signal.getsignal(signal.SIGIO) is signal.SIG_DFL:
            return None
        try:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        except OSError as error:
            return True if error.errno == errno.EAGAIN else None
        return False

else:

    def prepare() -> None:
        """Let leases be used in this process: there are none on this operating system."""

    def being_written(file: int) -> bool | None:  # noqa: ARG001 - the same signature everywhere
        """Whether any process has a file open for writing now: that is not known here."""
        return None
