"""A site's `_redirects`: each line does here what it does where the site is published."""

import re
import time
from urllib.parse import quote, urljoin, urlsplit

import pytest
from conftest import Server
from hypothesis import given
from hypothesis import strategies as st
from support.process.http_client import DOCUMENT, TAG, ask

from hotreload.files.globs import Globs
from hotreload.http.url_path import Target, parse
from hotreload.static.rules import redirects
from hotreload.static.rules.redirects import (
    REDIRECTS,
    InvalidRule,
    Outcome,
    RedirectTable,
    globs,
    path_of,
    pattern,
)

NAME = st.text(st.characters(exclude_characters="/\\\0", exclude_categories=("Cs",)), min_size=1)
NAME = NAME.filter(lambda name: name not in (".", ".."))


def go(lines, path, *, exists=False):
    """The status and the location for a path; None when no rule is for it."""
    found, remarks = redirects.redirects(lines)
    assert remarks == []
    target = parse(path.encode())
    assert isinstance(target, Target)
    outcome = RedirectTable(found).first(target.segments, target.query.decode(), exists=exists)
    return outcome and (outcome.status, outcome.location)


@pytest.mark.parametrize(
    ("line", "path", "expected"),
    [
        ("/old /new", "/old", (301, "/new")),
        ("/old /new", "/old/", (301, "/new")),
        ("/old/ /new", "/old", (301, "/new")),
        ("/old /new", "/older", None),
        ("/old /new", "/", None),
        ("/ /home 302", "/", (302, "/home")),
        ("/old /new # why", "/old", (301, "/new")),
        ("\t/old\t/new\t308", "/old", (308, "/new")),
        ("/old /new", "/old?a=1&b", (301, "/new?a=1&b")),
        ("/old /new?x=y", "/old?a=1", (301, "/new?x=y")),
        ("/old /new#part", "/old?a=1", (301, "/new?a=1#part")),
        ("/old https://example.com/new 302", "/old", (302, "https://example.com/new")),
        ("/old https://example.com 302", "/old", (302, "https://example.com/")),
        ("/news/* /blog/:splat", "/news/a/b", (301, "/blog/a/b")),
        ("/news/* /blog/:splat", "/news/", (301, "/blog/")),
        ("/news/* /blog/:splat", "/news", (301, "/blog/")),
        ("/news/* /blog/:splat", "/newspaper", None),
        ("/* /index.html 200", "/a/b/c", (200, "/index.html")),
        ("/* /index.html 200", "/", (200, "/index.html")),
        ("/a/:year/:slug /:slug/:year", "/a/1/x", (301, "/x/1")),
        ("/a/:year/:slug /:slug/:year", "/a/1", None),
        ("/a/:year/:slug /:slug/:year", "/a/1/x/y", None),
        ("/a/:x /b/:other", "/a/1", (301, "/b/:other")),
        ("/a/:x /b?q=:x", "/a/1%2526%26", (301, "/b?q=1%2526%26")),
        ("/shop id=:id /item/:id", "/shop?id=7", (301, "/item/7")),
        ("/shop id=:id /item/:id", "/shop", None),
        ("/shop id=7 /item", "/shop?id=7", (301, "/item")),
        ("/shop id=7 /item", "/shop?id=8", None),
        ("/shop a=:a b=:b /:b/:a 302", "/shop?b=2&a=1", (302, "/2/1")),
        ("/caf\u00e9 /\u00fcber", "/caf%C3%A9", (301, "/%C3%BCber")),
        ("/caf%C3%A9 /x", "/caf%C3%A9", (301, "/x")),
        ("/a%20b /x", "/a%20b", (301, "/x")),
        ("/a%2Ab /x", "/a*b", (301, "/x")),
        ("/gone /gone.html 410", "/gone", (410, "/gone.html")),
        ("\ufeff/old /new", "/old", (301, "/new")),
        ("/loop/* /loop/:splat 301!", "/loop/a", None),
        ("/loop /loop?x=1", "/loop", None),
    ],
)
def test_a_line_does_what_it_says(line, path, expected):
    assert go(line, path) == expected


def test_the_first_line_that_fits_decides():
    assert go("/a/b /1\n/a/* /2\n/* /3", "/a/b") == (301, "/1")
    assert go("/a/* /2\n/a/b /1", "/a/b") == (301, "/2")


