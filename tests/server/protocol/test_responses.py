"""What a browser, or a person with curl, gets for each URL of a site."""

import json
import os
import re
import socket

import pytest
from conftest import Server
from support.process.http_client import DOCUMENT, TAG, ask

KINDS = [
    ("a.js", "text/javascript"),
    ("a.mjs", "text/javascript"),
    ("a.wasm", "application/wasm"),
    ("a.webmanifest", "application/manifest+json"),
    ("a.avif", "image/avif"),
    ("a.woff2", "font/woff2"),
    ("a.svg", "image/svg+xml"),
    ("a.xhtml", "application/xhtml+xml"),
    ("a.md", "text/markdown"),
]
SECRETS = [".env", ".git/config", "key.pem", "id_rsa", ".htpasswd"]


def make_site(root):
    (root / "dir").mkdir(parents=True)
    (root / "index.html").write_bytes(b"<!doctype html><title>top</title><p>hello")
    (root / "dir" / "index.html").write_bytes(b"<p>in dir")
    (root / "style.css").write_bytes(b"p { color: red }")
    (root / "data.bin").write_bytes(bytes(range(256)) * 4)
    for name, _ in KINDS:
        (root / name).write_bytes(b"x")
    for name in SECRETS:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text("CANARY")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A server of a small site that no test changes, and its folder."""
    root = tmp_path_factory.mktemp("http") / "small"
    make_site(root)
    running = Server(root)
    running.root = root
    yield running
    running.kill()


@pytest.fixture
def fresh(tmp_path, server):
    """A server of such a site of a test's own, and its folder."""
    make_site(tmp_path / "small")
    running = server(tmp_path / "small")
    running.root = tmp_path / "small"
    return running


def test_a_folder_shows_its_index(small):
    assert TAG.sub(b"", ask(small).body) == (small.root / "index.html").read_bytes()
    assert TAG.sub(b"", ask(small, "/dir/").body) == b"<p>in dir"


def test_a_folder_without_its_slash_redirects_and_keeps_the_query(small):
    answer = ask(small, "/dir?a=1&b=/c")

    assert answer.status == 307
    assert answer["Location"] == "/dir/?a=1&b=/c"


def test_a_document_carries_the_tag_and_says_its_true_length(small):
    answer = ask(small, headers=DOCUMENT)

    tag = TAG.search(answer.body)
    assert tag is not None
    assert tag[4] == b"/index.html"
    assert int(answer["Content-Length"]) == len(answer.body)
    assert answer["Content-Type"] == "text/html"
    assert answer["Cache-Control"] == "no-cache"
    assert answer["Vary"] == "Sec-Fetch-Dest, Sec-Fetch-Mode"


@pytest.mark.parametrize("mode", ["navigate", "same-origin"])
def test_a_document_that_a_service_worker_asks_for_carries_the_tag(small, mode):
    """Of a navigation that it passes on, Chromium keeps the mode, Firefox only what is accepted."""
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    passed_on = {"Accept": accept, "Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": mode}

    assert TAG.search(ask(small, headers=passed_on).body)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "same-origin", "Accept": "*/*"},
        {"Accept": "*/*", "Referer": "http://localhost/"},
        {"HX-Request": "true"},
        {"X-Requested-With": "XMLHttpRequest"},
    ],
    ids=["cors", "same-origin", "Referer", "htmx", "XMLHttpRequest"],
)
def test_a_fragment_that_a_script_fetches_is_the_file_itself(small, headers):
    answer = ask(small, headers=headers)

    assert answer.body == (small.root / "index.html").read_bytes()
    assert answer["Vary"] == "Sec-Fetch-Dest, Sec-Fetch-Mode"


def test_a_page_that_opts_out_is_the_file_itself(fresh):
    page = b'<!doctype html><html data-hotreload="off"><p>alone'
    (fresh.root / "off.html").write_bytes(page)

    assert ask(fresh, "/off.html", headers=DOCUMENT).body == page


@pytest.mark.parametrize("path", ["/", "/style.css", "/missing", "/dir", "/data.bin"])
def test_head_has_the_headers_of_get_and_no_body(small, path):
    got, head = ask(small, path), ask(small, path, "HEAD")

    assert head.body == b""
    assert head.status == got.status
    assert {k: v for k, v in head.headers.items() if k != "date"} == {
        k: v for k, v in got.headers.items() if k != "date"
    }


@pytest.mark.parametrize("path", ["/", "/style.css", "/data.bin"])
def test_what_the_client_has_is_not_sent_again(small, path):
    first = ask(small, path)

    by_tag = ask(small, path, headers={"If-None-Match": first["ETag"]})
    by_date = ask(small, path, headers={"If-Modified-Since": first["Last-Modified"]})

    assert (by_tag.status, by_tag.body) == (304, b"")
    assert (by_date.status, by_date.body) == (304, b"")
    assert by_tag["ETag"] == first["ETag"]


