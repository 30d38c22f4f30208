"""Which servers run for this user: each leaves a small file that says where it answers.

Knows: where such files are kept on each system, and how one that was left behind is recognised:
by asking the server. Refuses to know: what the server is asked for after that.

The folder is the user's own: below $XDG_RUNTIME_DIR where there is one, below %LOCALAPPDATA% on
Windows, else in the folder for temporary files, if no other user has put it there.
"""

import json
import os
import stat
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from hotreload.errors import HotreloadError, UsageError, reason
from hotreload.remote.target import Target, parse
from hotreload.reporter import Reporter
from hotreload.security.basic_auth import RUN_USER

SUFFIX: Final = ".json"
# A server on this machine that is not busy answers in one.
HEALTH_SECONDS: Final = 1.0
_UNSPECIFIED: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class NotFound(HotreloadError):
    """No server runs for the folder, or more than one."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that runs.

    Attributes:
        pid: its process.
        url: where it answers on this machine, ending with a slash.
        root: the folder that it serves, absolute.
        run: id of the run.
        started: seconds since the epoch.
        key: what lets this user's programs in where others need a password; else empty.
    """

    pid: int
    url: str
    root: str
    run: str
    started: float
    key: str = field(default="", repr=False)

    @property
    def target(self) -> Target:
        """Where to connect to, and as whom."""
        target = parse(self.url)
        return target.with_user(f"{RUN_USER}:{self.key}") if self.key else target


# -- what a server does ---------------------------------------------------------------------------


@contextmanager
def announce(url: str, root: Path, run: str, report: Reporter, key: str = "") -> Iterator[None]:
    """Lets other commands find this server for as long as the context lasts.

    Args:
        url: where it answers.
        root: the folder that it serves.
        run: id of the run.
        report: called with one sentence if it cannot be done; the server runs all the same.
        key: lets other commands of this user in without the password.
    """
    here = Running(os.getpid(), _reachable(url), os.path.realpath(root), run, time.time(), key)
    try:
        path = _folder() / (run + SUFFIX)
        _write(path, json.dumps(asdict(here)))
    except OSError as error:
        why = f"{reason(error)}: {error.filename}"
        report(f"other commands will need --url to find this server ({why})", False)
        yield
        return
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()


def _reachable(url: str) -> str:
    """An address to connect to: "all interfaces" is none."""
    target = parse(url)
    host = _UNSPECIFIED.get(target.host, target.host)
    return Target(target.secure, host, target.port).site_url


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all, and readable to this user alone."""
    draft = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def _folder() -> Path:
    """The folder of such files, made if there is none.

    Raises:
        OSError: it cannot be made, or belongs to another user.
    """
    if sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA") or tempfile.gettempdir(), "hotreload", "run")
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if given.startswith("/") and _is_ours(given):
        folder = Path(given, "hotreload")
    else:
        folder = Path(tempfile.gettempdir(), f"hotreload-{os.geteuid()}")
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    if not _is_ours(folder):
        raise PermissionError(0, "the folder is open to others", str(folder))
    return folder


def _is_ours(folder: str | Path) -> bool:
    """A real folder of this user, which no other user may write to or read."""
    try:
        facts = os.lstat(folder)
    except OSError:
        return False
    return (
        stat.S_ISDIR(facts.st_mode)
        and facts.st_uid == os.geteuid()
        and not stat.S_IMODE(facts.st_mode) & 0o077
    )


# -- what other commands do -----------------------------------------------------------------------


def find(cwd: Path) -> Running:
    """The server that runs for a folder: its root is the folder, or above it, or below it.

    Args:
        cwd: the folder.

    Raises:
        NotFound: there is none, or it is not clear which one is meant.
    """
    servers = list(alive())
    near = nearest(servers, os.path.realpath(cwd))
    if len(near) == 1:
        return near[0]
    if near:
        raise NotFound(f"more than one server runs for {cwd}: say which with --url: {_list(near)}")
    others = f"; elsewhere: {_list(servers)}" if servers else ""
    hint = "start one with `hotreload serve`, or say where with --url"
    raise NotFound(f"no server runs for {cwd}: {hint}{others}")


def of(root: Path) -> Running | None:
    """A server that serves exactly this folder, if one runs."""
    wanted = os.path.realpath(root)
    with suppress(OSError):
        servers = filter(None, map(_read, sorted(_folder().glob("*" + SUFFIX))))
        return next((one for one in servers if one.root == wanted and _is_true(one)), None)
    return None


def nearest(servers: Sequence[Running], folder: str) -> list[Running]:
    """Those whose root is the folder or the nearest above it; else those below it."""
    above = [one for one in servers if _is_in(folder, one.root)]
    if above:
        depth = max(len(_parts(one.root)) for one in above)
        return [one for one in above if len(_parts(one.root)) == depth]
    return [one for one in servers if _is_in(one.root, folder)]


def alive() -> Iterator[Running]:
    """Every server that runs; what others left behind is removed.

    Raises:
        NotFound: the folder of their files cannot be used.
    """
    try:
        paths = sorted(_folder().glob("*" + SUFFIX))
    except OSError as error:
        why = f"{error.filename}: {reason(error)}"
        raise NotFound(f"{why}; say where the server is with --url") from None
    for path in paths:
        server = _read(path)
        if server is None:
            continue
        if _is_true(server):
            yield server
        else:
            with suppress(OSError):
                path.unlink()


def _read(path: Path) -> Running | None:
    """None for what is gone by now, or was not written by this version."""
    try:
        fields: Any = json.loads(path.read_bytes())
        match fields:
            case {"pid": int(), "url": str(url), "root": str(), "run": str(), "started": _}:
                parse(url)
                return Running(**fields)
    except (OSError, ValueError, TypeError, RecursionError, UsageError):
        return None
    return None


def _is_true(server: Running) -> bool:
    """Ask the server; if it cannot answer, or not be believed, look for its process."""
    from hotreload.remote import api  # a server that starts need not load it

    try:
        return api.health(server.target, HEALTH_SECONDS).get("run") == server.run
    except (api.TimedOut, api.Untrusted):
        return _is_process(server.pid)
    except HotreloadError:
        return False


def _is_process(pid: int) -> bool:
    if sys.platform == "win32":
        return True  # os.kill would end it there; a server that listens has not ended
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # another user's
    return True


def _is_in(folder: str, root: str) -> bool:
    return _parts(folder)[: len(_parts(root))] == _parts(root)


def _parts(folder: str) -> tuple[str, ...]:
    return Path(os.path.normcase(folder)).parts


def _list(servers: Sequence[Running]) -> str:
    return ", ".join(f"{one.url} ({one.root})" for one in servers)
