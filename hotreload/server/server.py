"""The server as a whole: binds, watches, pushes, and stops on a signal.

Knows: how the parts are joined, and the order in which they start and stop. Refuses to know: how
any part works.
"""

import asyncio
import os
import secrets
import socket
import ssl
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

from hotreload.app import assets
from hotreload.app.admission import Admission, https_redirect
from hotreload.app.app import App
from hotreload.app.inject import Injector
from hotreload.app.own_routes import OwnRoutes
from hotreload.config import defaults
from hotreload.config.settings import Settings
from hotreload.errors import StartError
from hotreload.files import git_excludes
from hotreload.http.connection.protocol import Http1
from hotreload.http.connection.responder import Shared
from hotreload.http.response_cache import ResponseCache
from hotreload.http.serialize import SerializedResponse
from hotreload.http.url_path import url_path
from hotreload.live.channel import Channel
from hotreload.live.handshake import Handshake
from hotreload.live.history import UpdateHistory
from hotreload.live.hub import PageHub
from hotreload.live.import_graph import ImportGraph
from hotreload.live.publisher import Publisher
from hotreload.remote import registry
from hotreload.security.basic_auth import Credentials
from hotreload.security.connection_limit import ConnectionLimit
from hotreload.security.fair_share import ActiveClients
from hotreload.security.fd_limit import allocate, raise_limit
from hotreload.security.guard import Guard
from hotreload.security.limits import Limits
from hotreload.security.refusals import RefusalReports
from hotreload.server import tls
from hotreload.server.event_loop import (
    LoopErrors,
    StopSignal,
    finish_responses,
    first_to_end,
    loop_factory,
)
from hotreload.server.listen import BACKLOG, is_open, listen, own_names, seen_at
from hotreload.server.page_events import PageEvents
from hotreload.server.tls_listener import HANDSHAKE_SECONDS, TLSListener
from hotreload.static.site.served_folders import alike, served
from hotreload.static.site.site import Mount, Site
from hotreload.static.static import Static
from hotreload.terminal.startup import Ready
from hotreload.terminal.terminal import Terminal
from hotreload.watch.changes import Presence
from hotreload.watch.watcher import Watcher

# How often it is shown how far the first look at a large tree has come.
LOOK_SECONDS: Final = 0.1
# So many connections Python's own loop accepts before it hands over the first: each takes a
# descriptor, and there is no room made for it before. It calls that the backlog.
AT_A_TIME: Final = 8


