"""What is wrong with the head of a request, whatever it asks for.

Knows: the limits on heads, the forms of a target (RFC 9112, section 3.2), and which requests have a
body. Refuses to know: connections, and what is asked for.
"""

import re
from collections.abc import Sequence
from typing import Final

from hotreload.http.messages import Header, Response, text
from hotreload.security.limits import Limits

_ABSOLUTE_FORM: Final = re.compile(rb"(https?)://([^/?#]*)", re.IGNORECASE)


def validate(
    version: str, target: bytes, headers: Sequence[Header], limits: Limits
) -> Response | None:
    """The answer to a request that is not looked at any further; None for others.

    Args:
        version: of HTTP, as in "1.1".
        target: as it was sent.
        headers: their names in lower case.
        limits: on what a client may ask.
    """
    if len(target) > limits.line:
        return text(414, f"a request line may have {limits.line} bytes")
    if len(headers) > limits.headers or any(
        len(name) + len(value) > limits.line for name, value in headers
    ):
        return text(431, f"{limits.headers} headers of {limits.line} bytes each are the limit")
    if version not in ("1.1", "1.0"):
        return text(505, "HTTP/1.1 and 1.0 are spoken here")
    if b"#" in target or not all(0x20 < byte < 0x7F for byte in target):
        return text(400, "the target of a request is a URL in ASCII without a fragment")
    return None


def origin_form(method: str, target: bytes, headers: Sequence[Header], scheme: str) -> bytes:
    """The path and query that are meant by the target.

    One that names another server than Host does is left as it is, for the guard to refuse.
    """
    if method == "OPTIONS" and target == b"*":
        return b"/"
    absolute = _ABSOLUTE_FORM.match(target)
    hosts = [value.lower() for name, value in headers if name == b"host"]
    if not absolute or (absolute[1].lower(), absolute[2].lower()) != (scheme.encode(), *hosts):
        return target
    rest = target[absolute.end() :]
    return rest if rest.startswith(b"/") else b"/" + rest


def has_body(headers: Sequence[Header]) -> bool:
    """Whether something follows the head. It is not read, so no other request can follow it."""
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
        for name, value in headers
    )
