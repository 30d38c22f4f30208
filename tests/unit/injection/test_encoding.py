"""How a browser reads a document: its encoding, and where its ASCII stands."""

import codecs
from collections.abc import Callable

import pytest
import webencodings.labels
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page, Route

from hotreload.injection import encoding_labels, inject
from hotreload.injection.ascii_outline import outline
from hotreload.injection.encoding import Sniffed, sniff


def html(document: bytes, charset: str | None = None) -> str:
    return sniff(document, charset, xml=False).encoding


def xml(document: bytes, charset: str | None = None) -> str:
    return sniff(document, charset, xml=True).encoding


def test_every_label_of_the_standard_is_known() -> None:
    """The table has the labels that another implementation has, and no others."""
    assert encoding_labels._NAMES == webencodings.labels.LABELS


@pytest.mark.parametrize("label", [" UTF8\n", "utf-8", "Unicode-1-1-UTF-8\t"])
def test_a_label_is_read_without_case_and_space_around_it(label: str) -> None:
    assert encoding_labels.encoding(label) == "utf-8"


@pytest.mark.parametrize("label", [None, "", "utf-7", "utf_8", "\xa0utf-8", "none"])
def test_what_is_no_label_means_nothing(label: str | None) -> None:
    assert encoding_labels.encoding(label) is None


def test_python_has_a_codec_for_each_encoding_it_reads_as_browsers_do() -> None:
    for name, codec in encoding_labels.CODECS.items():
        assert encoding_labels.encoding(name) == name
        assert codecs.lookup(codec)


class TestWhatDecides:
    """In this order: byte order mark, Content-Type, declaration, fallback."""

    def test_a_byte_order_mark_beats_the_content_type(self) -> None:
        assert sniff(b"\xef\xbb\xbf<meta charset=gbk>", "big5", xml=False) == Sniffed("utf-8", 3)
        assert sniff(b"\xff\xfe<\0", "utf-8", xml=False) == Sniffed("utf-16le", 2)
        assert sniff(b"\xfe\xff\0<", None, xml=True) == Sniffed("utf-16be", 2)

    def test_the_content_type_beats_the_document(self) -> None:
        assert html(b"<meta charset=utf-8>", "Latin1") == "windows-1252"
        assert html(b"", "utf-16") == "utf-16le"
        assert xml(b"<?xml version='1.0' encoding='big5'?>", "utf-8") == "utf-8"

    def test_an_unknown_charset_in_the_content_type_counts_for_nothing(self) -> None:
        assert html(b"<meta charset=koi8>", "utf-7") == "koi8-r"

    def test_an_xml_declaration_in_16_bits_tells_by_its_zeros(self) -> None:
        assert html("<?xml version='1.0'?>".encode("utf-16-le")) == "utf-16le"
        assert xml("<?xml version='1.0'?>".encode("utf-16-be")) == "utf-16be"

    def test_a_meta_beats_an_xml_declaration_in_html(self) -> None:
        assert html(b"<?xml encoding='big5'?><meta charset=gbk>") == "gbk"
        assert html(b"<?xml encoding='big5'?><p>") == "big5"

    def test_a_meta_says_nothing_in_xml(self) -> None:
        assert xml(b"<html><meta charset='gbk'/></html>") == "utf-8"

    def test_nothing_at_all_leaves_it_to_the_browser(self) -> None:
        assert sniff(b"<p>x", None, xml=False) == Sniffed("windows-1252", certain=False)
        assert sniff(b"<p/>", None, xml=True) == Sniffed("utf-8")


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        (b"<?xml version='1.0' encoding=\"Shift_JIS\" ?>", "shift_jis"),
        (b"<?xml encoding = 'koi8-r'?>", "koi8-r"),
        (b"<?xml encoding='utf-16'?>", "utf-8"),
        (b"<?xml encoding='none'?>", "utf-8"),
        (b"<?xml encoding=koi8-r?>", "utf-8"),
        (b"<?xml version='1.0'?><a encoding='koi8-r'/>", "utf-8"),
        (b" <?xml encoding='koi8-r'?>", "utf-8"),
    ],
)
def test_an_xml_declaration_names_the_encoding(declaration: bytes, expected: str) -> None:
    assert xml(declaration) == expected


