"""How much a client may ask of the server, each limit with its reason.

Knows: the numbers. Refuses to know: what happens beyond one.
"""

from dataclasses import dataclass

from hotreload.security.fd_limit import Shares, allocate

_USUAL = allocate(1024)  # of the descriptors that most systems give to a process unasked


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes are in bytes, times in seconds.

    Attributes:
        line: of a request line, and of one header: what browsers and servers of the field allow.
        headers: how many a request may have.
        head: of a whole head: all that a client may make us hold before it has asked for anything.
        head_seconds: a head that is not complete after it, or a connection that has said nothing,
            is closed: people do not type requests.
        rest_seconds: browsers keep six connections to a server; a page that rests for so long opens
            them again.
        stall_seconds: who takes nothing for so long of what waits for it is cut. A browser that
            stands in a debugger, or has paused a film, asks again for the rest.
        linger_seconds: for so long is thrown away what comes after the last answer of a connection:
            if it were closed at once, the answer would be lost to a client that is still sending.
        pipelined: requests that may wait behind one that is being answered. Browsers send none.
        message: of a message on a WebSocket; an echo of 1 MiB is what people try.
        buffered: a page for which so much waits is dropped, and resyncs when it is back.
        shares: how many connections there may be.
    """

    line: int = 8 * 2**10
    headers: int = 128
    head: int = 64 * 2**10
    head_seconds: float = 10.0
    rest_seconds: int = 60
    stall_seconds: float = 60.0
    linger_seconds: float = 2.0
    pipelined: int = 128
    message: int = 2**20
    buffered: int = 2**20
    shares: Shares = _USUAL
