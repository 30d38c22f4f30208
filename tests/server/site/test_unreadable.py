"""A file that can be opened and not read is no end of the server, nor of its descriptors."""

import os
import sys
from pathlib import Path

import pytest
from support.security.attacking import ask, get

from hotreload.files.open_file import OpenFile, Unreadable, reading

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux' /proc")
MIB = 2**20


@pytest.fixture
def unreadable(tmp_path: Path) -> Path:
    """A regular file of which every read is an error, as on a network drive that is gone."""
    link = tmp_path / "unreadable"
    link.symlink_to(f"/proc/{os.getpid()}/mem")
    return link


def test_a_save_that_cannot_be_read_is_told_to_pages_and_the_next_one_too(server, site, unreadable):
    style = site / "new.css"
    style.write_text("p {}")
    running = server(site, "--follow-symlinks")
    assert ask(running.port, get(b"/new.css")).status == 200

    unreadable.replace(style)
    running.wait_for(type="update", files=["new.css"])

    style.unlink()
    style.write_text("p { color: red }")
    running.wait_for(type="update", files=["new.css"])
    assert ask(running.port, get(b"/new.css")).body == b"p { color: red }"


def test_whatever_fails_the_file_is_closed(unreadable: Path) -> None:
    for fault, expected in ((None, Unreadable), (KeyError, KeyError)):
        fd = os.open(unreadable, os.O_RDONLY)
        with pytest.raises(expected), reading(OpenFile(fd, os.fstat(fd)), str(unreadable)) as _:
            if fault:
                raise fault
            os.read(fd, 1)
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(fd)
