"""The server as a whole: binds, watches, pushes, and stops when it is told to.

Knows: how the parts are joined, and the life of the process. Refuses to know: how any part works.
"""

import asyncio
import os
import secrets
import signal
import socket
import ssl
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Coroutine, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

from uvicorn.config import Config
from uvicorn.server import ServerState

from hotreload import assets
from hotreload.app import App
from hotreload.channel import Channel
from hotreload.errors import StartError
from hotreload.guard import Guard
from hotreload.http1 import KEEP_ALIVE_SECONDS, Http1, Plain
from hotreload.listen import BACKLOG, DEFAULT_PORT, listen
from hotreload.messages import Page
from hotreload.serving import tls
from hotreload.serving.resolve import url_path
from hotreload.serving.site import Mount, Site
from hotreload.serving.static import Static
from hotreload.settings import Settings
from hotreload.talking import running
from hotreload.terminal import Terminal
from hotreload.updates import Stream
from hotreload.watching.changes import Batch
from hotreload.watching.watcher import Watcher

# Responses under way when the server stops have so long to finish.
GRACE_SECONDS: Final = 0.3

Make = Callable[[], Http1]


class Server:
    """One run of `hotreload serve`.

    Args:
        settings: what was asked for.
        terminal: what tells the person.

    Raises:
        StartError: the root is not to be had.
    """

    def __init__(self, settings: Settings, terminal: Terminal) -> None:
        self._settings = settings
        self._terminal = terminal
        root = _served_folder(settings.root)
        self._loop = asyncio.get_running_loop()
        mounts = [
            Mount(settings.base + prefix, _served_folder(folder))
            for prefix, folder in (((), root), *settings.mounts)
        ]
        self._site = Site(mounts, follow_symlinks=settings.follow_symlinks)
        self._stream = Stream(secrets.token_hex(4), reload=settings.full_reload)
        self._watcher = Watcher(
            [*(mount.directory for mount in mounts), *settings.watch],
            settings.ignore,
            gitignore=settings.gitignore,
            poll=settings.poll,
            report=self._part_says,
        )
        self._static = Static(
            self._site, self._stream, self._watcher.use, settings, self._part_says
        )
        self._stop = asyncio.Event()

    async def run(self, clock: Callable[[], float]) -> None:
        """Serves until it is told to stop.

        Args:
            clock: milliseconds since the command was started.

        Raises:
            StartError: the port or the watcher is not to be had.
        """
        sockets = listen(self._settings.host, self._settings.port)
        port = sockets[0].getsockname()[1]
        if self._settings.port is None and port != DEFAULT_PORT:
            self._terminal.note(f"port {DEFAULT_PORT} is taken, using {port}")
        addresses = [sock.getsockname()[0] for sock in sockets]
        context = self._tls(addresses)
        guard = Guard.of(addresses, self._settings.allow_hosts)
        channel = Channel(
            self._stream, guard, _Pages(self._terminal, self._watcher),
            self._static.changed.differing, compression=self._settings.ws_compression,
        )  # fmt: skip
        app = App(
            guard, self._static, assets.load(),
            health=lambda: {"run": self._stream.run, "seq": self._stream.seq,
                            **channel.progress.facts(time.monotonic())},
            reload=channel.reload, report=self._terminal.problem, cors=self._settings.cors,
            root=str(self._settings.root.absolute()),
        )  # fmt: skip
        state = ServerState()
        config = Config(
            _no_asgi, ws="none", lifespan="off", log_config=None, access_log=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )  # fmt: skip
        config.load()
        self._on_signals()
        await self._watcher.start()
        listeners = [
            await self._listener(
                sock, context,
                secure=lambda: Http1(app.answer, channel, config, state),
                plain=lambda: Plain(app.elsewhere, channel, config, state),
            )
            for sock in sockets
        ]  # fmt: skip
        pushing = asyncio.create_task(self._push(channel))
        urls = [_url(addresses[0], port, self._settings)]
        found = ExitStack()
        found.enter_context(
            running.announce(urls[0], self._settings.root, self._stream.run, self._terminal.note)
        )
        self._terminal.ready(
            urls=urls,
            root=str(self._settings.root),
            watched=[str(place) for place in self._settings.watch],
            ms=clock(),
        )
        self._open_browser(urls[0])
        try:
            await _first(self._stop.wait(), pushing)
        finally:
            found.close()
            for listener in listeners:
                listener.close()
            pushing.cancel()
            await asyncio.gather(
                channel.close(), _finish(state), self._watcher.stop(), return_exceptions=False
            )
            self._terminal.stopped()

    def _tls(self, addresses: Sequence[str]) -> ssl.SSLContext | None:
        """What TLS needs, if it is asked for."""
        settings = self._settings
        if settings.cert is None or settings.key is None:
            return tls.own_context(addresses, self._part_says) if settings.https else None
        if any(self._site.urls(str(path.absolute())) for path in (settings.key, settings.cert)):
            raise StartError(f"{settings.key} would be served: keep the key out of the site")
        return tls.context(settings.cert, settings.key)

    async def _listener(
        self, sock: socket.socket, context: ssl.SSLContext | None, secure: Make, plain: Make
    ) -> asyncio.AbstractServer | tls.Doorman:
        if context is None:
            return await self._loop.create_server(secure, sock=sock, backlog=BACKLOG)
        if sys.platform == "win32":  # its event loop cannot look at a connection's first byte
            return await self._loop.create_server(
                secure, sock=sock, backlog=BACKLOG, ssl=context,
                ssl_handshake_timeout=tls.HANDSHAKE_SECONDS,
            )  # fmt: skip
        return tls.Doorman(sock, context, secure, plain)

    # -- saves -----------------------------------------------------------------------------------

    async def _push(self, channel: Channel) -> None:
        async for batch in self._watcher.batches():
            self._take(batch, channel)

    def _take(self, batch: Batch, channel: Channel) -> None:
        changes, names = [], []
        for change in batch.changes:
            seen = self._static.changed.describe(change)
            if seen:
                changes += seen
                names.append(self._name(change.path))
        if changes:
            update = self._stream.append(changes, batch.saved)
            self._terminal.saved(update, names)
            channel.broadcast(update)

    def _name(self, path: str) -> str:
        relative = os.path.relpath(path, self._settings.root)
        return path if relative.startswith("..") else relative

    def _part_says(self, sentence: str, is_problem: bool) -> None:
        say = self._terminal.problem if is_problem else self._terminal.note
        self._loop.call_soon_threadsafe(say, sentence)

    # -- the process -----------------------------------------------------------------------------

    def _on_signals(self) -> None:
        names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
        for number in [getattr(signal, name) for name in names if hasattr(signal, name)]:
            signal.signal(number, self._told_to_stop)

    def _told_to_stop(self, number: int, _frame: object) -> None:
        """The first signal stops in order, the second at once, with the status shells expect."""
        if self._stop.is_set():
            os._exit(128 + number)
        self._stop.set()
        # Called between two bytecodes of the main thread: the loop may be asleep in its selector.
        self._loop.call_soon_threadsafe(lambda: None)

    def _open_browser(self, url: str) -> None:
        if self._settings.open_path is not None:
            address = urljoin(url, self._settings.open_path)
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


