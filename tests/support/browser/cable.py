"""A network between a browser and the server that can be cut and mended."""

import asyncio
import threading
from contextlib import suppress


class Cable:
    """Relays TCP connections to a port of this machine; `cut` ends them all and takes no more.

    Attributes:
        port: where to connect to get through.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._writers: set[asyncio.StreamWriter] = set()
        self._relays: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._server: asyncio.Server | None = None
        self.port = 0
        self.mend()

    def mend(self) -> None:
        """Connections pass."""
        self._do(self._listen())

    def cut(self) -> None:
        """Every connection ends, and new ones are refused."""
        self._do(self._end())

    def close(self) -> None:
        """The end of the cable."""
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work):
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self):
        if self._server is not None:
            return
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _end(self):
        if self._server is not None:
            self._server.close()
            self._server = None
        while self._relays:
            for writer in self._writers:
                writer.transport.abort()
            await asyncio.wait(self._relays)

    async def _relay(self, reader, writer):
        task = asyncio.current_task()
        self._relays.add(task)
        self._writers.add(writer)
        with suppress(OSError):  # there is no server now
            await self._join(reader, writer)
        writer.transport.abort()
        self._writers.discard(writer)
        self._relays.discard(task)

    async def _join(self, reader, writer):
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers.add(back)
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
        self._writers.discard(back)

    async def _pump(self, reader, writer):
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.transport.abort()


class Breaking(Cable):
    """A network that breaks when a request for this path goes through it the first time.

    Args:
        target: as above.
        path: of the URL.
        swallows: path of another URL; a request for it before that gets no answer.
    """

    def __init__(self, target: int, path: str, swallows: str = "") -> None:
        self._fatal, self._swallowed = (f"GET {each} ".encode() for each in (path, swallows))
        self._broken = False
        super().__init__(target)

    async def _pump(self, reader, writer):
        with suppress(OSError):
            while data := await reader.read(65536):
                if not self._broken and data.startswith(self._swallowed):
                    continue
                if not self._broken and data.startswith(self._fatal):
                    self._broken = True
                    self._ending = asyncio.ensure_future(self._end())
                    break
                writer.write(data)
                await writer.drain()
        writer.transport.abort()
