"""Requests as the guard sees them, a guard of this machine alone, and whether it lets a page in."""

from collections.abc import Sequence

from hotreload.http.messages import Request
from hotreload.security.guard import Guard

LOOPBACK = Guard.of(["127.0.0.1", "::1"])


def asked(
    *,
    method: str = "GET",
    hosts: Sequence[bytes] = (),
    target: bytes = b"/",
    origins: Sequence[bytes] = (),
    fetch_site: bytes | None = None,
    fetch_mode: bytes | None = None,
    fetch_dest: bytes | None = None,
    scheme: str = "http",
) -> Request:
    """A request with these headers."""
    fetch = {b"site": fetch_site, b"mode": fetch_mode, b"dest": fetch_dest}
    lines = [
        *((b"host", host) for host in hosts),
        *((b"origin", origin) for origin in origins),
        *((b"sec-fetch-" + name, value) for name, value in fetch.items() if value is not None),
    ]
    return Request.of(method, target, lines, scheme)


def opens(
    host: str, *origins: str | bytes, guard: Guard = LOOPBACK, scheme="http", **fetch
) -> bool:
    """Whether a WebSocket is opened; a request that changes state must be treated the same."""
    values = [value if isinstance(value, bytes) else value.encode() for value in origins]
    answers = {
        guard.check(
            asked(method=method, hosts=[host.encode()], origins=values, scheme=scheme, **fetch),
            upgrade=upgrade,
        )
        for method, upgrade in (("GET", True), ("POST", False))
    }
    assert len(answers) == 1
    (refusal,) = answers
    assert refusal is None or refusal.status == 403
    return refusal is None
