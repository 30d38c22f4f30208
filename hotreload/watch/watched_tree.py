"""The watched folders as they were last listed, and what a listing says against it.

Knows: which folders are watched, by which rules, and each one's files: their inodes as listed, or
their stamps once they were looked at. Refuses to know: events, which files pages use, and what is
in a file. Every answer comes from the disk at the moment of asking.
"""

# Paths by the hundred thousand are strings, not objects.
# ruff: noqa: PTH114, PTH116, PTH118, PTH119, PTH120

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Final

from hotreload.errors import shown
from hotreload.files import git_excludes, untrusted_files
from hotreload.files.ignore import Scope
from hotreload.files.stamp import FileStamp
from hotreload.watch import disk
from hotreload.watch.changes import ChangeKind

# At the start so many files are looked at; of the others only the names and inodes are taken, which
# the listing of a folder tells at no cost.
_EXACT: Final = 5_000
# When ignore files change, files that were not changed for so many nanoseconds are not new.
_OLD: Final = 2_000_000_000
# The room for the texts of all .gitignore files; besides its text each takes some of it.
_ROOM: Final = 4 * 2**20
_EACH: Final = 256

Learner = Callable[[os.DirEntry[str]], disk.Known | None]


class News(Enum):
    """What is done with files that were not known before."""

    REPORT = auto()
    LEARN = auto()
    LEARN_OLD = auto()  # report those that were changed just now: rules and files change together


@dataclass(slots=True)
class Folder:
    """One watched folder.

    Attributes:
        scope: what is ignored directly in it.
        outer: the scope that it inherits from.
        inode: its number; 0 when the folder is gone and its files are not yet reported so.
        files: name to inode as listed, or to the stamp as last looked at.
        folders: the names of the watched folders in it.
        rules: the stamp of its .gitignore.
        weight: how much of the room for rules these take.
    """

    scope: Scope
    outer: Scope
    inode: int = 0
    files: dict[str, disk.Known] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    rules: FileStamp | None = None
    weight: int = 0


