"""When changes go out: at once if they are alone, together if they are many, none lost."""

import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hotreload.watch.changes import ChangeKind
from hotreload.watch.debounce import (
    CAP,
    CLEARED,
    FEW,
    GIT_CAP,
    GONE,
    QUIET,
    SOON,
    Debouncer,
    FileLook,
    FileState,
)


def _whole(path: str, mark: int = 1, kind: ChangeKind = ChangeKind.MODIFIED) -> FileLook:
    return FileLook(path, FileState.WHOLE, kind, (mark, 0, 0))


def _used(path: str, mark: int = 1, kind: ChangeKind = ChangeKind.MODIFIED) -> FileLook:
    """A file that pages use is whole."""
    return replace(_whole(path, mark, kind), content=f"{mark}")


def _open(path: str, mark: int = 1, *, patience: float = 2.0, age: float = 0.0) -> FileLook:
    return FileLook(path, FileState.OPEN, ChangeKind.MODIFIED, (mark, 0, 0), patience, age)


def _gone(path: str, patience: float = 0.0) -> FileLook:
    return FileLook(path, FileState.GONE, ChangeKind.DELETED, patience=patience)


def _paths(looks: list[FileLook]) -> list[str]:
    return [look.path for look in looks]


def test_a_lone_save_goes_out_at_once() -> None:
    settling = Debouncer()
    settling.see(1.0, _whole("a"))

    assert settling.wake(1.0) == 1.0
    assert _paths(settling.release(1.0)) == ["a"]
    assert not settling
    assert settling.wake(1.0) == math.inf


def test_nothing_goes_out_when_nothing_was_seen() -> None:
    assert Debouncer().release(1.0) == []


def test_a_file_that_is_the_same_again_does_not_go_out() -> None:
    settling = Debouncer()
    settling.see(1.0, _gone("a"))
    settling.see(1.1, FileLook("a", FileState.SAME))

    assert not settling


def test_two_saves_of_two_files_each_go_out_promptly() -> None:
    settling = Debouncer()
    for start in (1.0, 1.03, 1.1):
        settling.see(start, _whole("a"))
        settling.see(start, _whole("b"))

        assert settling.wake(start) - start < 0.05
        assert _paths(settling.release(settling.wake(start))) == ["a", "b"]


def test_a_change_soon_after_another_waits_a_moment() -> None:
    settling = Debouncer()
    settling.see(1.0, _whole("a"))
    settling.release(1.0)
    settling.see(1.001, _whole("b"))

    assert settling.release(1.001) == []
    assert 1.001 < settling.wake(1.001) < 1.03


def test_a_deletion_waits_for_the_file_to_come_back() -> None:
    settling = Debouncer()
    settling.see(1.0, _gone("a"))

    assert settling.release(1.2) == []
    assert settling.wake(1.2) == 1.0 + GONE
    assert settling.due(1.2) == []
    assert settling.due(1.0 + GONE) == ["a"]

    settling.see(1.0 + GONE, _gone("a"))

    assert _paths(settling.release(1.0 + GONE)) == ["a"]


def test_the_files_of_a_cleared_site_are_awaited_for_longer_and_with_each_other() -> None:
    settling = Debouncer()
    settling.see(1.0, _gone("a", CLEARED))
    settling.see(1.0, _gone("b", CLEARED))
    assert settling.release(1.0 + GONE) == []

    settling.see(2.0, _whole("b"))
    settling.see(2.0, _gone("a"))  # the site is not empty any more
    assert settling.release(2.2) == []
    assert settling.due(1.0 + CLEARED) == ["a"]

    settling.see(2.3, _whole("a"))
    assert _paths(settling.release(2.3 + QUIET)) == ["a", "b"]


def test_a_cleared_site_that_stays_empty_is_deleted() -> None:
    settling = Debouncer()
    settling.see(1.0, _gone("a", CLEARED))
    assert settling.wake(1.0) == 1.0 + CLEARED

    settling.see(1.0 + CLEARED, _gone("a", CLEARED))
    assert _paths(settling.release(1.0 + CLEARED)) == ["a"]


def test_a_file_that_came_back_is_modified() -> None:
    settling = Debouncer()
    settling.see(1.0, _gone("a"))
    settling.see(1.1, _whole("a"))

    assert [look.kind for look in settling.release(1.1)] == [ChangeKind.MODIFIED]


def test_a_file_that_comes_and_goes_is_given_the_full_time_again() -> None:
    settling = Debouncer()
    settling.see(1.0, _gone("a"))
    settling.see(1.2, _open("a"))
    settling.see(1.25, _gone("a"))

    assert settling.release(1.4) == []
    assert settling.wake(1.4) == 1.25 + GONE


def test_a_file_that_is_being_written_goes_out_when_it_is_whole() -> None:
    settling = Debouncer()
    settling.see(1.0, _open("a"))

    assert settling.release(1.0) == []
    assert settling.due(1.002) == ["a"]

    settling.see(1.002, _open("a", 2))
    settling.see(1.3, _whole("a", 3))

    assert _paths(settling.release(1.3)) == ["a"]


