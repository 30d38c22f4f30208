"""A request as the guard sees it, put together from what a test says of it."""

from collections.abc import Sequence

from hotreload.http.messages import Request


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
