"""The watched folders and their files, as they were last listed or looked at.

Knows: what is known of each folder, and which folders are in it. Refuses to know: the disk, events,
and which folders are watched.
"""

# Paths by the hundred thousand are strings, not objects.
# ruff: noqa: PTH118, PTH119, PTH120

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from hotreload.files.ignore import Scope
from hotreload.files.stamp import FileStamp
from hotreload.watch.disk import NO_FILE, Known


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
    files: dict[str, Known] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    rules: FileStamp | None = None
    weight: int = 0

    def suspects(self, path: str, names: Iterable[str]) -> list[str]:
        """The paths of some of its files; ignored ones are forgotten instead.

        Args:
            path: of the folder.
            names: of the files.
        """
        suspects = []
        for name in names:
            file = os.path.join(path, name)
            if self.scope.ignored(file, folder=False):
                self.files.pop(name, None)
            else:
                suspects.append(file)
        return suspects


class FolderTable:
    """All folders by path.

    Attributes:
        weight: how much of the room for rules is taken.
    """

    def __init__(self) -> None:
        self._folders: dict[str, Folder] = {}
        self.weight = 0

    def __contains__(self, path: str) -> bool:
        """Whether it is a watched folder, or was one whose files are not yet reported gone."""
        return path in self._folders

    def get(self, path: str) -> Folder | None:
        """What is known of a folder."""
        return self._folders.get(path)

    def enter(self, path: str, scope: Scope) -> Folder:
        """The entry of a folder, which inherits this scope; a new one if there is none."""
        folder = self._folders.get(path)
        if folder is None:
            folder = self._folders[path] = Folder(scope, scope)
        elif folder.outer is not scope:
            folder.outer = folder.scope = scope
            folder.rules = None
        return folder

    def existing(self) -> list[str]:
        """The paths of all folders that exist, the upper ones first."""
        return [path for path, folder in self._folders.items() if folder.inode]

    # Files.

    def known(self, path: str) -> Known | None:
        """What is known of a file; None if it did not exist, or is in no watched folder."""
        folder = self._folders.get(os.path.dirname(path))
        known = None if folder is None else folder.files.get(os.path.basename(path))
        return None if known == NO_FILE else known

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
            self._drop_if_over(parent, folder)

    # Folders that are not what they were.

    def distrust(self, path: str) -> None:
        """A folder and those below it may be others with the same inodes."""
        for _, folder in self._inside(path):
            if folder is not None and folder.inode:
                folder.inode = -1

    def vanish(self, path: str) -> tuple[list[str], list[str]]:
        """A folder is gone, with all that was below it.

        Returns:
            The folders, the lower ones first, and all files that were known in them.
        """
        gone, suspects = [], []
        for each, folder in reversed(list(self._inside(path))):
            gone.append(each)
            if folder is not None:
                folder.inode, folder.folders = 0, set()
                suspects += folder.suspects(each, list(folder.files))
                self._drop_if_over(each, folder)
        return gone, suspects

    def drop(self, path: str) -> None:
        """A folder is ignored from now on: nothing is known of it any more."""
        for each, folder in list(self._inside(path)):
            if folder is not None:
                self.weigh(folder, 0)
                del self._folders[each]

    def weigh(self, folder: Folder, weight: int) -> None:
        """The rules of a folder take this much of the room."""
        self.weight += weight - folder.weight
        folder.weight = weight

    def _inside(self, path: str) -> Iterator[tuple[str, Folder | None]]:
        """A folder and all that are known to be below it, the upper ones first."""
        ahead = [path]
        while ahead:
            each = ahead.pop()
            folder = self._folders.get(each)
            yield each, folder
            ahead += [os.path.join(each, name) for name in (folder.folders if folder else ())]

    def _drop_if_over(self, path: str, folder: Folder) -> None:
        if not folder.inode and not folder.files:
            self.weigh(folder, 0)
            del self._folders[path]
