"""Who knows the name and the password is let in, and nobody else, however often they try."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotreload.errors import UsageError
from hotreload.security.basic_auth import (
    MOST_CLIENTS,
    TRIES,
    AuthFailure,
    Credentials,
    header,
    parse,
)

ANN = Credentials("ann:p:w é", "key")
RIGHT = [header("ann:p:w é")]


def basic(data: bytes) -> list[bytes]:
    return [b"Basic " + base64.b64encode(data)]


@pytest.mark.parametrize(
    "values",
    [
        RIGHT,
        [b"bAsIc   " + RIGHT[0].partition(b" ")[2]],
        [b" " + RIGHT[0] + b"\t"],
        basic(b"run:key"),
    ],
)
def test_the_password_and_the_key_of_the_run_let_in(values):
    assert ANN.refuse(values, "127.0.0.1", 0) is None


@pytest.mark.parametrize(
    "values",
    [
        basic(b""), basic(b"ann"), basic(b"ann:"), basic(b"ann:p"), basic(b"ann:p:w "),
        basic("ann:p:w é".encode("latin-1")), basic("Ann:p:w é".encode()), basic(b"run:"),
        basic("ann:p:w é!".encode()), basic(b"ann:key"), [b"Basic"], [b"Basic !"], [b""],
        [b"Bearer key"], [b"ann:p:w"], [*RIGHT, *RIGHT], [b"Basic \xff"],
    ],
)  # fmt: skip
def test_anything_else_is_wrong(values):
    denied = Credentials("ann:p:w é", "key").refuse(values, "127.0.0.1", 0)

    assert denied is not None
    assert denied.status == 401
    assert denied.header == (b"www-authenticate", b'Basic realm="hotreload", charset="UTF-8"')


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=2))
def test_whatever_is_sent_is_right_or_denied(values):
    denied = Credentials("ann:pw").refuse(values, "127.0.0.1", 0)

    assert isinstance(denied, AuthFailure) or values == [header("ann:pw")]


def test_without_a_key_there_is_only_the_password():
    assert Credentials("ann:pw").refuse(basic(b"run:"), "127.0.0.1", 0) is not None


def test_who_says_nothing_is_asked_as_often_as_it_likes():
    ann = Credentials("ann:pw")
    statuses = {ann.refuse([], "127.0.0.1", 0).status for _ in range(2 * TRIES)}

    assert statuses == {401}
    assert ann.refuse([header("ann:pw")], "127.0.0.1", 0) is None


def test_who_guesses_is_not_heard_for_a_while_right_or_wrong_and_others_are():
    ann, wrong, right = Credentials("ann:pw"), [header("ann:no")], [header("ann:pw")]
    assert {ann.refuse(wrong, "10.0.0.1", 5).status for _ in range(TRIES)} == {401}

    denied = ann.refuse(right, "10.0.0.1", 5.5)
    assert (denied.status, denied.header) == (429, (b"retry-after", b"1"))
    assert ann.refuse(right, "10.0.0.2", 5.5) is None
    assert ann.refuse(wrong, "10.0.0.1", 6).status == 401
    assert ann.refuse(wrong, "10.0.0.1", 6).status == 429
    assert ann.refuse(right, "10.0.0.1", 7) is None


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True), ("2001:db8::1", "2001:db8:0:1::1", False),
        ("10.0.0.1", "10.0.0.2", False), ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True), ("", "", True), ("", "10.0.0.1", False),
    ],
)  # fmt: skip
def test_a_network_of_ipv6_is_one_client(one, other, together):
    ann = Credentials("ann:pw")
    for _ in range(TRIES):
        ann.refuse([header("ann:no")], one, 0)

    denied = ann.refuse([header("ann:pw")], other, 0)

    assert (denied is not None) == together


def test_clients_without_number_are_forgotten_the_first_ones_first():
    ann, wrong = Credentials("ann:pw"), [header("ann:no")]
    for _ in range(TRIES):
        ann.refuse(wrong, "a", 0)
    assert ann.refuse(wrong, "a", 0).status == 429
    for number in range(MOST_CLIENTS):
        ann.refuse(wrong, f"client {number}", 0)

    assert ann.refuse(wrong, "a", 0).status == 401


@pytest.mark.parametrize("word", ["", ":", "ann", "ann:", ":secret", "ann:sec\x00ret", "a:b\n"])
def test_a_word_without_a_name_or_a_password_is_refused_and_not_repeated(word):
    with pytest.raises(UsageError) as error:
        parse(word)

    assert "--auth" in str(error.value)
    assert "ann" not in str(error.value)
    assert "secret" not in str(error.value)


def test_a_password_may_hold_what_it_likes_else():
    assert parse("ann:p:w é@/ ") == "ann:p:w é@/ "
    assert Credentials.of(None, "key") is None
    assert Credentials.of("ann:pw", "").refuse([header("ann:pw")], "", 0) is None
