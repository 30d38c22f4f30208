"""Ctrl-C before the server handles signals.

Knows: what Python does with the signal SIGINT. Refuses to know: what a server does with it.

Python raises an exception wherever it is, and prints a traceback: during an import that is a page
of lines without meaning for a user. By the system's default the process just ends.
"""

import signal
import threading


def end_quietly() -> None:
    """From now on Ctrl-C ends the process at once, unless it was started with Ctrl-C ignored."""
    _exchange(signal.default_int_handler, signal.SIG_DFL)


def raise_exceptions() -> None:
    """As Python has it: a command can finish what it is at."""
    _exchange(signal.SIG_DFL, signal.default_int_handler)


def _exchange(before: object, handler: "signal._HANDLER") -> None:
    main_thread = threading.current_thread() is threading.main_thread()
    if main_thread and signal.getsignal(signal.SIGINT) is before:
        signal.signal(signal.SIGINT, handler)
