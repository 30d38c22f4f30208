"""Requests from a page that is not ours are refused, by their origin or by what they are for."""

import pytest
from support.security.guarding import LOOPBACK, asked, opens

from hotreload.security.guard import Guard


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:8765", "http://127.0.0.1:8765"),
        ("localhost:8765", "http://localhost:8765"),
        ("LOCALHOST.:8765", "HTTP://localhost:8765"),
        ("localhost", "http://localhost:80"),
        ("localhost:80", "http://localhost"),
        ("[::1]:8765", "http://[::1]:8765"),
        ("a.localhost:3000", "http://a.localhost:3000"),
    ],
)
def test_a_page_of_the_same_origin_connects(host, origin):
    assert opens(host, origin)


def test_a_program_that_sends_no_origin_connects():
    assert opens("127.0.0.1:8765")


@pytest.mark.parametrize(
    "origin",
    [
        *("http://evil.example", "null", "http://203.0.113.9", "http://127.0.0.1:8766"),
        *("https://127.0.0.1:8765", "http://127.0.0.1:8765.evil", "file://", "file:///x"),
        *("chrome-extension://x", "chrome-extension://127.0.0.1:8765", "moz-extension://a-b", ""),
        *("http://127.0.0.1", "http://localhost:8765", "http://[::1]:8765", "127.0.0.1:8765"),
        *(
            "http://127.0.0.1:8765/",
            "http://127.0.0.1:8765?",
            "http://a@127.0.0.1:8765",
            "http://[",
        ),
        *(
            "http://127.0.0.1:8765 http://evil.example",
            "http://127.0.0.1:8765, http://evil.example",
        ),
        *(
            "ws://127.0.0.1:8765",
            "//127.0.0.1:8765",
            "http:127.0.0.1:8765",
            "http://127.0.0.1:08765",
        ),
        *(
            "http:// 127.0.0.1:8765",
            "http://127.1:8765",
            b"\xff",
            b"http://\xff",
            b"\0",
            b"http://%",
        ),
    ],
)
def test_a_page_of_another_origin_does_not_connect(origin):
    assert not opens("127.0.0.1:8765", origin)


def test_two_origins_are_none():
    assert not opens("127.0.0.1:8765", *["http://127.0.0.1:8765"] * 2)


def test_a_rebound_name_is_refused_though_its_origin_equals_its_host():
    request = asked(hosts=[b"evil.example:8765"], origins=[b"http://evil.example:8765"])
    refusal = LOOPBACK.check(request, upgrade=True)
    assert refusal
    assert "evil.example" in refusal.reason


def test_over_tls_the_origin_is_one_of_https():
    assert opens("localhost:8765", "https://localhost:8765", scheme="https")
    assert not opens("localhost:8765", "http://localhost:8765", scheme="https")


def test_tls_may_end_in_a_proxy_where_the_user_has_allowed_its_name():
    guard = Guard.of(["127.0.0.1"], ["dev.test", ".apps.test"])

    assert opens("dev.test", "https://dev.test", guard=guard)
    assert opens("a.apps.test:8443", "https://a.apps.test:8443", guard=guard)
    assert opens("dev.test", "http://dev.test", guard=guard)
    assert not opens("dev.test", "https://a.apps.test", guard=guard)
    assert not opens("dev.test:8765", "https://dev.test", guard=guard)
    assert not opens("localhost", "https://localhost", guard=guard)
    assert not opens("127.0.0.1", "https://127.0.0.1", guard=guard)
    assert not opens("dev.test", "http://dev.test", guard=guard, scheme="https")


def loads(
    site: str | None,
    mode: str | None,
    dest: str | None,
    *,
    method: str = "GET",
    upgrade: bool = False,
) -> bool:
    request = asked(
        method=method,
        hosts=[b"localhost:8765"],
        target=b"/app.js",
        fetch_site=site.encode() if site is not None else None,
        fetch_mode=mode.encode() if mode is not None else None,
        fetch_dest=dest.encode() if dest is not None else None,
    )
    refusal = LOOPBACK.check(request, upgrade=upgrade)
    assert refusal is None or refusal.status == 403
    return refusal is None


@pytest.mark.parametrize("site", ["same-origin", "none", None])
@pytest.mark.parametrize(
    ("mode", "dest"),
    [
        ("no-cors", "script"),
        ("cors", "empty"),
        ("navigate", "document"),
        ("websocket", "websocket"),
    ],
)
def test_our_own_pages_the_user_and_programs_load_everything(site, mode, dest):
    assert loads(site, mode, dest)
    assert loads(site, mode, dest, upgrade=True)
    assert loads(site, mode, dest, method="POST")


@pytest.mark.parametrize("site", ["cross-site", "same-site", "same-origin, cross-site", "", "new"])
@pytest.mark.parametrize(
    ("mode", "dest"),
    [
        *(
            ("no-cors", dest)
            for dest in ("script", "style", "image", "empty", "audio", "font", None)
        ),
        *(("cors", dest) for dest in ("empty", "script", "font")),
        *(("navigate", "object"), ("navigate", "embed"), (None, "document"), ("nested", "iframe")),
    ],
)
def test_pages_of_other_origins_load_nothing_as_their_own(site, mode, dest):
    assert not loads(site, mode, dest)


@pytest.mark.parametrize("dest", ["document", "iframe", "frame", None])
def test_pages_of_other_origins_may_link_to_ours_and_frame_them(dest):
    """Editors preview pages in frames of their own."""
    assert loads("cross-site", "navigate", dest)
    assert not loads("cross-site", "navigate", dest, method="POST")
    assert not loads("cross-site", "navigate", dest, upgrade=True)
