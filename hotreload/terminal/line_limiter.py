"""The limit on terminal lines that clients cause.

Knows: the number of lines in this minute. Takes the time from its caller. Refuses to know: what a
line says.
"""

from typing import Final

SECONDS: Final = 60.0
# Ten a second: more than a person reads.
MOST: Final = 600


class LineLimiter:
    """Lines of one terminal."""

    def __init__(self) -> None:
        self._since = 0.0
        self._told = 0
        self.left_out = 0

    def admit(self, now: float) -> tuple[bool, str]:
        """Whether one more line is printed, and what is to be said of others before it, or nothing.

        Args:
            now: seconds, of a clock that only goes forward.
        """
        said = ""
        if not self._told or now - self._since >= SECONDS:
            said = f"{self.left_out:,} lines were left out" if self.left_out else ""
            self._since, self._told, self.left_out = now, 0, 0
        self._told += 1
        if self._told <= MOST:
            return True, said
        self.left_out += 1
        first = self.left_out == 1
        return False, f"more than {MOST} lines in a minute: the others are counted" if first else ""
