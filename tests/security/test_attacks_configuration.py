"""A configuration file that came with somebody else's repository, or lies above a folder."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.process.checked import write
from support.process.commands import command
from support.process.pseudo import session

from hotreload.config import trust_store

ROOT = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="only root gives files away"
)
STRANGER = 4321
WIDER = {
    "host": "host = true",
    "host name": 'host = "192.0.2.1"',
    "allow-host": 'allow-host = ["evil.example"]',
    "cors": "cors = true",
    "cors of one": 'cors = "https://evil.example"',
    "follow-symlinks": "follow-symlinks = true",
    "mount": 'mount = ["/x=/"]',
    "mount above": 'mount = ["/x=.."]',
    "root": 'root = "/etc"',
    "secret": 'mount = ["/x=.git"]',
    "watch": 'watch = ["/etc"]',
    "cert": 'cert = "/etc/hosts"',
    "key": 'cert = "c"\nkey = "/etc/hosts"',
    "by a link": 'mount = ["/x=out"]',
    "in pyproject": "",
}


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = write(tmp_path / "clone", {"index.html": "<p>x", "docs/a.html": "<p>a"})
    (folder / "out").symlink_to(tmp_path)
    return folder


def hostile(folder: Path, name: str) -> Path:
    if name == "in pyproject":
        write(folder, {"pyproject.toml": "[tool.hotreload]\nport = 0\nhost = true\n"})
        return folder / "pyproject.toml"
    write(folder, {"hotreload.toml": f"port = 0\n{WIDER[name]}\n"})
    return folder / "hotreload.toml"


def refused(*words: object, cwd: Path, **more: Any) -> str:
    """What is said, in one line, by a command that does nothing."""
    done = command(*words, cwd=cwd, stdin=subprocess.DEVNULL, **more)
    assert (done.status, done.out, done.error.count("\n")) == (2, "", 1), done.error
    return done.error


# -- configuration of a clone widens exposure ----------------------------------------------------


@pytest.mark.parametrize("name", WIDER)
def test_configuration_of_a_clone_that_widens_exposure_is_refused(clone: Path, name: str) -> None:
    file = hostile(clone, name)

    said = refused("serve", cwd=clone)

    line = 3 if name in ("in pyproject", "key") else 2
    assert said.startswith(f"hotreload: {file}:{line}: ")
    assert f"the file is not trusted: read it, then `hotreload trust {file}`" in said


def test_what_is_trusted_counts_and_is_named_at_the_start_until_it_changes(
    clone: Path, server: Any
) -> None:
    file = hostile(clone, "allow-host")

    done = command("trust", cwd=clone)
    assert done.out == (
        f"trusted {file}\n  line 2: allow-host lets pages in that are sent to other names\n"
    )
    started = server(Path(), cwd=clone)
    ready = next(event for event in started.lines if event["type"] == "ready")
    assert ready["exposed"] == [f"{file}:2: allow-host lets pages in that are sent to other names"]

    file.write_text(file.read_text() + "# changed\n")
    assert "the file has changed since it was trusted: read it" in refused("serve", cwd=clone)


def test_a_new_dependency_in_pyproject_takes_no_trust_away(clone: Path) -> None:
    file = hostile(clone, "in pyproject")
    command("trust", file, cwd=clone)

    file.write_text("[project]\nname = 'x'\n" + file.read_text() + "no-listing = true\n")
    assert "has changed" in refused("serve", cwd=clone)
    command("trust", file, cwd=clone)
    file.write_text(file.read_text().replace("'x'", "'y'"))
    assert "is not in the range" in command("serve", "--port", "70000", cwd=clone).error
    done = command("doctor", "--json", cwd=clone)
    assert "allowed: " in next(e["text"] for e in done.events if e.get("name") == "trust")


def test_a_person_is_asked_once_and_anything_but_yes_means_no(clone: Path) -> None:
    hostile(clone, "allow-host")
    with session("serve", cwd=clone, HOTRELOAD_PORT="0") as run:
        run.wait_for(r"line 2: allow-host lets pages in")
        run.wait_for(r"Do you trust this file\? \[y/N\]")
        run.press("\n")
        run.rest()
        assert run.process.returncode == 2
        assert "hotreload.tomlisnottrusted" in "".join(run.text().split())

    with session("serve", cwd=clone) as run:
        run.wait_for(r"Do you trust this file\?")
        run.press("y\n")
        run.wait_for("for help")
        run.wait_for(r"Exposed: +hotreload.toml:2: allow-host")

    with session("serve", cwd=clone) as run:
        run.wait_for("for help")
        assert "Do you trust" not in run.text()

    write(clone, {"hotreload.toml": "port = 0\nhost = true\n"})
    with session("serve", cwd=clone) as run:
        run.wait_for(r"has\s+changed since you trusted it:")
        run.press("\x03")
        run.rest()
        assert run.process.returncode == 130


def test_a_person_is_shown_all_that_a_yes_would_allow(clone: Path) -> None:
    text = "host = true\n[check]\nfix = true\n"
    write(clone, {"hotreload.toml": text})
    with session("check", cwd=clone) as run:
        run.wait_for(r"line 1: host lets other devices in\n +line 3: fix lets `check` write")
        run.press("no\n")
        run.rest()


def test_what_is_typed_needs_no_trust(clone: Path, server: Any) -> None:
    hostile(clone, "mount")

    started = server(Path(), "--mount", "/x=docs", cwd=clone)

    ready = next(event for event in started.lines if event["type"] == "ready")
    assert ready["exposed"] == []


def test_paths_within_the_repository_need_no_trust(clone: Path, server: Any) -> None:
    text = 'root = "site"\nmount = ["/docs=../docs"]\nwatch = [".."]\n'
    write(clone, {"sub/hotreload.toml": text, "sub/site/index.html": ""})

    assert "leads to" in refused("serve", cwd=clone / "sub")

    (clone / ".git").mkdir()
    server(clone / "sub" / "site", cwd=clone / "sub")


def test_a_home_folder_under_version_control_is_no_project(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (clone.parent / ".git").mkdir()
    monkeypatch.setenv("HOME", str(clone.parent))
    hostile(clone, "mount above")

    assert "leads to" in refused("serve", cwd=clone)


def test_this_persons_own_configuration_needs_no_trust(
    clone: Path, tmp_path: Path, server: Any
) -> None:
    write(tmp_path / "config" / "hotreload", {"hotreload.toml": 'allow-host = ["a.test"]\n'})

    started = server(Path(), cwd=clone)

    ready = next(event for event in started.lines if event["type"] == "ready")
    assert ["allow-host" in each for each in ready["exposed"]] == [True]


@pytest.mark.parametrize("page", ["//evil.example/", "/\\\\evil.example", "/\\t/evil.example"])
def test_a_page_to_open_is_never_one_of_another_server(clone: Path, page: str) -> None:
    write(clone, {"hotreload.toml": f'open = "{page}"\n'})

    assert "a page of this server has one / at its start" in refused("serve", cwd=clone)
    typed = json.loads(f'"{page}"')
    assert "has one / at its start" in refused("serve", "--open", typed, ".", cwd=clone.parent)


@pytest.mark.parametrize("key", ["open", "poll", "host", "spa", "cors"])
def test_a_file_names_no_folder_to_serve_but_by_root(clone: Path, key: str, tmp_path: Path) -> None:
    """Typed, `--open FOLDER` serves the folder: people forget that the option takes a value."""
    write(clone, {"hotreload.toml": f'port = 0\n{key} = "{tmp_path}"\n'})
    command("trust", cwd=clone)
    env = {"BROWSER": "true", "HOTRELOAD_AUTH": "bad"}  # ends it before it listens anywhere

    assert str(tmp_path) not in command("serve", cwd=clone, env=env).out


def test_a_clone_has_check_write_into_files(clone: Path) -> None:
    page = b"<!doctype html><p>x</b>"
    write(clone, {"hotreload.toml": "[check]\nfix = true\n", "index.html": page})

    assert ":2: fix lets `check` write into files" in refused("check", cwd=clone)
    assert (clone / "index.html").read_bytes() == page
    write(clone, {"hotreload.toml": '[check]\npaths = ["/etc"]\n'})
    assert ":2: paths leads to /etc" in refused("check", cwd=clone)


def test_what_others_have_no_use_for_keeps_nobody_from_work(clone: Path) -> None:
    hostile(clone, "host")

    assert "is not trusted" not in command("check", cwd=clone).error
    for word in ("reload", "wait", "echo"):
        assert "no server runs for" in command(word, cwd=clone).error


def test_doctor_names_what_is_distrusted_and_does_without_it(clone: Path) -> None:
    write(clone, {"hotreload.toml": 'root = "/etc"\nhost = true\n[check]\nfix = true\n'})

    done = command("doctor", "--json", cwd=clone)

    said = next(event for event in done.events if event.get("name") == "trust")
    assert said["state"] == "warning"
    for words in ("root leads to /etc", ":2: host", ":4: fix", "is not trusted", "hotreload trust"):
        assert words in said["text"]
    folder = next(event for event in done.events if event.get("name") == "folder")
    assert folder["text"].startswith(str(clone))


# -- where trust is kept -------------------------------------------------------------------------


def test_trust_is_listed_and_taken_back(clone: Path) -> None:
    file = hostile(clone, "host")
    command("trust", file, cwd=clone)
    assert command("trust", "--list", cwd=clone).out == f"{file}\n"

    file.write_text("host = false\n")
    assert (
        command("trust", "--list", cwd=clone).out == f"{file}  (has changed since: not trusted)\n"
    )
    assert command("trust", "--remove", cwd=clone).out == f"no longer trusted: {file}\n"
    assert command("trust", "--list", cwd=clone).out == ""
    assert "is not trusted" in refused("trust", "--remove", file, cwd=clone)


@pytest.mark.parametrize("words", [["nowhere.toml"], ["hotreload.toml"], ["docs"]])
def test_there_has_to_be_something_to_trust(clone: Path, words: list[str]) -> None:
    assert "hotreload: " in refused("trust", *words, cwd=clone)


def test_a_link_to_a_trusted_file_is_not_trusted(clone: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other", {"hotreload.toml": "host = true\n"})
    command("trust", cwd=other)
    (clone / "hotreload.toml").symlink_to(other / "hotreload.toml")

    assert "is not trusted" in refused("serve", cwd=clone)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_nobody_else_can_say_what_is_trusted(clone: Path, tmp_path: Path) -> None:
    file = hostile(clone, "host")
    command("trust", file, cwd=clone)
    kept = tmp_path / "state" / "hotreload" / "trusted"
    modes = {stat.S_IMODE(each.stat().st_mode) for each in (kept, kept.parent)}
    assert modes == {0o700}
    assert [stat.S_IMODE(each.stat().st_mode) for each in kept.iterdir()] == [0o600]

    kept.chmod(0o770)
    assert "is not trusted" in refused("serve", cwd=clone)
    assert "others may write to the folder" in command("trust", file, cwd=clone).error


@pytest.mark.parametrize("text", ["", "[]", "[" * 100_000, '{"path": 1}', "\xff", "1" * 5000])
def test_a_broken_note_of_trust_is_none(clone: Path, tmp_path: Path, text: str) -> None:
    file = hostile(clone, "host")
    command("trust", file, cwd=clone)
    (note,) = (tmp_path / "state" / "hotreload" / "trusted").iterdir()
    note.write_text(text, "latin-1")

    assert "is not trusted" in refused("serve", cwd=clone)
    assert (list(trust_store.entries()), command("trust", "--list", cwd=clone).out) == ([], "")


def test_without_a_place_to_remember_it_a_yes_is_for_once(clone: Path, tmp_path: Path) -> None:
    hostile(clone, "allow-host")
    (tmp_path / "state").write_text("in the way")

    done = command("trust", cwd=clone)
    assert (done.status, done.error.count("\n")) == (1, 1)
    assert "this cannot be remembered: " in done.error
    with session("serve", cwd=clone) as run:
        run.wait_for(r"Do you trust this file\?")
        run.press("y\n")
        run.wait_for("this cannot be remembered")
        run.wait_for("for help")


# -- another user's configuration above the folder -----------------------------------------------


@ROOT
@pytest.mark.parametrize("name", ["hotreload.toml", "pyproject.toml"])
def test_configuration_of_another_user_above_the_folder_is_not_obeyed(
    clone: Path, server: Any, name: str
) -> None:
    table = "[tool.hotreload]\n" if name == "pyproject.toml" else ""
    file = write(clone.parent, {name: f"{table}no-listing = true\nport = 70000\n"}) / name
    os.chown(file, STRANGER, STRANGER)
    foreign = f"{file} belongs to user {STRANGER} and does not count: read it, then"

    done = command("check", cwd=clone)
    assert done.error.startswith(f"hotreload: {foreign} `hotreload trust {file}`\n")
    done = command("doctor", "--json", cwd=clone)
    assert foreign in next(e["text"] for e in done.events if e.get("name") == "trust")
    assert done.error == ""
    server(Path(), cwd=clone)

    assert command("check", cwd=clone, env={"SUDO_UID": str(STRANGER)}).error.count("\n") == 1
    command("trust", file, cwd=clone)
    assert foreign not in command("check", cwd=clone).error


@ROOT
@pytest.mark.parametrize("what", ["nonsense", "unreadable", "folder", "link", "pipe", "large"])
def test_no_file_of_another_user_keeps_anybody_from_work(clone: Path, what: str) -> None:
    file = clone.parent / "hotreload.toml"
    match what:
        case "folder":
            file.mkdir()
        case "pipe":
            os.mkfifo(file)
        case "link":
            file.symlink_to(clone / "index.html")
        case _:
            file.write_text("nonsense" * (100_000 if what == "large" else 1))
    os.chown(file, STRANGER, STRANGER, follow_symlinks=False)

    done = command("check", cwd=clone)

    assert f"belongs to user {STRANGER} and does not count" in done.error
    assert "Traceback" not in done.error
    assert done.error.count("\n") == 2, "that, and the sum"


@ROOT
def test_a_repository_of_another_user_says_nothing_of_what_is_ignored(
    clone: Path, server: Any
) -> None:
    write(clone.parent, {".gitignore": "*.html\n", ".git/config": ""})
    assert "nothing found in 0 files" in command("check", cwd=clone).error

    os.chown(clone.parent / ".git", STRANGER, STRANGER)

    foreign = (
        f"the repository {clone.parent} belongs to another user: its ignore files do not count"
    )
    error = command("check", cwd=clone).error
    assert error.startswith(f"hotreload: {foreign}\n")
    assert "nothing found in 2 files" in error
    server(clone).wait_for(type="note", text=foreign)
    done = command("doctor", "--json", cwd=clone)
    said = next(event for event in done.events if event.get("name") == "git")
    assert "belongs to another user: its ignore files do not count" in said["text"]
