"""The share of the server's time for each client, and when a client has to wait.

Knows: the time that clients have used, and which were active lately. Refuses to know: what they
ask, and the clock. All times are in seconds.

A client that is alone may use half of the time, so that an echo measures fast answers. It does not
get all of it: the watcher's thread needs the interpreter to notice a save. As soon as another
client is active, it gets its share and no more.
"""

import math
from typing import Final

# Of all time, how much goes to one client: while there are others, and while there are none.
SHARE: Final = 0.1
ALONE: Final = 0.5
# Seconds of work that a client may be ahead of that: a thousand messages, or many MiB in one.
AHEAD: Final = 0.1
# It never waits for longer than this at a time, whatever it has cost.
LONGEST_WAIT: Final = 1.0
# Who wanted something so lately wants more: a page that loads, files that are saved one by one.
LATELY: Final = 0.25


class ActiveClients:
    """Who wanted something lately.

    The newest of all, and the newest of the others, tell of each client whether it is alone.
    """

    def __init__(self) -> None:
        self._newest: tuple[int, float] = 0, -math.inf
        self._other = -math.inf

    def wants(self, who: int, now: float) -> None:
        """A client asks for time; `who` identifies it, and is 0 for the server itself."""
        newest, at = self._newest
        if newest != who:
            self._other = at
        self._newest = who, now

    def share(self, who: int, now: float) -> float:
        """How much of the time a client may have."""
        newest, at = self._newest
        others = self._other if newest == who else at
        return SHARE if now - others < LATELY else ALONE


class CPUBudget:
    """How far a client is ahead of its share of the time."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._at = 0.0

    def spend(self, began: float, ended: float, share: float) -> None:
        """Note work for the client, from one time to another, and what its share was until then."""
        left = max(0.0, self._ahead - (began - self._at) * share)
        self._ahead = min(left + ended - began, AHEAD + LONGEST_WAIT * share)
        self._at = began

    def wait(self, now: float, share: float) -> float:
        """For how many seconds the client is to wait; 0 if it need not."""
        ahead = self._ahead - (now - self._at) * share
        return max(0.0, (ahead - AHEAD) / share)
