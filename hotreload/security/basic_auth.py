"""Who may ask anything at all, where a password was set.

Knows: HTTP's Basic authentication (RFC 7617), and how many wrong passwords a client may try. Takes
the time from its caller. Refuses to know: what is asked for.

Browsers send Basic credentials with everything that they ask of an origin, once a person has typed
them: pages, modules, and the handshakes of WebSockets. Programs of this user on this machine need
not know the password: this run's key, which nobody but this user can read, is as good.
"""

import base64
import binascii
import hmac
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final, Self

from hotreload.errors import UsageError

# A person mistypes; a program that guesses gets one try a second after these.
TRIES: Final = 20
TRIES_PER_SECOND: Final = 1.0
# Clients whose tries are counted; who has not tried for longest is forgotten first.
MOST_CLIENTS: Final = 1_000
# The user name that goes with the key of a run.
RUN_USER: Final = "run"

# What a command says that was not let in.
HOW_TO_SAY: Final = "give them with --auth USER:PASSWORD"

CHALLENGE: Final = (b"www-authenticate", b'Basic realm="hotreload", charset="UTF-8"')


@dataclass(frozen=True, slots=True)
class AuthFailure:
    """Why a request is not answered.

    Attributes:
        status: 401, or 429 for who has tried too often.
        reason: a sentence for the person.
    """

    status: int
    reason: str

    @property
    def header(self) -> tuple[bytes, bytes]:
        """What goes with the answer: how to ask, or when."""
        return CHALLENGE if self.status == 401 else (b"retry-after", b"1")


_MISSING: Final = AuthFailure(401, "a name and a password are needed here")
_WRONG: Final = AuthFailure(401, "this name with this password is not let in")
_TOO_OFTEN: Final = AuthFailure(429, "too many wrong passwords were tried: wait, then try again")


class Credentials:
    """What lets a client in.

    Args:
        user: "NAME:PASSWORD", as `parse` has it.
        key: of this run; empty for none.
    """

    def __init__(self, user: str, key: str = "") -> None:
        self._right = [user.encode()]
        if key:
            self._right.append(f"{RUN_USER}:{key}".encode())
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    @classmethod
    def of(cls, user: str | None, key: str) -> Self | None:
        """None where nobody is asked for a password."""
        return None if user is None else cls(user, key)

    def refuse(self, values: Sequence[bytes], peer: str, now: float) -> AuthFailure | None:
        """Why not to answer a request, or None to answer it.

        Args:
            values: of all its Authorization headers.
            peer: the client's address.
            now: seconds, of a clock that only goes forward.
        """
        if not values:
            return _MISSING
        given = _given(values)
        client = _network(peer)
        tries = self._tries.get(client)
        if tries is not None and tries.left(now) < 1:
            return _TOO_OFTEN  # right or wrong: else guessing would go on
        # All are compared, so that the time says nothing.
        if sum(hmac.compare_digest(given, right) for right in self._right):
            return None
        self._count(client, tries, now)
        return _WRONG

    def _count(self, client: str, tries: "_Tries | None", now: float) -> None:
        left = TRIES if tries is None else tries.left(now)
        self._tries[client] = _Tries(left - 1, now)
        self._tries.move_to_end(client)
        if len(self._tries) > MOST_CLIENTS:
            self._tries.popitem(last=False)


@dataclass(frozen=True, slots=True)
class _Tries:
    """So many were left at that time."""

    count: float
    at: float

    def left(self, now: float) -> float:
        return min(TRIES, self.count + (now - self.at) * TRIES_PER_SECOND)


def parse(word: str) -> str:
    """What was written after --auth.

    Raises:
        UsageError: it is no name and password; the sentence does not repeat it.
    """
    name, colon, password = word.partition(":")
    if not (name and colon and password):
        raise UsageError("--auth takes USER:PASSWORD, both of at least one character")
    if not word.isprintable():
        raise UsageError("--auth: a name and a password are made of printable characters")
    return word


def header(user: str) -> bytes:
    """The value of Authorization for "NAME:PASSWORD"."""
    return b"Basic " + base64.b64encode(user.encode())


def _given(values: Sequence[bytes]) -> bytes:
    """Name and password as they were sent; empty for anything else."""
    scheme, _, token = values[0].strip(b" \t").partition(b" ")
    if len(values) != 1 or scheme.lower() != b"basic":
        return b""
    try:
        return base64.b64decode(token.strip(b" "), validate=True)
    except binascii.Error:
        return b""


def _network(peer: str) -> str:
    """Whose tries are counted together: one IPv6 client has 2^64 addresses."""
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return peer
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(int(address) >> 64)
    return str(address)
