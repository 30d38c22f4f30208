"""Content Security Policies let our client run, and allow nothing else that they did not."""

import http
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from hotreload.injection import csp, inject

OURS = "http://127.0.0.1:8765/__hotreload__/"
NONCE = "'nonce-ab12cd34'"


def amend(*headers: str, metas: tuple[str, ...] = ()) -> csp.Amendment:
    return csp.amend(headers, metas, source=OURS, nonce="ab12cd34")


@pytest.mark.parametrize(
    ("policy", "amended"),
    [
        ("default-src 'none'", f"default-src 'none'; connect-src 'self'; script-src {NONCE}"),
        ("default-src", f"default-src; connect-src 'self'; script-src {NONCE}"),
        (
            "img-src a;default-src b:;img-src c",
            f"img-src a;default-src b:; connect-src b: 'self'; script-src b: {NONCE};img-src c",
        ),
        ("script-src 'none' ;", f"script-src {NONCE};"),
        ("  Script-Src\tb  c ; img-src d", f"  Script-Src b c {NONCE}; img-src d"),
        ("script-src 'sha256-abc='", f"script-src 'sha256-abc=' {NONCE}"),
        ("script-src a 'strict-dynamic'", f"script-src a 'strict-dynamic' {NONCE}"),
        ("script-src 'self' 'Strict-Dynamic'", f"script-src 'self' 'Strict-Dynamic' {NONCE}"),
        ("script-src-elem a; script-src b", f"script-src-elem a {NONCE}; script-src b"),
        ("script-src a; script-src 'self'", f"script-src a {NONCE}; script-src 'self'"),
        ("script-src 'unsafe-inline'", f"script-src 'unsafe-inline' {OURS}"),
        (
            "script-src 'unsafe-inline' 'sha384-a'",
            f"script-src 'unsafe-inline' 'sha384-a' {NONCE}",
        ),
        (
            "default-src 'unsafe-inline'; connect-src *",
            f"default-src 'unsafe-inline'; script-src 'unsafe-inline' {OURS}; connect-src *",
        ),
        ("connect-src 'NONE'", "connect-src 'self'"),
        ("connect-src wss://a", "connect-src wss://a 'self'"),
        ("trusted-types a b", "trusted-types a b hotreload"),
        ("trusted-types 'none'", "trusted-types hotreload"),
        ("trusted-types", "trusted-types hotreload"),
    ],
)
def test_the_least_is_added_that_lets_our_client_run(policy: str, amended: str) -> None:
    """In a header and in a `<meta>` alike."""
    assert amend(policy).headers == (amended,)
    assert amend(metas=(policy,)).metas == (amended,)


@pytest.mark.parametrize(
    "policy",
    [
        "",
        " ; ;",
        "img-src 'none'; style-src a; frame-ancestors 'none'",
        "default-src 'self'",
        "default-src *",
        "script-src a 'SELF'; connect-src *",
        f"script-src 'unsafe-inline' {OURS}",
        "require-trusted-types-for 'script'",
        "trusted-types * 'allow-duplicates'",
        "trusted-types x hotreload",
        "sandbox allow-scripts allow-same-origin",
        "script-src-attr 'none'; worker-src 'none'",
    ],
)
def test_what_lets_our_client_run_stays_as_it_is(policy: str) -> None:
    assert amend(policy, metas=(policy,)) == csp.Amendment((policy,), (policy,))


def test_a_host_that_no_source_can_name_is_taken_as_self() -> None:
    """CSP3 has no IPv6 addresses in its host sources."""
    done = csp.amend(["script-src 'unsafe-inline'"], [], source="http://[::1]:8765/", nonce="n")
    assert done.headers == ("script-src 'unsafe-inline' 'self'",)