class WatchedTree:
    """The watched places, and all folders in them that are not ignored.

    Args:
        gitignore: whether .gitignore files count.
        since: what was changed after this time is reported; in nanoseconds since the epoch.

    Attributes:
        places: the folders at the top, with the rules that hold there.
        fresh: folders found since this was last emptied, to be covered by events.
        unreadable: folders that cannot be listed.
        mute: folders with names that are not UTF-8, of which no events can tell.
        unread: a sentence for each .gitignore that was found and not read, to be told.
        surveyed: how many folders the last survey has listed, of how many that it knew of.
    """

    def __init__(self, *, gitignore: bool, since: int) -> None:
        self._gitignore = gitignore
        self._since = since
        self._folders: dict[str, Folder] = {}
        self._exact = _EXACT
        self.places: dict[str, Scope] = {}
        self.fresh: list[str] = []
        self.unreadable: set[str] = set()
        self.mute: set[str] = set()
        self.unread: list[str] = []
        self._weight = 0
        self.surveyed = (0, 0)

    def __contains__(self, path: str) -> bool:
        """Whether it is a watched folder, or was one whose files are not yet reported gone."""
        return path in self._folders

    def place(self, path: str, scope: Scope) -> None:
        """Watch a folder, or give it other rules; it is to be surveyed then."""
        self.places[path] = scope

    def folders(self) -> list[str]:
        """All folders to be covered by events, the upper ones first."""
        return [path for path, folder in self._folders.items() if folder.inode]

    # What is known of a file.

    def known(self, path: str) -> disk.Known | None:
        """Its inode or its stamp; None if it did not exist, or is in no watched folder."""
        folder = self._folders.get(os.path.dirname(path))
        known = None if folder is None else folder.files.get(os.path.basename(path))
        return None if known == disk.NO_FILE else known

    def learn(self, path: str, stamp: FileStamp) -> None:
        """This is known of a file from now on."""
        folder = self._folders.get(os.path.dirname(path))
        if folder is not None and folder.inode:
            folder.files[os.path.basename(path)] = stamp

    def forget(self, path: str) -> None:
        """A file is known to be gone from now on."""
        parent = os.path.dirname(path)
        folder = self._folders.get(parent)
        if folder is not None:
            folder.files.pop(os.path.basename(path), None)
            self._drop_if_over(parent)

    def ignores(self, path: str) -> bool:
        """Whether nobody hears of a file unless a page uses it."""
        folder = self._folders.get(os.path.dirname(path))
        return folder is None or folder.scope.ignored(path, folder=False)

    def refuses(self, path: str) -> bool:
        """Whether --ignore names the file."""
        top = self.top(path)
        return top is not None and self.places[top].refused(path)

    def top(self, path: str) -> str | None:
        """The place that a file lies in, the innermost one; None if it lies in none."""
        return max((p for p in self.places if is_below(path, p)), key=len, default=None)

    # What the disk says: each of these gives the files that may differ from what is known of them.

    def survey(self, top: str, *, deep: bool = False, news: News = News.REPORT) -> list[str]:
        """List a folder and all below it.

        Args:
            top: the folder.
            deep: whether each file is looked at, not only its name and inode.
            news: what is to be done with files that were not known.

        Returns:
            The files that may differ from what is known of them.
        """
        suspects: list[str] = []
        todo = [top]
        for done, path in enumerate(todo, 1):
            todo += self._list(path, suspects, deep=deep, news=news)
            self.surveyed = (done, len(todo))
        return suspects

    def relist(self, path: str, *, deep: bool = False, news: News = News.REPORT) -> list[str]:
        """List one folder, and below it only what is new; otherwise the same as `survey`."""
        suspects: list[str] = []
        for child in self._list(path, suspects, deep=deep, news=news):
            known = self._folders.get(child)
            if known is None or not known.inode:
                suspects += self.survey(child, deep=deep, news=news)
        return suspects

    def hint_of_folder(self, path: str, kind: ChangeKind) -> list[str]:
        """Something is said to have happened to a watched folder."""
        if kind is ChangeKind.MODIFIED and path not in self.unreadable:
            return []
        self._distrust(path)
        return self.survey(path)

    def hint_of_entry(self, path: str, kind: ChangeKind) -> list[str]:
        """The same of something that is itself no watched folder."""
        parent, name = os.path.split(path)
        folder = self._folders.get(parent)
        if folder is None:
            return []
        if name == ".gitignore" and self._gitignore:
            return [path, *self._new_rules(parent, folder)]
        if kind is not ChangeKind.MODIFIED and disk.is_folder(path):
            return self.relist(parent)
        return [] if folder.scope.ignored(path, folder=False) else [path]

    def recheck_places(self) -> list[str]:
        """Survey the places that are gone, have come, or are other folders of the same name."""
        suspects = []
        for place in self.places:
            known = self._folders.get(place)
            if disk.identity(disk.status(place)) != (known.inode if known else 0):
                self._distrust(place)
                suspects += self.survey(place)
        return suspects

    def _new_rules(self, path: str, folder: Folder) -> list[str]:
        """A .gitignore was changed: part what is below anew; it itself is still to be seen."""
        before = folder.files.get(".gitignore")
        suspects = self.survey(path, news=News.LEARN_OLD)
        if before is None:
            folder.files.pop(".gitignore", None)
        return suspects

    def _distrust(self, path: str) -> None:
        """A folder may be another one with the same inode: it is covered anew."""
        for _, folder in self._inside(path):
            if folder is not None and folder.inode:
                folder.inode = -1

    def _list(self, path: str, suspects: list[str], *, deep: bool, news: News) -> list[str]:
        """List one folder; returns the folders in it."""
        scope = self._inherited(path)
        if scope is None:
            return []
        try:
            status = os.stat(path)
            with os.scandir(path) as found:
                entries = list(found)
        except OSError as error:
            self._unlisted(path, error, suspects)
            return []
        names = [entry.name for entry in entries]
        self._listen(path, names)
        folder = self._enter(path, status, scope)
        self._read_rules(path, folder, present=".gitignore" in names)
        files, inside = self._part(path, folder, entries, suspects)
        self._exact -= len(files)
        learn = self._learner(news, exact=self._exact > 0 or deep)
        differing = _compare(folder.files, files, learn, self._since if deep else None)
        _suspect(path, folder, differing, suspects)
        return inside

    def _learner(self, news: News, *, exact: bool) -> Learner:
        """What is taken as known of a file that was not; None if it is reported."""
        if news is News.REPORT:
            return lambda _: None
        if news is News.LEARN_OLD:
            return self._if_old
        return self._exactly if exact else self._cheaply

    def _cheaply(self, entry: os.DirEntry[str]) -> disk.Known:
        """The inode, which the listing tells; of links it does not."""
        return disk.inode(entry) or self._exactly(entry)

    def _exactly(self, entry: os.DirEntry[str]) -> disk.Known:
        """The stamp of a file, if it was not changed since the watching began."""
        found = disk.status(entry.path)
        if found is None or not disk.is_regular(found):
            return disk.NO_FILE
        return disk.UNTOLD if disk.changed(found) > self._since else FileStamp.of(found)

    def _if_old(self, entry: os.DirEntry[str]) -> disk.Known | None:
        """The stamp of a file that was not changed just now."""
        found = disk.status(entry.path)
        old = found is None or disk.changed(found) < time.time_ns() - _OLD
        return self._exactly(entry) if old else None

    def _inherited(self, path: str) -> Scope | None:
        """The scope that a folder inherits; None if it is not watched."""
        if path in self.places:
            return self.places[path]
        above, name = os.path.split(path)
        parent = self._folders.get(above)
        if parent is None:
            return None
        if name in parent.folders:
            return parent.scope
        ignored = os.path.islink(path) or parent.scope.ignored(path, folder=True)
        return None if ignored else parent.scope

    def _unlisted(self, path: str, error: OSError, suspects: list[str]) -> None:
        if error.errno in disk.MISSING:
            self._vanish(path, suspects)
        else:
            self.unreadable.add(path)

    def _enter(self, path: str, status: os.stat_result, scope: Scope) -> Folder:
        """The entry of a folder that exists; it is fresh when it is new or another one."""
        self.unreadable.discard(path)
        folder = self._folders.get(path)
        if folder is None:
            folder = self._folders[path] = Folder(scope, scope)
        inode = disk.identity(status)
        if folder.inode != inode:
            folder.inode = inode
            self.fresh.append(path)
        if folder.outer is not scope:
            folder.outer = folder.scope = scope
            folder.rules = None
        return folder

    def _listen(self, path: str, names: list[str]) -> None:
        """Note whether events can tell of this folder."""
        if _is_utf8(path) and _is_utf8("".join(names)):
            self.mute.discard(path)
        else:
            self.mute.add(path)

    def _read_rules(self, path: str, folder: Folder, *, present: bool) -> None:
        """Take up the folder's .gitignore when it is new, changed or gone."""
        file = os.path.join(path, ".gitignore") if present and self._gitignore else None
        rules = disk.entry(file) if file else None
        if rules != folder.rules:
            self._unweigh(folder)
            text = self._text(Path(file), folder) if file and rules else None
            folder.scope = folder.outer if text is None else folder.outer.within(path, text)
            folder.rules = rules

    def _text(self, file: Path, folder: Folder) -> str | None:
        """What a .gitignore says, if it may be read and there is room for it."""
        try:
            text = git_excludes.rules(file) or ""
        except untrusted_files.NotRead as refusal:
            self.unread.append(str(refusal))
            return None
        weight = _EACH + len(text)
        if self._weight + weight > _ROOM:
            self.unread.append(f"cannot read {shown(file)}: the .gitignore files are too many")
            return None
        folder.weight = weight
        self._weight += weight
        return text

    def _unweigh(self, folder: Folder | None) -> None:
        """The rules of a folder count no more."""
        if folder is not None:
            self._weight -= folder.weight
            folder.weight = 0

    def _part(
        self,
        path: str,
        folder: Folder,
        entries: list[os.DirEntry[str]],
        suspects: list[str],
    ) -> tuple[dict[str, os.DirEntry[str]], list[str]]:
        """Part files from folders, and enter which of the folders are watched."""
        files, inside, ignored = {}, {}, set()
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                files[entry.name] = entry
            elif self._is_watched(folder.scope, entry):
                inside[entry.name] = entry.path
            else:
                ignored.add(entry.name)
        for name in folder.folders - inside.keys():
            child = os.path.join(path, name)
            self._drop(child) if name in ignored else self._vanish(child, suspects)
        folder.folders = set(inside)
        return files, list(inside.values())

    def _is_watched(self, scope: Scope, entry: os.DirEntry[str]) -> bool:
        return entry.path not in self.places and not scope.ignored(entry.path, folder=True)

    def _vanish(self, path: str, suspects: list[str]) -> None:
        """A folder is gone: all files that were in it are to be looked at."""
        for each, folder in reversed(list(self._inside(path))):
            self.unreadable.discard(each)
            self.mute.discard(each)
            if folder is not None:
                folder.inode, folder.folders = 0, set()
                _suspect(each, folder, list(folder.files), suspects)
                self._drop_if_over(each)

    def _drop(self, path: str) -> None:
        """A folder is ignored from now on: nothing is known of it any more."""
        for each, folder in list(self._inside(path)):
            self._unweigh(folder)
            self._folders.pop(each, None)

    def _inside(self, path: str) -> Iterator[tuple[str, Folder | None]]:
        """A folder and all that are known to be below it, the upper ones first."""
        ahead = [path]
        while ahead:
            each = ahead.pop()
            folder = self._folders.get(each)
            yield each, folder
            ahead += [os.path.join(each, name) for name in (folder.folders if folder else ())]

    def _drop_if_over(self, path: str) -> None:
        folder = self._folders[path]
        if not folder.inode and not folder.files:
            self._unweigh(folder)
            del self._folders[path]


