"""What says how the files of a site changed, in the terms of its pages.

Knows: the two questions, about one change and about one page. Refuses to know: who answers them.
"""

from collections.abc import Sequence
from typing import Protocol

from hotreload.live.messages import FileChange, Page
from hotreload.watch.changes import Change


class UpdateSource(Protocol):
    """What says what a change on the disk means to pages."""

    async def file_changes(self, change: Change, /) -> Sequence[FileChange]:
        """The changes that are sent to the pages; none if no page can have the file."""

    def diff(self, page: Page, /) -> Sequence[FileChange]:
        """All that differs between what a page says that it has and what there is now."""
