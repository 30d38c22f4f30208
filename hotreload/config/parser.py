"""What people have written into hotreload.toml and pyproject.toml.

Knows: what a file's bytes mean, that a key is a command's flag without its dashes, and how to say
what is wrong with one. Refuses to know: the flags themselves, which are handed in; where files are
looked for, and whether they count.

    hotreload.toml           pyproject.toml
    port = 9000              [tool.hotreload]
                             port = 9000
    [check]                  [tool.hotreload.check]
    root = "site"            root = "site"

For a key that both have, hotreload.toml counts. Relative paths are relative to the file.
"""

import difflib
import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, NamedTuple

from hotreload.errors import BadSetting


class ValueKind(StrEnum):
    """What a key wants; the value is how that is said."""

    SWITCH = "true or false"
    NUMBER = "a whole number"
    NUMBERS = "a list of whole numbers"
    GIVEN = "true, false or a value"
    TEXT = "a string"
    TEXTS = "a list of strings"
    PATH = "a path"
    PATHS = "a list of paths"
    PLACED = "a list of strings, each a name and a path as in /docs=../docs"


Keys = Mapping[str, ValueKind]
Value = bool | int | str | list[str] | list[int]

OWN: Final = "hotreload.toml"
SHARED: Final = "pyproject.toml"
# No real key is longer. Of one with n parts the library makes n keys of up to n parts.
MOST_PARTS: Final = 16
# Larger numbers are none in TOML, nor can they be printed.
_NUMBERS: Final = range(-(2**63), 2**63)
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was found.

    Attributes:
        file: where it lies.
        text: all of it.
        table: what in it is ours.
        name: of that table.
        digest: another one whenever what is ours in it is another.
    """

    file: Path
    text: str
    table: Mapping[str, Any]
    name: tuple[str, ...]
    digest: str


class ConfiguredValue(NamedTuple):
    """A value, what it had to be, and where it is written."""

    value: Value
    kind: ValueKind
    source: Source
    line: int

    @property
    def place(self) -> str:
        """The file and the line."""
        return f"{self.source.file}:{self.line}"


def values(
    sources: Sequence[Source], section: str | None, known: Mapping[str | None, Keys]
) -> dict[str, ConfiguredValue]:
    """Returns the values that are written for a command, by key.

    Args:
        sources: the files, the one that counts most at the end.
        section: the command's table; None for the keys that stand in no table.
        known: the keys of every table; whatever else is written is an error.

    Raises:
        BadSetting: a file holds an unknown key or a wrong value.
    """
    found: dict[str, ConfiguredValue] = {}
    for source in sources:
        for name, keys in known.items():
            read = dict(_values(source, name, keys, known))
            found |= read if name == section else {}
    return found


def parse(file: Path, data: bytes) -> Source | None:
    """Reads what a file holds; None where nothing in it is ours.

    Raises:
        BadSetting: it is not TOML, or too much for the reader of it.
    """
    try:
        text = data.decode("utf-8-sig")  # some editors begin it with a mark
    except UnicodeDecodeError:
        raise BadSetting(f"{file}: the file is not written in UTF-8") from None
    try:
        return _source(file, text)
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(_not_toml(file, text, str(error))) from None
    except RecursionError:
        raise BadSetting(f"{file}: its values lie too deep within each other") from None
    except ValueError:  # from numbers of thousands of digits, which Python neither reads nor prints
        raise BadSetting(f"{file}: a number in it is too large") from None


def _source(file: Path, text: str) -> Source | None:
    document = tomllib.loads(_readable(file, text))
    if file.name == OWN:
        return Source(file, text, document, (), _digest(text))
    tools = document.get("tool")
    table = tools.get("hotreload") if isinstance(tools, Mapping) else None
    if table is not None and not isinstance(table, Mapping):
        line = line_of(text, ("tool", "hotreload"))
        raise BadSetting(f"{file}:{line}: hotreload is a table: write [tool.hotreload]")
    # Other tools write into this file, too: a new dependency is no reason to ask again.
    name = ("tool", "hotreload")
    return None if table is None else Source(file, text, table, name, _digest(repr(table)))


def _digest(ours: str) -> str:
    return hashlib.sha256(ours.encode("utf-8", "surrogatepass")).hexdigest()


# A string or a comment, in which dots mean nothing; or what else may stand in a key. Strings that
# have no end go to the end of the text, so that no character is looked at twice.
_PIECES: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|\Z)'
    r"|'''(?:[^']|'(?!''))*+(?:'''|\Z)"
    r'|"(?:[^"\\\n]|\\.)*+"?'
    r"|'[^'\n]*+'?"
    r"|\#[^\n]*+"
    r"|(?P<dot>\.)|(?P<end>[\n=,\[\]{}])|[^.\n=,\[\]{}\"'#]++",
    re.DOTALL,
)


def _readable(file: Path, text: str) -> str:
    """The text, if no key in it has so many parts that reading it takes all of the memory."""
    dots = 0
    for piece in _PIECES.finditer(text):
        dots = 0 if piece["end"] else dots + bool(piece["dot"])
        if dots >= MOST_PARTS:
            line = text.count("\n", 0, piece.start()) + 1
            raise BadSetting(f"{file}:{line}: a key has {MOST_PARTS} parts at most")
    return text


_AT: Final = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)")


def _not_toml(file: Path, text: str, message: str) -> str:
    at = _AT.search(message)
    line = int(at["line"]) if at and at["line"] else max(1, len(text.splitlines()))
    what = _AT.sub("", message)
    return f"{file}:{line}: this is not TOML: {what[:1].lower()}{what[1:]}"


# -- values --------------------------------------------------------------------------------------


def _values(
    source: Source, section: str | None, keys: Keys, known: Mapping[str | None, Keys]
) -> Iterator[tuple[str, ConfiguredValue]]:
    table = source.table if section is None else source.table.get(section, {})
    if not isinstance(table, Mapping):
        raise _wrong(source, None, section or "", f"{section} is a table: write [{section}]")
    tables = [name for name in known if name is not None] if section is None else []
    for key, value in table.items():
        if key in keys:
            checked = _checked(source, section, key, value, keys[key])
            line = line_of(source.text, _path(source, section, key))
            yield key, ConfiguredValue(checked, keys[key], source, line)
        elif key not in tables:
            raise _unknown(source, section, key, [*keys, *tables])


def _checked(source: Source, section: str | None, key: str, value: Any, kind: ValueKind) -> Value:
    if not _fits(value, kind):
        raise _wrong(source, section, key, f'"{key}" wants {kind}, not {_shown(value)}')
    if kind is ValueKind.PATH:
        return str(source.file.parent / value)
    if kind is ValueKind.PATHS:
        return [str(source.file.parent / each) for each in value]
    if kind is ValueKind.PLACED:
        return [_placed(source.file.parent, each) for each in value]
    return value  # type: ignore[no-any-return]  # it was looked at just now


def _placed(folder: Path, text: str) -> str:
    name, equals, path = text.partition("=")
    return f"{name}={folder / path}" if equals and path else text


def paths(found: ConfiguredValue) -> list[str]:
    """The paths in a value that is one, or several, or names with one each; else none."""
    if found.kind is ValueKind.PATH:
        return [str(found.value)]
    each = found.value if isinstance(found.value, list) else []
    if found.kind is ValueKind.PATHS:
        return [str(path) for path in each]
    placed = [str(text).partition("=") for text in each] if found.kind is ValueKind.PLACED else []
    return [path for _, _, path in placed if path]


def _fits(value: Any, kind: ValueKind) -> bool:
    match kind:
        case ValueKind.SWITCH:
            return isinstance(value, bool)
        case ValueKind.GIVEN:
            return isinstance(value, bool | str) or _fits(value, ValueKind.NUMBER)
        case ValueKind.NUMBERS:
            return isinstance(value, list) and all(_fits(each, ValueKind.NUMBER) for each in value)
        case ValueKind.NUMBER:
            return isinstance(value, int) and not isinstance(value, bool) and value in _NUMBERS
        case ValueKind.TEXT:
            return isinstance(value, str)
        case ValueKind.PATH:
            return isinstance(value, str) and "\0" not in value
        case ValueKind.TEXTS:
            return isinstance(value, list) and all(_fits(each, ValueKind.TEXT) for each in value)
        case _:
            return isinstance(value, list) and all(_fits(each, ValueKind.PATH) for each in value)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    try:
        text = f'"{value}"' if isinstance(value, str) else str(value)
    except ValueError:  # a number of thousands of digits
        return "a number of such a size"
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


# -- what is wrong -------------------------------------------------------------------------------


def _unknown(source: Source, section: str | None, key: str, known: list[str]) -> BadSetting:
    meant = key.replace("_", "-").lower()
    # Of names that are equally near, the one of the same letters: "prot" is "port", not "root".
    close = sorted(
        difflib.get_close_matches(meant, known), key=lambda name: sorted(name) != sorted(meant)
    )
    hint = f'did you mean "{close[0]}"?' if close else f"known are {', '.join(sorted(known))}"
    return _wrong(
        source, section, key, f"there is no key {_shown(key)}{_within(source, section)}; {hint}"
    )


def _within(source: Source, section: str | None) -> str:
    table = [*source.name, *([section] if section else [])]
    return f" in [{'.'.join(table)}]" if table else ""


def _wrong(source: Source, section: str | None, key: str, sentence: str) -> BadSetting:
    return BadSetting(f"{_place(source, section, key)}: {sentence}")


def _place(source: Source, section: str | None, key: str) -> str:
    return f"{source.file}:{line_of(source.text, _path(source, section, key))}"


def _path(source: Source, section: str | None, key: str) -> tuple[str, ...]:
    return (*source.name, *([section] if section else []), key)


_HEADER: Final = re.compile(r"\s*\[\[?(?P<name>[^]]*)\]")
_ASSIGNED: Final = re.compile(r"(?P<key>[^=#\[\]{}]++)=")


def line_of(text: str, path: tuple[str, ...]) -> int:
    """Returns the line, counted from 1, in which a TOML document gives a key, or a table it is in.

    Args:
        text: the document.
        path: the names of the tables down to the key, and the key.
    """
    table: tuple[str, ...] = ()
    nearest = (0, 1)
    for number, line in enumerate(text.splitlines(), 1):
        header, assigned = _HEADER.match(line), _ASSIGNED.match(line)
        if header:
            table = _names(header["name"])
        name = (*table, *_names(assigned["key"])) if assigned and not header else table
        if name[: len(path)] == path:
            return number
        if name == path[: len(name)]:
            nearest = max(nearest, (len(name), number))
    return nearest[1]


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(name.strip().strip("\"'") for name in dotted.split("."))
