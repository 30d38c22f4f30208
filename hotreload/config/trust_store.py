"""Edge: which configuration files this person trusts, as they said with `hotreload trust`.

Knows: where that is remembered: a small file for each, by path, with a digest of what was trusted.
Refuses to know: what trust allows.

The folder is this person's own; one that others may write to is not believed.
"""

import hashlib
import json
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from hotreload.config.exposure import Known
from hotreload.files import owners
from hotreload.files.user_dirs import state_folder

SUFFIX: Final = ".json"
_OTHERS_MAY_WRITE: Final = 0o022


class TrustEntry(NamedTuple):
    """A file that was trusted: where, and what was in it."""

    path: str
    digest: str


def known(file: Path, digest: str) -> Known:
    """What this person has said of a file whose content has this digest."""
    with suppress(OSError):
        entry = _read(_entry(_folder(), file))
        if entry is not None and entry.path == _place(file):
            return Known.TRUSTED if entry.digest == digest else Known.CHANGED
    return Known.NEW


def remember(file: Path, digest: str) -> None:
    """From now on a file is trusted, as long as it stays as it is.

    Raises:
        OSError: it cannot be remembered.
    """
    above = state_folder()
    for folder in (above, above / "trusted"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = _entry(_folder(), file)
    draft = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        json.dump(TrustEntry(_place(file), digest)._asdict(), opened)
    draft.replace(path)


def forget(file: Path) -> bool:
    """The file is no longer trusted; whether it was.

    Raises:
        OSError: it cannot be forgotten.
    """
    try:
        _entry(_folder(), file).unlink()
    except FileNotFoundError:
        return False
    return True


def entries() -> Iterator[TrustEntry]:
    """Everything that is trusted, by path."""
    with suppress(OSError):
        found = [_read(path) for path in _folder().glob("*" + SUFFIX)]
        yield from sorted(entry for entry in found if entry is not None)


def _folder() -> Path:
    return _believed(state_folder() / "trusted")


def _believed(folder: Path) -> Path:
    """The folder, if no other user can have written into it.

    Raises:
        OSError: there is none, or it is not this person's alone.
    """
    mode = os.lstat(folder).st_mode
    may_write = sys.platform != "win32" and stat.S_IMODE(mode) & _OTHERS_MAY_WRITE
    if not stat.S_ISDIR(mode) or may_write or owners.strange(folder):
        raise PermissionError(0, "others may write to the folder", str(folder))
    return folder


def _place(file: Path) -> str:
    """Where a file lies; a link is a place of its own, whatever it leads to."""
    return os.path.join(os.path.realpath(file.parent), file.name)  # noqa: PTH118 - it is text


def _entry(folder: Path, file: Path) -> Path:
    return folder / (hashlib.sha256(os.fsencode(_place(file))).hexdigest() + SUFFIX)


def _read(path: Path) -> TrustEntry | None:
    """None for what is gone, or was not written by this version."""
    try:
        fields: object = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    match fields:
        case {"path": str(where), "digest": str(digest)}:
            return TrustEntry(where, digest)
    return None
