"""Where the tag goes in, what it looks like, and what is left alone."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.browser.untag import SRC, TAG, remove

from hotreload.injection import inject
from hotreload.injection.csp import Amendment

XML_TAG = TAG.replace("<script", '<script xmlns="http://www.w3.org/1999/xhtml"')
XHTML, SVG = "application/xhtml+xml", "image/svg+xml"


def tagged(document: str | bytes, media_type: str = "text/html", charset: str | None = None) -> str:
    """The document with `[TAG]` where the tag went in, or without when it was left alone."""
    content = document.encode() if isinstance(document, str) else document
    plan = inject.plan(content, media_type, charset)
    if plan is None:
        return content.decode("latin-1")
    injected = inject.inject(content, plan, SRC).decode("latin-1")
    assert injected.count("/__hotreload__/") == 1
    return injected.replace(XML_TAG, "[TAG]").replace(TAG, "[TAG]")


@pytest.mark.parametrize(
    "marked",
    [
        "[TAG]",
        "[TAG]text",
        "[TAG]<p>x",
        " \n[TAG]text",
        "<!doctype html>[TAG]<p>",
        "<!DOCTYPE HTML PUBLIC 'a' \"b\">\n[TAG]<title>",
        "<!doctype html>\n<html lang=en>\n<head>[TAG]\n<title>",
        "<HTML A='>'><HEAD B=\">\">[TAG] x",
        "<html><!-- c -->\n[TAG]<meta charset=x>",
        "<html><html><head>[TAG]<head>",
        "<html>[TAG]<body>",
        "<html>[TAG]</head>",
        "</p></div>[TAG]</body>",
        "</>[TAG]</br>",
        "</ bogus><?php ?><!x>[TAG]<b>",
        "<!--><!---><!----><!-- --!>[TAG]-->",
        "<!-- > -- ->--><html>[TAG]<header>",
        "[TAG]<frameset>",
        "[TAG]<plaintext><head>",
        "[TAG]<svg><head>",
        "[TAG]<template><head>",
        "[TAG]<script>'<head>'</script>",
        "<!-- <head> -->[TAG]<noscript>",
        "[TAG]<",
        "[TAG]</",
        "[TAG]<3",
        "[TAG]<html",
        "<html>[TAG]<head a='>",
        "<html a='<head>'>[TAG]<b>",
        "<html><head/>[TAG]",
        "&#32;&Tab;&#x0a;&#9;[TAG]&nbsp;",
        "[TAG]&Tab",
        "[TAG]&#321;",
        "\0<html>\0[TAG]<p>",
    ],
)
def test_the_tag_goes_where_the_head_begins(marked: str) -> None:
    assert tagged(marked.replace("[TAG]", "")) == marked


def test_the_tag_goes_behind_an_import_map() -> None:
    """Older browsers take no import map once a module has been asked for."""
    marked = "<head><script>1</script><script TYPE=ImportMap>{}</script>[TAG]<script>2</script>"
    assert tagged(marked.replace("[TAG]", "")) == marked


def test_the_tag_stays_ahead_of_a_base() -> None:
    """Behind one, our address would mean another server."""
    marked = "<head>[TAG]<base href=//cdn.test><script type=importmap>{}</script>"
    assert tagged(marked.replace("[TAG]", "")) == marked
    marked = "<head><script type=importmap>{}</script>[TAG]<base href=//cdn.test>"
    assert tagged(marked.replace("[TAG]", "")) == marked


@pytest.mark.parametrize("open_script", ["{}", "{}<p>", "{}</script", "<!--<script></script>"])
def test_an_import_map_that_is_never_closed_is_none(open_script: str) -> None:
    """A tag behind it would be text in it: a page that is being typed could not heal."""
    marked = f"<head>[TAG]<script type=importmap>{open_script}"
    assert tagged(marked.replace("[TAG]", "")) == marked


@pytest.mark.parametrize(
    ("unclosed", "closed"),
    [
        ("<!--", "<!---->"),
        ("<!---", "<!---->"),
        ("<!-- a", "<!-- a-->"),
        ("<!-- a --", "<!-- a -->"),
        ("<!-- a --!", "<!-- a --!>"),
        ("<html><!-- <head>", "<html><!-- <head>-->"),
        ("<?php <head", "<?php <head>"),
        ("</ x", "</ x>"),
        ("<!", "<!>"),
        ("<!doctype", "<!doctype>"),
        ("<!DOCTYPE ", "<!DOCTYPE >"),
        ("<!doctype html", "<!doctype html x>"),
        ("<!doctype html public", "<!doctype html public x>"),
        ("<!doctype html public 'a", "<!doctype html public 'a>"),
        ("<!doctype html public 'a'", "<!doctype html public 'a' x>"),
        ("<!doctype html public 'a'\"b", "<!doctype html public 'a'\"b>"),
        ("<!doctype html system\t'b", "<!doctype html system\t'b>"),
    ],
)
def test_a_comment_or_doctype_that_never_ends_is_ended(unclosed: str, closed: str) -> None:
    """A page that is being typed takes the tag as well; else it could not heal."""
    plan = inject.plan(unclosed.encode())
    assert plan is not None
    injected = inject.inject(unclosed.encode(), plan, SRC)
    start, script, end = injected.decode().partition("<script")
    assert start == closed
    assert f' data-closes="{len(closed) - len(unclosed)}"></script >' in script + end
    assert remove(injected) == unclosed.encode()


@pytest.mark.parametrize(
    "document",
    [
        b"<html data-hotreload=off>",
        b"<!doctype html><HTML lang=en DATA-HotReload='Off'><p>",
        b"<html><html data-hotreload=off>",
        b"<!doctype html system 'a'",
        b'<!doctype html public "a" "b" ',
        b"<!-- c --><?",
        b"\0 text",
        b"<script src=/__hotreload__/client.js></script>",
        b"<head><script src='/base/__hotreload__/0123456789abcdef/client.js'></script>",
    ],
)
def test_some_documents_are_left_alone(document: bytes) -> None:
    assert inject.plan(document) is None


def test_a_page_that_was_saved_with_a_tag_gets_one_of_today_ahead_of_it() -> None:
    plan = inject.plan(b"<head><script src='/__hotreload__/client.js?0-1-2/a.html'></script>")
    assert plan is not None
    assert plan.offset == len(b"<head>")


def test_the_first_html_tag_decides_on_opting_out() -> None:
    assert inject.plan(b"<html data-hotreload=on><html data-hotreload=off>") is not None


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "text/css", ""])
def test_only_documents_take_a_tag(media_type: str) -> None:
    assert inject.plan(b"<html><head></head></html>", media_type) is None


def test_an_encoding_that_hides_its_content_is_left_alone() -> None:
    assert inject.plan(b"<p>", charset="iso-2022-kr") is None
    assert inject.plan(b"x" * 2000, charset=None) is not None
    assert inject.plan(b"<title>" + b"x" * 2000 + b"</title><meta charset=hz-gb-2312>") is None


class TestXml:
    @pytest.mark.parametrize(
        "marked",
        [
            "<html xmlns='x'><head>[TAG]<title/></head></html>",
            "<?xml version='1.0'?>\n<!DOCTYPE html>\n<!-- <html> --><html>[TAG]</html>",
            "<html>\n<!-- <head> --><head a='>'>[TAG]</head></html>",
            "<!DOCTYPE html [<!ENTITY a ']>'><!-- ' --><?p ' ?>]><html>[TAG]<body/></html>",
            "<html>[TAG]<head/></html>",
            "<html>[TAG]text<head>x</head></html>",
            "<h:html xmlns:h='x'><h:head>[TAG]</h:head></h:html>",
            "<svg a=\"'\" b = '\"' >[TAG]</svg>",
            "<s:svg xmlns:s='x'>[TAG]<head>x</head></s:svg>",
            "<rss>[TAG]<p/></rss>",
        ],
    )
    def test_the_tag_goes_into_the_head_or_the_root(self, marked: str) -> None:
        assert tagged(marked.replace("[TAG]", ""), XHTML) == marked
        assert tagged(marked.replace("[TAG]", ""), SVG) == marked

    @pytest.mark.parametrize(
        "document",
        [
            "",
            "text",
            "<svg/>",
            "<svg a=b></svg>",
            "<svg",
            "<!-- <svg></svg>",
            "<!DOCTYPE svg [ <svg></svg>",
            "<svg a='<'></svg>",
            "</svg>",
            "<html data-hotreload='off'><head></head></html>",
            "<?xml-stylesheet type='text/xsl' href='a'?><html><head></head></html>",
            "<svg><script src='/__hotreload__/client.js'></script></svg>",
        ],
    )
    def test_what_is_not_well_formed_or_has_no_inside_is_left_alone(self, document: str) -> None:
        assert inject.plan(document.encode(), SVG) is None

    def test_other_style_sheets_are_no_reason_to(self) -> None:
        marked = "<!-- <?xml-stylesheet xsl?> --><?xml-stylesheet href='a.css'?><svg>[TAG]</svg>"
        assert tagged(marked.replace("[TAG]", ""), SVG) == marked

    def test_a_second_byte_that_looks_like_a_bracket_is_none(self) -> None:
        """In Shift_JIS, the second byte of this katakana is `]`."""
        document = "<?xml encoding='shift_jis'?><!DOCTYPE a [<!ENTITY ゼ 'x'>]><a></a>"
        content = document.encode("shift_jis")
        plan = inject.plan(content, XHTML)
        assert plan is not None
        assert content[: plan.offset].endswith(b"]><a>")

    def test_a_policy_in_its_head_is_found(self) -> None:
        document = (
            b"<html><head><style><![CDATA[</style>]]></style><!-- --><meta charset='x'></meta>"
            b"<meta http-equiv='Content-Security-Policy' content='img-src &lt;a'/></head></html>"
        )
        plan = inject.plan(document, XHTML)
        assert plan is not None
        assert [policy.value for policy in plan.policies] == ["img-src <a"]

    def test_what_holds_other_elements_ends_the_search(self) -> None:
        policy = b"<meta http-equiv='Content-Security-Policy' content='x'/>"
        plan = inject.plan(b"<html><head><a><b/></a>" + policy + b"</head></html>", XHTML)
        assert plan is not None
        assert plan.policies == ()


class TestPolicies:
    def policies(self, document: bytes) -> list[str]:
        plan = inject.plan(document)
        assert plan is not None
        return [policy.value for policy in plan.policies]

    POLICY = b"<meta http-equiv=content-security-policy content=a>"

    @pytest.mark.parametrize(
        "head",
        [
            b"<!doctype html><head>",
            b"<head>\n<!-- <plaintext> --><!doctype x></p></head>",
            b"<title><plaintext></title>",
            b"<TITLE></titles></TITLE x='>'>",
            b"<style></script></style ><link><noframes><p></noframes/>",
            b"<noscript><p></noscript>",
            b"<script>'<!-- <script> </script> --></p>'</script>",
            b"<script><!-- </script>",
            b"<script><!--> <script> </script>",
            b"<script></script x><base><html><head>",
        ],
    )
    def test_they_are_found_wherever_the_head_goes_on(self, head: bytes) -> None:
        assert self.policies(head + self.POLICY) == ["a"]

    @pytest.mark.parametrize(
        "head",
        [
            b"<p>",
            b"text",
            b"<head></body>",
            b"<title>",
            b"<title></title",
            b"<script>",
            b"<script><!-- <script> </script>",
            b"</head><noscript></noscript>",
            b"<!--",
            b"<head><!--",
            b"<template>",
        ],
    )
    def test_and_not_behind_it(self, head: bytes) -> None:
        assert self.policies(head + self.POLICY) == []

    @pytest.mark.parametrize(
        ("content", "value"),
        [
            (b"\"img-src 'self' &quot;&amp;&#39;&lt\"", "img-src 'self' \"&'<"),
            (b"'a&ampb&nope;&Tab;'", "a&ampb&nope;\t"),
            (b"a/", "a/"),
        ],
    )
    def test_a_value_is_read_as_an_attribute_is(self, content: bytes, value: str) -> None:
        meta = b"<META Content=%s HTTP-EQUIV=Content-Security-Policy>" % content
        assert self.policies(meta) == [value]

    @pytest.mark.parametrize(
        "meta",
        [
            b"<meta http-equiv=content-security-policy>",
            b"<meta http-equiv=content-security-policy content=\xe9>",
            b"<meta http-equiv=content-security-policy-report-only content=a>",
            b"<meta name=content-security-policy content=a>",
        ],
    )
    def test_other_metas_are_none(self, meta: bytes) -> None:
        assert self.policies(meta) == []

    @pytest.mark.parametrize("codec", ["latin-1", "utf-16"])
    def test_amended_ones_take_their_place(self, codec: str) -> None:
        start = "<meta content='a' http-equiv=Content-Security-Policy><title>x</title>"
        document = f"{start}{start}<p content=a>".encode(codec)
        plan = inject.plan(document)
        assert plan is not None
        amendment = Amendment(metas=("a", "b'\"&<"), nonce="N+/=")
        injected = inject.inject(document, plan, SRC, amendment).decode(codec)
        expected = start + start.replace("'a'", '"b\'&quot;&amp;&lt;"') + "<p content=a>"
        assert injected == TAG.replace('"></', '" nonce="N+/="></') + expected


@pytest.mark.parametrize("src", ["", 'a"b', "a'b", "a b", "a&b", "a<b", "a>b", "é", "a\n"])
def test_an_address_has_to_stand_in_every_document(src: str) -> None:
    plan = inject.plan(b"")
    assert plan is not None
    with pytest.raises(ValueError, match="address"):
        inject.inject(b"", plan, src)


PIECES = st.sampled_from(
    ["<!doctype html>", "<html>", "<html a='", "<head>", "<!--", "-->", "--!>", "<", ">", "</p>",
     "</head>", "<meta charset=gbk>", "<title>", "</title>", "<script>", "</script>", "<p>", " ",
     "\n", "\0", "&#32;", "é", "漢", "x", "'", '"', "=", "/", "<?", "<!", "]", "<svg>", "<html/>"]
)  # fmt: skip
DOCUMENTS = st.one_of(
    st.binary(),
    st.lists(PIECES).map("".join).map(str.encode),
    st.lists(PIECES).map("".join).map(lambda text: text.encode("utf-16")),
    st.lists(PIECES).map("".join).map(lambda text: text.encode("iso2022_jp", "ignore")),
)
MEDIA_TYPES = st.sampled_from(["text/html", XHTML, SVG])
CHARSETS = st.sampled_from([None, "utf-8", "iso-2022-jp", "shift_jis", "utf-16be"])


@given(DOCUMENTS, MEDIA_TYPES, CHARSETS)
@example(b"", "text/html", None)
def test_without_the_tag_the_bytes_are_the_files(
    document: bytes, media_type: str, charset: str | None
) -> None:
    plan = inject.plan(document, media_type, charset)
    if plan is None:
        return
    parts = inject.compose(document, plan, SRC)
    injected = inject.inject(document, plan, SRC)
    assert injected == parts.before + parts.tag + parts.after
    assert parts.before + parts.after == document
    charset = parts.charset or charset
    assert remove(injected, media_type, charset) == document


@given(DOCUMENTS, MEDIA_TYPES)
def test_where_there_is_no_tag_none_is_taken_out(document: bytes, media_type: str) -> None:
    assert remove(document, media_type) == document


def test_only_our_own_tag_is_taken_out() -> None:
    by_hand = b"<script src=/__hotreload__/client.js></script>"
    assert remove(by_hand) == by_hand
    assert remove(b"x", "text/plain") == b"x"


@pytest.mark.parametrize(
    "start",
    ["<!--", "<!-- -", " ", "&#0", "<html a='", "<html a", "<a", "</", "<p>", "<script>", "<title>",
     "<script><!--", "<html =", "<meta charset=", "<?xml encoding", "<!doctype ", "&#32;", "</p>",
     "<!DOCTYPE a [", "<a b='c'>", "<!---->", "<?a?>", "<a>", "<![CDATA[", "\x1b(B", "\x1b$B"],
)  # fmt: skip
@pytest.mark.parametrize("media_type", ["text/html", XHTML])
def test_it_takes_time_in_proportion_to_the_size(start: str, media_type: str) -> None:
    """A megabyte of whatever comes first is read in a moment; its square would take hours."""
    size = 2**20
    for document in (start * (size // len(start)), start + "x " * (size // 2)):
        began = time.process_time()
        inject.plan(document.encode(), media_type)
        assert time.process_time() - began < 5


@pytest.mark.parametrize("charset", ["utf-16le", "iso-2022-jp", "gbk", "big5", "utf-8"])
def test_so_it_does_in_each_encoding(charset: str) -> None:
    began = time.process_time()
    inject.plan(b"\x1b$B\x1b(B \0\x81\x81<!---->" * 2**16, charset=charset)
    assert time.process_time() - began < 5


SETTLED = st.tuples(
    st.lists(
        st.one_of(
            PIECES,
            st.sampled_from(
                ["<body>", "</body>", "<p class=x>", "<link rel=x>", "<base href=/>", "<3",
                 "&nbsp;", "&#9", "&Tab", "&#0000", "<!--", "-->", "<noscript>", "</noscript>",
                 "<template>",
                 "<meta http-equiv=content-security-policy content=a>", "<style>", "</style>",
                 "<script type=importmap>", "<html data-hotreload=off>", "x" * 1024]
            ),
        ),
        max_size=12,
    ).map("".join),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "iso2022_jp", "shift_jis", "gb18030"]),
    st.sampled_from([None, "utf-8", "iso-2022-jp", "shift_jis", "utf-16le"]),
    st.integers(0, 4096),
)  # fmt: skip


@given(SETTLED)
@example(("<!doctype html><head></head><body>" + "x" * 1024, "utf-8", None, 1034))
@example(("<title>x</title><p>x", "utf-8", "utf-8", 19))
def test_a_beginning_is_settled_when_nothing_behind_it_counts(
    made: tuple[str, str, str | None, int],
) -> None:
    text, codec, charset, cut = made
    document = text.encode(codec, "ignore")
    beginning = document[:cut]
    if inject.is_settled(beginning, "text/html", charset):
        plan = inject.plan(document, "text/html", charset)
        assert inject.plan(beginning, "text/html", charset, whole=False) == plan


@pytest.mark.parametrize(
    ("beginning", "is_settled"),
    [
        ("<!doctype html><html><head><title>x</title></head><body>", True),
        ("<!doctype html><html><head><title>x</title></head><body", False),
        ("<head><title>x</title>", False),
        ("<head><title>x</title", False),
        ("<title>x</title></body>", True),
        ("<p>", True),
        ("<p", False),
        ("text", True),
        ("", False),
        (" \n", False),
        ("&#9", False),
        ("&#95 ", True),
        ("&a", False),
        ("<3", True),
        ("<", False),
        ("<!-- ", False),
        ("<head><!-- ", False),
    ],
)
def test_a_beginning_is_settled_once_its_head_is_over(beginning: str, is_settled: bool) -> None:
    assert inject.is_settled(beginning.encode(), "text/html", "utf-8") is (
        is_settled and len(beginning) > 2
    )


def test_a_beginning_without_a_charset_takes_all_that_browsers_look_for_one_in() -> None:
    assert not inject.is_settled(b"<p>" + b"x" * 1020)
    assert inject.is_settled(b"<p>" + b"x" * 1021)
    assert not inject.is_settled(b"<p>" + b"x" * 1021, charset="iso-2022-jp")


def test_a_beginning_in_xml_is_never_settled() -> None:
    assert not inject.is_settled(b"<svg><g>" + b"<g>" * 1024, SVG, "utf-8")
    assert not inject.is_settled(b"plain", "text/plain", "utf-8")
