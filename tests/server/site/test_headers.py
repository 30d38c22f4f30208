"""Headers, origins, types and places that the user asks for; and those that are not to be had."""

import http.server
import json
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.process.commands import run
from support.process.http_client import DOCUMENT, TAG, ask

from hotreload.http.cors import Cors, InvalidOrigin, cors
from hotreload.http.messages import Request, Response
from hotreload.static.rules.header_rules import HeaderTable, extended, merged, option, parse
from hotreload.static.rules.redirects import InvalidRule


def asked(text, *segments, cors=False):
    """The headers for a path, and what is said of the lines."""
    rules, remarks = parse(text, cors=cors)
    found = {
        name.decode(): value.decode("latin-1") for name, value in HeaderTable(rules).at(segments)
    }
    return found, [(remark.line, remark.wrong) for remark in remarks]


def test_headers_stand_below_the_path_that_they_are_for():
    text = "# a comment\n/a/*\n  X-One: 1\n\n  # another\n\tX-Two:two: 2\n/*.html\n  X-Three: 3\n"

    assert asked(text, "a", "b.html") == ({"x-one": "1", "x-two": "two: 2", "x-three": "3"}, [])
    assert asked(text, "a") == ({"x-one": "1", "x-two": "two: 2"}, [])
    assert asked(text, "b.css") == ({}, [])


def test_what_one_rule_says_twice_is_a_list_and_the_last_rule_decides():
    text = "/*\n  X-A: 1\n  X-A: 2\n  Set-Cookie: a=1\n  Set-Cookie: b=2\n/b\n  x-a: 3\n"

    rules, _ = parse(text, cors=False)
    assert HeaderTable(rules).at(["a"]) == [
        (b"x-a", b"1, 2"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"),
    ]  # fmt: skip
    assert HeaderTable(rules).at(["b"])[0] == (b"x-a", b"3")


@pytest.mark.parametrize(
    "line", ["no colon", ": value", "X Y: value", "X: \x01", "X: \u20ac", "X\u00e9: 1"]
)
def test_a_line_that_is_no_header_is_named_and_the_others_count(line):
    assert asked(f"/*\n  {line}\n  X-A: 1", "a") == ({"x-a": "1"}, [(2, True)])


def test_a_header_without_a_path_and_a_wrong_path_are_named():
    assert asked("  X-A: 1\nno-slash\n/*\n  X-B: 1", "a") == (
        {"x-b": "1"}, [(1, True), (2, True)],
    )  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["Content-Length", "Transfer-Encoding", "Connection", "ETag", "X-Content-Type-Options",
     "Location", "Cache-Control", "Strict-Transport-Security", "Access-Control-Allow-Origin",
     "Cross-Origin-Resource-Policy"],
)  # fmt: skip
def test_what_a_site_may_not_decide_here_is_noted_and_left_out(name):
    assert asked(f"/*\n  {name}: 1", "a") == ({}, [(2, False)])


def test_with_cors_a_site_may_open_itself():
    line = "/*\n  Access-Control-Allow-Origin: https://a.example"

    assert asked(line, "a", cors=True)[0] == {"access-control-allow-origin": "https://a.example"}


@given(st.text(max_size=300), st.booleans())
def test_any_text_is_headers_and_remarks(text, cors):
    rules, remarks = parse(text, cors=cors)

    assert all(0 < remark.line <= len(text.splitlines()) for remark in remarks)
    for name, value in HeaderTable(rules).at(["a"]):
        assert name
        assert not {b"\r", b"\n", b"\0"} & {bytes([byte]) for byte in name + value}


def test_rules_without_a_header_are_no_table():
    assert not HeaderTable(parse("/*\n  Cache-Control: no-store\n", cors=False)[0])
    assert HeaderTable([option("/*: X-A: 1")])


def test_an_option_is_a_path_a_name_and_a_value():
    assert option("/*: X-A: b: c").headers == ((b"x-a", b"b: c"),)
    assert HeaderTable([option("/:x/a: X-A:")]).at(["1", "a"])
    assert option("*.js: Cache-Control: max-age=60").headers[0][0] == b"cache-control"
    assert option("/*: Access-Control-Allow-Origin: *", cors=True).headers


@pytest.mark.parametrize(
    "value",
    ["X-A: b", "/* X-A b", "", "/*: X-A: a\nb", "a: X-A: b", "/*: Content-Length: 1",
     "/*: Access-Control-Allow-Origin: *", "/*: X A: b"],
)  # fmt: skip
def test_an_option_that_says_something_else_is_refused(value):
    with pytest.raises(InvalidRule):
        option(value)


