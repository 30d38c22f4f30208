"""Edge: the watched places themselves: whether each is there, and what applies to all of it.

Knows: the ignore rules above a place, git's locks, and the kind of its file system. Refuses to
know: what is in a place, and events.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from hotreload.errors import StartError, shown
from hotreload.files import git_excludes, ignore, network_filesystems
from hotreload.reporter import Reporter
from hotreload.watch import disk
from hotreload.watch.changes import Presence
from hotreload.watch.watched_tree import WatchedTree

OnPresence = Callable[[str, Presence], None]


class Places:
    """All watched places.

    Args:
        paths: folders and files.
        patterns: in the syntax of .gitignore, relative to each place.
        gitignore: whether git's ignore files count.
        report: called with what a person should know.
        on_presence: called when a place is missing at first, goes, or comes.
    """

    def __init__(
        self,
        paths: Iterable[Path],
        patterns: Sequence[str],
        *,
        gitignore: bool,
        report: Reporter,
        on_presence: OnPresence,
    ) -> None:
        self._paths = list(dict.fromkeys(map(os.path.abspath, paths)))
        self._patterns = patterns
        self._gitignore = gitignore
        self._report = report
        self._on_presence = on_presence
        self._excludes: dict[str, tuple[git_excludes.OuterExcludes, object]] = {}
        self._locks: list[Path] = []
        self._missing: set[str] = set()

    def __iter__(self) -> Iterator[str]:
        """Each place as an absolute path."""
        return iter(self._paths)

    def prepare(self, tree: WatchedTree) -> None:
        """Enter the places into the tree, with their rules.

        Raises:
            BadPattern: a pattern can never match.
            StartError: a place is neither a folder nor a file.
        """
        for place in self._paths:
            self._read_rules(place, tree)
            found = disk.status(place)
            if found and not disk.identity(found) and not disk.is_regular(found):
                raise StartError(f"cannot watch {shown(place)}: it is neither a folder nor a file")
            lock = git_excludes.lock(Path(place))
            self._locks += [lock] if lock and lock not in self._locks else []

    def is_git_working(self) -> bool:
        """Whether git changes the tree that a place lies in."""
        return any(map(git_excludes.is_working, self._locks))

    # Whether a place is there.

    @property
    def is_any_missing(self) -> bool:
        """Whether a place was missing when it was last looked at."""
        return bool(self._missing)

    def await_missing(self, place: str) -> None:
        """A place does not exist at the start."""
        self._missing.add(place)
        self._on_presence(place, Presence.AWAITED)

    def check(self) -> Iterator[str]:
        """Say which places are gone and which have come; gives those that have come."""
        for place in self._paths:
            if disk.status(place) is None:
                if place not in self._missing:
                    self._missing.add(place)
                    self._on_presence(place, Presence.GONE)
            elif place in self._missing:
                self._missing.discard(place)
                self._on_presence(place, Presence.THERE)
                yield place

    # What applies to all of a place.

    def reread_rules(self, tree: WatchedTree) -> Iterator[str]:
        """Read the ignore files above the places again; gives the places whose rules changed."""
        for place, (excludes, stamp) in list(self._excludes.items()):
            if excludes.stamp() != stamp:
                self._read_rules(place, tree)
                yield place

    def _read_rules(self, place: str, tree: WatchedTree) -> None:
        excludes = (
            git_excludes.outer_excludes(Path(place))
            if self._gitignore
            else git_excludes.OuterExcludes()
        )
        for sentence in excludes.unread:
            self._report(sentence, True)
        self._excludes[place] = excludes, excludes.stamp()
        tree.place(place, ignore.scope(place, self._patterns, excludes.texts))


def network_filesystem(place: str, table: str) -> str | None:
    """The type of the file system of a place, if not all of its changes have events.

    Args:
        place: an absolute path.
        table: the text of /proc/self/mountinfo; "" where there is none.
    """
    return network_filesystems.foreign(os.path.realpath(place), table)
