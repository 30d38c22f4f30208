"""Edge: what git says of a watched place from outside of it.

Knows: where git keeps ignore files (gitignore(5)), and how to see that it works on a tree.
Refuses to know: what the lines mean. Reads regular files, runs nothing; git itself follows no link
that is named `.gitignore`, and reads no ignore file beyond a size.
"""

import math
import os
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hotreload.files import owners, untrusted_files

# An ignore file that is larger is not read; people write a thousandth of this.
_MOST: Final = 256 * 2**10
# A lock that is older was left behind, or git waits for a person's editor.
_WORKING = 10.0
# While git makes several commits one of these exists, and the index is no older than that.
_SEVERAL = ("rebase-merge", "rebase-apply", "sequencer")
_BETWEEN = 1.0


@dataclass(frozen=True, slots=True)
class OuterExcludes:
    """Git's ignore files that reach a place from outside of it.

    Attributes:
        texts: the folder that each is relative to and its text, the nearest first.
        sources: the files that were looked for, whether they exist or not.
        unread: a sentence for each that is there and was not read.
    """

    texts: tuple[tuple[str, str], ...] = ()
    sources: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    def stamp(self) -> tuple[tuple[int, int] | None, ...]:
        """A value that differs when one of the files was changed."""
        return tuple(_stamp(source) for source in self.sources)


def outer_excludes(place: Path) -> OuterExcludes:
    """The ignore files of the repository that a place lies in.

    None if it lies in none, or in one of another user, as git has it.
    """
    top = repository(place)
    if top is None or is_strange(top):
        return OuterExcludes()
    files = [(folder, folder / ".gitignore") for folder in place.parents if _within(folder, top)]
    files.append((top, _common(_git_folder(top)) / "info" / "exclude"))
    files.append((top, _excludes(top)))
    texts, unread = [], []
    for base, file in files:
        try:
            text = rules(file, links=file.name != ".gitignore")
        except untrusted_files.NotRead as refusal:
            unread.append(str(refusal))
        else:
            texts += [] if text is None else [(str(base), text)]
    return OuterExcludes(tuple(texts), tuple(str(file) for _, file in files), tuple(unread))


def repository(place: Path) -> Path | None:
    """The top folder of the repository that a place lies in."""
    for folder in (place, *place.parents):
        if os.path.lexists(folder / ".git"):
            return folder
    return None


def is_strange(top: Path) -> bool:
    """Whether a repository belongs to another user: then what it says does not count."""
    with suppress(OSError):
        return bool(owners.strange(top / ".git"))
    return False


def remark(place: Path) -> str:
    """Why what the repository around a place says does not count; empty where it does."""
    top = repository(place)
    if top is None or not is_strange(top):
        return ""
    return f"the repository {top} belongs to another user: its ignore files do not count"


def lock(place: Path) -> Path | None:
    """The file that exists while git changes the tree that a place lies in."""
    top = repository(place)
    return None if top is None else _git_folder(top) / "index.lock"


def is_working(index_lock: Path) -> bool:
    """Whether git changes the tree now, or is between two of several commits.

    A rebase that waits for a person leaves the index alone.
    """
    if _age(index_lock) < _WORKING:
        return True
    git = index_lock.parent
    return any((git / name).exists() for name in _SEVERAL) and _age(git / "index") < _BETWEEN


def _age(file: Path) -> float:
    """In seconds; of a file that does not exist it is endless."""
    try:
        return time.time() - file.stat().st_mtime
    except OSError:
        return math.inf


def rules(file: Path, *, links: bool = False) -> str | None:
    """The text of an ignore file; None if there is none.

    Args:
        file: its path.
        links: whether it may be a link; one that is checked out with the tree may not.

    Raises:
        NotRead: there is one, and it is not read.
    """
    data = untrusted_files.read(file, _MOST, links=links)
    return None if data is None else data.decode("utf-8", "surrogateescape")


def read(file: Path) -> str | None:
    """The text of another file of git, or of the system; None if there is none to be read."""
    try:
        data = untrusted_files.read(file)
    except untrusted_files.NotRead:
        return None
    return None if data is None else data.decode("utf-8", "surrogateescape")


def _within(folder: Path, top: Path) -> bool:
    return folder == top or top in folder.parents


def _stamp(file: str) -> tuple[int, int] | None:
    try:
        status = Path(file).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _git_folder(top: Path) -> Path:
    """`.git`, or where the file `.git` of a worktree or a submodule points."""
    git = top / ".git"
    text = read(git) or ""
    return top / text.removeprefix("gitdir:").strip() if text.startswith("gitdir:") else git


def _common(git: Path) -> Path:
    """The folder that the worktrees of one repository share."""
    text = read(git / "commondir")
    return git if text is None else git / text.strip()


def _excludes(top: Path) -> Path:
    """The ignore file of all repositories of this person (core.excludesFile)."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - where there is none, it stays as it is
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "git"
    named = os.environ.get("GIT_CONFIG_GLOBAL")
    people = [Path(named)] if named else [home / ".gitconfig", config / "config"]
    for file in (_common(_git_folder(top)) / "config", *people, Path("/etc/gitconfig")):
        setting = excludes_setting(read(file) or "")
        if setting:
            return top / os.path.expanduser(setting)  # noqa: PTH111 - as above
    return config / "ignore"


def excludes_setting(config: str) -> str | None:
    """The value of core.excludesFile in the text of a git configuration file; the last one."""
    section, value = "", None
    for line in config.splitlines():
        heading = re.match(r"\s*\[\s*([^]\s]+)\s*\]", line)
        section = heading[1].lower() if heading else section
        setting = re.match(r"(?:\s*\[[^]]*\])?\s*excludesfile\s*=\s*(.*)", line, re.IGNORECASE)
        if section == "core" and setting:
            value = re.sub(r'\s+[#;][^"]*$', "", setting[1]).strip().strip('"')
    return value
