"""REDbot, which examines what HTTP servers answer, finds no fault with any kind of answer."""

import json
import os
import subprocess
import sys

import pytest
from conftest import Server
from support.process import redbot_notes

SHOWN = {"Accept": "text/html", "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}
# Its name, what is asked for, the status, and the notes that are warnings or worse.
ASKED = [
    ("document", "/", "GET", SHOWN, 200, set()),
    ("large document", "/large.html", "GET", SHOWN, 200, set()),
    ("document for a script", "/", "GET", {"Sec-Fetch-Dest": "empty"}, 200, set()),
    ("style sheet", "/style.css", "GET", {}, 200, set()),
    ("script", "/main.js", "GET", {}, 200, set()),
    ("image", "/image.svg", "GET", {}, 200, set()),
    ("large file", "/large.bin", "GET", {}, 200, set()),
    ("file of any name", "/noext", "GET", {}, 200, set()),
    ("head", "/style.css", "HEAD", {}, 200, set()),
    ("head of a document", "/", "HEAD", SHOWN, 200, set()),
    ("module of ours", "/__hotreload__/client.js", "GET", {}, 200, set()),
    ("range", "/style.css", "GET", {"Range": "bytes=0-9"}, 206, set()),
    # Each part has its Content-Range; the whole must not have one (RFC 9110, section 15.3.7.2).
    ("ranges", "/style.css", "GET", {"Range": "bytes=0-9,20-29"}, 206, {"PARTIAL_WITHOUT_RANGE"}),
    ("no such range", "/style.css", "GET", {"Range": "bytes=99999999-"}, 416, set()),
    ("redirect", "/list", "GET", {}, 307, set()),
    ("rule's redirect", "/old", "GET", {}, 302, set()),
    ("not found", "/nowhere", "GET", SHOWN, 404, set()),
    ("not found, no page", "/nowhere.js", "GET", {}, 404, set()),
    ("options", "/", "OPTIONS", {}, 204, set()),
    ("post", "/style.css", "POST", {}, 405, set()),
    ("a WebSocket's", "/__hotreload__/ws", "GET", {}, 426, set()),
    # Made anew for each request: there is nothing that a client could ask about.
    ("list", "/list/", "GET", SHOWN, 200, {"FRESHNESS_NO_CACHE_NO_VALIDATOR"}),
    ("health", "/__hotreload__/health", "GET", {}, 200, {"FRESHNESS_NO_CACHE_NO_VALIDATOR"}),
    # REDbot warns of the status itself.
    ("malformed", "/%", "GET", {}, 400, {"STATUS_BAD_REQUEST"}),
]


@pytest.fixture(scope="module", params=[(), ("--compress", "--cors")], ids=" ".join)
def notes(request, tmp_path_factory):
    root = tmp_path_factory.mktemp("redbot")
    (root / "index.html").write_text("<!doctype html><title>page</title>" + "<p>row</p>" * 400)
    (root / "large.html").write_text("<!doctype html><title>page</title>" + "<p>row" * 1_500_000)
    (root / "style.css").write_text("p { color: red }\n" * 200)
    (root / "main.js").write_text("export const number = 1;\n" * 100)
    (root / "image.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"></svg>')
    (root / "noext").write_text("a text\n" * 300)
    (root / "large.bin").write_bytes(os.urandom(9 * 2**20))
    (root / "list").mkdir()
    (root / "list" / "a.txt").write_text("a")
    (root / "_headers").write_text(
        "/*.css\n  X-Robots-Tag: noindex\n  Link: </a.js>; rel=preload\n"
    )
    (root / "_redirects").write_text("/old /index.html 302\n")
    server = Server(root, *request.param)
    words = [sys.executable, str(redbot_notes.__file__), server.url[:-1]]
    asked = json.dumps([each[:4] for each in ASKED])
    done = subprocess.run(words, input=asked, capture_output=True, text=True, timeout=120)
    server.kill()
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("name", "status", "expected"),
    [(each[0], each[4], each[5]) for each in ASKED],
    ids=[each[0] for each in ASKED],
)
def test_redbot_has_no_complaint(notes, name, status, expected):
    got, found = notes[name]

    assert got == str(status)
    assert {kind for level, kind, _ in found if level in ("bad", "warning")} == expected


@pytest.mark.parametrize("name", ["document", "large document", "style sheet", "large file"])
def test_redbot_sees_validation_and_ranges_work(notes, name):
    kinds = {kind for _, kind, _ in notes[name][1]}

    assert {"INM_304", "IMS_304", "RANGE_CORRECT", "CL_CORRECT"} <= kinds
