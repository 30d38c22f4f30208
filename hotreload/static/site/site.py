"""A site's files: from the names in a URL to a path, and back.

Knows: which folder stands below which URL path, and which of several comes first. Refuses to know:
HTTP, and how a file in one of the folders is found and opened.
"""
# ruff: noqa: PTH116 - a path is a string here: a Path takes longer than the system call

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from hotreload.files.cleared_folder import is_cleared
from hotreload.files.hidden_files import is_hidden
from hotreload.files.open_file import NotServed, OpenFile
from hotreload.files.stamp import FileStamp
from hotreload.http.url_path import Target, url_path
from hotreload.static.site.mount import DiskEntry, Entry, MountedFolder

INDEX: Final = "index.html"


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder that is served below a URL path.

    Attributes:
        prefix: the names on that path; none for the root of the site.
        directory: the folder.
    """

    prefix: tuple[str, ...]
    directory: Path


@dataclass(frozen=True, slots=True)
class Found:
    """A file, at least a moment ago.

    Attributes:
        path: absolute, below the mount's directory as that was given.
        url: its canonical URL path, `/dir/index.html` for `/dir/`.
    """

    path: str
    url: str


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that has no index page; the attributes are those of a file."""

    path: str
    url: str


@dataclass(frozen=True, slots=True)
class Redirect:
    """Look there instead: a path with one leading slash, and the query."""

    location: str


@dataclass(frozen=True, slots=True)
class Missing:
    """Nothing to serve; clients must not learn the reason, which is for the terminal."""

    reason: str = "no such file"