class TestNonce:
    def test_one_that_the_policy_accepts_is_used_again(self) -> None:
        done = amend("script-src 'nonce-Xy+/0==' 'strict-dynamic'")
        assert done == csp.Amendment(
            ("script-src 'nonce-Xy+/0==' 'strict-dynamic'",), (), "Xy+/0=="
        )

    def test_it_has_to_be_accepted_by_all_policies(self) -> None:
        headers = (
            "script-src 'nonce-a' 'nonce-b', default-src 'nonce-c' 'nonce-b'; connect-src *",
        )
        assert amend(*headers) == csp.Amendment(headers, (), "b")
        done = amend("script-src 'nonce-a'", metas=("script-src 'nonce-c'",))
        assert done.headers == (f"script-src 'nonce-a' {NONCE}",)
        assert done.metas == (f"script-src 'nonce-c' {NONCE}",)
        assert done.nonce == "ab12cd34"

    def test_policies_that_need_none_have_no_say(self) -> None:
        assert amend("script-src 'self'", "script-src 'nonce-a'").nonce == "a"

    def test_it_is_not_carried_where_none_is_needed(self) -> None:
        assert amend("script-src 'self'").nonce is None
        assert amend().nonce is None

    def test_what_could_not_stand_in_an_attribute_is_none(self) -> None:
        assert amend("script-src 'nonce-\"'").nonce == "ab12cd34"


class TestSentence:
    def test_it_says_once_what_was_added(self) -> None:
        assert amend("default-src 'none', script-src a; trusted-types b").sentence == (
            "content security policy: allowed script-src 'nonce-...', connect-src 'self',"
            " trusted-types hotreload in the response"
        )

    def test_there_is_none_when_nothing_was(self) -> None:
        assert amend("img-src a").sentence is None

    @pytest.mark.parametrize(
        ("policy", "missing"),
        [
            ("sandbox", "allow-scripts"),
            ("default-src 'none', sandbox allow-same-origin", "allow-scripts"),
            ("sandbox allow-scripts", "allow-same-origin"),
        ],
    )
    def test_a_sandbox_without_room_for_us_is_left_alone(self, policy: str, missing: str) -> None:
        done = amend(policy, metas=("script-src a",))
        sentence = f"content security policy: no client in a sandbox without {missing}"
        assert done == csp.Amendment((policy,), ("script-src a",), None, sentence)

    def test_a_sandbox_in_a_meta_counts_for_nothing(self) -> None:
        assert amend(metas=("sandbox",)).sentence is None


WORDS = st.sampled_from(
    ["default-src", "script-src", "script-src-elem", "connect-src", "trusted-types", "img-src",
     "'none'", "'self'", "*", "'unsafe-inline'", "'strict-dynamic'", "'nonce-a'", "'sha256-a'",
     "https:", "a.test", ";", ";", ",", " ", "\t", "SCRIPT-SRC", "hotreload"]
)  # fmt: skip


@given(st.lists(WORDS).map(" ".join))
def test_once_amended_a_policy_needs_no_more(policy: str) -> None:
    done = amend(policy)
    assert csp.amend(done.headers, [], source=OURS, nonce="ab12cd34").headers == done.headers


@given(st.lists(WORDS).map(" ".join))
def test_no_directive_loses_a_source(policy: str) -> None:
    """Each directive that was there is there, with all that it allowed."""

    def sources(value: str) -> list[list[str]]:
        directives = [each.split() for part in value.split(",") for each in part.split(";")]
        return [[word for word in each if word != "'none'"] for each in directives]

    after = sources(amend(policy).headers[0])
    for before in sources(policy):
        assert any(before == each[: len(before)] for each in after)


# The client's needs, tried one after the other.
CLIENT = b"""
import "./other.js";
document.documentElement.dataset.started = "";
const can = [];
try { await import("./more.js"); can.push("import"); } catch {}
await new Promise((resolve) => {
  try {
    const socket = new WebSocket(`ws://${location.host}/__hotreload__/ws`);
    socket.onopen = () => { can.push("connect"); socket.close(); resolve(); };
    socket.onerror = resolve;
  } catch { resolve(); }
});
try { await fetch("/__hotreload__/more.js"); can.push("fetch"); } catch {}
try {
  const policy = trustedTypes.createPolicy("hotreload", { createHTML: (text) => text });
  new DOMParser().parseFromString(policy.createHTML("<p>"), "text/html");
  can.push("parse");
} catch {}
document.documentElement.dataset.can = can.join(" ");
"""
ALL = "import connect fetch parse"


