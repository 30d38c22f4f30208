"""What a request target names, and what is never served whatever it is asked by."""

import os

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.security.canary import DENIED, ODD, targets

from hotreload.files.hidden_files import is_hidden, is_hidden_target
from hotreload.http.url_path import BadTarget, Target, parse, url_path


def segments(target: bytes) -> tuple[str, ...]:
    parsed = parse(target)
    assert isinstance(parsed, Target)
    return parsed.segments


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (b"/", Target((), True, True, b"", b"/")),
        (b"/a", Target(("a",), False, True, b"", b"/a")),
        (b"/a/b/?x=/../y", Target(("a", "b"), True, True, b"x=/../y", b"/a/b/?x=/../y")),
        (b"/a//b", Target(("a", "b"), False, False, b"", b"/a//b")),
        (b"/a//", Target(("a",), True, False, b"", b"/a//")),
        (b"/?", Target((), True, True, b"", b"/?")),
        (b"/a??b", Target(("a",), False, True, b"?b", b"/a??b")),
    ],
)
def test_a_path_is_its_names_a_slash_at_the_end_and_a_query(target, expected):
    assert parse(target) == expected


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (b"/a%20b", "a b"),
        (b"/%252e%252e%252fsecret", "%2e%2e%2fsecret"),
        (b"/caf%C3%A9", "caf\u00e9"),
        (b"/caf%E9", "caf\udce9"),
        (b"/%c0%ae%c0%ae", "\udcc0\udcae\udcc0\udcae"),
        (b"/a%0ab", "a\nb"),
        (b"/a%3fb%23c", "a?b#c"),
        (b"/[id]|x", "[id]|x"),
        (b"/a+b", "a+b"),
        (b"/..;", "..;"),
        (b"/...", "..."),
    ],
)
def test_escapes_are_decoded_once_to_the_bytes_of_the_name(target, name):
    assert segments(target) == (name,)


@pytest.mark.parametrize(
    "target",
    [
        *(b"", b"*", b"a", b"http://127.0.0.1/", b"file:///etc/passwd", b"127.0.0.1:80", b"\\x"),
        *(b"/a#b", b"/#", b"/a b", b"/a\tb", b"/a\0b", b"/a\x7f", b"/caf\xc3\xa9", b"/a\r\nX: y"),
        *(b"/?a b", b"/?#", b"/?\xff", b"/?\n"),
        *(b"/%", b"/100%", b"/%zz", b"/%E0%A4%A", b"/%u0041", b"/%2"),
    ],
)
def test_what_is_no_url_is_a_bad_request(target):
    bad = parse(target)
    assert isinstance(bad, BadTarget)
    assert bad.status == 400


@pytest.mark.parametrize(
    "target",
    [
        *(b"/..", b"/../x", b"/a/../b", b"/%2e%2e/x", b"/.%2e", b"/%2E%2e/", b"/a/.."),
        *(b"/.", b"/./a", b"/a/.", b"/%2e", b"/.env/.", b"/./.env"),
        *(b"//", b"//a", b"//evil.example/%2e%2e", b"///etc/passwd", b"//?x"),
        *(b"/a%2fb", b"/%2fetc/passwd", b"/%2F", b"/..%2f..%2fx"),
        *(b"/a\\b", b"/\\evil.example", b"/%5c", b"/a%5C..%5cb", b"/.env\\"),
        *(b"/%00", b"/a%00.html"),
    ],
)
def test_what_can_only_lead_outside_is_not_found(target):
    bad = parse(target)
    assert isinstance(bad, BadTarget)
    assert bad.status == 404


@given(st.binary())
@example(b"/%")
@example(b"/%00")
def test_no_bytes_raise_and_names_never_climb(target):
    for whole in (target, b"/" + target):
        parsed = parse(whole)
        if isinstance(parsed, BadTarget):
            assert parsed.status in (400, 404)
            continue
        assert parsed.raw == whole
        assert not whole.startswith(b"//")
        for name in parsed.segments:
            assert name not in ("", ".", "..")
            assert not set(name) & set("/\\\0")


@given(
    st.lists(
        st.binary(min_size=1)
        .map(lambda raw: raw.decode("utf-8", "surrogateescape"))
        .filter(lambda name: name not in (".", "..") and not set(name) & set("/\\\0")),
        max_size=4,
    ),
    st.booleans(),
)
def test_every_name_makes_a_url_that_names_it(names, directory):
    path = url_path(tuple(names), directory=directory)
    assert path.isascii()
    assert path.isprintable()
    assert path[:1] == "/"
    assert path[:2] != "//"
    assert not set(path) & set("\"'<>\\ #?")
    parsed = parse(path.encode())
    assert isinstance(parsed, Target)
    assert parsed.segments == tuple(names)
    assert parsed.directory == (directory or not names)
    assert parsed.canonical


@pytest.mark.parametrize("raw", ODD)
def test_odd_names_make_the_round_trip(raw):
    name = os.fsdecode(raw)
    assert segments(url_path((name,)).encode()) == (name,)


