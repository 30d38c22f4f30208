"""Preconditions and ranges of RFC 9110, sections 13 and 14.

Knows: which answer a request's conditions call for, given the validators of what would be sent.
Refuses to know: what is sent, and how.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from itertools import pairwise
from typing import Final

# More ranges than any player or PDF reader asks for; beyond it the whole is sent (section 14.2
# lets a server ignore ranges that look like an attack).
MOST_RANGES: Final = 16

_TAG: Final = re.compile(rb'\s*(W/)?("[\x21\x23-\x7e\x80-\xff]*")\s*(?:,|$)')
_RANGE: Final = re.compile(rb"[ \t]*(\d{0,18})-(\d{0,18})[ \t]*")


def http_date(seconds: float) -> bytes:
    """A time in seconds since the epoch as section 5.6.7 writes it; never outside its range."""
    return _date(int(min(max(seconds, 0.0), 253402300799.0)))  # the last second of the year 9999


@lru_cache(maxsize=1024)
def _date(seconds: int) -> bytes:
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True).encode()


def parse_date(value: bytes) -> float | None:
    """An HTTP date in seconds since the epoch; None for what is not one."""
    try:
        return parsedate_to_datetime(value.decode("ascii")).timestamp()
    except (ValueError, TypeError, OverflowError, OSError):  # the last on Windows, before 1970
        return None


def precondition(
    method: str, headers: Mapping[bytes, bytes], etag: bytes, modified: float
) -> int | None:
    """The status that the request's preconditions call for instead of the content.

    Args:
        method: of the request.
        headers: of the request, by lower-case name.
        etag: of what would be sent, strong, with its quotes.
        modified: when that last changed, in seconds since the epoch.

    Returns:
        304, 412, or None for "go on", in the order of section 13.2.2.
    """
    match, unmodified = headers.get(b"if-match"), headers.get(b"if-unmodified-since")
    if match is not None:
        if not _holds(match, etag, weak=False):
            return 412
    elif unmodified is not None:
        date = parse_date(unmodified)
        if date is not None and int(modified) > date:
            return 412
    none_match, since = headers.get(b"if-none-match"), headers.get(b"if-modified-since")
    if none_match is not None:
        if _holds(none_match, etag, weak=True):
            return 304 if method in ("GET", "HEAD") else 412
    elif since is not None and method in ("GET", "HEAD"):
        date = parse_date(since)
        if date is not None and int(modified) <= date:
            return 304
    return None


def _holds(value: bytes, etag: bytes, *, weak: bool) -> bool:
    """Whether a list of entity tags holds this one, by weak or strong comparison."""
    if value.strip() == b"*":
        return True
    place = 0
    while found := _TAG.match(value, place):
        if found[2] == etag and (weak or not found[1]):
            return True
        place = found.end()
    return False


class Unsatisfiable(Exception):
    """None of the ranges lies within the content."""


def ranges(
    headers: Mapping[bytes, bytes], etag: bytes, modified: float, size: int
) -> list[tuple[int, int]] | None:
    """The parts of the content that the request asks for.

    Args:
        headers: of the request, by lower-case name.
        etag: of the content, strong, with its quotes.
        modified: when it last changed, in seconds since the epoch.
        size: of the content, in bytes.

    Returns:
        (offset, length) of each range in the order asked for, or None to send the whole: no
        ranges asked for, not in bytes, malformed, too many, overlapping, or If-Range names
        another version.

    Raises:
        Unsatisfiable: a well-formed request of which nothing can be had.
    """
    value = headers.get(b"range", b"")
    if value[:6].lower() != b"bytes=" or not _if_range(headers.get(b"if-range"), etag, modified):
        return None
    specs = value[6:].split(b",")
    if len(specs) > MOST_RANGES:
        return None
    parts = []
    for spec in specs:
        found = _RANGE.fullmatch(spec)
        if found is None or not (found[1] or found[2]):
            return None
        first, last = found[1], found[2]
        if first and last and int(first) > int(last):
            return None
        parts.append(_part(first, last, size))
    satisfiable = [part for part in parts if part[1] > 0]
    if not satisfiable:
        raise Unsatisfiable
    return None if _overlap(satisfiable) else satisfiable


def _if_range(value: bytes | None, etag: bytes, modified: float) -> bool:
    """Whether If-Range allows a part: strong comparison, or the very date (section 13.1.5)."""
    if value is None:
        return True
    value = value.strip()
    if value.startswith((b'"', b"W/")):
        return value == etag
    return parse_date(value) == int(modified)


def _part(first: bytes, last: bytes, size: int) -> tuple[int, int]:
    if not first:  # the last so many bytes
        length = min(int(last), size)
        return size - length, length
    start = int(first)
    end = min(int(last), size - 1) if last else size - 1
    return start, max(0, end - start + 1)


def _overlap(parts: list[tuple[int, int]]) -> bool:
    inorder = sorted(parts)
    return any(a + n > b for (a, n), (b, _) in pairwise(inorder))
