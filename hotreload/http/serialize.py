"""Answers as they are written: status line, date, headers (RFC 9112, section 4).

Knows: the bytes of a head, and what time it is. Refuses to know: connections, and what is answered.
"""

from email.utils import formatdate
from http import HTTPStatus
from time import time
from typing import Final, NamedTuple, cast

from hotreload.http.messages import Response


def _status_line(status: int) -> bytes:
    phrase = HTTPStatus(status).phrase if status in _REGISTERED else ""
    return f"HTTP/1.1 {status} {phrase}\r\n".encode()


_REGISTERED: Final = frozenset(HTTPStatus)
_STATUS_LINES: Final = {status: _status_line(status) for status in range(100, 600)}


class SerializedResponse(NamedTuple):
    """An answer as it is written, but for the date between its start and its headers."""

    start: bytes
    headers: bytes
    body: bytes


def serialize(response: Response, method: str) -> SerializedResponse:
    """An answer that may be given again."""
    headers = b"".join(b"%s: %s\r\n" % header for header in response.headers)
    body = b"" if method == "HEAD" else cast("bytes", response.body)
    start = _STATUS_LINES[response.status] + b"date: "
    return SerializedResponse(start, b"\r\n%s\r\n" % headers, body)


_dates: dict[int, bytes] = {}


def date() -> bytes:
    """This second as the Date header writes it."""
    now = int(time())
    if now not in _dates:
        _dates.clear()
        _dates[now] = formatdate(now, usegmt=True).encode()
    return _dates[now]


def head(response: Response, *, close: bool) -> bytes:
    """The head of an answer.

    Args:
        response: with or without its body in memory.
        close: it is the last one on its connection.
    """
    lines = [_STATUS_LINES[response.status], b"date: ", date(), b"\r\n"]
    for name, value in response.headers:
        lines += [name, b": ", value, b"\r\n"]
    lines.append(b"connection: close\r\n\r\n" if close else b"\r\n")
    return b"".join(lines)
