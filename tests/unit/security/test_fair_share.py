"""A client that keeps the server busy waits; nothing of what it says is lost for that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.security.attacking import OWN, UPGRADED, Wire, get

from hotreload.security.fair_share import (
    AHEAD,
    ALONE,
    LATELY,
    LONGEST_WAIT,
    SHARE,
    ActiveClients,
    CPUBudget,
)

shares = st.sampled_from([SHARE, ALONE])
clients = st.integers(0, 3)


@given(shares, st.lists(st.tuples(st.floats(0, 1), st.floats(0, 0.05)), max_size=50))
def test_a_client_never_has_more_than_its_share_and_a_little_ahead(share, pieces):
    """Each piece of work begins when the account allows it, or later."""
    account, now, used = CPUBudget(), 1000.0, 0.0
    for pause, work in pieces:
        now += pause + account.wait(now, share)
        assert account.wait(now, share) == pytest.approx(0, abs=1e-6)
        account.spend(now, now + work, share)
        now, used = now + work, used + work
        assert 0 <= account.wait(now, share) <= LONGEST_WAIT
        assert used <= AHEAD + share * (now - 1000) + work + 1e-6


def test_who_is_ahead_waits_until_the_share_has_grown():
    account = CPUBudget()
    account.spend(1.0, 1.0 + AHEAD + 0.05, SHARE)

    assert account.wait(1.0, SHARE) == pytest.approx(0.05 / SHARE)
    assert account.wait(1.2, SHARE) == pytest.approx(0.05 / SHARE - 0.2)
    assert account.wait(1.0 + 0.05 / SHARE, SHARE) == pytest.approx(0)


def test_one_piece_of_work_costs_no_more_than_the_longest_wait():
    """A client that is slow to take its answers is not muted for it afterwards."""
    account = CPUBudget()
    account.spend(5.0, 500.0, SHARE)

    assert account.wait(5.0, SHARE) == pytest.approx(LONGEST_WAIT)
    assert account.wait(500.0, SHARE) == 0


@given(st.lists(st.tuples(clients, st.floats(0, 2 * LATELY)), max_size=20), st.floats(0, LATELY))
def test_a_client_has_more_of_the_time_while_nobody_else_wants_any(wishes, pause):
    company, now = ActiveClients(), 1000.0
    last = {}
    for who, later in wishes:
        now += later
        company.wants(who, now)
        last[who] = now
    now += pause
    for who in range(4):
        others = [at for other, at in last.items() if other != who]
        alone = all(now - at >= LATELY for at in others)
        assert company.share(who, now) == (ALONE if alone else SHARE)


def test_a_burst_is_answered_whole_and_in_order(server):
    """Five thousand messages in one write: more than a client's share, and none is lost."""
    frames = [b"\x82\x82" + bytes(4) + number.to_bytes(2) for number in range(5000)]
    with Wire(server().port) as wire:
        wire.send(get(OWN + b"echo", UPGRADED))
        assert wire.reply().status == 101
        wire.send(b"".join(frames))
        answers = wire.exactly(4 * len(frames))

    assert answers == b"".join(b"\x82\x02" + number.to_bytes(2) for number in range(5000))


def test_a_burst_ends_with_the_close_that_was_asked_for(server):
    with Wire(server().port) as wire:
        wire.send(get(OWN + b"echo", UPGRADED))
        assert wire.reply().status == 101
        wire.send((b"\x82\x81" + bytes(4) + b"x") * 1000 + b"\x88\x82" + bytes(4) + b"\x03\xe8")
        assert wire.rest().endswith(b"\x82\x01x\x88\x02\x03\xe8")
