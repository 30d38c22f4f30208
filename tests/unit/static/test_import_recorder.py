"""Whom a file was requested by is known where the page cannot see it."""

from pathlib import Path

import pytest

from hotreload.http.messages import Request
from hotreload.http.mime import content_type
from hotreload.live.import_graph import ImportGraph
from hotreload.static.import_recorder import ImportRecorder
from hotreload.static.site.finder import Finder
from hotreload.static.site.site import Mount, Site


@pytest.fixture
def via(tmp_path: Path):
    for name in ("index.html", "about.html", "app.js", "style.css"):
        (tmp_path / name).write_text(name)
    edges = ImportGraph()
    finder = Finder(Site([Mount((), tmp_path)]))
    referers = ImportRecorder(finder, edges, content_type, lambda _request: None)

    def via(referer: bytes, destination: bytes = b"empty", url: str = "/x") -> tuple[str, ...]:
        """The requesters of a file that is requested with this Referer."""
        lines = [(b"referer", referer), (b"sec-fetch-dest", destination)]
        referers.note(Request.of("GET", url.encode(), lines, "http"), url)
        return edges.via(url)

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


UNSEEN = (b"sharedworker", b"audioworklet", b"paintworklet", b"serviceworker")


@pytest.mark.parametrize("purpose", UNSEEN)
def test_what_runs_where_no_page_sees_it_is_its_pages(via, purpose):
    assert via(b"http://h/about", purpose) == ("/about.html",)


def test_without_a_referer_nothing_is_noted(via):
    assert via(b"") == ()


@pytest.mark.parametrize("purpose", UNSEEN)
@pytest.mark.parametrize("referer", [b"", b"http://h/at/no/file", b"http://["])
def test_what_runs_for_nobody_knows_whom_is_everybodys(via, purpose, referer):
    assert via(referer, purpose) == ("*",)


def test_a_script_of_nobody_knows_whom_is_everybodys(via):
    """That of a worker which was made of a text."""
    assert via(b"", b"script") == ("*",)


def test_a_script_of_a_page_whose_address_is_no_file_is_that_pages(via):
    assert via(b"http://h/at/no/file", b"script") == ()


def test_what_a_service_worker_keeps_for_pages_is_not_its_own(via):
    via(b"http://h/", b"serviceworker", "/app.js")

    assert via(b"http://h/app.js", b"empty") == ()
    assert via(b"http://h/app.js", b"script") == ("/app.js", "/index.html")
