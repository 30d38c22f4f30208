"""What other servers of files promise in their test suites, asked of ours over a real socket.

The behaviours are those of send 1.2, serve-static 2.2, sirv 3.0, Starlette's StaticFiles and nginx
(index, autoindex), without what their programming interfaces and configuration alone can ask for;
conditions and ranges are in `test_static_ranges`. Where ours is another on purpose, a test at the
end says so and why; docs/serving.md has the list of those.
"""

import email.utils
from pathlib import Path

import pytest
from conftest import Server
from support.process.http_client import TAG, ask

PAGE = {"Accept": "text/html", "Sec-Fetch-Dest": "document"}
SCRIPT = {"Sec-Fetch-Dest": "script"}
FILES = {
    "four.txt": "four",
    "empty.txt": "",
    "with space.txt": "space",
    "do..ts.txt": "dots",
    "percent%.txt": "percent",
    "f\u00fcnke.txt": "accent",
    "UPPER.txt": "upper",
    "nums": "123456789",
    "nums.txt": "123456789",
    "rows.txt": "X" * 1000,
    "bundle.67329.js": "export {};",
    "page.html": "<p>page",
    "blog.html": "<p>blog",
    "index.html": "<p>top",
    "users/index.html": "<p>users",
    "users/one.txt": "one",
    "snow \u2603/index.html": "<p>snow",
    "old/index.htm": "<p>old",
    "no index/file.txt": "file",
    "name.dir/name.txt": "outside of name.d",
    ".hidden.txt": "hidden",
    ".mine/name.txt": "mine",
    "users/.hidden": "hidden",
    ".well-known/example": "example",
    "list/test-file": "",
    "list/test-dir/x": "",
    "list/test-colon:blah": "",
    "list/test-url-%": "",
    "list/test-html-<>&": "",
    "list/test-long-" + "0" * 50: "",
    "list/\u0444\u0444\u0444": "",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("suites") / "root"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "inside.txt").symlink_to("four.txt")
    (root / "outside.txt").symlink_to("/etc/hostname")
    (root / "list" / "dir-link").symlink_to("test-dir")
    (root.parent / "outside.txt").write_text("outside")
    (root.parent / "root-2").mkdir()
    (root.parent / "root-2" / "index.html").write_text("sibling")
    return root


@pytest.fixture(scope="module")
def served(root):
    running = Server(root)
    yield running
    running.kill()


@pytest.fixture(scope="module")
def app(root, tmp_path_factory):
    """The same site as an app, compressed, with a page for what is not there."""
    more = tmp_path_factory.mktemp("more")
    (more / "404.html").write_text("<p>lost")
    (more / "only.js.gz").write_bytes(b"not one without the other")
    running = Server(root, "--mount", f"/={more}", "--compress", "--spa", "--base", "/application")
    yield running
    running.kill()


@pytest.fixture(scope="module")
def lost(tmp_path_factory):
    """A site with a page for what is not there, and without lists."""
    root = tmp_path_factory.mktemp("lost")
    (root / "404.html").write_text("<p>lost")
    (root / "dir").mkdir()
    running = Server(root, "--no-listing")
    yield running
    running.kill()


def plain(answer):
    return TAG.sub(b"", answer.body).decode()


# ---- files ----


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/four.txt", "four"),
        ("/empty.txt", ""),
        ("/with%20space.txt", "space"),
        ("/do..ts.txt", "dots"),
        ("/percent%25.txt", "percent"),
        ("/f%C3%BCnke.txt", "accent"),
        ("/UPPER.txt", "upper"),
        ("/nums", "123456789"),
        ("/users/one.txt", "one"),
        ("/bundle.67329.js", "export {};"),
        ("/.well-known/example", "example"),
        ("/inside.txt", "four"),
        ("/four.txt?", "four"),
        ("/four.txt?x=/../y", "four"),
    ],
)
def test_a_file_is_sent_whole_under_its_name_as_a_url_writes_it(served, path, text):
    answer = ask(served, path)

    assert (answer.status, answer.body.decode()) == (200, text)
    assert answer["Content-Length"] == str(len(text))
    assert answer["Accept-Ranges"] == "bytes"
    assert email.utils.parsedate_to_datetime(answer["Date"])
    assert email.utils.parsedate_to_datetime(answer["Last-Modified"])
    assert answer["ETag"].startswith('"')


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/meow", 404),
        ("/users/meow", 404),
        ("/no/such/folder", 404),
        ("/four.txt/", 404),
        ("/four.txt/x", 404),
        ("/upper.txt", 404),
        ("/" + "foobar" * 99, 404),
        ("/" + "a/" * 1000, 404),
        ("/old%2Findex.htm", 404),
        ("//todo@txt", 404),
        ("/.hidden.txt", 404),
        ("/.nothere", 404),
        ("/.mine", 404),
        ("/.mine/", 404),
        ("/.mine/.hidden", 404),
        ("/.what/name.txt", 404),
        ("/users/.hidden", 404),
        ("/outside.txt", 404),
        ("/../outside.txt", 404),
        ("/../root-2/index.html", 404),
        ("/users/../../outside.txt", 404),
        ("/users/%2e%2e/%2e%2e/outside.txt", 404),
        ("/users//../../outside.txt", 404),
        ("/%", 400),
        ("/four.txt#there", 400),
    ],
)
def test_what_is_not_there_or_not_for_anybody_is_not_found(served, path, status):
    assert ask(served, path).status == status


