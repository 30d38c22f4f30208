"""Whatever a command is started with, it says so in a sentence, and not in a traceback."""

import os
import resource
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from support.process.checked import write
from support.process.commands import command, environment
from support.security.attacking import OWN, UPGRADED, Wire

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="descriptors of POSIX")


def shell(script: str, *words: object, cwd: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    """A command of hotreload in place of $@ of a script."""
    program = [sys.executable, "-m", "hotreload", *map(str, words)]
    return subprocess.run(
        ["sh", "-c", script, "sh", *program], cwd=cwd, capture_output=True, encoding="utf-8",
        timeout=60, env=environment(env),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("port = " + "[" * 5000, ": its values lie too deep within each other"),
        ("port = 1" + "0" * 5000, ": a number in it is too large"),
        ("port = 0x" + "f" * 5000, ':1: "port" wants a whole number, not a number of such a size'),
        ("a." * 100_000 + "b = 1", ":1: a key has 16 parts at most"),
        (" " * 400_000, ""),
        ("#" * 600_000, "it is larger than 512 KiB"),
        (b"port = '\xff'", ": the file is not written in UTF-8"),
        ("root = '\\u0000'\nmount = [\"/a=\\u0000\"]", ':2: "mount" wants a list of strings'),
    ],
    ids=["deep", "digits", "hexadecimal", "dots", "spaces", "large", "no text", "nul"],
)
def test_configuration_that_is_too_much_for_a_reader(
    tmp_path: Path, text: str | bytes, sentence: str
) -> None:
    write(tmp_path, {"hotreload.toml": text})

    done = command("serve", "--port", 70000 if not sentence else 0, cwd=tmp_path)

    file = f"{tmp_path / 'hotreload.toml'}" if sentence else ""
    assert file in done.error
    assert sentence in done.error
    assert (done.status, done.error.count("\n")) == (2, 1)


@pytest.mark.parametrize("what", ["folder", "pipe", "loop", "socket"])
def test_configuration_that_is_no_file(tmp_path: Path, what: str) -> None:
    file = tmp_path / "hotreload.toml"
    match what:
        case "folder":
            file.mkdir()
        case "pipe":
            os.mkfifo(file)
        case "loop":
            file.symlink_to(file)
        case _:
            with socket.socket(socket.AF_UNIX) as place:
                place.bind(os.path.relpath(file))

    for words in ("serve", "check", "doctor"):
        done = command(words, cwd=tmp_path)
        assert f"cannot read {file}: " in done.error
        assert (done.status, done.error.count("\n")) == (2, 1)


@pytest.mark.parametrize("words", [["check"], ["doctor"], ["trust", "--list"], ["--version"]])
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed(tmp_path: Path, words: list[str], closed: str) -> None:
    done = shell(f'exec "$@" {closed}', *words, cwd=tmp_path)

    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode == 0
    if closed == ">&-":
        assert "hotreload: standard output is closed: nothing is shown\n" in done.stderr


@pytest.mark.parametrize("closed", [">&-", "<&- >&- 2>&-"])
def test_a_server_without_output_serves_what_it_is_asked_for(tmp_path: Path, closed: str) -> None:
    write(tmp_path, {"index.html": "<p>served"})
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    words = [sys.executable, "-m", "hotreload", "serve", "--port", str(port)]
    process = subprocess.Popen(
        ["sh", "-c", f"exec {shlex.join(words)} {closed}"], cwd=tmp_path, env=environment(),
        stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    try:
        assert b"<p>served" in asked(port)
    finally:
        process.terminate()
        error = process.communicate(timeout=20)[1]
    assert error in ("", "hotreload: standard output is closed: nothing is shown\n")
    assert process.returncode == 0


def asked(port: int) -> bytes:
    """What a server answers as soon as it listens."""
    deadline = time.monotonic() + 20
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
                client.sendall(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
                return client.makefile("rb").read()
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is full is needed")
@pytest.mark.parametrize("words", [["doctor"], ["check", "--format", "json"], ["--help"]])
def test_output_that_cannot_be_kept(tmp_path: Path, words: list[str]) -> None:
    done = shell('exec "$@" >/dev/full', *words, cwd=tmp_path)

    said = "hotreload: what this prints cannot be written: no space left on device\n"
    assert (done.returncode, done.stderr) == (1, said)


@pytest.mark.parametrize("limit", [8, 20, 63])
def test_a_server_that_could_answer_nobody_does_not_start(tmp_path: Path, limit: int) -> None:
    done = shell(f'ulimit -n {limit}; exec "$@"', "serve", "--port", "0", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"hotreload: only {limit} files and sockets may be open at once here, and a server needs"
        " 64: allow it more, as by `ulimit -n 1024`\n"
    )
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] > limit


@pytest.mark.parametrize(
    "env",
    [
        {"HOME": ""},
        {"HOME": "relative"},
        {"HOME": "/dev/null"},
        {"HOME": "/proc", "XDG_STATE_HOME": "", "XDG_CONFIG_HOME": ""},
        {"XDG_STATE_HOME": "relative", "XDG_CONFIG_HOME": "relative"},
    ],
    ids=str,
)
def test_a_home_folder_that_is_of_no_use(tmp_path: Path, env: dict[str, str]) -> None:
    write(tmp_path, {"hotreload.toml": "host = true\n"})

    for words in (["check"], ["trust", "--list"], ["doctor"]):
        done = command(*words, cwd=tmp_path, env=env)
        assert (done.status, "Traceback" in done.error) == (0, False), done.error
    done = command("serve", cwd=tmp_path, env=env, stdin=subprocess.DEVNULL)
    assert "is not trusted" in done.error
    assert (done.status, done.error.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    "behind",
    [b"x" * 10, b"GET / HTTP/1.1\r\n\r\n", b"\x81\x80abcd" * 1000, b"z" * 300_000],
    ids=["letters", "request", "frames", "many"],
)
def test_a_refused_handshake_with_bytes_behind_it_gets_its_403(
    server: Any, tmp_path: Path, behind: bytes
) -> None:
    started = server(tmp_path)
    head = b"GET " + OWN + b"ws HTTP/1.1\r\nHost: localhost\r\n" + UPGRADED
    with Wire(started.port) as wire:
        wire.send(head + b"\r\nOrigin: http://evil.example\r\n\r\n" + behind)
        assert wire.reply().status == 403


def test_what_is_said_before_the_handshake_is_answered_is_heard_after_it(
    server: Any, tmp_path: Path
) -> None:
    started = server(tmp_path)
    head = b"GET /echo HTTP/1.1\r\nHost: localhost\r\n" + UPGRADED + b"\r\n\r\n"
    with Wire(started.port) as wire:
        wire.send(head + b"\x81\x82\0\0\0\0hi")
        got = b""
        while b"Echo: hi" not in got:
            got += (more := wire.socket.recv(4096))
            assert more, got
    assert got.startswith(b"HTTP/1.1 101 ")
