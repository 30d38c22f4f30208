"""What may stand in the head of a request, and what its target means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotreload.http.validation import has_body, origin_form, validate
from hotreload.security.limits import Limits

LIMITS = Limits(line=20, headers=2)
HOST = (b"host", b"Localhost:80")


@pytest.mark.parametrize(
    ("version", "target", "headers", "status"),
    [
        ("1.1", b"/", [HOST], None),
        ("1.0", b"/", [], None),
        ("1.1", b"/" + b"x" * 19, [], None),
        ("1.1", b"/" + b"x" * 20, [], 414),
        ("1.1", b"/", [(b"a", b"")] * 2, None),
        ("1.1", b"/", [(b"a", b"")] * 3, 431),
        ("1.1", b"/", [(b"a", b"x" * 19)], None),
        ("1.1", b"/", [(b"a", b"x" * 20)], 431),
        ("2.0", b"/", [], 505),
        ("0.9", b"/", [], 505),
        ("1.1", b"/#a", [], 400),
        ("1.1", b"/ ", [], 400),
        ("1.1", b"/\x7f", [], 400),
        ("1.1", b"/\xc3\xa9", [], 400),
    ],
)
def test_a_head_beyond_the_limits_or_the_grammar_is_refused(version, target, headers, status):
    refused = validate(version, target, headers, LIMITS)

    assert (refused and refused.status) == status


@pytest.mark.parametrize(
    ("method", "target", "headers", "meant"),
    [
        ("GET", b"/a?b", [HOST], b"/a?b"),
        ("OPTIONS", b"*", [HOST], b"/"),
        ("GET", b"*", [HOST], b"*"),
        ("GET", b"http://localhost:80/a?b", [HOST], b"/a?b"),
        ("GET", b"HTTP://LOCALHOST:80", [HOST], b"/"),
        ("GET", b"http://localhost:80?b", [HOST], b"/?b"),
        ("GET", b"http://other/a", [HOST], b"http://other/a"),
        ("GET", b"https://localhost:80/a", [HOST], b"https://localhost:80/a"),
        ("GET", b"http://localhost:80/a", [], b"http://localhost:80/a"),
        ("GET", b"http://localhost:80/a", [HOST, HOST], b"http://localhost:80/a"),
        ("GET", b"ftp://localhost:80/a", [HOST], b"ftp://localhost:80/a"),
    ],
)
def test_a_target_that_names_this_server_is_a_path(method, target, headers, meant):
    assert origin_form(method, target, headers, "http") == meant


@given(st.sampled_from(["GET", "OPTIONS"]), st.binary(), st.lists(st.just(HOST), max_size=2))
def test_what_names_no_server_stays_as_it_is(method, path, headers):
    assert origin_form(method, b"/" + path, headers, "http") == b"/" + path


@pytest.mark.parametrize(
    ("headers", "has"),
    [
        ([], False),
        ([HOST], False),
        ([(b"content-length", b"0")], False),
        ([(b"content-length", b"1")], True),
        ([(b"content-length", b"")], True),
        ([(b"transfer-encoding", b"chunked")], True),
        ([HOST, (b"content-length", b"0"), (b"transfer-encoding", b"")], True),
    ],
)
def test_a_request_that_says_how_long_its_body_is_has_one(headers, has):
    assert has_body(headers) is has
