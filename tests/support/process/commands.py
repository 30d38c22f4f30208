"""Runs a command of hotreload as a person does, and the servers that it may meet."""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from support.process import forking

CHECKOUT = Path(__file__).resolve().parents[3]
PROXIES = ("http_proxy", "https_proxy", "ws_proxy", "wss_proxy", "all_proxy", "no_proxy")


class Done:
    """What a command has said, and its exit status."""

    def __init__(self, process: "subprocess.CompletedProcess[str]") -> None:
        self.status = process.returncode
        self.out = process.stdout
        self.error = process.stderr

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    def event(self, kind: str) -> dict[str, Any]:
        return next(event for event in self.events if event["type"] == kind)


def command(*words: object, env: dict[str, str] | None = None, **more: Any) -> Done:
    """Run `hotreload` with these words to its end; more goes to `subprocess.run`.

    What an interpreter looks at when it starts needs one of its own.
    """
    arguments, cwd = [str(word) for word in words], more.pop("cwd", CHECKOUT)
    is_plain = set(more.items()) <= {("stdin", subprocess.DEVNULL)}
    if is_plain and not any(name.startswith(("PYTHON", "LC_", "LANG")) for name in env or {}):
        return Done(forking.run(arguments, cwd, environment(env), timeout=30))
    process = subprocess.run(
        [sys.executable, "-m", "hotreload", *arguments],
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        env=environment(env),
        cwd=cwd,
        **more,
    )
    return Done(process)


def run(
    *words: object, env: dict[str, str] | None = None, cwd: Path | str | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run `hotreload` with these words to its end, among the proxies of the environment."""
    arguments = [str(word) for word in words]
    return forking.run(arguments, cwd or Path.cwd(), {**os.environ, **(env or {})}, timeout=30)


def environment(more: dict[str, str] | None = None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name.lower() not in PROXIES}
    return {**kept, "PYTHONPATH": str(CHECKOUT), **(more or {})}


@contextlib.contextmanager
def tcp_server(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server on 127.0.0.1 that gives each connection to a function; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threads: list[threading.Thread] = []

        def serve(connection: socket.socket) -> None:
            with connection, contextlib.suppress(OSError):
                connection.settimeout(10)
                answer(connection)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threads.append(threading.Thread(target=serve, args=(connection,)))
                    threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join(10)
            for thread in threads:
                thread.join(10)


@contextlib.contextmanager
def running_loop(start: Callable[[], Awaitable[Any]]) -> Iterator[Any]:
    """An asyncio server in a thread of its own; yields what `start` gives, and closes it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def call() -> Any:
        return await start()

    async def stop(server: Any) -> None:
        server.close()
        await server.wait_closed()

    server = asyncio.run_coroutine_threadsafe(call(), loop).result(10)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(stop(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def read_head(connection: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head and (data := connection.recv(4096)):
        head += data
    return head


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port
