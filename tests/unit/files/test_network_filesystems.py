"""File systems that others change unseen are told from those that tell of every change."""

import pytest

from hotreload.files.network_filesystems import foreign

TABLE = r"""
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /mnt/c rw,noatime - 9p C:\134 rw,aname=drvfs
31 22 0:41 / /srv/with\040space rw - nfs4 server:/export rw
32 22 0:42 / /home/me/far rw shared:7 master:1 - fuse.sshfs far: rw
33 22 0:43 / /home/me/near rw - fuse.gocryptfs near rw
34 30 0:44 / /mnt/c/over rw - tmpfs tmpfs rw
35 22 0:45 / /twice rw - ext4 /dev/vdb rw
36 22 0:46 / /twice rw - cifs //server/share rw
a line of another kind
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", None),
        ("/home/me/site", None),
        ("/mnt/c", "9p"),
        ("/mnt/c/site", "9p"),
        ("/mnt/cc", None),
        ("/mnt/c/over/site", None),
        ("/srv/with space/site", "nfs4"),
        ("/home/me/far/site", "fuse.sshfs"),
        ("/home/me/near/site", None),
        ("/twice", "cifs"),
    ],
)
def test_the_innermost_and_latest_mount_decides(path: str, kind: str | None) -> None:
    assert foreign(path, TABLE) == kind


def test_without_a_table_nothing_is_foreign() -> None:
    assert foreign("/home/me", "") is None
