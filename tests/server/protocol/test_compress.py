"""What is sent compressed is what would be sent, and only to those that take it."""

import gzip
import os
import sys
import time

import brotli
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.process.http_client import DOCUMENT, TAG, ask

from hotreload.http import compress
from hotreload.http.compress import Compressor, choose, coders, encoded, worthwhile
from hotreload.http.representation import Representation

try:
    from compression import zstd
except ImportError:
    from backports import zstd

ALL = ("zstd", "br", "gzip")
TEXT = b"body { color: red }\n" * 200


def sheet(content=TEXT, media_type="text/css", etag=b'"1"'):
    return Representation(content, media_type, etag, 0.0)


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("gzip;q=1, br;q=0.5", "gzip"),
        ("gzip ; q=0.5 , br;q=0.8;x=y", "br"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("*", "zstd"),
        ("*;q=0", None),
        ("gzip;q=0, *", "zstd"),
        ("zstd;q=0, br;q=0, *;q=0.1", "gzip"),
        ("gzip;q=0", None),
        ("gzip;q=0.5, identity", None),
        ("identity;q=0.5, gzip", "gzip"),
        ("identity", None),
        ("deflate, compress", None),
        ("gzip;q=x", None),
        ("gzip;q=7", "gzip"),
        ("", None),
        (",;,", None),
    ],
)
def test_the_coding_is_the_one_that_the_client_likes_most(accepted, coding):
    assert choose(accepted.encode(), ALL) == coding


@given(st.binary(max_size=60), st.lists(st.sampled_from(ALL), min_size=1, unique=True))
@example(b"gzip;q=nan", ["gzip"])
def test_any_header_chooses_what_there_is_or_nothing(accepted, codings):
    assert choose(accepted, tuple(codings)) in (*codings, None)


DECODERS = {"zstd": zstd.decompress, "br": brotli.decompress, "gzip": gzip.decompress}


@given(st.binary(max_size=5000))
def test_each_coder_makes_what_its_decoder_reads(data):
    assert tuple(coders()) == ALL
    for coding, coder in coders().items():
        assert DECODERS[coding](coder(data)) == data


def test_coders_are_those_that_are_installed(monkeypatch):
    class Library:
        def compress(self, data, *level, **more):
            return b"!" + data

    def find(name):
        if name in ("backports.zstd", "brotlicffi"):
            return Library()
        raise ImportError(name)

    monkeypatch.setattr(compress, "import_module", find)
    assert tuple(coders()) == ALL
    assert coders()["zstd"](b"a") == coders()["br"](b"a") == b"!a"
    monkeypatch.setattr(compress, "import_module", lambda name: find(""))
    assert tuple(coders()) == ("gzip",)


@pytest.mark.parametrize(
    ("size", "media_type", "worth"),
    [
        (1024, "text/css", True),
        (1023, "text/css", False),
        (5000, "image/svg+xml", True),
        (5000, "image/png", False),
        (5000, "font/woff2", False),
        (5000, "application/wasm", True),
    ],
)
def test_small_and_packed_content_is_sent_as_it_is(size, media_type, worth):
    assert worthwhile(sheet(bytes(size), media_type)) is worth


def test_a_part_is_a_part_of_the_plain_content():
    compressor = Compressor(coders())

    assert compressor.coding(sheet(), {b"accept-encoding": b"gzip"}) == "gzip"
    assert compressor.coding(sheet(), {b"accept-encoding": b"gzip", b"range": b"bytes=0-1"}) is None
    assert compressor.coding(sheet(), {}) is None
    assert compressor.coding(sheet(b"small"), {b"accept-encoding": b"gzip"}) is None


def test_content_is_compressed_once_for_each_version_and_coding():
    calls = []

    def coder(data):
        calls.append(data)
        return data[:10]

    compressor = Compressor({"br": coder, "gzip": coder})
    for _ in range(3):
        whole = compressor.encode(sheet(), "gzip")
        compressor.encode(sheet(), "br")
        compressor.encode(sheet(TEXT + b"2"), "gzip")
    assert (whole.etag, whole.content) == (b'"1-gzip"', TEXT[:10])
    assert (b"content-encoding", b"gzip") in whole.headers
    assert len(calls) == 7  # of two contents with one entity tag, one is kept


