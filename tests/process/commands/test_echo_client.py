"""`hotreload echo` says each step, checks what comes back, and follows updates."""

import contextlib
import json
import os
import re
import select
import signal
import subprocess
import sys
import threading

import pytest
from conftest import Server
from support.process.commands import command, environment
from support.process.echoing import websocket_server

pytestmark = pytest.mark.usefixtures("own_runtime")


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """A server that nobody changes."""
    running = Server(tmp_path_factory.mktemp("echo"))
    yield running.url
    running.kill()


# -- what works ----------------------------------------------------------------------------------


def test_each_step_is_said_and_three_messages_of_its_own_come_back(server):
    running = server()

    done = command("echo", running.url)

    assert done.status == 0, done.error
    assert done.out.startswith(f"ws://127.0.0.1:{running.port}/\n")
    for line in (
        rf"  tcp         connected to 127\.0\.0\.1 port {running.port}  \d+\.\d ms",
        r"  handshake   > GET / HTTP/1\.1",
        r"              > Upgrade: websocket",
        r"              < HTTP/1\.1 101 Switching Protocols  \d+\.\d ms",
        r"              < Upgrade: websocket",
        r"  subprotocol none",
        r"  extensions  none",
        r"              > hello",
        r"              < Echo: hello  \d+\.\d ms",
        r"              < Echo: Grüße, 世界 👋  \d+\.\d ms",
        r"              > \(binary, 256 bytes\)",
        r"  close       1000 \(OK\)  \d+\.\d ms",
        r"3 echoes in \d+\.\d\d s; round trip min [\d.]+, median [\d.]+, p99 [\d.]+, max [\d.]+ ms",
    ):
        assert re.search(f"^{line}$", done.out, re.MULTILINE), (line, done.out)
    assert "\x1b" not in done.out
    assert running.wait_for(type="socket", event="closed")["detail"] == "1000"


def test_without_a_url_the_server_of_the_folder_is_asked(server, site):
    running = server()

    done = command("echo", "one", "two", cwd=site)

    assert done.status == 0, done.error
    assert f"ws://127.0.0.1:{running.port}/" in done.out
    assert "< Echo: two" in done.out


def test_a_path_alone_is_one_of_the_server_of_the_folder(server, site):
    server()

    done = command("echo", "/try?prefix=%3E", "hi", "--json", cwd=site)

    assert done.event("connecting")["url"].endswith("/try?prefix=%3E")
    assert done.event("echo")["received"] == ">hi"


def test_with_url_every_word_is_a_message(url):
    done = command("echo", "--url", url, "localhost:1", "/path", "--json")

    assert [e["sent"] for e in done.events if e["type"] == "echo"] == ["localhost:1", "/path"]


def test_json_is_one_event_a_line(url):
    done = command("echo", url, "--json", "héllo", "--count", 2)

    assert [event["type"] for event in done.events] == [
        "connecting", "tcp", "request", "response", "open", "echo", "echo", "close", "summary",
    ]  # fmt: skip
    echo = done.event("echo")
    assert (echo["sent"], echo["sent_bytes"], echo["received"]) == ("héllo", 6, "Echo: héllo")
    assert done.event("response")["status"] == 101
    assert done.event("open")["extensions"] == []
    summary = done.event("summary")
    assert summary["echoes"] == 2
    assert summary["min"] <= summary["median"] <= summary["p99"] <= summary["max"]


def test_messages_are_sent_as_binary_when_asked(url):
    done = command("echo", url, "--json", "--binary", "four")

    assert done.event("echo")["received_bytes"] == 4
    assert done.event("echo")["received"] is None


@pytest.mark.parametrize("words", [[], ["--binary"]])
def test_a_message_is_made_to_size(url, words):
    done = command("echo", url, "--json", "--size", 100_000, *words)

    assert done.status == 0
    assert done.event("echo")["sent_bytes"] == 100_000


def test_many_connections_send_at_once_and_are_summed_up(url):
    done = command("echo", url, "--json", "x", "-c", 20, "-n", 5)

    summary = done.event("summary")
    assert (summary["echoes"], summary["connections"]) == (100, 20)
    assert {e["connection"] for e in done.events if e["type"] == "echo"} == set(range(1, 21))
    assert len([e for e in done.events if e["type"] == "tcp"]) == 1


