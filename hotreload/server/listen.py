"""The sockets that the server listens on, all on one port.

Knows: addresses, ports, and why one is not to be had. Refuses to know: what is spoken on them.
"""

import errno
import os
import re
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from hotreload.config import defaults
from hotreload.errors import StartError

# How many ports the default one may move on before something else must be wrong.
PORTS_TRIED: Final = 50
# A free port of one address may be taken on the other: then the next free one is tried.
FREE_TRIES: Final = 20
BACKLOG: Final = 2048

# Who listens on all addresses of a kind, and how this machine reaches it.
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}

# Some machines are called what no client could ask for.
_HOST_NAME: Final = re.compile(r"(?=.*[a-z])(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}")

Address = tuple[int, str]  # family, address


def listen(host: str | None, port: int | None) -> list[socket.socket]:
    """Opens the sockets.

    Args:
        host: address or name; None for this machine only: 127.0.0.1 and, where there is one, ::1,
            so that `localhost` works in every client.
        port: the port; 0 for any free one; None for the default one, or the next free.

    Returns:
        Listening, non-blocking sockets on the same port.

    Raises:
        StartError: the port is taken, or the address is not this machine's.
    """
    addresses = _addresses(host)
    if port is None:
        for candidate in range(defaults.PORT, defaults.PORT + PORTS_TRIED):
            with suppress(StartError):
                return _listen_on(addresses, candidate)
        port = 0
    tries = 1 if port else FREE_TRIES
    for _ in range(tries - 1):
        with suppress(StartError):
            return _listen_on(addresses, port)
    return _listen_on(addresses, port)


def seen_at(bound: Sequence[str]) -> tuple[list[str], list[str]]:
    """At which addresses the server is found.

    Args:
        bound: the addresses that it listens on.

    Returns:
        Those for this machine, and those for other machines.
    """
    local, network = [], []
    for address in bound:
        if address in _EVERYWHERE:
            local.append(_EVERYWHERE[address])
            network += [each for each in outward_addresses() if (":" in each) == (":" in address)]
        elif _is_loopback(address):
            local.append(address)
        else:
            network.append(address)
    return local or network, network


def outward_addresses() -> list[str]:
    """This machine's addresses on the networks by which it would reach others."""
    found = []
    # To "connect" a datagram socket sends nothing: it asks which address would be used.
    for family, elsewhere in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((elsewhere, 9))
            found.append(str(probe.getsockname()[0]))
    return found


def is_open(bound: Sequence[str]) -> bool:
    """Whether other machines can connect, as far as the addresses tell."""
    return not all(map(_is_loopback, bound))


def _is_loopback(address: str) -> bool:
    return address.startswith("127.") or address == "::1"


def own_names(bound: Sequence[str]) -> list[str]:
    """The names by which others on the network call this machine, if it listens to them."""
    if not is_open(bound):
        return []
    name = socket.gethostname().lower()
    names = [name] if name.endswith(".local") else [name, f"{name}.local"]
    return [each for each in names if _HOST_NAME.fullmatch(each)]


def _addresses(host: str | None) -> Sequence[Address]:
    if host is None:
        return [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, ValueError):  # the latter for what is no name at all
        raise StartError(f"{host} is not an address or a name that this machine knows") from None
    return list(dict.fromkeys((int(family), str(place[0])) for family, *_, place in found))


def _listen_on(addresses: Sequence[Address], port: int) -> list[socket.socket]:
    sockets: list[socket.socket] = []
    for family, address in addresses:
        chosen = sockets[0].getsockname()[1] if sockets else port
        try:
            sockets.append(_listen_at(family, address, chosen))
        except OSError as error:
            if family == socket.AF_INET6 and sockets and _absent(error):
                continue
            for sock in sockets:
                sock.close()
            raise StartError(_why_not(error, address, chosen)) from None
    return sockets


def _listen_at(family: int, address: str, port: int) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let two servers share a port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((address, port))
        sock.listen(BACKLOG)  # on Linux two sockets may be bound alike, yet only one listens
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def _absent(error: OSError) -> bool:
    """A machine without IPv6 is served on IPv4 alone."""
    return error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


def _why_not(error: OSError, address: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is taken on {address}: choose another with --port, or 0 for a free one"
    if error.errno == errno.EACCES:
        return f"port {port} is reserved for the system: choose one above 1023 with --port"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{address} is not an address of this machine: choose another with --host"
    return f"cannot listen on {address} port {port}: {os.strerror(error.errno or 0).lower()}"
