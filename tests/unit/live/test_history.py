"""No update is lost to a page that is behind, and none is told twice."""

from hypothesis import given
from hypothesis import strategies as st

from hotreload.live.history import RING_CHARACTERS, RING_UPDATES, UpdateHistory
from hotreload.live.messages import FileChange


def change(url="/a.css", text=None):
    return FileChange(url, "modified", "d", text)


def test_updates_are_numbered_from_one():
    stream = UpdateHistory("run")

    assert [stream.append([change()], 1.0).seq for _ in range(3)] == [1, 2, 3]
    assert stream.seq == 3


def test_a_page_that_is_behind_hears_what_it_missed_in_order():
    stream = UpdateHistory("run")
    made = [stream.append([change(f"/{n}")], n) for n in range(5)]

    assert stream.since("run", 2) == made[2:]
    assert stream.since("run", 5) == []


def test_a_page_of_another_run_or_of_the_future_must_resync():
    stream = UpdateHistory("run")
    stream.append([change()], 1.0)

    assert stream.since("other", 1) is None
    assert stream.since("run", 2) is None
    assert stream.since("run", -1) is None


def test_a_page_further_behind_than_the_ring_must_resync():
    stream = UpdateHistory("run")
    for n in range(RING_UPDATES + 5):
        stream.append([change()], n)

    assert stream.since("run", 4) is None
    missed = stream.since("run", 5)
    assert missed is not None
    assert len(missed) == RING_UPDATES


def test_the_ring_stays_within_its_weight():
    stream = UpdateHistory("run")
    for n in range(100):
        stream.append([change(text="x" * (RING_CHARACTERS // 50))], n)

    kept = stream.since("run", 60)
    assert kept is not None
    assert sum(len(c.text or "") for u in kept for c in u.changes) <= RING_CHARACTERS
    assert stream.since("run", 0) is None


def test_a_stream_of_full_reloads_says_so_in_each_update():
    assert UpdateHistory("run", reload=True).append([change()], 1.0).reload


@given(st.lists(st.integers(0, 60), max_size=30), st.integers(1, 8))
def test_whatever_the_order_of_saves_and_visits_each_update_is_told_once(visits, pages):
    """Pages come back at any time; each ends with every number, once, in order."""
    stream = UpdateHistory("run")
    heard = [[0] for _ in range(pages)]
    for n in visits:
        stream.append([change()], n)
        numbers = heard[n % pages]
        numbers.extend(update.seq for update in stream.since("run", numbers[-1]) or [])
    for numbers in heard:
        numbers.extend(update.seq for update in stream.since("run", numbers[-1]) or [])
        assert numbers == list(range(stream.seq + 1))
