"""The watched tree as it was last reported, and what a look at the disk says against it.

Knows: each folder's files (inode as listed, or mtime, size and inode once looked at) and, for files
that pages use, the digest of their content. Refuses to know: events, time to wait, threads. Every
answer comes from the disk at the moment of asking: whoever says "look there" may be wrong.
"""

# Paths by the hundred thousand are strings, not objects.
# ruff: noqa: PTH114, PTH116, PTH118, PTH119, PTH120

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Final

from hotreload.serving.version import Stamp
from hotreload.watching import disk, gitfiles
from hotreload.watching.changes import Kind
from hotreload.watching.ignore import Scope
from hotreload.watching.settle import Look, State

# At the start so many files are looked at; of the others only the names and inodes are taken, which
# the listing of a folder tells at no cost.
_EXACT: Final = 5_000
# When ignore files change, files that were not changed for so many nanoseconds are not new.
_OLD: Final = 2_000_000_000

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
    """

    scope: Scope
    outer: Scope
    inode: int = 0
    files: dict[str, disk.Known] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    rules: Stamp | None = None


@dataclass(slots=True)
class Used:
    """A file that a page uses.

    Attributes:
        digest: of the content that pages have; None when it does not exist, "" when it is unknown
            or not the same for all.
        stamp: of the file that was seen to have this content.
        awaited: not all have it: some were told that it does not exist, or not that it does.
    """

    digest: str | None
    stamp: Stamp | None = None
    awaited: bool = False


class Index:
    """The known state of all watched places.

    Args:
        gitignore: whether .gitignore files count.
        since: what was changed after this time is reported; in nanoseconds since the epoch.

    Attributes:
        fresh: folders found since this was last emptied, to be covered by events.
        unreadable: folders that cannot be listed.
        at_hand: folders with files that pages use.
        mute: folders with names that are not UTF-8, of which no events can tell.
        surveyed: how many folders the last survey has listed, of how many that it knew of.
    """

    def __init__(self, *, gitignore: bool, since: int) -> None:
        self._gitignore = gitignore
        self._since = since
        self._scopes: dict[str, Scope] = {}
        self._folders: dict[str, Folder] = {}
        self._used: dict[str, Used] = {}
        self._aliases: dict[str, set[str]] = {}
        self._extra: dict[str, int] = {}
        self._exact = _EXACT
        self.fresh: list[str] = []
        self.unreadable: set[str] = set()
        self.mute: set[str] = set()
        self.at_hand: set[str] = set()
        self.surveyed = (0, 0)

    def place(self, path: str, scope: Scope) -> None:
        """Watch a folder, or give it other rules; it is to be surveyed then."""
        self._scopes[path] = scope

    def single(self, path: str, *, new: bool = False) -> None:
        """Watch one file, whatever the rules of its folder say; a new one is yet to be reported."""
        if path not in self._used:
            stamp = None if new else disk.now(path)
            self._enlist(path, Used("" if stamp else None, stamp))

    def use(self, path: str, content: str | None, found: os.stat_result | None) -> list[str]:
        """A page asked for this file.

        Args:
            path: the file.
            content: the digest of what it was served; None if there was no such file.
            found: what the path led to right after that.

        Returns:
            The file, if it is to be looked at whether that is what the disk has.
        """
        known = self._used.get(path)
        if (known and known.digest == content) or self._is_refused(path):
            return []
        if content is None and path not in self._used and disk.is_barred(path):
            self._unlearn(path)
        missing = self._known(path) is None
        if (content is None and missing) or (content and self._is_as_reported(path, found)):
            self._enlist(path, Used(content))
        else:  # others have another version, or none: whatever the disk has is news to somebody
            awaited = missing or content is None or bool(known and known.awaited)
            self._enlist(path, Used("", awaited=awaited))
        return [path]

    def is_used(self, path: str) -> bool:
        """Whether a page has asked for this file; from any thread."""
        return path in self._used

    def _is_as_reported(self, path: str, found: os.stat_result | None) -> bool:
        """Whether nobody waits to be told of a file: it is what was reported, or never will be."""
        if path not in self._used:
            folder = self._folders.get(os.path.dirname(path))
            if folder is None or folder.scope.ignored(path, folder=False):
                return True
        elif self._used[path].digest != "":
            return False
        known = self._known(path)
        if found is None or isinstance(known, str | None):
            return False
        return not disk.is_changed(known, found, self._since)

    def folders(self) -> list[str]:
        """All folders to be covered by events, the upper ones first."""
        alive = [path for path, folder in self._folders.items() if folder.inode]
        return alive + [path for path in self._extra if path not in self._folders]

    # What the disk says.

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

    def hint(self, path: str, kind: Kind) -> list[str]:
        """Something is said to have happened to a path.

        Returns:
            The files that may differ from what is known of them; folders are surveyed at once.
        """
        named = [*self._aliases.get(path, ()), *([path] if path in self._used else ())]
        if path in self._folders:
            return named + self._hint_of_folder(path, kind)
        if path in self._extra and kind is not Kind.MODIFIED:
            self._extra[path] = 0
            self._cover_extra(path)
        folder = self._folders.get(os.path.dirname(path))
        if folder is None:
            return named
        return named or self._hint_of_entry(path, folder, kind)

    def beat(self) -> list[str]:
        """What may have changed without an event: files in use, and the places themselves.

        Returns:
            The files that may differ from what is known of them.
        """
        for folder in self._extra:
            self._cover_extra(folder)
        suspects = [path for path, used in self._used.items() if _is_stale(path, used)]
        for place in self._scopes:
            if self._was_swapped(place):
                self._distrust(place)
                suspects += self.survey(place)
        return suspects

    def _was_swapped(self, place: str) -> bool:
        """Whether a place is gone, has come, or is another folder of the same name."""
        known = self._folders.get(place)
        return disk.identity(disk.status(place)) != (known.inode if known else 0)

    def look(self, path: str) -> Look:
        """Compare a file with what is known of it; what is the same is known by its stamp."""
        found = disk.status(path)
        known = self._known(path)
        if found is None or not disk.is_regular(found):
            return Look(path, State.SAME) if known is None else disk.gone(path)
        used = self._used.get(path)
        if not isinstance(known, str | None) and not disk.is_changed(
            known, found, self._since, used=used is not None
        ):
            self._learn(Look(path, State.SAME, mark=Stamp.of(found)))
            return Look(path, State.SAME)
        added = known is None or bool(used and used.awaited)
        kind = Kind.ADDED if added else Kind.MODIFIED
        look = disk.look(path, kind, known or "", self._served(path))
        if look.state is State.GONE and known is None:
            return Look(path, State.SAME)
        if look.state is State.SAME:
            self._learn(look)
        return look

    def accept(self, look: Look) -> None:
        """The change that a look showed is reported: from now on it is what is known."""
        if look.kind is Kind.DELETED:
            self._unlearn(look.path)
        elif look.path in self._used:
            self._enlist(look.path, Used(look.content or disk.digest_of(look.path)))
        if look.kind is not Kind.DELETED:
            self._learn(look)

    # Files in use.

    def _enlist(self, path: str, used: Used) -> None:
        """Enter a file in use, and the folders where its changes are to be seen."""
        self._used[path] = used
        real = self._real(path)
        if real != path:
            self._aliases.setdefault(real, set()).add(path)
        folders = {os.path.dirname(real), self._real(os.path.dirname(path))}
        self.at_hand |= folders
        for folder in folders:
            if folder not in self._folders and folder not in self._extra:
                self._extra[folder] = 0
                self._cover_extra(folder)

    def _real(self, path: str) -> str:
        """The path without links, but below a place as the place is called."""
        real = disk.resolved(path)
        for place in self._scopes:
            behind = disk.resolved(place)
            if _is_below(path, place) and _is_below(real, behind):
                return place + real[len(behind) :]
        return path if path in self._scopes else real

    def _cover_extra(self, folder: str) -> None:
        """A folder that is only watched for files in use is fresh when it is another one."""
        inode = disk.identity(disk.status(folder))
        if inode not in {0, self._extra[folder]}:
            self.fresh.append(folder)
        self._extra[folder] = inode

    def _is_refused(self, path: str) -> bool:
        """Whether --ignore names the file."""
        inside = [place for place in self._scopes if _is_below(path, place)]
        return bool(inside) and self._scopes[max(inside, key=len)].refused(path)

    # What is known of a file.

    def _known(self, path: str) -> disk.Known | str | None:
        """Its inode or its stamp; "" if only its content is known; None if it did not exist."""
        used = self._used.get(path)
        if used is not None:
            return used.stamp or (None if used.digest is None else "")
        folder = self._folders.get(os.path.dirname(path))
        known = None if folder is None else folder.files.get(os.path.basename(path))
        return None if known == disk.NO_FILE else known

    def _served(self, path: str) -> str | None:
        """The digest of what pages have of a file; None if it is in no use."""
        used = self._used.get(path)
        return None if used is None else used.digest or ""

    def _learn(self, look: Look) -> None:
        """What a look showed of a file that exists is known from now on."""
        folder = self._folders.get(os.path.dirname(look.path))
        if folder is not None and folder.inode:
            folder.files[os.path.basename(look.path)] = look.mark
        used = self._used.get(look.path)
        if used is not None:
            used.stamp = look.mark if look.sure else None
            used.digest = look.content or used.digest

    def _unlearn(self, path: str) -> None:
        if path in self._used:
            self._used[path] = Used(None)
        parent = os.path.dirname(path)
        folder = self._folders.get(parent)
        if folder is not None:
            folder.files.pop(os.path.basename(path), None)
            self._drop_if_over(parent)

    # Looking at folders.

    def _hint_of_folder(self, path: str, kind: Kind) -> list[str]:
        if kind is Kind.MODIFIED and path not in self.unreadable:
            return []
        self._distrust(path)
        return self.survey(path)

    def _hint_of_entry(self, path: str, folder: Folder, kind: Kind) -> list[str]:
        """A hint of something in a watched folder that is not itself a watched folder."""
        name = os.path.basename(path)
        if name == ".gitignore" and self._gitignore:
            return [path, *self._new_rules(os.path.dirname(path), folder)]
        if kind is not Kind.MODIFIED and disk.is_folder(path):
            return self.relist(os.path.dirname(path))
        behind = [used for used in self._used if _is_below(used, path)]  # path may be a link
        return behind + ([] if folder.scope.ignored(path, folder=False) else [path])

    def _new_rules(self, path: str, folder: Folder) -> list[str]:
        """A .gitignore was changed: part what is below anew; it itself is still to be seen."""
        before = folder.files.get(".gitignore")
        suspects = self.survey(path, news=News.LEARN_OLD)
        if before is None:
            folder.files.pop(".gitignore", None)
        return suspects

    def _distrust(self, path: str) -> None:
        """A folder may be another one with the same inode: it is covered anew."""
        folder = self._folders.get(path)
        if folder is not None and folder.inode:
            folder.inode = -1
            for name in folder.folders:
                self._distrust(os.path.join(path, name))

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
        return disk.UNTOLD if disk.changed(found) > self._since else Stamp.of(found)

    def _if_old(self, entry: os.DirEntry[str]) -> disk.Known | None:
        """The stamp of a file that was not changed just now."""
        found = disk.status(entry.path)
        old = found is None or disk.changed(found) < time.time_ns() - _OLD
        return self._exactly(entry) if old else None

    def _inherited(self, path: str) -> Scope | None:
        """The scope that a folder inherits; None if it is not watched."""
        if path in self._scopes:
            return self._scopes[path]
        if path in self._extra and os.path.islink(path):
            return None
        above, name = os.path.split(path)
        parent = self._folders.get(above)
        if parent is None:
            return None
        if name not in parent.folders and parent.scope.ignored(path, folder=True):
            return None
        return parent.scope

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
        rules = disk.now(file) if file else None
        if rules != folder.rules:
            text = gitfiles.read(Path(file)) if file and rules else None
            folder.scope = folder.outer if text is None else folder.outer.within(path, text)
            folder.rules = rules

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
        return entry.path not in self._scopes and not scope.ignored(entry.path, folder=True)

    def _vanish(self, path: str, suspects: list[str]) -> None:
        """A folder is gone: all files that were in it are to be looked at."""
        self.unreadable.discard(path)
        self.mute.discard(path)
        folder = self._folders.get(path)
        if folder is None:
            return
        for name in folder.folders:
            self._vanish(os.path.join(path, name), suspects)
        folder.inode, folder.folders = 0, set()
        _suspect(path, folder, list(folder.files), suspects)
        self._drop_if_over(path)

    def _drop(self, path: str) -> None:
        """A folder is ignored from now on: nothing is known of it any more."""
        folder = self._folders.pop(path, None)
        for name in folder.folders if folder else ():
            self._drop(os.path.join(path, name))

    def _drop_if_over(self, path: str) -> None:
        folder = self._folders[path]
        if not folder.inode and not folder.files:
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


def _is_stale(path: str, used: Used) -> bool:
    """Whether a file in use is not what was last seen of it."""
    found = disk.now(path)
    return found != used.stamp or (found is None and used.digest is not None)


def _is_utf8(name: str) -> bool:
    """Whether the bytes of a name are UTF-8; others come as lone surrogates."""
    if name.isascii():
        return True
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(folder.removesuffix(os.sep) + os.sep)
