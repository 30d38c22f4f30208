"""The site's documents with the tag in them, and the versions that open pages were made from.

Knows: what goes into a tag, and which version of a document a page may ask for again. Refuses to
know: which request wants a document, and where its bytes came from.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from secrets import token_bytes
from time import time
from typing import Final

from hotreload.http.lru import LRUCache
from hotreload.http.messages import Header
from hotreload.http.mime import essence_of
from hotreload.http.representation import Representation, TaggedFile
from hotreload.http.url_path import url_path
from hotreload.injection import csp, inject
from hotreload.live.history import UpdateHistory
from hotreload.live.messages import OWN_PATH
from hotreload.reporter import Reporter
from hotreload.static.options import TagOptions
from hotreload.static.site.file_cache import Content

# The types that a browser shows as a document, and runs scripts in.
DOCUMENTS: Final = ("text/html", "application/xhtml+xml", "image/svg+xml")
# Browsers say here what a document is for; scripts that fetch the same URL get the file itself.
VARY: Final[Header] = (b"vary", b"Sec-Fetch-Dest, Sec-Fetch-Mode")
# The beginning of a document that is not read whole: its head is looked for in it.
HEAD: Final = 2**20
# What the next save is compared with in the page; a page whose version is gone reloads.
MAX_VERSIONS: Final = 32 * 2**20


@dataclass
class _Version:
    """A version of a document, where its tag goes, and the last answer made of it."""

    content: Content
    media_type: str
    charset: str | None
    whole: bool = True
    tagged: tuple[tuple[str, ...], inject.Injected, tuple[str, ...]] | None = None

    @cached_property
    def plan(self) -> inject.Plan | None:
        """Made when the version is asked for: a save must not wait for it."""
        data, media_type, charset = self.content.data, self.media_type, self.charset
        return inject.plan(data, media_type, charset, whole=self.whole)


class DocumentTagger:
    """Documents as they are sent to be shown.

    Args:
        history: the updates of this run; the newest number goes into each tag.
        options: what may be chosen about the tag.
        client: the address of the client, below that of all that is ours.
        report: called with a sentence worth knowing, and False: it is no problem.
    """

    def __init__(
        self,
        history: UpdateHistory,
        options: TagOptions,
        client: str,
        report: Reporter,
    ) -> None:
        self._history = history
        self._options = options
        self._own = url_path(options.proxy_base, directory=True)[:-1] + OWN_PATH
        self._client = self._own + client
        self._report = report
        self._reported: set[str] = set()
        self._secret = token_bytes(16)
        self._versions: LRUCache[tuple[str, str, str | None], _Version] = LRUCache(MAX_VERSIONS)
        self._seq = history.seq
        self._changed_at = time()

    def represent(
        self,
        whole: Representation,
        content: Content,
        url: str,
        *,
        policies: tuple[str, ...],
        origin: str,
    ) -> Representation:
        """The document with its tag: after each update it is another version of it.

        Args:
            whole: the document without its tag.
            content: of the document's file; its beginning if the file is open.
            url: canonical URL path of the file.
            policies: values of the Content-Security-Policy headers that it is to have.
            origin: scheme, host and port that it was asked for at.
        """
        essence, charset = _parts(whole.media_type)
        opened = None if isinstance(whole.content, bytes) else whole.content
        version = (
            _Version(content, essence, charset, whole=False)
            if opened
            else self.keep(content, essence, charset)
        )
        if version.plan is None or not self._options.inject:
            return replace(whole, headers=(*whole.headers, *_policy_headers(policies)))
        number = f"{self._history.run}-{self._history.seq}"
        # An ampersand would need escaping in the tag's attribute: the client reads it back.
        place = url.replace("&", "%26")
        source = f"{self._client}?{number}-{content.digest}{place}"
        parts, policies = self._tagged(version, version.plan, source, policies, origin)
        tagged = parts.before + parts.tag + parts.after
        return Representation(
            TaggedFile(opened.file, tagged, len(content.data)) if opened else tagged,
            f"{essence}; charset={parts.charset}" if parts.charset else whole.media_type,
            f'"{content.digest}-{number}"'.encode(),
            max(whole.modified, self._last_update()),
            (*whole.headers, *_policy_headers(policies)),
            whole.status,
        )

    def _tagged(
        self,
        version: _Version,
        plan: inject.Plan,
        source: str,
        policies: tuple[str, ...],
        origin: str,
    ) -> tuple[inject.Injected, tuple[str, ...]]:
        """The document with its tag and its policies, made once for all who ask alike."""
        made_for = (source, origin, *policies) if policies or plan.policies else (source,)
        if version.tagged is None or version.tagged[0] != made_for:
            version.tagged = made_for, *self._tag(version, plan, source, policies, origin)
        return version.tagged[1:]

    def _tag(
        self,
        version: _Version,
        plan: inject.Plan,
        source: str,
        policies: tuple[str, ...],
        origin: str,
    ) -> tuple[inject.Injected, tuple[str, ...]]:
        """The document with its tag, and the policies that let it run."""
        data = version.content.data
        if self._options.csp == "keep" or not (policies or plan.policies):
            return inject.compose(data, plan, source), policies
        # The same in each answer with one entity tag, and nobody's to foresee.
        nonce = blake2b(source.encode(), key=self._secret, digest_size=12).hexdigest()
        metas = [policy.value for policy in plan.policies]
        amendment = csp.amend(policies, metas, source=f"{origin}{self._own}", nonce=nonce)
        if amendment.sentence and amendment.sentence not in self._reported:
            self._reported.add(amendment.sentence)
            self._report(amendment.sentence, False)
        return inject.compose(data, plan, source, amendment), amendment.headers

    def _last_update(self) -> float:
        if self._seq != self._history.seq:
            self._seq, self._changed_at = self._history.seq, time()
        return self._changed_at

    def keep(self, content: Content, media_type: str, charset: str | None = None) -> _Version:
        """Keeps this version of a document for the pages that are, or will be, made of it."""
        key = content.digest, media_type, charset
        version = self._versions.get(key)
        if version is None:
            version = _Version(content, media_type, charset)
            self._versions.put(key, version, len(content.data))
        return version

    def source(self, digest: str) -> bytes | None:
        """The bytes of a version that was kept, if it still is."""
        found = (one.content for one in self._versions.values() if one.content.digest == digest)
        return next((content.data for content in found), None)

    def tagged_page(self, page: bytes) -> bytes:
        """A page of our own, which is no file, with its tag."""
        plan = inject.plan(page) if self._options.inject else None
        if plan is None:
            return page
        source = f"{self._client}?{self._history.run}-{self._history.seq}-0"
        return inject.inject(page, plan, source)


def _policy_headers(policies: Iterable[str]) -> list[Header]:
    return [(b"content-security-policy", policy.encode("latin-1")) for policy in policies]


def _parts(media_type: str) -> tuple[str, str | None]:
    """The type without parameters, and its charset."""
    _, _, parameters = media_type.partition(";")
    name, _, charset = parameters.strip().partition("=")
    is_charset = name.strip().lower() == "charset"
    return essence_of(media_type), charset.strip().strip('"') if is_charset else None
