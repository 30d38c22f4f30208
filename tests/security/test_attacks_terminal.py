"""What others have written reaches the terminal as text: it moves no cursor and hides nothing."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.process.checked import write
from support.process.commands import (
    CHECKOUT,
    command,
    environment,
    read_head,
    running_loop,
    tcp_server,
)
from websockets.asyncio.server import serve

from hotreload.terminal.text import harmless

# Sets the title, erases the screen (in both spellings), turns the text, and hides the line.
EVIL = "\x1b]0;evil\x07\x1b[2J\x9b2J\x1b[8m\u202eevil\r\x7f"
NAME = EVIL.replace("/", "")
OWN = re.compile(
    r"\x1b\[(?:[012]|(?:1;)?3[0-7]|[34]8;5;[0-9]{1,3})m|\r\x1b\[K|\x1b\[H\x1b\[2J\x1b\[3J"
)
HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")


def run(*words: str, cwd: Path = CHECKOUT, colours: str = "1", **env: str) -> str:
    """All that a command has written."""
    done = command(*words, cwd=cwd, env={"FORCE_COLOR": colours, **env})
    return done.out + done.error


def assert_harmless(written: str) -> None:
    found = HARMFUL.search(OWN.sub("", written))
    assert found is None, (found, written)


# -- the one way out -----------------------------------------------------------------------------


@given(st.text())
@example(EVIL)
@example("\x1b[31mred\x1b[0m\ttab\n")
@example("\r\x1b[K\x1b[H\x1b[2J\x1b[3J")
@example("\ud800")
def test_nothing_that_is_written_holds_more_than_text_and_our_own_codes(text: str) -> None:
    cleaned = harmless(text)

    assert_harmless(cleaned)
    assert harmless(cleaned) == cleaned
    assert harmless(text.encode("ascii", "ignore").decode()).isascii()
    cleaned.encode()


@given(st.text())
def test_a_line_of_json_stays_one(text: str) -> None:
    line = json.dumps({"text": text})
    assert json.loads(harmless(line)) == {"text": text}


def test_ordinary_text_and_our_codes_stay_as_they_are() -> None:
    text = "héllo 日本 👩‍👩‍👧 \x1b[1m\x1b[38;5;16m\x1b[48;5;231mx\x1b[0m\t█\n"
    assert harmless(text) == text


WRITERS = {
    "a traceback": "raise ValueError(evil)",
    "a log line": "import logging; logging.getLogger('x').error(evil)",
    "a warning": "import warnings; warnings.warn(evil)",
    "click": "import click; click.echo(evil); click.echo(evil, err=True)",
    "print": "print(evil)",
    "a thread": "import threading; threading.Thread(target=lambda: 1 / 0, name=evil).start()",
}


@pytest.mark.parametrize("what", WRITERS)
def test_whoever_writes_writes_through_it(what: str) -> None:
    program = (
        "from hotreload.terminal.device import standard_streams as out; out.settle();"
        f" evil = {EVIL!r}; {WRITERS[what]}"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", env=environment()
    )

    assert "evil" in done.stdout + done.stderr
    assert_harmless(done.stdout + done.stderr)


# -- what it comes from --------------------------------------------------------------------------


@POSIX
@pytest.mark.parametrize("words", [["serve"], ["check"], ["doctor"], ["trust"], ["wait"]])
@pytest.mark.parametrize("key", [True, False], ids=["key", "value"])
def test_configuration_and_the_folder_that_it_lies_in(
    tmp_path: Path, words: list[str], key: bool
) -> None:
    quoted = json.dumps(EVIL).replace("\x7f", "\\u007f")
    text = f"{quoted} = 1\n" if key else f"host = {quoted}\nroot = {quoted}\n"
    folder = write(tmp_path / NAME, {"hotreload.toml": text})

    written = run(*words, cwd=folder)

    assert written
    assert_harmless(written)


@POSIX
@pytest.mark.parametrize(
    "words",
    [
        [EVIL], ["serve", f"--{EVIL}"], ["serve", "--port", EVIL], ["serve", "--open", EVIL, "."],
        ["check", EVIL], ["echo", EVIL], ["echo", f"ws://{EVIL}/"], ["reload", EVIL],
        ["serve", f"no/{EVIL}"], ["trust", EVIL], ["wait", "--url", f"http://localhost:1/{EVIL}"],
        ["serve", "--mime", EVIL], ["serve", "--header", EVIL], ["serve", "--host", EVIL],
    ],
    ids=lambda words: " ".join(words).encode("unicode_escape").decode(),
)  # fmt: skip
def test_words_that_make_no_sense(tmp_path: Path, words: list[str]) -> None:
    written = run(*words, cwd=tmp_path)

    assert written
    assert_harmless(written)


@POSIX
@pytest.mark.parametrize("style", ["text", "github", "json", "sarif"])
def test_names_of_files_that_are_checked(tmp_path: Path, style: str) -> None:
    write(tmp_path, {f"{NAME}.html": "<!doctype html><p>x</b><a href='nowhere\x1b[2J'>x</a>"})

    written = run("check", "--format", style, cwd=tmp_path)

    assert "evil" in written
    assert_harmless(written)


@POSIX
def test_names_of_files_that_are_saved_and_what_pages_say(tmp_path: Path) -> None:
    site = tmp_path / NAME
    site.mkdir()
    words = [sys.executable, "-m", "hotreload", "serve", "--port", "0", "-v", str(site)]
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        env=environment({"FORCE_COLOR": "1"}), cwd=site,
    )  # fmt: skip
    assert process.stdout is not None
    lines = []
    try:
        for line in iter(process.stdout.readline, b""):
            lines.append(line.decode())
            if "Ignoring" in lines[-1]:
                (site / f"{NAME}.css").write_text("a {}")
                port = int(re.search(r"127\.0\.0\.1:(\d+)", "".join(lines))[1])  # type: ignore[index]
                with socket.create_connection(("127.0.0.1", port)) as client:
                    client.sendall(f"GET /{EVIL} HTTP/1.1\r\n\r\n".encode())
            if ".css" in lines[-1]:
                break
    finally:
        process.terminate()
        lines.append(process.communicate()[0].decode())
    assert_harmless("".join(lines))


# -- other servers -------------------------------------------------------------------------------


def answers(reply: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(reply)

    return answer


RAW = EVIL.replace("\r", "").encode()
HEALTH = {"name": "hotreload", "run": EVIL, "seq": 1, "pages": 1, "returning": 0}
OPEN = {"url": EVIL, "seq": 0, "action": EVIL, "detail": EVIL, "reloading": False, "errors": []}


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 404 " + RAW + b"\r\nServer: " + RAW + b"\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: /" + RAW + b"\r\nX-" + RAW + b": x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + RAW,
        b"SSH-2.0-" + RAW + b"\r\n",
        *(
            b"HTTP/1.1 200 OK\r\n\r\n" + json.dumps(facts).encode()
            for facts in (
                {**HEALTH, "open": [OPEN]},
                {**HEALTH, "open": [{**OPEN, "action": "failed"}]},
                {**HEALTH, "seq": EVIL, "open": EVIL},
                {**HEALTH, "pages": EVIL},
                {"name": "hotreload"},
            )
        ),
        b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 100_000,
    ],
    ids=lambda reply: reply[:60].decode("latin-1").encode("unicode_escape").decode(),
)
@pytest.mark.parametrize("words", [["echo"], ["wait", "--timeout", "0.2"], ["reload"]])
def test_what_other_servers_answer(words: list[str], reply: bytes) -> None:
    with tcp_server(answers(reply)) as port:
        written = run(*words, "--url", f"http://127.0.0.1:{port}/")

    assert written
    assert "Traceback" not in written
    assert_harmless(written)


@pytest.mark.parametrize("words", [["echo"], ["echo", "--follow", "-t", "1"]])
def test_what_other_sockets_say(words: list[str]) -> None:
    async def talk(connection: Any) -> None:
        for message in (
            {"type": "hello", "version": EVIL, "run": EVIL, "seq": EVIL},
            {"type": "update", "seq": 1, "changes": [{"kind": EVIL, "url": EVIL}, EVIL]},
            {"type": "update", "seq": 1, "changes": 1},
            {"type": "problem", "text": EVIL},
            {"type": "reload", "reason": 1},
        ):
            await connection.send(json.dumps(message))
        await connection.send(EVIL)
        await connection.close(1000, EVIL[:20])

    async def start() -> Any:
        protocols: Any = ["hotreload.v1"]
        return await serve(talk, "127.0.0.1", 0, subprotocols=protocols)

    with running_loop(start) as server:
        port = server.sockets[0].getsockname()[1]
        written = run(*words, "--url", f"ws://127.0.0.1:{port}/")

    assert "Traceback" not in written
    assert_harmless(written)


@POSIX
@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"pid": 1, "url": f"http://127.0.0.1:1/{EVIL}", "root": EVIL, "run": "r",
                    "started": 0}),
        json.dumps({"pid": EVIL, "url": 1, "root": EVIL, "run": "r", "started": 0}),
        json.dumps({"pid": 1, "url": "http://[", "root": "/", "run": "r", "started": 0}),
        "[" * 100_000,
        "1" * 5000,
    ],
    ids=["escapes", "types", "address", "deep", "digits"],
)  # fmt: skip
def test_the_list_of_running_servers(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "hotreload"
    folder.mkdir(mode=0o700)
    (folder / "x.json").write_text(text)
    tmp_path.chmod(0o700)

    for words in (["wait"], ["doctor"], ["echo"]):
        written = run(*words, cwd=tmp_path, XDG_RUNTIME_DIR=str(tmp_path))
        assert "Traceback" not in written
        assert_harmless(written)


def test_servers_that_run_elsewhere(tmp_path: Path, server: Any) -> None:
    site = tmp_path / NAME
    site.mkdir()
    server(site)
    (tmp_path / "other").mkdir()

    written = run("wait", cwd=tmp_path / "other")

    assert "elsewhere: " in written
    assert_harmless(written)
