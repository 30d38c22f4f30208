"""A save on the disk, seen in a real browser: what changes in the page, and what stays."""

import gzip
import json
import random
import re
import socket
from contextlib import closing, contextmanager

import pytest
from support.browser.cable import Breaking, Cable
from support.browser.tabs import close

in_both = pytest.mark.parametrize("engine", ["chromium", "firefox"])

# What a user has in the page before a save: a value of a script, typed text, a place.
PREPARE = """() => { window.marker = {}; window.kept = window.marker;
  const name = document.querySelector('#name');
  name.focus({ preventScroll: true }); name.value = 'typed';
  window.scrollTo(0, 400); }"""
KEPT = """() => ({ marker: Boolean(window.marker) && window.marker === window.kept,
  typed: document.querySelector('#name').value,
  focus: document.activeElement?.id, scroll: Math.round(scrollY) })"""
ALL_KEPT = {"marker": True, "typed": "typed", "focus": "name", "scroll": 400}
RELOADED = ALL_KEPT | {"marker": False}

SMALL = 12 * 1024  # bytes of ours that a page may cost which nobody edits, compressed
LOADED = "name => performance.getEntriesByType('resource').some(e => e.name.endsWith('/' + name))"
QUIET = "new Promise(done => requestIdleCallback(() => requestIdleCallback(done)))"


def edit(path, old, new):
    text = path.read_text()
    changed = re.sub(old, new, text, count=1)
    assert changed != text
    path.write_text(changed)


def accent(page):
    style = "getComputedStyle(document.documentElement).getPropertyValue('--accent').trim()"
    return page.evaluate(style)


def shows_accent(page, value):
    style = "getComputedStyle(document.documentElement).getPropertyValue('--accent').trim()"
    page.wait_for_function(f"{style} === '{value}'")


def shows(page, selector, text):
    page.wait_for_function(f"document.querySelector('{selector}')?.textContent === '{text}'")


@pytest.fixture
def opened(server, page):
    """The example site, served and open, with a page that the server knows."""
    running = server()
    page.goto(running.url)
    running.wait_for(type="page", event="opened")
    page.evaluate(PREPARE)
    return running


def test_a_page_that_is_only_looked_at_loads_little(server, page):
    """What changes a page in place comes with the first save."""
    loaded = {}
    page.on("response", lambda response: loaded.update({response.url: response.body()}))
    with page.expect_response("**/toast.js"), page.expect_response("**/source/**"):
        page.goto(server().url)
    page.evaluate(QUIET)
    page.wait_for_load_state("networkidle")

    ours = {url: gzip.compress(data) for url, data in loaded.items() if ".js" in url}
    ours = {url: data for url, data in ours.items() if "/__hotreload__/" in url}
    assert any("client.js" in url for url in ours)
    assert sum(map(len, ours.values())) < SMALL


def test_after_the_first_save_a_page_has_what_it_needs_for_the_next(server, page, site):
    page.goto(server().url)
    with page.expect_response("**/css.js"), page.expect_response("**/reload.js"):
        edit(site / "styles" / "colours.css", "--accent: #[0-9a-f]+", "--accent: #123456")
    shows_accent(page, "#123456")

    page.reload()
    for module in ("css.js", "html.js"):
        page.wait_for_function(LOADED, arg=module)


def test_a_page_that_a_person_turns_away_from_gets_ready_for_a_save(server, page):
    page.goto(server().url)
    page.wait_for_function("window.__hotreload__?.version")
    with page.expect_response("**/css.js"), page.expect_response("**/html.js"):
        page.evaluate("dispatchEvent(new FocusEvent('blur'))")


def test_a_page_behind_other_windows_is_ready_for_a_save(server, page):
    # Playwright's pages are all in front.
    page.add_init_script("Document.prototype.hasFocus = () => false")
    with page.expect_response("**/css.js"), page.expect_response("**/html.js"):
        page.goto(server().url)


@in_both
def test_a_page_that_loses_its_encoding_reads_as_the_browser_guesses_now(server, page, site):
    (site / "cafe.html").write_text("<!doctype html>\n<meta charset=utf-8>\n<p id=cafe>\u00e9")
    page.goto(f"{server().url}cafe.html")
    shows(page, "#cafe", "\u00e9")

    edit(site / "cafe.html", "<meta charset=utf-8>\n", "")

    page.wait_for_function("document.characterSet === 'windows-1252'")
    shows(page, "#cafe", "\u00c3\u00a9")