def test_their_headers_take_the_place_of_ours_and_vary_is_both():
    ours = [(b"a", b"1"), (b"vary", b"X"), (b"b", b"1")]

    assert merged(ours, [(b"a", b"2"), (b"vary", b"Y")]) == [
        (b"b", b"1"), (b"a", b"2"), (b"vary", b"X, Y"),
    ]  # fmt: skip
    assert merged([(b"a", b"1")], []) == [(b"a", b"1")]


def test_a_response_takes_their_headers_and_stays_as_it_is():
    response = extended(Response(404, [(b"a", b"1")], b"body"), [(b"b", b"2")])

    assert response == Response(404, [(b"a", b"1"), (b"b", b"2")], b"body")


def test_a_type_in_capitals_is_a_document_too(serve):
    running = serve(_headers="/index.html\n  Content-Type: Text/HTML\n")

    assert TAG.search(ask(running, headers=DOCUMENT).body)


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("*", "*"),
        ("null", "null"),
        ("https://App.example", "https://app.example"),
        ("http://localhost:3000/", "http://localhost:3000"),
        ("https://a.example:443", "https://a.example"),
        ("http://[::1]:80", "http://[::1]"),
    ],
)
def test_an_origin_is_written_as_browsers_send_it(given, origin):
    assert cors(given) == Cors(origin)


@pytest.mark.parametrize(
    "given",
    ["a.example", "ftp://a.example", "https://", "https:a", "https://a/b", "https://\u00e9"],
)
def test_what_is_no_origin_is_refused(given):
    with pytest.raises(InvalidOrigin):
        cors(given)


@pytest.mark.parametrize(
    ("lines", "admitted"),
    [
        ({b"origin": b"https://a.example"}, True),
        ({b"origin": b"https://b.example"}, False),
        ({b"origin": b"null"}, False),
        ({b"referer": b"https://a.example/page?x"}, True),
        ({b"referer": b"https://a.example.evil/page"}, False),
        ({b"origin": b"https://b.example", b"referer": b"https://a.example/"}, False),
        ({}, False),
    ],
)
def test_only_pages_of_the_origin_are_admitted(lines, admitted):
    assert Cors("https://a.example").admits(lines) is admitted
    assert Cors("*").admits(lines)


def test_a_preflight_is_told_what_it_may_ask():
    lines = [
        (b"access-control-request-headers", b"x-a"),
        (b"access-control-request-private-network", b"true"),
    ]

    method = (b"access-control-request-method", b"GET")
    bare = dict(Cors("*").headers(Request.of("OPTIONS", b"/", [method], "http")))
    full = dict(Cors("*").headers(Request.of("OPTIONS", b"/", [method, *lines], "http")))

    for other in (Request.of("GET", b"/", [], "http"), Request.of("OPTIONS", b"/", lines, "http")):
        assert set(bare) - set(dict(Cors("*").headers(other))) == {b"access-control-allow-methods"}
    assert set(full) - set(bare) == {
        b"access-control-allow-headers", b"access-control-allow-private-network",
    }  # fmt: skip
    assert full[b"access-control-allow-headers"] == b"x-a"


# ---- as they are served ----


@pytest.fixture
def serve(tmp_path, server):
    root = tmp_path / "served"
    root.mkdir()
    (root / "index.html").write_bytes(b"<p>index")
    (root / "a.js").write_bytes(b"export const a = 1")

    def start(*options, **files):
        for name, text in files.items():
            (root / name.replace("__", ".")).write_text(text)
        running = server(root, *options)
        running.root = root
        return running

    return start


def test_headers_of_the_site_are_sent_with_its_files(serve):
    text = (
        "/*\n  X-All: 1\n  Vary: X-Y\n/a.js\n  X-Content-Type-Options: none\n  Content-Length: 3\n"
    )
    running = serve("--header", "*.js: X-Js: yes", _headers=text)

    page, script = ask(running, headers=DOCUMENT), ask(running, "/a.js")

    assert (page["X-All"], page["X-Js"]) == ("1", None)
    assert page["Vary"].endswith(", X-Y")
    assert (script["X-All"], script["X-Js"]) == ("1", "yes")
    assert script["X-Content-Type-Options"] == "nosniff"
    assert script.body == b"export const a = 1"
    assert ask(running, "/__hotreload__/health")["X-All"] is None


