"""A site's files: from the names in a URL to an open file, and back.

Knows: the disk. This is the only place in the path of a request that opens files, so that every
transport passes the same checks: inside the root by components, no denied name, a regular file.
Refuses to know: HTTP.

What is looked up may change between two system calls, so `find` is advice, and `open` decides by
the descriptor that it holds: it asks the kernel where that file really is.
"""
# ruff: noqa: PTH100, PTH115, PTH116, PTH118, PTH206, PTH208
# (a path is a string here: to make a Path of it takes longer than the system call)

import errno
import os
import stat as modes
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple, Self

from hotreload.serving.resolve import WINDOWS, Target, denied, denied_target, url_path

INDEX: Final = "index.html"
_DENIED: Final = "dotfiles and keys are not served"

# A FIFO without a writer would block, a terminal become ours; Windows would translate newlines.
_OPEN_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)


def digest(data: bytes) -> str:
    """The version of some content, 16 hexadecimal digits."""
    return blake2b(data, digest_size=8).hexdigest()


class NotServed(Exception):
    """The file is not there, or not for anybody; `str()` says which, for the terminal only."""


class OutOfFiles(Exception):
    """The process or the machine has no more file descriptors; a little later it may."""


class Stamp(NamedTuple):
    """What changes when a file does, as cheaply as it can be asked.

    Two writes within one tick of the file system's clock (4 ms on some kernels) may share one: do
    not trust a stamp that is younger than that when its content is read.
    """

    modified_ns: int
    size: int
    inode: int
    changed_ns: int

    @property
    def version(self) -> str:
        """Names the version of a file whose content is not read; its "s" tells it from a digest."""
        return "s" + digest(b"%d %d %d %d" % self)


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
class Entry:
    """A file or folder in a folder.

    Attributes:
        name: as it stands on the disk.
        directory: it is a folder.
        size: of a file, in bytes; 0 of a folder.
        modified: when it was last written, in seconds since the epoch.
    """

    name: str
    directory: bool
    size: int
    modified: float


@dataclass(frozen=True, slots=True)
class Redirect:
    """Look there instead: a path with one leading slash, and the query."""

    location: str


@dataclass(frozen=True, slots=True)
class Missing:
    """Nothing to serve; clients must not learn the reason, which is for the terminal."""

    reason: str = "no such file"


