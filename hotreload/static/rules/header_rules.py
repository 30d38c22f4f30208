"""Headers that the user wants, from `_headers` and from --header.

Knows: the syntax of `_headers` (https://docs.netlify.com/routing/headers/), and which headers are
not for a site to decide. Refuses to know: where lines come from, and what the headers mean.

    /fonts/*
      Access-Control-Allow-Origin: *
    /*.html
      X-Frame-Options: DENY
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hotreload.files.globs import Glob, Globs
from hotreload.http.messages import Header, Response
from hotreload.static.rules.redirects import InvalidRule, RuleProblem, globs, lines, path_of

# What the framing, the conditions and the content of an answer decide.
_OURS: Final = frozenset(
    b"accept-ranges age allow alt-svc connection content-encoding content-length content-range"
    b" date etag keep-alive last-modified location proxy-authenticate server te trailer"
    b" transfer-encoding upgrade x-content-type-options".split()
)
# What lets pages of other origins read the site: only if --cors says so.
_OPENING: Final = re.compile(rb"access-control-.*|cross-origin-resource-policy|timing-allow-origin")
# What only where the site is published does any good, and here would outlive the run: a browser
# that keeps files shows no change, and one that was told to use TLS does so on every port.
_PUBLISHED: Final = frozenset(
    (b"cache-control", b"expires", b"pragma", b"strict-transport-security")
)

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_OPTION: Final = re.compile(r"(\S+?):\s+([^\s:]+)\s*:(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class HeaderRule:
    """Headers for the answers at some paths.

    Attributes:
        paths: which; those that one of these matches.
        headers: names in lower case, with their values.
    """

    paths: Sequence[Glob]
    headers: tuple[Header, ...]


def parse(text: str, *, cors: bool) -> tuple[list[HeaderRule], list[RuleProblem]]:
    """The rules of a `_headers` file, and what is to be said of its other lines.

    Args:
        text: of the file.
        cors: other origins may read the site.
    """
    found: list[tuple[Sequence[Glob], list[Header]]] = []
    remarks = []
    for number, line in enumerate(lines(text), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            if not line[0].isspace():
                found.append((globs(line.strip()), []))
                continue
            header, headers = _header(line), _current(found)
            if why := _not_here(header[0], cors=cors):
                remarks.append(RuleProblem(number, why, wrong=False))
            else:
                headers.append(header)
        except InvalidRule as wrong:
            remarks.append(RuleProblem(number, str(wrong)))
    return [HeaderRule(paths, tuple(headers)) for paths, headers in found], remarks


def _current(found: Sequence[tuple[Sequence[Glob], list[Header]]]) -> list[Header]:
    if not found:
        raise InvalidRule("a header stands below the path that it is for")
    return found[-1][1]


def option(value: str, cors: bool = False) -> HeaderRule:
    """What --header asks for, as in `/fonts/*: X-Name: value`.

    Raises:
        InvalidRule: that is not what it says, or the header is not for a site to decide.
    """
    said = _OPTION.fullmatch(value)
    if said is None:
        raise InvalidRule("give a path, a name and a value, as in '/*: X-Name: value'")
    header = _header(f"{said[2]}:{said[3]}")
    if why := _not_theirs(header[0], cors=cors):
        raise InvalidRule(why)
    return HeaderRule(globs(said[1]), (header,))


def _header(line: str) -> Header:
    name, colon, value = line.strip().partition(":")
    if not colon or not _NAME.fullmatch(name.strip()):
        raise InvalidRule(f"{line.strip()}: a header has a name, a colon and a value")
    if not _VALUE.fullmatch(value.strip()):
        raise InvalidRule(f"{name.strip()}: its value holds what a header cannot")
    return name.strip().lower().encode("ascii"), value.strip().encode("latin-1")


def _not_here(name: bytes, *, cors: bool) -> str | None:
    """Why a header of the published site is not sent here; None if it is."""
    if name in _PUBLISHED:
        return f"{name.decode()} is for the published site: here each file is asked for anew"
    return _not_theirs(name, cors=cors)


def _not_theirs(name: bytes, *, cors: bool) -> str | None:
    """Why a header is not for a site to decide; None if it is."""
    if name in _OURS:
        return f"{name.decode()} is the server's own to say"
    if _OPENING.fullmatch(name) and not cors:
        return f"{name.decode()} lets other origins read the site: that takes --cors"
    return None


class HeaderTable:
    """Rules, of which all that are for a path are found at once.

    Args:
        rules: in the order of their lines.

    Attributes:
        names: of the headers, whatever they are for.
    """

    def __init__(self, rules: Iterable[HeaderRule] = ()) -> None:
        each = [(glob, rule) for rule in rules if rule.headers for glob in rule.paths]
        self.names = frozenset(name for _, rule in each for name, _ in rule.headers)
        self._globs = Globs(glob for glob, _ in each)
        self._headers = [_by_name(rule.headers) for _, rule in each]

    def __bool__(self) -> bool:
        """Whether there is any rule."""
        return bool(self._headers)

    def at(self, segments: Sequence[str]) -> list[Header]:
        """The headers for the path of these names.

        Of several rules the last one decides; what one rule says twice is a list (RFC 9110, 5.3),
        but for cookies, which cannot be one.
        """
        found: dict[bytes, list[Header]] = {}
        for number in self._globs.all(path_of(segments)):
            found |= self._headers[number]
        return [header for headers in found.values() for header in headers]


def _by_name(headers: Sequence[Header]) -> dict[bytes, list[Header]]:
    values: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        values.setdefault(name, []).append(value)
    return {
        name: [(name, value) for value in (said if name == b"set-cookie" else [b", ".join(said)])]
        for name, said in values.items()
    }


def merged(ours: Sequence[Header], theirs: Sequence[Header]) -> list[Header]:
    """Our headers with theirs in the place of those of the same name; Vary is a list of both."""
    vary = b", ".join(value for name, value in (*ours, *theirs) if name == b"vary")
    replaced = {name for name, _ in theirs} | {b"vary"}
    kept = [header for header in ours if header[0] not in replaced]
    kept += [header for header in theirs if header[0] != b"vary"]
    return [*kept, (b"vary", vary)] if vary else kept


def extended(response: Response, theirs: Sequence[Header]) -> Response:
    """The response with their headers too."""
    return replace(response, headers=merged(response.headers, theirs))