class _Doors(NamedTuple):
    """What connections are made by, and what they share."""

    secure: Callable[[], Http1]
    plain: Callable[[], Http1]
    shared: Shared


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
        self._loop = asyncio.get_running_loop()
        self._outside = url_path(settings.proxy_base, directory=True)
        mounts = [
            Mount(settings.base + prefix, served(folder)) for prefix, folder in settings.folders
        ]
        self._site = Site(mounts, follow_symlinks=settings.follow_symlinks)
        self._history = UpdateHistory(secrets.token_hex(4), reload=settings.full_reload)
        self._watcher = Watcher(
            [*(mount.directory for mount in mounts), *settings.watch],
            settings.ignore,
            gitignore=settings.gitignore,
            poll=settings.poll,
            report=self._report,
            on_presence=self._place_is,
        )
        self._assets = assets.load()
        self._import_graph = ImportGraph()
        self._static = Static(
            self._site, self._watcher.use, settings.static, self._report,
            import_graph=self._import_graph,
            tagger=Injector(self._history, settings.tag, self._assets.client, self._report),
        )  # fmt: skip
        self._pushing = Publisher(
            self._watcher, self._static, self._history, terminal.updates, settings.root
        )
        self._stop = StopSignal(terminal.keys.release)

    async def run(self, clock: Callable[[], float]) -> None:
        """Serves until it is to stop.

        Args:
            clock: milliseconds since the command was started.

        Raises:
            StartError: the port or the watcher is not to be had.
        """
        limits = replace(self._settings.limits, shares=allocate(raise_limit()))
        sockets = self._bind()
        port = self._static.sandboxes.port = sockets[0].getsockname()[1]
        addresses = [sock.getsockname()[0] for sock in sockets]
        context = self._tls(addresses)
        guard = Guard.of([*addresses, *own_names(addresses)], self._settings.allow_hosts)
        turned_away = RefusalReports(self._terminal.refused).note
        key = secrets.token_urlsafe(24) if self._settings.auth else ""
        credentials = Credentials.of(self._settings.auth, key)
        clients, events = ActiveClients(), PageEvents(self._terminal, self._watcher)
        hub = PageHub(
            self._history, self._static, events, import_graph=self._import_graph,
            active_clients=clients, most=limits.buffered,
        )  # fmt: skip
        admission = Admission(guard, credentials, self._settings.cors, turned_away)
        handshake = Handshake(guard, admission.denied, limits.shares.sockets, turned_away)
        channel = Channel(
            hub, handshake, events, limits,
            active_clients=clients, compression=self._settings.ws_compression,
            outside=self._outside,
        )  # fmt: skip
        app = self._app(hub, channel, admission)
        doors = self._doors(app, guard, clients, limits)
        self._stop.listen()
        LoopErrors(self._terminal.report).listen()
        await self._watcher.start()
        listeners = [await self._listener(sock, context, doors) for sock in sockets]
        pushing = asyncio.create_task(self._pushing.run(hub))
        looking = asyncio.create_task(self._look())
        local, network = (
            [_url(address, port, self._settings) for address in each] for each in seen_at(addresses)
        )
        try:
            with self._announced(local[0], key):
                self._tell(local[:1], network, clock(), is_open=is_open(addresses))
                with self._keys(local[0], hub):
                    await first_to_end(self._stop.wait(), pushing)
        finally:
            looking.cancel()
            for listener in listeners:
                listener.close()
            pushing.cancel()
            await asyncio.gather(
                channel.close(),
                finish_responses(doors.shared.connections, doors.shared.tasks),
                self._watcher.stop(),
            )
            self._terminal.stopped()

    # -- at the start ----------------------------------------------------------------------------

    def _bind(self) -> list[socket.socket]:
        sockets = listen(self._settings.host, self._settings.port)
        port = sockets[0].getsockname()[1]
        if self._settings.port is None and port != defaults.PORT:
            self._terminal.note(f"port {defaults.PORT} is taken, using {port}{self._twin()}")
        return sockets

    def _twin(self) -> str:
        """Who starts a second server for a folder may have forgotten the first."""
        first = registry.of(self._settings.root)
        return "" if first is None else f"; this folder is served at {first.url} already"

    def _app(self, hub: PageHub, channel: Channel, admission: Admission) -> App:
        own = OwnRoutes(
            self._assets, source=self._static.source, reload=hub.reload,
            health=lambda: {"run": self._history.run, "seq": self._history.seq,
                            "service_workers": sorted(self._static.workers.scripts),
                            **hub.progress.facts(time.monotonic())},
        )  # fmt: skip
        return App(
            admission, own, self._static, sockets=channel.protocol,
            report=self._terminal.report, root=str(self._settings.root.absolute()),
            outside=self._outside,
        )  # fmt: skip

    def _doors(self, app: App, guard: Guard, clients: ActiveClients, limits: Limits) -> _Doors:
        shared = Shared(
            ResponseCache[SerializedResponse](self._site.stat, lambda: self._history.seq),
            clients, ConnectionLimit(limits.shares.requests), set(), set(), limits,
        )  # fmt: skip
        return _Doors(
            secure=lambda: Http1(app.respond, app.websocket, shared),
            # Plain HTTP where TLS is spoken is answered, and never upgraded.
            plain=lambda: Http1(partial(https_redirect, guard), None, shared),
            shared=shared,
        )

    async def _listener(
        self, sock: socket.socket, context: ssl.SSLContext | None, doors: _Doors
    ) -> asyncio.AbstractServer | TLSListener:
        if context is None:
            server = await self._loop.create_server(doors.secure, sock=sock, backlog=AT_A_TIME)
            sock.listen(BACKLOG)
            return server
        if sys.platform == "win32":  # its event loop cannot look at a connection's first byte
            return await self._loop.create_server(
                doors.secure, sock=sock, backlog=BACKLOG, ssl=context,
                ssl_handshake_timeout=HANDSHAKE_SECONDS,
            )  # fmt: skip
        return TLSListener(
            sock, context, doors.secure, doors.plain, doors.shared.limits.shares.requests
        )

    def _announced(self, url: str, key: str) -> AbstractContextManager[None]:
        """Leaves word for other commands while the context lasts."""
        root, run = self._settings.root, self._history.run
        return registry.announce(url, root, run, self._terminal.report, key)

    def _tell(self, urls: list[str], network: list[str], ms: float, *, is_open: bool) -> None:
        settings = self._settings
        mounts = [
            (url_path(names, directory=True), str(folder)) for names, folder in settings.mounts
        ]
        ready = Ready(
            urls=urls,
            network=network,
            root=str(settings.root),
            mounts=mounts,
            watched=[str(place) for place in settings.watch],
            gitignore=settings.gitignore,
            ignored=settings.ignore,
            ms=ms,
        )
        self._terminal.startup.ready(ready)
        if foreign := git_excludes.remark(settings.root.absolute()):
            self._terminal.note(foreign)
        if is_open:
            self._warn_of_others()
        if settings.open_path is not None:
            self._open_browser(urls[0])

    def _keys(self, url: str, hub: PageHub) -> AbstractContextManager[None]:
        return self._terminal.keys.listen(
            browse=lambda: self._open_browser(url),
            reload=lambda: hub.reload("asked for at the terminal"),
            leave=self._stop.wish,
        )

    def _warn_of_others(self) -> None:
        """Says what others can do with a server that they can reach."""
        settings = self._settings
        if settings.auth is None:
            self._terminal.problem(
                f"everybody on this network can read {settings.root.absolute()}:"
                " --auth USER:PASSWORD asks them for a password"
            )
        elif not settings.https:
            self._terminal.note("the password crosses the network as it is: --https encrypts it")

    def _tls(self, addresses: Sequence[str]) -> ssl.SSLContext | None:
        """What TLS needs, if it is asked for."""
        settings = self._settings
        if settings.cert is None or settings.key is None:
            return tls.own_context(addresses, self._report) if settings.https else None
        if any(self._site.urls(str(path.absolute())) for path in (settings.key, settings.cert)):
            raise StartError(f"{settings.key} would be served: keep the key out of the site")
        return tls.context(settings.cert, settings.key)

    def _report(self, sentence: str, is_problem: bool) -> None:
        """Report a sentence, from any thread."""
        self._loop.call_soon_threadsafe(self._terminal.report, sentence, is_problem)

    def _place_is(self, path: str, presence: Presence) -> None:
        """A place is missing at first, goes, or comes; called from the watcher's thread."""
        folders = [folder for _, folder in self._settings.folders]
        given = {
            os.path.abspath(place): place  # noqa: PTH100 - as the watcher calls it
            for place in (*self._settings.watch, *folders)
        }
        place = given.get(path, Path(path))
        near = alike(place) if presence is Presence.AWAITED else []
        self._loop.call_soon_threadsafe(self._terminal.place, presence, str(place), near)

    def _open_browser(self, url: str) -> None:
        path = self._settings.open_path
        # Put together, not resolved: whatever the path is, it is one of this server.
        address = url if path is None else urlsplit(url)._replace(path=_quoted(path)).geturl()
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    async def _look(self) -> None:
        """Shows how far the first look at a large tree has come."""
        while (progress := self._watcher.looked_through()) is not None:
            self._terminal.startup.looking(*progress)
            await asyncio.sleep(LOOK_SECONDS)
        self._terminal.startup.looked()


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

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(main())


def _url(address: str, port: int, settings: Settings) -> str:
    host = f"[{address}]" if ":" in address else address
    scheme = "https" if settings.https else "http"
    return f"{scheme}://{host}:{port}{url_path(settings.base, directory=True)}"


def _quoted(path: str) -> str:
    """A path that a person has written, as a browser takes it."""
    return quote(path, safe="/~!$&'()*+,;=:@%?#")
