"""What a file is, by our own table and its first bytes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotreload.http.mime import SNIFFED, TYPES, compressible, content_type, essence_of, parts_of


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("index.html", "text/html"),
        ("INDEX.HTM", "text/html"),
        ("/a.b/page.xhtml", "application/xhtml+xml"),
        ("app.js", "text/javascript"),
        ("app.mjs", "text/javascript"),
        ("app.cjs", "text/javascript"),
        ("app.js.map", "application/json"),
        ("app.min.css", "text/css"),
        ("data.json", "application/json"),
        ("data.jsonld", "application/ld+json"),
        ("map.geojson", "application/geo+json"),
        ("app.webmanifest", "application/manifest+json"),
        ("lib.wasm", "application/wasm"),
        ("a.svg", "image/svg+xml"),
        ("a.avif", "image/avif"),
        ("a.webp", "image/webp"),
        ("a.jxl", "image/jxl"),
        ("favicon.ico", "image/vnd.microsoft.icon"),
        ("a.woff2", "font/woff2"),
        ("a.mp4", "video/mp4"),
        ("a.m4a", "audio/mp4"),
        ("a.opus", "audio/ogg"),
        ("a.pdf", "application/pdf"),
        ("feed.rss", "application/rss+xml"),
        ("feed.atom", "application/atom+xml"),
        ("a.xml", "application/xml"),
        ("a.glb", "model/gltf-binary"),
        ("a.gltf", "model/gltf+json"),
        ("a.vtt", "text/vtt"),
        ("a.tar.gz", "application/gzip"),
        ("index.html.gz", "application/gzip"),
        ("a.html~", "application/octet-stream"),
        ("noext", "application/octet-stream"),
        ("", "application/octet-stream"),
        ("a.", "application/octet-stream"),
        ("folder.html/noext", "application/octet-stream"),
        ("folder.html\\noext", "application/octet-stream"),
        ("caf\udce9.png", "image/png"),
    ],
)
def test_the_extension_says_what_a_file_is(name, expected):
    assert content_type(name) == expected


@pytest.mark.parametrize(
    "name", ["a.txt", "a.md", "a.csv", "a.ts", "a.tsx", "a.jsx", "a.py", "a.yml"]
)
def test_text_that_cannot_say_its_charset_is_utf_8_when_it_is(name):
    essence = content_type(name).partition(";")[0]

    assert content_type(name) == f"{essence}; charset=utf-8"
    assert content_type(name, head="caf\u00e9".encode()) == f"{essence}; charset=utf-8"
    assert (
        content_type(name, head=("a" * SNIFFED + "\u00e9").encode()[:-1])
        == f"{essence}; charset=utf-8"
    )
    assert content_type(name, head=b"caf\xe9 au lait") == essence
    assert content_type(name, head=b"\xff\xfea\0b\0") == essence


@pytest.mark.parametrize("name", ["a.html", "a.css", "a.js", "a.svg", "a.xml", "a.json", "a.vtt"])
def test_no_charset_is_claimed_where_the_content_may_say_another(name):
    assert "charset" not in content_type(name, head=b"plain ASCII")


@pytest.mark.parametrize("name", ["LICENSE", "Makefile", "a.unknown"])
@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"", "text/plain; charset=utf-8"),
        (b"some words\r\n\t\x0c\x1b[0m", "text/plain; charset=utf-8"),
        (b"<html><script>", "text/plain; charset=utf-8"),
        (b"caf\xe9", "text/plain"),
        (b"\xfe\xff\0a\0b", "text/plain"),
        (b"\xef\xbb\xbf\x01", "text/plain; charset=utf-8"),
        (b"\x7fELF\x01", "application/octet-stream"),
        (b"\0", "application/octet-stream"),
        (b"a" * SNIFFED + b"\0", "text/plain; charset=utf-8"),
        (b"a" * (SNIFFED - 1) + b"\0", "application/octet-stream"),
    ],
)
def test_an_unknown_file_is_text_when_its_bytes_are(name, head, expected):
    assert content_type(name, head=head) == expected


def test_the_two_formats_of_ts_are_told_apart_by_their_bytes():
    assert content_type("a.ts", head=b"export type A = 1") == "text/plain; charset=utf-8"
    assert content_type("a.ts", head=b"G@\x00\x10\x00") == "video/mp2t"


def test_overrides_come_first():
    overrides = {"ts": "text/javascript", "": "text/html", "x": "text/x"}

    assert content_type("A.TS", overrides) == "text/javascript"
    assert content_type("a.ts", overrides, b"\0") == "text/javascript"
    assert content_type("noext", overrides) == "text/html"
    assert content_type("a.js", overrides) == "text/javascript"


@given(st.text(), st.none() | st.binary())
def test_every_file_has_a_type_that_may_stand_in_a_header(name, head):
    assert re.fullmatch(r"[a-z0-9]+/[a-z0-9.+-]+(; charset=utf-8)?", content_type(name, head=head))


def test_the_table_has_lower_case_extensions_and_types_that_are_types():
    assert len(TYPES) > 120
    for extension, kind in TYPES.items():
        assert re.fullmatch(r"[a-z0-9]+", extension)
        assert re.fullmatch(r"(application|audio|font|image|model|text|video)/[a-z0-9.+-]+", kind)


@pytest.mark.parametrize(
    "kind",
    [
        *("text/html", "text/plain; charset=utf-8", "TEXT/CSS", "text/javascript", "text/x-new"),
        *("application/json", "application/ld+json", "image/svg+xml", "application/wasm"),
        *("font/ttf", "image/vnd.microsoft.icon", "application/xml ; a=b", "model/gltf-binary"),
    ],
)
def test_text_in_any_dress_is_worth_compressing(kind):
    assert compressible(kind)


@pytest.mark.parametrize(
    "kind",
    [
        *(
            "image/png",
            "image/avif",
            "font/woff2",
            "video/mp4",
            "application/zip",
            "application/pdf",
        ),
        *("application/octet-stream", "application/gzip", "audio/mpeg", "", "texts/html"),
    ],
)
def test_what_is_compressed_already_is_not(kind):
    assert not compressible(kind)


def test_the_type_itself_is_what_stands_before_the_parameters():
    assert essence_of("text/html; charset=utf-8") == "text/html"
    assert essence_of("image/png") == "image/png"
    assert essence_of("Text/HTML ; charset=utf-8") == "text/html"


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("text/html", ("text/html", None)),
        ("Text/HTML; Charset=UTF-8", ("text/html", "UTF-8")),
        ('text/html;charset="koi8-r"', ("text/html", "koi8-r")),
        ("text/html; profile=a; charset=gbk", ("text/html", "gbk")),
        ("application/xhtml+xml; charset=a; charset=b", ("application/xhtml+xml", "a")),
        ("text/html; charsets=x; =y; z", ("text/html", None)),
        ("", ("", None)),
    ],
)
def test_the_type_and_the_first_charset_are_read_among_other_parameters(
    value: str, parts: tuple[str, str | None]
) -> None:
    assert parts_of(value) == parts
