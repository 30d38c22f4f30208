"""The entries of the directory listings that were sent.

Knows: whether the listing of a folder holds a given entry. Refuses to know: the disk.

The watcher reports files. When a whole folder appears or goes, the listing above it changes too.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Final

# Lists beyond this are of pages long closed.
MOST: Final = 200


class ListingHistory:
    """The lists that were sent last."""

    def __init__(self) -> None:
        self._folders: OrderedDict[str, frozenset[str]] = OrderedDict()

    def note(self, folder: str, entries: Iterable[str]) -> None:
        """A list was sent.

        Args:
            folder: URL path of the folder, with its slash.
            entries: URL paths of what is in it, without one.
        """
        self._folders[folder] = frozenset(entries)
        self._folders.move_to_end(folder)
        if len(self._folders) > MOST:
            self._folders.popitem(last=False)

    def lacking(self, url: str) -> list[str]:
        """URL paths of the folders on the way to a file that the lists above them lack."""
        return [path for path, known in self._way(url) if not known]

    def having(self, url: str) -> list[str]:
        """URL paths of the folders on the way to a file that the lists above them have."""
        return [path for path, known in self._way(url) if known]

    def _way(self, url: str) -> Iterator[tuple[str, bool]]:
        """Each folder on the way whose parent was listed, and whether it was in the list."""
        names = url.split("/")[1:-1]
        for depth, name in enumerate(names):
            above = "/" + "".join(f"{each}/" for each in names[:depth])
            if above in self._folders:
                path = above + name
                yield path, path in self._folders[above]
