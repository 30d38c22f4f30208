"""The engines of the operating system's events, with the engine replaced where it must fail."""

import ast
import threading
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, ClassVar

import pytest

import hotreload
from hotreload.watch.changes import ChangeKind
from hotreload.watch.events import rust_notify
from hotreload.watch.events.rust_notify import Hints, NotifierFailed, Notifiers


class FakeNotify:
    """RustNotify as far as it is used: says what a test puts into `events`."""

    made: ClassVar[list["FakeNotify"]] = []
    limit: ClassVar = 1000
    refuse: ClassVar[Exception | None] = None

    def __init__(self, folders: list[str], *options: Any) -> None:
        if FakeNotify.refuse is not None:
            raise FakeNotify.refuse
        if len(folders) > FakeNotify.limit:
            raise OSError("about [...] (Error { kind: MaxFilesWatch, paths: [...] })")
        for folder in folders:
            if not Path(folder).exists():
                raise FileNotFoundError(folder)
        self.folders = folders
        self.options = options
        self.events: SimpleQueue[Any] = SimpleQueue()
        self.closed = False
        FakeNotify.made.append(self)

    def watch(self, group: int, step: int, timeout: int, stopped: threading.Event) -> Any:
        self.step = step
        while not stopped.is_set():
            try:
                event = self.events.get(timeout=0.005)
            except Empty:
                continue
            if isinstance(event, Exception):
                raise event
            return event
        return "stop"

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakeNotify]:
    monkeypatch.setattr(rust_notify, "RustNotify", FakeNotify)
    monkeypatch.setattr(FakeNotify, "made", [])
    monkeypatch.setattr(FakeNotify, "limit", 1000)
    monkeypatch.setattr(FakeNotify, "refuse", None)
    return FakeNotify


@pytest.fixture
def heard() -> "SimpleQueue[Hints | NotifierFailed | None]":
    return SimpleQueue()


def _folders(root: Path, count: int) -> list[str]:
    for number in range(count):
        (root / f"{number:03}").mkdir(exist_ok=True)
    return [str(root / f"{number:03}") for number in range(count)]


def test_events_become_hints(
    fake: type[FakeNotify], heard: "SimpleQueue[Any]", tmp_path: Path
) -> None:
    engines = Notifiers(heard, recursive=False)
    assert engines.cover([str(tmp_path)]) == []
    fake.made[0].events.put("timeout")
    fake.made[0].events.put({(1, "/a"), (2, "/b"), (3, "/c")})

    assert heard.get(timeout=5) == Hints(
        frozenset(
            {(ChangeKind.ADDED, "/a"), (ChangeKind.MODIFIED, "/b"), (ChangeKind.DELETED, "/c")}
        )
    )
    engines.close()
    assert fake.made[0].closed


def test_an_engine_that_fails_says_which_folders_are_not_heard_any_more(
    fake: type[FakeNotify], heard: "SimpleQueue[Any]", tmp_path: Path
) -> None:
    engines = Notifiers(heard, recursive=False)
    engines.cover([str(tmp_path)])
    fake.made[0].events.put(RuntimeError("Unable to decode path"))

    assert heard.get(timeout=5) == NotifierFailed({str(tmp_path)}, "Unable to decode path")
    engines.close()


def test_as_many_folders_as_the_limit_allows_are_covered(
    fake: type[FakeNotify],
    heard: "SimpleQueue[Any]",
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fake, "limit", 5)
    engines = Notifiers(heard, recursive=False)
    folders = _folders(tmp_path, 16)

    assert engines.cover(folders) == folders[4:]
    assert engines.limit == "fs.inotify.max_user_watches"
    engines.close()


@pytest.mark.parametrize(
    ("refusal", "limit"),
    [
        (OSError("Too many open files (os error 24)"), "fs.inotify.max_user_instances"),
        (OSError("No space left on device (os error 28)"), "fs.inotify.max_user_watches"),
        (rust_notify.WatchfilesRustInternalError("strange"), "strange"),
    ],
)
def test_without_an_engine_nothing_is_covered(
    fake: type[FakeNotify],
    heard: "SimpleQueue[Any]",
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refusal: Exception,
    limit: str,
) -> None:
    monkeypatch.setattr(fake, "refuse", refusal)
    engines = Notifiers(heard, recursive=False)

    assert engines.cover([str(tmp_path)]) == [str(tmp_path)]
    assert engines.limit == limit


