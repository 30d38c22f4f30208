"""Edge: the .gitignore of each watched folder.

Knows: when one must be read again, and how much all of them may hold. Refuses to know: what a rule
means, and the ignore files above a place.
"""

# Paths by the hundred thousand are strings, not objects.
# ruff: noqa: PTH118

import os
from pathlib import Path
from typing import Final

from hotreload.errors import shown
from hotreload.files import git_excludes, untrusted_files
from hotreload.watch import disk
from hotreload.watch.folder_table import Folder, FolderTable

# The room for the texts of all .gitignore files; besides its text each takes some of it.
_ROOM: Final = 4 * 2**20
_EACH: Final = 256


class FolderRules:
    """The .gitignore files of all watched folders.

    Args:
        table: the folders.
        gitignore: whether .gitignore files count.

    Attributes:
        counts: the same.
        unread: a sentence for each .gitignore that was found and not read, to be reported.
    """

    def __init__(self, table: FolderTable, *, gitignore: bool) -> None:
        self._table = table
        self.counts = gitignore
        self.unread: list[str] = []

    def read(self, path: str, folder: Folder, *, present: bool) -> None:
        """Take up the folder's .gitignore when it is new, changed or gone.

        Args:
            path: of the folder.
            folder: what is known of it.
            present: whether it has a .gitignore.
        """
        file = os.path.join(path, ".gitignore") if present and self.counts else None
        rules = disk.entry(file) if file else None
        if rules != folder.rules:
            self._table.weigh(folder, 0)
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
        if self._table.weight + weight > _ROOM:
            self.unread.append(f"cannot read {shown(file)}: the .gitignore files are too many")
            return None
        self._table.weigh(folder, weight)
        return text