@pytest.fixture
def pages() -> Iterator[tuple[str, dict[str, tuple[str | None, bytes]]]]:
    """A server of our client, and of pages: by path, their policy's header and their content."""
    content: dict[str, tuple[str | None, bytes]] = {}

    def respond(connection: ServerConnection, request: Request) -> Response | None:
        if request.headers.get("Upgrade"):
            return None
        path = request.path.partition("?")[0]
        policy, body = content.get(path, (None, b""))
        if path.endswith(".js"):
            body = CLIENT if path.endswith("client.js") else b"export {}"
        kind = "text/javascript" if path.endswith(".js") else "text/html; charset=utf-8"
        headers = Headers({"Content-Type": kind, "Content-Length": str(len(body))})
        if policy is not None:
            headers["Content-Security-Policy"] = policy
        headers["Connection"] = "close"
        return Response(http.HTTPStatus.OK, "OK", headers, body)

    def talk(connection: ServerConnection) -> None:
        for _ in connection:
            pass

    server: Server = serve(talk, "127.0.0.1", 0, process_request=respond)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.socket.getsockname()[1]}", content
    server.shutdown()
    thread.join()


BLOCKING = [
    "default-src 'none'",
    "default-src https:",
    "script-src 'none'",
    "script-src 'sha256-abc='",
    "script-src 'strict-dynamic' 'self'",
    "script-src 'strict-dynamic' 'nonce-theirs' https:",
    "script-src 'unsafe-inline'",
    "script-src 'unsafe-inline' 'strict-dynamic'",
    "default-src 'unsafe-inline' 'unsafe-eval'",
    "script-src 'self'; script-src-elem 'none'",
    "script-src 'nonce-theirs'; connect-src http: 'none'",
    "connect-src 'none'",
    "connect-src https: http://127.0.0.1:*",
    "require-trusted-types-for 'script'; trusted-types theirs",
    "trusted-types 'none'; require-trusted-types-for 'script'; default-src 'none'",
]
IN_HEADERS_ONLY = [
    "default-src 'none', script-src 'nonce-theirs', trusted-types x",
    "sandbox allow-scripts allow-same-origin; default-src 'none'",
]
INLINE = "<script>document.documentElement.dataset.inline = ''</script>"


def opened(page: Page, url: str) -> tuple[str, bool]:
    """What our client can do in a page, and whether the page's inline script has run."""
    page.goto(url)  # returns after the load event, for which module scripts are waited for
    if page.evaluate("'started' in document.documentElement.dataset"):
        page.locator("html[data-can]").wait_for(state="attached")
    done = page.evaluate("({...document.documentElement.dataset})")
    return done.get("can", ""), "inline" in done


def injected(document: str, header: str | None, address: str) -> tuple[str | None, bytes]:
    """The header and the page as they are sent with the tag."""
    plan = inject.plan(document.encode())
    assert plan is not None
    metas = [policy.value for policy in plan.policies]
    headers = [] if header is None else [header]
    source = f"{address}/__hotreload__/"
    amendment = csp.amend(headers, metas, source=source, nonce="ab12cd34")
    page = inject.inject(document.encode(), plan, "/__hotreload__/client.js?1-2-3", amendment)
    return "".join(amendment.headers) or None, page


@pytest.mark.parametrize("policy", [*BLOCKING, *IN_HEADERS_ONLY])
def test_chromium_runs_our_client_under_an_amended_header(
    page: Page, pages: tuple[str, dict[str, tuple[str | None, bytes]]], policy: str
) -> None:
    """It did not without; and what the page's own scripts may do is what it was."""
    address, content = pages
    content["/before"] = policy, injected(INLINE, None, address)[1]
    content["/after"] = injected(INLINE, policy, address)
    can, inline = opened(page, f"{address}/before")
    assert can != ALL
    assert opened(page, f"{address}/after") == (ALL, inline)


@pytest.mark.parametrize("policy", BLOCKING)
def test_chromium_runs_our_client_under_an_amended_meta(
    page: Page, pages: tuple[str, dict[str, tuple[str | None, bytes]]], policy: str
) -> None:
    """Which governs what comes before it as well: our imports are asked for later."""
    address, content = pages
    meta = f'<meta http-equiv="content-security-policy" content="{policy}">'
    document = f"<!doctype html><head><title>x</title>{meta}{INLINE}"
    content["/page"] = injected(document, None, address)
    assert opened(page, f"{address}/page")[0] == ALL


def test_pages_without_policies_need_nothing(
    page: Page, pages: tuple[str, dict[str, tuple[str | None, bytes]]]
) -> None:
    address, content = pages
    content["/page"] = injected(INLINE, None, address)
    assert opened(page, f"{address}/page") == (ALL, True)