def test_what_is_not_smaller_or_too_large_is_sent_as_it_is(tmp_path):
    compressor = Compressor({"gzip": lambda data: data + b"!"})
    large = sheet(bytes(compress.MOST + 1))

    assert compressor.encode(sheet(), "gzip") == sheet()
    assert compressor.encode(large, "gzip") is large


def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(compress, "MAX_KEPT", 10_000)
    calls = []

    def coder(data):
        calls.append(data)
        return data[:1]

    compressor = Compressor({"gzip": coder})
    for number in range(4):
        compressor.encode(sheet(bytes([number]) * 4_000, etag=b'"%d"' % number), "gzip")
    compressor.encode(sheet(bytes([3]) * 4_000, etag=b'"3"'), "gzip")
    assert len(calls) == 4
    compressor.encode(sheet(bytes([0]) * 4_000, etag=b'"0"'), "gzip")
    assert len(calls) == 5


def test_an_encoded_representation_is_another_one():
    assert encoded(sheet(), b"x", "br").etag == b'"1-br"'


# ---- as it is served ----


@pytest.fixture
def served(tmp_path, server):
    root = tmp_path / "packed"
    root.mkdir()
    (root / "index.html").write_bytes(b"<!doctype html>" + b"<p>text</p>\n" * 300)
    (root / "style.css").write_bytes(TEXT)
    (root / "small.css").write_bytes(b"p {}")
    (root / "noise.png").write_bytes(os.urandom(5000))
    running = server(root, "--compress")
    running.root = root
    return running


GZIP = {"Accept-Encoding": "gzip, deflate"}


def test_a_file_comes_compressed_to_who_takes_it(served):
    plain, packed = ask(served, "/style.css"), ask(served, "/style.css", headers=GZIP)

    assert plain["Content-Encoding"] is None
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body == TEXT
    assert int(packed["Content-Length"]) == len(packed.body) < len(TEXT)
    assert packed["Vary"] == plain["Vary"] == "Accept-Encoding"
    assert packed["ETag"] == plain["ETag"][:-1] + '-gzip"'


@pytest.mark.parametrize("coding", ALL)
def test_each_coding_comes_to_who_takes_it_alone(served, coding):
    headers = {**DOCUMENT, "Accept-Encoding": coding}
    plain, packed = ask(served, headers=DOCUMENT), ask(served, headers=headers)
    again = ask(served, headers={**headers, "If-None-Match": packed["ETag"]})

    assert packed["Content-Encoding"] == coding
    assert DECODERS[coding](packed.body) == plain.body
    assert int(packed["Content-Length"]) == len(packed.body) < len(plain.body) / 2
    assert again.status == 304


LIBRARIES = {"zstd": ("compression.zstd", "backports.zstd", "zstandard"),
             "br": ("brotli", "brotlicffi")}  # fmt: skip


@pytest.mark.parametrize("coding", ALL)
def test_a_browser_reads_each_coding(server, served, page, coding):
    """Where no better one is installed, it is the one that Chromium gets."""
    better = [name for known in ALL[: ALL.index(coding)] for name in LIBRARIES[known]]
    start = f"import sys; sys.modules.update(dict.fromkeys({better}));"
    start += "from hotreload.cli.main import main; main()"
    text = (
        b"<!doctype html><link rel=stylesheet href=style.css><h1>old</h1>" + b"<p>text</p>\n" * 300
    )
    (served.root / "index.html").write_bytes(text)
    running = server(served.root, "--compress", program=(sys.executable, "-c", start))

    with page.expect_response("**/style.css") as style:
        document = page.goto(running.url)

    assert document.all_headers()["content-encoding"] == coding
    assert style.value.all_headers()["content-encoding"] == coding
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(255, 0, 0)"
    assert page.locator("p").count() == 300
    running.wait_for(type="page", event="opened")
    (served.root / "index.html").write_bytes(text.replace(b"old", b"new"))
    page.get_by_role("heading", name="new").wait_for()