@in_both
def test_an_imported_style_sheet_changes_in_place(opened, page, site):
    edit(site / "styles" / "colours.css", "--accent: #[0-9a-f]+", "--accent: #123456")

    shows_accent(page, "#123456")
    assert page.evaluate(KEPT) == ALL_KEPT
    assert opened.wait_for(type="update")["action"] == "css"


@in_both
def test_a_linked_style_sheet_changes_in_place(opened, page, site):
    sheet = site / "styles" / "site.css"
    sheet.write_text(sheet.read_text() + "\n#headline { outline: 3px solid rgb(1, 2, 3) }\n")

    page.wait_for_function(
        "getComputedStyle(document.querySelector('#headline')).outlineColor === 'rgb(1, 2, 3)'"
    )
    assert page.evaluate(KEPT) == ALL_KEPT


@in_both
def test_a_style_sheet_whose_name_is_in_capitals_changes_in_place(server, page, site):
    (site / "STYLE.CSS").write_text("#headline { outline: 3px solid red }")
    edit(site / "index.html", "</head>", "<link rel=stylesheet href=STYLE.CSS></head>")
    running = server()
    page.goto(running.url)
    running.wait_for(type="page", event="opened")
    page.evaluate(PREPARE)

    edit(site / "STYLE.CSS", "red", "rgb(1, 2, 3)")

    page.wait_for_function(
        "getComputedStyle(document.querySelector('#headline')).outlineColor === 'rgb(1, 2, 3)'"
    )
    assert page.evaluate(KEPT) == ALL_KEPT


@in_both
def test_an_image_changes_in_place(opened, page, site):
    image = site / "images" / "hill.svg"
    edit(image, r'viewBox="[^"]*"', 'viewBox="0 0 10 10"')

    applied = opened.wait_for(type="applied", action="image")

    assert page.evaluate(KEPT) == ALL_KEPT
    assert applied["ms"] < 1000


@in_both
def test_a_sentence_changes_and_nothing_that_was_in_the_page_is_lost(opened, page, site):
    edit(site / "index.html", "Change me and save.", "It changed.")

    shows(page, "#headline", "It changed.")
    assert page.evaluate(KEPT) == ALL_KEPT
    assert opened.wait_for(type="update")["action"] == "html"


@in_both
def test_a_script_that_changed_reloads_the_page_where_it_was(opened, page, site):
    script = site / "scripts" / "greeting.js"
    script.write_text(script.read_text() + "\nwindow.changed = true;\n")

    page.wait_for_function("window.changed === true")
    page.wait_for_function(f"JSON.stringify(({KEPT})()) === JSON.stringify({json.dumps(RELOADED)})")


def test_full_reload_never_updates_in_place(server, page, site):
    running = server(site, "--full-reload")
    page.goto(running.url)
    running.wait_for(type="page", event="opened")
    page.evaluate(PREPARE)
    edit(site / "styles" / "colours.css", "--accent: #[0-9a-f]+", "--accent: #123456")

    page.wait_for_function("!window.marker")
    shows_accent(page, "#123456")


def test_a_file_that_the_page_does_not_use_leaves_it_alone(opened, page, site):
    edit(site / "notes.txt", r"\w+", "other")
    update = opened.wait_for(type="update")

    assert (update["files"], update["pages"], update["unused"]) == (["notes.txt"], 0, 1)
    assert page.evaluate(KEPT) == ALL_KEPT


def test_the_same_bytes_again_are_no_change(opened, page, site):
    sheet = site / "styles" / "site.css"
    sheet.write_bytes(sheet.read_bytes())
    edit(site / "notes.txt", r"\w+", "after")

    assert opened.wait_for(type="update")["files"] == ["notes.txt"]


def test_only_the_pages_that_use_a_file_act(opened, page, site, browser):
    other = browser.new_context().new_page()
    other.goto(opened.url + "promises.html")
    opened.wait_for(type="page", event="opened")
    edit(site / "index.html", "Change me and save.", "Only here.")

    update = opened.wait_for(type="update")

    assert (update["pages"], update["unused"], update["action"]) == (1, 1, "html")
    close(other.context)


