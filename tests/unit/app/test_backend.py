"""What every backend may do: answer at once or later, from memory or piece by piece."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.process.backends import PLAIN, Scripted, Stream, made_of, plain, serving
from support.process.watching import runs

from hotreload.http.connection import client_presence
from hotreload.http.messages import Request, Response, then

# -- later -----------------------------------------------------------------------------------------


@runs
async def test_an_answer_that_takes_its_time_keeps_nobody_else_waiting():
    ready = asyncio.Event()

    async def slow() -> Response:
        await ready.wait()
        return plain(b"slow")

    def answer(request: Request):
        return slow() if request.target == b"/slow" else plain(b"fast")

    async with serving(answer) as here, here.client() as one, here.client() as other:
        one.ask("GET /slow HTTP/1.1")
        other.ask("GET /fast HTTP/1.1")
        await other.head()
        assert await other.exactly(4) == b"fast"
        ready.set()
        await one.head()
        assert await one.exactly(4) == b"slow"


@runs
async def test_requests_behind_a_slow_one_are_answered_in_their_turn():
    ready = asyncio.Event()

    async def slow() -> Response:
        await ready.wait()
        return Response(200, [PLAIN], made_of(b"sl", b"ow"))

    def answer(request: Request):
        return slow() if request.target == b"/slow" else plain(b"fast")

    async with serving(answer) as here, here.client() as client:
        client.ask("GET /slow HTTP/1.1")
        client.ask("GET /fast HTTP/1.1")
        client.ask("GET /slow HTTP/1.1")
        ready.set()
        await client.head()
        assert await client.chunks() == b"slow"
        await client.head()
        assert await client.exactly(4) == b"fast"
        await client.head()
        assert await client.chunks() == b"slow"


@runs
async def test_a_fault_of_a_backend_is_answered_with_500_and_reported():
    async def later() -> Response:
        await asyncio.sleep(0)
        raise KeyError("later")

    def answer(request: Request):
        if request.target == b"/later":
            return later()
        raise KeyError("now")

    async with serving(answer) as here, here.client() as client:
        for path in ("now", "later"):
            client.ask(f"GET /{path} HTTP/1.1")
            status, headers = await client.head()
            assert status == 500
            assert b"fault" in await client.exactly(int(headers["content-length"]))

    assert here.reports == [
        "a fault in hotreload answered /now with 500: KeyError('now')",
        "a fault in hotreload answered /later with 500: KeyError('later')",
    ]


@runs
async def test_a_client_that_goes_away_ends_the_wait_for_its_answer():
    began, ended = asyncio.Event(), asyncio.Event()

    async def slow() -> Response:
        began.set()
        try:
            return await asyncio.Future()
        finally:
            ended.set()

    async with serving(lambda _: slow()) as here, here.client() as client:
        client.ask("GET / HTTP/1.1")
        await began.wait()
        client.reset()
        await ended.wait()

    assert here.reports == []


@runs
async def test_a_client_that_says_no_more_is_still_answered():
    ready = asyncio.Event()

    async def slow() -> Response:
        await ready.wait()
        return Response(200, [PLAIN], made_of(b"slow"))

    async with serving(lambda _: slow()) as here, here.client() as client:
        client.ask("GET / HTTP/1.1")
        client.writer.write_eof()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.reader.read(1), 0.05)
        ready.set()
        assert (await client.rest()).endswith(b"\r\n\r\n4\r\nslow\r\n0\r\n\r\n")


@runs
@pytest.mark.parametrize("is_late", [True, False])
async def test_a_client_that_says_no_more_is_not_waited_for_for_ever(is_late):
    stream = Stream()

    async def late() -> Response:
        return plain(await anext(stream))

    async with (
        serving(lambda _: late() if is_late else Response(200, [PLAIN], stream)) as here,
        here.client() as client,
    ):
        client.ask("GET / HTTP/1.1")
        if not is_late:
            await client.head()
        client.writer.write_eof()
        assert await client.rest() == b""

    assert stream.cancelled


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(client_presence, "ANSWER_SECONDS", 1.0)
    monkeypatch.setattr(client_presence, "PIECE_SECONDS", 0.3)


@given(st.binary(), st.booleans())
def test_a_change_of_an_answer_is_the_same_now_and_later(data, is_late):
    async def late() -> Response:
        return plain(data)

    def changed(response: Response) -> Response:
        return replace(response, status=404)

    answer = then(late() if is_late else plain(data), changed)
    assert isinstance(answer, Response) is not is_late
    response = answer if isinstance(answer, Response) else asyncio.run(_awaited(answer))
    assert (response.status, response.body) == (404, data)


async def _awaited(answer):
    return await answer


# -- sockets ---------------------------------------------------------------------------------------


class Raw(asyncio.Protocol):
    """Takes over a connection and says what it was given."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport

    def begin(self, head: bytes, rest: bytes) -> None:
        self.transport.write(b"mine: " + head.partition(b"\r\n")[0] + rest + b"\n")

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


class Refusing(Raw):
    def begin(self, head: bytes, rest: bytes) -> None:
        self.transport.write(b"ours\n")
        self.transport.close()


def upgrading(websocket: Callable[[Request], Raw | None]) -> Scripted:
    return Scripted(lambda _: plain(b""), websocket)


@runs
@pytest.mark.parametrize(
    ("path", "origin", "said"),
    [
        ("/theirs", "http://127.0.0.1", b"mine: GET /theirs HTTP/1.1\n"),
        ("/echo", "http://127.0.0.1", b"ours\n"),
        ("/theirs", "http://evil.example", b"ours\n"),
        ("/__hotreload__/ws", "http://127.0.0.1", b"ours\n"),
    ],
)
async def test_a_backend_has_its_own_sockets_but_for_foreign_pages_and_our_paths(
    path, origin, said
):
    def websocket(request: Request) -> Raw | None:
        return None if request.target == b"/echo" else Raw()

    async with (
        serving(upgrading(websocket), sockets=lambda _: Refusing()) as here,
        here.client() as client,
    ):
        client.ask(
            f"GET {path} HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket", f"Origin: {origin}"
        )
        assert await client.reader.readline() == said
        if said.startswith(b"mine"):
            client.writer.write(b"more")
            assert await client.exactly(4) == b"more"
