"""The way to one client, as the parts of its connection share it.

Knows: where the client is, and what writes to it. Refuses to know: requests.
"""

import asyncio
from typing import NamedTuple, Self

from hotreload.http.connection.client_presence import ClientPresence
from hotreload.http.connection.flow_control import FlowControl
from hotreload.http.connection.response_writer import ResponseWriter


class Link(NamedTuple):
    """The way to one client.

    Attributes:
        transport: the bytes.
        flow: how fast they may go.
        presence: whether the client is still there.
        writer: writes responses.
        scheme: "http" or "https".
        peer: the address of the client, "" where that is not known.
    """

    transport: asyncio.Transport
    flow: FlowControl
    presence: ClientPresence
    writer: ResponseWriter
    scheme: str
    peer: str

    @classmethod
    def of(cls, transport: asyncio.Transport, stall_seconds: float) -> Self:
        """The way over a transport.

        Args:
            transport: of the connection.
            stall_seconds: how long the client may take nothing of what waits for it.
        """
        flow, presence = FlowControl(transport, stall_seconds), ClientPresence()
        writer = ResponseWriter(transport, flow, presence)
        scheme = "https" if transport.get_extra_info("sslcontext") else "http"
        return cls(transport, flow, presence, writer, scheme, _peer(transport))


def _peer(transport: asyncio.Transport) -> str:
    sock = transport.get_extra_info("socket")
    try:
        address = sock.getpeername()
    except OSError:  # it is gone already
        return ""
    return str(address[0])
