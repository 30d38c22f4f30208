"""Conditional requests and ranges get the answers of RFC 9110."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotreload.http.conditions import (
    MOST_RANGES,
    Unsatisfiable,
    http_date,
    parse_date,
    precondition,
    ranges,
)

ETAG = b'"abc"'
MODIFIED = 1_700_000_000.5
DATE = b"Tue, 14 Nov 2023 22:13:20 GMT"
BEFORE = b"Tue, 14 Nov 2023 22:13:19 GMT"
AFTER = b"Tue, 14 Nov 2023 22:13:21 GMT"


def test_dates_are_written_and_read_in_whole_seconds():
    assert http_date(MODIFIED) == DATE
    assert parse_date(DATE) == 1_700_000_000
    assert http_date(-5) == b"Thu, 01 Jan 1970 00:00:00 GMT"
    assert http_date(1e18) == b"Fri, 31 Dec 9999 23:59:59 GMT"


@pytest.mark.parametrize("value", [b"", b"yesterday", b"\xff", b"Tue, 99 Nov 2023 22:13:20 GMT"])
def test_what_is_no_date_is_none(value):
    assert parse_date(value) is None


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, None),
        ({b"if-none-match": b'"abc"'}, 304),
        ({b"if-none-match": b'W/"abc"'}, 304),
        ({b"if-none-match": b'"x", W/"y" , "abc"'}, 304),
        ({b"if-none-match": b"*"}, 304),
        ({b"if-none-match": b'"abcd"'}, None),
        ({b"if-none-match": b"abc"}, None),
        ({b"if-none-match": b'"x" "abc"'}, None),
        ({b"if-none-match": b'"x"', b"if-modified-since": AFTER}, None),
        ({b"if-modified-since": DATE}, 304),
        ({b"if-modified-since": AFTER}, 304),
        ({b"if-modified-since": BEFORE}, None),
        ({b"if-modified-since": b"nonsense"}, None),
        ({b"if-match": b'"abc"'}, None),
        ({b"if-match": b"*"}, None),
        ({b"if-match": b'W/"abc"'}, 412),
        ({b"if-match": b'"x"'}, 412),
        ({b"if-match": b'"x"', b"if-none-match": b'"abc"'}, 412),
        ({b"if-match": b'"abc"', b"if-unmodified-since": BEFORE}, None),
        ({b"if-unmodified-since": BEFORE}, 412),
        ({b"if-unmodified-since": DATE}, None),
        ({b"if-unmodified-since": b"nonsense"}, None),
    ],
)
def test_preconditions_of_a_get(headers, status):
    assert precondition("GET", headers, ETAG, MODIFIED) == status


def test_a_tag_that_must_not_match_fails_other_methods():
    assert precondition("POST", {b"if-none-match": ETAG}, ETAG, MODIFIED) == 412
    assert precondition("POST", {b"if-modified-since": AFTER}, ETAG, MODIFIED) is None


def asked(value, size=100, **headers):
    fields = {b"range": value, **{k.encode(): v for k, v in headers.items()}}
    return ranges(fields, ETAG, MODIFIED, size)


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        (b"bytes=0-9", [(0, 10)]),
        (b"Bytes=0-9", [(0, 10)]),
        (b"bytes=90-", [(90, 10)]),
        (b"bytes=-5", [(95, 5)]),
        (b"bytes=-500", [(0, 100)]),
        (b"bytes=50-5000", [(50, 50)]),
        (b"bytes= 0-0 , -1", [(0, 1), (99, 1)]),
        (b"bytes=-1,0-0", [(99, 1), (0, 1)]),
        (b"bytes=0-0,500-", [(0, 1)]),
    ],
)
def test_ranges_that_can_be_had(value, parts):
    assert asked(value) == parts


@pytest.mark.parametrize(
    "value",
    [
        b"", b"bytes", b"bytes=", b"bytes=-", b"bytes=9-0", b"bytes=a-b", b"bytes=0-9,",
        b"lines=0-9",
        b"bytes=0-9,5-12", b"bytes=0x1-2", b"bytes=+1-2", b"bytes=" + b"9" * 5000 + b"-",
        b"bytes=" + b",".join(b"%d-%d" % (n, n) for n in range(0, 100, 2)),
    ],
)  # fmt: skip
def test_ranges_that_make_no_sense_get_the_whole(value):
    assert asked(value) is None


@pytest.mark.parametrize("value", [b"bytes=100-", b"bytes=100-200", b"bytes=-0", b"bytes=200-300"])
def test_ranges_outside_the_content_are_not_satisfiable(value):
    with pytest.raises(Unsatisfiable):
        asked(value)


@pytest.mark.parametrize("value", [b"bytes=0-", b"bytes=0-0", b"bytes=-1"])
def test_an_empty_file_has_no_part(value):
    with pytest.raises(Unsatisfiable):
        asked(value, size=0)


@pytest.mark.parametrize(
    ("condition", "part"),
    [
        (b'"abc"', True),
        (b' "abc" ', True),
        (DATE, True),
        (b'W/"abc"', False),
        (b'"other"', False),
        (BEFORE, False),
        (AFTER, False),
        (b"nonsense", False),
    ],
)
def test_a_part_is_sent_only_of_the_version_that_the_client_has(condition, part):
    fields = {b"range": b"bytes=0-9", b"if-range": condition}

    assert (ranges(fields, ETAG, MODIFIED, 100) is not None) == part


@given(st.binary(max_size=60), st.integers(0, 200))
def test_no_range_header_reaches_outside_the_content(value, size):
    try:
        parts = asked(b"bytes=" + value, size)
    except Unsatisfiable:
        return
    for offset, length in parts or []:
        assert offset >= 0
        assert length > 0
        assert offset + length <= size
    assert len(parts or []) <= MOST_RANGES


@given(st.binary(max_size=80), st.sampled_from([b"if-match", b"if-none-match", b"if-range"]))
def test_no_condition_makes_the_answer_fail(value, name):
    assert precondition("GET", {name: value}, ETAG, MODIFIED) in (None, 304, 412)
    ranges({name: value, b"range": b"bytes=0-1"}, ETAG, MODIFIED, 10)
