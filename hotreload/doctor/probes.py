"""Edge: finds out what this machine and a folder are like.

Knows: where each fact is to be had on each system. Refuses to know: what it means.
"""

import errno
import os
import platform
import re
import socket
import sys
import time
import webbrowser
from collections.abc import Iterator
from contextlib import closing, suppress
from importlib import metadata
from pathlib import Path
from typing import Final

from hotreload.config import defaults
from hotreload.doctor import facts, port_owner
from hotreload.errors import HotreloadError, StartError
from hotreload.files import git_excludes, ignore, network_filesystems
from hotreload.files.untrusted_files import NotRead
from hotreload.remote import api, registry
from hotreload.remote.target import parse
from hotreload.server.listen import listen
from hotreload.static.site.served_folders import alike, is_shut_away, served
from hotreload.watch.first_look import News
from hotreload.watch.watched_tree import WatchedTree

DISTRIBUTION: Final = "hotreload-server"
PROC: Final = Path("/proc")
PROXIES: Final = ("http_proxy", "https_proxy", "all_proxy")
ADDRESSES: Final = ("127.0.0.1", "::1")
CONNECT_SECONDS: Final = 2.0
# What runs containers leaves one of these, with the name that people know.
CONTAINERS: Final = {"/.dockerenv": "Docker", "/run/.containerenv": "Podman"}
_REQUIREMENT: Final = re.compile(r"([\w.-]+)(?:\[[^]]*\])?\s*>=\s*([\d.]+)([^;]*)(?:;(.*))?")


def root(folder: Path) -> facts.Root:
    """The folder itself."""
    shut = is_shut_away(folder)
    exists, is_folder = shut or folder.exists(), shut or folder.is_dir()
    readable = os.access(folder, os.R_OK | os.X_OK)
    path = str(folder if folder.parts else folder.absolute())
    return facts.Root(
        path, exists, is_folder, readable, _may_come(folder),
        () if exists else tuple(alike(folder)),
    )  # fmt: skip


def _may_come(folder: Path) -> bool:
    try:
        served(folder)
    except StartError:
        return False
    return True


def nearest(folder: Path) -> Path:
    """The folder, or the innermost one around it that is there."""
    folder = folder.absolute()
    return next(place for place in (folder, *folder.parents) if place.is_dir())


def file_system(folder: Path) -> facts.FileSystem:
    """What the folder lies on."""
    table = git_excludes.read(PROC / "self" / "mountinfo") or ""
    path = os.path.realpath(folder)
    kind = network_filesystems.kind(path, table) or ""
    return facts.FileSystem(kind, network_filesystems.foreign(path, table) is not None)


# -- watching --------------------------------------------------------------------------------------


def watches(folder: Path) -> facts.Watches:
    """How many folders are to be watched, and what there is for that."""
    place = str(folder.absolute())
    tree = WatchedTree(gitignore=True, since=time.time_ns())
    tree.place(place, ignore.scope(place, (), git_excludes.outer_excludes(Path(place)).texts))
    tree.survey(place, news=News.LEARN)
    folders, unreadable = len(tree.table.existing()), len(tree.unreadable)
    if sys.platform != "linux":
        return facts.Watches(folders, unreadable)
    engines = list(_inotify())
    return facts.Watches(
        folders, unreadable,
        _limit("max_user_watches", "max_inotify_watches"), sum(engines),
        _limit("max_user_instances", "max_inotify_instances"), len(engines),
    )  # fmt: skip


def _limit(system: str, user: str) -> int | None:
    """The lower one of the kernel's limits: for the system, and for this user's namespace."""
    found = []
    for path in (PROC / "sys/fs/inotify" / system, PROC / "sys/user" / user):
        with suppress(OSError, ValueError):
            found.append(int(path.read_text(encoding="ascii")))
    return min(found, default=None)


def _inotify() -> Iterator[int]:
    """Each inotify instance of this user: how many watches it has."""
    for process in PROC.glob("[0-9]*"):
        with suppress(OSError):
            if process.stat().st_uid == os.geteuid():
                for file in (process / "fd").iterdir():
                    if str(file.readlink()) == "anon_inode:inotify":
                        info = (process / "fdinfo" / file.name).read_text(encoding="ascii")
                        yield info.count("inotify wd:")


def rules(folder: Path) -> facts.Rules:
    """Which of git's rules apply."""
    folder = folder.absolute()
    top = git_excludes.repository(folder)
    found = git_excludes.outer_excludes(folder)
    outer, unread = found.texts, [*found.unread]
    try:
        git_excludes.rules(folder / ".gitignore")
    except NotRead as refusal:
        unread.append(str(refusal))
    ignores_root = bool(outer) and not ignore.scope(str(folder), (), outer).git
    has_rules = any(text.strip() for _, text in outer)
    return facts.Rules(
        str(top or ""),
        len(outer),
        ignores_root=ignores_root and has_rules,
        is_strange=top is not None and git_excludes.is_strange(top),
        unread=unread,
    )