class Site:
    """The files below some folders, by URL.

    Args:
        mounts: which folder stands below which URL path. The longest prefix wins; of several
            folders at one path, the first that has a file or folder of that name.
        follow_symlinks: serve what links lead to outside of the folders. The URL still cannot
            leave them, and denied names stay denied on both ends of a link.
    """

    def __init__(self, mounts: Sequence[Mount], *, follow_symlinks: bool = False) -> None:
        self._mounted: dict[tuple[str, ...], list[MountedFolder]] = {}
        for mount in sorted(mounts, key=lambda mount: -len(mount.prefix)):
            mounted = MountedFolder(mount.prefix, mount.directory, follow=follow_symlinks)
            self._mounted.setdefault(mount.prefix, []).append(mounted)

    # -- from a URL ------------------------------------------------------------------------------

    def find(self, target: Target) -> Found | Folder | Redirect | Missing:
        """What the target names."""
        best: Folder | Missing = Missing("no folder is mounted there")
        for mounted in self._mounted_at(target.segments):
            found = _find_in(mounted, target)
            if isinstance(found, Found | Redirect):
                return found
            if isinstance(best, Missing):
                best = found
        return best

    def parent_dirs(self, target: Target) -> Iterator[str]:
        """The folders that decide what a target names: those that lead to it, in every mount."""
        for mounted in self._mounted_at(target.segments):
            yield mounted.path
            names = target.segments[len(mounted.prefix) :]
            for depth in range(1, len(names) + target.directory):
                yield mounted.path_of(names[:depth])

    def paths(self, segments: tuple[str, ...]) -> list[str]:
        """Where a file of these names is looked for, whether it is there or not."""
        return [
            mounted.path_of(segments[len(mounted.prefix) :])
            for mounted in self._mounted_at(segments)
            if not is_hidden(segments[len(mounted.prefix) :])
        ]

    def entries(self, segments: tuple[str, ...]) -> list[Entry]:
        """What is in a folder and may be served, mounted folders too, in no order.

        Args:
            segments: the names on the folder's URL path.

        Raises:
            NotServed: there is no such folder, or it is never served.
            OutOfFiles: there are no more file descriptors.
        """
        refusal, found = NotServed("no folder is mounted there"), None
        for mounted in self._mounted_at(segments):
            try:
                found = mounted.entries(segments[len(mounted.prefix) :]) | (found or {})
            except NotServed as reason:
                refusal = reason
        if found is None:
            raise refusal
        found |= self._mounts_in(segments)
        return [entry for name, entry in found.items() if _has_url(name)]

    def _mounts_in(self, segments: tuple[str, ...]) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        for mounted in self._all():
            if mounted.prefix and mounted.prefix[:-1] == segments:
                with suppress(OSError):
                    entry = Entry.of(mounted.prefix[-1], os.stat(mounted.path))
                    found |= {entry.name: entry} if entry else {}
        return found

    def _mounted_at(self, segments: tuple[str, ...]) -> list[MountedFolder]:
        """The folders at the longest path that leads to these names, the first one in front."""
        for prefix, roots in self._mounted.items():  # the longest ones first
            if segments[: len(prefix)] == prefix:
                return roots
        return []

    def _all(self) -> Iterator[MountedFolder]:
        return chain.from_iterable(self._mounted.values())

    # -- from a path -----------------------------------------------------------------------------

    def open(self, path: str) -> OpenFile:
        """Open a file that `find` or `urls` knows.

        Args:
            path: absolute, below a mount's directory.

        Raises:
            NotServed: it is not there, not readable, not a regular file, or it is never served.
            OutOfFiles: there are no more file descriptors.
        """
        for mounted in self._all():
            names = mounted.names_of(path)
            if names is not None and not is_hidden(names):
                return mounted.open(path)
        raise NotServed("outside of the site, or denied")

    def stat(self, path: str) -> FileStamp | None:
        """The stamp of the file that is there now, behind links too; None when there is none."""
        try:
            return FileStamp.of(os.stat(path))
        except (OSError, ValueError):
            return None

    def contains(self, path: str) -> bool:
        """Whether the path lies below one of the folders, served or not."""
        return any(mounted.names_of(path) is not None for mounted in self._all())

    def is_cleared(self, path: str) -> bool:
        """Whether the folder that a path lies below is gone, or as good as empty."""
        tops = (mounted.path for mounted in self._all() if mounted.names_of(path) is not None)
        return any(map(is_cleared, tops))

    def urls(self, path: str) -> tuple[str, ...]:
        """The canonical URL paths that a file has, whether it is there or was.

        Args:
            path: absolute; below a mount's directory as given, or as resolved.

        Returns:
            Empty for a file that is outside, denied, or hidden behind what another mount has.
        """
        found: dict[str, None] = {}
        for mounted in self._all():
            names = mounted.names_of(path)
            if not names or is_hidden(names):
                continue
            segments = mounted.prefix + names
            if self._is_in_front(mounted, segments):
                with suppress(UnicodeEncodeError):  # half a surrogate pair has no URL
                    found[url_path(segments)] = None
        return tuple(found)

    def _is_in_front(self, mounted: MountedFolder, segments: tuple[str, ...]) -> bool:
        """Whether the names are looked for in this folder, and nothing in another is first."""
        for other in self._mounted_at(segments):
            if other is mounted:
                return True
            with suppress(NotServed):
                place = other.lookup(segments[len(other.prefix) :])
                if place.is_file or place.is_folder:
                    return False
        return False


def _find_in(mounted: MountedFolder, target: Target) -> Found | Folder | Redirect | Missing:
    try:
        place = mounted.lookup(target.segments[len(mounted.prefix) :])
    except NotServed as refusal:
        return Missing(str(refusal))
    folder = place.is_folder
    if not folder and (target.directory or not place.is_file):
        return Missing("not a folder" if target.directory else "not a regular file")
    if folder != target.directory or not target.canonical:
        url = url_path(mounted.prefix + place.names, directory=folder)
        return Redirect(target.with_query(url))
    return _index(mounted, place) if folder else _found(mounted, place)


def _index(mounted: MountedFolder, folder: DiskEntry) -> Found | Folder:
    try:
        place = mounted.lookup((*folder.names, INDEX))
        if place.is_file:
            return _found(mounted, place)
    except NotServed:
        pass
    url = url_path(mounted.prefix + folder.names, directory=True)
    return Folder(mounted.path_of(folder.names), url)


def _found(mounted: MountedFolder, place: DiskEntry) -> Found:
    return Found(mounted.path_of(place.names), url_path(mounted.prefix + place.names))


def _has_url(name: str) -> bool:
    """Whether a link can lead there: a backslash, and half a surrogate pair, have no URL."""
    with suppress(UnicodeEncodeError):
        return bool(url_path((name,))) and "\\" not in name
    return False
