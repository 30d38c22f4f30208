"""Flow control of one connection: what the client does not take is not written, nor read on.

Knows: whether bytes are read, and whether more may be written. Refuses to know: what the bytes are.
"""

import asyncio

from hotreload.security.write_timeout import WriteTimeout


class FlowControl:
    """Pauses and resumes one transport.

    Args:
        transport: of the connection.
        stall_seconds: how long the client may take nothing of what waits for it.
    """

    def __init__(self, transport: asyncio.Transport, stall_seconds: float) -> None:
        self._transport = transport
        self._write_timeout = WriteTimeout(transport, stall_seconds)
        self._is_reading = True
        self._writable = asyncio.Event()
        self._writable.set()

    @property
    def is_writable(self) -> bool:
        """Whether the client has taken most of what was sent."""
        return self._writable.is_set()

    async def drain(self) -> None:
        """Wait until it has."""
        await self._writable.wait()

    def pause_writing(self) -> None:
        """The transport holds more than the client takes."""
        self._writable.clear()
        self._write_timeout.start()

    def resume_writing(self) -> None:
        """The client has taken most of it; of what is sent last it has to take all."""
        self._writable.set()
        if not self._transport.is_closing():
            self._write_timeout.cancel()

    def pause_reading(self) -> None:
        """Read no more until `resume_reading`; a second call does nothing."""
        if self._is_reading:
            self._is_reading = False
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on; a second call does nothing."""
        if not self._is_reading:
            self._is_reading = True
            self._transport.resume_reading()

    def lost(self) -> None:
        """The connection is lost: nothing waits any more."""
        self._writable.set()
        self._write_timeout.cancel()

    def close(self) -> None:
        """Close once the client has taken what it was sent, or takes nothing for too long."""
        self._transport.close()
        if self._transport.get_write_buffer_size():
            self._write_timeout.start()