def test_the_longer_a_file_is_written_the_seldomer_it_is_looked_at() -> None:
    settling = Debouncer()
    settling.see(1.0, _open("a", 1))
    first = settling.wake(1.0) - 1.0
    settling.see(2.0, _open("a", 2))
    later = settling.wake(2.0) - 2.0
    settling.see(60.0, _open("a", 3))

    assert first < 0.003
    assert first < later < 0.03
    assert settling.wake(60.0) <= 60.1


def test_a_file_that_stays_open_goes_out_when_it_has_rested() -> None:
    settling = Debouncer()
    settling.see(1.0, _open("log"))
    settling.see(2.5, _open("log", 2))
    settling.see(4.4, _open("log", 2))

    assert settling.release(4.4) == []

    settling.see(4.5, _open("log", 2))

    assert _paths(settling.release(4.5)) == ["log"]


def test_the_rest_before_the_first_look_counts() -> None:
    settling = Debouncer()
    settling.see(10.0, _open("mapped", age=1.5))

    settling.see(10.5, _open("mapped", age=2.0))

    assert _paths(settling.release(10.5)) == ["mapped"]


def test_a_file_that_is_written_does_not_hold_up_another() -> None:
    settling = Debouncer()
    settling.see(1.0, _open("big"))
    settling.see(1.0, _whole("a"))

    assert _paths(settling.release(1.0)) == ["a"]


def test_a_burst_goes_out_once_when_it_is_quiet() -> None:
    settling = Debouncer()
    for number in range(100):
        settling.see(1.0 + number / 1000, _whole(f"{number}"))
        first = ["0"] if number == 0 else []
        assert _paths(settling.release(1.0 + number / 1000)) == first

    end = settling.wake(1.1)

    assert 1.099 + QUIET <= end < 1.3
    assert len(settling.release(end)) == 99


def test_500_files_over_800_ms_are_at_most_two_batches() -> None:
    settling = Debouncer()
    batches = []
    for number in range(500):
        now = 1.0 + number * 0.0016
        settling.see(now, _whole(f"{number}"))
        batches += [settling.release(now)]
    batches += [settling.release(settling.wake(now))]

    assert len([batch for batch in batches if batch]) <= 2
    assert sum(map(len, batches)) == 500


def test_what_pages_use_in_500_files_over_800_ms_is_two_batches_the_last_at_once() -> None:
    """A document and a script together, then the style sheet as it is saved."""
    settling = Debouncer()
    used: dict[float, list[str]] = {}

    def let_out(now: float) -> None:
        names = [look.path for look in settling.release(now) if look.content]
        used.update({now: names} if names else {})

    for number in range(500):
        now = 1.0 + number * 0.0016
        if number in {100, 250}:
            settling.see(now, _used({100: "index.html", 250: "app.js"}[number]))
        settling.see(now, _whole(f"{number}"))
        let_out(now)
    settling.see(now, _used("style.css"))
    let_out(now)
    let_out(settling.wake(now))

    assert list(used.values()) == [["index.html", "app.js"], ["style.css"]]
    (early, late) = used
    assert SOON <= early - 1.16 < SOON + 0.01
    assert late == now


def test_a_document_in_use_waits_a_moment_for_a_burst_and_then_for_its_end() -> None:
    settling = Debouncer()
    waited = {}
    for number in range(600):
        now = 1.0 + number / 100
        settling.see(now, _whole(f"{number}"))
        if number in {50, 130}:
            settling.see(now, _used(f"{number}.html"))
        waited.update({look.path: now for look in settling.release(now) if look.content})

    assert SOON <= round(waited["50.html"] - 1.5, 3) < SOON + 0.02
    assert SOON < waited["130.html"] - 2.3 <= CAP


def test_a_style_sheet_does_not_go_ahead_of_what_is_to_come_with_it() -> None:
    for other in (_used("a.html"), _used("b.css"), _gone("c"), _open("d")):
        settling = Debouncer()
        for number in range(10):
            settling.see(1.0, _whole(f"{number}"))
        settling.see(1.0, other)
        settling.see(1.0, _used("a.css"))

        assert settling.release(1.0) == []


def test_style_sheets_that_come_one_by_one_in_a_burst_go_ahead_of_it_once() -> None:
    settling = Debouncer()
    ahead = []
    for number in range(100):
        now = 1.0 + number / 1000
        settling.see(now, _used(f"{number}.CSS") if number > 50 else _whole(f"{number}"))
        ahead += _paths(settling.release(now))[1 if number == 0 else 0 :]

    assert ahead == ["51.CSS"]


