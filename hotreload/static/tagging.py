"""What puts the tag into the documents of a site: the injecting layer, as a site sees it.

Knows: what a site asks of it. Refuses to know: what a tag says, and how it goes in.
"""

from typing import Protocol

from hotreload.http.representation import Representation
from hotreload.live.source_versions import Source, SourceVersions


class Tagger(Protocol):
    """What puts the tag into documents that are to be shown."""

    @property
    def versions(self) -> SourceVersions:
        """The versions of documents that pages were made from."""

    def represent(
        self, whole: Representation, source: Source, /, *, policies: tuple[str, ...], origin: str
    ) -> Representation:
        """The document, made from that, with its tag and these policies, as asked for there."""

    def tagged_page(self, page: bytes, /) -> bytes:
        """A page of our own, which is no file, with its tag."""
