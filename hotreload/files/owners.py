"""Whose files count: those of this user and of the system, as git's `safe.directory` has it.

Knows: who this process runs for, and who owns a file. Refuses to know: what is in a file, and what
follows for one of another user.
Source: git-config(1), safe.directory.
"""

import os
import sys
from collections.abc import Collection, Mapping

ROOT = 0


def counting(user: int, environment: Mapping[str, str]) -> frozenset[int]:
    """The users whose files count.

    Args:
        user: the effective one of this process.
        environment: its variables; `sudo` leaves word there of who has called it.
    """
    caller = environment.get("SUDO_UID", "")
    is_sudo = user == ROOT and caller.isascii() and caller.isdecimal()
    return frozenset((user, ROOT, int(caller[:10]))) if is_sudo else frozenset((user, ROOT))


def strangers(owners: Collection[int], counted: Collection[int]) -> list[int]:
    """Those of the owners whose files do not count."""
    return sorted(set(owners).difference(counted))


def ours() -> frozenset[int] | None:
    """The users whose files count for this process; None where files have no such owners."""
    return None if sys.platform == "win32" else counting(os.geteuid(), os.environ)


def strange(path: str | os.PathLike[str], *more: os.stat_result) -> list[int]:
    """The users that own a file, or the link to it, and whose files do not count.

    Args:
        path: of the file.
        more: what the system says of the file behind it.

    Raises:
        OSError: there is no such file.
    """
    counted = ours()
    if counted is None:
        return []
    return strangers([os.lstat(path).st_uid, *(each.st_uid for each in more)], counted)