DECLARES = [
    b"<meta charset=koi8-r>",
    b"<META CHARSET = 'KOI8-R' >",
    b'<meta/charset="koi8-r"/>',
    b"<meta charset=\n koi8-r>",
    b"<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>",
    b"<meta content='text/html; charset = \"koi8-r\" ' http-equiv=content-type>",
    b"<meta content=\"charset='koi8-r'\" http-equiv=content-type>",
    b"<meta content='charsetx charset=koi8-r; x' http-equiv=content-type>",
    b"<!-- <meta charset=gbk> --><meta charset=koi8-r>",
    b"<!--><meta charset=koi8-r>",
    b"<!x <meta charset=gbk><meta charset=koi8-r>",
    b"</3 '><meta charset=koi8-r>",
    b"<?php '><meta charset=koi8-r>",
    b"<a b='<meta charset=gbk>'><meta charset=koi8-r>",
    b"</a x='>'><meta charset=koi8-r>",
    b"< <meta charset=koi8-r>",
    b"<meta charset=utf-7><meta charset=koi8-r>",
    b"<meta charset= ><meta charset=gbk>",
    b"<meta charset=koi8-r><meta charset=gbk>",
]
DECLARES_NOT = [
    b"<meta charset=koi8-r",
    b"<meta http-equiv=refresh content='charset=koi8-r'>",
    b"<meta content='charset=koi8-r'>",
    b"<meta content='charset=\"koi8-r' http-equiv=content-type>",
    b"<meta http-equiv=content-type>",
    b"<meta content='text/html' http-equiv=content-type>",
    b"<metaz charset=koi8-r>",
    b"<!-- <meta charset=koi8-r>",
    b"<!doctype html '<meta charset=koi8-r'>",
    b"<a b='><meta charset=koi8-r>",
    b"<meta charset='koi8-r>",
    b"<meta =charset=koi8-r>",
    b"<meta charset>",
    b"<a <meta charset=koi8-r>",
]


@pytest.mark.parametrize("document", DECLARES)
def test_a_meta_declares_the_encoding_however_it_is_written(document: bytes) -> None:
    gbk = b"charset= >" in document
    assert html(document) == ("gbk" if gbk else "koi8-r")


@pytest.mark.parametrize("document", DECLARES_NOT)
def test_what_only_looks_like_a_declaration_is_none(document: bytes) -> None:
    assert not sniff(document, None, xml=False).certain


def test_chromium_reads_them_in_the_same_encoding(page: Page) -> None:
    """What the prescan finds is what it goes by; for a request it takes UTF-8 else.

    (Only of two `charset` attributes it takes the last one, where the standard takes the first.)
    """
    documents = [*DECLARES, *DECLARES_NOT, b"<?xml encoding='koi8-r'?><p>"]
    page.route("**/*", lambda route: route.fulfill(body=b"", content_type="text/html"))
    for number, document in enumerate(documents):
        page.route(f"**/{number}", _answering(document))
    page.goto("http://browser.test/")
    found = [page.evaluate(READ_AS, number) for number in range(len(documents))]
    sniffed = [sniff(document, None, xml=False) for document in documents]
    expected = [each.encoding if each.certain else "utf-8" for each in sniffed]
    assert list(zip(documents, found, strict=True)) == list(zip(documents, expected, strict=True))


def _answering(document: bytes) -> Callable[[Route], None]:
    return lambda route: route.fulfill(body=document, content_type="text/html")


READ_AS = """(number) => new Promise((resolve) => {
  const request = new XMLHttpRequest();
  request.onload = () => resolve(request.responseXML.characterSet.toLowerCase());
  request.open("GET", `/${number}`);
  request.responseType = "document";
  request.send();
})"""


def test_of_two_attributes_the_first_one_counts() -> None:
    assert html(b"<meta a charset=koi8-r charset=utf-8>") == "koi8-r"


def test_encodings_that_cannot_declare_themselves_are_replaced() -> None:
    assert html(b"<meta charset=utf-16be>") == "utf-8"
    assert html(b"<meta charset=x-user-defined>") == "windows-1252"


@pytest.mark.parametrize(("start", "found"), [(1000, True), (1023, True), (1024, False)])
def test_a_declaration_counts_when_it_begins_in_the_first_1024_bytes(
    start: int, found: bool
) -> None:
    sniffed = sniff(b"x" * start + b"<meta charset=koi8-r>y", None, xml=False)
    assert sniffed.certain is found
    assert sniffed.declaration == (start + len("<meta charset=koi8-r>") if found else 0)


