"""The watched files as they were last reported, and what a look at the disk says against it.

Knows: what the watched tree and the files in use know together, and what of it a look or a report
changes. Refuses to know: events, time to wait, threads. Every answer comes from the disk at the
moment of asking: a hint to look somewhere may be wrong.
"""

import os

from hotreload.files.cleared_folder import is_cleared
from hotreload.files.stamp import FileStamp
from hotreload.watch import disk
from hotreload.watch.changes import ChangeKind
from hotreload.watch.debounce import CLEARED, FileLook, FileState
from hotreload.watch.served_files import ServedFile, ServedFiles
from hotreload.watch.watched_tree import WatchedTree


class Index:
    """The known state of all watched places and of the files that pages use.

    Args:
        tree: the watched folders.
        since: what was changed after this time is reported; in nanoseconds since the epoch.

    Attributes:
        tree: the same.
        used: the files that pages use.
    """

    def __init__(self, tree: WatchedTree, since: int) -> None:
        self.tree = tree
        self._since = since
        self.used = ServedFiles(tree)

    def single(self, path: str, *, new: bool = False) -> None:
        """Watch one file, whatever the rules of its folder say; a new one is yet to be reported."""
        if path not in self.used:
            stamp = None if new else disk.now(path)
            self.used.enlist(path, ServedFile("" if stamp else None, stamp))

    def use(self, path: str, content: str | None, found: os.stat_result | None) -> list[str]:
        """A page asked for this file.

        Args:
            path: the file.
            content: the digest of what it was served; None if there was no such file.
            found: what the path led to right after that.

        Returns:
            The file, if it is to be looked at whether that is what the disk has.
        """
        known = self.used.get(path)
        if (known and known.digest == content) or self.tree.refuses(path):
            return []
        if content is None and path not in self.used and disk.is_barred(path):
            self._unlearn(path)
        missing = self._known(path) is None
        if (content is None and missing) or (content and self._is_as_reported(path, found)):
            self.used.enlist(path, ServedFile(content))
        else:  # pages have other versions, or none: report whatever the disk has
            awaited = missing or content is None or bool(known and known.awaited)
            self.used.enlist(path, ServedFile("", awaited=awaited))
        return [path]

    def _is_as_reported(self, path: str, found: os.stat_result | None) -> bool:
        """Whether no report of a file is due: it is what was reported, or is never reported."""
        used = self.used.get(path)
        if used is None and self.tree.ignores(path):
            return True
        if used is not None and used.digest != "":
            return False
        known = self._known(path)
        if found is None or isinstance(known, str | None):
            return False
        return not disk.is_changed(known, found, self._since)

    def folders(self) -> list[str]:
        """All folders to be covered by events, the upper ones first."""
        return self.tree.table.existing() + self.used.folders()

    # What the disk says.

    def hint(self, path: str, kind: ChangeKind) -> list[str]:
        """Something is said to have happened to a path.

        Returns:
            The files that may differ from what is known of them; folders are surveyed at once.
        """
        named = self.used.named(path)
        if path in self.tree.table:
            return named + self.tree.hint_of_folder(path, kind)
        if kind is not ChangeKind.MODIFIED:
            self.used.renew(path)
        return named or self.used.below(path) + self.tree.hint_of_entry(path, kind)

    def beat(self) -> list[str]:
        """What may have changed without an event: files in use, and the places themselves.

        Returns:
            The files that may differ from what is known of them.
        """
        self.used.recheck_folders()
        return self.used.stale() + self.tree.recheck_places()

    def look(self, path: str) -> FileLook:
        """Compare a file with what is known of it; what is the same is known by its stamp."""
        found = disk.status(path)
        known = self._known(path)
        if found is None or not disk.is_regular(found):
            return FileLook(path, FileState.SAME) if known is None else self._gone(path)
        used = self.used.get(path)
        if not isinstance(known, str | None) and not disk.is_changed(
            known, found, self._since, used=used is not None
        ):
            self._learn(FileLook(path, FileState.SAME, mark=FileStamp.of(found)))
            return FileLook(path, FileState.SAME)
        added = known is None or bool(used and used.awaited)
        kind = ChangeKind.ADDED if added else ChangeKind.MODIFIED
        look = disk.look(path, kind, known or "", self._served(path))
        if look.state is FileState.GONE and known is None:
            return FileLook(path, FileState.SAME)
        if look.state is FileState.SAME:
            self._learn(look)
        return look

    def _gone(self, path: str) -> FileLook:
        top = self.tree.top(path)
        return disk.gone(path, CLEARED if top and is_cleared(top) else 0.0)

    def accept(self, look: FileLook) -> None:
        """The change that a look showed is reported: from now on it is what is known."""
        if look.kind is ChangeKind.DELETED:
            self._unlearn(look.path)
        elif look.path in self.used:
            self.used.enlist(look.path, ServedFile(look.content or disk.digest_of(look.path)))
        if look.kind is not ChangeKind.DELETED:
            self._learn(look)

    # What is known of a file.

    def _known(self, path: str) -> disk.Known | str | None:
        """Its inode or its stamp; "" if only its content is known; None if it did not exist."""
        used = self.used.get(path)
        if used is None:
            return self.tree.table.known(path)
        return used.stamp or (None if used.digest is None else "")

    def _served(self, path: str) -> str | None:
        """The digest of what pages have of a file; None if it is in no use."""
        used = self.used.get(path)
        return None if used is None else used.digest or ""

    def _learn(self, look: FileLook) -> None:
        """What a look showed of a file that exists is known from now on."""
        self.tree.table.learn(look.path, look.mark)
        used = self.used.get(look.path)
        if used is not None:
            used.stamp = look.mark if look.sure else None
            used.digest = look.content or used.digest

    def _unlearn(self, path: str) -> None:
        self.used.lose(path)
        self.tree.table.forget(path)
