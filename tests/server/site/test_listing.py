"""A folder without an index page is a page that lists it: safe, sorted, complete, and current."""

import os
import shutil
from datetime import UTC
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import expect
from support.process.http_client import DOCUMENT, TAG, ask

from hotreload.static.pages import directory_listing
from hotreload.static.pages.directory_listing import PAGE, View, arrange
from hotreload.static.pages.listing_history import MOST, ListingHistory
from hotreload.static.site.mount import Entry

NAMES = st.text(
    st.characters(exclude_characters="/\\\0", exclude_categories=("Cs",)), min_size=1, max_size=40
).filter(lambda name: name not in (".", ".."))
ENTRIES = st.builds(
    Entry,
    name=NAMES,
    directory=st.booleans(),
    size=st.integers(0, 10**15),
    modified=st.floats(-(10**12), 10**18),
)
VIEWS = st.builds(
    View,
    st.sampled_from(directory_listing.SORTS),
    descending=st.booleans(),
    page=st.integers(1, 20),
)


class Read(HTMLParser):
    """What a browser makes of a listing."""

    def __init__(self, page):
        super().__init__()
        self.rows, self.links, self.elements, self.text = [], [], [], []
        self._link = None
        self.feed(page.decode())

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag == "a":
            self._link = [dict(attrs)["href"], ""]

    def handle_endtag(self, tag):
        if tag == "a":
            self.links.append(tuple(self._link))
            self._link = None

    def handle_data(self, data):
        self.text.append(data)
        if self._link:
            self._link[1] += data


def names(page):
    """The names of the rows, in order; folders with their slash."""
    return [text for href, text in Read(page).links if href.startswith("./")]


def entry(name, size=1, modified=0.0):
    return Entry(name.rstrip("/"), name.endswith("/"), size, modified)


# ---- the page ----


@given(st.lists(NAMES, max_size=3), st.lists(ENTRIES, max_size=8), VIEWS)
def test_whatever_the_names_are_the_page_has_only_our_elements(segments, entries, view):
    read = Read(directory_listing.page(segments, entries, view, UTC))

    ours = {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "h1",
        "a",
        "bdi",
        "i",
        "span",
        "table",
    }
    ours |= {"thead", "tbody", "tr", "th", "td", "svg", "path", "img", "footer", "time"}
    assert {tag for tag, _ in read.elements} <= ours
    assert not [key for _, attrs in read.elements for key in attrs if key.startswith("on")]


@given(st.lists(NAMES, max_size=3), ENTRIES)
def test_each_link_leads_to_the_name_that_it_shows(segments, one):
    here = "http://host/" + "".join("folder/" for _ in segments)
    href = next(
        href
        for href, _ in Read(directory_listing.page(segments, [one], View(), UTC)).links
        if href.startswith("./")
    )

    link = urlsplit(here + href.removeprefix("./"))  # urljoin takes a bare semicolon for nothing
    path = here[len("http://host") :] + one.name + ("/" if one.directory else "")
    assert (link.scheme, link.netloc, link.query, link.fragment) == ("http", "host", "", "")
    assert unquote_to_bytes(link.path) == path.encode()


@given(VIEWS)
def test_a_view_is_what_its_own_query_says(view):
    assert View.of(view.query().removeprefix("?").encode()) == view


@given(st.binary())
def test_any_query_is_some_view(query):
    assert View.of(query).page >= 1


def test_a_query_that_says_nothing_right_is_the_usual_view():
    assert View.of(b"sort=colour&order=up&page=-3") == View.of(b"page=%C2%B2") == View()


@given(st.lists(ENTRIES), VIEWS)
def test_folders_come_first_and_nothing_is_lost(entries, view):
    ordered = arrange(entries, view)

    assert sorted(map(repr, ordered)) == sorted(map(repr, entries))
    kinds = [one.directory for one in ordered]
    assert kinds == sorted(kinds, reverse=True)


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (View(), "Z/ a2 A10 b"),
        (View("name", descending=True), "Z/ b A10 a2"),
        (View("size"), "Z/ b a2 A10"),
        (View("size", descending=True), "Z/ A10 a2 b"),
        (View("date"), "Z/ A10 a2 b"),
        (View("date", descending=True), "Z/ b a2 A10"),
    ],
)
def test_numbers_count_by_their_value_and_case_does_not(view, expected):
    entries = [entry("b", 1, 9), entry("A10", 3, 7), entry("Z/"), entry("a2", 2, 8)]

    assert names(directory_listing.page([], entries, view)) == expected.split()


