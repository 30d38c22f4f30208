"""The keys that a person may press while the server runs, and what each does.

Knows: which key stands for what. Refuses to know: how a key is read (`keys.py`), and how a page is
reloaded, a browser opened, or the server ended.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from hotreload.terminal import layout
from hotreload.terminal.server_output import ServerOutput
from hotreload.terminal.startup import Startup
from hotreload.terminal.text import count

KEYS: Final = {
    "o": "open in the browser",
    "r": "reload every page",
    "c": "clear the screen",
    "q": "quit",
    "h": "this help",
}


class KeyCommands:
    """Does what a person asks for with a key.

    Args:
        output: prints it.
        startup: shows what stands on a screen that was cleared.
    """

    def __init__(self, output: ServerOutput, startup: Startup) -> None:
        self._output = output
        self._startup = startup
        self._release: Callable[[], None] = lambda: None

    @contextmanager
    def listen(
        self, *, browse: Callable[[], None], reload: Callable[[], int], leave: Callable[[], None]
    ) -> Iterator[None]:
        """Act on the keys that a person presses while the context lasts, if there is a terminal.

        Args:
            browse: opens the browser.
            reload: asks every page to reload, and says how many there are.
            leave: ends the server.
        """
        # Imported here, when the server answers already.
        from hotreload.terminal.device import keys

        if not self._output.shows_text or not keys.are_there():
            yield
            return
        does: dict[str, Callable[[], None]] = {
            "o": browse,
            "r": lambda: self._reloaded(reload()),
            "c": self._clear,
            "q": leave,
            "h": lambda: self._output.lines(["", *layout.help_of(KEYS), ""]),
            "\n": lambda: self._output.lines([""]),
        }
        does |= {"?": does["h"], "\r": does["\n"], "\x04": leave}  # Ctrl-D ends input everywhere
        with keys.keys(lambda key: does.get(key.lower(), lambda: None)()) as give_back:
            self._release = give_back
            ahead = [] if self._output.ends_empty else [""]
            self._output.lines([*ahead, layout.hint("h"), ""])
            yield

    def release(self) -> None:
        """Give the terminal back as it was found; for a process that ends at once."""
        self._release()

    def _reloaded(self, pages: int) -> None:
        asked = f"asked {count(pages, 'page')} to reload" if pages else "no page is open"
        self._output.sentence(asked)

    def _clear(self) -> None:
        self._output.screen.clear()
        self._startup.show()
