"""Edge: the files in which the certificates of `serve --https` are kept.

Knows: their names, and that only this user may read a key. Refuses to know: what is in a
certificate, and when one is to be made anew.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hotreload.files.user_dirs import config_folder

if TYPE_CHECKING:
    from hotreload.security.certificates import Pair  # with the library that may be missing

AUTHORITY: Final = "authority"


def own_authority() -> Path:
    """Where this person's authority is, if there is one."""
    return certificate(config_folder(), AUTHORITY)


def certificate(folder: Path, name: str) -> Path:
    """The file of a certificate."""
    return folder / f"{name}.pem"


def key(folder: Path, name: str) -> Path:
    """The file of its key."""
    return folder / f"{name}.key"


def read(folder: Path, name: str) -> "Pair":
    """A certificate and its key; both empty if either is not kept."""
    from hotreload.security.certificates import Pair

    try:
        return Pair(certificate(folder, name).read_bytes(), key(folder, name).read_bytes())
    except FileNotFoundError:
        return Pair(b"", b"")


def write(folder: Path, name: str, pair: "Pair") -> None:
    """Keep a pair; at no moment can another user read the key."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path, data in (
        (key(folder, name), pair.key),
        (certificate(folder, name), pair.certificate),
    ):
        new = path.with_name(f"{path.name}.{os.getpid()}.new")
        with open(new, "xb", opener=_private) as file:
            file.write(data)
        new.replace(path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
