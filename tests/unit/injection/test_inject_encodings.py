"""The tag in documents of every encoding, and where a document says which one it is in."""

import pytest
from support.browser.untag import SRC, TAG, remove

from hotreload.injection import inject
from hotreload.injection.csp import Amendment


class TestEncodings:
    @pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
    def test_the_tag_is_written_in_16_bits(self, codec: str) -> None:
        document = "\ufeff<!doctype html>\n<p>漢"
        plan = inject.plan(document.encode(codec))
        assert plan is not None
        injected = inject.inject(document.encode(codec), plan, SRC)
        assert injected.decode(codec) == document.replace("<p>", TAG + "<p>")

    def test_a_tilde_is_escaped_where_it_could_be_an_overline(self) -> None:
        plan = inject.plan(b"\x1b(J <p>", charset="iso-2022-jp")
        assert plan is not None
        src = "/__hotreload__/client.js?1-2-3/~a/"
        assert b'client.js?1-2-3/%7Ea/"' in inject.inject(b"\x1b(J <p>", plan, src)

    def test_a_tag_in_iso_2022_jp_stands_where_bytes_are_ascii(self) -> None:
        content = "<!-- 漢 -->漢".encode("iso2022_jp")
        plan = inject.plan(content, charset="iso-2022-jp")
        assert plan is not None
        assert plan.offset == content.index(b"-->") + 3

    def test_a_comment_that_never_ends_is_ended_behind_the_last_escape(self) -> None:
        content = "<!-- 漢".encode("iso2022_jp")
        assert content.endswith(b"\x1b(B")
        plan = inject.plan(content, charset="iso-2022-jp")
        assert plan is not None
        injected = inject.inject(content, plan, SRC)
        assert injected.startswith(content + b"-->")
        assert remove(injected, charset="iso-2022-jp") == content

    def test_half_a_character_at_the_end_of_it_cannot_be(self) -> None:
        assert inject.plan(b"<!-- \x1b$B4A", charset="iso-2022-jp") is None
        assert inject.plan("\ufeff<!--".encode("utf-16-le") + b"x") is None

    def test_a_declaration_far_away_counts_when_it_is_in_the_head(self) -> None:
        head = b"<title>" + b"x" * 2000 + b"</title><meta name=a><meta charset=iso-2022-jp>"
        plan = inject.plan(head)
        assert plan is not None
        assert (plan.offset, plan.encoding) == (0, "iso-2022-jp")


class TestDeclarationOfTheEncoding:
    """It has to stay within the first 1,024 bytes."""

    META = b"<meta charset=koi8-r>"

    def compose(self, document: bytes) -> inject.Injected:
        plan = inject.plan(document)
        assert plan is not None
        return inject.compose(document, plan, SRC)

    def test_as_long_as_it_stays_there_the_tag_comes_first(self) -> None:
        room = 1024 - len(TAG) - len(self.META)
        parts = self.compose(b"<head>" + b" " * (room - 6) + self.META)
        assert (parts.before, parts.charset) == (b"<head>", None)
        assert len(parts.before + parts.tag + parts.after) == 1024

    def test_else_the_tag_comes_behind_it(self) -> None:
        room = 1025 - len(TAG) - len(self.META)
        document = b"<head>" + b" " * (room - 6) + self.META
        parts = self.compose(document + b"x")
        assert (parts.before, parts.after, parts.charset) == (document, b"x", None)

    @pytest.mark.parametrize("base", [b"<base href=/>", b"<noscript>", b"<p>", b"<template>"])
    def test_where_that_is_not_possible_the_content_type_has_to_say_it(self, base: bytes) -> None:
        parts = self.compose(b"<head>" + base + b"<!--" + b" " * 940 + b"-->" + self.META)
        assert (parts.before, parts.charset) == (b"<head>", "koi8-r")

    def test_a_policy_that_grows_counts_as_well(self) -> None:
        policy = b"<meta http-equiv=content-security-policy content=a>"
        for space, charset in ((700, None), (850, "koi8-r")):
            document = b"<head>" + policy + b" " * space + self.META
            plan = inject.plan(document)
            assert plan is not None
            amendment = Amendment(metas=("a" * 200,))
            assert inject.compose(document, plan, SRC, amendment).charset == charset

    def test_a_policy_behind_it_does_not(self) -> None:
        policy = b"<meta http-equiv=content-security-policy content=a>"
        document = b"<head>" + b" " * 960 + self.META + policy
        plan = inject.plan(document)
        assert plan is not None
        parts = inject.compose(document, plan, SRC, Amendment(metas=("a" * 200,)))
        assert parts.charset is None
        assert parts.before == document[: -len(policy)]
