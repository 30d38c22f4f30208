"""Servers to be measured, each in a process of its own, and a client that floods them."""

import asyncio
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from loading.crowd import PATIENCE, UPGRADE, frame

# Starts what runs in a process of its own, by the words that follow.
PROGRAM = str(Path(__file__).parents[1] / "load.py")
STYLE = "/* {:08d} */ " + "p {{ color: red }} " * 20


class Server:
    """A server in a process of its own.

    Attributes:
        port: where it is.
        name: what the table calls it.
    """

    name = ""

    def __init__(self, *words: str, port: int = 0) -> None:
        self.port = port or free_port()
        self.process = subprocess.Popen(
            [sys.executable, *words, str(self.port)], stdout=subprocess.PIPE, text=True
        )
        wait_for_port(self.port, self.process)

    def memory(self) -> int:
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * 4096

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def processor(self) -> float:
        """Seconds of processor time until now."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def greeting(self) -> bytes:
        raise NotImplementedError

    def prepare(self) -> None:
        """Whatever comes before an update, and is no part of it."""

    def update(self) -> None:
        """Every page is to hear of an update."""
        raise NotImplementedError


class Ours(Server):
    """hotreload, with a site of two files."""

    name = "hotreload"

    def __init__(self, folder: Path, *, port: int = 0) -> None:
        self.folder = folder
        self.saves = 0
        (folder / "index.html").write_text("<!doctype html><link rel=stylesheet href=style.css>")
        (folder / "style.css").write_text(STYLE.format(0))
        super().__init__(PROGRAM, "ours", str(folder), port=port)
        self.get("index.html")
        self.get("style.css")

    def get(self, path: str) -> bytes:
        with urlopen(f"http://127.0.0.1:{self.port}/{path}") as answer:
            return bytes(answer.read())

    def facts(self) -> dict[str, Any]:
        return dict(json.loads(self.get("__hotreload__/health")))

    def greeting(self) -> bytes:
        facts = self.facts()
        page = {"type": "page", "url": "/", "file": "/index.html"}
        return json.dumps({**page, "run": facts["run"], "seq": facts["seq"]}).encode()

    def update(self) -> None:
        self.saves += 1
        (self.folder / "style.css").write_text(STYLE.format(self.saves))

    def tasks(self) -> int:
        self.process.send_signal(signal.SIGUSR1)
        assert self.process.stdout
        return int(self.process.stdout.readline())


class Bare(Server):
    """websockets, with as little around it as an update to all pages takes."""

    name = "bare websockets"

    def __init__(self, _: Path) -> None:
        super().__init__(PROGRAM, "bare")

    def prepare(self) -> None:
        self._control = socket.create_connection(("127.0.0.1", self.port))
        self._control.sendall(UPGRADE.format(self.port).encode())
        assert b" 101 " in self._control.recv(4096)

    def greeting(self) -> bytes:
        return b'{"type":"page","url":"/","file":"/index.html","run":"ab12cd34","seq":0}'

    def update(self) -> None:
        self._control.sendall(frame(b"update"))
        self._control.close()


def serve_bare(port: int) -> None:
    """A server of websockets alone: greets, broadcasts when it is told to, reads the answers."""
    import uvloop
    from websockets.asyncio.server import ServerConnection, broadcast, serve
    from websockets.exceptions import ConnectionClosed

    pages: set[ServerConnection] = set()
    change = {"url": "/style.css", "kind": "modified", "digest": "0123456789abcdef"}
    changes = [{**change, "text": STYLE.format(1), "via": ["/index.html"]}]
    text = json.dumps({"type": "update", "seq": 1, "age": 1.0, "changes": changes})

    async def handler(connection: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            async for message in connection:
                if message == "update":
                    broadcast(pages, text)
                elif connection not in pages:
                    pages.add(connection)
                    await connection.send('{"type":"hello"}')
        pages.discard(connection)

    async def main() -> None:
        options: Any = {"compression": None, "max_size": 2**20, "max_queue": 4, "backlog": 2048}
        options["subprotocols"] = ["hotreload.v1"]
        async with serve(handler, "127.0.0.1", port, **options) as server:
            await server.serve_forever()

    uvloop.run(main())


def serve_ours(folder: str, port: int) -> None:
    """The command, which on SIGUSR1 prints how many tasks there are."""
    from hotreload.cli.main import main

    out = os.dup(1)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)

    def count(*_: object) -> None:
        os.write(out, b"%d\n" % len(asyncio.all_tasks()))

    signal.signal(signal.SIGUSR1, count)
    main(["serve", folder, "--port", str(port)], prog_name="hotreload")


def flood(port: int) -> None:
    """Tiny messages to the echo, as fast as they are taken; refused, it comes back at once."""
    burst = frame(b"x") * 500
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)) as sock:
            sock.sendall(UPGRADE.format(port).replace("/ws", "/echo").encode())
            sock.recv(4096)
            sock.setblocking(False)
            while True:
                _, ready, _ = select.select([], [sock], [], 1)
                with suppress(BlockingIOError):
                    if ready:
                        sock.send(burst)
                    while sock.recv(1 << 16):
                        pass
                    break  # closed


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


def wait_for_port(port: int, process: "subprocess.Popen[str]") -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        time.sleep(0.01)
    sys.exit("a server did not come up")


@contextmanager
def serving(make: Callable[[Path], Server]) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        server = make(Path(folder))
        try:
            yield server
        finally:
            server.kill()