def test_a_lone_save_after_a_burst_of_which_nothing_is_left_goes_out_at_once() -> None:
    """Its last file went ahead, or is again what it was."""
    for last in (_used("a.css"), FileLook("0", FileState.SAME)):
        settling = Debouncer()
        for number in range(10):
            settling.see(1.0, _whole(f"{number}"))
        assert settling.wake(1.0) > 1.0
        for number in range(10):
            settling.see(1.0, FileLook(f"{number}", FileState.SAME))
        settling.see(1.0, last)
        settling.release(1.0)
        assert not settling

        settling.see(1.5, _whole("b"))
        assert _paths(settling.release(1.5)) == ["b"]


def test_a_burst_that_does_not_end_goes_out_in_parts() -> None:
    settling = Debouncer()
    sizes = []
    for number in range(1000):
        now = number / 100
        settling.see(now, _whole(f"{number}"))
        sizes += [len(settling.release(now))]

    assert max(sizes) <= CAP * 100 + FEW + 2
    assert len([size for size in sizes if size > FEW]) == 4


def test_a_burst_waits_for_what_is_about_to_come() -> None:
    settling = Debouncer()
    for number in range(10):
        settling.see(1.0, _gone(f"{number}"))
    for number in range(9):
        settling.see(1.05, _whole(f"{number}"))

    assert settling.release(1.05 + QUIET) == []
    assert settling.due(1.0 + GONE) == ["9"]

    settling.see(1.0 + GONE, _gone("9"))

    assert len(settling.release(1.0 + GONE)) == 10


def test_a_burst_does_not_wait_for_a_file_that_takes_long_to_be_written() -> None:
    settling = Debouncer()
    settling.see(1.0, _open("long"))
    for number in range(10):
        settling.see(1.0 + GONE, _whole(f"{number}"))
    settling.see(1.0 + GONE + QUIET, _open("long", 2))

    assert len(settling.release(1.0 + GONE + QUIET)) == 10
    assert settling.due(1.0 + GONE + QUIET + GONE) == ["long"]


def test_changes_wait_while_git_works() -> None:
    settling = Debouncer()
    settling.see(1.0, _whole("a"))

    assert settling.release(1.0, git=True) == []
    assert settling.release(1.5, git=True) == []
    assert _paths(settling.release(1.5, git=False)) == ["a"]


def test_git_may_pause_for_a_second_and_work_for_ten() -> None:
    settling = Debouncer()
    now = 1.0
    while not settling.release(now, git=True):
        settling.see(now, _whole("a", int(now * 10)))
        now += 0.5

    assert now - 1.0 >= GIT_CAP


class _Disk:
    """What a file is and was, as far as the settling is concerned."""

    def __init__(self) -> None:
        self.known: dict[str, int | None] = {}
        self.real: dict[str, int | None] = {}

    def look(self, path: str) -> FileLook:
        known, real = self.known.get(path), self.real.get(path)
        if known == real:
            return FileLook(path, FileState.SAME)
        if real is None:
            return _gone(path)
        kind = ChangeKind.ADDED if known is None else ChangeKind.MODIFIED
        return (_used if path in _USED else _whole)(path, real, kind)


_FILES = [*"abcdefgh", "used.html", "used.css"]
_USED = {"used.html", "used.css"}
_ACTS = st.lists(
    st.tuples(
        st.floats(0, 0.5),
        st.sampled_from(_FILES),
        st.one_of(st.none(), st.integers(1, 3)),
        st.booleans(),
    ),
    max_size=60,
)


@given(_ACTS)
def test_no_change_is_lost_and_none_goes_out_twice(
    acts: list[tuple[float, str, int | None, bool]],
) -> None:
    """Whatever happens when, what went out last of each file is what it is in the end."""
    disk, settling, now = _Disk(), Debouncer(), 0.0
    for pause, path, content, git in acts:
        now += pause
        disk.real[path] = content
        settling.see(now, disk.look(path))
        _let_out(disk, settling, now, git=git)
    while settling:
        woken = settling.wake(now)
        assert woken <= now + CAP + GONE
        now = max(woken, now)
        _let_out(disk, settling, now, git=False)

    assert {path: content for path, content in disk.known.items() if content} == {
        path: content for path, content in disk.real.items() if content
    }


def _let_out(disk: _Disk, settling: Debouncer, now: float, *, git: bool) -> None:
    for path in settling.due(now):
        settling.see(now, disk.look(path))
    for look in settling.release(now, git=git):
        assert disk.look(look.path) == look, "what goes out is what the disk says against the known"
        disk.known[look.path] = disk.real[look.path]


@given(_ACTS)
def test_what_is_whole_goes_out_in_time(acts: list[tuple[float, str, int | None, bool]]) -> None:
    settling, now, since = Debouncer(), 0.0, dict[str, float]()
    for pause, path, content, _ in acts:
        end = now + pause
        while settling.wake(now) <= end:
            now = max(now, settling.wake(now))
            for look in settling.release(now):
                assert now - since.pop(look.path) <= CAP
        now = end
        since.setdefault(path, now)
        mark = content or 0
        settling.see(now, _used(path, mark) if path in _USED else _whole(path, mark))
