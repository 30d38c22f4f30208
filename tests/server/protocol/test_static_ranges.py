"""What other servers of files promise of conditions and ranges, asked of ours over a real socket.

The behaviours are those of send 1.2, sirv 3.0, Starlette's StaticFiles and nginx (range, if-range,
not-modified). Where ours is another on purpose, a test at the end says so and why; docs/serving.md
has the list of those.
"""

import email
import email.policy

import pytest
from conftest import Server
from support.process.http_client import ask

ROWS = "".join(f"X{number:03}XXXXXX" for number in range(100))
FILES = {"four.txt": "four", "empty.txt": "", "nums": "123456789", "rows.txt": ROWS}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    root = tmp_path_factory.mktemp("ranges")
    for name, text in FILES.items():
        (root / name).write_text(text)
    running = Server(root)
    yield running
    running.kill()


# ---- conditions ----


def validators(served, path="/four.txt"):
    answer = ask(served, path)
    return answer["ETag"], answer["Last-Modified"]


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("If-Match", "*", 200),
        ("If-Match", ' "foo", "bar" ', 412),
        ("If-Match", '"foo", "bar", {etag}', 200),
        ("If-Match", '"foo", "bar", \t{etag} , "baz"', 200),
        ("If-Match", "{etag}", 200),
        ("If-Match", "W/{etag}", 412),
        ("If-None-Match", "{etag}", 304),
        ("If-None-Match", "W/{etag}", 304),
        ("If-None-Match", 'W/{etag}, "123"', 304),
        ("If-None-Match", '"foo", "bar", {etag} , "baz"', 304),
        ("If-None-Match", "*", 304),
        ("If-None-Match", '"123"', 200),
        ("If-Modified-Since", "{date}", 304),
        ("If-Modified-Since", "Wed, 08 Jul 2037 22:53:52 GMT", 304),
        ("If-Modified-Since", "Tue, 19 Jan 2038 03:14:08 GMT", 304),
        ("If-Modified-Since", "Fri, 25 Feb 2174 09:42:23 GMT", 304),
        ("If-Modified-Since", "Mon, 20 Feb 2012 15:30:19 GMT", 200),
        ("If-Modified-Since", "foo", 200),
        ("If-Unmodified-Since", "{date}", 200),
        ("If-Unmodified-Since", "Mon, 20 Feb 2012 15:30:19 GMT", 412),
        ("If-Unmodified-Since", "foo", 200),
    ],
)
def test_a_condition_decides_what_is_sent(served, name, value, status):
    etag, date = validators(served)

    answer = ask(served, "/four.txt", headers={name: value.format(etag=etag, date=date)})

    assert answer.status == status
    assert answer.body == (b"four" if status == 200 else b"")


def test_an_entity_tag_counts_before_a_date(served):
    _, date = validators(served)

    answer = ask(served, "/four.txt", headers={"If-None-Match": '"123"', "If-Modified-Since": date})

    assert (answer.status, answer.body) == (200, b"four")


def test_what_is_not_modified_says_nothing_of_its_content(served):
    etag, date = validators(served)

    answer = ask(served, "/four.txt", headers={"If-None-Match": etag})

    assert (answer["ETag"], answer["Last-Modified"]) == (etag, date)
    assert [name for name in answer.headers if name.lower().startswith("content-")] == []


def test_what_is_not_there_has_no_conditions(served):
    assert ask(served, "/nx", headers={"If-Match": '"foo"'}).status == 404


# ---- ranges ----


@pytest.mark.parametrize(
    ("path", "value", "part", "content_range"),
    [
        ("/nums", "bytes=0-4", "12345", "bytes 0-4/9"),
        ("/nums", "bytes=0-0", "1", "bytes 0-0/9"),
        ("/nums", "bytes=2-5", "3456", "bytes 2-5/9"),
        ("/nums", "bytes=-3", "789", "bytes 6-8/9"),
        ("/nums", "bytes=3-", "456789", "bytes 3-8/9"),
        ("/nums", "bytes=2-50", "3456789", "bytes 2-8/9"),
        ("/nums", "bytes=-50", "123456789", "bytes 0-8/9"),
        ("/nums", "BYTES=0-0", "1", "bytes 0-0/9"),
        ("/rows.txt", "bytes=0-8", "X000XXXXX", "bytes 0-8/1000"),
        ("/rows.txt", "bytes=-10", "X099XXXXXX", "bytes 990-999/1000"),
        ("/rows.txt", "bytes=990-1990", "X099XXXXXX", "bytes 990-999/1000"),
        ("/rows.txt", "bytes=0-10001", ROWS, "bytes 0-999/1000"),
    ],
)
def test_a_range_is_that_part(served, path, value, part, content_range):
    answer = ask(served, path, headers={"Range": value})

    assert (answer.status, answer.body.decode()) == (206, part)
    assert answer["Content-Range"] == content_range
    assert answer["Content-Length"] == str(len(part))
    assert ask(served, path)["Content-Range"] is None


