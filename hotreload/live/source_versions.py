"""The versions of documents that open pages were made from.

Knows: which version a page may ask for again, and where a tag goes into each. Refuses to know:
requests, what a tag says, and where the bytes came from.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from hotreload.http.lru import LRUCache
from hotreload.injection import inject

# What the next save is compared with in the page; a page whose version is gone reloads.
MAX_VERSIONS: Final = 32 * 2**20


class Source(NamedTuple):
    """What a document is made from.

    Attributes:
        data: its bytes, or their beginning.
        digest: names this version of it.
        url: canonical URL path of the document's file.
    """

    data: bytes
    digest: str
    url: str


@dataclass
class SourceVersion:
    """A version of a document, where its tag goes, and the last answer made of it.

    Attributes:
        data: its bytes, or their beginning.
        digest: names it.
        media_type: its type, without parameters.
        charset: of its type; None without one.
        whole: whether the bytes are all of it.
        tagged: what the last answer was made for, its parts, and its policies.
    """

    data: bytes
    digest: str
    media_type: str
    charset: str | None
    whole: bool = True
    tagged: tuple[tuple[str, ...], inject.Injected, tuple[str, ...]] | None = None

    @cached_property
    def plan(self) -> inject.Plan | None:
        """Made when the version is asked for: a save must not wait for it."""
        return inject.plan(self.data, self.media_type, self.charset, whole=self.whole)


class SourceVersions:
    """The versions that are kept, those that were asked for last."""

    def __init__(self) -> None:
        self._versions: LRUCache[tuple[str, str, str | None], SourceVersion]
        self._versions = LRUCache(MAX_VERSIONS)

    def keep(
        self, data: bytes, digest: str, media_type: str, charset: str | None = None
    ) -> SourceVersion:
        """Keeps this version of a document for the pages that are, or will be, made of it."""
        key = digest, media_type, charset
        version = self._versions.get(key)
        if version is None:
            version = SourceVersion(data, digest, media_type, charset)
            self._versions.put(key, version, len(data))
        return version

    def source(self, digest: str) -> bytes | None:
        """The bytes of a version that was kept, if it still is."""
        found = (one.data for one in self._versions.values() if one.digest == digest)
        return next(found, None)
