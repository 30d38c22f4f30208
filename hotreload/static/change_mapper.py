"""From a changed file to the changes that pages are sent, and the versions that they compare.

Knows: the URLs of a file on the disk, and which part of its content a page can apply at once.
Refuses to know: requests, sockets, and how a change was noticed.
"""

from typing import Final

from hotreload.files.stamp import LARGE
from hotreload.http.mime import DOCUMENTS, essence_of
from hotreload.http.url_path import BadTarget, parse
from hotreload.injection import inject
from hotreload.live.import_graph import ImportGraph
from hotreload.live.messages import EVERYTHING, FileChange, Page
from hotreload.live.source_versions import SourceVersions
from hotreload.static.pages.listing_history import ListingHistory
from hotreload.static.rules.rule_files import RuleFiles
from hotreload.static.site.file_access import FileAccess
from hotreload.static.site.file_cache import Content, FileBusy
from hotreload.static.site.site import Folder, Found, Missing, Redirect
from hotreload.watch.changes import Change, ChangeKind

# Text up to this travels inside the update: it saves the page a request.
MAX_TEXT: Final = 256 * 2**10


class ChangeMapper:
    """The changes of a site's files as its pages see them.

    Args:
        files: the site's.
        versions: the versions that pages were made of.
        listed: which folders were listed to whom.
        rules: the site's own files of rules; they bear on every page.
        import_graph: which file was requested by which.
    """

    def __init__(
        self,
        files: FileAccess,
        versions: SourceVersions,
        listed: ListingHistory,
        rules: RuleFiles,
        import_graph: ImportGraph,
    ) -> None:
        self._files = files
        self._versions = versions
        self._listings = listed
        self._rules = rules
        self._import_graph = import_graph

    async def file_changes(self, change: Change) -> list[FileChange]:
        """The changes that pages are sent for a changed file; none for one that is not served."""
        if await self._rules.reread(change.path) or not self._files.site.contains(change.path):
            return [FileChange(EVERYTHING, change.kind)]
        urls = self._files.site.urls(change.path)
        files = [seen for url in urls if (seen := self._at_url(url, change))]
        return files + [folder for url in urls for folder in self._folders(url, change.kind)]

    def _at_url(self, url: str, change: Change) -> FileChange | None:
        """What a changed file is to those who know it by its URL; None if there is more to come."""
        path, kind, via = change.path, change.kind, self._import_graph.via(url)
        if kind is ChangeKind.DELETED:
            behind = self.found_at(url)  # in a folder that is mounted at the same path
            if behind is None:
                return FileChange(url, kind, via=via)
            path, kind = behind.path, ChangeKind.MODIFIED
        served = path != change.path or self._files.cache.knows(path)
        try:
            read = self._files.cache.latest(path, settled=path == change.path) if served else None
        except FileBusy:
            # It is saved once more: pages would load the version before.
            if kind is ChangeKind.MODIFIED:
                self._files.used(path, "")  # the watcher reports the difference once it is whole
                return None
            read = None
        if read:  # pages have this from now on, which may not be what the watcher has seen
            self._files.used(path, read.digest)
        digest = read.digest if read else self._version(path)
        text = self._text(path, read) if read else None
        return FileChange(url, kind, digest, text, via)

    def _version(self, path: str) -> str | None:
        """What a file is known by that is too large to be read; None for one that is not."""
        stamp = self._files.site.stat(path)
        return stamp.version if stamp and stamp.size > LARGE else None

    def _folders(self, url: str, kind: ChangeKind) -> list[FileChange]:
        """The folders that came or went with a file, where a list of them was sent."""
        if kind is ChangeKind.ADDED:
            return [FileChange(folder, kind) for folder in self._listings.lacking(url)]
        if kind is ChangeKind.MODIFIED:
            return []
        return [
            FileChange(folder, kind)
            for folder in self._listings.having(url)
            if isinstance(self._at(folder), Missing)
        ]

    def _at(self, url: str) -> Found | Folder | Redirect | Missing:
        target = parse(url.encode("ascii", "replace"))
        return Missing() if isinstance(target, BadTarget) else self._files.site.find(target)

    def _text(self, path: str, read: Content) -> str | None:
        """The text of a small document or style sheet that reads the same to everybody."""
        essence = essence_of(self._files.media_type(path))
        if essence in DOCUMENTS:
            self._versions.keep(read.data, read.digest, essence)
        if len(read.data) > MAX_TEXT:
            return None
        if essence in DOCUMENTS:
            return inject.text(read.data, essence)
        return _css(read.data) if essence == "text/css" else None

    def diff(self, page: Page) -> list[FileChange]:
        """All that differs between what a page has and what the disk holds."""
        changes = []
        for url, had in (page.resources or {}).items():
            now = self._now_at(url)
            if now is None and had != "":
                changes.append(FileChange(url, ChangeKind.DELETED))
            elif now is not None and (now.digest is None or now.digest != had):
                changes.append(now)
        return changes

    def _now_at(self, url: str) -> FileChange | None:
        """The file at a URL as if it had just been modified; None when there is none."""
        found = self.found_at(url)
        if found is None:
            self._await(url)
            return None
        read = self._files.cache.now(found.path)
        digest = read.digest if read else self._version(found.path)
        if digest:
            self._files.used(found.path, digest)
        text = self._text(found.path, read) if read else None
        return FileChange(found.url, ChangeKind.MODIFIED, digest, text)

    def _await(self, url: str) -> None:
        target = parse(url.encode("ascii", "replace"))
        for path in (
            [] if isinstance(target, BadTarget) else self._files.site.paths(target.segments)
        ):
            self._files.used(path, None)

    def found_at(self, url: str) -> Found | None:
        """The file at a URL path, if there is one."""
        found = self._at(url)
        return found if isinstance(found, Found) else None

    def source(self, digest: str, url: str) -> bytes | None:
        """A version of a document: what a page that was made of it compares the next one with.

        None if it is not kept any more.

        Args:
            digest: of the version.
            url: canonical URL path of the document's file, which may be of that version still
                when it was an earlier run of the server that sent it.
        """
        source = self._versions.source(digest)
        if (
            source is None
            and (found := self.found_at(url))
            and (now := self._files.cache.now(found.path))
        ):
            source = now.data if now.digest == digest else None
        return source


def _css(data: bytes) -> str | None:
    """A style sheet's text where no encoding but UTF-8 can be meant."""
    if data.startswith((b'@charset "', b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe")):
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
