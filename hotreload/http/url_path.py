"""URL paths as the names of files.

Knows: how a request target is taken apart (RFC 3986; RFC 9112, section 3.2), and how names are
written into a URL. Refuses to know: what is on the disk, and where.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self
from urllib.parse import quote_from_bytes, unquote_to_bytes

# What stays as it is in our URLs: RFC 3986's pchar without the apostrophe, which would need
# escaping wherever a URL stands between apostrophes.
_SAFE: Final = "!$&()*+,;=:@-._~"
_SAFE_PATH: Final = re.compile(r"[A-Za-z0-9!$&()*+,;=:@\-._~/]*")

# The path of a request as browsers send it: visible ASCII. They leave `[`, `]` and `|` bare,
# against RFC 3986, but never controls, spaces or letters outside ASCII, nor a fragment.
_WELL_FORMED: Final = re.compile(rb"[\x21\x22\x24-\x7e]*")
_BROKEN_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Target:
    """What a request asks for.

    Attributes:
        segments: the names on the path, decoded once; bytes that are not UTF-8 are surrogates, as
            `os.fsdecode` makes them.
        directory: the path ends with a slash.
        canonical: no two slashes follow each other.
        query: what follows the question mark, as it was sent.
        raw: all of it, as it was sent.
    """

    segments: tuple[str, ...]
    directory: bool
    canonical: bool
    query: bytes
    raw: bytes

    @classmethod
    def of(cls, segments: tuple[str, ...]) -> Self:
        """What a request for the file of these names asks for."""
        return cls(segments, False, True, b"", url_path(segments).encode())

    def with_query(self, path: str) -> str:
        """Another path, with the query of this one."""
        return f"{path}?{self.query.decode('ascii')}" if self.query else path


@dataclass(frozen=True, slots=True)
class BadTarget:
    """A target that names no file.

    Attributes:
        status: 400 for what is no URL, 404 for what can only be outside.
        reason: a sentence for the person who wrote the link.
    """

    status: int
    reason: str


@lru_cache(maxsize=512)  # pages ask for the same files again and again
def parse(target: bytes) -> Target | BadTarget:
    """Take a request target in origin form apart.

    Percent-escapes are decoded exactly once, segment by segment, so that no slash comes out of
    them. A NUL, a slash or a backslash in a name is refused, and so are `.` and `..`, which
    browsers resolve before they send. Other control characters may be escaped: files have them.

    Args:
        target: as it stands in the request line.

    Returns:
        The names on the path, or why there are none.
    """
    path, _, query = target.partition(b"?")
    bad = _malformed(target, path)
    if bad is not None:
        return bad
    names = path[1:].split(b"/")
    segments = tuple(_decode(name) for name in names if name)
    if path.startswith(b"//") or any(map(_leads_out, segments)):
        return _OUTSIDE
    return Target(segments, not names[-1], b"//" not in path, query, target)


# "//host/share" is an address of another machine to browsers and to Windows alike.
_OUTSIDE: Final = BadTarget(404, "the path leads nowhere in this site")
_NO_PATH: Final = BadTarget(400, "the request target is not a path that begins with a slash")
_RAW: Final = BadTarget(
    400, "the request target holds what a URL only holds percent-encoded, or a fragment"
)
# Bare, it could be meant either way: production servers answer 400 as well.
_PERCENT: Final = BadTarget(400, "a percent sign in a URL is written %25")


def _malformed(target: bytes, path: bytes) -> BadTarget | None:
    if not path.startswith(b"/"):
        return _NO_PATH
    if not _WELL_FORMED.fullmatch(target):
        return _RAW
    return _PERCENT if _BROKEN_ESCAPE.search(path) else None


def _decode(name: bytes) -> str:
    return (unquote_to_bytes(name) if b"%" in name else name).decode("utf-8", "surrogateescape")


def _leads_out(name: str) -> bool:
    return name in (".", "..") or "/" in name or "\\" in name or "\0" in name


def url_path(segments: tuple[str, ...], *, directory: bool = False) -> str:
    """The one URL path that we use for a file: ASCII, with one leading slash.

    Args:
        segments: names, none of them empty.
        directory: end with a slash.

    Raises:
        UnicodeEncodeError: half a surrogate pair, which only Windows has in names.
    """
    path = "/".join(segments)
    if not _SAFE_PATH.fullmatch(path):
        path = quote_from_bytes(path.encode("utf-8", "surrogateescape"), safe=_SAFE + "/")
    return f"/{path}/" if directory and path else f"/{path}"
