"""Whom a file was requested by is known where the page cannot see it."""

from pathlib import Path

import pytest

from hotreload.pushing.edges import Edges
from hotreload.serving.finder import Finder
from hotreload.serving.mime import content_type
from hotreload.serving.referers import Referers
from hotreload.serving.responses import Request
from hotreload.serving.site import Mount, Site


@pytest.fixture
def via(tmp_path: Path):
    for name in ("index.html", "about.html", "app.js", "style.css"):
        (tmp_path / name).write_text(name)
    edges = Edges()
    referers = Referers(Finder(Site([Mount((), tmp_path)])), edges, content_type)

    def via(referer: bytes, destination: bytes = b"empty") -> tuple[str, ...]:
        """The requesters of a file that is requested with this Referer."""
        lines = [(b"referer", referer), (b"sec-fetch-dest", destination)]
        referers.note(Request.of("GET", b"/x", lines, "http"), "/x")
        return edges.via("/x")

    return via


@pytest.mark.parametrize("name", ["/app.js", "/style.css"])
def test_what_scripts_and_style_sheets_load_is_noted(via, name):
    assert via(b"http://localhost:8765" + name.encode()) == (name,)


@pytest.mark.parametrize(
    "referer", [b"http://h/", b"http://h/about", b"http://h/no.js", b"http://["]
)
def test_what_a_page_loads_it_sees_itself(via, referer):
    assert via(referer) == ()


@pytest.mark.parametrize(
    ("path", "url"),
    [(b"", "/index.html"), (b"/", "/index.html"), (b"/about", "/about.html")],
)
def test_a_shared_worker_is_its_pages_also_at_a_clean_name(via, path, url):
    assert via(b"http://localhost:8765" + path, b"sharedworker") == (url,)


def test_without_a_referer_nothing_is_noted(via):
    assert via(b"") == ()
