"""What a request is for, as browsers and scripts say it."""

import pytest

from hotreload.http.fetch_metadata import is_navigation, wants_document
from hotreload.http.messages import Request

HTML = (b"accept", b"text/html,*/*;q=0.8")
NAVIGATION = (b"accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
SAME_ORIGIN = [(b"sec-fetch-dest", b"empty"), (b"sec-fetch-mode", b"same-origin")]


def request(*headers: tuple[bytes, bytes]) -> Request:
    return Request.of("GET", b"/", headers, "http")


@pytest.mark.parametrize(
    ("headers", "shown"),
    [
        ([(b"sec-fetch-dest", b"document")], True),
        ([(b"sec-fetch-dest", b"iframe")], True),
        ([(b"sec-fetch-dest", b"empty"), HTML], False),
        ([(b"sec-fetch-dest", b"style")], False),
        ([(b"sec-fetch-dest", b"empty"), (b"sec-fetch-mode", b"navigate")], True),
        ([*SAME_ORIGIN, NAVIGATION], True),
        ([*SAME_ORIGIN, NAVIGATION, (b"hx-request", b"true")], False),
        ([*SAME_ORIGIN, HTML], False),
        (SAME_ORIGIN, False),
        ([HTML, (b"referer", b"http://127.0.0.1/")], True),
        ([(b"referer", b"http://127.0.0.1/")], False),
        ([(b"x-requested-with", b"XMLHttpRequest")], False),
        ([], True),
    ],
)
def test_a_document_is_wanted_by_whoever_shows_it(headers, shown):
    assert wants_document(request(*headers)) is shown


def test_a_person_goes_there_who_takes_html_for_a_document():
    assert is_navigation(request(HTML, (b"sec-fetch-dest", b"document")))
    assert not is_navigation(request(HTML, (b"sec-fetch-dest", b"empty")))
    assert not is_navigation(request((b"sec-fetch-dest", b"document")))
