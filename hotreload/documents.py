"""The site's documents with the tag in them, and the versions that open pages were made from.

Knows: what goes into a tag, and which version of a document a page may ask for again. Refuses to
know: which request wants a document, and where its bytes came from.
"""

from collections import OrderedDict
from dataclasses import dataclass
from time import time
from typing import Final

from hotreload import inject
from hotreload.memory import Content
from hotreload.messages import OWN_PATH
from hotreload.representation import Representation
from hotreload.responses import Header
from hotreload.updates import Stream

# Browsers say here what a document is for; scripts that fetch the same URL get the file itself.
VARY: Final[Header] = (b"vary", b"Sec-Fetch-Dest")
# What the next save is compared with in the page; a page whose version is gone reloads.
MAX_VERSIONS: Final = 32 * 2**20


@dataclass(slots=True)
class _Version:
    """A version of a document, where its tag goes, and the last answer made of it."""

    content: Content
    plan: inject.Plan | None
    tagged: tuple[str, inject.Injected] | None = None


class Documents:
    """Documents as they are sent to be shown.

    Args:
        stream: the updates of this run; the newest number goes into each tag.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._versions: OrderedDict[tuple[str, str], _Version] = OrderedDict()
        self._bytes = 0
        self._seq = stream.seq
        self._changed_at = time()

    def represent(
        self, content: Content, media_type: str, url: str, status: int = 200
    ) -> Representation:
        """The document with its tag: after each update it is another version of it.

        Args:
            content: of the document's file.
            media_type: of the document, without parameters.
            url: canonical URL path of the file.
            status: of the answer.
        """
        version = self.keep(content, media_type)
        if version.plan is None:
            etag = f'"{content.digest}"'.encode()
            return Representation(content.data, media_type, etag, content.modified, (VARY,), status)
        number = f"{self._stream.run}-{self._stream.seq}"
        # An ampersand would need escaping in the tag's attribute: the client reads it back.
        place = url.replace("&", "%26")
        source = f"{OWN_PATH}client.js?{number}-{content.digest}{place}"
        if version.tagged is None or version.tagged[0] != source:
            version.tagged = source, inject.compose(content.data, version.plan, source)
        parts = version.tagged[1]
        kind = f"{media_type}; charset={parts.charset}" if parts.charset else media_type
        etag = f'"{content.digest}-{number}"'.encode()
        modified = max(content.modified, self._last_update())
        body = parts.before + parts.tag + parts.after
        return Representation(body, kind, etag, modified, (VARY,), status)

    def _last_update(self) -> float:
        if self._seq != self._stream.seq:
            self._seq, self._changed_at = self._stream.seq, time()
        return self._changed_at

    def keep(self, content: Content, media_type: str) -> _Version:
        """Keeps this version of a document for the pages that are, or will be, made of it."""
        key = content.digest, media_type
        version = self._versions.get(key)
        if version is None:
            version = _Version(content, inject.plan(content.data, media_type))
            self._versions[key] = version
            self._bytes += len(content.data)
            while self._bytes > MAX_VERSIONS and len(self._versions) > 1:
                self._bytes -= len(self._versions.popitem(last=False)[1].content.data)
        self._versions.move_to_end(key)
        return version

    def source(self, digest: str) -> bytes | None:
        """The bytes of a version that was kept, if it still is."""
        for (kept, _), version in reversed(self._versions.items()):
            if kept == digest:
                return version.content.data
        return None

    def tagged_page(self, page: bytes) -> bytes:
        """A page of our own, which is no file, with its tag."""
        plan = inject.plan(page)
        if plan is None:
            return page
        source = f"{OWN_PATH}client.js?{self._stream.run}-{self._stream.seq}-0"
        return inject.inject(page, plan, source)
