"""Words that name nothing end a command in one line, whatever is wrong with them."""

import asyncio
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from support.process.commands import command, environment

from hotreload.check import file_check, findings, run
from hotreload.config import parser, sources
from hotreload.config.parser import ValueKind
from hotreload.errors import StartError, UsageError
from hotreload.remote import outgoing_messages, target
from hotreload.remote.outgoing_messages import Outgoing
from hotreload.server.listen import listen
from hotreload.static.site.served_folders import alike


@pytest.mark.parametrize("host", ["a..b", "x" * 64, "nul\0"])
def test_a_host_that_no_dns_could_hold_is_no_address_to_listen_on(host):
    with pytest.raises(StartError, match="is not an address or a name that this machine knows"):
        listen(host, 0)


@pytest.mark.parametrize("host", ["a..b", ".a", "x" * 64])
def test_nor_one_to_connect_to(host):
    with pytest.raises(UsageError, match="is not a host name"):
        target.parse(f"ws://{host}:80/")


@pytest.mark.parametrize("host", ["a.b.", "a_b", "127.0.0.1", "[::1]", "[fe80::1%eth0]"])
def test_all_others_are_left_as_they_are(host):
    assert target.parse(f"ws://{host}:80/").host == host.strip("[]")


def test_a_file_to_reload_has_a_url():
    done = command("reload", "http://[x/style.css")

    sentence = "the URL of a file begins with /, as its page has it"
    assert (done.status, done.error) == (2, f"hotreload: http://[x/style.css: {sentence}\n")


@pytest.mark.skipif(sys.platform == "win32", reason="a command line is text there")
def test_a_message_that_is_no_text_can_be_sent_as_binary_only():
    word = os.fsdecode(b"\xff")

    assert Outgoing((word,), binary=True).total == 1
    with pytest.raises(UsageError, match="--binary sends it as it is"):
        assert Outgoing((word,)).total


def test_standard_input_is_read_no_faster_than_it_is_sent(monkeypatch):
    """Else `yes | hotreload echo -` takes all of the memory."""
    read = threading.Semaphore(0)

    def piece(_descriptor: int) -> bytes:
        read.release()
        return b"y\n"

    monkeypatch.setattr(outgoing_messages, "_piece", piece)

    async def some() -> list[bytes]:
        pieces = outgoing_messages._pieces(0)
        got = [await anext(pieces) for _ in range(2 * outgoing_messages.AHEAD)]
        for _ in range(3 * outgoing_messages.AHEAD - 1):  # what was taken, and what may wait
            await asyncio.to_thread(read.acquire, timeout=10)
        assert not await asyncio.to_thread(read.acquire, timeout=0.1)
        await pieces.aclose()
        return got

    assert asyncio.run(some()) == [b"y\n"] * 2 * outgoing_messages.AHEAD


def test_a_configuration_may_begin_with_the_mark_that_windows_editors_write(tmp_path: Path):
    (tmp_path / "hotreload.toml").write_bytes(b"\xef\xbb\xbfport = 1\n")

    files = sources.find(tmp_path).files
    found = parser.values(files, None, {None: {"port": ValueKind.NUMBER}})

    assert found["port"].value == 1
    assert found["port"].place.endswith("hotreload.toml:1")


def test_a_folder_that_cannot_be_read_is_named_with_what_to_do(tmp_path: Path, monkeypatch):
    scan = os.scandir

    def refuses(folder: str):
        if folder.endswith("closed"):
            raise PermissionError(13, "Permission denied", folder)
        return scan(folder)

    (tmp_path / "closed").mkdir()
    monkeypatch.setattr(os, "scandir", refuses)

    sentence = f"cannot read the folder {tmp_path / 'closed'}: permission denied; --exclude leaves"
    with pytest.raises(UsageError) as said:
        run.collect([tmp_path])
    assert str(said.value).startswith(sentence)
    assert run.collect([tmp_path], ["closed"]) == []


def test_no_system_is_asked_for_more_processes_than_it_allows(monkeypatch):
    asked = []

    def pool(count: int, **_more: object):
        asked.append(count)
        raise NotImplementedError

    monkeypatch.setattr(run, "ProcessPoolExecutor", pool)
    with pytest.raises(NotImplementedError):
        run.run([], file_check.Options(frozenset(findings.RULES)), jobs=100)
    assert asked == [61]


@pytest.mark.parametrize("name", ["Jörg-PC", "ö" * 60, "x" * 64, "a..b", "\udcff"])
def test_a_machine_of_any_name_has_its_certificates(name, monkeypatch, tmp_path):
    pytest.importorskip("hotreload.security.certificates", reason="needs the https extra")
    from hotreload.server import tls

    monkeypatch.setattr(socket, "gethostname", lambda: name)

    assert tls.own_context(["0.0.0.0"], lambda *_: None, tmp_path)


def test_a_folder_on_a_drive_that_is_not_there_is_like_nothing(monkeypatch):
    """On Windows not even the top of a path need be a folder."""
    monkeypatch.setattr(Path, "is_dir", lambda _: False)

    assert alike(Path("/no/such")) == []


@pytest.mark.skipif(sys.platform == "win32", reason="a folder that somebody is in stays there")
@pytest.mark.parametrize("words", [["serve"], ["serve", "site"], ["check"], ["doctor"], ["wait"]])
def test_a_command_in_a_folder_that_is_gone_says_so(words, tmp_path: Path):
    (tmp_path / "gone").mkdir()
    program = "import os, sys; os.rmdir(os.getcwd()); from hotreload.cli.main import main; main()"

    done = subprocess.run(
        [sys.executable, "-c", program, *words], cwd=tmp_path / "gone", env=environment(),
        capture_output=True, encoding="utf-8", timeout=30, check=False,
    )  # fmt: skip

    sentence = "the folder that you are in is gone: go to another one, or come back to it"
    assert (done.returncode, done.stderr) == (1, f"hotreload: {sentence}\n")
