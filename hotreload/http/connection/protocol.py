"""HTTP/1.1 connections: bytes come in, within limits, and at last the connection ends.

Knows: sockets, time limits, how a connection ends, and how an upgrade leaves. Refuses to know: how
requests are parsed, and what is answered.
"""

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import Final, cast

from hotreload.http.connection.link import Link
from hotreload.http.connection.pipeline import Respond
from hotreload.http.connection.request_parser import NotHttp, RequestParser
from hotreload.http.connection.responder import Responder, Shared
from hotreload.http.connection.time_limits import TimeLimits
from hotreload.http.connection.upgrades import WebSocketHandler, handshake_head
from hotreload.http.messages import Request, Response, text

Upgrade = Callable[[Request], WebSocketHandler]


class Http1(asyncio.Protocol):
    """One client connection.

    Args:
        respond: gives each request its response.
        upgrade: what takes over the connection of an upgrade request; None where nothing does.
        shared: with all other connections.

    Attributes:
        used: as the limit on connections has it.
    """

    _link: Link
    _times: TimeLimits
    _responder: Responder
    _parser: RequestParser

    def __init__(self, respond: Respond, upgrade: Upgrade | None, shared: Shared) -> None:
        self._respond = respond
        self._upgrade_to = upgrade
        self._shared = shared
        self.used = False

    # -- bytes in --------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connected: if there is room, it has some seconds to say what it wants."""
        limits = self._shared.limits
        self._shared.connections.add(self)
        self._link = Link.of(cast("asyncio.Transport", transport), limits.stall_seconds)
        self._times = TimeLimits(limits, self._give_up, self._close)
        self._responder = Responder(
            self._respond, self._link, self._times, self._shared, self,
            upgrades=self._upgrade_to is not None,
        )  # fmt: skip
        self._parser = RequestParser(self._responder)
        if self._shared.open_connections.add(self):
            self._times.head()
        else:
            self._link.writer.write(_FULL, head_only=False, close=True)
            self._close()

    def connection_lost(self, _: Exception | None) -> None:
        """The client is gone."""
        self._parser.stop()
        self._times.cancel()
        self._leave()
        self._responder.cut()
        self._link.presence.is_gone()
        self._link.flow.lost()
        self._link.transport.close()  # one of TLS does not know yet that it is closed

    def data_received(self, data: bytes) -> None:
        """Bytes came: whole requests are answered, an unfinished head is counted and timed."""
        if self._parser.is_stopped:
            return
        self._shared.active_clients.wants(id(self), perf_counter())
        try:
            rest = self._parser.feed(data)
        except NotHttp:
            self._refuse(text(400, "this is not HTTP/1.1"))
            return
        if rest is None:
            self._watch_head()
        elif self._responder.upgrade is not None:  # else it was answered, and is read no further
            self._upgrade(self._responder.upgrade, rest)

    def eof_received(self) -> bool:
        """The client says no more, but may still read what it has asked for."""
        # TLS is closed both ways or not at all.
        if not self._responder.is_sending or self._link.scheme == "https":
            self._close()
            return False
        self._responder.finish()
        self._responder.cut()
        self._link.presence.says_no_more()
        return True

    def pause_writing(self) -> None:
        """More waits for the client than it takes."""
        self._link.flow.pause_writing()

    def resume_writing(self) -> None:
        """It has taken most of it."""
        self._link.flow.resume_writing()

    def _watch_head(self) -> None:
        if not self._parser.in_head or self._parser.is_stopped:
            return
        most = self._shared.limits.head
        if self._parser.head_bytes > most:
            self._refuse(text(431, f"the head of a request may have {most} bytes"))
        else:
            self._times.head()

    def _give_up(self) -> None:
        """A head is late, or has never begun."""
        if self._parser.in_head:
            seconds = f"{self._shared.limits.head_seconds:.0f} seconds"
            self._refuse(text(408, f"no complete request within {seconds}"))
        else:
            self._close()

    # -- the end ---------------------------------------------------------------------------------

    def shutdown(self) -> None:
        """The server stops: what is being sent is sent, the rest is not answered any more."""
        self._parser.stop()
        if self._responder.is_sending:
            self._responder.finish()
        else:
            self._close()

    def abort(self) -> None:
        """End at once: the descriptor is needed, or the server has stopped."""
        self._parser.stop()
        self._link.transport.abort()

    def stop_reading(self) -> None:
        """Take no more requests."""
        self._parser.stop()

    def end(self, *, linger: bool) -> None:
        """The last answer was given.

        Args:
            linger: the client may still be sending: it closes first, so that it can read the answer
                before it sees the end.
        """
        if not linger:
            self._close()
            return
        self._parser.stop()
        self._link.flow.resume_reading()
        if self._link.transport.can_write_eof():
            self._link.transport.write_eof()
        self._times.linger()

    def _refuse(self, response: Response) -> None:
        """The last answer, unless it would end up within another."""
        if self._responder.is_sending or self._parser.is_stopped:
            self._close()
        else:
            self._link.writer.write(response, head_only=False, close=True)
            self.end(linger=True)

    def _close(self) -> None:
        """Closes once the client has taken what it was sent."""
        self._parser.stop()
        self._times.cancel()
        self._link.flow.close()

    def _leave(self) -> None:
        self._shared.open_connections.remove(self)
        self._shared.connections.discard(self)

    def _upgrade(self, request: Request, rest: bytes) -> None:
        """The rest of this connection is a WebSocket's, from its first byte on."""
        transport = self._link.transport
        if self._upgrade_to is None or transport.is_closing():
            return
        self._parser.stop()
        self._leave()
        handler = self._upgrade_to(request)
        handler.connection_made(transport)
        transport.set_protocol(cast("asyncio.Protocol", handler))
        handler.begin(handshake_head(request), rest)


_FULL: Final = text(503, "too many connections are open: try again", (b"retry-after", b"1"))
