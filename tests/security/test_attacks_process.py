"""What requests must not do to the process and its log, and what it is made of."""

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import CHECKOUT, PATIENCE, Server
from support.security.attacking import (
    ask,
    get,
    replies,
)


def test_requests_are_not_logged_so_nobody_fills_a_log(tree):
    """Neither a path with escape sequences, nor a hundred of them, leave a line."""
    running = Server(tree.site)
    try:
        asked = [get(b"/%1b[2J%0aX"), *map(get, (b"/nope%d" % n for n in range(200)))]
        assert {reply.status for reply in replies(running.port, asked)} == {404}
        assert running.stop() == 0
        # A link into /proc is among the site's traps: what it leads to looks new at any time.
        of_files = ("note", "change", "update")
        said = [line["type"] for line in running.lines if line["type"] not in of_files]
        assert said == ["ready", "stopped"]
    finally:
        running.kill()


def test_a_full_disk_below_the_log(tree):
    """Lines that cannot be written are lost; the pages are served."""
    with open("/dev/full", "w") as full:
        process = subprocess.Popen(
            [sys.executable, "-m", "hotreload", "serve", tree.site, "--port", "0"],
            cwd=CHECKOUT, stdout=full, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    try:
        assert ask(port_of(process.pid), get(b"/app.js")).status == 200
        process.terminate()
        _, said = process.communicate(timeout=PATIENCE)
        assert "Traceback" not in said
    finally:
        process.kill()
        process.communicate()


def port_of(pid: int) -> int:
    """The port of the server with that process id, as it leaves word for other commands."""
    folder = Path(os.environ["XDG_RUNTIME_DIR"]) / "hotreload"
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for path in folder.glob("*.json"):
            told = json.loads(path.read_text())
            if told["pid"] == pid:
                return int(told["url"].rstrip("/").rpartition(":")[2])
        time.sleep(0.02)
    pytest.fail("the server did not come up")


def test_the_libraries_are_no_older_than_their_last_known_hole():
    """Before 17.4 websockets had no limit on the number of a message's fragments."""
    release = tuple(map(int, importlib.metadata.version("websockets").split(".")[:2]))

    assert release >= (17, 4)
    wanted = importlib.metadata.requires("hotreload-server") or []
    assert any(re.fullmatch(r"websockets>=17\.4", line.split(";")[0].strip()) for line in wanted)
