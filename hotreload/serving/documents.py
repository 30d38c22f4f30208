"""The site's documents with the tag in them, and the versions that open pages were made from.

Knows: what goes into a tag, and which version of a document a page may ask for again. Refuses to
know: which request wants a document, and where its bytes came from.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from secrets import token_bytes
from time import time
from typing import Final

from hotreload.configuring.settings import Settings
from hotreload.injecting import csp, inject
from hotreload.pushing.messages import OWN_PATH
from hotreload.pushing.updates import Stream
from hotreload.serving.memory import Content
from hotreload.serving.representation import Opened, Representation
from hotreload.serving.responses import Header
from hotreload.serving.site import OpenFile

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


class Documents:
    """Documents as they are sent to be shown.

    Args:
        stream: the updates of this run; the newest number goes into each tag.
        settings: what was asked for.
        report: called with a sentence worth knowing, and False: it is no problem.
    """

    def __init__(
        self, stream: Stream, settings: Settings, report: Callable[[str, bool], None]
    ) -> None:
        self._stream = stream
        self._settings = settings
        self._report = report
        self._reported: set[str] = set()
        self._secret = token_bytes(16)
        self._versions: OrderedDict[tuple[str, str, str | None], _Version] = OrderedDict()
        self._bytes = 0
        self._seq = stream.seq
        self._changed_at = time()

    def represent(
        self,
        content: Content,
        media_type: str,
        url: str,
        status: int = 200,
        *,
        policies: tuple[str, ...] = (),
        origin: str = "",
        file: OpenFile | None = None,
    ) -> Representation:
        """The document with its tag: after each update it is another version of it.

        Args:
            content: of the document's file; its beginning if there is a `file`.
            media_type: value of its Content-Type.
            url: canonical URL path of the file.
            status: of the answer.
            policies: values of the Content-Security-Policy headers that it is to have.
            origin: scheme, host and port that it was asked for at.
            file: sends the rest.
        """
        essence, charset = _parts(media_type)
        version = (
            self.keep(content, essence, charset)
            if file is None
            else _Version(content, essence, charset, whole=False)
        )
        if version.plan is None or not self._settings.inject:
            etag = f'"{content.digest}"'.encode()
            headers = (VARY, *_policy_headers(policies))
            data = content.data if file is None else Opened(file)
            return Representation(data, media_type, etag, content.modified, headers, status)
        number = f"{self._stream.run}-{self._stream.seq}"
        # An ampersand would need escaping in the tag's attribute: the client reads it back.
        place = url.replace("&", "%26")
        source = f"{OWN_PATH}client.js?{number}-{content.digest}{place}"
        made_for: tuple[str, ...] = (source,)
        if policies or version.plan.policies:
            made_for = (source, origin, *policies)
        if version.tagged is None or version.tagged[0] != made_for:
            version.tagged = made_for, *self._tag(version, version.plan, source, policies, origin)
        _, parts, policies = version.tagged
        kind = f"{essence}; charset={parts.charset}" if parts.charset else media_type
        etag = f'"{content.digest}-{number}"'.encode()
        modified = max(content.modified, self._last_update())
        tagged = parts.before + parts.tag + parts.after
        body = tagged if file is None else Opened(file, tagged, len(content.data))
        headers = (VARY, *_policy_headers(policies))
        return Representation(body, kind, etag, modified, headers, status)

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
        if self._settings.csp == "keep" or not (policies or plan.policies):
            return inject.compose(data, plan, source), policies
        # The same in each answer with one entity tag, and nobody's to foresee.
        nonce = blake2b(source.encode(), key=self._secret, digest_size=12).hexdigest()
        metas = [policy.value for policy in plan.policies]
        amendment = csp.amend(policies, metas, source=f"{origin}{OWN_PATH}", nonce=nonce)
        if amendment.sentence and amendment.sentence not in self._reported:
            self._reported.add(amendment.sentence)
            self._report(amendment.sentence, False)
        return inject.compose(data, plan, source, amendment), amendment.headers

    def _last_update(self) -> float:
        if self._seq != self._stream.seq:
            self._seq, self._changed_at = self._stream.seq, time()
        return self._changed_at

    def keep(self, content: Content, media_type: str, charset: str | None = None) -> _Version:
        """Keeps this version of a document for the pages that are, or will be, made of it."""
        key = content.digest, media_type, charset
        version = self._versions.get(key)
        if version is None:
            version = _Version(content, media_type, charset)
            self._versions[key] = version
            self._bytes += len(content.data)
            while self._bytes > MAX_VERSIONS and len(self._versions) > 1:
                self._bytes -= len(self._versions.popitem(last=False)[1].content.data)
        self._versions.move_to_end(key)
        return version

    def source(self, digest: str) -> bytes | None:
        """The bytes of a version that was kept, if it still is."""
        for (kept, _, _), version in reversed(self._versions.items()):
            if kept == digest:
                return version.content.data
        return None

    def tagged_page(self, page: bytes) -> bytes:
        """A page of our own, which is no file, with its tag."""
        plan = inject.plan(page) if self._settings.inject else None
        if plan is None:
            return page
        source = f"{OWN_PATH}client.js?{self._stream.run}-{self._stream.seq}-0"
        return inject.inject(page, plan, source)


def _policy_headers(policies: Iterable[str]) -> list[Header]:
    return [(b"content-security-policy", policy.encode("latin-1")) for policy in policies]


def _parts(media_type: str) -> tuple[str, str | None]:
    """The type without parameters, and its charset."""
    essence, _, parameters = media_type.partition(";")
    name, _, charset = parameters.strip().partition("=")
    is_charset = name.strip().lower() == "charset"
    return essence.strip(), charset.strip().strip('"') if is_charset else None
