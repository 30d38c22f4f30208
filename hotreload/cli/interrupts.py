"""Ctrl-C at moments when nobody is there yet to hear it.

Knows: what Python does with the signal SIGINT. Refuses to know: what a server does with it.

Python makes an exception of it, wherever it is, and prints where that was: in the middle of an
import that is a page of lines about nothing. By the system's own way a process just ends.
"""

import signal
import threading


def end_quietly() -> None:
    """From now on the process ends at once, unless whoever started it has Ctrl-C ignored."""
    _exchange(signal.default_int_handler, signal.SIG_DFL)


def raise_exceptions() -> None:
    """As Python has it: a command can finish what it is at."""
    _exchange(signal.SIG_DFL, signal.default_int_handler)


def _exchange(before: object, handler: "signal._HANDLER") -> None:
    main_thread = threading.current_thread() is threading.main_thread()
    if main_thread and signal.getsignal(signal.SIGINT) is before:
        signal.signal(signal.SIGINT, handler)
