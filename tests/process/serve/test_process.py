"""Nothing that a user or a system does to the process ends it in any but an orderly way."""

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import NIGHTLY, PATIENCE, Server
from support.process.commands import command, environment, free_port
from support.security.attacking import UPGRADED, Torn, Wire, ask, get

fcntl = pytest.importorskip("fcntl", reason="signals and terminals of POSIX")
import pty  # noqa: E402 - where there is the one there are the others
import resource  # noqa: E402
import termios  # noqa: E402

SERVE = (sys.executable, "-m", "hotreload", "serve")
MIB = 2**20


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("site")
    (root / "a.txt").write_bytes(b"text")
    with open(root / "large.bin", "wb") as file:
        file.truncate(64 * MIB)
    return root


def started(*words: object, **more) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*SERVE, *map(str, words)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        env=environment(), **more,
    )  # fmt: skip


def said_all(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, error = process.communicate(timeout=PATIENCE)
    return process.returncode, out, error


# ---- the port ----


@contextlib.contextmanager
def squatter(family: int, address: str) -> Iterator[int]:
    with socket.socket(family) as sock:
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((address, 0))
        sock.listen()
        yield sock.getsockname()[1]


@pytest.mark.parametrize(
    ("family", "address", "named"),
    [
        (socket.AF_INET, "127.0.0.1", "127.0.0.1"),
        (socket.AF_INET, "0.0.0.0", "127.0.0.1"),
        (socket.AF_INET6, "::1", "::1"),
        (socket.AF_INET6, "::", "::1"),
    ],
)
def test_a_port_that_somebody_else_has_on_either_address_is_named(root, family, address, named):
    with squatter(family, address) as port:
        done = command("serve", root, "--port", port)

    assert done.status == 1
    assert done.error == (
        f"hotreload: port {port} is taken on {named}:"
        " choose another with --port, or 0 for a free one\n"
    )


def test_a_word_that_makes_no_sense_is_told_of_before_a_port_is_asked_for(root):
    with squatter(socket.AF_INET, "127.0.0.1") as port:
        done = command("serve", root, "--port", port, "--allow-host", "a b")

    assert done.status == 2
    assert "'a b' is not a host name" in done.error


def test_a_server_that_was_killed_is_back_on_its_port(root):
    port = free_port()
    for _ in range(50 if NIGHTLY else 4):
        server = Server(root, port=port)
        with Wire(port) as wire, Wire(port) as page:
            wire.send(get(b"/a.txt"))
            assert wire.reply().body == b"text"
            page.send(get(b"/", UPGRADED))
            assert page.reply().status == 101
            server.kill()  # first, so that the system remembers the connections on our side


# ---- signals ----


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_in_the_middle_of_downloads_and_with_pages_open(root, server, number):
    running = server(root)
    with contextlib.ExitStack() as stack:
        download = stack.enter_context(Wire(running.port))
        download.send(get(b"/large.bin"))
        download.exactly(12)
        pages = [stack.enter_context(Wire(running.port)) for _ in range(300)]
        for page in pages:
            page.send(get(b"/", UPGRADED))
        assert {page.reply().status for page in pages} == {101}

        assert running.stop(number) == 0

        for page in pages:
            assert page.exactly(4) == b"\x88\x02\x03\xe9"  # closed: 1001, going away
        with pytest.raises(Torn):
            download.exactly(64 * MIB)
    assert running.lines[-1]["type"] == "stopped"


def test_the_second_signal_does_not_wait(root):
    """Whoever presses Ctrl-C twice wants it gone; a shell sees that by 130."""
    process = started(root, "--port", 0, "--json")
    assert json.loads(process.stdout.readline())["type"] == "ready"
    process.send_signal(signal.SIGSTOP)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGCONT)
    status, _, error = said_all(process)

    assert (status, error) in [(128 + each, "") for each in (signal.SIGINT, signal.SIGTERM)]


