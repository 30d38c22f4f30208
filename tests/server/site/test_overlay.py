"""Several folders at one path are one site: of files with one address the first is served."""

import os
from contextlib import contextmanager, suppress
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.process.http_client import DOCUMENT, ask
from test_finder import got

from hotreload.files.open_file import NotServed
from hotreload.http.url_path import BadTarget, parse
from hotreload.static.site.site import Folder, Found, Mount, Site

NAMES = ("a", "a.html", "index.html")
PATHS = [*NAMES, *(f"a/{name}" for name in NAMES), *(f"a/a/{name}" for name in NAMES)]
PLACES = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(PATHS)), max_size=12)


def make(folders, places):
    """Files where nothing else is in their way, each with its own path as its content."""
    for number, path in places:
        file = folders[number] / path
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(str(file))


@contextmanager
def overlaid(places):
    """Folders with these files in them, and the site of them all at one path."""
    with TemporaryDirectory() as top:
        folders = [Path(top, name) for name in "xyz"]
        for folder in folders:
            folder.mkdir()
        make(folders, places)
        yield folders, Site([Mount((), folder) for folder in folders])


def find(site, url):
    target = parse(url)
    assert not isinstance(target, BadTarget)
    return site.find(target)


def first(folders, path):
    """The first file or folder of this name, by definition."""
    return next((folder / path for folder in folders if (folder / path).exists()), None)


@given(PLACES)
@settings(max_examples=150, deadline=None)
def test_each_address_is_the_first_file_of_that_name(places):
    """And the file's own address is that one, while those behind it have none."""
    with overlaid(places) as (folders, site):
        for path in PATHS:
            place, found = first(folders, path), find(site, f"/{path}".encode())
            served = place if place and place.is_file() else None
            assert (found.path if isinstance(found, Found) else None) == (served and str(served))
        for folder, path in product(folders, PATHS):
            is_first = first(folders, path) == folder / path
            urls = (f"/{path}",) if is_first or not (folder / path).exists() else ()
            if (folder / path).is_file():
                assert site.urls(str(folder / path)) == urls


@given(PLACES)
@settings(max_examples=100, deadline=None)
def test_folders_are_merged(places):
    with overlaid(places) as (folders, site):
        for names in ((), ("a",), ("a", "a")):
            there = [place for folder in folders if (place := folder.joinpath(*names)).is_dir()]
            listed = {entry.name: entry for entry in (site.entries(names) if there else ())}
            assert set(listed) == {name for place in there for name in os.listdir(place)}
            for name, entry in listed.items():
                assert entry.directory is first(there, name).is_dir()
            if not there:
                with pytest.raises(NotServed):
                    site.entries(names)
            url = "".join(f"/{name}" for name in names) + "/"
            has_index = any((place / "index.html").is_file() for place in there)
            kind = (Found if has_index else Folder) if there else object
            assert isinstance(find(site, url.encode()), kind)


@pytest.fixture
def layers(tmp_path, server):
    """A server of `front`, over `built`, over `assets`, and these folders by name."""
    folders = {name: tmp_path / name for name in ("front", "built", "assets")}
    for folder in folders.values():
        (folder / "sub").mkdir(parents=True)
    page = "<!doctype html><link rel=stylesheet href=/style.css><h1>page</h1>"
    (folders["built"] / "index.html").write_text(page)
    (folders["assets"] / "style.css").write_text("h1 { color: rgb(3, 3, 3) }")
    (folders["built"] / "style.css").write_text("h1 { color: rgb(2, 2, 2) }")
    more = [word for name in ("built", "assets") for word in ("--mount", f"/={folders[name]}")]
    running = server(folders["front"], *more)
    running.folders = folders
    return running


def colour(page, value):
    page.wait_for_function(
        "value => getComputedStyle(document.querySelector('h1')).color === value",
        arg=f"rgb({value}, {value}, {value})",
    )


def test_their_lists_and_clean_names_are_one(layers):
    (layers.folders["assets"] / "sub" / "one.txt").write_text("1")
    (layers.folders["built"] / "sub" / "two.txt").write_text("2")
    (layers.folders["assets"] / "about.html").write_text("about")
    (layers.folders["front"] / "about").mkdir()

    listed = got(layers, "/sub/")

    assert "one.txt" in listed
    assert "two.txt" in listed
    assert got(layers, "/about") == "about"
    assert "about.html" in ask(layers, "/abuot.html", headers=DOCUMENT).body.decode()


def test_an_open_page_follows_what_is_in_front(layers, page):
    """Changes behind it do nothing; without it, what was behind it is shown."""
    page.goto(layers.url)
    layers.wait_for(type="page", event="opened")
    colour(page, 2)
    page.evaluate("window.marker = true")

    (layers.folders["assets"] / "style.css").write_text("h1 { color: rgb(4, 4, 4) }")
    (layers.folders["built"] / "style.css").unlink()
    colour(page, 4)
    assert layers.wait_for(type="applied")["action"] == "css"

    (layers.folders["front"] / "style.css").write_text("h1 { color: rgb(1, 1, 1) }")
    colour(page, 1)
    (layers.folders["assets"] / "style.css").write_text("h1 { color: rgb(5, 5, 5) }")
    (layers.folders["front"] / "style.css").write_text("h1 { color: rgb(6, 6, 6) }")
    colour(page, 6)
    assert page.evaluate("window.marker")
    layers.wait_for(type="applied", seq=3)
    seen = [line["url"] for line in layers.lines if line["type"] == "change"]
    assert len(seen) == 3


def test_a_document_follows_what_is_in_front_too(layers, page):
    page.goto(layers.url)
    layers.wait_for(type="page", event="opened")
    (layers.folders["front"] / "index.html").write_text("<!doctype html><h1>in front</h1>")
    page.get_by_role("heading", name="in front").wait_for()
    layers.wait_for(type="page", event="opened")

    (layers.folders["front"] / "index.html").unlink()

    page.get_by_role("heading", name="page").wait_for()
    assert layers.wait_for(type="applied")["action"] == "html"


def test_mounts_below_are_in_front_of_all(layers, tmp_path, server):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "x.txt").write_text("mounted")
    (layers.folders["built"] / "lib").mkdir()
    (layers.folders["built"] / "lib" / "x.txt").write_text("hidden")
    (layers.folders["assets"] / "y.txt").write_text("behind")
    places = (f"/={layers.folders['assets']}", f"/lib={tmp_path / 'lib'}")
    more = [word for place in places for word in ("--mount", place)]

    running = server(layers.folders["built"], *more, "--base", "/app/")

    assert got(running, "/app/lib/x.txt") == "mounted"
    assert got(running, "/app/y.txt") == "behind"
    assert got(running, "/y.txt") == 404
