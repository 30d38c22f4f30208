"""A small server that speaks the wire, and does to a page whatever a test wants.

Knows: the messages as they stand in JSON, and enough HTTP to load a page. Refuses to know: files,
watching, and everything else that the real server does: here a test says what has changed.
"""

import asyncio
import hashlib
import json
import threading
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, cast

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from support.process.commands import CHECKOUT

MODULES = CHECKOUT / "injector" / "src"
OWN = "/__hotreload__/"
PATIENCE = 8.0  # seconds
TYPES = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "json": "application/json",
    "svg": "image/svg+xml",
    "png": "image/png",
    "txt": "text/plain",
    "wav": "audio/wav",
}

Message = dict[str, Any]


def digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=8).hexdigest()


class FakeServer:
    """Serves what is in `files`, on a port that stays the same when it is stopped and started.

    Attributes:
        files: content by URL path.
        headers: more response headers by URL path.
        run: id of this run; another after `restart`.
        updates: every update of this run.
        heard: every message that a page sent, oldest first, each with the number of its socket as
            "socket".
        requests: every path that was requested.
        nonce: of the tag, where the pages' policy wants one.
        held: paths whose response waits until it is taken out of here.
        stale: documents come as they were when first served, as from a cache that never asks.
    """

    def __init__(self, **files: bytes | str) -> None:
        self.files: dict[str, bytes] = {}
        self.headers: dict[str, dict[str, str]] = {}
        self.versions: dict[str, bytes] = {}
        self.run = "aaaa0001"
        self.updates: list[Message] = []
        self.heard: list[Message] = []
        self.requests: list[str] = []
        self.nonce = ""
        self.held: set[str] = set()
        self.port = 0
        self.resyncs = 0
        self._sockets: dict[ServerConnection, int] = {}
        self._transports: list[asyncio.Transport] = []
        self._count = 0
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server: Server | None = None
        self.start()

    # -- life ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Serves, on the same port as before."""
        self._do(self._start())

    async def _start(self) -> None:
        self._server = await serve(
            self._page,
            "127.0.0.1",
            self.port,
            process_request=self._respond,
            subprotocols=["hotreload.v1"],  # type: ignore[list-item]  # a NewType of str
            compression=None,
            create_connection=self._connection,
            open_timeout=4,  # browsers open connections ahead of need, and then say nothing
            close_timeout=0.2,  # a browser that has ended does not say goodbye
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    def _connection(self, *words: Any, **more: Any) -> ServerConnection:
        """A connection whose transport is remembered."""
        transports = self._transports

        class Remembered(ServerConnection):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                transports.append(cast("asyncio.Transport", transport))
                super().connection_made(transport)

        return Remembered(*words, **more)

    def stop(self) -> None:
        """Closes every socket and the port, as a server does that ends."""
        self._do(self._stop())

    async def _stop(self) -> None:
        if self._server:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    def restart(self) -> None:
        """Stops, and starts as a new run that knows nothing of the old one."""
        self.stop()
        self.run = f"{self.run[:4]}{int(self.run[4:]) + 1:04}"
        self.updates.clear()
        self.start()

    async def _end_connections(self) -> None:
        """Browsers open connections ahead of need: those that never spoke are ended here."""
        for transport in self._transports:
            transport.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def close(self) -> None:
        """The end."""
        self.stop()
        self._do(self._end_connections())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    def _do(self, work: Awaitable[None]) -> None:
        async def run() -> None:
            await work

        asyncio.run_coroutine_threadsafe(run(), self._loop).result(PATIENCE)

    # -- what a test does ----------------------------------------------------------------------

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def write(self, url: str, content: str | bytes) -> Message:
        """Puts a file there without a word; returns what would be said of it."""
        data = content.encode() if isinstance(content, str) else content
        kind = "modified" if url in self.files else "added"
        self.files[url] = data
        self.versions[digest(data)] = data
        change: Message = {"url": url, "kind": kind, "digest": digest(data)}
        if url.endswith((".css", ".html")) and data.isascii():
            change["text"] = data.decode()
        return change

    def delete(self, url: str) -> Message:
        """Removes a file without a word; returns what would be said of it."""
        del self.files[url]
        return {"url": url, "kind": "deleted"}

    def update(self, *changes: Message, tell: bool = True, **more: Any) -> int:
        """The next update of this run; returns its number."""
        seq = len(self.updates) + 1
        update = {"type": "update", "seq": seq, "age": 1.0, "changes": list(changes), **more}
        self.updates.append(update)
        if tell:
            self.say(update)
        return seq

    def edit(self, url: str, content: str | bytes) -> int:
        """Saves a file and tells every page."""
        return self.update(self.write(url, content))

    def say(self, message: Message) -> None:
        """Sends a message to every page."""

        async def send() -> None:
            for socket in self._sockets:
                await socket.send(json.dumps(message))

        self._do(send())

    def cut(self) -> None:
        """Ends every connection as a broken network would."""

        async def abort() -> None:
            for socket in list(self._sockets):
                socket.transport.abort()

        self._do(abort())

    # -- what a test waits for -----------------------------------------------------------------

    def wait(self, condition: Callable[[], Any], what: str = "") -> Any:
        """Returns the condition's value once it is true."""
        with self._changed:
            if not self._changed.wait_for(condition, PATIENCE):
                raise AssertionError(f"not in time: {what}; heard {self.heard}")
            return condition()

    def hear(self, kind: str, count: int = 1, **fields: Any) -> Message:
        """The newest message of a type with these fields, once there are so many."""

        def found() -> list[Message]:
            return [
                message
                for message in self.heard
                if message["type"] == kind and fields.items() <= message.items()
            ]

        self.wait(lambda: len(found()) >= count, f"{count} {kind} {fields}")
        return found()[-1]

    def answers(self) -> list[tuple[int, str]]:
        """What pages said that they did: number and action, oldest first."""
        return [(m["seq"], m["action"]) for m in self.heard if m["type"] == "applied"]

    def pages(self) -> int:
        """How many sockets are open."""
        return len(self._sockets)

    # -- sockets -------------------------------------------------------------------------------

    async def _page(self, socket: ServerConnection) -> None:
        self._count += 1
        number = self._count
        self._note(lambda: self._sockets.__setitem__(socket, number))
        try:
            async for text in socket:
                message = json.loads(text)
                await self._answer(socket, message)
                self._hear({**message, "socket": number})
        except ConnectionClosed:
            pass  # cut
        finally:
            self._note(lambda: self._sockets.pop(socket))

    def _note(self, change: Callable[[], Any]) -> None:
        with self._changed:
            change()
            self._changed.notify_all()

    def _hear(self, message: Message) -> None:
        self._note(lambda: self.heard.append(message))

    async def _answer(self, socket: ServerConnection, message: Message) -> None:
        if message["type"] == "page":
            for answer in self._welcome(message):
                await socket.send(json.dumps(answer))
        elif message["type"] != "applied":
            await socket.send(json.dumps(message))

    def _welcome(self, page: Message) -> list[Message]:
        newest = len(self.updates)
        hello = {"type": "hello", "version": "0.0", "run": self.run, "seq": newest}
        if "resources" in page:
            return [hello, self._differing(page["resources"], newest)]
        if page["run"] == self.run:
            return [hello, *self.updates[page["seq"] :]]
        self.resyncs += 1
        return [{"type": "resync", "reason": "the server was restarted"}]

    def _differing(self, resources: dict[str, str | None], seq: int) -> Message:
        changes = []
        for url, known in resources.items():
            content = self.files.get(url)
            if content is None:
                changes.append({"url": url, "kind": "deleted"})
            elif digest(content) != known:
                changes.append({**self.write(url, content), "kind": "modified"})
        return {"type": "update", "seq": seq, "age": 1.0, "changes": changes}

    # -- HTTP ----------------------------------------------------------------------------------

    async def _respond(self, _: ServerConnection, request: Request) -> Response | None:
        path = request.path.partition("?")[0]
        if path == OWN + "ws":
            return None
        self._note(lambda: self.requests.append(request.path))
        while path in self.held:
            await asyncio.sleep(0.005)
        if path.startswith(OWN):
            return self._own(path.removeprefix(OWN))
        found = next(
            (p for p in (path, path + "index.html", path + ".html") if p in self.files), None
        )
        if found is None:
            return self._file(
                "/404.html", b"<!doctype html><title>404</title>", request, status=404
            )
        return self._file(found, self.files[found], request)

    def _own(self, name: str) -> Response:
        content = self.versions.get(name.removeprefix("source/").partition("/")[0])
        if name.startswith("source/") and content is not None:
            return _response(200, "text/plain", content)
        module = MODULES / name
        if module.suffix == ".js" and module.is_file():
            return _response(200, "text/javascript", module.read_bytes())
        return _response(404, "text/plain", b"no such thing")

    def _file(self, url: str, content: bytes, request: Request, status: int = 200) -> Response:
        etag = digest(content)
        kind = TYPES.get(url.rpartition(".")[2], "application/octet-stream")
        headers = {"ETag": f'"{etag}"', **self.headers.get(url, {})}
        self.versions[etag] = content
        # All that a service worker in Firefox passes on of a navigation.
        accept = request.headers.get("Accept", "")
        if kind == "text/html" and accept.startswith("text/html"):
            content = self._inject(content, etag if status == 200 else "0", url)
            headers["ETag"] = f'"{etag}-{self.run}-{len(self.updates)}"'
        elif request.headers.get("If-None-Match") == headers["ETag"]:
            return _response(304, kind, b"", headers)
        elif wanted := request.headers.get("Range"):  # no film is moved in without it
            start = int(wanted.removeprefix("bytes=").partition("-")[0])
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            return _response(206, kind, content[start:], headers)
        return _response(status, kind, content, headers)

    def _inject(self, content: bytes, etag: str, url: str) -> bytes:
        """The tag goes after the doctype, as tests write it."""
        place = "" if etag == "0" else url
        source = f"{OWN}client.js?{self.run}-{len(self.updates)}-{etag}{place}"
        nonce = f' nonce="{self.nonce}"' if self.nonce else ""
        kind = 'type="module" async="" fetchpriority="low"'
        tag = f'<script {kind} src="{source}"{nonce}></script>'
        doctype = b"<!doctype html>"
        return content.replace(doctype, doctype + tag.encode(), 1)


def _response(
    status: int, kind: str, content: bytes, more: dict[str, str] | None = None
) -> Response:
    headers = Headers(
        {
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            "Cache-Control": "no-cache",
            "Connection": "close",
            **(more or {}),
        }
    )
    return Response(status, HTTPStatus(status).phrase, headers, content)