def catches(pid: int, number: int) -> bool:
    """Whether a process has a handler for a signal."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(line.split()[1], 16) >> (number - 1) & 1)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_at_any_moment_of_the_start_leaves_no_traceback(root, number):
    chance = random.Random(7)
    for _ in range(60 if NIGHTLY else 5):
        process = started(root, "--port", 0)
        # Python itself answers until it has started.
        for caught in (True, False):
            while catches(process.pid, signal.SIGINT) is not caught and process.poll() is None:
                time.sleep(0.0005)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(chance.random() * 0.5)
        process.send_signal(number)
        status, _, error = said_all(process)
        assert "Traceback" not in error, error
        assert status in (0, 130, -number)


# ---- the terminal ----


def test_whoever_reads_the_first_line_only_is_not_waited_for(root):
    process = started(root, "--port", 0, "--json")
    ready = json.loads(process.stdout.readline())
    process.stdout.close()
    port = int(ready["url"].rsplit(":", 1)[1].strip("/"))
    for _ in range(3):
        assert ask(port, get(b"/", UPGRADED)).status == 101
    process.send_signal(signal.SIGTERM)
    process.stdout = None
    status, _, error = said_all(process)

    assert (status, error) == (0, "")


def test_a_terminal_that_is_closed_ends_it(root):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*SERVE, root, "--port", "0"],
        stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, env=environment(),
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - one thread
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    while b"http://" not in seen:
        seen += os.read(ours, 4096)
    os.close(ours)
    _, error = process.communicate(timeout=PATIENCE)

    assert (process.returncode, error) == (0, b"")


def test_a_disk_that_takes_nothing_is_one_note(root):
    """A file size of zero stands for a full disk: nothing of ours but a small file needs one."""
    process = started(
        root, "--port", 0, "--json",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
    )  # fmt: skip
    events = []
    while not events or events[-1]["type"] != "ready":
        events.append(json.loads(process.stdout.readline()))
    port = int(events[-1]["url"].rsplit(":", 1)[1].strip("/"))
    assert ask(port, get(b"/a.txt")).body == b"text"
    process.send_signal(signal.SIGTERM)
    status, _, error = said_all(process)

    notes = [event["text"] for event in events if event["type"] == "note"]
    assert len(notes) == 1
    assert "--url" in notes[0]
    assert (status, error) == (0, "")


@pytest.mark.skipif(not shutil.which("unshare"), reason="needs a file system of its own")
def test_a_site_on_a_full_disk_is_served_and_told_of_as_soon_as_there_is_room(tmp_path):
    """An editor's save fails half way; everything goes on, and shows the next save."""
    mount = 'mount -t tmpfs -o size=64k full "$0" && exec "$@"'
    words = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount)
    if subprocess.run([*words, tmp_path, "true"], check=False).returncode:
        pytest.skip("this user may not mount anything")
    server = Server(tmp_path, program=(*words, str(tmp_path), sys.executable, "-m", "hotreload"))
    root = Path(f"/proc/{server.process.pid}/root{tmp_path}")
    try:
        (root / "a.css").write_text("b { order: 1 }")
        server.wait_for(type="change", url="/a.css")
        with contextlib.suppress(OSError), open(root / "large.bin", "wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        with pytest.raises(OSError, match="No space"):
            (root / "a.css").write_text("b { order: 2 }" * 1000)
        assert ask(server.port, get(b"/large.bin", method=b"HEAD"), head_only=True).status == 200
        assert ask(server.port, get(b"/a.css")).status == 200

        (root / "large.bin").unlink()
        server.wait_for(type="change", url="/large.bin", kind="deleted")
        (root / "a.css").write_text("b { order: 3 }")
        while ask(server.port, get(b"/a.css")).body != b"b { order: 3 }":
            server.wait_for(type="change", url="/a.css")
        assert server.stop() == 0
        assert not [event for event in server.lines if event["type"] == "problem"]
    finally:
        server.kill()