class _Pages:
    """Tells the terminal what the channel hears, and the watcher how many pages are open."""

    def __init__(self, terminal: Terminal, watcher: Watcher) -> None:
        self._watcher = watcher
        self.answered = terminal.answered
        self.settled = terminal.settled
        self.logged = terminal.logged
        self.socket = terminal.socket
        self._joined = terminal.joined
        self._left = terminal.left

    def joined(self, page: Page, count: int) -> None:
        self._watcher.pages(count)
        self._joined(page, count)

    def left(self, page: Page, count: int) -> None:
        self._watcher.pages(count)
        self._left(page, count)


def run(settings: Settings, terminal: Terminal, clock: Callable[[], float]) -> None:
    """Serves until Ctrl-C or TERM.

    Args:
        settings: what was asked for.
        terminal: what tells the person.
        clock: milliseconds since the command was started.

    Raises:
        StartError: the root, the port or the watcher is not to be had.
    """

    async def main() -> None:
        await Server(settings, terminal).run(clock)

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(main())


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    with suppress(ImportError):
        import uvloop

        return uvloop.new_event_loop
    return None


def _served_folder(root: Path) -> Path:
    if not root.exists():
        raise StartError(f"{root} does not exist: name the folder to serve")
    if not root.is_dir():
        raise StartError(f"{root} is a file: name the folder that holds it")
    if not os.access(root, os.R_OK | os.X_OK):
        raise StartError(f"{root} cannot be read: its permissions keep you out")
    return root.absolute()


def _url(address: str, port: int, settings: Settings) -> str:
    host = f"[{address}]" if ":" in address else address
    scheme = "https" if settings.https else "http"
    return f"{scheme}://{host}:{port}{url_path(settings.base, directory=True)}"


# -- stopping ------------------------------------------------------------------------------------


async def _no_asgi(_scope: object, _receive: object, _send: object) -> None:
    """Stands where uvicorn wants its application: ours is given with each response."""


async def _first(*awaitables: Coroutine[object, object, object] | asyncio.Task[None]) -> None:
    """Waits for the first to end; what it raises is raised."""
    tasks = [asyncio.ensure_future(one) for one in awaitables]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    for task in done:
        task.result()


async def _finish(state: ServerState) -> None:
    """Lets responses under way finish for a moment, then cuts what is left."""
    for connection in list(state.connections):
        connection.shutdown()
    if state.tasks:
        await asyncio.wait(state.tasks, timeout=GRACE_SECONDS)
    for connection in list(state.connections):
        connection.transport.abort()
