"""A mounted folder: from names below it to an open file, or to what is in a folder.

Knows: the disk. This is the only place in the path of a request that opens files, so that every
transport passes the same checks: inside the folder by components, no denied name, a regular file.
Refuses to know: URLs, HTTP, and that there are other mounted folders.

What is looked up may change between two system calls, so `look` is advice, and `open` decides by
the descriptor that it holds: it asks the kernel where that file really is.
"""
# ruff: noqa: PTH100, PTH115, PTH116, PTH118, PTH206, PTH208
# (a path is a string here: to make a Path of it takes longer than the system call)

import errno
import os
import stat as modes
import sys
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from hotreload.files.hidden_files import WINDOWS, is_hidden, is_hidden_target
from hotreload.files.open_file import NotServed, OpenFile, TooManyOpenFiles, Unreadable

_DENIED: Final = "dotfiles and keys are not served"

# A FIFO without a writer would block, a terminal become ours; Windows would translate newlines.
_OPEN_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)


class DiskEntry(NamedTuple):
    """Something on the disk.

    Attributes:
        names: from the mounted folder down, as they stand there.
        mode: of what is there, behind links too.
        linked: there may be a link on the way.
    """

    names: tuple[str, ...]
    mode: int
    linked: bool

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return modes.S_ISDIR(self.mode)

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return modes.S_ISREG(self.mode)


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

    @classmethod
    def of(cls, name: str, stat: os.stat_result) -> "Entry | None":
        """A file or folder to show; None for a pipe, a socket or a device."""
        if modes.S_ISDIR(stat.st_mode):
            return cls(name, True, 0, stat.st_mtime)
        is_file = modes.S_ISREG(stat.st_mode)
        return cls(name, False, stat.st_size, stat.st_mtime) if is_file else None


class _Now(NamedTuple):
    """What the folder really is: which one, where, and whether case is disregarded in names."""

    identity: tuple[int, int]
    real: str
    disregards_case: bool


