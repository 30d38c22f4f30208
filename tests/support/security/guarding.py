"""A guard of this machine alone, and whether it lets a page in."""

from hotreload.security.guard import Guard

LOOPBACK = Guard.of(["127.0.0.1", "::1"])


def opens(
    host: str, *origins: str | bytes, guard: Guard = LOOPBACK, scheme="http", **fetch
) -> bool:
    """Whether a WebSocket is opened; a request that changes state must be treated the same."""
    values = [value if isinstance(value, bytes) else value.encode() for value in origins]
    answers = {
        guard.refuse(
            method=method,
            hosts=[host.encode()],
            target=b"/",
            origins=values,
            scheme=scheme,
            upgrade=upgrade,
            state_changing=not upgrade,
            **fetch,
        )
        for method, upgrade in (("GET", True), ("POST", False))
    }
    assert len(answers) == 1
    (refusal,) = answers
    assert refusal is None or refusal.status == 403
    return refusal is None