def test_a_hundred_random_edits_are_all_shown(opened, page, site):
    """The page shows each save before the next is made; none is missed, whatever the order."""
    chance = random.Random(1)
    greeting = (site / "scripts" / "greeting.js").read_text()
    for number in range(100):
        match chance.choice(["css", "css", "html", "html", "js", "image"]):
            case "css":
                edit(
                    site / "styles" / "colours.css",
                    "--accent: #[0-9a-f]+",
                    f"--accent: #{number:06}",
                )
                shows_accent(page, f"#{number:06}")
            case "html":
                edit(site / "index.html", '(id="headline">)[^<]*', rf"\g<1>edit {number}")
                shows(page, "#headline", f"edit {number}")
            case "js":
                (site / "scripts" / "greeting.js").write_text(
                    f"{greeting}\nwindow.number = {number};\n"
                )
                page.wait_for_function(f"window.number === {number}")
                page.wait_for_load_state()
            case "image":
                edit(
                    site / "images" / "hill.svg",
                    "<svg( data-n=.[0-9]*.)?",
                    f'<svg data-n="{number}"',
                )
                opened.wait_for(type="applied", action="image")
    assert not [line for line in opened.lines if line.get("action") == "failed"]


@in_both
def test_a_missing_page_appears_when_its_file_does(server, page, site):
    running = server()
    page.goto(running.url + "new.html")
    running.wait_for(type="page", event="opened")
    (site / "new.html").write_text("<!doctype html><title>new</title><h1>here now</h1>")

    running.wait_for(type="page", event="opened")  # nothing is evaluated in the page of the 404
    shows(page, "h1", "here now")


@in_both
def test_an_edit_while_the_server_is_restarted_is_shown(server, page, site):
    first = server()
    page.goto(first.url)
    first.wait_for(type="page", event="opened")
    page.evaluate(PREPARE)
    first.kill()
    edit(site / "styles" / "colours.css", "--accent: #[0-9a-f]+", "--accent: #abcdef")
    edit(site / "index.html", "Change me and save.", "While it was away.")

    server(site, port=first.port)

    shows_accent(page, "#abcdef")
    shows(page, "#headline", "While it was away.")


@in_both
def test_a_restart_without_an_edit_leaves_the_page_as_it_was(server, page, site):
    first = server()
    page.goto(first.url)
    first.wait_for(type="page", event="opened")
    page.evaluate(PREPARE)
    page.wait_for_load_state("networkidle")
    first.kill()

    second = server(site, port=first.port)
    second.wait_for(type="page", event="opened")
    edit(site / "index.html", "Change me and save.", "Later.")

    shows(page, "#headline", "Later.")
    assert page.evaluate(KEPT) == ALL_KEPT


@in_both
def test_edits_while_the_connection_was_down_are_all_shown(server, page, site):
    """The page is cut off for three edits; it catches up by itself when the network is back."""
    running = server()
    with closing(Cable(running.port)) as cable:
        page.goto(f"http://127.0.0.1:{cable.port}/")
        running.wait_for(type="page", event="opened")
        page.evaluate(PREPARE)
        page.wait_for_load_state("networkidle")  # Firefox never loads a module that was cut off
        cable.cut()
        running.wait_for(type="page", event="closed")
        for number in (1, 2, 3):
            edit(
                site / "styles" / "colours.css", "--accent: #[0-9a-f]+", f"--accent: #00000{number}"
            )
            edit(site / "index.html", '(id="headline">)[^<]*', rf"\g<1>edit {number}")
            running.wait_for(type="update")
        cable.mend()

        shows(page, "#headline", "edit 3")
        shows_accent(page, "#000003")
        assert page.evaluate(KEPT) == ALL_KEPT


