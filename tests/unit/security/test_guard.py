"""Requests to a host that is not ours are refused, and no bytes raise."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.security.guarding import LOOPBACK, asked

from hotreload.errors import UsageError
from hotreload.security.guard import Guard, Refusal, authority

PORT = 8765


def status(
    host: str | bytes, *, guard: Guard = LOOPBACK, target: bytes = b"/", method: str = "GET"
) -> int:
    """The status that a request with this Host is answered with, 200 for "go on"."""
    value = host if isinstance(host, bytes) else host.encode("latin-1")
    refusal = guard.check(asked(method=method, hosts=[value], target=target))
    return refusal.status if refusal else 200


@pytest.mark.parametrize(
    "host",
    [
        *(
            "localhost",
            "foo.localhost",
            "foo.bar.localhost",
            "LOCALHOST",
            "localhost.",
            "Foo.Localhost.",
        ),
        *("127.0.0.1", "127.0.0.1.", "127.1.2.3", "127.255.255.254", "[::1]", "[0:0:0:0:0:0:0:1]"),
        *("[::ffff:127.0.0.1]", "[::FFFF:7F00:1]", " localhost\t"),
    ],
)
@pytest.mark.parametrize("port", ["", ":", ":1", ":8765", ":3000", ":65535"])
def test_names_and_addresses_of_this_machine_are_ours_on_any_port(host, port):
    """A forwarded port is another one in the browser than here."""
    end = len(host.rstrip())
    assert status(host[:end] + port + host[end:]) == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "localhost.evil", "evil-localhost", "127.0.0.1.evil", "localhos"),
        *("localhost.foo", "xlocalhost", "localhost-", "a.localhost.b", "_localhost"),
        *("0.0.0.0", "[::]", "192.168.0.0", "10.0.0.1", "128.0.0.1", "126.255.255.255"),
        *("[2001:db8::1]", "[fe80::1]", "[::ffff:8.8.8.8]", "[::127.0.0.1]", "[::2]"),
        *("www.abcd-ef.g02.xyz", "abcd-ef.g02.xyz.", "AbC-d93.0.34ZhGt-s.nk.Ru"),
        *("123.40.56.78", "[abcd::ef98:0:7654:321]", "[::ffff:12.30.67.89]", "[::123.45.67.89]"),
    ],
)
@pytest.mark.parametrize("port", ["", f":{PORT}"])
def test_other_hosts_are_forbidden(host, port):
    assert status(host + port) == 403


@pytest.mark.parametrize(
    "host",
    [
        *("", " ", ".", "..", "localhost..", ".localhost", "foo..localhost", "..examp-LE.com"),
        *("2130706433", "127.1", "127.0.1", "0x7f.0.0.1", "0x7f000001", "0177.0.0.1", "127.0.0.01"),
        *("127.0.0.0x1", "255.255.255.256", "1.2.3.4.5", "127.0.0.1..", "foo.0x", "a.1"),
        *(
            "::1",
            "[",
            "]",
            "[]",
            "[:",
            "[::z]",
            "[::1",
            "::1]",
            "[example.com]",
            "[::1%25lo]",
            "[::1%lo]",
        ),
        *(
            "[127.0.0.1]",
            "[1:2]",
            "[::1].",
            "[::1]x",
            "[[::1]]",
            "[v1.x]",
            "[abcd::ef98:0:7654:321]..:98",
        ),
        *(
            "a@127.0.0.1",
            "a:b@localhost",
            "localhost/",
            "localhost/x",
            "x/y",
            "localhost?",
            "localhost#",
        ),
        *("%", "%6cocalhost", "localhost%00", "local\\host", "localhost\x00", "localhost\x02"),
        *(
            "local host",
            "localhost, evil.example",
            "localhost;x",
            "localh\xf6st",
            "localh\u00adost",
        ),
        *("http://localhost", "file:///x", "mailto:foo@bar.com", "chrome-extension://foo", "*"),
        *("127.0.0.1:8765:80", "localhost:99999", "localhost:65536", "localhost:0", "localhost:-1"),
        *("localhost:+80", "localhost:8_0", "localhost:0x50", "localhost: 80", "localhost:80a"),
        *("localhost:000080", ":80", ":", "a" * 64, "a." * 4000 + "\xe9", "1" * 5000),
    ],
)
def test_a_malformed_host_is_a_bad_request(host):
    assert status(host) == 400


@pytest.mark.parametrize(
    "hosts", [[], [b"localhost"] * 2, [b"localhost", b"evil.example"], [b"", b""]]
)
def test_one_host_header_is_needed_and_no_more(hosts):
    refusal = LOOPBACK.check(asked(hosts=hosts))
    assert refusal
    assert refusal.status == 400


def test_the_refusal_names_the_host_and_the_option_that_allows_it():
    refusal = LOOPBACK.check(asked(hosts=[b"Dev.Example.:80"]))

    assert refusal == Refusal(
        403,
        'hotreload does not answer to the host name "dev.example", so that no other site can pass'
        " for this one. If the name is yours, start hotreload with --allow-host dev.example",
        who="dev.example",
        word="dev.example",
    )


def test_an_allowed_name_is_ours_and_names_like_it_are_not():
    guard = Guard.of(
        ["127.0.0.1"], ["dev.test", "192.168.1.5", "fe80::1", "[fe80::2]", "H\u00e4.test"]
    )

    for host in (
        *("dev.test", "DEV.TEST.", "dev.test:1", "192.168.1.5", "[fe80::1]:80", "[FE80:0::2]"),
        *("xn--h-0fa.test", "localhost"),
    ):
        assert status(host, guard=guard) == 200, host
    for host in (
        "dev.test.evil.com",
        "xdev.test",
        "a.dev.test",
        "test",
        "192.168.1.50",
        "[fe80::3]",
    ):
        assert status(host, guard=guard) == 403, host
    assert status("dev.test:1@evil", guard=guard) == 400


def test_a_leading_dot_allows_the_name_and_all_its_subdomains():
    guard = Guard.of(["127.0.0.1"], [".example.com"])

    for host in ("example.com", "foo.example.com", "foo.bar.EXAMPLE.com.:5173"):
        assert status(host, guard=guard) == 200, host
    for host in ("vite.dev", "fooexample.com", "example.com.evil", "com"):
        assert status(host, guard=guard) == 403, host


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            ".",
            "dev.test:80",
            "dev.test:",
            "http://dev.test",
            "*.dev.test",
            "..dev.test",
            "a b",
        ),
        *("dev.test/", "300.1.1.1", "[::1", "h\u00e4..test", "\u00e4" * 80, "*", "a@b"),
    ],
)
def test_what_is_no_host_name_cannot_be_allowed(name):
    with pytest.raises(UsageError, match="is not a host name"):
        Guard.of(["127.0.0.1"], [name])


def test_an_address_or_name_that_was_bound_is_ours():
    guard = Guard.of(["192.168.1.5", "fe80::1%eth0", "mybox.local"])

    for host in ("192.168.1.5:8765", "[fe80::1]", "MyBox.local", "localhost"):
        assert status(host, guard=guard) == 200, host
    for host in ("192.168.1.6", "0.0.0.0", "[fe80::2]"):
        assert status(host, guard=guard) == 403, host


@pytest.mark.parametrize("bound", ["0.0.0.0", "::"])
def test_on_all_interfaces_every_literal_address_is_ours_and_no_name(bound):
    """An address cannot be pointed elsewhere, as a name can."""
    guard = Guard.of([bound])

    for host in ("192.168.1.5", "10.0.0.1:80", "[2001:db8::1]", "127.0.0.1", "localhost"):
        assert status(host, guard=guard) == 200, host
    assert status("evil.example", guard=guard) == 403
    assert status("127.1", guard=guard) == 400
    assert status("0.0.0.0", guard=guard) == (200 if bound == "0.0.0.0" else 403)
    assert status("[::]", guard=guard) == (200 if bound == "::" else 403)


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        ("GET", b"/", 200),
        ("GET", b"//evil.example/", 200),
        ("GET", b"http://127.0.0.1:8765/", 200),
        ("GET", b"HTTP://127.0.0.1:8765", 200),
        ("GET", b"http://127.0.0.1:8765?x", 200),
        ("OPTIONS", b"*", 200),
        ("GET", b"*", 400),
        ("GET", b"", 400),
        ("GET", b"index.html", 400),
        ("CONNECT", b"127.0.0.1:8765", 400),
        ("GET", b"http://evil.example/", 403),
        ("GET", b"http://169.254.169.254/", 403),
        ("GET", b"http://localhost:8765/", 400),
        ("GET", b"http://127.0.0.1/", 400),
        ("GET", b"http://127.0.0.1:8766/", 400),
        ("GET", b"https://127.0.0.1:8765/", 400),
        ("GET", b"ws://127.0.0.1:8765/", 400),
        ("GET", b"file:///etc/passwd", 400),
        ("GET", b"http://", 400),
        ("GET", b"http:///x", 400),
        ("GET", b"http://a@127.0.0.1:8765/", 400),
        ("GET", b"http://127.0.0.1:8765\\@evil.example/", 400),
        ("GET", b"http://\\e/xample.com", 400),
        ("GET", b"http://com.exa-m.45..:/", 400),
        ("GET", b"http://[abcd\\::ef98:0:7654:321/]:12", 400),
        ("GET", b"http://[ab..cd::ef98:0:7654:321]/", 400),
    ],
)
def test_a_target_in_absolute_form_must_name_the_host_of_the_header(method, target, expected):
    assert status(f"127.0.0.1:{PORT}", target=target, method=method) == expected


@pytest.mark.parametrize(
    ("scheme", "host", "target"),
    [
        ("http", b"localhost", b"http://localhost:80/"),
        ("http", b"LOCALHOST.:80", b"http://localhost/"),
        ("https", b"localhost:443", b"https://localhost/"),
        ("https", b"[::1]", b"https://[0::1]/"),
    ],
)
def test_a_port_left_out_is_the_schemes(scheme, host, target):
    assert LOOPBACK.check(asked(hosts=[host], target=target, scheme=scheme)) is None


NOISE = st.binary(max_size=40) | st.sampled_from(
    [b"localhost", b"127.0.0.1:8765", b"[", b"[::1]", b"http://[", b"null", b"http://localhost"]
)


@given(
    st.lists(NOISE, max_size=3),
    NOISE,
    st.lists(NOISE, max_size=3),
    st.none() | NOISE,
    st.none() | NOISE,
    st.none() | NOISE,
    st.sampled_from(["http", "https"]),
    st.booleans(),
    st.booleans(),
)
def test_no_bytes_raise(hosts, target, origins, site, mode, dest, scheme, upgrade, from_anywhere):
    for method in ("GET", "POST"):
        request = asked(
            method=method, hosts=hosts, target=target, origins=origins, fetch_site=site,
            fetch_mode=mode, fetch_dest=dest, scheme=scheme,
        )  # fmt: skip
        says_something_harmless(
            LOOPBACK.check(request, upgrade=upgrade, from_anywhere=from_anywhere)
        )


def says_something_harmless(refusal: Refusal | None) -> None:
    if refusal is not None:
        assert refusal.status in (400, 403)
        assert refusal.reason.isascii()
        assert refusal.reason.isprintable()


@given(st.binary(max_size=60))
def test_only_names_of_this_machine_pass(host):
    if status(host) == 200:
        name = (
            host.decode().strip(" \t").lower().rpartition(":")[0] or host.decode().strip().lower()
        )
        assert "localhost" in name or name.startswith(("127.", "[")), host


@given(st.from_regex(rb"\A[a-z0-9_.\[\]:-]{0,30}\Z"))
def test_an_authority_reads_the_same_when_written_again(value):
    first = authority(value)
    if first is not None:
        again = first.host + (f":{first.port}" if first.port else "")
        assert authority(again.encode()) == first


@pytest.mark.parametrize(
    "host", [b"a." * 4000, b"1." * 4000, b"a" * 8000, b"[" + b":" * 8000, b":" * 8000]
)
def test_long_hosts_take_no_time(host):
    begun = time.perf_counter()
    status(host + b"!")
    status(host)
    assert time.perf_counter() - begun < 0.05