@pytest.mark.parametrize("value", ["bytes=9-50", "bytes=9-", "bytes=100000-", "bytes=-0"])
def test_a_range_behind_the_end_is_refused_with_the_size(served, value):
    answer = ask(served, "/nums", headers={"Range": value})

    assert (answer.status, answer["Content-Range"]) == (416, "bytes */9")


@pytest.mark.parametrize("value", ["asdf", "items=0-4", "bytes=", "bytes=-", "bytes=5-2"])
def test_a_range_without_sense_is_no_range(served, value):
    answer = ask(served, "/nums", headers={"Range": value})

    assert (answer.status, answer.body) == (200, b"123456789")


def parts_of(answer):
    message = f"Content-Type: {answer['Content-Type']}\r\n\r\n".encode() + answer.body
    parsed = email.message_from_bytes(message, policy=email.policy.HTTP)
    return [(part["Content-Range"], part.get_payload()) for part in parsed.iter_parts()]


@pytest.mark.parametrize("more", ["", ", 100000-"])
def test_several_ranges_are_several_parts_in_their_order(served, more):
    answer = ask(served, "/rows.txt", headers={"Range": f"bytes=0-9, -10, 10-19{more}"})

    assert answer.status == 206
    assert answer["Content-Type"].startswith("multipart/byteranges; boundary=")
    assert parts_of(answer) == [
        ("bytes 0-9/1000", "X000XXXXXX"),
        ("bytes 990-999/1000", "X099XXXXXX"),
        ("bytes 10-19/1000", "X001XXXXXX"),
    ]


def test_ranges_that_are_more_than_the_whole_are_the_whole(served):
    answer = ask(served, "/rows.txt", headers={"Range": "bytes=0-10001, 0-0"})

    assert (answer.status, answer.body.decode()) == (200, ROWS)


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("{etag}", 206),
        ("{date}", 206),
        ('"0{etag}', 200),
        ("W/{etag}", 200),
        ("Mon, 28 Sep 1970 06:00:00 GMT", 200),
        ("wrong", 200),
    ],
)
def test_a_range_is_only_a_part_of_the_version_that_is_meant(served, value, status):
    etag, date = validators(served, "/nums")

    headers = {"Range": "bytes=0-0", "If-Range": value.format(etag=etag, date=date)}
    answer = ask(served, "/nums", headers=headers)

    assert (answer.status, answer.body) == (status, b"1" if status == 206 else b"123456789")
    assert answer["Last-Modified"] == date


def test_a_range_of_an_empty_file_is_none_of_it(served):
    assert ask(served, "/empty.txt", headers={"Range": "bytes=0-0"}).status == 416


# ---- where ours differs, on purpose ----


def test_an_entity_tag_is_strong(served):
    """Those of send and sirv are weak, of size and time; ours is made of the content."""
    assert ask(served, "/four.txt")["ETag"].startswith('"')


def test_everything_is_kept_and_asked_for(served):
    """Send's `public` is for caches of others, and sirv's `no-store` sends all of it each time."""
    assert ask(served, "/four.txt")["Cache-Control"] == "no-cache"


def test_ranges_side_by_side_stay_what_was_asked_for(served):
    """Send makes one of them, and sends the whole for all others."""
    answer = ask(served, "/nums", headers={"Range": "bytes=1-2,3-5"})

    assert parts_of(answer) == [("bytes 1-2/9", "23"), ("bytes 3-5/9", "456")]


@pytest.mark.parametrize("value", ["bytes=alpha", "bytes=10-alpha", "bytes=2", "bytes=10-11 12-"])
def test_a_malformed_range_is_no_range(served, value):
    """Nginx says 416, sirv takes `2` for `2-`: RFC 9110 has it ignored."""
    assert ask(served, "/nums", headers={"Range": value}).status == 200
