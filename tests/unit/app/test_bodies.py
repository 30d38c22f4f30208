"""Bodies both ways: of any size, as they come, no faster than they are read, until an end goes."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from support.process.backends import PLAIN, Stream, made_of, plain, serving
from support.process.watching import runs

from hotreload.http.connection import client_presence
from hotreload.http.connection.request_body import MOST_WAITING, IncompleteBody
from hotreload.http.messages import Request, Response
from hotreload.security.limits import Limits


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(client_presence, "ANSWER_SECONDS", 1.0)
    monkeypatch.setattr(client_presence, "PIECE_SECONDS", 0.3)


# -- bodies of answers -----------------------------------------------------------------------------


@runs
async def test_each_piece_of_an_answer_is_sent_as_it_comes():
    stream = Stream()
    async with (
        serving(lambda _: Response(200, [PLAIN], stream)) as here,
        here.client() as client,
    ):
        client.ask("GET / HTTP/1.1")
        status, headers = await client.head()
        assert (status, headers["transfer-encoding"]) == (200, "chunked")
        assert "content-length" not in headers
        for piece in (b"one", b"a second one"):
            stream.pieces.put_nowait(piece)
            assert await client.chunk() == piece
        stream.pieces.put_nowait(b"")
        assert await client.chunk() == b""
        await stream.closed.wait()
        assert "connection" not in headers


@runs
async def test_an_answer_of_known_length_needs_no_chunks_and_the_connection_stays():
    def answer(_: Request) -> Response:
        return Response(200, [PLAIN, (b"content-length", b"6")], made_of(b"one", b"two"))

    async with serving(answer) as here, here.client() as client:
        for _ in range(3):
            client.ask("GET / HTTP/1.1")
            _, headers = await client.head()
            assert "transfer-encoding" not in headers
            assert await client.exactly(6) == b"onetwo"


@runs
@pytest.mark.parametrize("pieces", [(b"four", b"!"), (b"abc",), (b"abc", b"de"), ()])
async def test_an_answer_of_another_length_than_was_promised_ends_the_connection(pieces):
    def answer(_: Request) -> Response:
        return Response(200, [PLAIN, (b"content-length", b"4")], made_of(*pieces))

    async with serving(answer) as here, here.client() as client:
        client.ask("GET / HTTP/1.1")
        client.ask("GET / HTTP/1.1")
        try:
            rest = await client.rest()
        except ConnectionError:
            return
        assert rest.count(b"HTTP/1.1 200") <= 1


@runs
async def test_a_body_that_breaks_off_ends_the_connection_and_is_reported():
    stream = Stream()
    async with (
        serving(lambda _: Response(200, [PLAIN], stream)) as here,
        here.client() as client,
    ):
        client.ask("GET /page?x HTTP/1.1")
        client.ask("GET /page?x HTTP/1.1")
        await client.head()
        stream.pieces.put_nowait(b"one")
        assert await client.chunk() == b"one"
        stream.pieces.put_nowait(KeyError("broken"))
        assert await client.rest() == b""

    assert stream.closed.is_set()
    assert here.reports == [
        "a fault in hotreload has cut off the answer to /page?x: KeyError('broken')"
    ]


@runs
async def test_a_client_that_goes_away_ends_what_makes_its_answer():
    stream = Stream()
    async with (
        serving(lambda _: Response(200, [PLAIN], stream)) as here,
        here.client() as client,
    ):
        client.ask("GET / HTTP/1.1")
        await client.head()
        client.reset()
        await stream.closed.wait()

    assert stream.cancelled
    assert here.reports == []


@runs
async def test_no_more_is_made_of_an_answer_than_the_client_reads():
    made = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal made
        while True:
            made += 1
            yield bytes(2**16)

    async with (
        serving(lambda _: Response(200, [PLAIN], endless())) as here,
        here.client() as client,
    ):
        client.ask("GET / HTTP/1.1")
        await client.head()
        last = 0
        while made > last:  # until a while passes in which nothing is made
            last = made
            await asyncio.sleep(0.1)
        for _ in range(2 * last):
            await client.chunk()

    assert made > last


@runs
@pytest.mark.parametrize("length", [None, b"6"])
async def test_a_head_is_answered_without_a_body_which_is_ended(length):
    streams: list[Stream] = []

    def answer(_: Request) -> Response:
        streams.append(Stream())
        return Response(
            200, [PLAIN, *([(b"content-length", length)] if length else [])], streams[-1]
        )

    async with serving(answer) as here, here.client() as client:
        for _ in range(2):
            client.ask("HEAD / HTTP/1.1")
            status, headers = await client.head()
            assert (status, headers.get("content-length")) == (200, length and length.decode())
        client.ask("HEAD / HTTP/1.1", "Connection: close")
        await client.head()
        assert await client.rest() == b""
        await asyncio.gather(*(stream.closed.wait() for stream in streams))

    assert len(streams) == 3


@runs
async def test_an_answer_that_has_no_body_by_its_status_has_no_chunks():
    async with (
        serving(lambda _: Response(204, [], made_of(b"never sent"))) as here,
        here.client() as client,
    ):
        for _ in range(2):
            client.ask("GET / HTTP/1.1")
            status, headers = await client.head()
            assert status == 204
            assert not {"transfer-encoding", "content-length"} & headers.keys()


@runs
async def test_to_an_old_client_the_end_of_the_connection_is_the_end_of_the_answer():
    async with (
        serving(lambda _: Response(200, [PLAIN], made_of(b"one", b"", b"two"))) as here,
        here.client() as client,
    ):
        client.ask("GET / HTTP/1.0")
        status, headers = await client.head()
        assert (status, headers["connection"]) == (200, "close")
        assert "transfer-encoding" not in headers
        assert await client.rest() == b"onetwo"


# -- bodies of requests ----------------------------------------------------------------------------


async def read(request: Request) -> Response:
    return plain(b"".join([piece async for piece in request.body]))


@runs
async def test_a_body_is_read_and_the_connection_stays():
    async with serving(read) as here, here.client() as client:
        for headers, body in (
            (["Content-Length: 3"], b"one"),
            (["Transfer-Encoding: chunked"], b"2\r\nse\r\n4\r\ncond\r\n0\r\n\r\n"),
            (["Content-Length: 0"], b""),
            (["Transfer-Encoding: chunked"], b"0\r\n\r\n"),
            ([], b""),
        ):
            client.ask("POST / HTTP/1.1", *headers, body=body)
        for body in (b"one", b"second", b"", b"", b""):
            status, headers = await client.head()
            assert (status, headers.get("connection")) == (200, None)
            assert await client.exactly(len(body)) == body


@runs
async def test_a_body_that_comes_bit_by_bit_is_read_as_it_comes():
    got: asyncio.Queue[bytes] = asyncio.Queue()

    async def answer(request: Request) -> Response:
        async for piece in request.body:
            got.put_nowait(piece)
        return plain(b"thanks")

    async with serving(answer) as here, here.client() as client:
        client.ask("POST / HTTP/1.1", "Content-Length: 6")
        for piece in (b"abc", b"def"):
            client.writer.write(piece)
            assert await got.get() == piece
        assert (await client.head())[0] == 200


@runs
async def test_fifty_megabytes_are_echoed_and_few_of_them_are_ever_held():
    piece, count, sent = bytes(range(256)) * 256, 800, 0

    async def echo(request: Request) -> AsyncIterator[bytes]:
        async for data in request.body:
            yield data

    async with (
        serving(lambda request: Response(200, [PLAIN], echo(request))) as here,
        here.client() as client,
    ):
        client.ask("POST / HTTP/1.1", f"Content-Length: {count * len(piece)}")

        async def send() -> None:
            nonlocal sent
            for _ in range(count):
                client.writer.write(piece)
                await client.writer.drain()
                sent += len(piece)

        sending = asyncio.create_task(send())
        await client.head()
        before = -1
        while sent > before:  # nobody reads the answer: in the end nothing more is taken
            before = sent
            await asyncio.sleep(0.2)
        assert sent < count * len(piece) / 2
        place = 0
        while data := await client.chunk():
            for byte in (0, len(data) - 1):
                assert data[byte] == (place + byte) % 256
            place += len(data)
        await sending

    assert place == count * len(piece)


@runs
async def test_a_client_is_told_to_proceed_once_its_body_is_read():
    async with serving(read) as here, here.client() as client:
        client.ask("POST / HTTP/1.1", "Content-Length: 3", "Expect: 100-continue")
        assert await client.head() == (100, {})
        client.writer.write(b"one")
        assert (await client.head())[0] == 200
        assert await client.exactly(3) == b"one"


@runs
@pytest.mark.parametrize("is_late", [True, False])
async def test_a_body_that_nobody_reads_is_not_asked_for_and_ends_the_connection(is_late):
    async def later() -> Response:
        return plain(b"no")

    async with (
        serving(lambda _: later() if is_late else plain(b"no")) as here,
        here.client() as client,
    ):
        client.ask("POST / HTTP/1.1", "Content-Length: 3", "Expect: 100-continue")
        status, headers = await client.head()
        assert (status, headers["connection"]) == (200, "close")
        assert await client.rest() == b"no"


@runs
async def test_an_answer_comes_through_to_a_client_that_sends_a_large_body_first():
    size = 8 * 2**20

    async def later() -> Response:
        return Response(413, [PLAIN, (b"content-length", b"2")], made_of(b"no"))

    async with serving(lambda _: later()) as here, here.client() as client:
        client.ask("POST / HTTP/1.1", f"Content-Length: {size}", body=bytes(size))
        status, _ = await client.head()
        assert status == 413
        assert await client.exactly(2) == b"no"


@runs
@pytest.mark.parametrize("goes", ["reset", "eof"])
async def test_who_reads_the_body_of_a_client_that_goes_away_is_told(goes):
    ended: asyncio.Queue[type[BaseException]] = asyncio.Queue()
    began = asyncio.Event()

    async def pump(request: Request) -> None:
        try:
            async for _ in request.body:
                began.set()
        except BaseException as error:
            ended.put_nowait(type(error))
            raise

    async def answer(request: Request) -> Response:
        await asyncio.create_task(pump(request))
        return plain(b"never")

    async with serving(answer) as here, here.client() as client:
        client.ask("POST / HTTP/1.1", "Content-Length: 10", body=b"half")
        await began.wait()
        if goes == "reset":
            client.reset()
        else:
            client.writer.write_eof()
            assert await client.rest() == b""
        expected = {"reset": (asyncio.CancelledError, IncompleteBody), "eof": (IncompleteBody,)}
        assert await ended.get() in expected[goes]

    assert here.reports == []


@runs
async def test_a_client_that_falls_silent_in_its_body_is_not_waited_for_for_ever():
    async with serving(read, limits=Limits(stall_seconds=0.1)) as here, here.client() as client:
        client.ask("POST / HTTP/1.1", "Content-Length: 10", body=b"half")
        assert await client.rest() == b""

    assert here.reports == []


@runs
async def test_a_body_behind_a_slow_answer_waits_for_its_turn():
    ready = asyncio.Event()

    async def slow() -> Response:
        await ready.wait()
        return plain(b"slow")

    size = 4 * MOST_WAITING
    async with (
        serving(lambda request: slow() if request.target == b"/slow" else read(request)) as here,
        here.client() as client,
    ):
        client.ask("GET /slow HTTP/1.1")
        client.ask("POST / HTTP/1.1", f"Content-Length: {size}", body=b"x" * size)
        ready.set()
        await client.head()
        assert await client.exactly(4) == b"slow"
        await client.head()
        assert await client.exactly(size) == b"x" * size


@runs
async def test_a_body_that_cannot_be_ended_is_left_alone():
    class Endless:
        def __aiter__(self) -> "Endless":
            return self

        async def __anext__(self) -> bytes:
            return bytes(2**18)

    async with (
        serving(lambda _: Response(200, [PLAIN], Endless())) as here,
        here.client() as client,
    ):
        client.ask("GET / HTTP/1.1")
        await client.head()
        client.reset()

    assert here.reports == []