class TestOutline:
    """A document's ASCII, and the byte where each character begins."""

    @given(st.text(), st.sampled_from(["utf-8", "utf-16le", "utf-16be", "koi8-r", "gb18030"]))
    def test_ascii_stands_where_it_stands_in_the_document(self, text: str, name: str) -> None:
        document = text.encode(name, "ignore")
        seen = outline(document, Sniffed(name))
        assert seen is not None
        unit = "<".encode(name)
        for index, character in enumerate(seen.text):
            offset = seen.offset(index)
            if character == "<":
                assert document[offset : offset + len(unit)] == unit
        assert seen.text.count("<") == text.encode(name, "ignore").decode(name).count("<")
        assert seen.offset(len(seen.text)) == len(document)

    @given(
        st.text("<>a-=\"'[]\\|@ソ表ｱ能貼髙牛功誠ー漢字Ѐ¥‾ é"),
        st.sampled_from(["shift_jis", "euc_jp", "big5", "cp949", "iso2022_jp"]),
    )
    def test_second_bytes_are_not_taken_for_ascii(self, text: str, codec: str) -> None:
        document = text.encode(codec, "ignore")
        name = (
            encoding_labels.encoding({"cp949": "euc-kr"}.get(codec, codec.replace("_", "-"))) or ""
        )
        seen = outline(document, Sniffed(name or "iso-2022-jp"))
        assert seen is not None
        kept = [each for each in document.decode(codec) if each in "<>a-=\"'[]|@"]
        assert [each for each in seen.text if each in "<>a-=\"'[]|@"] == kept
        assert sorted({seen.offset(each) for each in range(len(seen.text))}) == [
            seen.offset(each) for each in range(len(seen.text))
        ]

    def test_a_place_is_ahead_of_the_escape_that_leads_to_its_character(self) -> None:
        document = b"a\x1b$B<!\x1b(Bb\x1b(J\x1b(Bc"
        seen = outline(document, Sniffed("iso-2022-jp"))
        assert seen is not None
        assert seen.text == "a\x80\x80bc"
        assert [seen.offset(each) for each in range(6)] == [0, 1, 5, 6, 10, 17]

    def test_an_escape_at_the_start_has_its_place_behind_ours(self) -> None:
        seen = outline(b"\x1b(I1", Sniffed("iso-2022-jp"))
        assert seen is not None
        assert (seen.text, seen.offset(0), seen.offset(1)) == ("\x80", 0, 4)

    def test_characters_outside_ascii_do_not_look_like_it(self) -> None:
        seen = outline("\u3c3c<\u003e\u2060é".encode("utf-16-be"), Sniffed("utf-16be"))
        assert seen is not None
        assert seen.text[1:3] == "<>"
        assert "<" not in seen.text[:1] + seen.text[3:]

    def test_an_odd_byte_at_the_end_is_none(self) -> None:
        seen = outline(b"\xff\xfe<\0x", Sniffed("utf-16le", start=2))
        assert seen is not None
        assert (seen.text, seen.offset(1)) == ("<", 4)

    def test_an_encoding_without_content_has_no_outline(self) -> None:
        assert outline(b"<p>", Sniffed("replacement")) is None


class TestText:
    """The characters as a browser reads them, when that is sure."""

    @pytest.mark.parametrize(
        ("document", "charset", "expected"),
        [
            ("\ufeffé\r\n\0".encode(), None, "é\r\n\0"),
            ("é".encode(), "utf-8", "é"),
            ("é漢😀".encode("utf-16"), None, "é漢😀"),
            (b"<meta charset=iso-8859-1>\x93", None, "<meta charset=iso-8859-1>“"),
            (b"<meta charset=euc-kr>\xb0\xa1", None, "<meta charset=euc-kr>가"),
            (b"<p>plain", None, "<p>plain"),
            (b"", None, ""),
        ],
    )
    def test_it_is_read_as_the_encoding_says(
        self, document: bytes, charset: str | None, expected: str
    ) -> None:
        assert inject.text(document, "text/html", charset) == expected

    @pytest.mark.parametrize(
        ("document", "charset"),
        [
            ("é".encode(), None),  # a browser guesses
            (b"\xe9", "utf-8"),  # bytes that stand for nothing
            (b"\xff\xfe\x00\xd8", None),
            (b"a", "shift_jis"),  # Python's table is not the standard's
            (b"a", "iso-2022-kr"),
        ],
    )
    def test_it_is_none_when_it_is_not_sure(self, document: bytes, charset: str | None) -> None:
        assert inject.text(document, "text/html", charset) is None

    def test_it_is_none_for_what_is_no_document(self) -> None:
        assert inject.text(b"x", "text/plain") is None

    def test_xml_is_utf_8_when_it_says_nothing(self) -> None:
        assert inject.text("<p>é</p>".encode(), "application/xhtml+xml") == "<p>é</p>"
        assert inject.text("<p>é</p>".encode(), "image/svg+xml") == "<p>é</p>"
