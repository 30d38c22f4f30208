"""Edge: single keys that a person presses, and the terminal's modes.

Knows: how a terminal hands out keys without waiting for Enter, and how it gets its modes back
whatever ends or stops the process. Refuses to know: what a key is for.

On POSIX the terminal keeps its own keys: Ctrl-C and Ctrl-Z are signals as ever. A process in the
background must not touch the terminal (SIGTTIN, SIGTTOU): there are no keys until it is brought
back.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

OnKey = Callable[[str], None]

# How often a Windows console is asked for keys, in seconds.
_ASK: Final = 0.1


def are_there() -> bool:
    """Whether a person sits at a keyboard that may be read."""
    if os.environ.get("CI") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


@contextmanager
def keys(on_key: OnKey) -> Iterator[Callable[[], None]]:
    """Read keys while the context lasts, in the running event loop.

    Args:
        on_key: called with each key, as the character that it makes.

    Yields:
        A function that gives the terminal back, if the process ends without leaving the context.
    """
    with _console(on_key) if sys.platform == "win32" else _terminal(on_key) as give_back:
        yield give_back


# -- Windows -------------------------------------------------------------------------------------


@contextmanager
def _console(on_key: OnKey) -> Iterator[Callable[[], None]]:
    asking = asyncio.get_running_loop().create_task(_ask(on_key))
    try:
        yield lambda: None  # its modes are as they were
    finally:
        asking.cancel()


async def _ask(on_key: OnKey) -> None:
    import msvcrt

    console: Any = msvcrt  # its functions are known to type checkers on Windows only
    while True:
        while console.kbhit():
            key = console.getwch()
            if key in "\0\xe0":  # a function key, whose second half follows
                console.getwch()
            else:
                on_key(key)
        await asyncio.sleep(_ASK)


# -- POSIX ---------------------------------------------------------------------------------------

# Signals that end the process without a chance to restore the terminal, unless it handles them.
_DEADLY: Final = ("SIGQUIT", "SIGABRT", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGXCPU")


@contextmanager
def _terminal(on_key: OnKey) -> Iterator[Callable[[], None]]:
    terminal = _TerminalModes(sys.stdin.fileno(), on_key)
    try:
        terminal.take()
        yield terminal.give_back
    finally:
        terminal.end()


class _TerminalModes:
    """A terminal whose modes are changed and given back."""

    def __init__(self, fd: int, on_key: OnKey) -> None:
        import termios

        self._fd = fd
        self._on_key = on_key
        self._loop = asyncio.get_running_loop()
        self._modes = termios.tcgetattr(fd)
        self._taken = False
        self._signals = {
            number: signal.signal(number, handler) for number, handler in self._handlers()
        }

    def _handlers(self) -> Iterator[tuple[signal.Signals, Callable[[int, object], None]]]:
        yield signal.SIGTSTP, self._stopped
        yield signal.SIGCONT, self._continued
        for name in _DEADLY:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                yield number, self._dies

    def take(self) -> None:
        """Has the terminal give out each key at once, if it is ours to read."""
        import termios
        import tty

        with suppress(OSError, termios.error):  # it is gone: a closed terminal sends SIGCONT too
            if os.tcgetpgrp(self._fd) == os.getpgrp() and not self._taken:
                tty.setcbreak(self._fd, termios.TCSANOW)
                self._loop.add_reader(self._fd, self._read)
                self._taken = True

    def give_back(self) -> None:
        """Leaves the terminal as it was found."""
        import termios

        if self._taken:
            self._taken = False
            self._loop.remove_reader(self._fd)
            with suppress(termios.error):  # it is gone
                termios.tcsetattr(self._fd, termios.TCSANOW, self._modes)

    def end(self) -> None:
        self.give_back()
        for number, before in self._signals.items():
            signal.signal(number, before)

    def _read(self) -> None:
        try:
            data = os.read(self._fd, 1024)
        except OSError:
            data = b""
        if not data:  # the terminal is gone
            self._taken = False
            self._loop.remove_reader(self._fd)
        if not data.startswith(b"\x1b"):  # an arrow or a function key
            for key in data.decode("utf-8", "replace"):
                self._on_key(key)

    # -- signals ---------------------------------------------------------------------------------

    def _stopped(self, number: int, _frame: object) -> None:
        """Ctrl-Z: the shell gets its terminal as it was."""
        self.give_back()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)  # stops here, until it is continued
        signal.signal(number, self._stopped)

    def _continued(self, _number: int, _frame: object) -> None:
        """`fg`; after `bg` the terminal is not ours."""
        self.take()

    def _dies(self, number: int, _frame: object) -> None:
        self.give_back()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
