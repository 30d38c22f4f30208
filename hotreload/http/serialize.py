"""Answers as they are written: status line, date, headers (RFC 9112, section 4).

Knows: the bytes of a head, and what time it is. Refuses to know: connections, and what is answered.
"""

from email.utils import formatdate
from time import time
from typing import NamedTuple, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from hotreload.http.messages import Response


class SerializedResponse(NamedTuple):
    """An answer as it is written, but for the date between its start and its headers."""

    start: bytes
    headers: bytes
    body: bytes


def serialize(response: Response, method: str) -> SerializedResponse:
    """An answer that may be given again."""
    headers = b"".join(b"%s: %s\r\n" % header for header in response.headers)
    body = b"" if method == "HEAD" else cast("bytes", response.body)
    start = STATUS_LINE[response.status] + b"date: "
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
    lines = [STATUS_LINE[response.status], b"date: ", date(), b"\r\n"]
    for name, value in response.headers:
        lines += [name, b": ", value, b"\r\n"]
    lines.append(b"connection: close\r\n\r\n" if close else b"\r\n")
    return b"".join(lines)
