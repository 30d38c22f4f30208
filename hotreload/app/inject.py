"""The injecting layer: documents as they are sent to be shown, with the tag in them.

Knows: what goes into a tag, and which policies let it run. Refuses to know: where in a document the
tag goes, which is a matter of its bytes alone, which request wants a document, and where that came
from.

A site hands over each document before conditions and ranges are looked at, because they are about
the document with its tag (`represent`). What another backend sends gets the tag on its way
(`tagged`, for `hotreload/app/injecting.py`).
"""

from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b
from secrets import token_bytes
from time import time
from typing import NamedTuple

from hotreload.http.messages import Header
from hotreload.http.mime import parts_of
from hotreload.http.representation import Representation, TaggedFile
from hotreload.http.url_path import url_path
from hotreload.injection import csp, inject
from hotreload.injection.options import TagOptions
from hotreload.live.history import UpdateHistory
from hotreload.live.messages import OWN_PATH
from hotreload.live.source_versions import Source, SourceVersion, SourceVersions
from hotreload.reporter import Reporter


class Tagged(NamedTuple):
    """The beginning of a document with the tag, and what its answer has to say of it."""

    beginning: bytes
    headers: list[Header]


class Injector:
    """Puts the tag into documents.

    Args:
        history: the updates of this run; the newest number goes into each tag.
        options: what may be chosen about the tag.
        client: the address of the client, below that of all that is ours.
        report: called with a sentence worth knowing, and False: it is no problem.

    Attributes:
        versions: of the documents that pages were made from.
    """

    def __init__(
        self, history: UpdateHistory, options: TagOptions, client: str, report: Reporter
    ) -> None:
        self.versions = SourceVersions()
        self._history = history
        self._options = options
        self._own = url_path(options.proxy_base, directory=True)[:-1] + OWN_PATH
        self._client = self._own + client
        self._report = report
        self._reported: set[str] = set()
        self._secret = token_bytes(16)
        self._seq = history.seq
        self._changed_at = time()

    # -- what is known before it is sent ---------------------------------------------------------

    def represent(
        self, whole: Representation, source: Source, *, policies: tuple[str, ...], origin: str
    ) -> Representation:
        """The document with its tag: after each update it is another version of it.

        Args:
            whole: the document without its tag.
            source: what it is made from; the beginning of that if the file is open.
            policies: values of the Content-Security-Policy headers that it is to have.
            origin: scheme, host and port that it was asked for at.
        """
        essence, charset = parts_of(whole.media_type)
        opened = None if isinstance(whole.content, bytes) else whole.content
        version = (
            SourceVersion(source.data, source.digest, essence, charset, whole=False)
            if opened
            else self.versions.keep(source.data, source.digest, essence, charset)
        )
        if version.plan is None or not self._options.inject:
            return replace(whole, headers=(*whole.headers, *_policy_headers(policies)))
        # An ampersand would need escaping in the tag's attribute: the client reads it back.
        place = source.url.replace("&", "%26")
        address = self._address(f"{source.digest}{place}")
        parts, policies = self._tagged(version, version.plan, address, policies, origin)
        tagged = parts.before + parts.tag + parts.after
        return Representation(
            TaggedFile(opened.file, tagged, len(source.data)) if opened else tagged,
            f"{essence}; charset={parts.charset}" if parts.charset else whole.media_type,
            f'"{source.digest}-{self._number}"'.encode(),
            max(whole.modified, self._last_update()),
            (*whole.headers, *_policy_headers(policies)),
            whole.status,
        )

    # -- what is sent as it comes ----------------------------------------------------------------

    def is_settled(self, media_type: str, beginning: bytes) -> bool:
        """Whether more of a document would make no difference to its tag."""
        return not self._options.inject or inject.is_settled(beginning, *parts_of(media_type))

    def tagged(
        self,
        media_type: str,
        beginning: bytes,
        *,
        is_whole: bool,
        policies: tuple[str, ...],
        origin: str,
    ) -> Tagged | None:
        """A document with its tag; None for one that is left alone.

        Args:
            media_type: the value of its Content-Type.
            beginning: what there is of it.
            is_whole: whether that is all of it.
            policies: values of its Content-Security-Policy headers.
            origin: scheme, host and port that it was asked for at.
        """
        essence, charset = parts_of(media_type)
        plan = inject.plan(beginning, essence, charset, whole=is_whole)
        if plan is None or not self._options.inject:
            return None
        parts, policies = self._tag(beginning, plan, self._address("0"), policies, origin)
        content_type = f"{essence}; charset={parts.charset}" if parts.charset else media_type
        headers = [(b"content-type", content_type.encode("latin-1")), *_policy_headers(policies)]
        return Tagged(parts.before + parts.tag + parts.after, headers)

    def tagged_page(self, page: bytes) -> bytes:
        """A page of our own, which is no file, with its tag."""
        plan = inject.plan(page) if self._options.inject else None
        return page if plan is None else inject.inject(page, plan, self._address("0"))

    # -- the tag ---------------------------------------------------------------------------------

    @property
    def _number(self) -> str:
        return f"{self._history.run}-{self._history.seq}"

    def _address(self, source: str) -> str:
        return f"{self._client}?{self._number}-{source}"

    def _tagged(
        self,
        version: SourceVersion,
        plan: inject.Plan,
        address: str,
        policies: tuple[str, ...],
        origin: str,
    ) -> tuple[inject.Injected, tuple[str, ...]]:
        """The document with its tag and its policies, made once for all who ask alike."""
        made_for = (address, origin, *policies) if policies or plan.policies else (address,)
        if version.tagged is None or version.tagged[0] != made_for:
            version.tagged = made_for, *self._tag(version.data, plan, address, policies, origin)
        return version.tagged[1:]

    def _tag(
        self,
        data: bytes,
        plan: inject.Plan,
        address: str,
        policies: tuple[str, ...],
        origin: str,
    ) -> tuple[inject.Injected, tuple[str, ...]]:
        """The document with its tag, and the policies that let it run."""
        if self._options.csp == "keep" or not (policies or plan.policies):
            return inject.compose(data, plan, address), policies
        # The same in each answer with one entity tag; no page of others can foresee it.
        nonce = blake2b(address.encode(), key=self._secret, digest_size=12).hexdigest()
        metas = [policy.value for policy in plan.policies]
        amendment = csp.amend(policies, metas, source=f"{origin}{self._own}", nonce=nonce)
        if amendment.sentence and amendment.sentence not in self._reported:
            self._reported.add(amendment.sentence)
            self._report(amendment.sentence, False)
        return inject.compose(data, plan, address, amendment), amendment.headers

    def _last_update(self) -> float:
        if self._seq != self._history.seq:
            self._seq, self._changed_at = self._history.seq, time()
        return self._changed_at


def _policy_headers(policies: Iterable[str]) -> list[Header]:
    return [(b"content-security-policy", policy.encode("latin-1")) for policy in policies]
