"""How many connections there are, and which one goes when there would be too many.

Knows: which connections rest. Refuses to know: what they are for.

Every connection takes a descriptor, and files need some too. A connection on which nothing is being
sent can be closed for one on which something may be: browsers open them again without a word, and
who says nothing, or a letter a second, is the first to go.
"""

from typing import Protocol


class Resting(Protocol):
    """A connection that can make room."""

    def make_room(self) -> None:
        """Close; nothing is under way."""


class Crowd:
    """The connections of one kind.

    Args:
        most: so many may be open.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: set[Resting] = set()
        self._resting: dict[Resting, None] = {}  # who has rested longest comes first

    def come(self, one: Resting) -> bool:
        """A connection was opened, and rests; False when there is no room for it."""
        if len(self._open) >= self._most:
            longest = next(iter(self._resting), None)
            if longest is None:
                return False
            self.leave(longest)
            longest.make_room()
        self._open.add(one)
        self._resting[one] = None
        return True

    def work(self, one: Resting) -> None:
        """Something is being sent on it."""
        self._resting.pop(one, None)

    def rest(self, one: Resting) -> None:
        """Everything on it was answered, just now."""
        if one in self._open:
            self._resting.pop(one, None)
            self._resting[one] = None

    def leave(self, one: Resting) -> None:
        """It is closed, or is of another kind now; once more does nothing."""
        self._open.discard(one)
        self._resting.pop(one, None)
