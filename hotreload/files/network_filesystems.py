"""File systems that do not report every change.

Knows: Linux' table of mounts (proc_pid_mountinfo(5)), and the file systems whose content is changed
by other computers, or by a host behind a container or WSL. Refuses to know: the disk; the text of
the table is handed in.
"""

import re
from typing import Final

_FOREIGN: Final = re.compile(
    r"""
      nfs4? | cifs | smb3? | smbfs | ncpfs | afs | ceph | glusterfs | lustre | beegfs | gpfs
    | 9p | drvfs | v9fs | virtiofs | vboxsf | prl_fs | vmhgfs | fakeowner | osxfs | grpcfuse
    | fuse\.(?!fuse-overlayfs|ntfs|exfat|mergerfs|bindfs|encfs|gocryptfs|cryfs).+
    """,
    re.VERBOSE,
)
_ESCAPE: Final = re.compile(r"\\([0-7]{3})")


def foreign(path: str, table: str) -> str | None:
    """The type of the file system that a path is on, if others change it unseen.

    Args:
        path: absolute, without symbolic links.
        table: the text of /proc/self/mountinfo; "" where there is none.
    """
    found = kind(path, table)
    return found if found is not None and _FOREIGN.fullmatch(found) else None


def kind(path: str, table: str) -> str | None:
    """The type of the file system that a path is on; None if the table does not say.

    It is that of the innermost mount; of two in the same place the later one.

    Args:
        path: absolute, without symbolic links.
        table: the text of /proc/self/mountinfo; "" where there is none.
    """
    best, depth = None, 0
    for line in table.splitlines():
        left, found, right = line.partition(" - ")
        if not found:
            continue
        point = _ESCAPE.sub(lambda code: chr(int(code[1], 8)), left.split(" ")[4])
        inside = f"{path}/".startswith(f"{point.rstrip('/')}/")
        if inside and len(point) >= depth:
            best, depth = right.split(" ")[0], len(point)
    return best