def test_headers_are_taken_up_when_their_file_changes(serve):
    running = serve(_headers="/*\n  X-A: 1\n")
    assert ask(running)["X-A"] == "1"
    (running.root / "_headers").write_text("/*\n  X-A: 2\nbad\n")

    assert running.wait_for(type="problem")["text"].startswith("_headers:3: bad: a path begins")
    assert ask(running)["X-A"] == "2"


def test_a_document_that_is_sent_as_text_has_no_tag(serve):
    running = serve(_headers="/index.html\n  Content-Type: text/plain\n")

    assert ask(running, "/index.html", headers=DOCUMENT).body == b"<p>index"
    assert TAG.search(ask(running, "/", headers=DOCUMENT).body)


def test_a_type_from_the_site_is_that_of_the_file_and_not_of_the_parts_of_an_answer(serve):
    latin = "text/html; charset=iso-8859-1"
    text = f"/a.js\n  Content-Type: text/plain\n/*.html\n  Content-Type: {latin}\n"
    running = serve(_headers=text)

    parts = ask(running, "/a.js", headers={"Range": "bytes=0-1,-2"})
    page = ask(running, "/index.html", headers=DOCUMENT)

    assert ask(running, "/a.js")["Content-Type"] == "text/plain"
    assert parts["Content-Type"].startswith("multipart/byteranges")
    assert b"content-type: text/plain\r\n" in parts.body
    assert page["Content-Type"] == latin
    assert TAG.sub(b"", page.body) == b"<p>index"


def test_a_policy_in_headers_is_amended_so_that_the_page_stays_current(serve, page):
    running = serve(_headers="/*\n  Content-Security-Policy: default-src 'none'\n")
    page.goto(running.url)

    running.wait_for(type="page", event="opened")
    said = [line["text"] for line in running.lines if line["type"] == "note"]
    assert [text for text in said if "content security policy: allowed" in text] == said
    assert len(said) == 1


@pytest.mark.parametrize("sources", ["'none'", "'unsafe-inline' https://cdn.example"])
def test_a_policy_in_the_document_is_amended_and_the_answer_stays_the_same(serve, page, sources):
    policy = f'<meta http-equiv="content-security-policy" content="script-src {sources}">'
    running = serve(index__html=f"<!doctype html>{policy}<p>x")
    page.goto(running.url)
    running.wait_for(type="page", event="opened")

    first, again = ask(running, headers=DOCUMENT), ask(running, headers=DOCUMENT)
    assert (first.body, first["ETag"]) == (again.body, again["ETag"])


def test_a_policy_can_be_kept(serve):
    policy = "default-src 'none'"
    running = serve("--csp", "keep", _headers=f"/*\n  Content-Security-Policy: {policy}\n")

    answer = ask(running, headers=DOCUMENT)

    assert answer.headers.get_all("Content-Security-Policy") == [policy]
    assert TAG.search(answer.body)


def test_documents_can_be_sent_as_they_are(serve):
    running = serve("--no-inject", _headers="/*\n  Content-Security-Policy: default-src 'none'\n")

    answer = ask(running, headers=DOCUMENT)

    assert answer.body == b"<p>index"
    assert answer["Content-Security-Policy"] == "default-src 'none'"
    assert answer["ETag"] == ask(running, headers={"Sec-Fetch-Dest": "empty"})["ETag"]
    assert not TAG.search(ask(running, "/missing", headers=DOCUMENT).body)


def test_a_type_can_be_given_to_an_extension(serve):
    running = serve("--mime", "tmpl=text/html", "--mime", ".JS=application/x-mine", a__tmpl="<p>x")

    assert TAG.search(ask(running, "/a.tmpl", headers=DOCUMENT).body)
    assert ask(running, "/a.js")["Content-Type"] == "application/x-mine"


def test_a_site_stands_below_its_base(serve, page):
    running = serve("--base", "/my app/", index__html="<!doctype html><h1>old</h1>", **{
        "404__html": "<p>lost", "_redirects": "/my%20app/old /my%20app/new 302\n",
    })  # fmt: skip

    assert running.url.endswith("/my%20app/")
    assert ask(running)["Location"] == "/my%20app/"
    assert ask(running, "/my%20app")["Location"] == "/my%20app/"
    assert ask(running, "/my%20app/old")["Location"] == "/my%20app/new"
    assert ask(running, "/a.js").status == 404
    assert ask(running, "/my%20app/a.js").status == 200
    assert TAG.sub(b"", ask(running, "/my%20app/none", headers=DOCUMENT).body) == b"<p>lost"
    page.goto(running.url)
    running.wait_for(type="page", event="opened")
    (running.root / "index.html").write_text("<!doctype html><h1>new</h1>")
    assert running.wait_for(type="applied")["action"] == "html"


