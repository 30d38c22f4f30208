"""What could be sent becomes what is sent: conditions, ranges and headers in one place."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotreload.files.open_file import OpenFile
from hotreload.http.messages import FileBody, Request, redirect, text
from hotreload.http.representation import Representation, TaggedFile, respond

MODIFIED = 1_700_000_000.0
DATE = b"Tue, 14 Nov 2023 22:13:20 GMT"


def request(method="GET", *lines):
    return Request.of(method, b"/", list(lines), "http")


def representation(content=b"0123456789", **more):
    return Representation(content, "text/plain", b'"v1"', MODIFIED, **more)


def sent(response, name):
    values = [value for key, value in response.headers if key == name]
    assert len(values) <= 1
    return values[0] if values else None


@pytest.fixture
def opened(tmp_path):
    """A file of ten bytes, open."""
    path = tmp_path / "ten"
    path.write_bytes(b"0123456789")
    fd = os.open(path, os.O_RDONLY)
    file = OpenFile(fd, os.fstat(fd))
    yield file
    file.close()


def test_the_whole_has_its_length_type_validators_and_safety():
    response = respond(request(), representation())

    assert (response.status, response.body) == (200, b"0123456789")
    assert sent(response, b"content-length") == b"10"
    assert sent(response, b"content-type") == b"text/plain"
    assert sent(response, b"etag") == b'"v1"'
    assert sent(response, b"last-modified") == DATE
    assert sent(response, b"cache-control") == b"no-cache"
    assert sent(response, b"cross-origin-resource-policy") == b"same-origin"
    assert sent(response, b"x-content-type-options") == b"nosniff"


def test_what_the_client_has_is_not_sent():
    response = respond(request("GET", (b"if-none-match", b'"v1"')), representation())

    assert (response.status, response.body) == (304, b"")
    assert sent(response, b"etag") == b'"v1"'
    assert sent(response, b"content-length") is None


def test_a_failed_precondition_sends_nothing_and_closes_the_file(opened):
    response = respond(request("GET", (b"if-match", b'"v0"')), representation(TaggedFile(opened)))

    assert response.status == 412
    assert sent(response, b"content-length") == b"0"
    assert opened.fd == -1


def test_an_error_page_is_sent_whatever_the_client_has():
    asked = request("GET", (b"if-none-match", b'"v1"'), (b"range", b"bytes=0-1"))

    response = respond(asked, representation(status=404))

    assert (response.status, response.body) == (404, b"0123456789")


def test_head_knows_no_ranges():
    response = respond(request("HEAD", (b"range", b"bytes=0-1")), representation())

    assert response.status == 200
    assert sent(response, b"content-length") == b"10"


def test_a_part_says_which_part_it_is():
    response = respond(request("GET", (b"range", b"bytes=2-4")), representation())

    assert (response.status, response.body) == (206, b"234")
    assert sent(response, b"content-range") == b"bytes 2-4/10"
    assert sent(response, b"content-length") == b"3"


def test_several_parts_come_with_a_head_each():
    response = respond(request("GET", (b"range", b"bytes=0-1,-2")), representation())

    assert response.status == 206
    assert response.body == (
        b"\r\n--hotreload-range-boundary\r\ncontent-type: text/plain\r\n"
        b"content-range: bytes 0-1/10\r\n\r\n01"
        b"\r\n--hotreload-range-boundary\r\ncontent-type: text/plain\r\n"
        b"content-range: bytes 8-9/10\r\n\r\n89"
        b"\r\n--hotreload-range-boundary--\r\n"
    )
    assert sent(response, b"content-length") == b"%d" % len(response.body)
    kind = sent(response, b"content-type")
    assert kind == b"multipart/byteranges; boundary=hotreload-range-boundary"


def test_what_is_outside_is_said_with_the_size_and_the_file_is_closed(opened):
    response = respond(request("GET", (b"range", b"bytes=10-")), representation(TaggedFile(opened)))

    assert (response.status, response.body) == (416, b"")
    assert sent(response, b"content-range") == b"bytes */10"
    assert opened.fd == -1


@pytest.mark.parametrize(
    ("value", "pieces"), [(None, [(0, 10)]), (b"bytes=2-4", [(2, 3)]), (b"bytes=-1", [(9, 1)])]
)
def test_an_open_file_is_sent_by_its_pieces(opened, value, pieces):
    lines = [] if value is None else [(b"range", value)]

    response = respond(request("GET", *lines), representation(TaggedFile(opened)))

    assert isinstance(response.body, FileBody)
    assert response.body.pieces == pieces
    assert response.body.file is opened


def test_several_parts_of_an_open_file_are_pieces_between_heads(opened):
    response = respond(
        request("GET", (b"range", b"bytes=0-1,-2")), representation(TaggedFile(opened))
    )

    assert isinstance(response.body, FileBody)
    places = [piece for piece in response.body.pieces if isinstance(piece, tuple)]
    assert places == [(0, 2), (8, 2)]


def test_head_of_an_open_file_closes_it(opened):
    response = respond(request("HEAD"), representation(TaggedFile(opened)))

    assert (response.status, response.body) == (200, b"")
    assert sent(response, b"content-length") == b"10"
    assert opened.fd == -1


@given(st.binary(max_size=9), st.integers(0, 10), st.data())
def test_any_part_of_a_file_with_another_beginning_is_that_part_of_it(head, replaced, data):
    with tempfile.NamedTemporaryFile() as ten:
        Path(ten.name).write_bytes(b"0123456789")
        fd = os.open(ten.name, os.O_RDONLY)
    file = OpenFile(fd, os.fstat(fd))
    whole = head + b"0123456789"[replaced:]
    content = TaggedFile(file, head, replaced)
    offset = data.draw(st.integers(0, len(whole)))
    length = data.draw(st.integers(0, len(whole) - offset))

    with file:
        pieces = content.pieces(offset, length)
        got = [piece if isinstance(piece, bytes) else file.read(*piece) for piece in pieces]

    assert content.size == len(whole)
    assert b"".join(got) == whole[offset : offset + length]
    assert all(piece if isinstance(piece, bytes) else piece[1] for piece in pieces)


def test_repeated_headers_are_one_list_and_each_line_is_known():
    asked = request("GET", (b"if-match", b'"a"'), (b"host", b"x"), (b"if-match", b'"b"'))

    assert asked.headers == {b"if-match": b'"a", "b"', b"host": b"x"}
    assert asked.values(b"if-match") == [b'"a"', b'"b"']


def test_a_short_answer_is_text_and_a_redirect_says_where():
    answer, moved = text(404, "not here"), redirect("/there/")

    assert answer.body == b"not here\n"
    assert sent(answer, b"content-type") == b"text/plain; charset=utf-8"
    assert moved.status == 307
    assert sent(moved, b"location") == b"/there/"
