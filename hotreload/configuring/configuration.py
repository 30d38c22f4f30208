"""What people have written into hotreload.toml and pyproject.toml.

Knows: where the two files are looked for, that a key is a command's flag without its dashes, and
how to say what is wrong with one. Refuses to know: the flags themselves; they are handed in.

    hotreload.toml           pyproject.toml
    port = 9000              [tool.hotreload]
                             port = 9000
    [check]                  [tool.hotreload.check]
    root = "site"            root = "site"

The nearest file of each name counts, from a folder upwards; for a key that both have,
hotreload.toml does. Relative paths are relative to the file.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, NamedTuple

from hotreload import regular
from hotreload.errors import BadSetting


class Kind(StrEnum):
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


Keys = Mapping[str, Kind]
Value = bool | int | str | list[str] | list[int]

OWN: Final = "hotreload.toml"
SHARED: Final = "pyproject.toml"


class Found(NamedTuple):
    """A value, and where it is written: the file and the line."""

    value: Value
    place: str


@dataclass(frozen=True, slots=True)
class _Source:
    """A file that was found: its text, the table in it that is ours, and that table's name."""

    file: Path
    text: str
    table: Mapping[str, Any]
    name: tuple[str, ...]


def load(folder: Path, section: str | None, known: Mapping[str | None, Keys]) -> dict[str, Found]:
    """Returns the values that are written for a command, by key.

    Args:
        folder: where to begin to look; then its parents.
        section: the command's table; None for the keys that stand in no table.
        known: the keys of every table; whatever else is written is an error.

    Raises:
        BadSetting: a file cannot be read, or holds what nobody knows or wants.
    """
    values: dict[str, Found] = {}
    for source in (_find(folder, SHARED), _find(folder, OWN)):
        if source is not None:
            for name, keys in known.items():
                found = dict(_values(source, name, keys, known))
                values |= found if name == section else {}
    return values


def _find(folder: Path, name: str) -> _Source | None:
    for place in (folder, *folder.parents):
        source = _read(place / name)
        if source is not None:
            return source
    return None


def _read(file: Path) -> _Source | None:
    """None where there is no such file, or nothing of ours in it."""
    try:
        data = regular.read(file)
        if data is None:
            return None
        text = data.decode("utf-8-sig").replace("\r\n", "\n")  # some editors begin with a mark
        document = tomllib.loads(text)
    except regular.NotRead as refusal:
        raise BadSetting(str(refusal)) from None
    except UnicodeDecodeError:
        raise BadSetting(f"{file}: the file is not written in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(_not_toml(file, text, str(error))) from None
    if file.name == OWN:
        return _Source(file, text, document, ())
    tools = document.get("tool")
    table = tools.get("hotreload") if isinstance(tools, Mapping) else None
    if table is not None and not isinstance(table, Mapping):
        line = line_of(text, ("tool", "hotreload"))
        raise BadSetting(f"{file}:{line}: hotreload is a table: write [tool.hotreload]")
    return None if table is None else _Source(file, text, table, ("tool", "hotreload"))


_AT: Final = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)")


def _not_toml(file: Path, text: str, message: str) -> str:
    at = _AT.search(message)
    line = int(at["line"]) if at and at["line"] else max(1, len(text.splitlines()))
    what = _AT.sub("", message)
    return f"{file}:{line}: this is not TOML: {what[:1].lower()}{what[1:]}"


# -- values --------------------------------------------------------------------------------------


def _values(
    source: _Source, section: str | None, keys: Keys, known: Mapping[str | None, Keys]
) -> Iterator[tuple[str, Found]]:
    table = source.table if section is None else source.table.get(section, {})
    if not isinstance(table, Mapping):
        raise _wrong(source, None, section or "", f"{section} is a table: write [{section}]")
    tables = [name for name in known if name is not None] if section is None else []
    for key, value in table.items():
        if key in keys:
            checked = _checked(source, section, key, value, keys[key])
            yield key, Found(checked, _place(source, section, key))
        elif key not in tables:
            raise _unknown(source, section, key, [*keys, *tables])


def _checked(source: _Source, section: str | None, key: str, value: Any, kind: Kind) -> Value:
    if not _fits(value, kind):
        raise _wrong(source, section, key, f'"{key}" wants {kind}, not {_shown(value)}')
    if kind is Kind.PATH:
        return str(source.file.parent / value)
    if kind is Kind.PATHS:
        return [str(source.file.parent / each) for each in value]
    if kind is Kind.PLACED:
        return [_placed(source.file.parent, each) for each in value]
    return value  # type: ignore[no-any-return]  # it was looked at just now


def _placed(folder: Path, text: str) -> str:
    name, equals, path = text.partition("=")
    return f"{name}={folder / path}" if equals and path else text


def _fits(value: Any, kind: Kind) -> bool:
    match kind:
        case Kind.SWITCH:
            return isinstance(value, bool)
        case Kind.GIVEN:
            return isinstance(value, bool | int | str)
        case Kind.NUMBERS:
            return isinstance(value, list) and all(_fits(each, Kind.NUMBER) for each in value)
        case Kind.NUMBER:
            return isinstance(value, int) and not isinstance(value, bool)
        case Kind.TEXT | Kind.PATH:
            return isinstance(value, str)
        case _:
            return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


# -- what is wrong -------------------------------------------------------------------------------


def _unknown(source: _Source, section: str | None, key: str, known: list[str]) -> BadSetting:
    meant = key.replace("_", "-").lower()
    # Of names that are equally near, the one of the same letters: "prot" is "port", not "root".
    close = sorted(
        difflib.get_close_matches(meant, known), key=lambda name: sorted(name) != sorted(meant)
    )
    hint = f'did you mean "{close[0]}"?' if close else f"known are {', '.join(sorted(known))}"
    return _wrong(
        source, section, key, f'there is no key "{key}"{_within(source, section)}; {hint}'
    )


def _within(source: _Source, section: str | None) -> str:
    table = [*source.name, *([section] if section else [])]
    return f" in [{'.'.join(table)}]" if table else ""


def _wrong(source: _Source, section: str | None, key: str, sentence: str) -> BadSetting:
    return BadSetting(f"{_place(source, section, key)}: {sentence}")


def _place(source: _Source, section: str | None, key: str) -> str:
    path = (*source.name, *([section] if section else []), key)
    return f"{source.file}:{line_of(source.text, path)}"


_HEADER: Final = re.compile(r"\s*\[\[?(?P<name>[^]]*)\]")
_ASSIGNED: Final = re.compile(r"\s*+(?P<key>[^=#\[\]{}]++)=")


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