@contextmanager
def picture_lost(running, page, site):
    """A network that broke when a picture was asked for that an update had brought."""
    (site / "late.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="7" height="7"/>')
    with closing(Breaking(running.port, "/late.svg")) as cable:
        page.goto(f"http://127.0.0.1:{cable.port}/")
        running.wait_for(type="page", event="opened")
        edit(site / "index.html", "</body>", "<img id=late src=late.svg></body>")
        page.wait_for_function("document.querySelector('#late')?.complete")
        yield cable


def test_a_picture_that_the_network_lost_is_shown_when_it_is_back(server, page, site):
    """The update was taken, but the request for its picture got no answer."""
    with picture_lost(server(), page, site) as cable:
        cable.mend()

        page.wait_for_function("document.querySelector('#late').naturalWidth === 7")


def test_a_picture_that_the_network_lost_is_shown_also_when_more_was_missed(server, page, site):
    """The page asks for what it has missed, and what it has lost, before either is answered."""
    running = server()
    with picture_lost(running, page, site) as cable:
        edit(site / "styles" / "colours.css", "--accent: #[0-9a-f]+", "--accent: #abcdef")
        running.wait_for(type="update")
        cable.mend()

        shows_accent(page, "#abcdef")
        page.wait_for_function("document.querySelector('#late').naturalWidth === 7")


def test_a_picture_whose_new_version_the_network_lost_is_shown_when_it_is_back(server, page, site):
    """It stands at the new version's address already, where nothing came."""
    picture = '<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{0}"/>'
    (site / "late.svg").write_text(picture.format(7))
    edit(site / "index.html", "</body>", "<img id=late src=late.svg></body>")
    running = server()
    with closing(Cable(running.port)) as cable:
        page.goto(f"http://127.0.0.1:{cable.port}/")
        running.wait_for(type="page", event="opened")
        page.evaluate("window.kept = true")
        page.route("**/late.svg*", lambda route: route.abort("internetdisconnected"))
        (site / "late.svg").write_text(picture.format(8))
        page.wait_for_function("document.querySelector('#late').naturalWidth === 0")
        running.wait_for(type="applied", action="image")
        page.unroute("**/late.svg*")

        cable.cut()
        cable.mend()

        page.wait_for_function("document.querySelector('#late').naturalWidth === 8")
        assert page.evaluate("window.kept")


def test_an_edit_between_the_response_and_the_socket_is_shown(server, page, site):
    """The client's modules are held back until the edit was made and pushed to nobody."""
    running = server()
    held = []

    def hold(route):
        held.append(route)

    page.route(re.compile(r"/client\.js"), hold)
    with page.expect_request(re.compile(r"/client\.js")):
        page.goto(running.url, wait_until="commit")
    edit(site / "index.html", "Change me and save.", "In between.")
    running.wait_for(type="update")
    while not held:  # the request was seen: its route is on its way
        page.wait_for_timeout(1)
    held[0].continue_()

    shows(page, "#headline", "In between.")


def test_a_page_that_was_saved_with_the_tag_of_another_release_is_kept_current(server, page, site):
    old = "/__hotreload__/0123456789abcdef/client.js?0123abcd-4-0123456789abcdef/index.html"
    edit(site / "index.html", "<head>", f'<head><script type="module" src="{old}"></script>')
    running = server()
    page.goto(running.url)
    running.wait_for(type="page", event="opened")
    assert old not in page.content()

    edit(site / "index.html", '(id="headline">)[^<]*', r"\g<1>Kept current.")

    shows(page, "#headline", "Kept current.")
    assert page.evaluate("performance.getEntriesByType('navigation')[0].type") == "navigate"


def test_a_change_of_a_place_that_is_only_watched_reloads_every_page(server, page, site, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "posts.yml").write_text("a: 1")
    running = server(site, "--watch", str(data))
    page.goto(running.url)
    running.wait_for(type="page", event="opened")
    page.evaluate(PREPARE)

    (data / "posts.yml").write_text("a: 2")

    page.wait_for_function("!window.marker")


def test_the_page_is_not_in_a_hurry_to_be_reloaded_by_another_site(opened, page):
    """Nothing is served to a page whose host name only points here."""
    with socket.create_connection(("127.0.0.1", opened.port)) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: rebound.example\r\n\r\n")
        assert raw.recv(4096).startswith(b"HTTP/1.1 403 ")


@pytest.mark.page_errors
def test_an_error_that_nobody_caught_in_the_page_is_told_to_the_server(opened, page):
    page.evaluate("() => void setTimeout(() => { throw new Error('broken here') })")

    told = opened.wait_for(type="log", level="error")

    assert "broken here" in told["text"]


@pytest.mark.page_errors
def test_an_error_before_the_client_has_come_is_told_to_the_server(server, page):
    """All of the client but its first modules is held back."""
    held = []

    def hold(route):
        held.append(route)

    page.route(re.compile(r"/page\.js"), hold)
    running = server()
    page.goto(running.url)
    page.wait_for_function("!document.querySelector('script[src*=client]')")

    page.evaluate("() => void setTimeout(() => { throw new Error('too early') })")
    while not held:
        page.wait_for_timeout(1)
    held[0].continue_()

    assert "too early" in running.wait_for(type="log", level="error")["text"]