def test_a_file_that_goes_is_not_found_whatever_the_client_has(served, root):
    (root / "some.html").write_text("<p>some")
    date = ask(served, "/some.html")["Last-Modified"]
    (root / "some.html").unlink()

    assert ask(served, "/some.html", headers={"If-Modified-Since": date}).status == 404


def test_a_file_is_read_anew_when_it_has_changed(served, root):
    for number in range(20):
        (root / "version.js").write_text(f"version {number:02}")
        assert ask(served, "/version.js").body == f"version {number:02}".encode()


@pytest.mark.parametrize("path", ["/four.txt", "/users/", "/users", "/meow", "/rows.txt"])
def test_head_is_get_without_the_content(served, path):
    head, got = ask(served, path, "HEAD"), ask(served, path)

    assert head.body == b""
    assert (head.status, head["Content-Length"]) == (got.status, str(len(got.body)))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused_with_those_that_are_not(served, method):
    answer = ask(served, "/four.txt", method, {"Content-Length": "0"})

    assert (answer.status, answer["Allow"]) == (405, "GET, HEAD, OPTIONS")


# ---- folders ----


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/", "<p>top"),
        ("/index.html", "<p>top"),
        ("/users/", "<p>users"),
        ("/users/index.html", "<p>users"),
        ("/blog", "<p>blog"),
        ("/blog.html", "<p>blog"),
        ("/snow%20%E2%98%83/", "<p>snow"),
    ],
)
def test_a_page_has_its_addresses(served, path, text):
    answer = ask(served, path)

    assert (answer.status, plain(answer)) == (200, text)
    assert answer["Content-Type"] == "text/html"


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/users", "/users/"),
        ("/users?name=john", "/users/?name=john"),
        ("/snow%20%E2%98%83", "/snow%20%E2%98%83/"),
        ("/blog/", "/blog"),
    ],
)
def test_a_redirect_leads_to_a_path_of_this_server(served, path, location):
    assert ask(served, path)["Location"] == location


def test_below_another_path_all_is_as_at_the_top(app):
    assert ask(app, "/four.txt").status == 404
    assert ask(app, "/application/four.txt").body == b"four"
    assert ask(app, "/application/users")["Location"] == "/application/users/"
    assert ask(app, "/application/bundle.67329.js")["Content-Type"] == "text/javascript"


@pytest.mark.parametrize(
    ("path", "status"), [("/missing", 404), ("/dir/", 404), ("/404.html", 200), ("/", 404)]
)
def test_the_sites_own_page_says_that_nothing_is_there(lost, path, status):
    answer = ask(lost, path, headers=PAGE)

    assert (answer.status, plain(answer)) == (status, "<p>lost")


@pytest.mark.parametrize("path", ["/foobar", "/foo/bar", "/users/foobar", "/.hello", "/f/.world"])
def test_an_apps_page_is_shown_where_there_is_nothing_else(app, path):
    answer = ask(app, "/application" + path, headers=PAGE)

    assert (answer.status, plain(answer)) == (200, "<p>top")


def test_an_app_still_has_its_files_and_pages(app):
    assert ask(app, "/application/four.txt").body == b"four"
    assert plain(ask(app, "/application/users/", headers=PAGE)) == "<p>users"
    assert ask(app, "/application/404.js", headers=SCRIPT).status == 404


@pytest.mark.parametrize(
    "link",
    [
        "./test-file", "./test-dir/", "./dir-link/", "./test-colon:blah", "./test-url-%25",
        "./test-html-%3C%3E&amp;", "./%D1%84%D1%84%D1%84", "./test-long-" + "0" * 50,
    ],
)  # fmt: skip
def test_a_list_has_a_link_for_each_entry(served, link):
    assert f'href="{link}"' in ask(served, "/list/").body.decode()


