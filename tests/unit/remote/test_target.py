"""Addresses as people write them, and what round-trip times come to."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotreload.errors import UsageError
from hotreload.remote.roundtrip_times import summary
from hotreload.remote.target import Target, is_target, parse


@pytest.mark.parametrize(
    ("word", "url"),
    [
        ("ws://localhost:8765/try?a=b", "ws://localhost:8765/try?a=b"),
        ("wss://example.org", "wss://example.org/"),
        ("http://127.0.0.1:80/", "ws://127.0.0.1/"),
        ("HTTPS://Example.org:443/A", "wss://example.org/A"),
        ("localhost:8765", "ws://localhost:8765/"),
        ("localhost/try", "ws://localhost/try"),
        (":8765/try", "ws://localhost:8765/try"),
        ("[::1]:8765", "ws://[::1]:8765/"),
        ("127.0.0.1", "ws://127.0.0.1/"),
        ("my-host.test:1?x", "ws://my-host.test:1/?x"),
        ("ws://bücher.example/ä b", "ws://xn--bcher-kva.example/%C3%A4%20b"),
        ("ws://h:1/%20?q=ü", "ws://h:1/%20?q=%C3%BC"),
    ],
)
def test_an_address_is_read_as_it_is_meant(word, url):
    assert is_target(word)
    assert parse(word).socket_url == url


@pytest.mark.parametrize(
    "word", ["hello", "hello world", "12:30", "a:b", "-", "", "/path", "example.org", "x:123456"]
)
def test_a_message_is_not_taken_for_an_address(word):
    assert not is_target(word)


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("ftp://host/", "begins with ws://"),
        ("ws:///path", "the host is missing"),
        ("ws://host:0/", "a port is a number"),
        ("ws://host:x/", "a port is a number"),
        ("ws://[::1/", "is not an address"),
        ("ws://" + "ü" * 70 + "/", "is not a host name"),
    ],
)
def test_what_is_no_address_is_refused(word, sentence):
    with pytest.raises(UsageError, match=sentence):
        parse(word)


@given(st.text())
def test_any_word_is_read_or_refused(word):
    try:
        target = parse(word)
    except UsageError:
        return
    assert target.path.startswith("/")
    assert target.path.isascii()
    assert target.host.isascii()


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("a.localhost", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::1%lo", True),
        ("10.0.0.1", False),
        ("localhost.example", False),
    ],
)
def test_the_machine_itself_is_known_by_name(host, here):
    assert Target(False, host, 1).loops_back is here


def test_a_target_knows_its_site_and_other_paths():
    target = parse("wss://[::1]:8443/a?b")

    assert target.site_url == "https://[::1]:8443/"
    assert target.at("/c?d").socket_url == "wss://[::1]:8443/c?d"
    assert parse("ws://ann:x@host/").user == "ann:x"
    assert "ann" not in parse("ws://ann:x@host/").socket_url


def test_a_name_and_a_password_are_said_as_they_are_and_shown_to_nobody():
    there = parse("host:1")
    known = there.with_user("änn:p@ss: %/")

    assert there.authorization == ""
    assert (
        parse("ws://ann:p%40ss@host/").authorization
        == parse("host:80").with_user("ann:p@ss").authorization
    )
    said = base64.b64decode(known.authorization.removeprefix("Basic "))
    assert said.decode() == "änn:p@ss: %/"
    assert "nn" not in repr(known)


@pytest.mark.parametrize("address", ["ws://ann@host/", "ws://@host/", "ws://%ff:secret@host/"])
def test_half_a_user_is_none_and_is_not_repeated(address):
    with pytest.raises(UsageError, match="USER:PASSWORD") as error:
        parse(address)

    assert "secret" not in str(error.value)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=300))
def test_round_trips_are_summed_up_by_rank(times):
    found = summary(times)

    assert (found.min, found.max) == (min(times), max(times))
    assert sum(time <= found.median for time in times) >= len(times) / 2
    assert sum(time >= found.median for time in times) >= len(times) / 2
    assert sum(time <= found.p99 for time in times) >= 0.99 * len(times)
    assert {found.median, found.p99} <= set(times)


def test_nothing_comes_to_nothing():
    assert summary([]) is None
