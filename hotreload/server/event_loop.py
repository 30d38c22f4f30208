"""The process of a server: its event loop, the signals that stop it, and an orderly end.

Knows: signals, and how connections that are under way come to their end. Refuses to know: what is
served.
"""

import asyncio
import errno
import os
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

from hotreload.http.connection.responder import Connection
from hotreload.reporter import Reporter

# Responses under way when the server stops have so long to finish.
GRACE_SECONDS: Final = 0.3

_OUT_OF_RESOURCES: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes event loops: uvloop where there is one; None for Python's own."""
    with suppress(ImportError):
        import uvloop

        return uvloop.new_event_loop
    return None


class StopSignal:
    """The wish to stop, which signals bring; made in the running loop.

    Args:
        release: called before the process leaves at once.
    """

    def __init__(self, release: Callable[[], None] = lambda: None) -> None:
        self._release = release
        self._loop = asyncio.get_running_loop()
        self._wished = asyncio.Event()

    def listen(self) -> None:
        """Handle signals from now on, but for those that the parent process has ignored.

        Call it from the main thread.
        """
        names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
        for number in [getattr(signal, name) for name in names if hasattr(signal, name)]:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
                signal.signal(number, self._told)

    def _told(self, number: int, _frame: object) -> None:
        """The first signal stops in order, the second at once, with the status shells expect."""
        if self._wished.is_set():
            self._release()
            os._exit(128 + number)
        self.wish()
        # Called between two bytecodes of the main thread: the loop may be asleep in its selector.
        self._loop.call_soon_threadsafe(lambda: None)

    def wish(self) -> None:
        """To be called in the loop's thread."""
        self._wished.set()

    async def wait(self) -> None:
        """Until it is wished for."""
        await self._wished.wait()


class LoopErrors:
    """Reports what goes wrong in the loop, outside of any request.

    Args:
        report: called once, with a sentence, when there are too many connections for the system.
    """

    def __init__(self, report: Reporter) -> None:
        self._report = report
        self._reported = False

    def listen(self) -> None:
        """From now on, in the running loop."""
        asyncio.get_running_loop().set_exception_handler(self._heard)

    def _heard(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not isinstance(error, OSError) or error.errno not in _OUT_OF_RESOURCES:
            loop.default_exception_handler(context)
        elif not self._reported:  # Python's own loop says it again for each connection that waits
            self._reported = True
            self._report(
                "more connections are asked for than this process may have: some wait", True
            )


async def first_to_end(*awaitables: Coroutine[object, object, object] | asyncio.Task[None]) -> None:
    """Waits for the first to end; what it raises is raised."""
    tasks = [asyncio.ensure_future(one) for one in awaitables]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    for task in done:
        task.result()


async def finish_responses(connections: set[Connection], tasks: set[asyncio.Task[None]]) -> None:
    """Lets responses under way finish for a moment, then cuts what is left.

    Args:
        connections: those that are open.
        tasks: those that send the responses.
    """
    for connection in list(connections):
        connection.shutdown()
    if tasks:
        await asyncio.wait(tasks, timeout=GRACE_SECONDS)
    for connection in list(connections):
        connection.abort()
