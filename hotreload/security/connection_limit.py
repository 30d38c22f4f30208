"""The limit on open connections, and which idle connection is closed when it is reached.

Knows: which connections are idle. Refuses to know: what a connection is used for.

Each connection takes a file descriptor, and files need some too. An idle connection is closed for a
new one: browsers open another without an error. A client that sends nothing, or a byte a second,
counts as idle.
"""

from typing import Protocol


class IdleConnection(Protocol):
    """A connection that may be closed to free a file descriptor.

    Attributes:
        used: a request came since the last check; a flag for each request costs less than keeping
            the connections in the order of their last request.
    """

    used: bool

    def abort(self) -> None:
        """Close this idle connection at once."""


class ConnectionLimit:
    """The open connections of one kind.

    Args:
        most: the limit on their number.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: set[IdleConnection] = set()
        # The one that was used or checked longest ago is first.
        self._idle: dict[IdleConnection, None] = {}

    def add(self, one: IdleConnection) -> bool:
        """Add a new connection, which is idle; False if the limit is reached and none is idle."""
        if len(self._open) >= self._most:
            unused = self._unused()
            if unused is None:
                return False
            self.remove(unused)
            unused.abort()
        self._open.add(one)
        self._idle[one] = None
        return True

    def _unused(self) -> IdleConnection | None:
        """The first without a recent request; each of the others is passed over once."""
        while self._idle:
            first = next(iter(self._idle))
            if not first.used:
                return first
            first.used = False
            self.idle(first)
        return None

    def busy(self, one: IdleConnection) -> None:
        """A response is being sent on the connection."""
        self._idle.pop(one, None)

    def idle(self, one: IdleConnection) -> None:
        """All requests of the connection are answered."""
        if one in self._open:
            self._idle.pop(one, None)
            self._idle[one] = None

    def remove(self, one: IdleConnection) -> None:
        """Remove a connection that is closed or upgraded; a second call does nothing."""
        self._open.discard(one)
        self._idle.pop(one, None)
