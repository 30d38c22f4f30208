"""A client that keeps the server busy waits; nothing of what it says is lost for that."""

import pytest
from attacking import OWN, UPGRADE, Wire, get
from hypothesis import given
from hypothesis import strategies as st

from hotreload.guarding.turns import AHEAD, LONGEST_WAIT, SHARE, Account


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 0.05)), max_size=50))
def test_a_client_never_has_more_than_its_share_and_a_little_ahead(pieces):
    """Each piece of work begins when the account allows it, or later."""
    account, now, used = Account(), 1000.0, 0.0
    for pause, work in pieces:
        now += pause + account.wait(now)
        assert account.wait(now) == pytest.approx(0, abs=1e-6)
        account.spend(now, now + work)
        now, used = now + work, used + work
        assert 0 <= account.wait(now) <= LONGEST_WAIT
        assert used <= AHEAD + SHARE * (now - 1000) + work + 1e-6


def test_who_is_ahead_waits_until_the_share_has_grown():
    account = Account()
    account.spend(1.0, 1.0 + AHEAD + 0.05)

    assert account.wait(1.0) == pytest.approx(0.05 / SHARE)
    assert account.wait(1.2) == pytest.approx(0.05 / SHARE - 0.2)
    assert account.wait(1.0 + 0.05 / SHARE) == pytest.approx(0)


def test_one_piece_of_work_costs_no_more_than_the_longest_wait():
    """A client that is slow to take its answers is not muted for it afterwards."""
    account = Account()
    account.spend(5.0, 500.0)

    assert account.wait(5.0) == pytest.approx(LONGEST_WAIT)
    assert account.wait(500.0) == 0


def test_a_burst_is_answered_whole_and_in_order(server):
    """Five thousand messages in one write: more than a client's share, and none is lost."""
    frames = [b"\x82\x82" + bytes(4) + number.to_bytes(2) for number in range(5000)]
    with Wire(server().port) as wire:
        wire.send(get(OWN + b"echo", UPGRADE.removesuffix(b"\r\n")))
        assert wire.reply().status == 101
        wire.send(b"".join(frames))
        answers = wire.exactly(4 * len(frames))

    assert answers == b"".join(b"\x82\x02" + number.to_bytes(2) for number in range(5000))


def test_a_burst_ends_with_the_close_that_was_asked_for(server):
    with Wire(server().port) as wire:
        wire.send(get(OWN + b"echo", UPGRADE.removesuffix(b"\r\n")))
        assert wire.reply().status == 101
        wire.send((b"\x82\x81" + bytes(4) + b"x") * 1000 + b"\x88\x82" + bytes(4) + b"\x03\xe8")
        assert wire.rest().endswith(b"\x82\x01x\x88\x02\x03\xe8")
