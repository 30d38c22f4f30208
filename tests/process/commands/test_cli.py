"""The command says what is wrong in one line, and leaves with the right status."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from support.process.commands import run

import hotreload

PATIENCE = 15.0  # seconds, for what takes milliseconds


def test_the_version_is_printed():
    done = run("--version")

    assert done.stdout == f"hotreload {hotreload.__version__}\n"
    assert done.returncode == 0


def test_the_command_alone_shows_what_there_is():
    done = run()

    assert done.stdout == run("--help").stdout
    assert done.stdout.count("\n") > 10
    assert (done.stderr, done.returncode) == ("", 0)


def test_help_lists_commands_in_the_order_of_need_and_cuts_no_sentence():
    commands = run("--help").stdout.split("Commands:\n")[1]

    words = ["serve", "echo", "doctor", "reload", "wait", "check", "trust"]
    assert [line.split()[0] for line in commands.splitlines()] == words
    assert "..." not in commands


def test_help_names_every_option():
    done = run("serve", "--help")

    for option in (
        "--host", "--port", "--open", "--no-open", "--watch", "--ignore", "--no-gitignore",
        "--full-reload", "--poll", "--json", "--quiet", "--verbose", "--ws-compression",
        "--mount", "--spa", "--base", "--header", "--cors", "--mime", "--no-inject", "--csp",
        "--no-listing", "--compress", "--https", "--cert", "--key",
    ):  # fmt: skip
        assert option in done.stdout


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["serve", "no/where"], 1, "no/where does not exist: name the folder to serve"),
        (["serve", "fiel.html"], 1, "fiel.html does not exist: name the folder to serve"),
        (["serve", "file.html"], 1, "file.html is a file: name the folder that holds it"),
        (["serve", "--prot", "1"], 2, "no such option '--prot'"),
        (["serve", "--port", "x"], 2, "'x' is not a whole number"),
        (["serve", "--port", "70000"], 2, "70000 is not in the range"),
        (["serve", ".", "--poll=fast"], 2, "--poll fast: give a whole number of milliseconds"),
        (["serve", ".", "--open", "page"], 2, "--open page: the path of a page starts with /"),
        (["serve", "--host", "no.such.host.invalid"], 1, "no.such.host.invalid is not an address"),
        (["serve", "--host", "192.0.2.1", "-p", "0"], 1, "192.0.2.1 is not an address of this"),
        (["serve", "--allow-host", "a b"], 2, "a b"),
        (["serve", "a", "b"], 2, "unexpected extra argument"),
        (["sreve"], 2, "no such command 'sreve'"),
        (["."], 2, ". is a folder: `hotreload serve .` serves it"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_makes_no_sense_is_refused_in_one_line(tmp_path, words, status, sentence):
    (tmp_path / "file.html").write_text("x")

    done = run(*words, cwd=tmp_path)

    assert done.returncode == status
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert sentence.lower() in done.stderr.lower()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
@pytest.mark.parametrize(
    "words",
    [
        ("serve", "closed"), ("serve", "closed/site"), ("serve", "--mount", "/m=closed/site"),
        ("doctor", "closed/site"),
    ],
)  # fmt: skip
def test_a_folder_that_permissions_keep_away_is_named(tmp_path, words):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    # Root may read everything, unless it lays that power down.
    keep_out = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    drop = keep_out if os.geteuid() == 0 else []
    if drop and subprocess.run([*drop, "true"], capture_output=True).returncode:
        pytest.skip("root may read everything here, and setpriv cannot change that")

    done = subprocess.run(
        [*drop, sys.executable, "-m", "hotreload", *words],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    closed.chmod(0o700)

    assert done.returncode == 1, done.stderr
    assert re.search(f"{words[-1].removeprefix('/m=')}.*keep", done.stdout + done.stderr)
    assert "Traceback" not in done.stderr


def test_a_port_that_was_asked_for_and_is_taken_is_an_error(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", tmp_path, "--port", port)

    assert done.returncode == 1
    assert done.stderr == (
        f"hotreload: port {port} is taken on 127.0.0.1:"
        " choose another with --port, or 0 for a free one\n"
    )


def test_localhost_works_over_both_addresses(server):
    running = server()

    socket.create_connection(("127.0.0.1", running.port)).close()
    try:
        probe = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("no IPv6 here")
    probe.close()
    socket.create_connection(("::1", running.port)).close()


def test_a_machine_of_its_own_is_all_that_can_connect(server):
    """Nothing listens on other interfaces unless it is asked for."""
    running = server()

    with pytest.raises(OSError, match=r"refused|unreachable|timed out"):
        socket.create_connection((other_address(), running.port), timeout=1).close()


def other_address():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no other address")
        return probe.getsockname()[0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "TERM"])
def test_the_server_stops_at_once_and_in_order(server, number):
    running = server()
    idle = socket.create_connection(("127.0.0.1", running.port))

    began = time.monotonic()
    status = running.stop(number)

    assert status == 0
    assert time.monotonic() - began < 5
    assert running.lines[-1]["type"] == "stopped"
    idle.close()
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", running.port))


@pytest.fixture
def start():
    """Starts the command with its output in pipes; ends it, even if it never says a word."""
    running = []

    def start(*words, **more):
        process = subprocess.Popen(
            [sys.executable, "-m", "hotreload", "serve", *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            **more,
        )
        watchdog = threading.Timer(PATIENCE, process.kill)
        watchdog.start()
        running.append((process, watchdog))
        return process

    yield start
    for process, watchdog in running:
        watchdog.cancel()
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def read_until(stream, text):
    lines = []
    for line in stream:
        lines.append(line)
        if text in line:
            return "".join(lines)
    pytest.fail(f"{text!r} was not printed: {lines}")


def test_the_start_says_name_version_time_address_and_folder(tmp_path, start):
    process = start(tmp_path, "--port", 0)
    said = read_until(process.stdout, "Serving:")
    process.terminate()
    rest, errors = process.communicate(timeout=10)

    assert f"hotreload {hotreload.__version__}  ready in " in said
    assert "Local:    http://127.0.0.1:" in said
    assert str(tmp_path) in said
    assert "\x1b" not in said + rest
    assert errors == ""


def test_the_folder_one_is_in_is_called_by_its_name(tmp_path, start):
    said = read_until(start("--port", 0, cwd=tmp_path).stdout, "Serving:")

    assert f"Serving:  {tmp_path.resolve()}\n" in said


def test_a_save_without_a_page_prints_one_line(tmp_path, start):
    process = start(tmp_path, "--port", 0)
    read_until(process.stdout, "Serving:")
    (tmp_path / "new.css").write_text("a {}")

    line = read_until(process.stdout, "new.css")

    assert "no page is open" in line


def test_a_reader_that_leaves_does_not_end_the_server(tmp_path, start):
    process = start(tmp_path, "--port", 0)
    said = read_until(process.stdout, "Local:")
    port = int(said.rsplit(":", 1)[1].strip().rstrip("/"))
    process.stdout.close()
    (tmp_path / "a.css").write_text("a {}")

    for _ in range(3):
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    process.terminate()

    assert process.wait(10) == 0
    assert process.stderr.read() == ""


def test_the_default_port_moves_on_and_says_so(tmp_path, start):
    """Whether or not somebody has the default port now, a second server finds another."""
    read_until(start(tmp_path).stdout, "Local:")

    said = read_until(start(tmp_path).stdout, "Local:")

    assert re.search(
        r"port 8765 is taken, using 87\d+; this folder is served at http://\S+ already\n", said
    )


def test_words_that_open_a_browser_may_stand_before_the_folder(tmp_path, start):
    """`-o FOLDER` reads the folder as the option's value, yet it serves the folder."""
    process = start("--port", 0, "-o", tmp_path, env={**os.environ, "BROWSER": "true"})
    read_until(process.stdout, f"Serving:  {tmp_path}")

    done = run("serve", "-o", "no/where", env={"BROWSER": "true"})

    assert "no/where does not exist" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_second_ctrl_c_leaves_at_once(tmp_path, start):
    """The first waits for a socket that does not answer the closing handshake."""
    process = start(tmp_path, "--port", 0)
    said = read_until(process.stdout, "Local:")
    port = int(said.rsplit(":", 1)[1].strip().rstrip("/"))
    stubborn = socket.create_connection(("127.0.0.1", port))
    stubborn.sendall(
        b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    assert b" 101 " in stubborn.recv(4096)
    process.send_signal(signal.SIGINT)
    assert stubborn.recv(100)[:1] == b"\x88"
    again = threading.Timer(0, process.send_signal, [signal.SIGINT])
    again.start()

    status = process.wait(10)
    process.communicate()
    stubborn.close()
    assert status in (130, 0)  # 0 when the first was done before the second came
