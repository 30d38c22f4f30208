"""Edge: standard input, output and errors, as every command finds them.

Knows: that they may have been closed before the process was started, and that nothing that is
written may make a terminal act, but for our own colours and redrawn lines. Refuses to know: what is
written.
"""

import errno
import io
import os
import sys
from typing import Final, TextIO

from hotreload.terminal.text import harmless

_STREAMS: Final = (("stdin", os.O_RDONLY), ("stdout", os.O_WRONLY), ("stderr", os.O_WRONLY))


class Unwritable(OSError):
    """What is printed cannot be kept where it goes to, as on a full disk."""


class Cleaned(io.TextIOWrapper):
    """A stream to which nothing harmful is written: the one way out of the process."""

    def write(self, text: str, /) -> int:
        """Writes a text."""
        try:
            return super().write(harmless(text))
        except OSError as error:
            raise _lost(error) from None

    def flush(self) -> None:
        """Has it leave the process."""
        try:
            super().flush()
        except OSError as error:
            raise _lost(error) from None


def _lost(error: OSError) -> OSError:
    # A reader that has enough is no fault.
    return error if error.errno == errno.EPIPE else Unwritable(error.errno, error.strerror)


def settle() -> bool:
    """Makes the three streams fit for use, before anything else is opened.

    Returns:
        Whether output goes anywhere.
    """
    lost = [name for name, mode in _STREAMS if _is_opened_now(name, mode)]
    for name in ("stdout", "stderr"):
        setattr(sys, name, _cleaned(getattr(sys, name)))
        setattr(sys, f"__{name}__", getattr(sys, name))
    return "stdout" not in lost


def _is_opened_now(name: str, mode: int) -> bool:
    """Whether a stream was missing; its number must not become that of a file or a socket."""
    if getattr(sys, name) is not None:
        return False
    direction = "r" if mode == os.O_RDONLY else "w"
    descriptor = os.open(os.devnull, mode)  # the lowest number that is free: the missing one
    setattr(sys, name, os.fdopen(descriptor, direction, encoding="utf-8"))
    return True


def _cleaned(stream: TextIO) -> TextIO:
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    ways = (stream.encoding, stream.errors, None, stream.line_buffering, stream.write_through)
    return Cleaned(stream.detach(), *ways)


def abandon() -> None:
    """Whatever is still to be written goes nowhere."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)
