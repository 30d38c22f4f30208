"""When a connection ends, and that what is cut off cannot pass for whole."""

import socket
import ssl
import sys
from collections.abc import Iterator

import pytest
from conftest import Server
from support.process import hasty
from support.security.attacking import Torn, Wire, descriptors, descriptors_return_to, get

MIB = 2**20


@pytest.fixture(scope="module")
def hurried(tmp_path_factory) -> Iterator[Server]:
    root = tmp_path_factory.mktemp("site")
    (root / "a.txt").write_bytes(b"text")
    server = Server(root, program=hasty.PROGRAM)
    yield server
    server.kill()


@pytest.mark.parametrize("said", [b"", b"\r\n", b"\r\n\r\n"])
def test_a_connection_rests_for_its_time_whatever_it_says_between_requests(hurried, said):
    """Some old clients end a request with an empty line too much, which is no request."""
    with Wire(hurried.port) as wire:
        wire.send(get(b"/a.txt"))
        assert wire.reply().status == 200
        wire.send(said)
        with pytest.raises(Torn):
            wire.exactly(1)


def test_an_empty_line_between_two_requests_does_no_harm(hurried):
    with Wire(hurried.port) as wire:
        wire.send(get(b"/a.txt") + b"\r\n" + get(b"/a.txt"))
        assert [wire.reply().body, wire.reply().body] == [b"text", b"text"]


def test_a_client_of_http_1_0_hears_the_end_also_if_it_asks_for_more(hurried):
    """Without a Keep-Alive in the answer it waits for the end of the connection."""
    asked = get(b"/a.txt", b"Connection: keep-alive")
    with Wire(hurried.port) as wire:
        wire.send(asked)
        assert wire.reply()[b"connection"] is None
    with Wire(hurried.port) as wire:  # what is known from the request before is sent so, too
        wire.send(asked.replace(b"HTTP/1.1", b"HTTP/1.0"))
        assert wire.reply()[b"connection"] == b"close"
        with pytest.raises(Torn):
            wire.exactly(1)


def test_a_client_that_ends_tls_in_a_download_is_nothing_to_speak_of(
    server, site, tmp_path, monkeypatch, capfd
):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    pytest.importorskip("hotreload.security.certificates", reason="needs the https extra")
    with open(site / "large.bin", "wb") as file:
        file.truncate(64 * MIB)
    secure = server(site, "--https")
    context = ssl._create_unverified_context()
    with socket.create_connection(("127.0.0.1", secure.port), timeout=20) as plain:
        client = context.wrap_socket(plain, server_hostname="localhost")
        client.sendall(get(b"/large.bin"))
        assert client.recv(12) == b"HTTP/1.1 200"
        with pytest.raises(ssl.SSLError):  # the download is not its answer
            client.unwrap()
        client.close()
    assert secure.stop() == 0
    assert capfd.readouterr().err == ""


BREAKS = """
from hotreload.files.open_file import OpenFile

read = OpenFile.read

def fails(file, offset=0, length=None):
    if offset:
        raise RuntimeError("can't start new thread")
    return read(file, offset, length)

OpenFile.read = fails
from hotreload.cli.main import main
main()
"""


def test_an_answer_that_a_fault_cuts_off_is_the_last_on_its_connection(server, site):
    """Else what is answered next would be taken for the rest of it."""
    with open(site / "large.bin", "wb") as file:
        file.truncate(16 * MIB)
    broken = server(program=(sys.executable, "-c", BREAKS))
    with Wire(broken.port) as wire:
        wire.send(get(b"/large.bin") + get(b"/"))
        with pytest.raises(Torn):
            wire.reply()


def test_what_comes_behind_the_last_request_does_not_keep_the_connection(hurried):
    pid = hurried.process.pid
    before = descriptors(pid)
    last = get(b"/a.txt", b"Content-Length: 2") + b"ab"  # nobody reads that body
    with Wire(hurried.port) as wire:
        wire.send(last + get(b"/a.txt"))
        assert (wire.reply().body, wire.rest()) == (b"text", b"")
        assert descriptors_return_to(pid, before)  # though the client has not closed
