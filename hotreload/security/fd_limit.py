"""How many files and sockets this process may have open at once.

Knows: the system's limit, and how it is shared out. Refuses to know: who opens what.

Nobody raises the usual soft limit of 1024 for a development server, so it raises it itself, as far
as the system lets it: ten thousand open pages are ten thousand descriptors.
"""

import sys
from typing import Final, NamedTuple

from hotreload.errors import StartError

# More than anybody opens; some systems have a hard limit of a thousand million.
ENOUGH: Final = 65_536
# What macOS allows where it says that it allows any number (OPEN_MAX).
MACOS_MOST: Final = 10_240
# Where there is no such limit (Windows).
UNLIMITED: Final = 16_384
# The usual soft limit.
USUAL: Final = 1024
# For the site's files, the watcher, the terminal, and connections that are being refused.
OWN: Final = 64


# With fewer a server has more files of its own open than are left for its clients.
LEAST: Final = 64


class Shares(NamedTuple):
    """How many connections there may be.

    Attributes:
        requests: of those on which requests are made.
        sockets: of WebSockets; pages hold one each for as long as they are open.
    """

    requests: int
    sockets: int


def allocate(limit: int) -> Shares:
    """How a number of descriptors is shared out; half of very few are our own."""
    left = limit - min(OWN, limit // 2)
    requests = max(1, left // 4)
    return Shares(requests, max(1, left - requests))


def require_descriptors() -> None:
    """Makes sure that a server can answer anybody.

    Raises:
        StartError: the system allows it too little.
    """
    if (limit := raise_limit()) < LEAST:
        raise StartError(
            f"only {limit} files and sockets may be open at once here, and a server needs {LEAST}:"
            f" allow it more, as by `ulimit -n {USUAL}`"
        )


def raise_limit() -> int:
    """Raises the limit as far as may be, and says what it is."""
    if sys.platform == "win32":
        return UNLIMITED
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft != resource.RLIM_INFINITY and soft >= most:
        return soft
    for wish in (most, min(most, MACOS_MOST)):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wish, hard))
        except (OSError, ValueError):
            continue
        return wish
    return soft