def test_a_document_is_another_version_after_each_update(fresh):
    """Its tag then names a later update: a page from an old copy would hear that update again."""
    first = ask(fresh)
    (fresh.root / "style.css").write_bytes(b"p { color: blue }")
    fresh.wait_for(type="change", url="/style.css")

    again = ask(fresh, headers={"If-None-Match": first["ETag"]})

    assert again.status == 200
    assert again["ETag"] != first["ETag"]


@pytest.mark.parametrize(
    ("value", "status", "part"),
    [
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=-5", 206, slice(-5, None)),
        ("bytes=1000-", 206, slice(1000, None)),
        ("bytes=9-0", 200, slice(None)),
        ("bytes=5000-", 416, slice(0, 0)),
    ],
)
def test_a_part_of_a_file_is_the_part_that_was_asked_for(small, value, status, part):
    whole = (small.root / "data.bin").read_bytes()

    answer = ask(small, "/data.bin", headers={"Range": value})

    assert answer.status == status
    assert answer.body == whole[part]
    assert int(answer["Content-Length"]) == len(answer.body)


def test_several_parts_come_as_multipart(small):
    whole = (small.root / "data.bin").read_bytes()

    answer = ask(small, "/data.bin", headers={"Range": "bytes=0-1,-2"})

    kind, boundary = answer["Content-Type"].split("; boundary=")
    parts = answer.body.split(f"--{boundary}".encode())
    assert kind == "multipart/byteranges"
    assert [part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for part in parts[1:-1]] == [
        whole[:2],
        whole[-2:],
    ]
    assert int(answer["Content-Length"]) == len(answer.body)


def test_a_part_of_a_document_is_a_part_of_what_is_sent_with_the_tag(small):
    whole = ask(small)

    answer = ask(small, headers={"Range": "bytes=20-60", "If-Range": whole["ETag"]})

    assert answer.status == 206
    assert answer.body == whole.body[20:61]
    assert answer["Content-Range"] == f"bytes 20-60/{len(whole.body)}"


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_types_come_from_our_own_table(small, name, kind):
    assert ask(small, f"/{name}")["Content-Type"].partition(";")[0] == kind


def test_a_get_after_a_save_shows_the_save(fresh):
    """A hundred saves of the same length, each read back at once, before any watcher can know."""
    for number in range(100):
        css = b"p { order: %03d }" % number
        (fresh.root / "style.css").write_bytes(css)
        assert ask(fresh, "/style.css").body == css


def test_a_missing_file_is_a_404_that_heals_itself(small):
    page = ask(small, "/missing.html", headers=DOCUMENT)
    script = ask(small, "/missing.js", headers={"Sec-Fetch-Dest": "script"})

    assert page.status == script.status == 404
    assert TAG.search(page.body)
    assert script["Content-Type"] == "text/plain; charset=utf-8"


def test_the_site_has_its_own_404_page(fresh):
    (fresh.root / "404.html").write_bytes(b"<title>lost</title><p>not here")

    answer = ask(fresh, "/missing/page", headers=DOCUMENT)

    assert answer.status == 404
    assert TAG.sub(b"", answer.body) == b"<title>lost</title><p>not here"
    tag = TAG.search(answer.body)
    assert tag is not None
    assert tag[4] == b"/404.html"


def test_other_methods_are_told_what_is_allowed(small):
    posted = ask(small, "/style.css", "POST", {"Content-Length": "3"}, b"abc")
    options = ask(small, "/style.css", "OPTIONS")

    assert posted.status == 405
    assert posted["Allow"] == options["Allow"] == "GET, HEAD, OPTIONS"
    assert options.status == 204


def test_a_large_file_is_streamed_whole_and_in_parts(fresh):
    data = os.urandom(20 * 2**20)
    (fresh.root / "video.mp4").write_bytes(data)

    whole = ask(fresh, "/video.mp4")
    part = ask(fresh, "/video.mp4", headers={"Range": "bytes=10000000-10000099"})
    unchanged = ask(fresh, "/video.mp4", headers={"If-None-Match": whole["ETag"]})
    head = ask(fresh, "/video.mp4", "HEAD")

    assert whole.body == data
    assert part.body == data[10_000_000:10_000_100]
    assert unchanged.status == 304
    assert (head.body, head["Content-Length"]) == (b"", str(len(data)))


