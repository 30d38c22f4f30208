"""What a URL stands for where more than one file could be meant, or none is there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.process.http_client import DOCUMENT, TAG, ask

from hotreload.static.site.suggestions import ALIKE, MOST, suggestions

PAGE = {"Accept": "text/html,*/*;q=0.8", "Sec-Fetch-Dest": "document"}


@pytest.fixture
def make(tmp_path, server):
    """Serves a site of these files, each with its own path as its content."""

    def start(*paths, options=()):
        root = tmp_path / "made"
        for path in paths:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(path)
        running = server(root, *options)
        running.root = root
        return running

    return start


def got(server, path, headers=PAGE):
    """What there is at a path: the content without our tag, or where it sends to, or the status."""
    answer = ask(server, path, headers=headers)
    if answer.status == 307:
        return "> " + answer["Location"]
    return TAG.sub(b"", answer.body).decode() if answer.status == 200 else answer.status


# ---- clean names ----

TABLE = [
    (["about.html"], "about.html", "> /about", "about.html"),
    (["about/index.html"], "> /about/", "about/index.html", 404),
    (["about.html", "about/index.html"], "about.html", "about/index.html", "about.html"),
    (["about", "about.html"], "about", "> /about", "about.html"),
    (["about"], "about", 404, 404),
    (["about.css"], 404, 404, 404),
]


@pytest.mark.parametrize(("files", "bare", "folder", "full"), TABLE, ids=str)
def test_a_page_has_a_clean_name(make, files, bare, folder, full):
    running = make(*files)

    assert [got(running, f"/about{end}") for end in ("", "/", ".html")] == [bare, folder, full]


def test_a_page_beside_a_folder_without_an_index_leaves_the_folder_its_list(make):
    running = make("guide.html", "guide/one.html")

    assert got(running, "/guide") == "guide.html"
    assert "one.html" in got(running, "/guide/")


def test_a_clean_name_keeps_the_query_and_is_written_in_one_way(make):
    running = make("a/caf\u00e9 b.html")

    assert got(running, "/a/caf%C3%A9%20b?x=1") == "a/caf\u00e9 b.html"
    assert got(running, "/a/caf%C3%A9%20b/?x=1") == "> /a/caf%C3%A9%20b?x=1"
    assert got(running, "/a//caf%C3%A9%20b?x=1") == "> /a/caf%C3%A9%20b?x=1"


def test_a_page_at_its_clean_name_changes_in_place(make, page):
    running = make("about.html")
    (running.root / "about.html").write_text("<!doctype html><h1>old</h1><p>rest")
    page.goto(running.url + "about")
    running.wait_for(type="page", event="opened")
    (running.root / "about.html").write_text("<!doctype html><h1>new</h1><p>rest")

    assert running.wait_for(type="applied")["action"] == "html"


@pytest.mark.parametrize("path", ["/.env", "/.git/config", "/key.pem", "/link"])
def test_what_is_denied_has_no_clean_name_either(make, path):
    running = make("index.html", ".env.html", ".git/config.html", "key.pem")
    (running.root / "link.html").symlink_to("key.pem")

    assert got(running, path) == 404


# ---- an app that routes by itself ----


@pytest.mark.parametrize("path", ["/", "/user/7", "/user/7/", "/no.js", "/%F0", "/.env", "/dir/"])
def test_a_navigation_that_finds_nothing_shows_the_app(make, path):
    running = make("index.html", "dir/file.txt", options=["--spa"])

    assert got(running, path) == "index.html"


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "*/*"},
        {"Accept": "*/*", "Sec-Fetch-Dest": "script"},
        {"Accept": "text/html", "Sec-Fetch-Dest": "empty"},
        {"Accept": "image/avif,*/*", "Sec-Fetch-Dest": "image"},
        {},
    ],
    ids=str,
)
def test_anything_but_a_navigation_finds_nothing(make, headers):
    running = make("index.html", options=["--spa"])

    assert got(running, "/missing", headers) == 404


def test_the_app_may_be_another_page_and_files_come_first(make):
    running = make("index.html", "app/main.html", "user/7", options=["--spa", "app/main.html"])

    assert got(running, "/deep/down") == "app/main.html"
    assert got(running, "/user/7") == "user/7"
    assert got(running, "/") == "index.html"


def test_without_the_page_of_the_app_there_is_a_404(make):
    running = make("other.html", options=["--spa"])

    assert got(running, "/deep/down") == 404


def test_the_app_changes_in_place_at_every_address(make, page):
    running = make("index.html", options=["--spa"])
    (running.root / "index.html").write_text("<!doctype html><h1>old</h1><p>rest")
    page.goto(running.url + "deep/down")
    running.wait_for(type="page", event="opened")
    (running.root / "index.html").write_text("<!doctype html><h1>new</h1><p>rest")

    assert running.wait_for(type="applied")["action"] == "html"


# ---- several folders ----


def test_a_folder_is_mounted_below_a_path_and_hides_what_was_there(make, tmp_path):
    other = tmp_path / "other folder"
    (other / "deep").mkdir(parents=True)
    (other / "a.txt").write_text("mounted")
    (other / "deep" / "index.html").write_text("deep")
    running = make("a.txt", "docs/a.txt", "docs/b.txt", options=["--mount", f"/docs={other}"])

    assert got(running, "/a.txt") == "a.txt"
    assert got(running, "/docs/a.txt") == "mounted"
    assert got(running, "/docs/b.txt") == 404
    assert got(running, "/docs/deep") == "> /docs/deep/"
    assert got(running, "/docs/deep/") == "deep"
    assert got(running, "/docs") == "> /docs/"


def test_mounted_folders_are_listed(make, tmp_path):
    (tmp_path / "x").mkdir()
    running = make("a.txt", options=[
        "--mount", f"/files={tmp_path / 'x'}", "--mount", f"/files/deep={tmp_path / 'made'}",
    ])  # fmt: skip

    assert ">files</bdi>/" in got(running, "/")
    assert ">deep</bdi>/" in got(running, "/files/")
    assert "a.txt" in got(running, "/files/deep/")


def test_a_mounted_folder_is_watched(make, tmp_path, page):
    other = tmp_path / "other"
    other.mkdir()
    (other / "style.css").write_text("h1 { color: rgb(1, 1, 1) }")
    running = make("index.html", options=["--mount", f"/shared={other}"])
    (running.root / "index.html").write_text(
        "<!doctype html><link rel=stylesheet href=/shared/style.css><h1>x"
    )
    running.wait_for(type="change", url="/index.html")
    page.goto(running.url)
    running.wait_for(type="page", event="opened")
    (other / "style.css").write_text("h1 { color: rgb(2, 2, 2) }")

    assert running.wait_for(type="applied")["action"] == "css"
    assert running.wait_for(type="update")["pages"] == 1


# ---- nothing found ----


def offered(server, path):
    body = TAG.sub(b"", ask(server, path, headers=DOCUMENT).body).decode()
    return [part.partition('"')[0] for part in body.split('<li><a href="')[1:]]


def test_a_page_that_is_not_there_names_what_may_have_been_meant(make):
    running = make("index.html", "about.html", "styles/site.css", "styles/x/deep.css", "Read Me.md")

    assert offered(running, "/abuot.html") == ["/about.html"]
    assert offered(running, "/abuot") == ["/about.html"]
    assert offered(running, "/style") == ["/styles/"]
    assert offered(running, "/stlyes/site.css") == ["/styles/site.css"]
    assert offered(running, "/styles/stie.css") == ["/styles/site.css"]
    assert offered(running, "/stlyes/y/zzz") == ["/styles/"]
    assert offered(running, "/about.html/more") == []
    assert offered(running, "/read_me.md") == ["/Read%20Me.md"]
    assert offered(running, "/quite-another-thing") == []
    assert b'in <a href="/styles/">' in ask(running, "/styles/no/no", headers=DOCUMENT).body


def test_names_that_are_denied_are_never_offered(make):
    with_secrets = make("index.html", ".env", "server.key", ".git/config", "keys/id_rsa")

    def seen(path):
        answer = ask(with_secrets, path, headers=DOCUMENT)
        return answer.status, TAG.sub(b"", answer.body), sorted(answer.headers.items())

    before = [seen(path) for path in ("/.env", "/server.key", "/.git/config", "/keys/id_rsa")]
    for name in (".env", "server.key", ".git/config", "keys/id_rsa"):
        (with_secrets.root / name).unlink()
    after = [seen(path) for path in ("/.env", "/server.key", "/.git/config", "/keys/id_rsa")]

    assert [each[:2] for each in before] == [each[:2] for each in after]
    assert b"<li>" not in before[0][1]


@pytest.mark.parametrize(
    ("asked", "comes"),
    [
        ("late", "late.html"),
        ("late/", "late.html"),
        ("late/", "late/index.html"),
        ("late", "late/index.html"),
        ("late/page/", "late/page.html"),
    ],
)
def test_a_page_that_is_not_there_heals_when_the_file_comes(make, page, asked, comes):
    running = make("index.html")
    page.goto(running.url + asked)
    running.wait_for(type="page", event="opened")
    (running.root / comes).parent.mkdir(exist_ok=True)
    (running.root / comes).write_text("<h1>here</h1>")

    page.get_by_role("heading", name="here").wait_for()


@pytest.mark.parametrize("path", ["/%3Cscript%3Ealert(1)%3C/script%3E", "/%0d%0aX:y", "/%F0%9F"])
def test_a_path_is_shown_as_text(make, path):
    answer = ask(make("index.html"), path, headers=DOCUMENT)

    assert answer.status == 404
    assert b"<script>alert" not in answer.body
    assert answer["X"] is None


# ---- near names ----


@pytest.mark.parametrize(
    ("asked", "names", "expected"),
    [
        ("INDEX.HTM", ["index.html", "other.html"], ["index.html"]),
        ("index", ["index.html"], ["index.html"]),
        ("index.html", ["index"], ["index"]),
        ("my_page.html", ["my-page.html", "your-page.html"], ["my-page.html", "your-page.html"]),
        ("xyz", ["abc"], []),
        ("x", [], []),
    ],
)
def test_what_is_mistyped_is_near(asked, names, expected):
    assert suggestions(asked, names) == expected


@given(st.text(max_size=30), st.lists(st.text(max_size=30), unique=True, max_size=20))
def test_near_names_are_few_and_of_those_there_are(asked, names):
    found = suggestions(asked, names)

    assert len(found) <= MOST
    assert set(found) <= set(names)
    assert asked not in names or asked in found or len(found) == MOST


@given(st.text("abcdefgh", min_size=8, max_size=20), st.data())
def test_one_letter_left_out_is_near(name, data):
    place = data.draw(st.integers(0, len(name) - 1))

    assert ALIKE < 1
    assert suggestions(name[:place] + name[place + 1 :], [name]) == [name]
