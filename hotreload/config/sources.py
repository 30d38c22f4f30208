"""Edge: the configuration files that there are for a folder.

Knows: where they are looked for, and that those of other users do not count unless this person
allows it. Refuses to know: what is written in them.

The nearest file of each name counts, from a folder upwards. Below both stands this person's own
hotreload.toml, which is in force everywhere.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from hotreload.config import parser, trust_store
from hotreload.config.exposure import Known
from hotreload.config.parser import OWN, SHARED, Source
from hotreload.errors import BadSetting
from hotreload.files import owners, untrusted_files
from hotreload.files.user_dirs import config_folder

# Larger than any that people write.
MOST_BYTES: Final = 2**19


class _OwnedBytes(NamedTuple):
    data: bytes
    strangers: list[int]


@dataclass(frozen=True, slots=True)
class Sources:
    """The files for a folder.

    Attributes:
        files: those that count, the one that counts most at the end.
        foreign: files that do not, because they belong to other users; with the users' numbers.
    """

    files: tuple[Source, ...]
    foreign: tuple[tuple[Path, tuple[int, ...]], ...]


def find(folder: Path) -> Sources:
    """Looks for the files.

    Args:
        folder: where to begin to look; then its parents.

    Raises:
        BadSetting: a file cannot be read, or is not TOML.
    """
    found: list[Source] = []
    foreign: list[tuple[Path, tuple[int, ...]]] = []
    file = personal()
    own = None if file is None else read(file)
    found += [own] if own else []
    for name in (SHARED, OWN):
        for place in (folder, *folder.parents):
            source, strangers = _counting(place / name)
            if strangers:
                foreign.append((place / name, tuple(strangers)))
            elif source is not None:
                found += [] if source.file == file else [source]
                break
    return Sources(tuple(found), tuple(foreign))


def personal() -> Path | None:
    """Where this person's own file would be."""
    with suppress(OSError):
        return config_folder() / OWN
    return None


def read(file: Path) -> Source | None:
    """Reads a file, whosever it is; None where there is none, or nothing of ours in it.

    Raises:
        BadSetting: it cannot be read, or is not TOML.
    """
    found = _bytes(file)
    return None if found is None else parser.parse(file, found.data)


def _counting(file: Path) -> tuple[Source | None, list[int]]:
    """A file that counts, or the strangers whose it is."""
    try:
        found = _bytes(file)
        source = None if found is None else parser.parse(file, found.data)
    except BadSetting:
        strangers = _strangers(file)
        if not strangers:
            raise
        # A file of another user above a folder must not prevent work in the folder.
        return None, strangers if file.name == OWN else []
    if found is None or source is None or not found.strangers:
        return source, []
    if trust_store.known(file, source.digest) is Known.TRUSTED:
        return source, []
    return None, found.strangers


def _strangers(file: Path) -> list[int]:
    with suppress(OSError):
        return owners.strange(file, file.stat())
    return []


def _bytes(file: Path) -> _OwnedBytes | None:
    """The one place where configuration is read; None where there is no such file."""
    try:
        found = untrusted_files.read_with_facts(file, MOST_BYTES)
        return None if found is None else _OwnedBytes(found.data, owners.strange(file, found.facts))
    except untrusted_files.NotRead as refusal:
        raise BadSetting(str(refusal)) from None
    except FileNotFoundError:
        return None  # gone meanwhile
