"""Documents of any backend get the tag on their way, and everything else passes as it is."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.process.backends import Client, Scripted, Stream, made_of, plain, serving
from support.process.watching import runs

from hotreload.app import injecting
from hotreload.app.inject import Injector
from hotreload.app.injecting import Injecting, whole
from hotreload.http.messages import FileBody, Request, Response, content
from hotreload.injection.inject import plan
from hotreload.injection.options import TagOptions
from hotreload.live.history import UpdateHistory
from hotreload.live.source_versions import MAX_VERSIONS, SourceVersions

HTML = (b"content-type", b"text/html; charset=utf-8")
HEAD = b"<!doctype html><html><head><title>t</title></head>"
PAGE = HEAD + b"<body><p>x</p></body></html>"
NAVIGATION = (
    "Sec-Fetch-Dest: document", "Sec-Fetch-Mode: navigate", "Accept: text/html,*/*;q=0.8",
    "If-None-Match: \"v1\"", "If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT",
    "Accept-Encoding: gzip",
)  # fmt: skip
SCRIPT = ("Sec-Fetch-Dest: empty", "Sec-Fetch-Mode: cors", "Accept: */*", 'If-None-Match: "v1"')
VALIDATORS = [(b"etag", b'"v1"'), (b"last-modified", b"Tue, 14 Nov 2023 22:13:20 GMT")]
TAG = re.compile(
    rb'<script type="module" async="" fetchpriority="low"'
    rb' src="/__hotreload__/client\.js\?0{8}-0-0"(?: nonce="[^"]+")?></script >'
)


def html(data: bytes, *headers: tuple[bytes, bytes], status: int = 200) -> Response:
    length = (b"content-length", b"%d" % len(data))
    return Response(status, [HTML, length, *VALIDATORS, *headers], data)


@asynccontextmanager
async def injecting_into(
    answer: Callable[[Request], object], options: TagOptions | None = None
) -> AsyncIterator[Client]:
    injector = Injector(
        UpdateHistory("0" * 8), options or TagOptions(), "client.js", lambda *_: None
    )
    backend = Injecting(Scripted(answer), injector)
    async with serving(backend) as here, here.client() as client:
        yield client
    assert here.reports == []


async def counted(client: Client, *headers: str, method: str = "GET") -> tuple[dict, bytes]:
    client.ask(f"{method} / HTTP/1.1", *headers)
    status, got = await client.head()
    assert status == 200
    length = 0 if method == "HEAD" else int(got["content-length"])
    return got, await client.exactly(length)


async def later(response: Response) -> Response:
    return response


# -- from memory -----------------------------------------------------------------------------------


@runs
@pytest.mark.parametrize("is_late", [True, False])
async def test_a_document_that_is_shown_has_the_tag_and_its_length(is_late):
    asked: list[Request] = []

    def answer(request: Request):
        asked.append(request)
        return later(html(PAGE)) if is_late else html(PAGE)

    async with injecting_into(answer) as client:
        headers, body = await counted(client, *NAVIGATION)
        await counted(client, *NAVIGATION)

    assert len(TAG.findall(body)) == 1
    assert TAG.sub(b"", body) == PAGE
    assert not {"etag", "last-modified"} & headers.keys()
    assert headers["vary"] == "Sec-Fetch-Dest, Sec-Fetch-Mode"
    assert asked[0].headers[b"accept-encoding"] == b"identity"
    assert asked[0].values(b"accept-encoding") == [b"identity"]
    assert not {b"if-none-match", b"if-modified-since"} & asked[0].headers.keys()
    assert asked[0].headers.keys() == {name for name, _ in asked[0].lines}


@runs
async def test_what_a_script_asks_for_passes_as_it_is():
    asked: list[Request] = []

    def answer(request: Request) -> Response:
        asked.append(request)
        return html(PAGE)

    async with injecting_into(answer) as client:
        headers, body = await counted(client, *SCRIPT)

    assert body == PAGE
    assert headers["etag"] == '"v1"'
    assert asked[0].headers[b"if-none-match"] == b'"v1"'


@runs
@pytest.mark.parametrize(
    "response",
    [
        plain(PAGE),
        content(200, b"image/png", PAGE),
        html(PAGE, (b"content-encoding", b"gzip")),
        html(b'<html data-hotreload="off">' + PAGE),
        html(PAGE, status=206),
        html(PAGE, status=302),
        Response(200, [(b"content-length", b"%d" % len(PAGE))], PAGE),
    ],
    ids=["text", "image", "gzip", "off", "part", "redirect", "no type"],
)
@pytest.mark.parametrize("is_streamed", [True, False])
async def test_other_answers_pass_as_they_are(response, is_streamed):
    body = made_of(response.body) if is_streamed else response.body
    sent = Response(response.status, response.headers, body)
    async with injecting_into(lambda _: sent) as client:
        client.ask("GET / HTTP/1.1", *NAVIGATION)
        status, headers = await client.head()
        assert await client.exactly(len(response.body)) == response.body
    assert status == response.status
    for name, value in response.headers:
        assert headers[name.decode()] == value.decode()


@runs
async def test_no_tag_is_put_in_where_none_is_wanted():
    for body in (PAGE, made_of(PAGE)):
        sent = Response(200, html(PAGE).headers, body)
        async with injecting_into(lambda _, sent=sent: sent, TagOptions(inject=False)) as client:
            assert (await counted(client, *NAVIGATION))[1] == PAGE


@runs
@pytest.mark.parametrize("kind", ["memory", "late", "stream"])
async def test_a_head_does_not_say_of_the_bytes_what_a_get_would_not(kind):
    def answer(_: Request):
        if kind == "stream":
            return Response(200, html(PAGE).headers, made_of())
        return html(PAGE) if kind == "memory" else later(html(PAGE))

    async with injecting_into(answer) as client:
        headers, _ = await counted(client, *NAVIGATION, method="HEAD")
        headers, _ = await counted(client, *NAVIGATION, method="HEAD")

    assert headers["content-type"] == "text/html; charset=utf-8"
    assert not {"content-length", "etag", "last-modified"} & headers.keys()


@runs
async def test_policies_let_the_tag_run():
    policy = (b"content-security-policy", b"script-src 'none'")
    async with injecting_into(lambda _: html(PAGE, policy)) as client:
        headers, body = await counted(client, *NAVIGATION)

    nonce = re.search(rb'nonce="([^"]+)"', body)
    assert nonce
    assert f"'nonce-{nonce[1].decode()}'" in headers["content-security-policy"]


# -- as it comes -----------------------------------------------------------------------------------


@runs
async def test_the_shell_of_a_document_is_sent_with_its_tag_before_the_rest_is_there():
    stream = Stream()
    async with injecting_into(lambda _: Response(200, [HTML, *VALIDATORS], stream)) as client:
        client.ask("GET / HTTP/1.1", *NAVIGATION)
        stream.pieces.put_nowait(HEAD[:20])
        stream.pieces.put_nowait(HEAD[20:] + b"<body>")
        _, headers = await client.head()
        assert headers["transfer-encoding"] == "chunked"
        assert "etag" not in headers
        shell = await client.chunk()
        assert TAG.sub(b"", shell) == HEAD + b"<body>"
        assert len(TAG.findall(shell)) == 1
        for piece in (b"<p>one", b"<p>two"):
            stream.pieces.put_nowait(piece)
            assert await client.chunk() == piece
        stream.pieces.put_nowait(b"")
        assert await client.chunk() == b""
        await stream.closed.wait()


@runs
@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_the_length_of_a_document_that_comes_in_pieces_grows_by_the_tag(size):
    def pieces() -> AsyncIterator[bytes]:
        return made_of(*(PAGE[at : at + size] for at in range(0, len(PAGE), size)))

    answer = lambda _: Response(200, html(PAGE).headers, pieces())  # noqa: E731
    async with injecting_into(answer) as client:
        for _ in range(2):
            _, body = await counted(client, *NAVIGATION)
            assert len(TAG.findall(body)) == 1
            assert TAG.sub(b"", body) == PAGE


@runs
async def test_a_document_whose_head_does_not_end_is_not_held_for_ever(monkeypatch):
    monkeypatch.setattr(injecting, "SILENCE_SECONDS", 10.0)
    stream = Stream()
    async with injecting_into(lambda _: Response(200, [HTML], stream)) as client:
        client.ask("GET / HTTP/1.1", *NAVIGATION)
        stream.pieces.put_nowait(b"<head><script>")
        for _ in range(5):
            stream.pieces.put_nowait(b"x" * (injecting.MOST_HELD // 4))
        await client.head()
        assert len(TAG.findall(await client.chunk())) == 1


@runs
async def test_a_document_that_pauses_in_its_head_is_sent_as_far_as_it_has_come():
    stream = Stream()
    async with injecting_into(lambda _: Response(200, [HTML], stream)) as client:
        client.ask("GET / HTTP/1.1", *NAVIGATION)
        stream.pieces.put_nowait(b"<!doctype html><head><title>t</title>")
        await client.head()
        beginning = await client.chunk()
        assert beginning.startswith(b"<!doctype html><head><script")
        stream.pieces.put_nowait(b"<p>late")
        assert await client.chunk() == b"<p>late"


@runs
@pytest.mark.parametrize("data", [b"", b"x", b"<!-- never ends", b"<title>never ends"])
async def test_a_short_document_is_tagged_as_a_whole(data):
    async with injecting_into(lambda _: Response(200, [HTML], made_of(data))) as client:
        client.ask("GET / HTTP/1.1", *NAVIGATION)
        await client.head()
        body = await client.chunks()
    assert b"/__hotreload__/client.js" in body
    assert body.startswith(data) or body.endswith(data)


@runs
@pytest.mark.parametrize("beginning", [b"", b"<head>", HEAD + b"<body>"])
async def test_a_client_that_goes_away_ends_a_document_wherever_it_stands(beginning, monkeypatch):
    monkeypatch.setattr(injecting, "SILENCE_SECONDS", 10.0)
    stream, asked = Stream(), asyncio.Event()

    def answer(_: Request) -> Response:
        asked.set()
        return Response(200, [HTML], stream)

    if beginning:
        stream.pieces.put_nowait(beginning)
    async with injecting_into(answer) as client:
        client.ask("GET / HTTP/1.1", *NAVIGATION)
        await asked.wait()
        while not stream.pieces.empty():
            await asyncio.sleep(0)
        client.reset()
        await stream.closed.wait()

    assert stream.cancelled or beginning.endswith(b"<body>")


@runs
@pytest.mark.parametrize("beginning", [b"", b"<head>", HEAD + b"<body>"])
async def test_a_document_that_breaks_off_ends_the_connection_or_is_answered_with_500(beginning):
    stream = Stream()
    if beginning:
        stream.pieces.put_nowait(beginning)
    stream.pieces.put_nowait(KeyError("broken"))
    injector = Injector(UpdateHistory("0" * 8), TagOptions(), "client.js", lambda *_: None)
    backend = Injecting(Scripted(lambda _: Response(200, [HTML], stream)), injector)
    async with serving(backend) as here, here.client() as client:
        client.ask("GET / HTTP/1.1", *NAVIGATION, "Connection: close")
        rest = await client.rest()

    assert not rest.endswith(b"0\r\n\r\n")
    assert len(here.reports) == 1
    assert stream.closed.is_set()


# -- the rest of a backend -------------------------------------------------------------------------


@runs
async def test_a_file_of_a_backend_passes_as_it_is(tmp_path):
    body = FileBody(None, ())  # type: ignore[arg-type]
    injector = Injector(UpdateHistory("0" * 8), TagOptions(), "client.js", lambda *_: None)
    backend = Injecting(Scripted(lambda _: Response(200, [HTML], body)), injector)
    request = Request.of("GET", b"/", [(b"host", b"localhost")], "http")

    assert backend.respond(request).body is body


@runs
async def test_everything_else_is_as_the_backend_has_it():
    inner = Scripted(lambda _: plain(b""))
    injector = Injector(UpdateHistory("0" * 8), TagOptions(), "client.js", lambda *_: None)
    backend = Injecting(inner, injector)
    request = Request.of("GET", b"/", [(b"range", b"bytes=0-1"), (b"host", b"a")], "http")

    assert backend.admits(request) is False
    assert await backend.file_changes(None) == []  # type: ignore[arg-type]
    assert backend.diff(None) == []  # type: ignore[arg-type]
    assert backend.source("0", "/") is None
    assert backend.websocket(request) is None
    assert whole(request).lines == [(b"host", b"a"), (b"accept-encoding", b"identity")]


# -- what pages were made from ---------------------------------------------------------------------


@given(st.binary(max_size=200))
def test_a_version_is_kept_once_and_found_by_its_digest(data):
    versions = SourceVersions()
    first = versions.keep(data, "a", "text/html")

    assert versions.keep(data, "a", "text/html") is first
    assert versions.keep(data, "a", "text/html", "utf-8") is not first
    assert versions.source("a") == data
    assert versions.source("b") is None
    assert first.plan == plan(data)


def test_the_versions_that_were_asked_for_longest_ago_are_forgotten():
    versions = SourceVersions()
    for digest in "abc":
        versions.keep(bytes(MAX_VERSIONS // 2), digest, "text/html")

    assert versions.source("a") is None
    assert versions.source("c") is not None
