"""The messages that the diagnostic client sends: given, its own, made to size, or typed.

Knows: what makes a good trial, and how standard input is read without holding anything up. Refuses
to know: sockets.
"""

import asyncio
import contextlib
import os
import random
import string
import sys
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Final

from hotreload.errors import UsageError

Message = str | bytes

# Plain text, text of more than one byte a character, and every byte there is.
OWN: Final[Sequence[Message]] = (
    "hello",
    "Grüße, 世界 \N{WAVING HAND SIGN}",
    bytes(range(256)),
)
STANDARD_INPUT: Final = "-"
PIECE: Final = 65_536  # bytes of standard input read at once
AHEAD: Final = 16  # pieces of it that may wait to be sent


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What one connection sends.

    Attributes:
        words: the messages; a word "-" stands for standard input; none for three of our own.
        binary: send all as binary.
        count: send them so many times.
        size: instead, one message of so many characters, or bytes if binary.
    """

    words: Sequence[str] = ()
    binary: bool = False
    count: int = 1
    size: int | None = None

    @property
    def is_typed(self) -> bool:
        """Whether standard input is read, which has no length to be known."""
        return STANDARD_INPUT in self.words

    @property
    def total(self) -> int:
        """How many messages that is; standard input counts as one."""
        return self.count * len(self._given())

    async def messages(self) -> AsyncIterator[Message]:
        """Each message in turn.

        Raises:
            UsageError: one that is to be sent as text is none.
        """
        for _ in range(self.count):
            for message in self._given():
                if message != STANDARD_INPUT:
                    yield message
                    continue
                async for line in _typed(binary=self.binary):
                    yield line

    def _given(self) -> Sequence[Message]:
        given: Sequence[Message] = self.words or OWN
        if self.size is not None:
            given = [_sized(self.size, binary=self.binary)]
        return [one if one == STANDARD_INPUT else self._dressed(one) for one in given]

    def _dressed(self, message: Message) -> Message:
        if isinstance(message, bytes):
            return message
        as_bytes = message.encode("utf-8", "surrogateescape")
        return as_bytes if self.binary else _text(as_bytes)


def _sized(size: int, *, binary: bool) -> Message:
    """The same every time, so that two runs can be compared."""
    if binary:
        return random.Random(size).randbytes(size)  # noqa: S311 - no secret is made of it
    return "".join(islice(cycle(string.ascii_lowercase), size))


async def _typed(*, binary: bool) -> AsyncIterator[Message]:
    """Standard input: a message a line, or all of it as one binary message."""
    pieces = _pieces(sys.stdin.fileno())
    if binary:
        yield b"".join([piece async for piece in pieces])
        return
    rest = b""
    async for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield _text(line.removesuffix(b"\r"))
    if rest:
        yield _text(rest.removesuffix(b"\r"))


def _text(message: bytes) -> str:
    try:
        return message.decode()
    except UnicodeDecodeError:
        raise UsageError("a message is not UTF-8: --binary sends it as it is") from None


async def _pieces(descriptor: int) -> AsyncIterator[bytes]:
    """Reads in a thread, which is left behind when the connection ends first.

    With `os.read`, because a thread that is inside `sys.stdin` keeps the interpreter from ending.
    """
    pieces: asyncio.Queue[bytes] = asyncio.Queue()
    room = threading.Semaphore(AHEAD)
    loop = asyncio.get_running_loop()

    def put(piece: bytes) -> None:
        loop.call_soon_threadsafe(pieces.put_nowait, piece)

    threading.Thread(target=_read, args=(descriptor, room, put), daemon=True).start()
    while piece := await pieces.get():
        yield piece
        room.release()


def _read(descriptor: int, room: threading.Semaphore, put: Callable[[bytes], None]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has ended
        while room.acquire() and (piece := _piece(descriptor)):
            put(piece)
        put(b"")


def _piece(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, PIECE)
    except OSError:  # closed, as by a terminal that is gone
        return b""
