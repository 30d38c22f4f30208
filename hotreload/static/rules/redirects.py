"""A site's `_redirects`: which paths stand for which others.

Knows: the syntax that Netlify and Cloudflare Pages have in common
(https://docs.netlify.com/routing/redirects/redirect-options/), and what a rule makes of a path.
Refuses to know: where the lines come from, files, and requests.

    /old            /new                        301, the default
    /news/*         /blog/:splat        302     what the asterisk stood for
    /:year/:slug    /posts/:slug?y=:year        names of one part each
    /shop  id=:id   /item/:id                   parameters that the query has to have
    /*              /index.html         200     a rewrite: that file at this address
    /private/*      /lost.html          404!    with an exclamation mark also where a file is there

The first rule that fits decides; a slash at the end makes no difference.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge
from itertools import takewhile
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from hotreload.files.globs import NOT_SLASH, SLASH, Gap, Glob, Item

REDIRECTS: Final = (301, 302, 303, 307, 308)
STATUSES: Final = (200, 404, 410, *REDIRECTS)
SPLAT: Final = "splat"

_NAME: Final = re.compile(r":([A-Za-z][A-Za-z0-9_]*)")
_STATUS: Final = re.compile(r"([0-9]{3})(!?)")
_ELSEWHERE: Final = re.compile(r"https?://[^/?#\\]+(?=[/?#]|$)", re.IGNORECASE)
# So many names at the start of a pattern are looked up before it is compared.
_LEAD: Final = 8
# What stays as it stands in a target: RFC 3986's characters, and escapes that are there already.
_SAFE: Final = "/%:@!$&'()*+,;=-._~[]"


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """What is to be said of a line.

    Attributes:
        line: its number, from 1 up.
        sentence: without the name of the file.
        wrong: the line is no rule; else it is one that does not count here.
    """

    line: int
    sentence: str
    wrong: bool = True


class InvalidRule(ValueError):
    """A line is no rule; `str()` says why."""


class Elsewhere(ValueError):
    """A line is a rule for the place where the site is published; `str()` says why."""


class Placeholder(NamedTuple):
    """Stands for any one name on a path.

    Attributes:
        key: what the name is called in the target.
    """

    key: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """Paths that a rule is for.

    Attributes:
        names: one for each part of the path, decoded, or what stands for any.
        splat: whether anything may follow, or nothing.
    """

    names: tuple["str | Placeholder", ...]
    splat: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is for one path only."""
        return not self.splat and not self.keys

    @property
    def keys(self) -> list[str]:
        """What the names are called that placeholders stand for."""
        return [name.key for name in self.names if isinstance(name, Placeholder)]

    @property
    def lead(self) -> tuple[str, ...]:
        """The names before the first placeholder."""
        return tuple(takewhile(lambda name: isinstance(name, str), self.names))  # type: ignore[arg-type]

    def match(self, segments: Sequence[str]) -> dict[str, str] | None:
        """What the placeholders stand for in the path of these names; None when it does not fit."""
        count = len(self.names)
        if len(segments) != count and not (self.splat and len(segments) > count):
            return None
        values = {}
        for name, segment in zip(self.names, segments, strict=False):
            if isinstance(name, Placeholder):
                values[name.key] = segment
            elif name != segment:
                return None
        if self.splat:
            values[SPLAT] = "/".join(segments[count:])
        return values


def pattern(text: str) -> Pattern:
    """The paths that a rule's first word stands for.

    An asterisk at the end, behind a slash, stands for anything, slashes too, or nothing at all. A
    part of the path that begins with a colon stands for any one name.

    Raises:
        InvalidRule: it is no pattern.
    """
    _check(text)
    whole = text.removesuffix("/*")
    if "*" in whole:
        raise InvalidRule(f"{text}: an asterisk stands at the end, behind a slash")
    parts = whole.rstrip("/").split("/")[1:]
    return Pattern(tuple(map(_part, parts)), splat=whole != text)


def _part(text: str) -> str | Placeholder:
    return Placeholder(text[1:]) if text.startswith(":") else _decoded(text)


def _check(text: str) -> None:
    """Raises InvalidRule for what is no path with placeholders in it."""
    if not text.startswith(("/", "*")):
        raise InvalidRule(f"{text}: a path begins with a slash")
    names = [part[1:].partition("*")[0] for part in text.split("/")[1:] if part.startswith(":")]
    if len(names) != len(set(names)) or SPLAT in names or not all(map(_is_name, names)):
        raise InvalidRule(f"{text}: each placeholder has a name of its own, as in /:year/:title")