def test_a_document_comes_compressed_with_its_tag(served):
    plain = ask(served, headers=DOCUMENT)
    packed = ask(served, headers={**DOCUMENT, **GZIP})

    assert gzip.decompress(packed.body) == plain.body
    assert TAG.search(plain.body)
    assert packed["Vary"] == plain["Vary"]
    assert "Sec-Fetch-Dest" in packed["Vary"]
    assert "Accept-Encoding" in packed["Vary"]


@pytest.mark.parametrize("path", ["/", "/style.css", "/small.css", "/noise.png"])
def test_head_and_conditions_agree_with_get(served, path):
    got, head = ask(served, path, headers=GZIP), ask(served, path, "HEAD", GZIP)
    again = ask(served, path, headers={**GZIP, "If-None-Match": got["ETag"]})
    other = ask(served, path, headers={"If-None-Match": got["ETag"]})

    assert {k: v for k, v in head.headers.items() if k != "date"} == {
        k: v for k, v in got.headers.items() if k != "date"
    }
    assert (again.status, again["ETag"]) == (304, got["ETag"])
    assert other.status == (200 if got["Content-Encoding"] else 304)


@pytest.mark.parametrize("path", ["/small.css", "/noise.png"])
def test_what_gains_nothing_is_sent_as_it_is(served, path):
    answer = ask(served, path, headers=GZIP)

    assert answer["Content-Encoding"] is None
    assert answer.body == (served.root / path[1:]).read_bytes()


def test_a_range_is_of_the_plain_content(served):
    packed = ask(served, "/style.css", headers=GZIP)

    part = ask(served, "/style.css", headers={**GZIP, "Range": "bytes=2-5"})
    changed = ask(
        served, "/style.css",
        headers={**GZIP, "Range": "bytes=2-5", "If-Range": packed["ETag"]},
    )  # fmt: skip

    assert (part.status, part.body, part["Content-Encoding"]) == (206, TEXT[2:6], None)
    assert (changed.status, changed.body) == (200, TEXT)


def test_a_file_beside_is_used_while_it_is_fresh(served):
    beside = served.root / "style.css.gz"
    beside.write_bytes(gzip.compress(b"beside"))

    assert gzip.decompress(ask(served, "/style.css", headers=GZIP).body) == b"beside"
    old = time.time() - 100
    os.utime(beside, (old, old))
    assert gzip.decompress(ask(served, "/style.css", headers=GZIP).body) == TEXT
    assert ask(served, "/style.css.gz").body == beside.read_bytes()


def test_a_file_beside_that_is_a_link_out_of_the_site_is_not_used(served, tmp_path):
    (tmp_path / "outside.gz").write_bytes(gzip.compress(b"CANARY"))
    (served.root / "style.css.gz").symlink_to(tmp_path / "outside.gz")

    assert gzip.decompress(ask(served, "/style.css", headers=GZIP).body) == TEXT


def test_a_large_file_comes_from_the_file_beside_it(served):
    (served.root / "large.json").write_bytes(b"[" + b" " * 9 * 2**20 + b"]")
    assert ask(served, "/large.json", headers=GZIP)["Content-Encoding"] is None
    (served.root / "large.json.gz").write_bytes(gzip.compress(b"[1]"))

    answer = ask(served, "/large.json", headers=GZIP)
    assert gzip.decompress(answer.body) == b"[1]"


def test_a_page_is_current_with_compression_too(served, page):
    page.goto(served.url)
    served.wait_for(type="page", event="opened")
    (served.root / "index.html").write_bytes(b"<!doctype html>" + b"<p>new</p>\n" * 300)

    assert served.wait_for(type="applied")["action"] == "html"


def test_nothing_is_compressed_unless_asked_for(server, served):
    assert ask(server(served.root), "/style.css", headers=GZIP)["Content-Encoding"] is None