@pytest.mark.parametrize(
    ("names", "path"),
    [
        ((), "/"),
        (("a", "b.html"), "/a/b.html"),
        (("it's a b.html",), "/it%27s%20a%20b.html"),
        (("caf\u00e9",), "/caf%C3%A9"),
        (("caf\udce9",), "/caf%E9"),
        (("a&b;c=d,e+f@g:h!$(i)*~-_.",), "/a&b;c=d,e+f@g:h!$(i)*~-_."),
        (("%41",), "/%2541"),
    ],
)
def test_a_url_escapes_all_but_what_may_stand_bare_in_a_path(names, path):
    assert url_path(names) == path


def test_half_a_surrogate_pair_has_no_url():
    with pytest.raises(UnicodeEncodeError):
        url_path(("\ud800",))


SECRETS = [
    *(name.split("/") for name in DENIED),
    *([name] for name in (".e", ".", "...", ".env.production", ".DS_Store", ".htaccess", ". x")),
    *([name] for name in ("ID_RSA", "id_rsa.pub", "id_ed25519_sk", "a.key", "A.PEM", "x.kdbx")),
    *([name] for name in ("cert.crt", "ca.cer", "a.der", "a.p12", "a.pfx", "prod.env", "db.jks")),
    *([name] for name in ("key.pem.", "key.pem ", "key.pem. .", "key.pem~", "a.key.1", "a.pem.gz")),
    *([name] for name in (".\u017fsh", "\u200b.env", ".e\u200cnv", "x.\u212aey", "x.p\u200dem")),
    [".Git", "HEAD"],
    ["a", ".well-known", "x"],
    [".well-known", ".env"],
    [".well-known", "key.pem"],
    [".WELL-KNOWN", "ok.txt"],
]


@pytest.mark.parametrize("names", SECRETS)
def test_dotfiles_and_keys_are_denied_by_name_whatever_the_spelling(names):
    assert is_hidden(tuple(names), windows=False)
    assert is_hidden(tuple(names), windows=True)


@pytest.mark.parametrize(
    "names",
    [
        *((), ("index.html",), (".well-known", "ok.txt"), (".well-known",)),
        *(("a", "environment.js"), ("keys.js",), ("key",), ("pem",), ("monkey",), ("crt.html",)),
        *(("x.key.js",), ("x.env.ts",), ("idrsa",), ("a.pem.html",), ("hockey.svg",)),
        *(("caf\u00e9.html",), ("\U0001f600",), ("caf\udce9",), ("\u2026and more.html",)),
        *(("a..b",), ("a~1b",), ("console.js",), ("com.js",), ("nullable",), ("auxiliary",)),
    ],
)
def test_other_names_are_served_on_every_system(names):
    assert not is_hidden(names, windows=False)
    assert not is_hidden(names, windows=True)


@pytest.mark.parametrize(
    "name",
    [
        *("CON", "con.txt", "CON . txt", "CON  ", "NUL", "nul.tar.gz", "PRN", "AUX", "aux.h"),
        *("COM1", "com9.log", "LPT1", "COM\xb9", "lpt\xb3.txt", "CONIN$", "conout$.x"),
        *("C:", "C:x", "c:colon.html", "index.html::$DATA", "index.html:stream", "a.html.", "a "),
        *("PROGRA~1", "INDEX~1.HTM", "a~12.js", "a<b", "a>b", 'a"b', "a|b", "a?b", "a*b", "a\nb"),
    ],
)
def test_names_that_windows_takes_for_something_else_are_denied_there_alone(name):
    assert is_hidden(("b", name), windows=True)
    assert not is_hidden(("b", name), windows=False)


@pytest.mark.parametrize(
    "name", ["index.html::$DATA", ".env::$DATA", "key.pem::$DATA", "KEY~1.PEM"]
)
def test_another_stream_or_name_of_a_file_is_denied_on_windows(name):
    assert is_hidden((name,), windows=True)


@pytest.mark.parametrize(
    ("names", "directory", "secret"),
    [
        ((), True, False),
        (("sub", "page.html"), False, False),
        (("node_modules", ".pnpm", "x@1", "index.js"), False, False),
        ((".output",), True, False),
        ((".output", ".env"), False, True),
        ((".git", "config"), False, True),
        (("a", ".GIT"), True, True),
        (("home", ".ssh", "known_hosts"), False, True),
        (("key.pem",), False, True),
        ((".hidden",), False, True),
    ],
)
def test_a_link_may_lead_to_a_folder_with_a_dot_but_not_to_secrets(names, directory, secret):
    assert is_hidden_target(names, directory=directory) is secret


@given(st.lists(st.text(), max_size=3), st.booleans())
def test_no_name_raises(names, windows):
    assert is_hidden(tuple(names), windows=windows) in (True, False)
    assert is_hidden_target(tuple(names), directory=windows) in (True, False)


def test_targets_are_many_and_parse_to_names_below_the_root():
    seen = set(targets())
    assert len(seen) > 20_000
    for target in seen:
        parsed = parse(target)
        assert isinstance(parsed, BadTarget) or ".." not in parsed.segments


def test_a_file_can_be_asked_for_by_its_names():
    target = Target.of(("dir", "a b.html"))

    assert target == parse(b"/dir/a%20b.html")