def test_one_connection_carries_many_requests_also_in_one_write(small):
    request = b"GET /style.css HTTP/1.1\r\nHost: localhost\r\n\r\n"
    large = b"GET /data.bin HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(("127.0.0.1", small.port), timeout=5) as raw:
        raw.sendall(request * 3 + large + request)
        got = b""
        while got.count(b"p { color: red }") < 4:
            data = raw.recv(65536)
            assert data, got
            got += data

    assert got.count(b"HTTP/1.1 200 ") == 5
    assert b"connection: close" not in got


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /../x HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        (b"GET /%E0%A4%A HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        (b"GET /#x HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET http://localhost/style.css HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
        (b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 403),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 9000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 129 + b"\r\n", 431),
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (b"GET /" + b"x" * 200_000, 431),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    ],
    ids=range(15),
)
def test_odd_requests_get_their_answer_and_the_server_lives(small, head, status):
    with socket.create_connection(("127.0.0.1", small.port), timeout=5) as raw:
        raw.sendall(head)
        answer = raw.recv(65536)

    assert answer.startswith(b"HTTP/1.1 %d " % status), answer[:100]
    assert ask(small).status == 200


def test_everything_from_the_disk_is_for_this_origin_only(small):
    for path in ("/", "/style.css", "/missing", "/dir", "/__hotreload__/client.js"):
        answer = ask(small, path, headers={"Origin": "http://evil.example"})
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_look_as_if_they_were_not_there(small, name):
    script = {"Sec-Fetch-Dest": "empty"}

    answer, missing = ask(small, f"/{name}", headers=script), ask(small, "/x", headers=script)

    assert answer.status == missing.status == 404
    assert answer.body == missing.body
    assert sorted(answer.headers) == sorted(missing.headers)
    assert b"CANARY" not in ask(small, f"/{name}").body


def test_the_health_of_the_server_can_be_asked(fresh):
    answer = ask(fresh, "/__hotreload__/health")

    facts = json.loads(answer.body)
    assert facts["name"] == "hotreload"
    assert facts["seq"] == facts["pages"] == 0


def test_a_reload_is_asked_for_by_post_alone_and_not_by_another_site(small):
    url = "/__hotreload__/reload"

    assert ask(small, url).status == 405
    assert json.loads(ask(small, url, "POST").body) == {"pages": 0}
    assert ask(small, url, "POST", {"Origin": "http://evil.example"}).status == 403


def test_modules_of_the_client_are_served_and_nothing_else_of_ours(small):
    client = ask(small, "/__hotreload__/client.js?ab-1-2/x.html")

    assert client.status == 200
    assert client["Content-Type"].startswith("text/javascript")
    assert ask(small, "/__hotreload__/css/rules.js").status == 200
    for path in (
        *("nothing", "../app.py", "client.js/x", "x/client.js", "rules.js", "css", "css/", ""),
        *("css/../client.js", "css/../../pyproject.toml", "css//rules.js", "css%2Frules.js"),
    ):
        assert ask(small, f"/__hotreload__/{path}").status == 404


def test_modules_of_this_release_are_kept_by_browsers_and_those_of_another_are_asked_for(small):
    """A page that was saved with a tag in it may name another release: it works all the same."""
    address = re.search(rb'src="([^"]*)client.js', ask(small).body)[1].decode()

    for name in ("client.js?ab-1-2/x.html", "page.js", "css/rules.js"):
        assert "immutable" in ask(small, address + name)["Cache-Control"]
    for other in ("page.js", "0123456789abcdef/page.js"):
        module = ask(small, f"/__hotreload__/{other}")
        assert module.body == ask(small, f"{address}page.js").body
        assert module["Cache-Control"] == "no-cache"


def test_a_version_of_a_document_that_was_served_can_be_read_again(fresh):
    tag = TAG.search(ask(fresh).body)
    assert tag is not None
    old = (fresh.root / "index.html").read_bytes()
    (fresh.root / "index.html").write_bytes(b"<p>newer")

    assert ask(fresh, f"/__hotreload__/source/{tag[3].decode()}").body == old
    assert ask(fresh, "/__hotreload__/source/0123456789abcdef").status == 404


def test_a_name_with_an_ampersand_is_a_page_like_any_other(fresh):
    (fresh.root / "a&b.html").write_bytes(b"<p>both")

    answer = ask(fresh, "/a&b.html", headers=DOCUMENT)

    assert TAG.sub(b"", answer.body) == b"<p>both"


def test_a_text_without_an_extension_is_shown_not_downloaded(fresh):
    (fresh.root / "LICENSE").write_bytes(b"do what you like")

    assert ask(fresh, "/LICENSE")["Content-Type"].startswith("text/plain")
