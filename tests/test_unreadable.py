"""A file that permissions keep from the server is missing to clients, and named to the person."""

import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import environment

# The superuser may read whatever it likes, but not from within a namespace where it is nobody.
NOBODY = ["unshare", "-U"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


@pytest.fixture
def running(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A server for a folder in which two files cannot be read."""
    if os.name == "nt" or (NOBODY and not shutil.which(NOBODY[0])):
        pytest.skip("nothing here can be kept from the server by permissions")
    if NOBODY and subprocess.call([*NOBODY, "true"]):
        pytest.skip("this machine lets nobody make user namespaces")
    for name in ("a.css", "404.html"):
        (tmp_path / name).write_text("a {}")
        (tmp_path / name).chmod(0)
    (tmp_path / "stylesheet.css").write_text("b {}")
    words = [sys.executable, "-m", "hotreload", "serve", "--json", "-p", "0"]
    with subprocess.Popen(
        [*NOBODY, *words], cwd=tmp_path, stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        yield process
        process.terminate()


def events(process: "subprocess.Popen[str]", until: str) -> list[dict[str, Any]]:
    """The events up to the first of a type."""
    assert process.stdout
    found: list[dict[str, Any]] = []
    for line in process.stdout:
        found.append(json.loads(line))
        if found[-1]["type"] == until:
            return found
    raise AssertionError(f"no {until}: {found}")


def asked(url: str) -> str:
    """What a person sees there, who gets no file."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": "text/html"}))
    with caught.value as answer:
        assert answer.code == 404
        return answer.read().decode()


def test_it_is_named_once_offered_to_nobody_and_never_taken_for_new(
    running: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    """Whoever waited for a file that is there already would reload for ever."""
    url = events(running, "ready")[-1]["url"]
    for _ in range(3):
        assert "Did you mean" not in asked(url + "a.css")
    (tmp_path / "b.css").write_text("b {}")
    heard = events(running, "update")
    assert heard[-1]["files"] == ["b.css"]
    said = [event["text"] for event in heard if event["type"] == "problem"]
    assert said == [f"cannot read {tmp_path / 'a.css'}: permission denied"]


def test_it_heals_when_it_can_be_read(running: "subprocess.Popen[str]", tmp_path: Path) -> None:
    """On Windows the same refusal comes from an editor that has the file to itself as it saves."""
    url = events(running, "ready")[-1]["url"]
    asked(url + "a.css")
    (tmp_path / "a.css").chmod(0o644)
    assert events(running, "update")[-1]["files"] == ["a.css"]
    with urllib.request.urlopen(url + "a.css") as answer:
        assert answer.status == 200


def test_it_goes_from_the_pages_that_have_it(
    running: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    url = events(running, "ready")[-1]["url"]
    with urllib.request.urlopen(url + "stylesheet.css") as answer:
        assert answer.status == 200
    (tmp_path / "stylesheet.css").chmod(0)
    assert events(running, "update")[-1]["files"] == ["stylesheet.css"]
    asked(url + "stylesheet.css")
