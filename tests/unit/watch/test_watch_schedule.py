"""When the watcher's thread wakes up, and what it does then."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotreload.watch.schedule import (
    CHECK,
    CHECK_SHARE,
    COVER,
    GIT_LOCK,
    LIVELY,
    MISSING_CHECK,
    RETRY,
    SCAN_SHARE,
    STALL,
    Activity,
    Schedule,
    Task,
)

START = 100.0
NOTHING_ELSE: dict[str, Any] = {
    "release": math.inf, "git": False, "fresh": False, "recheck": False
}  # fmt: skip

times = st.floats(0.0, 1_000.0)
spans = st.floats(0.0, 10.0)
doings = st.lists(
    st.sampled_from(["covered", "lost", "retried", "checked", "scan", "scan ended", "reconciled"])
)
waits = st.fixed_dictionaries(
    {
        "release": st.one_of(st.just(math.inf), times),
        "git": st.booleans(),
        "fresh": st.booleans(),
        "recheck": st.booleans(),
    }
)


def started(poll: float | None = None) -> Schedule:
    schedule = Schedule(poll)
    schedule.start(START)
    return schedule


def after(done: list[str], spent: float) -> tuple[Schedule, float]:
    """A schedule when all of this was done, each in this time, and the time then."""
    schedule, now = started(), START
    for what in done:
        begun, now = now, now + spent
        match what:
            case "covered":
                schedule.covered(begun, now)
            case "lost":
                schedule.lost_events(now)
            case "retried":
                schedule.retried(now)
            case "checked":
                schedule.checked(begun, now, processor=spent, missing=False)
            case "scan":
                schedule.scan_started(now)
            case "scan ended":
                schedule.scan_ended(now)
            case "reconciled":
                schedule.reconciled(now)
    return schedule, now


@given(doings, spans, waits)
def test_the_thread_sleeps_until_the_first_thing_that_is_due_and_no_longer(
    done: list[str], spent: float, waits: dict[str, Any]
) -> None:
    schedule, now = after(done, spent)
    wake = schedule.wake(now, **waits)
    looked_for = [Task.CHECK, Task.SCAN, *([Task.COVER] if waits["fresh"] else [])]

    assert now <= wake < math.inf
    assert wake <= max(now, waits["release"])
    assert not waits["git"] or wake <= now + GIT_LOCK
    assert not waits["recheck"] or wake == now
    if wake > now:
        before = math.nextafter(wake, 0)
        assert not any(schedule.is_due(task, before) for task in looked_for)
        assert (
            any(schedule.is_due(task, wake) for task in looked_for)
            or wake == waits["release"]
            or waits["git"]
        )


@given(doings, spans, spans)
def test_only_a_wake_up_long_after_its_time_is_late(
    done: list[str], spent: float, more: float
) -> None:
    schedule, now = after(done, spent)
    wake = schedule.wake(now, **NOTHING_ELSE)

    assert not schedule.is_late(wake)
    assert schedule.is_late(wake + more) == (wake + more - wake > STALL)

    schedule.reconciled(wake + more)
    assert not schedule.is_late(wake + more)


@given(spans, spans, st.booleans())
def test_the_check_rests_for_a_multiple_of_what_it_took(
    spent: float, processor: float, missing: bool
) -> None:
    schedule, end = started(), START + spent
    schedule.checked(START, end, processor=processor, missing=missing)
    rest = max(
        MISSING_CHECK if missing else CHECK, processor / CHECK_SHARE, 2 * (end - START)
    )  # fmt: skip

    assert schedule.is_due(Task.CHECK, START + rest)
    assert not schedule.is_due(Task.CHECK, math.nextafter(START + rest, 0))


def test_a_missing_place_is_looked_for_more_often() -> None:
    schedule = started()
    schedule.checked(START, START, processor=0.0, missing=True)
    assert schedule.wake(START, **NOTHING_ELSE) == START + MISSING_CHECK

    schedule.checked(START, START, processor=0.0, missing=False)
    assert schedule.wake(START, **NOTHING_ELSE) == START + CHECK


@given(st.one_of(st.none(), st.floats(0.01, 10.0)), spans)
def test_a_scan_takes_no_more_than_its_part_of_the_time(poll: float | None, spent: float) -> None:
    schedule, end = started(poll), START + spent
    schedule.scan_started(START)
    assert not schedule.is_due(Task.SCAN, end)

    schedule.scan_ended(end)
    pause = max(poll or CHECK, (end - START) / SCAN_SHARE)
    assert schedule.is_due(Task.SCAN, START + pause)
    assert not schedule.is_due(Task.SCAN, math.nextafter(START + pause, 0))


def test_a_scan_that_was_not_begun_does_not_end() -> None:
    schedule = started()
    schedule.scan_started(START)
    schedule.scan_ended(START)
    schedule.scan_ended(START + 0.5)

    assert schedule.is_due(Task.SCAN, START + CHECK)


def test_the_events_of_folders_that_come_one_by_one_are_requested_together() -> None:
    schedule = started()
    assert schedule.is_due(Task.COVER, START)  # the first one waits for nothing

    schedule.covered(START, START)
    assert schedule.wake(START, **{**NOTHING_ELSE, "fresh": True}) == START + COVER

    schedule.covered(START, START + 1)
    assert not schedule.is_due(Task.COVER, START + 4.9)
    assert schedule.is_due(Task.COVER, START + 5)


def test_events_that_failed_are_not_requested_without_a_pause() -> None:
    schedule = started()
    schedule.lost_events(START)

    assert not schedule.is_due(Task.COVER, START)
    assert schedule.is_due(Task.COVER, START + COVER)


def test_refused_events_are_requested_at_once_and_then_every_half_minute() -> None:
    schedule = started()
    assert schedule.is_due(Task.RETRY, START)

    schedule.retried(START)
    assert not schedule.is_due(Task.RETRY, START + RETRY - 1)
    assert schedule.is_due(Task.RETRY, START + RETRY)


@pytest.mark.parametrize("pages", [0, 1, 3])
def test_the_next_save_is_expected_soon_after_a_change_while_there_are_pages(pages: int) -> None:
    activity = Activity()
    activity.pages(pages, 0.0)
    activity.changed(START)

    assert activity.is_lively(START + LIVELY - 1) == (pages > 0)
    assert not activity.is_lively(START + LIVELY)


def test_a_page_more_is_a_sign_of_work_and_one_less_is_not() -> None:
    activity = Activity()
    assert not activity.is_lively(0.0)

    activity.pages(2, START)
    assert activity.is_lively(START)

    activity.pages(1, START + LIVELY)
    assert not activity.is_lively(START + LIVELY)