def test_the_column_that_sorts_says_so_and_turns_around():
    page = Read(directory_listing.page([], [], View("size", descending=True)))

    headings = [attrs for tag, attrs in page.elements if tag == "th"]
    assert [attrs.get("aria-sort") for attrs in headings] == [None, "descending", None]
    assert page.links[:3] == [
        ("?", "Name"),
        ("?sort=size", "Size ↓"),
        ("?sort=date&order=desc", "Modified"),
    ]


def test_a_large_folder_comes_in_pages():
    entries = [entry(f"{number}.txt") for number in range(2 * PAGE + 1)]

    first = directory_listing.page([], entries, View())
    last = directory_listing.page([], entries, View(page=99))

    assert len(names(first)) == PAGE
    assert names(last) == [f"{2 * PAGE}.txt"]
    assert ("?page=2", "Next") in Read(first).links
    assert ("?page=2", "Previous") in Read(last).links


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (9_949, "9.9 kB"), (12_345, "12 kB"),
     (999_600, "1.0 MB"), (5 * 10**9, "5.0 GB"), (7 * 10**15, "7000 TB")],
)  # fmt: skip
def test_sizes_are_short(size, shown):
    assert shown in Read(directory_listing.page([], [entry("a", size)], View())).text


def test_what_there_is_is_summed_up():
    def said(*entries):
        text = Read(directory_listing.page([], entries, View())).text
        return [each for each in text if each.strip()][-1]

    assert said(entry("a/", 0), entry("b", 10), entry("c", 5)) == "1 folder, 2 files, 15 B"
    assert said(entry("a/"), entry("b/")) == "2 folders"
    assert said().startswith("This folder is empty.")


def test_small_pictures_are_shown_and_large_ones_are_not():
    entries = [
        entry("a.png"),
        entry("b.png", directory_listing.MAX_PREVIEW + 1),
        entry("c.txt"),
        entry("d/"),
    ]
    page = Read(directory_listing.page([], entries, View()))

    assert [attrs["src"] for tag, attrs in page.elements if tag == "img"] == ["./a.png"]


def test_the_trail_leads_up_folder_by_folder():
    page = Read(directory_listing.page(["a", "b", "c"], [], View()))

    assert page.links[:3] == [("../../../", "/"), ("../../", "a"), ("../", "b")]


# ---- as it is served ----


@pytest.fixture
def listed(tmp_path, server):
    """A server of a site without an index page, and its folder."""
    root = tmp_path / "listed"
    root.mkdir()
    (root / "a.txt").write_bytes(b"text")
    running = server(root)
    running.root = root
    return running


def rows(server, path="/"):
    answer = ask(server, path, headers=DOCUMENT)
    assert answer.status == 200, path
    return names(TAG.sub(b"", answer.body))


ODD = [
    b"a space", b"a#b", b"a?b", b"a%41b", b"a+b", b"a'b\"c", b"a&amp;b", b"<img src=x onerror=x>",
    b"-dash", b"a:b", b"javascript:alert(1)", b"trailing.", b"trailing ", b"new\nline", b"tab\t",
    "\N{GRINNING FACE}".encode(), "caf\u00e9".encode(), "cafe\u0301s".encode(), b"latin\xe9",
    "\u202egnp.txt".encode(), b"[a]", b"a|b", b"~a", b"a;b=c", b"~",
]  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="Windows has few of these names")
def test_links_lead_to_the_file_whatever_its_name_is(listed):
    folder = os.fsencode(listed.root) + b"/odd"
    os.mkdir(folder)
    for name in ODD:
        with open(folder + b"/" + name, "xb") as file:
            file.write(b"content of " + name)

    page = ask(listed, "/odd/", headers=DOCUMENT)
    links = [href for href, _ in Read(TAG.sub(b"", page.body)).links if href.startswith("./")]
    contents = [ask(listed, urljoin("/odd/", href)).body for href in links]

    assert sorted(contents) == sorted(b"content of " + name for name in ODD)


def test_what_is_not_served_is_not_listed(listed):
    outside = listed.root.parent / "outside"
    outside.mkdir()
    (outside / "private.txt").write_text("private")
    for name in (".env", "key.pem", ".git/config", "id_rsa"):
        path = listed.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("secret")
    (listed.root / "link.txt").symlink_to(outside / "private.txt")
    (listed.root / "folder").symlink_to(outside)
    (listed.root / "broken").symlink_to("nothing")
    (listed.root / "inside.txt").symlink_to("a.txt")
    os.mkfifo(listed.root / "pipe")
    (listed.root / "back\\slash").write_text("no URL")

    assert rows(listed) == ["a.txt", "inside.txt"]