def test_more_echoes_than_can_be_read_are_only_summed_up(url):
    done = command("echo", url, "x", "-n", 101)

    assert "Echo: x" not in done.out
    assert "101 echoes in" in done.out


def test_an_interval_passes_between_messages(url):
    done = command("echo", url, "--json", "x", "-n", 3, "--interval", 0.1)

    times = [event["at"] for event in done.events if event["type"] == "echo"]
    assert times[2] - times[0] >= 0.19


def test_standard_input_is_sent_a_message_a_line(url):
    done = command("echo", url, "-", "--json", input="one\ntwo\r\n\nlast")

    assert [e["sent"] for e in done.events if e["type"] == "echo"] == ["one", "two", "", "last"]


def test_standard_input_is_sent_whole_as_binary(url):
    done = command("echo", url, "-", "--json", "-b", input="one\ntwo\n")

    assert [e["sent_bytes"] for e in done.events if e["type"] == "echo"] == [8]


def test_a_line_typed_is_echoed_before_the_next(url):
    with subprocess.Popen(
        [sys.executable, "-m", "hotreload", "echo", url, "-", "--json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
    ) as client:
        client.stdin.write("first\n")
        client.stdin.flush()
        first = next(
            event for line in client.stdout if (event := json.loads(line))["type"] == "echo"
        )
        client.stdin.close()
        assert first["received"] == "Echo: first"
        assert json.loads(list(client.stdout)[-1])["type"] == "summary"


def test_the_subprotocol_and_the_extensions_that_were_agreed_are_said(server, site):
    done = command("echo", server(site, "--ws-compression").url, "x", "--subprotocol", "chat")

    assert "  subprotocol chat\n" in done.out
    assert "  extensions  permessage-deflate\n" in done.out


def test_a_server_that_greets_first_is_not_taken_for_wrong():
    async def greet(socket):
        await socket.send("welcome to the echo")
        async for message in socket:
            await socket.send(message)

    with websocket_server(greet) as port:
        done = command("echo", f"localhost:{port}", "a", "b")

    assert done.status == 0, done.error
    assert "greeting    < welcome to the echo" in done.out


def test_what_lets_anybody_in_is_not_shown():
    async def echo(socket):
        async for message in socket:
            await socket.send(message)

    with websocket_server(echo) as port:
        done = command("echo", f"ws://ann:secret@127.0.0.1:{port}/", "x")

    assert done.status == 0
    assert "> Authorization: ..." in done.out
    assert "secret" not in done.out


def test_colour_is_for_terminals_without_no_color(url):
    pty = pytest.importorskip("pty")

    def at_terminal(**env):
        ours, theirs = pty.openpty()
        words = [sys.executable, "-m", "hotreload", "echo", url, "x"]
        subprocess.run(words, stdout=theirs, stderr=theirs, env=environment(env), timeout=20)
        os.close(theirs)
        said = b""
        with contextlib.suppress(OSError):
            while select.select([ours], [], [], 5)[0] and (piece := os.read(ours, 65536)):
                said += piece
        os.close(ours)
        return said

    assert b"\x1b[" in at_terminal(NO_COLOR="")
    assert b"\x1b[" not in at_terminal(NO_COLOR="1")


def test_a_reader_that_leaves_ends_it_quietly(url):
    with subprocess.Popen(
        [sys.executable, "-m", "hotreload", "echo", url, "x", "-n", "50", "-i", "0.05"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
    ) as client:
        client.stdout.readline()
        client.stdout.close()
        client.wait(20)
        assert client.stderr.read() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_ctrl_c_closes_properly_and_sums_up(server):
    running = server()
    with subprocess.Popen(
        [sys.executable, "-m", "hotreload", "echo", running.url, "x", "-n", "1000", "-i", "0.05"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
    ) as client:
        next(line for line in client.stdout if "Echo: x" in line)
        client.send_signal(signal.SIGINT)
        out, error = client.communicate(timeout=20)

    assert client.returncode == 130
    assert "1000 (OK)" in out
    assert re.search(r"^\d+ echo(es)? in ", out, re.MULTILINE)
    assert error.strip() == ""
    assert running.wait_for(type="socket", event="closed")["detail"] == "1000"


# -- following -----------------------------------------------------------------------------------


@pytest.fixture
def follower():
    running = []

    def follow(url, *words):
        process = subprocess.Popen(
            [sys.executable, "-m", "hotreload", "echo", "--follow", url, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=environment(),
        )
        running.append((process, threading.Timer(30, process.kill)))
        running[-1][1].start()
        return process

    yield follow
    for process, watchdog in running:
        watchdog.cancel()
        process.kill()
        process.communicate()


def until(process, text):
    return next(line for line in process.stdout if text in line)


def test_the_stream_of_updates_is_followed_by_one_who_is_no_page(server, site):
    running = server()
    process = follower_events(running)
    with process as events:
        assert next(events)["message"]["type"] == "hello"
        (site / "new.css").write_text("a {}")
        update = next(events)["message"]

    assert [change["url"] for change in update["changes"]] == ["/new.css"]
    assert running.wait_for(type="update")["silent"] == 0
    assert not [line for line in running.lines if line["type"] == "page"]


@contextlib.contextmanager
def follower_events(running):
    with subprocess.Popen(
        [sys.executable, "-m", "hotreload", "echo", "--follow", running.url, "--json"],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
    ) as process:
        watchdog = threading.Timer(20, process.kill)
        watchdog.start()
        events = map(json.loads, process.stdout)
        yield (event for event in events if event["type"] == "heard")
        watchdog.cancel()
        process.kill()


def test_a_line_tells_of_each_changed_file_and_of_the_end(server, site, follower):
    running = server()
    process = follower(running.url)
    assert "at update 0" in until(process, "following hotreload")
    (site / "new.css").write_text("a {}")
    assert re.search(r"update 1  added     /new\.css$", until(process, "new.css"))
    command("reload", "--url", running.url)
    assert "reload of every page, asked for by a request" in until(process, "reload")
    running.stop()

    _, error = process.communicate(timeout=20)

    assert process.returncode == 12
    assert "closed the connection (1001, going away), while its updates were followed" in error


def test_following_what_is_not_hotreload():
    async def echo(socket):
        async for message in socket:
            await socket.send(message)

    with websocket_server(echo) as port:
        done = command("echo", "--follow", f"127.0.0.1:{port}")

    assert done.status == 9
    assert "speaks WebSocket but not hotreload.v1: it is not hotreload" in done.error


def test_following_where_there_are_no_updates(url):
    done = command("echo", "--follow", url + "elsewhere")

    assert done.status == 7
    assert "sends no updates at /elsewhere: Echo: {" in done.error


# -- usage ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["ftp://x/"], "ftp://x/: the address begins with ws://, wss://, http:// or https://"),
        (["ws:///x"], "ws:///x: the host is missing, as in ws://localhost:8765/"),
        (["localhost:99999"], "localhost:99999: a port is a number from 1 to 65535"),
        (["--follow", ":1", "x"], "--follow only listens: give it no messages"),
        (["--follow", ":1", "-n", "2"], "--follow only listens: give it no messages"),
        (["--size", "3", ":1", "x"], "--size makes the message: give it no other"),
        ([":1", "-", "-c", "2"], "standard input can be sent once"),
        ([":1", "-", "-"], "standard input can be sent once"),
        (["--count", "0"], "0 is not in the range x>=1"),
    ],
)
def test_what_makes_no_sense_is_refused(words, sentence):
    done = command("echo", *words)

    assert done.status == 2
    assert sentence in done.error
    assert done.out == ""


def test_standard_input_that_is_no_text_is_refused(url):
    done = subprocess.run(
        [sys.executable, "-m", "hotreload", "echo", url, "-"],
        input=b"\xff\n",
        capture_output=True,
        env=environment(),
        timeout=20,
    )

    assert done.returncode == 2
    assert b"a message is not UTF-8: --binary sends it as it is" in done.stderr


def test_no_server_for_the_folder(tmp_path):
    done = command("echo", "hello", cwd=tmp_path)

    assert done.status == 1
    assert done.error == (
        f"hotreload: no server runs for {tmp_path}: start one with `hotreload serve`,"
        " or say where with --url\n"
    )
