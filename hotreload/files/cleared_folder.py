"""Edge: whether a folder is empty, as a site generator leaves it before a new build.

Knows: what generators leave alone in a folder that they clear. Refuses to know: who generates what,
and how long a folder stays empty.
"""
# (a path is a string here: to make a Path of it takes longer than the system call)

import errno
import os


def is_cleared(folder: str) -> bool:
    """Whether a folder is gone, or has nothing in it but what generators leave alone: `.git`."""
    try:
        with os.scandir(folder) as found:
            return all(entry.name.startswith(".") for entry in found)
    except OSError as error:
        return error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ESTALE)
