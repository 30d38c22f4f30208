"""Edge: a person is asked whether a configuration file may open what it would open.

Knows: who can be asked, and where the answer is kept. Refuses to know: what opens something, and
when that has to be asked for (`exposure.py`).
"""

import os
import shlex
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from hotreload.config import exposure, parser, sources, trust_store
from hotreload.config.exposure import ConfiguredKey, Known, OpenedKey, Permission
from hotreload.config.parser import ConfiguredValue, Source
from hotreload.errors import UsageError, reason
from hotreload.files.git_excludes import is_strange, repository
from hotreload.files.user_dirs import home


class NotTrusted(UsageError):
    """A file would open what this person has not allowed it to."""


class Exposure(NamedTuple):
    """A file with what it opens, at least one thing.

    Attributes:
        source: the file.
        opened: what it opens.
        known: what this person has said of it.
    """

    source: Source
    opened: Sequence[OpenedKey]
    known: Known

    def verdict(self, *, may_ask: bool) -> Permission:
        """What is done with it."""
        is_personal = self.source.file == sources.personal()
        return exposure.decide(self.opened, self.known, is_personal=is_personal, may_ask=may_ask)

    def refusal(self, most: int | None = None) -> str:
        """Why it is not obeyed, naming so many things or all, and how it would be."""
        file = self.source.file
        return exposure.refusal(str(file), self.opened, self.known, how(file), most)

    def sentences(self) -> list[tuple[str, str]]:
        """What it opens: the file, and the line with the rest of the sentence."""
        file = str(self.source.file)
        return [(file, f":{each.line}: {each.key} {each.what}") for each in self.opened]


def exposures(found: Iterable[tuple[str, ConfiguredValue]]) -> list[Exposure]:
    """What the files open with these values, each with its key."""
    values: dict[Path, list[tuple[str, ConfiguredValue]]] = {}
    for key, each in found:
        values.setdefault(each.source.file, []).append((key, each))
    made = (_exposure(of_one) for of_one in values.values())
    return [each for each in made if each.opened]


def _exposure(found: Sequence[tuple[str, ConfiguredValue]]) -> Exposure:
    source = found[0][1].source
    said = [
        ConfiguredKey(key, each.value, each.kind, _leads(each), each.line) for key, each in found
    ]
    opened = exposure.opened(said, _project(source.file))
    known = trust_store.known(source.file, source.digest) if opened else Known.NEW
    return Exposure(source, opened, known)


def _leads(found: ConfiguredValue) -> list[Path]:
    return [Path(os.path.realpath(path)) for path in parser.paths(found)]


def _project(file: Path) -> list[Path]:
    """The folder of a file, and of its repository, unless that holds more than a project."""
    folder = Path(os.path.realpath(file.parent))
    top = repository(folder)
    if top is None or is_strange(top):
        return [folder]
    with suppress(OSError):
        if Path(os.path.realpath(home())).is_relative_to(top):
            return [folder]
    return [folder, top]


def how(file: Path) -> str:
    """The command that trusts a file."""
    return f"hotreload trust {shlex.quote(str(file))}"


# -- asking --------------------------------------------------------------------------------------


def obtain(
    found: Sequence[Exposure], whole: Callable[[Source], Sequence[Exposure]]
) -> list[tuple[str, str]]:
    """Has this person allow what the files open; says what that is.

    Args:
        found: what they open now.
        whole: what a file opens whichever command obeys it: a yes is for all of that.

    Raises:
        NotTrusted: a file may not, or no person is there to be asked.
    """
    for each in found:
        match each.verdict(may_ask=_is_somebody_there()):
            case Permission.REFUSED:
                raise NotTrusted(each.refusal(most=1))
            case Permission.ASK:
                _ask(*whole(each.source))
            case Permission.ALLOWED:
                pass
    return [sentence for each in found for sentence in each.sentences()]


def _is_somebody_there() -> bool:
    if os.environ.get("CI") or sys.stdin is None:
        return False
    return sys.stdin.isatty() and sys.stderr.isatty()


def _ask(found: Exposure) -> None:
    import click

    from hotreload.terminal.text import printable

    file = found.source.file
    whether = " has changed since you trusted it:" if found.known is Known.CHANGED else ":"
    lines = [f"{file}{whether}", *(f"  line {e.line}: {e.key} {e.what}" for e in found.opened)]
    for line in lines:
        click.echo(printable(line), err=True)
    click.echo("Do you trust this file? [y/N] ", nl=False, err=True)
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):  # the end of input, with the cursor behind the question
        click.echo(err=True)
    if answer.strip().lower() not in ("y", "yes"):
        raise NotTrusted(f"{file} is not trusted: nothing was started")
    remember(found.source, lambda sentence: click.echo(printable(sentence), err=True))


def remember(source: Source, say: Callable[[str], object]) -> None:
    """Keeps that a file is trusted as it is; says so if that cannot be."""
    try:
        trust_store.remember(source.file, source.digest)
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        say(f"hotreload: this cannot be remembered: {reason(error)}{where}")