def test_folders_that_went_meanwhile_are_left_out(
    fake: type[FakeNotify], heard: "SimpleQueue[Any]", tmp_path: Path
) -> None:
    engines = Notifiers(heard, recursive=False)

    assert engines.cover([str(tmp_path), str(tmp_path / "gone")]) == []
    assert fake.made[0].folders == [str(tmp_path)]
    engines.close()


def test_an_engine_that_always_refuses_is_given_up(
    fake: type[FakeNotify],
    heard: "SimpleQueue[Any]",
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fake, "refuse", FileNotFoundError("again"))
    engines = Notifiers(heard, recursive=False)

    assert engines.cover([str(tmp_path)]) == [str(tmp_path)]


def test_small_engines_are_joined(
    fake: type[FakeNotify], heard: "SimpleQueue[Any]", tmp_path: Path
) -> None:
    engines = Notifiers(heard, recursive=False)
    folders = _folders(tmp_path, 30)
    for folder in folders:
        engines.cover([folder])

        assert len(engines._engines) <= 4
    covered = {folder for engine in engines._engines for folder in engine.folders}
    assert covered == set(folders)
    assert set(folders[:24]) <= set(engines.moved)  # what they heard last may be lost
    engines.close()
    assert all(notify.closed for notify in fake.made)


def test_engines_stay_apart_when_a_limit_forbids_to_join_them(
    fake: type[FakeNotify],
    heard: "SimpleQueue[Any]",
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fake, "limit", 1)
    engines = Notifiers(heard, recursive=False)

    for folder in _folders(tmp_path, 6):
        assert engines.cover([folder]) == []
    engines.close()


def test_a_long_list_is_covered_in_parts(
    fake: type[FakeNotify],
    heard: "SimpleQueue[Any]",
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rust_notify, "_CHUNK", 4)
    monkeypatch.setattr(rust_notify, "_SMALL", 4)
    engines = Notifiers(heard, recursive=False)

    assert engines.cover(_folders(tmp_path, 10)) == []
    assert [len(notify.folders) for notify in fake.made] == [4, 4, 2]
    engines.close()


def test_where_one_engine_covers_all_below_only_places_get_one(
    fake: type[FakeNotify], heard: "SimpleQueue[Any]", tmp_path: Path
) -> None:
    """macOS and Windows."""
    engines = Notifiers(heard, recursive=True)
    folders = _folders(tmp_path, 5)

    assert engines.cover([str(tmp_path), *folders]) == []
    assert engines.cover([*folders]) == []
    assert [notify.folders for notify in fake.made] == [[str(tmp_path)]]
    assert fake.made[0].options == (False, False, 0, True, True)

    assert engines.cover([str(tmp_path)]) == []
    assert len(fake.made) == 2
    engines.close()


def test_watchfiles_private_engine_is_called_as_it_is_today(tmp_path: Path) -> None:
    """Its module is private: this fails when a release of watchfiles changes what is used of it."""
    engine = rust_notify.RustNotify([str(tmp_path)], False, False, 0, False, False)
    stopped = threading.Event()
    assert engine.watch(1, 1, 1, stopped) == "timeout"

    (tmp_path / "a.css").write_text("one")
    found = engine.watch(10, 1, 5_000, stopped)
    assert isinstance(found, set)
    assert str(tmp_path / "a.css") in {path for _, path in found}
    assert {kind for kind, _ in found} <= rust_notify._KINDS.keys()

    stopped.set()
    assert engine.watch(10, 1, 5_000, stopped) == "stop"
    engine.close()
    assert issubclass(rust_notify.WatchfilesRustInternalError, Exception)


def test_watchfiles_private_engine_is_named_in_one_module() -> None:
    package = Path(hotreload.__file__).parent
    users = [file for file in package.rglob("*.py") if "watchfiles" in _imports(file)]

    assert [file.name for file in users] == ["rust_notify.py"]


def _imports(file: Path) -> set[str]:
    """The top packages that a module imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    return names


def test_the_step_is_short_while_it_matters_and_grows_with_the_engines() -> None:
    pace = rust_notify._Pace()
    assert pace.step() == rust_notify.CALM

    pace.engines = 3
    assert pace.step() == 3 * rust_notify.CALM

    pace.engines = 30
    assert pace.step() == 50

    pace.lively = True
    assert pace.step() == rust_notify.LIVELY
