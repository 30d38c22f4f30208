"""`hotreload doctor` on a real machine: what it finds, how it says so, and how it ends."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from support.process.commands import command, environment

from hotreload.cli.doctor import NAME

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="inotify and /proc are Linux'")
OF_A_FOLDER = ["file system", "watches", "git", "clock", "events"]
CHECKS = [
    "folder", "trust", "file system", "watches", "git", "port", "localhost", "proxy", "browser",
    "system", "Python", "clock", "events",
]  # fmt: skip


def doctor(*words: object, **more):
    return command("doctor", *words, "--json", **more)


def check(done, name):
    return next(e for e in done.events if e["type"] == "check" and e["name"] == name)


@pytest.fixture(scope="module")
def busy(tmp_path_factory):
    """A site in a repository, on a machine with a proxy, and what is found there."""
    top = tmp_path_factory.mktemp("doctor")
    site, temporary = top / "site", top / "temporary"
    for folder in (site / "generated" / "deep", site / "css", temporary, top / ".git"):
        folder.mkdir(parents=True)
    (top / ".gitignore").write_text("*.log\n")
    (site / ".gitignore").write_text("/generated\n")
    before = site.stat().st_mtime_ns
    proxy = "http://user:secret@proxy.example:3128"
    env = {
        "TMPDIR": str(temporary), "BROWSER": "true", "HTTP_PROXY": proxy,
        "NO_PROXY": "example.org localhost,127.0.0.1",
    }  # fmt: skip
    done = doctor(site, env=env)
    assert site.stat().st_mtime_ns == before, "something was written into the folder"
    assert list(temporary.glob(".hotreload-doctor*")) == [], "something was left behind"
    return top, done


def test_every_check_is_one_event_a_line_and_the_end_sums_up(busy):
    _, done = busy

    *checks, end = done.events
    assert [event["name"] for event in checks] == CHECKS
    assert all(event["type"] == "check" and event["text"] for event in checks)
    assert end["type"] == "doctor"
    assert end["ok"] is True
    assert done.status == 0
    for name in ("folder", "watches", "localhost", "Python", "clock"):
        assert check(done, name)["state"] == "good", check(done, name)
    assert check(done, "events")["state"] != "failed"
    assert done.error == ""


def test_a_proxy_in_the_environment_is_named_without_its_password(busy):
    found = check(busy[1], "proxy")

    assert found["state"] == "warning"
    assert found["advice"] == "export no_proxy=example.org,localhost,127.0.0.1,::1"
    assert "http_proxy set" in found["text"]
    assert "secret" not in busy[1].out


def test_the_browser_is_the_one_that_is_set(busy):
    assert check(busy[1], "browser")["text"] == "--open starts true"


def test_the_repository_is_found_and_so_are_its_rules(busy):
    top, done = busy

    assert check(done, "git")["text"].startswith(f"repository {top} (")


def test_a_folder_that_git_ignores_costs_no_watches(busy):
    assert check(busy[1], "watches")["text"].startswith("2 folders to watch")


def test_every_check_is_one_aligned_line(site):
    done = command("doctor", site)

    *lines, empty, summary = done.out.splitlines()
    assert [line[2 : 2 + NAME].rstrip() for line in lines] == CHECKS
    assert all(line[0] in "✓!✗" and line[1] == " " for line in lines)
    assert all(line[2 + NAME : 4 + NAME] == "  " and line[4 + NAME] != " " for line in lines)
    assert empty == ""
    assert "warning" in summary or summary == "all is well"
    assert "\x1b" not in done.out


def test_an_output_that_knows_only_ascii_gets_signs_that_it_knows(site):
    done = command("doctor", site, env={"PYTHONIOENCODING": "ascii"})

    assert done.out.isascii()
    assert {line[0] for line in done.out.splitlines()[: len(CHECKS)]} <= set("+!x")


def test_a_screen_shows_colours(site):
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "hotreload", "doctor", str(site)]
    process = subprocess.Popen(words, stdout=theirs, env=environment({"TERM": "xterm"}))
    os.close(theirs)
    said = b""
    try:
        while data := os.read(ours, 4096):
            said += data
    except OSError:  # Linux' way to say that the other end is closed
        pass
    os.close(ours)

    assert process.wait(20) == 0
    assert b"\x1b[32m" in said


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_a_sentence_that_is_too_long_for_the_screen_goes_on_below_its_first_word(site):
    from support.process.pseudo import session

    with session("doctor", str(site), cwd=site, columns=60) as run:
        run.rest()
        lines = run.text().splitlines()
    more = [line for line in lines if line.startswith(" ")]
    assert any("websockets" in line for line in more)
    assert all(re.match(rf" {{{NAME + 4}}}\S", line) for line in more)


@LINUX
def test_on_another_file_system_a_hidden_folder_is_used_and_removed(tmp_path):
    shm = Path("/dev/shm")
    if not shm.is_dir() or shm.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no other file system here")
    site = shm / f"hotreload-{os.getpid()}"
    site.mkdir()
    try:
        done = doctor(site, env={"TMPDIR": str(tmp_path)})

        assert check(done, "file system")["text"] == "tmpfs tells of every change"
        assert check(done, "events")["state"] != "failed"
        assert list(site.iterdir()) == []
    finally:
        shutil.rmtree(site)


@pytest.mark.parametrize(
    ("name", "status", "state", "words", "left"),
    [
        ("sit", 0, "warning", "did you mean site?", []),
        ("page.html", 1, "failed", "name the folder that holds it", OF_A_FOLDER),
    ],
)
def test_a_folder_that_is_not_there_is_told_and_the_rest_is_checked(
    site, name, status, state, words, left
):
    (site.parent / "page.html").write_text("x")

    done = doctor(name, cwd=site.parent)

    found = check(done, "folder")
    assert found["state"] == state
    assert words in found["advice"]
    checked = [event["name"] for event in done.events if event["type"] == "check"]
    assert checked == [name for name in CHECKS if name not in left]
    assert done.status == status
    assert done.event("doctor")["ok"] is (status == 0)


def test_the_configured_folder_and_port_of_serve_are_those_that_are_looked_at(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "hotreload.toml").write_text('root = "site"\nport = 8799\n')
    done = doctor(cwd=tmp_path)
    assert check(done, "folder")["text"].startswith(f"{tmp_path / 'site'} ")
    assert "8799" in check(done, "port")["text"]

    env = {"HOTRELOAD_ROOT": "other"}
    assert check(doctor(cwd=tmp_path, env=env), "folder")["text"].startswith("other ")
    (tmp_path / "hotreload.toml").write_text('root = "site"\n[doctor]\nroot = "other"\n')
    assert f"{tmp_path / 'other'} " in check(doctor(cwd=tmp_path), "folder")["text"]


@pytest.mark.parametrize("name", ["HOTRELOAD_PORT", "HOTRELOAD_DOCTOR_PORT"])
def test_a_variable_that_makes_no_sense_is_named(tmp_path, name):
    done = doctor(tmp_path, env={name: "x"})
    assert (done.status, done.error.startswith(f"hotreload: {name}: ")) == (2, True), done.error


def test_a_port_that_is_taken_is_an_error_if_it_was_asked_for(site):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        done = doctor(site, "--port", number)

    found = check(done, "port")
    assert found["state"] == "failed"
    assert found["text"].startswith(f"{number} is taken on 127.0.0.1")
    assert done.status == 1
    if sys.platform == "linux":
        assert f"(pid {os.getpid()})" in found["text"]


def test_a_server_of_ours_on_the_port_is_known(site, server, tmp_path):
    running = server()

    done = doctor(site, "--port", running.port)
    assert check(done, "port")["text"] == f"a server for this folder answers at {running.url}"
    assert done.status == 0

    done = doctor(tmp_path, "--port", running.port)
    assert f"by hotreload, which serves {os.path.realpath(site)}" in check(done, "port")["text"]
    assert done.status == 1


@LINUX
def test_watches_that_do_not_suffice_are_a_warning_with_the_setting_to_raise(site):
    for number in range(30):
        (site / f"{number}").mkdir()
    few = ["unshare", "-U", "-r", "sh", "-c"]
    script = 'echo 10 >/proc/sys/user/max_inotify_watches && exec "$@"'
    allowed = shutil.which("unshare") and not subprocess.call([*few, script, "sh", "true"])
    if not allowed:
        pytest.skip("this machine lets nobody make user namespaces")

    words = [sys.executable, "-m", "hotreload", "doctor", str(site)]
    done = subprocess.run(
        [*few, script, "sh", *words], env=environment(), capture_output=True, encoding="utf-8"
    )

    line = next(line for line in done.stdout.splitlines() if " watches " in line)
    assert line.startswith("! watches ")
    assert "of 10" in line
    assert "`sudo sysctl fs.inotify.max_user_watches=1048576` raises" in line
    assert done.returncode == 0


@LINUX
def test_a_check_that_cannot_be_made_hides_no_other(tmp_path):
    """Nobody can make a temporary folder there: two checks say so."""
    done = doctor("/proc/sys/user", env={"TMPDIR": str(tmp_path)})

    for name in ("clock", "events"):
        assert check(done, name)["state"] == "warning"
        assert check(done, name)["text"].startswith("could not be found out: ")
    assert [event["name"] for event in done.events if event["type"] == "check"] == CHECKS
    assert done.status == 0