def test_a_page_of_a_script_that_fetches_it_has_no_tag(listed):
    assert not TAG.search(ask(listed, headers={"Sec-Fetch-Dest": "empty"}).body)


def test_a_listing_may_run_our_client_and_nothing_else(listed):
    policy = ask(listed)["Content-Security-Policy"].split("; ")

    assert {"default-src 'none'", "script-src 'self'", "frame-ancestors 'self'"} <= set(policy)


def test_head_of_a_listing_has_no_body(listed):
    head = ask(listed, method="HEAD")

    assert head.body == b""
    assert head["Content-Length"] == str(len(ask(listed).body))


def test_a_folder_with_an_index_page_is_not_listed(listed):
    (listed.root / "index.html").write_bytes(b"<p>index")

    assert TAG.sub(b"", ask(listed, headers=DOCUMENT).body) == b"<p>index"


def test_listings_can_be_switched_off(server, listed):
    running = server(listed.root, "--no-listing")

    assert ask(running, headers=DOCUMENT).status == 404
    assert b"See what there is" not in ask(running, headers=DOCUMENT).body


def test_an_open_listing_follows_the_folder(listed, page):
    page.goto(listed.url)
    listed.wait_for(type="page", event="opened")
    (listed.root / "new.txt").write_text("new")

    expect(page.get_by_text("new.txt")).to_be_visible()

    (listed.root / "new.txt").unlink()
    expect(page.get_by_text("new.txt")).to_have_count(0)

    (listed.root / "index.html").write_text("<h1>the index")
    expect(page.get_by_role("heading")).to_have_text("the index")


def test_an_open_listing_shows_folders_that_come_and_go(listed, page):
    page.goto(listed.url)
    listed.wait_for(type="page", event="opened")
    (listed.root / "new" / "deep").mkdir(parents=True)
    (listed.root / "new" / "deep" / "file.txt").write_text("new")

    expect(page.get_by_text("new/")).to_be_visible()

    listed.wait_for(type="page", event="opened")
    shutil.rmtree(listed.root / "new")
    expect(page.get_by_text("new/")).to_have_count(0)


def test_an_open_listing_is_left_alone_by_what_happens_further_down(listed, page):
    (listed.root / "old").mkdir()
    (listed.root / "old" / "one.txt").write_text("one")
    page.goto(listed.url)
    listed.wait_for(type="page", event="opened")
    (listed.root / "old" / "two.txt").write_text("two")
    assert listed.wait_for(type="update", files=["old/two.txt"])["action"] == "unused"
    (listed.root / "old" / "two.txt").unlink()
    assert listed.wait_for(type="update", files=["old/two.txt"])["action"] == "unused"


def test_lists_that_were_sent_are_known_and_the_oldest_forgotten():
    lists = ListingHistory()
    lists.note("/", ["/a", "/b.txt"])
    lists.note("/a/", ["/a/x"])

    assert (lists.lacking("/a/y/z.txt"), lists.having("/a/y/z.txt")) == (["/a/y"], ["/a"])
    assert (lists.lacking("/new.txt"), lists.having("/new.txt")) == ([], [])
    assert lists.lacking("/c/d/e") == ["/c"]
    for number in range(MOST):
        lists.note(f"/{number}/", [])
    assert lists.lacking("/c/d/e") == []


def test_a_listing_is_read_sorted_and_opened_with_the_keyboard_and_without_scripts(listed, browser):
    (listed.root / "b").mkdir()
    (Path(listed.root) / "b" / "inner.txt").write_text("inner")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(listed.url)
    page.keyboard.press("Tab")  # Name
    page.keyboard.press("Tab")  # Size
    page.keyboard.press("Enter")
    page.wait_for_url("**/?sort=size&order=desc")
    for _ in range(4):  # three headings, then the first row
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/b/")

    expect(page.get_by_text("inner.txt")).to_be_visible()
    context.close()


@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_listing_fits_the_window_and_its_text_is_readable(listed, browser, width, scheme):
    (listed.root / ("a-very-long-name-" * 12 + ".txt")).write_text("long")
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    page.goto(listed.url)

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    text = page.evaluate("getComputedStyle(document.body).color")
    assert (text == "rgb(255, 255, 255)") == dark == (scheme == "dark")
    context.close()
