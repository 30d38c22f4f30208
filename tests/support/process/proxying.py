"""A reverse proxy in front of a server, as tunnels and browser IDEs have one.

Knows: HTTP heads, and how such proxies change them. Refuses to know: what is in the bodies.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from support.process.commands import tcp_server

Change = Callable[[bytes], bytes]


@contextmanager
def reverse_proxy(port: int, change: Change) -> Iterator[int]:
    """A proxy to a port of this machine, which changes the head of each request; yields its port.

    Each connection is for one request, or for one WebSocket.
    """

    def carry(client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port), 10) as far:
            far.settimeout(None)
            client.settimeout(None)
            head = b""
            while b"\r\n\r\n" not in head:
                if not (data := client.recv(65536)):
                    return
                head += data
            head, _, rest = head.partition(b"\r\n\r\n")
            if b"upgrade: websocket" not in head.lower():
                lines = [
                    line for line in head.split(b"\r\n") if not line.startswith(b"Connection:")
                ]
                head = b"\r\n".join([*lines, b"Connection: close"])
            far.sendall(change(head) + b"\r\n\r\n" + rest)
            back = threading.Thread(target=_copy, args=(far, client))
            back.start()
            _copy(client, far)
            back.join(10)

    with tcp_server(carry) as own:
        yield own


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)


def named(host: bytes) -> Change:
    """The change that tunnels make: the server's own name in the place of the public one."""

    def change(head: bytes) -> bytes:
        lines = head.split(b"\r\n")
        kept = [b"Host: " + host if line.lower().startswith(b"host:") else line for line in lines]
        return b"\r\n".join(kept)

    return change


def stripped(prefix: bytes) -> Change:
    """The change that browser IDEs make: the path below which the server is shown is taken off."""
    return lambda head: head.replace(b" " + prefix, b" /", 1)