def _compare(
    known: dict[str, disk.Known],
    files: dict[str, os.DirEntry[str]],
    learn: Learner,
    since: int | None,
) -> list[str]:
    """The names whose files may differ from what is known of a folder.

    Args:
        known: what is known.
        files: what is there.
        learn: what is taken as known of a file that was not; None if it differs.
        since: when those became known of which only the inode is; None to compare inodes only.
    """
    names = [name for name in known if name not in files]
    for name, entry in files.items():
        if name not in known:
            learnt = learn(entry)
            if learnt is not None:
                known[name] = learnt
                continue
        elif not disk.differs(known[name], entry, since):
            continue
        names.append(name)
    return names


def _suspect(path: str, folder: Folder, names: Iterable[str], suspects: list[str]) -> None:
    """Suspect files by name; ignored ones are forgotten instead."""
    for name in names:
        file = os.path.join(path, name)
        if folder.scope.ignored(file, folder=False):
            folder.files.pop(name, None)
        else:
            suspects.append(file)


def _is_utf8(name: str) -> bool:
    """Whether the bytes of a name are UTF-8; others come as lone surrogates."""
    if name.isascii():
        return True
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_below(path: str, folder: str) -> bool:
    """Whether a path leads into a folder."""
    return path.startswith(folder.removesuffix(os.sep) + os.sep)
