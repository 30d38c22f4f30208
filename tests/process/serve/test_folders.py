"""A folder that is to be served may be made later; a mistyped name is seen to be one."""

import http.client
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.process.commands import environment
from support.process.http_client import DOCUMENT

from hotreload.errors import StartError
from hotreload.static.site.served_folders import alike, served


def ask(port, path="/"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers=DOCUMENT)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def test_a_folder_is_served_by_its_absolute_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site").mkdir()

    assert served(Path("site")) == tmp_path / "site"
    assert served(Path()) == tmp_path


def test_a_missing_folder_is_waited_for_where_the_one_around_it_is_there(tmp_path):
    assert served(tmp_path / "_site") == tmp_path / "_site"


def test_a_link_that_leads_nowhere_yet_is_waited_for(tmp_path):
    (tmp_path / "current").symlink_to(tmp_path / "release-1")

    assert served(tmp_path / "current") == tmp_path / "current"


@pytest.mark.parametrize("name", ["no/where", "page.html", "PAGE.HTM", "file.txt", "file.txt/sub"])
def test_what_nobody_is_going_to_make_a_folder_is_an_error(tmp_path, name):
    (tmp_path / "file.txt").write_text("x")

    with pytest.raises(StartError, match="name the folder"):
        served(tmp_path / name)


def test_an_error_names_the_folder_that_was_meant(tmp_path, monkeypatch):
    (tmp_path / "examples" / "site").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(StartError) as failed:
        served(Path("exmaples/site"))

    assert str(failed.value) == (
        "exmaples/site does not exist: name the folder to serve"
        f" (did you mean {Path('examples/site')}?)"
    )


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("sit", ["site"]),
        ("Site", ["site"]),
        ("dits", ["dist"]),
        ("xyzzy", []),
        ("page.html", []),
        ("dst/assets", ["dist/assets"]),
        ("dst/none", ["dist"]),
    ],
)
def test_folders_of_nearly_the_same_name_may_have_been_meant(tmp_path, monkeypatch, asked, meant):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site").mkdir()
    (tmp_path / "dist" / "assets").mkdir(parents=True)
    (tmp_path / "pages.html").write_text("a file is no folder")
    if os.path.isdir(asked):
        pytest.skip("names are compared without case here")

    assert alike(Path(asked))[:1] == [str(Path(each)) for each in meant]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    top = tmp_path_factory.mktemp("folders")
    for name in ("a", "ab", "b.a/a", "bb/ab/b"):
        (top / name).mkdir(parents=True)
    return top


@given(st.lists(st.text("ab./", min_size=1, max_size=8), max_size=4).map("/".join))
def test_whatever_is_asked_for_what_may_have_been_meant_is_there(folders, name):
    assert all(Path(each).is_dir() for each in alike(folders / name.lstrip("/")))


# -- the server ------------------------------------------------------------------------------------


def test_a_server_waits_for_its_folder_and_serves_it_when_it_comes(tmp_path, server):
    root = tmp_path / "_site"

    running = server(root)

    awaited = next(event for event in running.lines if event["type"] == "place")
    assert awaited["event"] == "awaited"
    assert awaited["path"] == str(root)
    assert awaited["alike"] == [str(tmp_path / "site")]
    status, page = ask(running.port)
    assert status == 404
    assert "There is no such folder yet" in page
    assert str(root) in page

    root.mkdir()
    (root / "index.html").write_text("<p>built")
    running.wait_for(type="place", event="there", path=str(root))

    status, page = ask(running.port)
    assert status == 200
    assert page.endswith("<p>built")


def test_a_server_waits_for_a_mounted_folder_while_it_serves_the_rest(site, server):
    running = server(site, "--mount", f"/docs={site.parent / 'docs'}")

    assert ask(running.port)[0] == 200
    status, page = ask(running.port, "/docs/a.html")
    assert status == 404
    assert "There is no such folder yet" in page
    assert "Not found" in ask(running.port, "/nothing.html")[1]

    (site.parent / "docs").mkdir()
    running.wait_for(type="place", event="there")
    assert "Not found" in ask(running.port, "/docs/a.html")[1]


def test_a_folder_that_goes_and_comes_back_is_told(tmp_path, server):
    root = tmp_path / "_site"
    root.mkdir()
    running = server(root)

    shutil.rmtree(root)
    running.wait_for(type="place", event="gone", path=str(root))
    root.mkdir()
    running.wait_for(type="place", event="there", path=str(root))


@pytest.mark.parametrize("first", ["index.html", "posts/first.html"])
def test_a_page_that_waits_for_the_folder_shows_it_when_it_comes(tmp_path, server, page, first):
    root = tmp_path / "_site"
    running = server(root)
    page.goto(running.url)
    running.wait_for(type="page", event="opened")
    assert page.title() == "Nothing here yet"

    file = root / first
    file.parent.mkdir(parents=True)
    file.write_text("<!doctype html><title>built</title>")

    wanted = "built" if first == "index.html" else "/"
    page.wait_for_function("wanted => document.title.includes(wanted)", arg=wanted)
    assert page.title() != "Nothing here yet"


def test_a_mistyped_folder_is_seen_at_once(tmp_path):
    """Even with --quiet, which prints problems only."""
    (tmp_path / "site").mkdir()

    with subprocess.Popen(
        [sys.executable, "-m", "hotreload", "serve", "../sit", "--port", "0", "--quiet"],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        cwd=tmp_path / "site",
        env=environment(),
    ) as process:
        said = process.stdout.readline()
        process.terminate()

    assert said.strip() == "waiting for ../sit, which is not there yet (did you mean ../site?)"
