"""A clone that is hostile in every way at once, and all commands run in it as its user would.

What lies outside of it is a canary: it is neither served, written to, nor run.
"""

import hashlib
import os
import re
import subprocess
import time
from pathlib import Path

import pytest
from support.process.checked import page
from support.process.commands import command
from support.security.attacking import ask, get
from test_attacks_clone_patterns import LONG, STARS, endless, holds_its_own, starred

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes and links of POSIX")

SECRET = "the canary sings"
OPENING = """port = 0
host = true
cors = true
allow-host = ["evil.example"]
follow-symlinks = true
mount = ["/outside=../outside", "/etc=/etc", "/git=.git"]
watch = ["/"]
open = "//evil.example/"
"\\u001b]0;evil\\u0007" = 1
[check]
fix = true
"""
WORDS = [("check",), ("doctor",), ("wait", "--timeout", "1"), ("reload",), ("echo", "--json")]
QUIET_SECONDS = 20  # for what takes one, on a machine that is busy with something else


@pytest.fixture(autouse=True)
def _own_state(tmp_path, monkeypatch):
    for name in ("STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / "home" / name.lower()))


@pytest.fixture
def outside(tmp_path):
    """A folder beside the clone that has to stay as it is."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "canary.html").write_text(page(f"<p>{SECRET}"))
    return folder


@pytest.fixture
def clone(tmp_path, outside):
    root = tmp_path / "clone"
    (root / ".git" / "info").mkdir(parents=True)
    (root / "sub").mkdir()
    (root / "index.html").write_text(page("<p>one"))
    (root / "broken.html").write_text(page('<a href="nope.html">x</a>'))
    starred(root)
    endless(root / ".git" / "info" / "exclude")
    (root / "pipes").mkdir()
    os.mkfifo(root / "pipes" / ".gitignore")
    (root / "devices").mkdir()
    (root / "devices" / ".gitignore").symlink_to("/dev/zero")
    runs = f"touch {outside / 'ran'}"
    (root / ".git" / "config").write_text(
        f'[core]\n\tfsmonitor = "{runs}"\n\thooksPath = {outside}\n[alias]\n\tstatus = "!{runs}"\n'
    )
    (root / "out").symlink_to(outside)
    (root / "out.html").symlink_to(outside / "canary.html")
    (root / "_redirects").write_text(
        "".join(f"/r{number}/* /out/:splat 200\n" for number in range(20_000))
        + "/away https://evil.example/ 302\n"
    )
    (root / "a\x1b]0;evil\x07b").mkdir()
    (root / "min.html").write_text(page('<img a=1 a=2 src="data:x,' + "A" * 200_000 + '">'))
    (root / "deep.html").write_text(page("<div>" * 20_000))
    return root


def state(folder):
    """All that is in a folder, so that any change of it is a difference."""
    names = sorted(folder.rglob("*"))
    return [
        (str(name), hashlib.sha256(name.read_bytes()).hexdigest())
        if name.is_file() and not name.is_symlink()
        else (str(name), "")
        for name in names
        if name.parts[len(folder.parts)] != ".git"
    ]


def in_one_line(done):
    """Whatever it says, it is a sentence without codes for the terminal."""
    assert "Traceback" not in done.error + done.out
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]", done.error + done.out)


@pytest.mark.parametrize("words", [("serve", "--port", "0"), *WORDS], ids=" ".join)
def test_a_clone_that_wants_everything_gets_nothing_and_changes_nothing(clone, outside, words):
    (clone / "hotreload.toml").write_text(OPENING)
    before = state(clone), state(outside)
    begun = time.monotonic()

    done = command(*words, cwd=clone, stdin=subprocess.DEVNULL)

    assert time.monotonic() - begun < QUIET_SECONDS
    assert done.status != 0
    assert SECRET not in done.out + done.error
    in_one_line(done)
    assert (state(clone), state(outside)) == before


def test_a_clone_without_configuration_is_served_and_nothing_outside_of_it(clone, outside, server):
    before = state(outside)
    running = server(clone)

    for path in (b"/out/canary.html", b"/out.html", b"/outside/canary.html", b"/r1/canary.html"):
        assert SECRET.encode() not in ask(running.port, get(path)).body
    for path in (b"/..%2foutside/canary.html", b"/%2e%2e/outside/canary.html", b"/.git/config"):
        assert ask(running.port, get(path)).status in (400, 404)
    evil = b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"
    assert ask(running.port, evil).status == 403
    for words in WORDS:
        in_one_line(command(*words, cwd=clone, stdin=subprocess.DEVNULL))
    in_one_line(command("check", "min.html", "deep.html", "broken.html", cwd=clone))

    holds_its_own(running, clone)
    assert state(outside) == before


def test_asking_for_long_names_in_it_ends(clone, server):
    running = server(clone, "--ignore", STARS)
    for path in (f"/{LONG}/{LONG}/", f"/r19999/{LONG * 10}", "/away"):
        ask(running.port, get(path.encode()))
    holds_its_own(running, clone)


def test_the_hook_in_it_reports_and_writes_nothing(clone, outside):
    before = state(clone), state(outside)

    done = command("check", "index.html", "broken.html", "out.html", cwd=clone)

    assert done.status == 1
    assert "nope.html" in done.out + done.error
    in_one_line(done)
    assert (state(clone), state(outside)) == before
    assert not Path(outside, "ran").exists()
