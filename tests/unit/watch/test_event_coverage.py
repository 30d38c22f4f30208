"""Which folders have events, and which are looked at because some may be missing."""

from hypothesis import given
from hypothesis import strategies as st

from hotreload.watch.events.coverage import FLOOD, SLICE, Coverage

names = st.lists(st.sampled_from([f"/{number}" for number in range(60)]), unique=True)
requests = st.lists(st.tuples(names, names, names))


def drained(coverage: Coverage) -> list[str]:
    """All folders to be looked at, as they are given, some at a time."""
    folders: list[str] = []
    while coverage.must_recheck:
        some = list(coverage.next_rechecks())
        assert 0 < len(some) <= SLICE
        folders += some
    return folders


def request(coverage: Coverage, folders: list[str], refused: list[str], moved: list[str]) -> None:
    coverage.requested(folders, refused=[f for f in refused if f in folders], moved=moved)


@given(requests)
def test_each_folder_whose_events_were_requested_is_looked_at_once(
    requests: list[tuple[list[str], list[str], list[str]]],
) -> None:
    coverage = Coverage()
    for one in requests:
        request(coverage, *one)
    expected = [f for folders, _, moved in requests for f in (*folders, *moved)]

    assert drained(coverage) == list(dict.fromkeys(expected))
    assert not list(coverage.next_rechecks())


@given(requests)
def test_a_folder_has_no_events_if_the_last_request_for_it_was_refused(
    requests: list[tuple[list[str], list[str], list[str]]],
) -> None:
    coverage = Coverage()
    last: dict[str, bool] = {}
    for folders, refused, moved in requests:
        request(coverage, folders, refused, moved)
        last.update({folder: folder in refused for folder in folders})
    without = {folder for folder, is_refused in last.items() if is_refused}
    assert coverage.uncovered == without

    drained(coverage)
    coverage.recheck_uncovered()
    assert drained(coverage) == sorted(without)

    coverage.restart()
    coverage.recheck_uncovered()
    assert not coverage.uncovered
    assert not coverage.must_recheck


def test_folders_that_are_not_yet_looked_at_are_kept_when_a_look_fails() -> None:
    coverage = Coverage()
    coverage.requested([str(number) for number in range(5)], refused=[], moved=[])
    assert next(coverage.next_rechecks()) == "0"

    assert drained(coverage) == ["1", "2", "3", "4"]


@given(st.lists(st.integers(0, FLOOD)), st.booleans())
def test_a_flood_of_events_means_that_some_are_lost_once_nothing_is_pending(
    events: list[int], busy: bool
) -> None:
    coverage = Coverage()
    for count in events:
        coverage.received(count)

    assert coverage.may_have_lost(busy=busy) == (sum(events) > FLOOD and not busy)


def test_a_doubt_lasts_until_everything_is_looked_at() -> None:
    coverage = Coverage()
    coverage.doubt()
    assert coverage.may_have_lost(busy=True)

    coverage.restart()
    assert not coverage.may_have_lost(busy=False)