def test_a_file_comes_before_a_rule_unless_the_rule_is_forced():
    lines = "/a /plain\n/a /forced 302!"

    assert go(lines, "/a") == (301, "/plain")
    assert go(lines, "/a", exists=True) == (302, "/forced")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/old", "there is no target"),
        ("old /new", "old: a path begins with a slash"),
        ("/old new 301", "there is no target"),
        ("/old id /new", "id: neither a target nor a parameter"),
        ("/old =x /new", "=x: neither a target nor a parameter"),
        ("/old /new 999", "status 999 is none of 200, 301, 302, 303, 307, 308, 404, 410"),
        ("/old /new soon", "soon: a status is a number"),
        ("/old /new 301 now", "now: a status is a number"),
        ("/old //evil.example", "//evil.example: a browser takes this for another host"),
        ("/old https://\0h.example/", "a host is written in ASCII"),
        ("/old https://b\u00fccher.example/", "a host is written in ASCII"),
        ("/old /\\evil.example", "a browser takes this for another host"),
        ("/a*b /new", "/a*b: an asterisk stands at the end"),
        ("/*/b /new", "an asterisk stands at the end"),
        ("/a* /new", "an asterisk stands at the end"),
        ("/:a/:a /new", "/:a/:a: each placeholder has a name of its own"),
        ("/:1 /new", "each placeholder has a name of its own"),
        ("/:splat /new", "each placeholder has a name of its own"),
        ("/:a id=:a /new", "id=:a: each placeholder has a name of its own"),
        ("/a id=:splat /new", "each placeholder has a name of its own"),
        ("/a id=:1 /new", "each placeholder has a name of its own"),
    ],
)
def test_a_line_that_is_no_rule_is_named_and_the_others_count(line, said):
    found, remarks = redirects.redirects(f"# first\n\n{line}\n/x /y")

    assert [(remark.line, remark.wrong) for remark in remarks] == [(3, True)]
    assert said in remarks[0].sentence
    assert len(found) == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/old /new 302 Country=nz", "Country=nz depends on the visitor"),
        ("/old /new Language=de", "Language=de depends on the visitor"),
        ("https://old.example/* /new", "rules for another host are not followed here"),
        ("/api/* https://api.example/:splat 200", "is another server, which is not asked"),
    ],
)
def test_a_line_for_the_published_site_is_noted_and_not_followed(line, said):
    found, remarks = redirects.redirects(line)

    assert found == []
    assert [remark.wrong for remark in remarks] == [False]
    assert said in remarks[0].sentence


@given(st.text(max_size=200))
def test_any_text_is_rules_and_remarks(text):
    found, remarks = redirects.redirects(text)

    assert all(0 < remark.line <= len(text.splitlines()) for remark in remarks)
    assert all(rule.status in redirects.STATUSES for rule in found)


TARGETS = st.sampled_from(
    ["/:splat", "/:a", "/x:a", "/:a/:splat", "/b?c=:a#:b", "/:a:b", "https://h.example/:splat",
     "https://h.example?:b", "/:b", "/..:a"]
)  # fmt: skip


@given(TARGETS, st.lists(NAME, min_size=1, max_size=4), st.text(max_size=20))
def test_whatever_a_path_holds_a_location_stays_where_the_rule_points(to, names, value):
    path = "/" + "/".join(quote(name, safe="") for name in names)
    found, _ = redirects.redirects(f"/:a/* b=:b {to} 302")
    outcome = found[0].apply(names, f"b={quote(value)}")
    assert isinstance(outcome, Outcome)

    location = outcome.location
    assert re.fullmatch(r"[!-~]+", location)
    assert "\\" not in location
    host = urlsplit(urljoin(f"http://host{path}", location)).netloc
    assert host == ("h.example" if to.startswith("https") else "host")
    assert not location.startswith("//")


@given(st.lists(NAME, max_size=5))
def test_what_an_asterisk_stands_for_comes_back_as_it_was(names):
    found, _ = redirects.redirects("/* /x/:splat")
    outcome = found[0].apply(names, "")
    assert outcome is not None

    target = parse(outcome.location.encode())
    assert isinstance(target, Target)
    assert target.segments == ("x", *names)


@pytest.mark.parametrize(
    ("text", "fitting", "unfitting"),
    [
        ("/*", ["", "a", "a/b"], []),
        ("*", ["a", "a/b"], []),
        ("*.js", ["a.js", "a/b.js"], ["a.jsx", "js"]),
        ("/*.js", ["a.js", "a/b.js"], ["a.css"]),
        ("/a/*", ["a", "a/b", "a/b/c"], ["ab", "b"]),
        ("/a*/b*c", ["a/bc", "ax/y/bxxc"], ["a/b", "b/bc"]),
        ("/a*b/*", ["ab/x", "axb", "a/c/b/d"], ["ax/b0"]),
        ("/:a/x", ["1/x"], ["1/2/x", "x"]),
        ("/a", ["a"], ["a/b", "A"]),
        ("/", [""], ["a"]),
        ("/%3Aa", [":a"], ["b"]),
        ("/a.b", ["a.b"], ["axb"]),
        ("/%2F", [], ["", "a"]),
    ],
)
def test_a_pattern_stands_for_paths(text, fitting, unfitting):
    def fits(path):
        names = [name for name in path.split("/") if name]
        found = list(Globs(globs(text)).all(path_of(names))) != []
        if "*" not in text.removesuffix("/*"):
            assert found == (pattern(text).match(names) is not None)
        return found

    assert [fits(path) for path in fitting] == [True] * len(fitting)
    assert [fits(path) for path in unfitting] == [False] * len(unfitting)


