"""Edge: the watched folders as they were last listed, and what a listing says against it.

Knows: which folders are watched, by which rules, and which files may differ from what is known of
them. Refuses to know: events, which files pages use, and what is in a file. Every answer comes from
the disk at the moment of asking.
"""

# Paths by the hundred thousand are strings, not objects.
# ruff: noqa: PTH114, PTH116, PTH118, PTH120

import os

from hotreload.files.ignore import Scope
from hotreload.watch import disk
from hotreload.watch.changes import ChangeKind
from hotreload.watch.first_look import FirstLook, Learner, News
from hotreload.watch.folder_rules import FolderRules
from hotreload.watch.folder_table import Folder, FolderTable


class WatchedTree:
    """The watched places, and all folders in them that are not ignored.

    Args:
        gitignore: whether .gitignore files count.
        since: what was changed after this time is reported; in nanoseconds since the epoch.

    Attributes:
        table: what is known of each folder and its files.
        rules: the .gitignore files of the folders.
        places: the folders at the top, with the rules that hold there.
        fresh: folders found since this was last emptied, whose events are to be requested.
        unreadable: folders that cannot be listed.
        mute: folders with names that are not UTF-8, which no event can carry.
        surveyed: how many folders the last survey has listed, of how many that it knew of.
    """

    def __init__(self, *, gitignore: bool, since: int) -> None:
        self._since = since
        self._first_look = FirstLook(since)
        self.table = FolderTable()
        self.rules = FolderRules(self.table, gitignore=gitignore)
        self.places: dict[str, Scope] = {}
        self.fresh: list[str] = []
        self.unreadable: set[str] = set()
        self.mute: set[str] = set()
        self.surveyed = (0, 0)

    def place(self, path: str, scope: Scope) -> None:
        """Watch a folder, or give it other rules; it is to be surveyed then."""
        self.places[path] = scope

    def ignores(self, path: str) -> bool:
        """Whether changes of a file are not reported unless a page uses it."""
        folder = self.table.get(os.path.dirname(path))
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
            known = self.table.get(child)
            if known is None or not known.inode:
                suspects += self.survey(child, deep=deep, news=news)
        return suspects

    def hint_of_folder(self, path: str, kind: ChangeKind) -> list[str]:
        """Something is said to have happened to a watched folder."""
        if kind is ChangeKind.MODIFIED and path not in self.unreadable:
            return []
        self.table.distrust(path)
        return self.survey(path)

    def hint_of_entry(self, path: str, kind: ChangeKind) -> list[str]:
        """The same of something that is itself no watched folder."""
        parent, name = os.path.split(path)
        folder = self.table.get(parent)
        if folder is None:
            return []
        if name == ".gitignore" and self.rules.counts:
            return [path, *self._new_rules(parent, folder)]
        if kind is not ChangeKind.MODIFIED and disk.is_folder(path):
            return self.relist(parent)
        return [] if folder.scope.ignored(path, folder=False) else [path]

    def recheck_places(self) -> list[str]:
        """Survey the places that are gone, have come, or are other folders of the same name."""
        suspects = []
        for place in self.places:
            known = self.table.get(place)
            if disk.identity(disk.status(place)) != (known.inode if known else 0):
                self.table.distrust(place)
                suspects += self.survey(place)
        return suspects

    def _new_rules(self, path: str, folder: Folder) -> list[str]:
        """A .gitignore was changed: part what is below anew; it itself is still to be seen."""
        before = folder.files.get(".gitignore")
        suspects = self.survey(path, news=News.LEARN_OLD)
        if before is None:
            folder.files.pop(".gitignore", None)
        return suspects

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
        self._note_names(path, names)
        folder = self._enter(path, status, scope)
        self.rules.read(path, folder, present=".gitignore" in names)
        files, inside = self._part(path, folder, entries, suspects)
        learn = self._first_look.learner(news, len(files), deep=deep)
        differing = _compare(folder.files, files, learn, self._since if deep else None)
        suspects += folder.suspects(path, differing)
        return inside

    def _inherited(self, path: str) -> Scope | None:
        """The scope that a folder inherits; None if it is not watched."""
        if path in self.places:
            return self.places[path]
        above, name = os.path.split(path)
        parent = self.table.get(above)
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
        folder = self.table.enter(path, scope)
        inode = disk.identity(status)
        if folder.inode != inode:
            folder.inode = inode
            self.fresh.append(path)
        return folder

    def _note_names(self, path: str, names: list[str]) -> None:
        """Note whether events can carry the names in this folder."""
        if _is_utf8(path) and _is_utf8("".join(names)):
            self.mute.discard(path)
        else:
            self.mute.add(path)

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
            self.table.drop(child) if name in ignored else self._vanish(child, suspects)
        folder.folders = set(inside)
        return files, list(inside.values())

    def _is_watched(self, scope: Scope, entry: os.DirEntry[str]) -> bool:
        return entry.path not in self.places and not scope.ignored(entry.path, folder=True)

    def _vanish(self, path: str, suspects: list[str]) -> None:
        """A folder is gone: all files that were in it are to be looked at."""
        gone, files = self.table.vanish(path)
        self.unreadable.difference_update(gone)
        self.mute.difference_update(gone)
        suspects += files


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
