"""What a configuration file would open to others, and whether it may.

Knows: which keys do no harm, whatever they say, what the others open, and what is done with a file
that opens something. Refuses to know: where files lie, who trusts them, and how a person is asked.

A key that is not known to be harmless is taken for one that is not: a new option begins there.
"""

from collections.abc import Mapping, Sequence
from enum import Enum, StrEnum
from ipaddress import ip_address
from pathlib import PurePath
from typing import Final, NamedTuple

from hotreload.config.parser import Value, ValueKind
from hotreload.files.hidden_files import is_hidden

HARMLESS: Final = frozenset(
    (
        *("auth", "base", "compress", "csp", "full-reload", "header", "https", "ignore", "json"),
        *("mime", "no-gitignore", "no-inject", "no-listing", "no-open", "open", "poll", "port"),
        *("proxy-base", "quiet", "spa", "verbose", "ws-compression", "ws-max-size"),
        *("elsewhere", "exclude", "format", "jobs", "select"),
    )
)
"""Keys with which a file can only affect the people who work with it."""

OPENED: Final[Mapping[str, str]] = {
    "host": "lets other devices in",
    "allow-host": "lets pages in that are sent to other names",
    "cors": "lets pages of other origins read the site",
    "follow-symlinks": "serves what links lead to, wherever that is",
    "clear-site-data": "has browsers forget what sites of this host have stored",
    "fix": "lets `check` write into files",
}
"""What the other keys open."""

SERVED: Final = ("root", "mount")
"""Keys whose paths lead to what is served."""

PATHS: Final = (ValueKind.PATH, ValueKind.PATHS, ValueKind.PLACED)
"""Kinds of values that lead somewhere on the disk."""


class Known(Enum):
    """What this person has said of a file."""

    NEW = "nothing"
    CHANGED = "that it is trusted, when it was another"
    TRUSTED = "that it is trusted, as it is"


class Permission(StrEnum):
    """What is done with a file that opens something."""

    ALLOWED = "allowed"
    ASK = "ask"
    REFUSED = "refused"


class ConfiguredKey(NamedTuple):
    """A value that a file gives.

    Attributes:
        key: its key.
        value: as it is written.
        kind: what it has to be.
        leads: where it leads to, links followed, if it is one or more paths.
        line: in which it stands.
    """

    key: str
    value: Value
    kind: ValueKind
    leads: Sequence[PurePath]
    line: int


class OpenedKey(NamedTuple):
    """What a value opens: the line, the key, and the end of the sentence."""

    line: int
    key: str
    what: str


def opened(said: Sequence[ConfiguredKey], within: Sequence[PurePath]) -> list[OpenedKey]:
    """Returns what the values of a file open.

    Args:
        said: the values.
        within: the folders that its paths may lead into, links followed.
    """
    found = [OpenedKey(one.line, one.key, what) for one in said if (what := _what(one, within))]
    return sorted(found)


def _what(said: ConfiguredKey, within: Sequence[PurePath]) -> str:
    if said.kind in PATHS:
        return _leaves(said, within)
    is_off = said.value in (False, []) or str(said.value).lower() == "false"
    if said.key in HARMLESS or is_off or (said.key == "host" and _is_loopback(str(said.value))):
        return ""
    return OPENED.get(said.key, "is for people to decide")


def _leaves(said: ConfiguredKey, within: Sequence[PurePath]) -> str:
    """A path that leads out of all folders is named, and one by which secrets would be served."""
    for place in said.leads:
        below = [place.relative_to(each).parts for each in within if place.is_relative_to(each)]
        if not below:
            return f"leads to {place}, outside of the project"
        if said.key in SERVED and all(map(is_hidden, below)):
            return f"serves {place}, which is kept secret otherwise"
    return ""


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def decide(
    found: Sequence[OpenedKey], known: Known, *, is_personal: bool, may_ask: bool
) -> Permission:
    """Returns what is done.

    Args:
        found: what the file opens.
        known: what this person has said of it.
        is_personal: it is this person's own, which stands outside of every project.
        may_ask: a person is there to be asked.
    """
    if not found or is_personal or known is Known.TRUSTED:
        return Permission.ALLOWED
    return Permission.ASK if may_ask else Permission.REFUSED


# -- sentences -----------------------------------------------------------------------------------

_SINCE: Final = {Known.NEW: "is not trusted", Known.CHANGED: "has changed since it was trusted"}


def refusal(
    file: str, found: Sequence[OpenedKey], known: Known, how: str, most: int | None = None
) -> str:
    """Why a file is not obeyed, and how it would be.

    Args:
        file: its path.
        found: what it opens, at least one thing.
        known: what this person has said of it.
        how: the command that trusts it.
        most: so many things are named; None for all.
    """
    named = [f"{file}:{each.line}: {each.key} {each.what}" for each in found[:most]]
    more = len(found) - len(named)
    others = f" (and {more} more)" if more else ""
    return f"{', '.join(named)}{others}; the file {_SINCE[known]}: read it, then `{how}`"


def foreign(file: str, owners: Sequence[int], how: str) -> str:
    """Why a file does not count, and how it would."""
    whose = " and ".join(f"user {owner}" for owner in owners)
    return f"{file} belongs to {whose} and does not count: read it, then `{how}`"
