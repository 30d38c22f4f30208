"""Who listens beyond this machine is told so, and answers to this machine's names only."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from attacking import ask, get
from conftest import Server

from hotreload.listen import is_open, outward_addresses, own_names


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("site")
    (root / "a.txt").write_bytes(b"text")
    return root


@pytest.fixture(scope="module")
def everywhere(root) -> Iterator[Server]:
    server = Server(root, "--host", "0.0.0.0")
    yield server
    server.kill()


def status(server: Server, host: str) -> int:
    return ask(server.port, get(b"/a.txt", host=host.encode())).status


def test_everybody_on_the_network_can_read_it_and_one_is_told(everywhere, root):
    problem = everywhere.wait_for(type="problem")

    assert problem["text"] == (
        f"everybody on this network can read {root}: --auth USER:PASSWORD asks them for a password"
    )


def test_this_machine_only_is_nothing_to_tell_of(root, server):
    running = server(root)
    running.stop()

    assert not [event for event in running.lines if event["type"] in ("problem", "note")]


def test_a_password_that_crosses_the_network_is_told_of(root, server):
    running = server(root, "--host", "0.0.0.0", "--auth", "ann:pw")

    note = running.wait_for(type="note")["text"]
    assert note == "the password crosses the network as it is: --https encrypts it"
    running.stop()
    assert not [event for event in running.lines if event["type"] == "problem"]


def test_names_and_addresses_of_this_machine_are_answered_on_all_interfaces(everywhere):
    name = socket.gethostname()
    ours = [name, f"{name}.local", name.upper(), f"{name}.", *outward_addresses(), "localhost"]
    hosts = [f"[{host}]" if ":" in host else host for host in ours]

    for host in hosts:
        assert status(everywhere, host) == 200, host
        assert status(everywhere, f"{host}:{everywhere.port}") == 200, host


def test_foreign_names_are_refused_on_all_interfaces(everywhere):
    name = socket.gethostname()

    for host in ("evil.example", f"{name}.evil.example", f"evil.{name}", f"{name}.local.example"):
        assert status(everywhere, host) == 403, host


def test_names_of_this_machine_are_foreign_where_only_this_machine_connects(root, server):
    running = server(root)

    for host in (socket.gethostname(), f"{socket.gethostname()}.local", "0.0.0.0"):
        assert status(running, host) == 403, host


def test_loopback_alone_is_not_open_and_has_no_names():
    assert not is_open(["127.0.0.1", "127.9.9.9", "::1"])
    assert own_names(["127.0.0.1", "::1"]) == []
    assert is_open(["127.0.0.1", "192.168.1.2"])
    assert is_open(["::"])


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("Laptop", ["laptop", "laptop.local"]),
        ("mac.local", ["mac.local"]),
        ("no host name!", []),
        ("10", ["10.local"]),
    ],
)
def test_a_machine_is_called_by_its_name_and_by_that_in_local(monkeypatch, name, names):
    monkeypatch.setattr(socket, "gethostname", lambda: name)

    assert own_names(["0.0.0.0"]) == names
