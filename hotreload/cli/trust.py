"""`hotreload trust`: a person allows a configuration file what it would open.

Knows: the options, and which files a folder stands for. Refuses to know: what opens something, and
where trust is kept.
"""

from pathlib import Path

import click

from hotreload.cli.configured_command import Known, exposures, keys_of
from hotreload.config import sources, trust_store
from hotreload.config.parser import OWN, SHARED, Source
from hotreload.errors import HotreloadError, UsageError, reason
from hotreload.terminal.text import printable


class NotKept(HotreloadError):
    """Trust cannot be kept, or taken back."""


@click.command(short_help="Allow a configuration file what it would open to others.")
@click.argument("place", metavar="[FILE|FOLDER]", required=False, type=click.Path(path_type=Path))
@click.option("--list", "lists", is_flag=True, help="List what is trusted.")
@click.option("--remove", is_flag=True, help="Trust it no longer.")
@click.pass_context
def trust(context: click.Context, place: Path | None, *, lists: bool, remove: bool) -> None:
    """Allow a configuration file what it would open to others.

    A hotreload.toml, or a pyproject.toml, that came with a folder may do what harms nobody. What it
    would open beyond that (other devices, host names, origins, links and paths that lead out of the
    project, files that are written) counts once you have read the file and trusted it, until it
    changes. A FOLDER, or this one, stands for the files that count in it.
    """
    if lists:
        for entry in trust_store.entries():
            click.echo(printable(entry.path) + _since(entry))
        return
    place = Path.cwd() / (place or Path())
    try:
        if remove:
            _remove(place)
        else:
            _trust(_files(place), keys_of(context.parent))
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        raise NotKept(f"this cannot be remembered: {reason(error)}{where}") from None


def _since(entry: trust_store.TrustEntry) -> str:
    """What has become of a file since it was trusted."""
    try:
        source = sources.read(Path(entry.path))
    except UsageError:
        return "  (cannot be read now)"
    if source is None:
        return "  (gone)"
    return "" if source.digest == entry.digest else "  (has changed since: not trusted)"


def _files(place: Path) -> list[Source]:
    """The file, or those that count in a folder."""
    if place.is_dir():
        here = sources.find(place)
        strangers = filter(None, (sources.read(file) for file, _ in here.foreign))
        found = [*here.files, *strangers]
        found = [each for each in found if each.file != sources.personal()]
        if not found:
            raise UsageError(f"there is no configuration in {place}, nor above it")
        return found
    if place.name not in (OWN, SHARED):
        raise UsageError(f"{place}: configuration stands in {OWN} or {SHARED}")
    source = sources.read(place)
    if source is None:
        raise UsageError(f"{place}: there is no such file, or nothing for hotreload in it")
    return [source]


def _trust(files: list[Source], known: Known) -> None:
    opened = {each.source.file: each.opened for each in exposures(files, known)}
    for source in files:
        trust_store.remember(source.file, source.digest)
        click.echo(printable(f"trusted {source.file}"))
        for each in opened.get(source.file, ()):
            click.echo(printable(f"  line {each.line}: {each.key} {each.what}"))


def _remove(place: Path) -> None:
    names = (OWN, SHARED) if place.is_dir() else (place.name,)
    folder = place if place.is_dir() else place.parent
    removed = [folder / name for name in names if trust_store.forget(folder / name)]
    for file in removed:
        click.echo(printable(f"no longer trusted: {file}"))
    if not removed:
        raise UsageError(f"{place} is not trusted: `hotreload trust --list` shows what is")
