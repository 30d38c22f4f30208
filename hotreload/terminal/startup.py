"""What a person is told of the start: the first look at the folders, and where the site is found.

Knows: what the block at the start names, and when a code for a phone's camera helps. Refuses to
know: how the block looks (`layout.py`), and what is said once the server runs.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hotreload import __version__
from hotreload.terminal import layout
from hotreload.terminal.layout import Start
from hotreload.terminal.server_output import ServerOutput


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The server answers on these addresses, and the watcher watches.

    Attributes:
        urls: its addresses for this machine, the one to use first.
        root: the folder that is served.
        ms: milliseconds since the command was started.
        network: its addresses for other machines.
        mounts: more folders, each with the URL path that it is seen below.
        watched: more places that are watched.
        gitignore: what git ignores is not watched.
        ignored: more that is not watched.
    """

    urls: Sequence[str]
    root: str
    ms: float
    network: Sequence[str] = ()
    mounts: Sequence[tuple[str, str]] = ()
    watched: Sequence[str] = ()
    gitignore: bool = True
    ignored: Sequence[str] = ()


class Startup:
    """Tells of the start.

    Args:
        output: prints it.
        exposed: the configuration files that open something, each with the line, and what it is.
    """

    def __init__(self, output: ServerOutput, exposed: Sequence[tuple[str, str]]) -> None:
        self._output = output
        self._exposed = exposed
        self._start: Start | None = None

    def ready(self, said: Ready) -> None:
        """The server answers."""
        self._output.event(
            "ready", version=__version__, url=said.urls[0], urls=said.urls, network=said.network,
            root=said.root, watched=said.watched, gitignore=said.gitignore, ignored=said.ignored,
            exposed=[*map("".join, self._exposed)], ms=round(said.ms),
        )  # fmt: skip
        self._start = self._shown(said)
        self._output.has_clock = True
        self.show()
        if said.network:
            self._show_code(said.network[0])

    def show(self) -> None:
        """The block at the start, once the server answers."""
        screen = self._output.screen
        shown = layout.start(self._start, screen.width, cuts=screen.cuts) if self._start else []
        self._output.lines(["", *shown, ""])

    @property
    def local_urls(self) -> Sequence[str]:
        """The server's addresses for this machine; none before it answers."""
        return self._start.local if self._start else ()

    def looking(self, done: int, total: int) -> None:
        """So many folders of a large tree were looked through, of so many that are known so far."""
        if self._output.shows_text:
            doing, screen = "looking through the folders", self._output.screen
            screen.status(layout.bar(doing, done, total, screen.width))

    def looked(self) -> None:
        """The whole tree was looked through."""
        self._output.screen.status("")

    def _shown(self, said: Ready) -> Start:
        git = ["what git ignores"] if said.gitignore else []
        return Start(
            version=__version__,
            ms=said.ms,
            local=said.urls,
            network=said.network,
            served=[_here(said.root), *(f"{_here(path)}  at {url}" for url, path in said.mounts)],
            watched=[*map(_here, said.watched)],
            ignored=[*git, "what editors leave", *said.ignored],
            exposed=[_here(file) + what for file, what in self._exposed],
        )

    def _show_code(self, url: str) -> None:
        """The address for a phone's camera, where there is a screen with room for it."""
        screen = self._output.screen
        if not self._output.shows_text or not screen.live:
            return
        # Imported here, when the server answers already.
        from hotreload.terminal import qr

        lines = qr.code(url)
        has_room = screen.width > len(lines[0]) + 4 and screen.height > len(lines) + 4
        if has_room and screen.can_show(qr.DRAWN):
            self._output.lines([*layout.scan(lines), ""])


def _here(path: str) -> str:
    """The path from this folder, if it lies in it or was put together; this folder's whole one."""
    with suppress(ValueError):  # on another drive
        relative = os.path.relpath(path)
        if relative == os.curdir:
            return str(Path.cwd())
        is_outside = relative.startswith(os.pardir) and os.pardir not in Path(path).parts[1:]
        return path if is_outside else relative
    return path