class MountedFolder:
    """A mounted folder, as given and as it really is now.

    Generators delete and recreate their output, deployments flip a link: so what the folder
    really is, is asked again whenever another one stands in its place.

    Args:
        prefix: the names on the URL path that it stands below.
        directory: the folder.
        follow: open what links lead to outside of it. Denied names stay denied on both ends of a
            link.

    Attributes:
        prefix: those names.
        path: of the folder as it was given, absolute.
    """

    def __init__(self, prefix: tuple[str, ...], directory: Path, *, follow: bool) -> None:
        self.prefix = prefix
        self.path = _absolute(directory)
        self._start = self.path.rstrip(os.sep)
        self._follow = follow
        self._known: _Now | None = None

    def path_of(self, names: tuple[str, ...]) -> str:
        """The path of what has these names below the folder."""
        return os.sep.join((self._start, *names)) if names else self.path

    def names_of(self, path: str) -> tuple[str, ...] | None:
        """The names below the folder, as given or as it really was when last seen."""
        names = _below(path, self.path)
        if names is None and self._known is None:
            with suppress(OSError):
                self._now()
        if names is None and self._known is not None:
            names = _below(path, self._known.real)
        return names

    def _now(self) -> _Now:
        """What the folder really is.

        Raises:
            OSError: it is not there.
        """
        stat = os.stat(self.path)
        identity = stat.st_dev, stat.st_ino
        known = self._known
        if known is None or known.identity != identity:
            known = _Now(identity, os.path.realpath(self.path), _disregards_case(self.path, stat))
            self._known = known
        return known

    # -- looking ---------------------------------------------------------------------------------

    def lookup(self, names: tuple[str, ...]) -> DiskEntry:
        """Find a file or folder by its names, and see that a link does not lead out.

        Raises:
            NotServed: it is not there, or it is never served.
            TooManyOpenFiles: there are no more file descriptors.
        """
        with _REFUSALS:
            place = self._walk(names)
            if place.linked:
                self._check(os.path.realpath(self.path_of(place.names)), place.mode)
            return place

    def _walk(self, names: tuple[str, ...]) -> DiskEntry:
        """Follow the names from the folder down."""
        if is_hidden(names):
            raise NotServed(_DENIED)
        disregards_case = self._now().disregards_case
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
        return DiskEntry(tuple(spelled), mode, linked)

    def _check(self, real: str, mode: int) -> None:
        """See that the real path is inside, and no secret."""
        names = _below(real, self._now().real)
        if names is None:
            names = _below(real, os.path.splitdrive(real)[0] + os.sep)
            if names is None or not self._follow:
                raise NotServed("a link out of the site; --follow-symlinks serves it")
        if is_hidden_target(names, directory=modes.S_ISDIR(mode)):
            raise NotServed(_DENIED)

    # -- opening ---------------------------------------------------------------------------------

    def open(self, path: str) -> OpenFile:
        """Open a file below the folder.

        Args:
            path: absolute.

        Raises:
            NotServed: it is not there, not a regular file, or it is never served.
            Unreadable: its permissions keep the server out.
            TooManyOpenFiles: there are no more file descriptors.
        """
        with _REFUSALS:
            # Opening alone has effects on some devices: nothing but a file gets that far.
            _regular(os.stat(path))
            fd = os.open(path, _OPEN_FLAGS)
            try:
                stat = os.fstat(fd)
                _regular(stat)
                self._check(_real_path(fd, path, stat), stat.st_mode)
            except BaseException:
                os.close(fd)
                raise
            return OpenFile(fd, stat)

    def entries(self, names: tuple[str, ...]) -> dict[str, Entry]:
        """What is in a folder and may be served, by name.

        Raises:
            NotServed: there is no such folder, or it is never served.
            TooManyOpenFiles: there are no more file descriptors.
        """
        with _REFUSALS:
            place = self.lookup(names)
            if not place.is_folder:
                raise NotServed("not a folder")
            return self._scan(place.names)

    def _scan(self, names: tuple[str, ...]) -> dict[str, Entry]:
        path = self.path_of(names)
        if os.scandir not in os.supports_fd:
            self._check(os.path.realpath(path), modes.S_IFDIR)
            return self._seen(names, path)
        fd = os.open(path, _OPEN_FLAGS | os.O_DIRECTORY)
        try:
            self._check(_real_path(fd, path, os.fstat(fd)), modes.S_IFDIR)
            return self._seen(names, fd)
        finally:
            os.close(fd)

    def _seen(self, names: tuple[str, ...], opened: str | int) -> dict[str, Entry]:
        with os.scandir(opened) as scan:
            entries = (self._entry((*names, found.name), found) for found in scan)
            return {entry.name: entry for entry in entries if entry is not None}

    def _entry(self, names: tuple[str, ...], found: "os.DirEntry[str]") -> Entry | None:
        if is_hidden(names):
            return None
        try:
            if found.is_symlink():
                self.lookup(names)
            return Entry.of(found.name, found.stat())
        except (NotServed, OSError):  # a link out or to nothing, or gone since
            return None


class _Refusals:
    """What the system refuses, as what is not served."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, OSError):
            reason = (error.strerror or "no such file").lower()
            out = error.errno in (errno.EMFILE, errno.ENFILE)
            if isinstance(error, PermissionError):
                raise Unreadable(reason, str(error.filename)) from None
            raise (TooManyOpenFiles if out else NotServed)(reason) from None
        if isinstance(error, ValueError):  # a name that this file system cannot hold
            raise NotServed("no such file") from None


_REFUSALS: Final = _Refusals()


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
    """Whether the folder has its name in other letters too, or, without letters, the one above."""
    folder, name = os.path.split(path)
    swapped = name.swapcase()
    try:
        if swapped == name:
            return folder != path and _disregards_case(folder, os.stat(folder))
        return os.path.samestat(stat, os.stat(os.path.join(folder, swapped)))
    except (OSError, ValueError):
        return False


def _listed(folder: str, name: str) -> bool:
    """Whether the folder itself calls it so: `/Index.HTML` would be missing in production."""
    nfc = unicodedata.normalize("NFC", name)
    return any(unicodedata.normalize("NFC", entry) == nfc for entry in os.listdir(folder))


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