def test_no_path_takes_long():
    slow = Globs(globs("/" + "*a" * 20 + "*b"))
    start = time.process_time()
    assert list(slow.all(path_of(["a" * 8000]))) == []

    assert time.process_time() - start < 1


def test_no_rules_are_no_table():
    assert not RedirectTable()
    assert RedirectTable(redirects.redirects("/a /b")[0])


def test_a_pattern_begins_with_a_slash_or_an_asterisk():
    with pytest.raises(InvalidRule, match="begins with a slash"):
        pattern("a")


# ---- as they are served ----


def make_ruled(root):
    (root / "app").mkdir(parents=True)
    (root / "app" / "index.html").write_bytes(b"<p>app")
    (root / "there.html").write_bytes(b"<p>there")
    (root / "lost.html").write_bytes(b"<p>lost")
    (root / "_redirects").write_text(
        "/old/*  /new/:splat\n"
        "/there  /app/  302\n"
        "/there.html  /app/  302\n"
        "/forced.css  /app/  303!\n"
        "nonsense\n"
        "/app/*  /app  200\n"
        "/out/*  /../../etc/passwd 200\n"
        "/secret  /.env 200\n"
        "/chain  /old/x 200\n"
        "/*  /lost  404\n"
    )
    (root / "forced.css").write_bytes(b"p {}")
    (root / ".env").write_text("CANARY")


@pytest.fixture(scope="module")
def ruled(tmp_path_factory):
    """A server of a site with rules that nobody changes."""
    root = tmp_path_factory.mktemp("rules") / "ruled"
    make_ruled(root)
    running = Server(root)
    yield running
    running.kill()


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/old/a%20b/c?d=1", 301, "/new/a%20b/c?d=1"),
        ("/old//evil.example/x", 301, "/new/evil.example/x"),
        ("/old/%2F%2Fevil.example", 404, None),
        ("/old/%0d%0aX-Bad:%201", 301, "/new/%0D%0AX-Bad%3A%201"),
        ("/there.html", 200, None),
        ("/there", 200, None),
        ("/forced.css", 303, "/app/"),
    ],
)
def test_rules_are_followed(ruled, path, status, location):
    answer = ask(ruled, path, headers=DOCUMENT)

    assert (answer.status, answer["Location"]) == (status, location)
    assert answer["X-Bad"] is None
    assert answer["Cache-Control"] == "no-cache"


def test_a_rewrite_shows_a_file_of_the_site_at_another_address(ruled):
    answer = ask(ruled, "/app/some/where", headers=DOCUMENT)

    assert answer.status == 200
    assert TAG.sub(b"", answer.body) == b"<p>app"
    tag = TAG.search(answer.body)
    assert tag is not None
    assert tag[4] == b"/app/index.html"


@pytest.mark.parametrize("path", ["/out/x", "/secret", "/chain"])
def test_a_rewrite_never_leaves_the_site_nor_shows_what_is_denied(ruled, path):
    answer = ask(ruled, path, headers=DOCUMENT)

    assert answer.status == 404
    assert b"CANARY" not in answer.body
    assert b"root:" not in answer.body


def test_a_rule_gives_the_page_for_what_is_not_there(ruled):
    answer = ask(ruled, "/nowhere", headers=DOCUMENT)

    assert answer.status == 404
    assert TAG.sub(b"", answer.body) == b"<p>lost"


def test_a_wrong_line_is_told_with_its_place(ruled):
    ask(ruled)

    said = [line["text"] for line in ruled.lines if line["type"] == "problem"]
    assert said == ["_redirects:5: nonsense: a path begins with a slash"]


def test_changed_rules_are_taken_up_and_told_to_pages(tmp_path, server, page):
    root = tmp_path / "ruled"
    make_ruled(root)
    ruled = server(root)
    page.goto(ruled.url + "app/")
    ruled.wait_for(type="page", event="opened")
    (root / "_redirects").write_text("/fresh /new 302\nbroken line\n")

    assert ruled.wait_for(type="problem")["text"].startswith("_redirects:2: broken: a path")
    assert ruled.wait_for(type="applied")["action"] == "reload"
    ruled.wait_for(type="page", event="opened")
    assert ask(ruled, "/fresh")["Location"] == "/new"
    assert ask(ruled, "/old/x").status == 404
    (root / "_redirects").unlink()
    ruled.wait_for(type="page", event="opened")
    assert ask(ruled, "/fresh").status == 404


def test_redirects_are_those_that_http_has():
    assert set(REDIRECTS) < set(redirects.STATUSES)
