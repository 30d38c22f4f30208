"""Edge: a stream that never keeps its writer waiting.

Knows: that a terminal may be held (Ctrl-S, or a selection in a Windows console) and a pipe be full,
and that a server must go on all the same. Refuses to know: what is written.
"""

import threading
from contextlib import suppress
from queue import Empty, Full, Queue
from typing import Final, TextIO

# Lines beyond these are dropped while the reader takes none.
MOST_WAITING: Final = 10_000
# For a stream that has no such characters.
PLAIN: Final = str.maketrans({"…": "...", "█": "#", "░": "-"})
# How long the end of the command waits for a reader.
LAST_SECONDS: Final = 1.0


class NonblockingWriter:
    """Writes to a stream from a thread of its own.

    Args:
        stream: where the text goes.

    Attributes:
        dropped: how many pieces of text the reader did not take in time.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.dropped = 0
        self._waiting: Queue[str | None] = Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._run, name="hotreload terminal", daemon=True)
        self._thread.start()

    def write(self, text: str) -> None:
        """Has the text written soon."""
        try:
            self._waiting.put_nowait(text)
        except Full:
            self.dropped += 1

    def close(self) -> None:
        """Waits until all is written; for a reader that takes nothing only for a moment."""
        with suppress(Full):
            self._waiting.put(None, timeout=LAST_SECONDS)
            self._thread.join(LAST_SECONDS)

    def _run(self) -> None:
        while (text := self._waiting.get()) is not None:
            ended = False
            with suppress(Empty):
                while not ended:
                    more = self._waiting.get_nowait()
                    ended = more is None
                    text += more or ""
            self._put(text)
            if ended:
                return

    def _put(self, text: str) -> None:
        # The reader may be gone, and the disk that it goes to may be full: pages are served all the
        # same, and there may be a reader or room again.
        with suppress(OSError, ValueError):
            try:
                self.stream.write(text)
            except UnicodeEncodeError:
                encoding = self.stream.encoding
                plain = text.translate(PLAIN).encode(encoding, "backslashreplace")
                self.stream.write(plain.decode(encoding))
            self.stream.flush()
