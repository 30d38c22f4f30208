"""The limit on open connections, and which idle connection is closed when it is reached.

Knows: which connections are idle. Refuses to know: what a connection is used for.

Each connection takes a file descriptor, and files need some too. An idle connection is closed for a
new one: browsers open another without an error. A client that sends nothing, or a byte a second,
counts as idle.
"""

from typing import Protocol


class IdleConnection(Protocol):
    """A connection that can make room.

    Attributes:
        used: something was asked on it since it was last looked at; this costs less to note with
            each request than to keep the connections in the order of their last one.
    """

    used: bool

    def make_room(self) -> None:
        """Close; nothing is under way."""


class ConnectionLimit:
    """The connections of one kind.

    Args:
        most: so many may be open.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: set[IdleConnection] = set()
        self._resting: dict[
            IdleConnection, None
        ] = {}  # who was used or looked at longest ago is first

    def add(self, one: IdleConnection) -> bool:
        """A connection was opened, and rests; False when there is no room for it."""
        if len(self._open) >= self._most:
            unused = self._unused()
            if unused is None:
                return False
            self.remove(unused)
            unused.make_room()
        self._open.add(one)
        self._resting[one] = None
        return True

    def _unused(self) -> IdleConnection | None:
        """The first on which nothing was asked lately; each of the others is passed over once."""
        while self._resting:
            first = next(iter(self._resting))
            if not first.used:
                return first
            first.used = False
            self.idle(first)
        return None

    def busy(self, one: IdleConnection) -> None:
        """Something is being sent on it."""
        self._resting.pop(one, None)

    def idle(self, one: IdleConnection) -> None:
        """Everything on it was answered."""
        if one in self._open:
            self._resting.pop(one, None)
            self._resting[one] = None

    def remove(self, one: IdleConnection) -> None:
        """It is closed, or is of another kind now; once more does nothing."""
        self._open.discard(one)
        self._resting.pop(one, None)
