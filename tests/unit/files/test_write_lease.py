"""Whether a file is being written is asked of the kernel, not guessed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hotreload.files import write_lease

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="leases are Linux'")


@contextmanager
def _reading(path: Path) -> Iterator[int]:
    file = os.open(path, os.O_RDONLY)
    try:
        yield file
    finally:
        os.close(file)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    page = tmp_path / "index.html"
    page.write_text("one")
    write_lease.prepare()
    return page


@pytest.mark.parametrize(("had", "least"), [(False, 0.3), (True, 1.0)])
def test_an_empty_file_is_given_the_time_to_be_filled_whoever_has_it_open(
    had: bool, least: float
) -> None:
    """Scripts make a file and append to it later; editors empty one and take their time."""
    assert write_lease.quiet_period(False) == 0.0 < write_lease.quiet_period(None)
    given = {write_lease.quiet_period(written, empty=True, had=had) for written in (False, None)}
    assert given == {least}
    assert write_lease.quiet_period(True, empty=True, had=had) > least


def test_a_file_that_nobody_writes_is_not_being_written(page: Path) -> None:
    with _reading(page) as file:
        assert write_lease.being_written(file) is False
        assert write_lease.being_written(file) is False


def test_a_file_is_being_written_from_open_to_close(page: Path) -> None:
    with _reading(page) as file:
        with page.open("a"):
            assert write_lease.being_written(file) is True
        assert write_lease.being_written(file) is False


def test_a_reader_is_not_taken_for_a_writer(page: Path) -> None:
    with _reading(page) as file, page.open("rb"):
        assert write_lease.being_written(file) is False


def test_asking_leaves_nothing_that_would_stop_a_writer(page: Path) -> None:
    with _reading(page) as file:
        write_lease.being_written(file)
        page.write_text("two")

    assert page.read_text() == "two"


def test_nobody_can_tell_of_what_is_no_file(page: Path) -> None:
    with _reading(page.parent) as folder:
        assert write_lease.being_written(folder) is None


def test_nobody_can_tell_in_a_process_that_the_signal_would_end(page: Path) -> None:
    before = signal.signal(signal.SIGIO, signal.SIG_DFL)
    try:
        with _reading(page) as file:
            assert write_lease.being_written(file) is None
    finally:
        signal.signal(signal.SIGIO, before)


def test_a_handler_that_somebody_set_is_left_alone(page: Path) -> None:
    before = signal.signal(signal.SIGIO, lambda *_: None)
    try:
        handler = signal.getsignal(signal.SIGIO)
        write_lease.prepare()
        assert signal.getsignal(signal.SIGIO) is handler
    finally:
        signal.signal(signal.SIGIO, before)


def test_a_writer_that_comes_while_we_ask_does_not_end_the_process(page: Path) -> None:
    """One process asks without pause while another one opens the file for writing."""
    ask = (
        "import os, sys; from hotreload.files import write_lease; write_lease.prepare();"
        "file = os.open(sys.argv[1], os.O_RDONLY); print('ready', flush=True)\n"
        "while not os.path.exists(sys.argv[1] + '.stop'): write_lease.being_written(file)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", ask, page], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        for number in range(3000):
            page.write_text(f"{number}")
        Path(f"{page}.stop").touch()
    assert process.returncode == 0
