"""Saves in folders that pages use are heard at once, from Linux' own events."""

import os
import sys
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

from hotreload.watch.changes import ChangeKind
from hotreload.watch.events.inotify import Inotify, records
from hotreload.watch.events.rust_notify import Hints, NotifierFailed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux'")

PATIENCE = 10  # seconds


class Hearing:
    """A Prompt, and what it hears: the path of one finished write after the other."""

    def __init__(self) -> None:
        self.queue: SimpleQueue[Hints | NotifierFailed | None] = SimpleQueue()
        self.prompt = Inotify(self.queue)

    def next(self) -> set[tuple[ChangeKind, str]]:
        hints = self.queue.get(timeout=PATIENCE)
        assert isinstance(hints, Hints)
        return set(hints.paths)


@pytest.fixture
def hearing():
    hearing = Hearing()
    yield hearing
    hearing.prompt.close()


def test_a_write_is_heard_when_the_writer_is_done(hearing: Hearing, tmp_path: Path) -> None:
    hearing.prompt.cover([str(tmp_path)])
    with (tmp_path / "a.css").open("w") as file:
        file.write("one")
        file.flush()
        with pytest.raises(Empty):
            hearing.queue.get(timeout=0.05)

    assert hearing.next() == {(ChangeKind.MODIFIED, str(tmp_path / "a.css"))}


def test_a_file_that_is_renamed_into_place_is_heard(hearing: Hearing, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "new").write_text("one")
    hearing.prompt.cover([str(tmp_path / "site")])
    (tmp_path / "new").rename(tmp_path / "site" / "a.css")

    assert hearing.next() == {(ChangeKind.MODIFIED, str(tmp_path / "site" / "a.css"))}


def test_a_folder_is_heard_under_each_of_its_names(hearing: Hearing, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "link").symlink_to("site")
    names = [str(tmp_path / "site"), str(tmp_path / "link")]
    hearing.prompt.cover(names)
    hearing.prompt.cover(names)
    (tmp_path / "site" / "a.css").write_text("one")

    assert hearing.next() == {(ChangeKind.MODIFIED, f"{name}/a.css") for name in names}


def test_a_folder_that_was_replaced_is_heard_once_it_is_covered_again(
    hearing: Hearing, tmp_path: Path
) -> None:
    site, folder = str(tmp_path / "site"), tmp_path / "site"
    folder.mkdir()
    hearing.prompt.cover([site])
    folder.rmdir()
    folder.mkdir()
    hearing.prompt.cover([site])
    (folder / "a.css").write_text("one")

    assert hearing.next() == {(ChangeKind.MODIFIED, f"{site}/a.css")}


def test_names_that_are_not_utf8_are_heard(hearing: Hearing, tmp_path: Path) -> None:
    hearing.prompt.cover([str(tmp_path)])
    name = os.fsencode(tmp_path) + b"/caf\xe9.css"
    with open(name, "wb"):
        pass

    assert hearing.next() == {(ChangeKind.MODIFIED, os.fsdecode(name))}


def test_folders_that_are_moved_in_are_left_to_the_engines(
    hearing: Hearing, tmp_path: Path
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "folder").mkdir()
    hearing.prompt.cover([str(tmp_path / "site")])
    (tmp_path / "folder").rename(tmp_path / "site" / "folder")
    (tmp_path / "site" / "a.css").write_text("one")

    assert hearing.next() == {(ChangeKind.MODIFIED, str(tmp_path / "site" / "a.css"))}


def test_a_folder_that_is_not_there_is_left_to_the_engines(
    hearing: Hearing, tmp_path: Path
) -> None:
    hearing.prompt.cover([str(tmp_path / "nowhere")])

    assert not hearing.prompt.works


def test_all_its_descriptors_are_given_back(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    hearing = Hearing()
    hearing.prompt.cover([str(tmp_path)])
    hearing.prompt.close()

    assert len(os.listdir("/proc/self/fd")) == before


def test_records_are_taken_apart() -> None:
    data = b"".join(
        [
            b"\x01\0\0\0\x08\0\0\0\0\0\0\0\x10\0\0\0a.css" + bytes(11),
            b"\x02\0\0\0\0\x80\0\0\0\0\0\0\0\0\0\0",
        ]
    )

    assert list(records(data)) == [(1, 0x8, b"a.css"), (2, 0x8000, b"")]
