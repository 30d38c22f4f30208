"""A document of any size has the tag, and is sent from the disk around it."""

import os

import pytest
from conftest import Server
from support.process.http_client import DOCUMENT, TAG, ask

from hotreload.files.stamp import LARGE
from hotreload.injection import inject

HEAD = b"<!doctype html><html lang=en><meta charset=utf-8><title>large</title><body>"
ROW = b"<p>one of very many paragraphs</p>\n"


def large(start=HEAD, size=LARGE + 1):
    """In a comment: a browser lays so many paragraphs out for seconds."""
    return start + b"<!--" + ROW * (size // len(ROW) + 1) + b"-->"


def is_same(got, wanted):
    """Pytest would take minutes to show where two of this size differ."""
    return got == wanted


def make_book(root):
    """A folder with one large document, and the options of its server."""
    root.mkdir()
    (root / "index.html").write_bytes(large())
    return root, "--cors", "--compress"


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A server of one large document that no test changes, and its path."""
    root = tmp_path_factory.mktemp("large") / "book"
    running = Server(*make_book(root))
    running.file = root / "index.html"
    yield running
    running.kill()


@pytest.fixture
def fresh(tmp_path, server):
    """The same for one test."""
    running = server(*make_book(tmp_path / "book"))
    running.file = tmp_path / "book" / "index.html"
    return running


def test_it_is_the_file_and_one_tag(book):
    answer = ask(book, headers=DOCUMENT)

    assert is_same(TAG.sub(b"", answer.body), book.file.read_bytes())
    assert answer.body.index(b"client.js") < 1000
    assert int(answer["Content-Length"]) == len(answer.body)
    assert answer["Content-Type"] == "text/html"


def test_a_script_gets_the_file_itself(book):
    answer = ask(book, headers={"Sec-Fetch-Dest": "empty"})

    assert is_same(answer.body, book.file.read_bytes())
    assert answer["Vary"].startswith("Sec-Fetch-Dest, Sec-Fetch-Mode")


def test_head_and_conditions_are_those_of_what_is_sent(book):
    whole = ask(book, headers=DOCUMENT)

    head = ask(book, "/", "HEAD", DOCUMENT)
    same = ask(book, headers={**DOCUMENT, "If-None-Match": whole["ETag"]})
    bare = ask(book, headers={"Sec-Fetch-Dest": "empty", "If-None-Match": whole["ETag"]})

    assert (head.body, head["Content-Length"]) == (b"", str(len(whole.body)))
    assert head["ETag"] == whole["ETag"]
    assert (same.status, same.body) == (304, b"")
    assert bare.status == 200


@pytest.mark.parametrize(
    "part",
    [slice(10), slice(40, 400), slice(60, 3_000_000), slice(5_000_000, 5_000_100), slice(-7, None)],
    ids=str,
)
def test_a_part_is_a_part_of_what_is_sent_with_the_tag(book, part):
    whole = ask(book, headers=DOCUMENT).body
    wanted = f"bytes={part.start or 0}-{part.stop - 1}" if part.stop else f"bytes={part.start}"

    answer = ask(book, headers={**DOCUMENT, "Range": wanted})

    assert answer.status == 206
    assert is_same(answer.body, whole[part])


def test_several_parts_are_parts_of_what_is_sent_with_the_tag(book):
    whole = ask(book, headers=DOCUMENT).body

    answer = ask(book, headers={**DOCUMENT, "Range": "bytes=5-200,1048570-1048599,-4"})

    assert answer.status == 206
    for part in (whole[5:201], whole[1_048_570:1_048_600], whole[-4:]):
        assert b"\r\n\r\n" + part + b"\r\n--" in answer.body
    assert int(answer["Content-Length"]) == len(answer.body)


def test_the_tag_alone_is_another_version_after_an_update(fresh):
    before = ask(fresh, headers=DOCUMENT)
    (fresh.file.parent / "style.css").write_bytes(b"p { color: red }")
    fresh.wait_for(type="change", url="/style.css")

    after = ask(fresh, headers={**DOCUMENT, "If-None-Match": before["ETag"]})

    assert after.status == 200
    assert after["ETag"] != before["ETag"]


def test_nothing_stays_open(fresh):
    """Whole, in part, not at all, not modified, compressed or not: the descriptor goes back."""
    folder = f"/proc/{fresh.process.pid}/fd"
    twin = fresh.file.with_name("index.html.gz")
    twin.write_bytes(b"not what is sent")
    ask(fresh, headers=DOCUMENT)
    etag = ask(fresh, headers=DOCUMENT)["ETag"]

    for _ in range(20):
        for method, more in (
            ("HEAD", {}),
            ("GET", {"If-None-Match": etag}),
            ("GET", {"If-Match": '"other"'}),
            ("GET", {"Range": "bytes=99999999-"}),
            ("GET", {"Range": "bytes=0-5"}),
            ("HEAD", {"Accept-Encoding": "gzip"}),
            ("HEAD", {"Accept-Encoding": "gzip", "Sec-Fetch-Dest": "empty"}),
        ):
            ask(fresh, "/", method, {**DOCUMENT, **more})

    open_now = [os.readlink(entry.path) for entry in os.scandir(folder) if entry.is_symlink()]
    assert not [path for path in open_now if path.startswith(str(fresh.file))]


@pytest.mark.parametrize(
    ("start", "has_tag"),
    [
        (b"<!-- " + b"x" * 2**20 + b" --><!doctype html><p>", False),
        (b"<!doctype html><!-- " + b"x" * 2**19 + b" --><p>", True),
        (b"\xff\xfe" + "<!doctype html><p>".encode("utf-16-le"), True),
        (b"<!doctype html><html data-hotreload=off><p>", False),
    ],
    ids=["a comment of a megabyte", "a comment of half a megabyte", "UTF-16", "opted out"],
)
def test_what_begins_oddly_is_sent_as_it_is_or_with_the_tag(fresh, start, has_tag):
    data = large(start)
    fresh.file.write_bytes(data)

    body = ask(fresh, headers=DOCUMENT).body

    assert is_same(body, data) is not has_tag
    assert abs(len(body) - len(data)) < 500


def test_a_policy_in_its_head_lets_the_client_run(fresh):
    meta = b"<meta http-equiv=content-security-policy content=\"script-src 'none'\">"
    fresh.file.write_bytes(large(b"<!doctype html><style>" + b"p{}" * 10_000 + b"</style>" + meta))

    body = ask(fresh, headers=DOCUMENT).body[:40_000]

    assert b"script-src 'none'" not in body
    assert b'nonce="' in body


def test_a_beginning_is_left_alone_where_the_whole_is_closed():
    unclosed = b"<!doctype html><!-- no end"

    assert inject.plan(unclosed) is not None
    assert inject.plan(unclosed, whole=False) is None
    assert inject.plan(b"<!doctype html><p>", whole=False) == inject.plan(b"<!doctype html><p>")


def test_it_is_watched_even_where_git_ignores_it(tmp_path, server):
    built = tmp_path / "site" / "built"
    built.mkdir(parents=True)
    (built.parent / ".gitignore").write_text("built/")
    (built / "index.html").write_bytes(large())
    running = server(built.parent)
    assert ask(running, "/built/", headers=DOCUMENT).status == 200

    with (built / "index.html").open("r+b") as file:
        file.write(HEAD.replace(b"large", b"LARGE"))

    running.wait_for(type="change", url="/built/index.html")


def test_an_open_page_reloads_when_it_changes_and_only_then(fresh, page):
    failed = []
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    page.goto(fresh.url)
    fresh.wait_for(type="page", event="opened")

    (fresh.file.parent / "unused.css").write_bytes(b"p { color: red }")
    assert fresh.wait_for(type="applied")["action"] == "unused"
    with fresh.file.open("r+b") as file:
        file.write(HEAD.replace(b"large", b"LARGE"))

    assert fresh.wait_for(type="applied")["action"] == "reload"
    page.wait_for_function("document.title === 'LARGE'")
    assert [url for url in failed if "favicon" not in str(url)] == []