def test_an_app_and_mounted_folders_stand_below_the_base_too(serve, tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "b.txt").write_text("b")
    running = serve("--base", "/app", "--spa", "--mount", f"/more={tmp_path / 'more'}")

    assert ask(running, "/app/more/b.txt").body == b"b"
    assert ask(running, "/more/b.txt").status == 404
    assert TAG.sub(b"", ask(running, "/app/x/y", headers=DOCUMENT).body) == b"<p>index"


CROSS = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}


def test_other_origins_read_nothing_unless_cors_says_so(serve):
    closed, opened = serve(), serve("--cors")
    headers = {**CROSS, "Origin": "http://other.example"}

    assert ask(closed, "/a.js", headers=headers).status == 403
    answer = ask(opened, "/a.js", headers=headers)
    assert answer.status == 200
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    asked = {**headers, "Access-Control-Request-Method": "GET"}
    assert ask(opened, "/a.js", "OPTIONS", asked)["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert ask(opened, "/none", headers=headers)["Access-Control-Allow-Origin"] == "*"


def test_with_cors_our_own_routes_and_sockets_stay_closed(serve):
    running = serve("--cors")
    headers = {**CROSS, "Origin": "http://other.example"}

    for path in ("/__hotreload__/health", "/__hotreload__/source/0", "/__hotreload__/client.js"):
        answer = ask(running, path, headers=headers)
        assert answer.status == 403
        assert answer["Access-Control-Allow-Origin"] is None
    assert ask(running, "/__hotreload__/reload", "POST", headers).status == 403


def test_one_origin_may_read_and_no_other(serve):
    running = serve("--cors", "http://one.example:81")

    def status(**headers):
        return ask(running, "/a.js", headers={**CROSS, **headers}).status

    assert status(Origin="http://one.example:81") == 200
    assert status(Referer="http://one.example:81/x") == 200
    assert status(Origin="http://two.example") == 403
    assert status() == 403


class _Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><p>other")

    def log_message(self, *args):
        pass


@pytest.fixture
def other_origin():
    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    thread = threading.Thread(target=served.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{served.server_port}"
    served.shutdown()
    thread.join()
    served.server_close()


@pytest.mark.page_errors
def test_a_page_of_another_origin_imports_a_module_only_with_cors(serve, page, other_origin):
    page.goto(other_origin)
    load = "url => import(url).then(module => module.a, () => 'refused')"

    assert page.evaluate(load, serve("--cors", other_origin).url + "a.js") == 1
    assert page.evaluate(load, serve().url + "a.js") == "refused"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--header", "X: 1"], "--header x: 1: give a path, a name and a value"),
        (["--header", "/*: Content-Length: 1"], "content-length is the server's own to say"),
        (["--cors", "ftp://x"], "--cors ftp://x: an origin is a scheme, a host and a port"),
        (["--mime", "x"], "--mime x: give an extension and a type, as in vtt=text/vtt"),
        (["--mime", "x=text/a\nb"], "give an extension and a type"),
        (["--base", "/../x"], "--base /../x: give a url path, as in /app/"),
        (["--mount", "x=y"], "--mount x=y: give a url path and a folder, as in /docs=../docs"),
        (["--mount", "/x"], "--mount /x: give a url path and a folder"),
        (["--mount", "/="], "--mount /=: give a url path and a folder"),
        (["--mount", "/x=no/where"], "no/where does not exist: name the folder to serve"),
        (["--spa=../x"], "--spa ../x: name a file below root"),
        (["--csp", "drop"], "'drop' is not one of"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_in_one_line(tmp_path, words, sentence):
    done = run("serve", tmp_path, *words)

    assert done.returncode == (1 if "does not exist" in sentence else 2)
    assert done.stderr.count("\n") == 1
    assert sentence in done.stderr.lower()


@pytest.mark.parametrize("word", ["--spa", "--cors", "--open", "--poll"])
def test_a_folder_after_an_option_with_an_optional_value_is_the_root(tmp_path, word):
    (tmp_path / "folder").mkdir()
    command = [sys.executable, "-m", "hotreload", "serve", "--json", "--port", "0", "--no-open"]
    started = subprocess.Popen(
        [*command, word, "./folder"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with started:
        said = json.loads(started.stdout.readline())
        started.kill()

    assert said["root"] == "folder"
