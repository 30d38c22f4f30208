"""What was found out about this machine and the folder to be served.

Knows: the kinds of facts. Refuses to know: how they are found out, and what they mean.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Root:
    """The folder that is to be served.

    Attributes:
        path: as it was given.
        exists: something has that name.
        is_folder: it is a folder.
        is_readable: its files can be listed and read.
        may_come: the server would wait for it.
        alike: what there is of nearly its name.
    """

    path: str
    exists: bool = True
    is_folder: bool = True
    is_readable: bool = True
    may_come: bool = True
    alike: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class FileSystem:
    """Where the folder lies.

    Attributes:
        kind: the type of the file system, "" where it is not known.
        is_foreign: others change it unseen.
    """

    kind: str
    is_foreign: bool = False


@dataclass(frozen=True, slots=True)
class Watches:
    """Folders to be watched, and what the kernel has for that.

    Attributes:
        folders: how many are to be watched.
        unreadable: how many of them cannot be listed.
        limit: of watches, for all programs of this user; None where there is none.
        used: how many they have.
        engines_limit: the same of inotify instances.
        engines_used: how many they have.
    """

    folders: int
    unreadable: int = 0
    limit: int | None = None
    used: int = 0
    engines_limit: int | None = None
    engines_used: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """Which of git's rules say what is not watched.

    Attributes:
        repository: the folder that has `.git` in it; "" without one.
        files: how many ignore files apply from outside of the folder.
        ignores_root: they ignore the folder itself.
        is_strange: the repository belongs to another user.
        unread: a sentence for each that is there and is not read.
    """

    repository: str
    files: int = 0
    ignores_root: bool = False
    is_strange: bool = False
    unread: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Configuration:
    """What configuration files there are, and what they may.

    Attributes:
        files: those that count.
        opened: what they open with leave, each with its place.
        refused: why others of their values do not count, and how they would.
        foreign: why files do not count at all, and how they would.
    """

    files: Sequence[str]
    opened: Sequence[str] = ()
    refused: Sequence[str] = ()
    foreign: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Machine:
    """What runs here.

    Attributes:
        system: its name and version.
        container: what kind of container it is; "" for none.
        wsl: it is Linux below Windows.
    """

    system: str
    container: str = ""
    wsl: bool = False


@dataclass(frozen=True, slots=True)
class Port:
    """The port to listen on.

    Attributes:
        number: of the port.
        asked: it was asked for; else it is the default one.
        taken: the addresses on which it is not free, each with who has it ("" if that is unknown).
        server: where a hotreload server for the same folder answers on it; "" for none.
        ipv6: this machine has an address ::1.
        free: another one is to be had.
    """

    number: int
    asked: bool = False
    taken: Mapping[str, str] = field(default_factory=dict)
    server: str = ""
    ipv6: bool = True
    free: bool = True


@dataclass(frozen=True, slots=True)
class Workers:
    """The paths of the service workers that browsers have asked the running server for."""

    scripts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether this machine reaches itself.

    Attributes:
        localhost: the addresses that the name stands for.
        bound: the addresses on which a server could listen.
        reached: the addresses at which it was reached.
    """

    localhost: Sequence[str]
    bound: Sequence[str]
    reached: Sequence[str]


@dataclass(frozen=True, slots=True)
class Proxies:
    """What the environment says of proxies.

    Attributes:
        variables: the names of those that are set.
        exempt: the hosts in no_proxy.
    """

    variables: Sequence[str] = ()
    exempt: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Clock:
    """By how many seconds file times are ahead of the system's clock."""

    ahead: float


@dataclass(frozen=True, slots=True)
class Browser:
    """What `--open` would start; "" for nothing."""

    name: str


@dataclass(frozen=True, slots=True)
class Library:
    """A library that is needed.

    Attributes:
        name: of its distribution.
        floor: the oldest version that will do.
        version: the one that is here; "" for none.
        is_optional: without it things work, but slower.
    """

    name: str
    floor: str
    version: str
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Libraries:
    """Python, and what is needed besides."""

    python: str
    libraries: Sequence[Library]


@dataclass(frozen=True, slots=True)
class Latency:
    """How long a save took to be noticed.

    Attributes:
        milliseconds: of each save that was noticed.
        missed: how many were not.
    """

    milliseconds: Sequence[float]
    missed: int = 0
