"""What a request gets while somebody writes the file, told by looks at it and the time."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hotreload.files.partial_writes import (
    BOUND,
    GAP,
    Observation,
    PartialWrite,
    ReadDecision,
    decide,
)
from hotreload.files.stamp import FileStamp
from hotreload.files.write_lease import quiet_period

HELD = quiet_period(True)
OPEN = Observation(now=100.0, stamp=FileStamp(1, 10, 7, 1), age=0.0, patience=HELD)


def stamp(time: int, size: int, inode: int = 7) -> FileStamp:
    return FileStamp(time, size, inode, time)


def verdicts(*looks: Observation) -> list[ReadDecision]:
    found, known = [], None
    for look in looks:
        verdict, known = decide(known, look)
        found.append(verdict)
    return found


def growing(seconds: float, step: float = GAP / 2) -> list[Observation]:
    """Looks at a file that is written to without an end."""
    count = int(seconds / step) + 1
    return [
        replace(OPEN, now=100 + number * step, stamp=stamp(number, 10 + number))
        for number in range(count)
    ]


def test_a_file_that_nobody_writes_is_complete():
    assert decide(None, replace(OPEN, patience=0.0)) == (ReadDecision.WHOLE, None)


def test_a_file_that_is_left_alone_for_long_enough_is_complete():
    assert verdicts(replace(OPEN, age=HELD)) == [ReadDecision.WHOLE]
    assert verdicts(replace(OPEN, age=HELD - 0.01)) == [ReadDecision.BEFORE]


def test_a_file_is_complete_in_time_when_its_file_systems_clock_is_ahead():
    ahead = replace(OPEN, age=-3600.0)

    assert verdicts(ahead, replace(ahead, now=100 + HELD)) == [
        ReadDecision.BEFORE,
        ReadDecision.WHOLE,
    ]


def test_a_save_that_goes_on_is_not_shown():
    assert set(verdicts(*growing(BOUND - 0.1))) == {ReadDecision.BEFORE}


def test_a_file_that_is_written_to_without_an_end_is_shown_as_it_is():
    assert verdicts(*growing(BOUND + 0.1))[-1] is ReadDecision.AS_IS


def test_a_file_that_is_begun_anew_is_a_save_that_begins():
    *before, last = growing(BOUND + 0.1)
    shorter = replace(last, stamp=stamp(999, 3))
    replaced = replace(last, stamp=stamp(999, 9_999, inode=8))

    assert verdicts(*before, shorter)[-1] is ReadDecision.BEFORE
    assert verdicts(*before, replaced)[-1] is ReadDecision.BEFORE


def test_between_looks_that_are_far_apart_a_file_may_have_been_complete():
    """It is not shown as it is then, and the version before is no answer any more: one looks on."""
    later = replace(OPEN, now=100 + 3 * BOUND, stamp=stamp(9, 20))

    assert verdicts(OPEN, later) == [ReadDecision.BEFORE, ReadDecision.LATER]


def test_a_file_that_is_looked_at_on_and_on_is_shown_after_the_gap_too():
    later = [replace(look, now=look.now + 3 * BOUND) for look in growing(BOUND + 0.1)]
    found = verdicts(OPEN, *[replace(look, stamp=stamp(look.stamp[0], 50)) for look in later])

    assert ReadDecision.LATER in found
    assert found[-1] in (ReadDecision.AS_IS, ReadDecision.WHOLE)


LOOKS = st.lists(
    st.tuples(
        st.floats(0.001, 3.0),  # since the look before
        st.integers(0, 5),  # size
        st.integers(1, 2),  # inode
        st.sampled_from((0.0, 0.03, HELD)),  # patience
    ),
    max_size=40,
)


@given(LOOKS)
def test_whatever_happens_to_a_file_no_answer_is_older_than_the_bound(steps):
    known: PartialWrite | None = None
    now, first, watched = 100.0, None, None
    before: FileStamp | None = None
    for number, (passed, size, inode, needed) in enumerate(steps):
        now += passed
        seen = stamp(number, size, inode)
        verdict, known = decide(known, replace(OPEN, now=now, stamp=seen, patience=needed))
        anew = before is None or size < before.size or inode != before.inode
        first = now if anew or first is None else first
        watched = now if anew or watched is None or passed > GAP else watched
        if needed == 0.0:
            assert verdict is ReadDecision.WHOLE
        elif verdict is ReadDecision.AS_IS:
            assert now - watched >= BOUND
        elif verdict is ReadDecision.BEFORE:
            assert now - first < BOUND
        if verdict is ReadDecision.WHOLE:
            first = watched = before = None
        else:
            before = seen
