"""The files that pages use: what they have of each, and where its changes are to be seen.

Knows: which version of a file pages have, the real path behind links, and the folders outside of
the watched tree in which files in use lie. Refuses to know: what is in a file, what is reported.
"""

# Paths by the thousand are strings, not objects.
# ruff: noqa: PTH120

import os
from dataclasses import dataclass

from hotreload.files.stamp import FileStamp
from hotreload.watch import disk
from hotreload.watch.watched_tree import WatchedTree, is_below


@dataclass(slots=True)
class ServedFile:
    """A file that a page uses.

    Attributes:
        digest: of the content that pages have; None when it does not exist, "" when it is unknown
            or not the same for all.
        stamp: of the file that was seen to have this content.
        awaited: some pages do not have it: they were answered that it does not exist, or were not
            sent yet that it does.
    """

    digest: str | None
    stamp: FileStamp | None = None
    awaited: bool = False


class ServedFiles:
    """All files that pages have asked for.

    Args:
        tree: the watched folders; others, with files in use, become fresh there as well.

    Attributes:
        at_hand: the folders with files that pages use.
    """

    def __init__(self, tree: WatchedTree) -> None:
        self._tree = tree
        self._files: dict[str, ServedFile] = {}
        self._aliases: dict[str, set[str]] = {}
        self._extra: dict[str, int] = {}
        self.at_hand: set[str] = set()

    def __contains__(self, path: str) -> bool:
        """Whether a page has asked for this file; from any thread."""
        return path in self._files

    def get(self, path: str) -> ServedFile | None:
        """What is known of a file; None if no page has asked for it."""
        return self._files.get(path)

    def enlist(self, path: str, used: ServedFile) -> None:
        """Enter a file, and the folders where its changes are to be seen."""
        self._files[path] = used
        real = self._real(path)
        if real != path:
            self._aliases.setdefault(real, set()).add(path)
        folders = {os.path.dirname(real), self._real(os.path.dirname(path))}
        self.at_hand |= folders
        for folder in folders:
            if folder not in self._tree.table and folder not in self._extra:
                self._extra[folder] = 0
                self._cover(folder)

    def lose(self, path: str) -> None:
        """Pages know that a file does not exist."""
        if path in self._files:
            self._files[path] = ServedFile(None)

    def named(self, path: str) -> list[str]:
        """The files in use that a path is, or is behind as the end of links."""
        return [*self._aliases.get(path, ()), *([path] if path in self._files else ())]

    def below(self, path: str) -> list[str]:
        """The files in use in a folder, or behind a link to one."""
        return [file for file in self._files if is_below(file, path)]

    def stale(self) -> list[str]:
        """The files that are not what was last seen of them."""
        return [path for path, used in self._files.items() if _is_stale(path, used)]

    # The folders outside of the watched tree.

    def folders(self) -> list[str]:
        """The folders that are to be covered by events for files in use alone."""
        return [path for path in self._extra if path not in self._tree.table]

    def renew(self, path: str) -> None:
        """Such a folder may be another one with the same inode: it is covered anew."""
        if path in self._extra:
            self._extra[path] = 0
            self._cover(path)

    def recheck_folders(self) -> None:
        """Cover such folders that have come, or are others of the same name."""
        for folder in self._extra:
            self._cover(folder)

    def _cover(self, folder: str) -> None:
        inode = disk.identity(disk.status(folder))
        if inode not in {0, self._extra[folder]}:
            self._tree.fresh.append(folder)
        self._extra[folder] = inode

    def _real(self, path: str) -> str:
        """The path without links, but below a place as the place is called."""
        real = disk.resolved(path)
        for place in self._tree.places:
            behind = disk.resolved(place)
            if is_below(path, place) and is_below(real, behind):
                return place + real[len(behind) :]
        return path if path in self._tree.places else real


def _is_stale(path: str, used: ServedFile) -> bool:
    """Whether a file in use is not what was last seen of it."""
    found = disk.now(path)
    return found != used.stamp or (found is None and used.digest is not None)
