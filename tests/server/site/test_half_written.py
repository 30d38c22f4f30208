"""A file that is caught half-written is not served as if it were whole."""

import asyncio
import http.client
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import NIGHTLY, Server
from playwright.sync_api import Page

from hotreload.app.inject import Injector
from hotreload.config.settings import Settings
from hotreload.files import write_lease
from hotreload.files.open_file import NotServed, OpenFile
from hotreload.files.stamp import LARGE
from hotreload.http.messages import Request, Response
from hotreload.live.history import UpdateHistory
from hotreload.live.import_graph import ImportGraph
from hotreload.static.site import write_wait
from hotreload.static.site.file_cache import Content, FileBusy, FileCache
from hotreload.static.site.site import Mount, Site
from hotreload.static.static import Static

Start = Callable[..., Server]

SECONDS = 20 if NIGHTLY else 3
CLIENTS = 8
CHUNKS = 10
WORD = 8
SIZE = 2**20

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who writes a file")


def version(number: int) -> bytes:
    return b"%08d" % number * (SIZE // WORD)


def is_whole(body: bytes) -> bool:
    return len(body) == SIZE and body == body[:WORD] * (SIZE // WORD)


def get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def put(file, content: bytes, begun: Callable[[], object] = lambda: None) -> None:
    """Write it as a slow program does."""
    step = -(-len(content) // CHUNKS)
    for start in range(0, len(content), step):
        file.write(content[start : start + step])
        file.flush()
        begun()
        time.sleep(0.03)


def truncated(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        put(file, content)


def in_place(path: Path, content: bytes) -> None:
    with path.open("r+b") as file:
        put(file, content)


def renamed(path: Path, content: bytes) -> None:
    draft = path.with_name("draft.tmp")
    truncated(draft, content)
    draft.replace(path)


@linux
@pytest.mark.parametrize("save", [truncated, in_place, renamed])
def test_every_answer_during_saves_is_one_whole_version(tmp_path, server, save):
    path = tmp_path / "data.js"
    path.write_bytes(version(0))
    port = server(tmp_path).port
    ending = time.monotonic() + (SECONDS if save is truncated else SECONDS / 2)
    seen: Counter[bytes] = Counter()

    def read() -> None:
        while time.monotonic() < ending:
            status, body = get(port, "/data.js")
            assert status == 200
            assert is_whole(body), f"{len(body)} bytes, {body[:WORD]!r} to {body[-WORD:]!r}"
            seen[body[:WORD]] += 1

    with ThreadPoolExecutor(CLIENTS) as clients:
        reading = [clients.submit(read) for _ in range(CLIENTS)]
        last = 0
        while time.monotonic() < ending:
            last += 1
            save(path, version(last))
            time.sleep(0.02)
        for each in reading:
            each.result()

    assert len(seen) > 1
    assert get(port, "/data.js") == (200, version(last))


@linux
def test_a_file_that_is_first_asked_for_during_its_save_is_waited_for(tmp_path, server):
    port = server(tmp_path).port
    with (
        (tmp_path / "new.css").open("wb") as file,
        socket.create_connection(("127.0.0.1", port), 10) as client,
    ):
        file.write(b"p { color:")
        file.flush()
        client.sendall(b"GET /new.css HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert get(port, "/__hotreload__/health")[0] == 200  # it has read the request before
        file.write(b" red }")
        file.close()
        answer = b"".join(iter(lambda: client.recv(2**16), b""))

    assert answer.endswith(b"\r\n\r\np { color: red }")


@linux
def test_requests_behind_one_that_waits_are_answered_in_their_turn(tmp_path, server):
    (tmp_path / "old.txt").write_bytes(b"old")
    port = server(tmp_path).port
    with (
        (tmp_path / "new.txt").open("wb") as file,
        socket.create_connection(("127.0.0.1", port), 10) as client,
    ):
        file.write(b"ne")
        file.flush()
        ask = b"%s /%s.txt HTTP/1.1\r\nHost: localhost\r\n%s\r\n"
        client.sendall(ask % (b"HEAD", b"new", b"") + ask % (b"GET", b"new", b""))
        client.sendall(ask % (b"GET", b"old", b"Connection: close\r\n"))
        assert get(port, "/__hotreload__/health")[0] == 200
        file.write(b"w")
        file.close()
        answer = b"".join(iter(lambda: client.recv(2**16), b""))

    heads = [part.partition(b"\r\n\r\n") for part in answer.split(b"HTTP/1.1 200 OK\r\n")[1:]]
    assert [body for _, _, body in heads] == [b"", b"new", b"old"]
    assert all(b"content-length: 3" in head for head, _, _ in heads)


BLANK = """
    globalThis.wasBlank = false;
    new MutationObserver(() => { wasBlank ||= !document.querySelector("p") }).observe(
        document, { childList: true, subtree: true });
"""
SLOW = 0.7  # seconds that a slow editor takes between emptying a file and writing it


def test_a_page_is_not_blank_while_an_editor_takes_its_time_to_write(
    page: Page, tmp_path: Path, server: Start
) -> None:
    path = tmp_path / "index.html"
    path.write_text("<!doctype html><title>t</title><p>old</p><input>")
    running = server(tmp_path)
    page.goto(running.url)
    running.wait_for(type="page", event="opened")
    page.locator("input").fill("typed")
    page.evaluate(BLANK)

    path.write_bytes(b"")
    time.sleep(SLOW)
    assert b"<p>old</p>" in get(running.port, "/")[1]
    path.write_text("<!doctype html><title>t</title><p>new</p><input>")

    page.get_by_text("new").wait_for()
    assert page.locator("input").input_value() == "typed"
    assert page.evaluate("wasBlank") is False
    assert [each["seq"] for each in running.lines if each["type"] == "change"] == [1]


def test_a_file_that_a_person_has_emptied_is_shown_empty(
    page: Page, tmp_path: Path, server: Start
) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><title>t</title><p>old</p>")
    running = server(tmp_path)
    page.goto(running.url)
    running.wait_for(type="page", event="opened")
    (tmp_path / "index.html").write_bytes(b"")

    page.wait_for_function("!document.querySelector('p')")
    assert get(running.port, "/index.html")[0] == 200
    page.goto(running.url + "index.html")
    assert page.locator("p").count() == 0


def folder(root: Path) -> Static:
    """A site as a backend."""
    write_lease.prepare()
    settings = Settings(root)
    tagger = Injector(UpdateHistory("0" * 8), settings.tag, "client.js", lambda *_: None)
    return Static(
        Site([Mount((), root)]), lambda *_: None, settings.static, lambda *_: None,
        import_graph=ImportGraph(), tagger=tagger,
    )  # fmt: skip


ASKED = Request.of("GET", b"/new.css", [(b"host", b"localhost")], "http")


@linux
def test_a_file_that_is_written_all_the_time_is_given_up_in_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(write_wait, "WRITING_SECONDS", 3 * write_wait.AGAIN_SECONDS)
    site = folder(tmp_path)

    async def respond() -> Response:
        return await site.respond(ASKED)

    with (tmp_path / "new.css").open("wb") as file:
        file.write(b"half")
        file.flush()
        response = asyncio.run(respond())

    assert response.status == 503
    assert (b"retry-after", b"1") in response.headers


@linux
def test_requests_that_wait_for_one_file_share_the_looks_at_it(tmp_path, monkeypatch):
    looks = 0
    is_busy = FileCache.is_busy

    def look(memory: FileCache, path: str) -> bool:
        nonlocal looks
        looks += 1
        return is_busy(memory, path)

    monkeypatch.setattr(FileCache, "is_busy", look)
    site = folder(tmp_path)

    async def respond() -> list[Response]:
        with (tmp_path / "new.css").open("wb") as file:
            file.write(b"half")
            file.flush()
            waiting = [asyncio.ensure_future(site.respond(ASKED)) for _ in range(50)]
            while looks < 3:
                await asyncio.sleep(write_wait.AGAIN_SECONDS)
        return await asyncio.gather(*waiting)

    assert {response.body for response in asyncio.run(respond())} == {b"half"}
    assert looks < 25


@linux
def test_a_file_that_nobody_waits_for_any_more_is_not_looked_at(tmp_path):
    site = folder(tmp_path)

    async def leave() -> None:
        with (tmp_path / "new.css").open("wb") as file:
            file.write(b"half")
            file.flush()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(site.respond(ASKED), write_wait.AGAIN_SECONDS / 2)
            while site._writes._waits:
                await asyncio.sleep(write_wait.AGAIN_SECONDS)

    asyncio.run(asyncio.wait_for(leave(), 10))


@contextmanager
def logging(path: Path) -> Iterator[None]:
    """A program that keeps the file open, and adds a line to it now and then."""
    ended = threading.Event()

    def write() -> None:
        with path.open("ab", buffering=0) as file:
            number = 0
            while not ended.wait(0.02):
                number += 1
                file.write(b"line %06d\n" % number)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        try:
            yield
        finally:
            ended.set()
            writing.result()


def test_a_log_that_is_written_all_the_time_is_served_as_it_is(tmp_path, server):
    path = tmp_path / "log.txt"
    path.write_bytes(b"line 000000\n")
    port = server(tmp_path).port

    with logging(path):
        bodies = [get(port, "/log.txt")[1]]
        deadline = time.monotonic() + 10
        while len(bodies) < 4 and time.monotonic() < deadline:
            status, body = get(port, "/log.txt")
            assert status == 200
            if body != bodies[-1]:
                bodies.append(body)

    assert len(bodies) == 4
    assert all(new.startswith(old) for old, new in pairwise(bodies))
    assert get(port, "/log.txt") == (200, path.read_bytes())


# -- large files, which are sent from the disk -----------------------------------------------------

VERY_LARGE = 8 * LARGE  # more than what the two ends of a connection take in by themselves


@contextmanager
def downloading(server: Server, name: str) -> Iterator[Callable[[], tuple[int, int]]]:
    """A download that has begun; its rest: the length that was promised, and what has come."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", f"/{name}")
    response = connection.getresponse()
    begun = len(response.read(1000))

    def rest() -> tuple[int, int]:
        try:
            return int(response.headers["content-length"]), begun + len(response.read())
        except http.client.IncompleteRead as cut:
            return int(response.headers["content-length"]), begun + len(cut.partial)

    try:
        yield rest
    finally:
        connection.close()


@pytest.fixture
def large(tmp_path, server):
    """A file that is sent from the disk piece by piece, and a server of it."""
    path = tmp_path / "large.bin"
    path.write_bytes(b"a" * VERY_LARGE)
    return path, server(tmp_path)


def test_a_large_file_that_is_cut_off_while_it_is_sent_ends_the_connection(large):
    path, running = large
    with downloading(running, "large.bin") as rest:
        path.write_bytes(b"b" * SIZE)
        promised, came = rest()

    assert promised == VERY_LARGE
    assert came < promised
    assert get(running.port, "/large.bin") == (200, b"b" * SIZE)


def test_a_large_file_that_is_written_anew_while_it_is_sent_ends_the_connection(large):
    path, running = large
    with downloading(running, "large.bin") as rest:
        with path.open("r+b") as file:
            file.write(b"b" * VERY_LARGE)
        promised, came = rest()

    assert came < promised == VERY_LARGE
    assert get(running.port, "/large.bin") == (200, b"b" * VERY_LARGE)


def test_a_large_file_that_grows_while_it_is_sent_comes_as_long_as_it_was(large):
    path, running = large
    with downloading(running, "large.bin") as rest:
        with path.open("ab") as file:
            file.write(b"b" * SIZE)
        promised, came = rest()

    assert came == promised == VERY_LARGE
    assert get(running.port, "/large.bin") == (200, b"a" * VERY_LARGE + b"b" * SIZE)


def an_hour_later(monkeypatch, module):
    """Times of files are an hour old for this module."""
    later = SimpleNamespace(time=lambda: time.time() + 3600, monotonic=time.monotonic)
    monkeypatch.setattr(f"{module}.time", later)


# -- the memory itself -----------------------------------------------------------------------------


@pytest.fixture
def memory(tmp_path: Path) -> FileCache:
    write_lease.prepare()
    return FileCache(Site([Mount((), tmp_path)]))


def content(memory: FileCache, path: Path) -> bytes:
    read = memory.read(str(path))
    assert isinstance(read, Content)
    return read.data


@linux
def test_the_version_before_is_read_for_as_long_as_a_file_is_open_for_writing(memory, tmp_path):
    path = tmp_path / "page.html"
    path.write_bytes(b"one")
    assert content(memory, path) == b"one"

    with path.open("wb") as file:
        assert content(memory, path) == b"one"
        file.write(b"tw")
        file.flush()
        assert content(memory, path) == b"one"
        assert memory.now(str(path)) is None
        file.write(b"o")

    assert content(memory, path) == b"two"
    assert memory.now(str(path)).data == b"two"


@linux
@pytest.mark.parametrize("length", [0, 1])
def test_a_file_that_is_cut_off_is_not_whole_though_its_time_is_old(
    memory, tmp_path, monkeypatch, length
):
    """Ext4 gives it the new size milliseconds before the new time."""
    path = tmp_path / "page.html"
    path.write_bytes(b"one")
    assert content(memory, path) == b"one"

    with path.open("r+b") as file:
        file.truncate(length)
        an_hour_later(monkeypatch, "hotreload.static.site.file_cache")
        assert content(memory, path) == b"one"
        assert memory.now(str(path)) is None
        file.write(b"two")

    assert content(memory, path) == b"two"


@linux
def test_a_file_without_a_version_before_is_not_yet_there(memory, tmp_path):
    path = tmp_path / "page.html"
    with path.open("wb") as file:
        file.write(b"half")
        file.flush()
        with pytest.raises(FileBusy):
            memory.read(str(path))

    assert content(memory, path) == b"half"


@linux
def test_a_large_file_is_not_opened_while_it_is_written(memory, tmp_path):
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(LARGE + 1)
        with pytest.raises(FileBusy):
            memory.read(str(path))

    with memory.read(str(path)) as opened:
        assert isinstance(opened, OpenFile)
    assert memory.now(str(path)) is None


def test_a_file_that_is_gone_is_not_served_from_memory(memory, tmp_path):
    path = tmp_path / "page.html"
    path.write_bytes(b"one")
    assert content(memory, path) == b"one"

    path.unlink()

    with pytest.raises(NotServed):
        memory.read(str(path))
    assert memory.now(str(path)) is None


def test_the_files_of_a_cleared_site_may_return_for_longer(memory, tmp_path, monkeypatch):
    """A generator has emptied its folder, but for git's, and is about to fill it anew."""
    monkeypatch.setattr("hotreload.static.site.file_cache.GONE", 0.0)
    page, other = tmp_path / "page.html", tmp_path / "other.html"
    for path in (page, other):
        path.write_bytes(b"one")
        assert content(memory, path) == b"one"

    page.unlink()
    assert not memory.may_return(str(page))

    other.unlink()
    (tmp_path / ".git").mkdir()
    assert memory.may_return(str(other))
    (tmp_path / ".git").rmdir()
    tmp_path.rmdir()
    assert memory.may_return(str(other))


def test_a_change_that_was_seen_to_be_over_is_read_at_once(memory, tmp_path):
    """Where nobody can tell who writes a file, it is left alone for a moment, but only once."""
    path = tmp_path / "page.html"
    path.write_bytes(b"one")
    assert memory.latest(str(path), settled=True).data == b"one"

    path.write_bytes(b"")
    assert memory.latest(str(path), settled=True).data == b""