def test_a_list_shows_names_as_they_are(served):
    listed = ask(served, "/list/").body.decode()

    assert "test-html-&lt;&gt;&amp;" in listed
    assert "\u0444\u0444\u0444" in listed
    assert "<title>/list/</title>" in listed


# ---- where ours differs, on purpose ----


def test_a_redirect_is_not_for_ever(served):
    """Send and nginx say 301, which browsers keep when the folder has long become a page."""
    assert ask(served, "/users").status == 307


def test_a_redirect_says_its_name_in_plain_text(served):
    """Send and serve-static send a page with a link, and a policy for that page."""
    answer = ask(served, "/users")

    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Security-Policy"] is None


def test_two_slashes_at_the_start_lead_nowhere(served):
    """Send and serve-static drop one: to browsers `//users` is the server called users."""
    assert ask(served, "//users").status == 404


def test_dots_are_not_resolved(served):
    """Send and serve-static do: every client has done so before it sends, but for attackers."""
    assert ask(served, "/users/../four.txt").status == 404
    assert ask(served, "/users/./one.txt").status == 404


@pytest.mark.parametrize("path", ["/../outside.txt", "/.hidden.txt", "/nowhere"])
def test_refused_looks_like_absent(served, path):
    """Send says 403 outside of its folder, and for dotfiles if told to: so it tells of them."""
    assert ask(served, path).status == 404


@pytest.mark.parametrize("path", ["/some%00thing.txt", "/some%99thing.txt"])
def test_a_name_that_is_no_text_is_only_a_name_that_is_not_there(served, path):
    """Send says 400: but names on a disk are bytes, and this one may be there."""
    assert ask(served, path).status == 404


def test_a_name_of_any_bytes_is_served(served, root):
    name = b"some\x99thing.txt"
    (Path(bytes(root).decode()) / name.decode("utf-8", "surrogateescape")).write_text("bytes")

    assert ask(served, "/some%99thing.txt").body == b"bytes"


def test_what_is_in_a_folder_with_a_dot_is_hidden_too(served):
    """Send shows `/.mine/name.txt`, because it always has: so `.git/config` is read."""
    assert ask(served, "/.mine/name.txt").status == 404


def test_a_page_claims_no_encoding_that_it_may_not_have(served):
    """Send says UTF-8 of all HTML: a page in another encoding, which says so, is then garbled."""
    assert ask(served, "/page.html")["Content-Type"] == "text/html"
    assert ask(served, "/four.txt")["Content-Type"] == "text/plain; charset=utf-8"


def test_a_folder_has_one_address(served):
    """Sirv shows the page at `/users` too: then its relative links lead elsewhere."""
    assert ask(served, "/users").status == 307


def test_only_one_name_is_an_index(served):
    """Sirv and nginx have others: what is published would differ from one host to the next."""
    answer = ask(served, "/old/")

    assert answer.status == 200
    assert b"index.htm</bdi>" in answer.body


def test_a_folder_without_an_index_is_listed(served, lost):
    """404 for Starlette and send, 403 for nginx: as here with --no-listing."""
    assert b"file.txt" in ask(served, "/no%20index/").body
    assert ask(lost, "/dir/").status == 404


def test_long_names_are_not_cut_in_lists(served):
    """Nginx cuts them at 50 characters, to keep its columns in line without a style sheet."""
    assert f"<bdi>test-long-{'0' * 50}</bdi>" in ask(served, "/list/").body.decode()


@pytest.mark.parametrize("path", ["/404.css", "/foo/bar.bat"])
def test_an_apps_page_is_for_navigations_whatever_their_extension(app, path):
    """Sirv looks at the extension: but `/users/jane.doe` is a page, and `/api/x` no page."""
    assert ask(app, "/application" + path, headers=PAGE).status == 200
    assert ask(app, "/application" + path, headers=SCRIPT).status == 404


def test_a_compressed_file_alone_is_not_the_file(app):
    """Sirv serves it: but what a client that takes no coding gets would then be another thing."""
    headers = {**SCRIPT, "Accept-Encoding": "gzip"}

    assert ask(app, "/application/only.js", headers=headers).status == 404


def test_post_is_refused_rather_than_not_found(served):
    """Serve-static leaves it to the next handler, which here does not exist."""
    assert ask(served, "/four.txt", "POST", {"Content-Length": "0"}).status == 405


def test_a_link_out_of_the_folder_needs_an_option(served):
    """Send follows all links; Starlette has an option too. Links within the folder are followed."""
    assert ask(served, "/outside.txt").status == 404
    assert ask(served, "/inside.txt").body == b"four"
