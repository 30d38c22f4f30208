"""What a folder of somebody else's may hold in place of a file of text, and what is read of it."""

import os
import sys

import pytest

from hotreload.files import untrusted_files

posix = pytest.mark.skipif(sys.platform == "win32", reason="there is no such file in Windows")


def test_a_file_is_read_whole(tmp_path):
    (tmp_path / "a").write_bytes(b"\0\r\n\xff")

    assert untrusted_files.read(tmp_path / "a") == b"\0\r\n\xff"
    assert untrusted_files.read(str(tmp_path / "a"), 4) == b"\0\r\n\xff"


def test_what_is_not_there_is_nothing(tmp_path):
    (tmp_path / "a").touch()

    assert untrusted_files.read(tmp_path / "b") is None
    assert untrusted_files.read(tmp_path / "a" / "b") is None


@posix
def test_a_larger_file_is_not_read(tmp_path):
    with open(tmp_path / "a", "wb") as file:
        file.truncate(2**40)

    with pytest.raises(
        untrusted_files.NotRead, match=r"cannot read .*a: it is larger than 1,024 KiB"
    ):
        untrusted_files.read(tmp_path / "a")


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")
def test_a_file_that_does_not_tell_its_size_is_not_read_beyond_the_limit():
    assert untrusted_files.read("/proc/self/stat")

    with pytest.raises(untrusted_files.NotRead, match="larger"):
        untrusted_files.read("/proc/self/stat", 10)


@posix
@pytest.mark.parametrize("name", ["pipe", "folder", "/dev/zero", "/dev/tty", "to-zero"])
def test_what_is_no_regular_file_is_not_read(tmp_path, name):
    """And nobody is waited for."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "to-zero").symlink_to("/dev/zero")

    with pytest.raises(untrusted_files.NotRead, match=r"it is (no regular file|a folder)"):
        untrusted_files.read(tmp_path / name)


@posix
def test_a_link_is_read_unless_it_may_not_be_one(tmp_path):
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "link").symlink_to("a")

    assert untrusted_files.read(tmp_path / "link") == b"a"
    with pytest.raises(untrusted_files.NotRead, match=r"cannot read .*link: it is a link"):
        untrusted_files.read(tmp_path / "link", links=False)


def test_what_is_no_path_is_said():
    with pytest.raises(untrusted_files.NotRead, match=r"cannot read a\0b: that is no path"):
        untrusted_files.read("a\0b")