# -- the machine -----------------------------------------------------------------------------------


def machine() -> facts.Machine:
    """The system, and what it runs in."""
    kernel = platform.release()
    wsl = sys.platform == "linux" and "microsoft" in kernel.lower()
    found = (name for path, name in CONTAINERS.items() if Path(path).exists())
    container = next(found, os.environ.get("container", ""))  # noqa: SIM112 - systemd's name
    return facts.Machine(f"{platform.system()} {kernel}", container, wsl)


def proxies() -> facts.Proxies:
    """The variables that most programs heed, in small and in capital letters."""
    environment = {name.lower(): value for name, value in os.environ.items() if value}
    exempt = re.split(r"[,\s]+", environment.get("no_proxy", "").strip())
    return facts.Proxies(
        tuple(name for name in PROXIES if name in environment), tuple(filter(None, exempt))
    )


def browser() -> facts.Browser:
    """The one that Python would start."""
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return facts.Browser("")
    return facts.Browser(getattr(found, "name", "") or type(found).__name__)


def libraries() -> facts.Libraries:
    """Python, and the libraries that the command needs."""
    wanted = metadata.requires(DISTRIBUTION) or []
    python = f"{platform.python_implementation()} {platform.python_version()}"
    found = (_library(requirement) for requirement in wanted)
    return facts.Libraries(python, tuple(each for each in found if each is not None))


def _library(requirement: str) -> facts.Library | None:
    """None for one that is not for this system, or was not asked for."""
    found = _REQUIREMENT.fullmatch(requirement)
    if found is None or "extra" in (found[4] or ""):
        return None
    is_optional = bool(found[4])
    if is_optional and (sys.platform == "win32" or platform.python_implementation() != "CPython"):
        return None
    try:
        version = metadata.version(found[1])
    except metadata.PackageNotFoundError:
        version = ""
    return facts.Library(found[1], found[2], version, is_optional)


# -- the network -----------------------------------------------------------------------------------


def port(asked: int | None, folder: Path) -> facts.Port:
    """Whether the port can be listened on, and who has it."""
    number = defaults.PORT if asked is None else asked
    occupied = [address for address in ADDRESSES if not _is_free(address, number)]
    server = _server(number) if occupied else None
    own = server.url if server and server.root == os.path.realpath(folder) else ""
    who = _who(number, server) if occupied else ""
    return facts.Port(
        number, asked is not None, dict.fromkeys(occupied, who), own,
        ipv6=_has_ipv6(), free=not occupied or _is_free(None, None),
    )  # fmt: skip


def _is_free(address: str | None, number: int | None) -> bool:
    if address == "::1" and not _has_ipv6():
        return True
    try:
        for each in listen(address, number):
            each.close()
    except StartError:
        return False
    return True


def _has_ipv6() -> bool:
    try:
        with closing(socket.socket(socket.AF_INET6)) as probe:
            probe.bind(("::1", 0))
    except OSError as error:
        return error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
    return True


def _who(number: int, server: registry.Running | None) -> str:
    if server is not None:
        return f"hotreload, which serves {server.root}"
    return port_owner.owner(number) if sys.platform == "linux" else ""


def _server(number: int) -> registry.Running | None:
    """The server of ours that answers on the port."""
    with suppress(HotreloadError):
        return next((each for each in registry.alive() if parse(each.url).port == number), None)
    return None


def workers(folder: Path) -> facts.Workers:
    """The service workers of the site that the server for this folder knows of, if one runs."""
    server = registry.of(folder)
    if server is None:
        return facts.Workers(())
    known = api.health(server.target).get("service_workers", ())
    return facts.Workers(tuple(map(str, known)))


def reach() -> facts.Reach:
    """Whether a server here is reached, at its addresses and by the name localhost."""
    sockets = listen(None, 0)
    try:
        number = sockets[0].getsockname()[1]
        bound = tuple(str(each.getsockname()[0]) for each in sockets)
        reached = tuple(address for address in bound if _connects(address, number))
    finally:
        for each in sockets:
            each.close()
    return facts.Reach(_localhost(), bound, reached)


def _localhost() -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo("localhost", None, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    return tuple(dict.fromkeys(str(place[0]) for *_, place in found))


def _connects(address: str, number: int) -> bool:
    try:
        socket.create_connection((address, number), CONNECT_SECONDS).close()
    except OSError:
        return False
    return True