def globs(text: str) -> list[Glob]:
    """The paths that a pattern with asterisks anywhere stands for: those that one of these matches.

    An asterisk stands for anything, slashes too; `/*` at the end also for nothing at all.

    Raises:
        InvalidRule: it is no pattern.
    """
    _check(text)
    whole = text.removesuffix("/*")
    glob: list[Item] = []
    for number, part in enumerate(whole.rstrip("/").split("/")):
        glob += [SLASH] * (number > 0)
        start, *rest = part.split("*")
        is_placeholder = number > 0 and start.startswith(":")
        glob += [NOT_SLASH, Gap.NAME] if is_placeholder else _bytes(_decoded(start))
        for piece in rest:
            glob += [Gap.ANY, *_bytes(_decoded(piece))]
    return [glob] if whole == text else [glob, [*glob, SLASH, Gap.ANY]]


def path_of(segments: Sequence[str]) -> bytes:
    """The path of these names as `globs` matches it."""
    return _bytes("".join(f"/{name}" for name in segments))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _is_name(name: str) -> bool:
    return _NAME.fullmatch(f":{name}") is not None


def _decoded(text: str) -> str:
    return unquote(text, errors="surrogateescape")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule makes of a path.

    Attributes:
        status: of the answer: a redirect, or that with which a file of the site is shown.
        location: where to look: a URL, or a path with one slash at its start, percent-encoded.
    """

    status: int
    location: str


@dataclass(frozen=True, slots=True)
class RedirectRule:
    """One line of `_redirects`.

    Attributes:
        paths: which it is for.
        to: where they lead.
        status: of the answer.
        force: even where there is a file.
        query: the parameters that there have to be, each with its value, or `:name`.
    """

    paths: Pattern
    to: str
    status: int = 301
    force: bool = False
    query: tuple[tuple[str, str], ...] = field(default=())

    def apply(self, segments: Sequence[str], query: str) -> Outcome | None:
        """What it makes of the path of these names; None when it is not for it."""
        values = self.paths.match(segments)
        if values is None or not self._takes(query, values):
            return None
        location = _expand(self.to, values)
        if self.status in REDIRECTS and query and not self.query and "?" not in location:
            path, mark, fragment = location.partition("#")
            location = f"{path}?{query}{mark}{fragment}"
        return Outcome(self.status, location)

    def _takes(self, query: str, values: dict[str, str]) -> bool:
        """Whether the query has the parameters; notes what they are."""
        if not self.query:
            return True
        given = dict(parse_qsl(query, keep_blank_values=True))
        for key, wanted in self.query:
            if key not in given or (wanted[:1] != ":" and given[key] != wanted):
                return False
            if wanted[:1] == ":":
                values[wanted[1:]] = given[key]
        return True


def _expand(to: str, values: Mapping[str, str]) -> str:
    """The target with the values in it, and never one of another host by what a value holds."""
    host = _ELSEWHERE.match(to)
    start = host[0] if host else ""
    path, query, fragment = _parts(to[len(start) :])
    path = "/" + _NAME.sub(lambda name: _value(name, values, "/"), path).lstrip("/")
    query, fragment = (
        _NAME.sub(lambda name: _value(name, values, ""), part) for part in (query, fragment)
    )
    return start + path + query + fragment


def _parts(to: str) -> tuple[str, str, str]:
    """Path, query with its question mark, fragment with its number sign; all percent-encoded."""
    rest, mark, fragment = to.partition("#")
    path, question, query = rest.partition("?")
    safe = _SAFE + "?"
    return quote(path, _SAFE), question + quote(query, safe), mark + quote(fragment, safe)


def _value(name: re.Match[str], values: Mapping[str, str], safe: str) -> str:
    value = values.get(name[1])
    return name[0] if value is None else quote(value, safe, errors="surrogateescape")


class RedirectTable:
    """Rules, found by path: those for one path only by that, the others by how they begin.

    Args:
        rules: in the order of their lines.
    """

    def __init__(self, rules: Sequence[RedirectRule] = ()) -> None:
        self.rules = tuple(rules)
        self._plain: dict[tuple[object, ...], list[int]] = {}
        self._below: dict[tuple[object, ...], list[int]] = {}
        for number, rule in enumerate(self.rules):
            paths = rule.paths
            found = self._plain if paths.is_plain else self._below
            key = paths.names if paths.is_plain else paths.lead[:_LEAD]
            found.setdefault(key, []).append(number)

    def __bool__(self) -> bool:
        """Whether there is any rule."""
        return bool(self.rules)

    def first(self, segments: Sequence[str], query: str, *, exists: bool) -> Outcome | None:
        """What the first rule that is for a path makes of it.

        Args:
            segments: the names on the path, decoded.
            query: as it was sent, without its question mark.
            exists: there is a file at that path.
        """
        names = tuple(segments)
        below = (self._below.get(names[:end], ()) for end in range(min(len(names), _LEAD) + 1))
        for number in merge(self._plain.get(names, ()), *below):
            rule = self.rules[number]
            if rule.force or not exists:
                outcome = rule.apply(segments, query)
                if outcome is not None and not _leads_back(outcome, segments):
                    return outcome
        return None


def _leads_back(outcome: Outcome, segments: Sequence[str]) -> bool:
    """Whether a redirect sends to where the request was for."""
    if outcome.status not in REDIRECTS or not outcome.location.startswith("/"):
        return False
    names = unquote(urlsplit(outcome.location).path, errors="surrogateescape").split("/")
    return [name for name in names if name] == list(segments)


# -- lines -----------------------------------------------------------------------------------


def redirects(text: str) -> tuple[list[RedirectRule], list[RuleProblem]]:
    """The rules of a `_redirects` file, and what is to be said of its other lines."""
    rules, remarks = [], []
    for number, words in _lines(text):
        try:
            rules.append(_rule(words))
        except InvalidRule as wrong:
            remarks.append(RuleProblem(number, str(wrong)))
        except Elsewhere as elsewhere:
            remarks.append(RuleProblem(number, str(elsewhere), wrong=False))
    return rules, remarks


def lines(text: str) -> list[str]:
    """The lines of a file of rules, however they end."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """The words of each line that has any; what follows a number sign is a comment."""
    for number, line in enumerate(lines(text), 1):
        words = line.split()
        comment = next((at for at, word in enumerate(words) if word.startswith("#")), len(words))
        if words[:comment]:
            yield number, words[:comment]


def _rule(words: Sequence[str]) -> RedirectRule:
    source, *rest = words
    if _ELSEWHERE.match(source):
        raise Elsewhere("rules for another host are not followed here")
    paths = pattern(source)
    at = next((at for at, word in enumerate(rest) if _is_target(word)), None)
    if at is None:
        raise InvalidRule("there is no target: a path that begins with a slash, or a URL")
    query = tuple(_parameter(word, paths) for word in rest[:at])
    to, (status, force) = rest[at], _status(rest[at + 1 :])
    return RedirectRule(paths, _checked(to, status), status, force, query)


def _is_target(word: str) -> bool:
    return word.startswith("/") or _ELSEWHERE.match(word) is not None


def _parameter(word: str, paths: Pattern) -> tuple[str, str]:
    key, equals, value = word.partition("=")
    if not (key and equals):
        raise InvalidRule(f"{word}: neither a target nor a parameter of the query, as in id=:id")
    taken = {SPLAT, *paths.keys}
    if value.startswith(":") and (not _is_name(value[1:]) or value[1:] in taken):
        raise InvalidRule(f"{word}: each placeholder has a name of its own, as in id=:id")
    return key, value


def _status(words: Sequence[str]) -> tuple[int, bool]:
    """The status, and whether it is forced; 301 when there is none."""
    found = _STATUS.fullmatch(words[0]) if words else None
    conditions = words[1:] if found else words
    for word in conditions:
        if "=" not in word:
            raise InvalidRule(f"{word}: a status is a number, as in 302 or 200!")
    if conditions:
        raise Elsewhere(f"{conditions[0]} depends on the visitor: the rule is not followed here")
    if found is None:
        return 301, False
    status = int(found[1])
    if status not in STATUSES:
        known = ", ".join(map(str, sorted(STATUSES)))
        raise InvalidRule(f"status {status} is none of {known}")
    return status, bool(found[2])


def _checked(to: str, status: int) -> str:
    if to.startswith(("//", "/\\")):
        raise InvalidRule(f"{to}: a browser takes this for another host; write it with https:")
    host = _ELSEWHERE.match(to)
    if host and not all("!" <= char <= "~" for char in host[0]):
        raise InvalidRule(f"{to}: a host is written in ASCII, others as in xn--bcher-kva.example")
    if status not in REDIRECTS and not to.startswith("/"):
        raise Elsewhere(f"{to} is another server, which is not asked from here")
    return to