@dataclass(slots=True)
class OpenFile:
    """A verified regular file; whoever gets it closes it.

    Attributes:
        fd: its descriptor.
        stat: what it was when it was opened.
    """

    fd: int
    stat: os.stat_result

    @property
    def size(self) -> int:
        """In bytes, when it was opened."""
        return self.stat.st_size

    @property
    def stamp(self) -> Stamp:
        """What to compare with the site's `stat` later."""
        return _stamp(self.stat)

    def is_unchanged(self) -> bool:
        """Whether it is still what it was when it was opened."""
        return _stamp(os.fstat(self.fd)) == self.stamp

    def is_rewritten(self) -> bool:
        """Whether what it held may be gone; more at its end alone does not count."""
        now = os.fstat(self.fd)
        touched = now.st_mtime_ns != self.stat.st_mtime_ns
        return now.st_size < self.size or (touched and now.st_size == self.size)

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """Some of the content, or all; less than `length` only where the file ends."""
        os.lseek(self.fd, offset, os.SEEK_SET)
        left = sys.maxsize if length is None else length
        pieces = []
        while left > 0 and (piece := os.read(self.fd, min(left, 2**20))):
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)

    def close(self) -> None:
        """Give the descriptor back; once more does nothing."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Site:
    """The files below some folders, by URL.

    Args:
        mounts: which folder stands below which URL path. The longest prefix wins; of several
            folders at one path, the first that has a file or folder of that name.
        follow_symlinks: serve what links lead to outside of the folders. The URL still cannot
            leave them, and denied names stay denied on both ends of a link.
    """

    def __init__(self, mounts: Sequence[Mount], *, follow_symlinks: bool = False) -> None:
        self._roots: dict[tuple[str, ...], list[_Root]] = {}
        for mount in sorted(mounts, key=lambda mount: -len(mount.prefix)):
            root = _Root(mount.prefix, _absolute(mount.directory))
            self._roots.setdefault(mount.prefix, []).append(root)
        self._follow = follow_symlinks

    def find(self, target: Target) -> Found | Folder | Redirect | Missing:
        """What the target names."""
        best: Folder | Missing = Missing("no folder is mounted there")
        for root in self._roots_of(target.segments):
            found = self._find_in(root, target)
            if isinstance(found, Found | Redirect):
                return found
            if isinstance(best, Missing):
                best = found
        return best

    def _find_in(self, root: "_Root", target: Target) -> Found | Folder | Redirect | Missing:
        names = target.segments[len(root.prefix) :]
        if denied(names):
            return Missing(_DENIED)
        place = self._look(root, names)
        if isinstance(place, Missing):
            return place
        directory = modes.S_ISDIR(place.mode)
        if not directory and (target.directory or not modes.S_ISREG(place.mode)):
            return Missing("not a folder" if target.directory else "not a regular file")
        if directory != target.directory or not target.canonical:
            return Redirect(_location(root, place, target, directory=directory))
        return self._index(root, place) if directory else _found(root, place)

    def _roots_of(self, segments: tuple[str, ...]) -> "list[_Root]":
        """The folders at the longest path that leads to these names, the first one in front."""
        for prefix, roots in self._roots.items():  # the longest ones first
            if segments[: len(prefix)] == prefix:
                return roots
        return []

    def way(self, target: Target) -> Iterator[str]:
        """The folders that decide what a target names: those that lead to it, in every mount."""
        for root in self._roots_of(target.segments):
            yield root.path
            names = target.segments[len(root.prefix) :]
            for depth in range(1, len(names) + target.directory):
                yield root.path_of(names[:depth])

    def _index(self, root: "_Root", folder: "_Place") -> Found | Folder:
        place = self._look(root, (*folder.names, INDEX))
        if not isinstance(place, Missing) and modes.S_ISREG(place.mode):
            return _found(root, place)
        url = url_path(root.prefix + folder.names, directory=True)
        return Folder(root.path_of(folder.names), url)

    def _look(self, root: "_Root", names: tuple[str, ...]) -> "_Place | Missing":
        """Find a file or folder by its names, and see that a link does not lead out."""
        try:
            place = root.walk(names)
            if place.linked:
                self._check(root, os.path.realpath(root.path_of(place.names)), place.mode)
        except NotServed as refusal:
            return Missing(str(refusal))
        except OSError as error:
            _raise_if_out_of_files(error)
            return Missing(_reason(error))
        except ValueError:  # a name that this file system cannot hold
            return Missing()
        return place

    def _check(self, root: "_Root", real: str, mode: int) -> None:
        """See that the real path is inside, and no secret.

        Raises:
            NotServed: it is not.
        """
        names = _below(real, root.real())
        if names is None:
            names = _below(real, os.path.splitdrive(real)[0] + os.sep)
            if names is None or not self._follow:
                raise NotServed("a link out of the site; --follow-symlinks serves it")
        if denied_target(names, directory=modes.S_ISDIR(mode)):
            raise NotServed(_DENIED)

    def open(self, path: str) -> OpenFile:
        """Open a file that `find` or `urls` knows.

        Args:
            path: absolute, below a mount's directory.

        Raises:
            NotServed: it is not there, not readable, not a regular file, or not for anybody.
            OutOfFiles: there are no more file descriptors.
        """
        try:
            root = self._root_above(path)
            # Opening alone has effects on some devices: nothing but a file gets that far.
            _regular(os.stat(path))
            return self._verified(root, os.open(path, _OPEN_FLAGS), path)
        except OSError as error:
            _raise_if_out_of_files(error)
            raise NotServed(_reason(error)) from None
        except ValueError:  # a name that this file system cannot hold
            raise NotServed("no such file") from None

    def _verified(self, root: "_Root", fd: int, path: str) -> OpenFile:
        try:
            stat = os.fstat(fd)
            _regular(stat)
            self._check(root, _real_path(fd, path, stat), stat.st_mode)
        except BaseException:
            os.close(fd)
            raise
        return OpenFile(fd, stat)

    def _root_above(self, path: str) -> "_Root":
        for root in self._all():
            names = root.names_of(path)
            if names is not None and not denied(names):
                return root
        raise NotServed("outside of the site, or denied")

    def _all(self) -> "Iterator[_Root]":
        return chain.from_iterable(self._roots.values())

    def entries(self, segments: tuple[str, ...]) -> list[Entry]:
        """What is in a folder and may be served, mounted folders too, in no order.

        Args:
            segments: the names on the folder's URL path.

        Raises:
            NotServed: there is no such folder, or it is not for anybody.
            OutOfFiles: there are no more file descriptors.
        """
        refusal, found = NotServed("no folder is mounted there"), None
        for root in self._roots_of(segments):
            try:
                found = self._entries_in(root, segments) | (found or {})
            except NotServed as reason:
                refusal = reason
        if found is None:
            raise refusal
        return [entry for name, entry in found.items() if _has_url(name)]

    def _entries_in(self, root: "_Root", segments: tuple[str, ...]) -> dict[str, Entry]:
        """What is in a folder of one of the mounted ones, by name."""
        names = segments[len(root.prefix) :]
        if denied(names):
            raise NotServed(_DENIED)
        place = self._look(root, names)
        if isinstance(place, Missing) or not modes.S_ISDIR(place.mode):
            raise NotServed("no such folder")
        try:
            found = self._scan(root, place.names)
        except OSError as error:
            _raise_if_out_of_files(error)
            raise NotServed(_reason(error)) from None
        return found | self._mounted_in(root.prefix + place.names)

    def _scan(self, root: "_Root", names: tuple[str, ...]) -> dict[str, Entry]:
        path = root.path_of(names)
        if os.scandir not in os.supports_fd:
            self._check(root, os.path.realpath(path), modes.S_IFDIR)
            return self._seen(root, names, path)
        fd = os.open(path, _OPEN_FLAGS | os.O_DIRECTORY)
        try:
            self._check(root, _real_path(fd, path, os.fstat(fd)), modes.S_IFDIR)
            return self._seen(root, names, fd)
        finally:
            os.close(fd)

    def _seen(self, root: "_Root", names: tuple[str, ...], opened: str | int) -> dict[str, Entry]:
        with os.scandir(opened) as scan:
            entries = (self._entry(root, (*names, found.name), found) for found in scan)
            return {entry.name: entry for entry in entries if entry is not None}

    def _entry(
        self, root: "_Root", names: tuple[str, ...], found: "os.DirEntry[str]"
    ) -> Entry | None:
        if denied(names):
            return None
        try:
            if found.is_symlink() and isinstance(self._look(root, names), Missing):
                return None
            return _entry(found.name, found.stat())
        except OSError:  # gone since, or a link to nothing
            return None

    def _mounted_in(self, segments: tuple[str, ...]) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        for root in self._all():
            if root.prefix and root.prefix[:-1] == segments:
                with suppress(OSError):
                    entry = _entry(root.prefix[-1], os.stat(root.path))
                    found |= {entry.name: entry} if entry else {}
        return found

    def stat(self, path: str) -> Stamp | None:
        """The stamp of the file that is there now, behind links too; None when there is none."""
        try:
            return _stamp(os.stat(path))
        except (OSError, ValueError):
            return None

    def holds(self, path: str) -> bool:
        """Whether the path lies below one of the folders, served or not."""
        return any(root.names_of(path) is not None for root in self._all())

    def paths(self, segments: tuple[str, ...]) -> list[str]:
        """Where a file of these names is looked for, whether it is there or not."""
        return [
            root.path_of(segments[len(root.prefix) :])
            for root in self._roots_of(segments)
            if not denied(segments[len(root.prefix) :])
        ]

    def urls(self, path: str) -> tuple[str, ...]:
        """The canonical URL paths that a file has, whether it is there or was.

        Args:
            path: absolute; below a mount's directory as given, or as resolved.

        Returns:
            Empty for a file that is outside, denied, or hidden behind what another mount has.
        """
        found: dict[str, None] = {}
        for root in self._all():
            names = root.names_of(path)
            if not names or denied(names):
                continue
            segments = root.prefix + names
            if self._is_in_front(root, segments):
                try:
                    found[url_path(segments)] = None
                except UnicodeEncodeError:  # half a surrogate pair has no URL
                    continue
        return tuple(found)

    def _is_in_front(self, root: "_Root", segments: tuple[str, ...]) -> bool:
        """Whether the names are looked for in this folder, and nothing in another is first."""
        for other in self._roots_of(segments):
            if other is root:
                return True
            place = self._look(other, segments[len(other.prefix) :])
            if not isinstance(place, Missing) and _is_served(place.mode):
                return False
        return False


def _is_served(mode: int) -> bool:
    return modes.S_ISREG(mode) or modes.S_ISDIR(mode)


class _Place(NamedTuple):
    """Something on the disk: its names as they stand there, its mode, links on the way."""

    names: tuple[str, ...]
    mode: int
    linked: bool


class _Root:
    """A mounted folder, as given and as it really is now.

    Generators delete and recreate their output, deployments flip a link: so what the folder
    really is, is asked again whenever another one stands in its place.
    """

    def __init__(self, prefix: tuple[str, ...], path: str) -> None:
        self.prefix = prefix
        self.path = path
        self._start = path.rstrip(os.sep)
        self._known: tuple[tuple[int, int], str, bool] | None = None

    def path_of(self, names: tuple[str, ...]) -> str:
        return os.sep.join((self._start, *names)) if names else self.path

    def real(self) -> str:
        return self._now()[1]

    def _now(self) -> tuple[tuple[int, int], str, bool]:
        """Identity, real path, and whether names are compared without case.

        Raises:
            OSError: the folder is not there.
        """
        stat = os.stat(self.path)
        identity = stat.st_dev, stat.st_ino
        known = self._known
        if known is None or known[0] != identity:
            known = identity, os.path.realpath(self.path), _disregards_case(self.path, stat)
            self._known = known
        return known

    def names_of(self, path: str) -> tuple[str, ...] | None:
        """The names below the folder, as given or as it really was when last seen."""
        names = _below(path, self.path)
        if names is None and self._known is None:
            with suppress(OSError):
                self._now()
        if names is None and self._known is not None:
            names = _below(path, self._known[1])
        return names

    def walk(self, names: tuple[str, ...]) -> _Place:
        """Follow the names from the folder down.

        Raises:
            OSError: something on the way is not there.
            NotServed: the name differs from the one on the disk.
        """
        _, _, disregards_case = self._now()
        path, linked, mode = self._start, WINDOWS, modes.S_IFDIR
        spelled = []
        for asked in names:
            name, mode = _step(path, asked)
            if disregards_case and not _listed(path, name):
                raise NotServed("the name on the disk is spelled with other letters")
            path = f"{path}{os.sep}{name}"
            linked = linked or modes.S_ISLNK(mode)
            spelled.append(name)
        if linked:
            mode = os.stat(self.path_of(tuple(spelled))).st_mode
        return _Place(tuple(spelled), mode, linked)


def _absolute(directory: Path) -> str:
    """Absolute without following links, except where `..` would need it."""
    return os.path.realpath(directory) if ".." in directory.parts else os.path.abspath(directory)


def _below(path: str, folder: str) -> tuple[str, ...] | None:
    """The names from the folder down to the path, by whole names; None when it is not below."""
    start = folder if folder.endswith(os.sep) else folder + os.sep
    if path == folder:
        return ()
    if not path.startswith(start):
        return None
    return tuple(name for name in path[len(start) :].split(os.sep) if name)


def _step(folder: str, name: str) -> tuple[str, int]:
    """A name in a folder, spelled as it is there, and its mode.

    An accent is one character to most keyboards and two to macOS: one of them is on the disk.
    """
    try:
        return name, os.lstat(f"{folder}{os.sep}{name}").st_mode
    except FileNotFoundError:
        for form in () if name.isascii() else ("NFC", "NFD"):
            other = unicodedata.normalize(form, name)
            if other != name and os.path.lexists(f"{folder}{os.sep}{other}"):
                return other, os.lstat(f"{folder}{os.sep}{other}").st_mode
        raise


def _disregards_case(path: str, stat: os.stat_result) -> bool:
    folder, name = os.path.split(path)
    swapped = os.path.join(folder, name.swapcase())
    try:
        return swapped != path and os.path.samestat(stat, os.stat(swapped))
    except (OSError, ValueError):
        return False


def _listed(folder: str, name: str) -> bool:
    """Whether the folder itself calls it so: `/Index.HTML` would be missing in production."""
    nfc = unicodedata.normalize("NFC", name)
    return any(unicodedata.normalize("NFC", entry) == nfc for entry in os.listdir(folder))


def _location(root: _Root, place: _Place, target: Target, *, directory: bool) -> str:
    path = url_path(root.prefix + place.names, directory=directory)
    return f"{path}?{target.query.decode('ascii')}" if target.query else path


def _found(root: _Root, place: _Place) -> Found:
    return Found(root.path_of(place.names), url_path(root.prefix + place.names))


def _entry(name: str, stat: os.stat_result) -> Entry | None:
    """A file or folder to show; None for a pipe, a socket or a device."""
    if modes.S_ISDIR(stat.st_mode):
        return Entry(name, True, 0, stat.st_mtime)
    return Entry(name, False, stat.st_size, stat.st_mtime) if modes.S_ISREG(stat.st_mode) else None


def _has_url(name: str) -> bool:
    """Whether a link can lead there: a backslash, and half a surrogate pair, have no URL."""
    with suppress(UnicodeEncodeError):
        return bool(url_path((name,))) and "\\" not in name
    return False


def _stamp(stat: os.stat_result) -> Stamp:
    return Stamp(stat.st_mtime_ns, stat.st_size, stat.st_ino, stat.st_ctime_ns)


def _regular(stat: os.stat_result) -> None:
    if not modes.S_ISREG(stat.st_mode):
        raise NotServed("not a regular file")


def _real_path(fd: int, path: str, stat: os.stat_result) -> str:
    """Where the opened file is, whatever has happened to its path since.

    Raises:
        NotServed: that cannot be told.
        OSError: the same.
    """
    if sys.platform == "linux":
        with suppress(FileNotFoundError):  # a container without /proc
            # Of a file that was replaced since, the kernel says so behind its name.
            return os.readlink(f"/proc/self/fd/{fd}").removesuffix(" (deleted)")
    if sys.platform == "darwin":
        import fcntl

        return os.fsdecode(fcntl.fcntl(fd, fcntl.F_GETPATH, bytes(1024)).rstrip(b"\0"))
    return _resolved(path, stat)


def _resolved(path: str, stat: os.stat_result) -> str:
    real = os.path.realpath(path)
    if not os.path.samestat(os.stat(real), stat):
        raise NotServed("replaced while it was opened")
    return real


def _raise_if_out_of_files(error: OSError) -> None:
    if error.errno in (errno.EMFILE, errno.ENFILE):
        raise OutOfFiles(_reason(error)) from None


def _reason(error: OSError) -> str:
    return (error.strerror or "no such file").lower()
