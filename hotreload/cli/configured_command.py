"""A command whose options may stand in a configuration file or in a variable.

Knows: how click's options read as keys, and in which order they count: flags over variables over
files; that what a file opens has to be allowed before it counts; and who is to blame for a value
that cannot be used. Refuses to know: what any option is for.
"""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click
from click.core import ParameterSource

from hotreload.config import consent, exposure, parser, sources
from hotreload.config.exposure import Permission
from hotreload.config.parser import ConfiguredValue, Keys, Source, ValueKind
from hotreload.errors import BadSetting
from hotreload.terminal.text import printable

MAIN: Final = "serve"
"""The command whose keys stand in no table, and whose variables have no second name."""

_EXPOSED: Final = f"{__name__}.exposed"

Known = Mapping[str | None, Keys]
"""The keys of every table."""


class Given(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions only
    """An option that may be given with a value or without: then one value is meant.

    In a file it is `true`, `false`, or the value.
    """

    name = "given"

    def __init__(self, meant: str) -> None:
        self.meant = meant

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str | None:
        """`True` and "true" stand for the value that is meant, `False` and "false" for none."""
        del param, ctx
        text = str(value)
        return {"true": self.meant, "false": None}.get(text.lower(), text)


class Line(click.ParamType):  # type: ignore[type-arg]  # as above
    """A text in which spaces count: in a variable several stand on lines of their own."""

    name = "line"
    envvar_list_splitter = "\n"


class Placed(Line):
    """A name and a path, as in `/docs=../docs`; a relative path in a file is relative to that."""

    name = "placed"


def optional(
    *names: str, meant: str, **more: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """An option that may be given with a value or without: then `meant` is."""
    return click.option(*names, is_flag=False, flag_value=meant, type=Given(meant), **more)


class ConfiguredCommand(click.Command):
    """A command of which every option may be configured.

    The option `--max-age` of a command `check` is `max-age` in the table `[check]`, and the
    variable `HOTRELOAD_CHECK_MAX_AGE`.

    Args:
        headings: of the groups of options in its help, each with the first one's parameter.
        shared: keys that mean what they mean for `serve`, and need not be written twice.
        reports: says itself what is not to be trusted, and does without it.
    """

    def __init__(
        self,
        *args: Any,
        headings: Mapping[str, str] | None = None,
        shared: Collection[str] = (),
        reports: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self._headings = headings or {}
        self._shared = shared
        self._reports = reports

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Makes click's context, which knows the configuration."""
        for param in self.params:
            param.envvar = param.envvar or self._variables(_key(param))
        asked = "--help" in args or "-h" in args or extra.get("resilient_parsing")
        found = {} if asked else self._found(parent)
        extra.setdefault("default_map", {name: each.value for name, each in found.items()})
        try:
            context = super().make_context(info_name, args, parent, **extra)
        except click.BadParameter as error:
            raise _blamed(error, found) from None
        counts = {
            name: each
            for name, each in found.items()
            if context.get_parameter_source(name) is ParameterSource.DEFAULT_MAP
        }
        keys = {param.name or "": _key(param) for param in self.params}
        opened = consent.exposures((keys[name], each) for name, each in counts.items())
        context.meta[_EXPOSED] = consent.obtain(
            opened, lambda source: exposures([source], self._known(parent))
        )
        return context

    def _variables(self, key: str) -> list[str]:
        """The variables that an option may stand in, the first of which counts."""
        word = key.upper().replace("-", "_")
        shared = [f"HOTRELOAD_{word}"] if self.name == MAIN or key in self._shared else []
        own = [] if self.name == MAIN else [f"HOTRELOAD_{(self.name or '').upper()}_{word}"]
        return own + shared

    def _found(self, parent: click.Context | None) -> dict[str, ConfiguredValue]:
        known = self._known(parent)
        files = sources.find(Path.cwd())
        for sentence in strangers(files):
            if not self._reports:
                click.echo(f"hotreload: {printable(sentence)}", err=True)
        section = _section(self.name or "")
        found = parser.values(files.files, section, known)
        if self._shared:
            main = parser.values(files.files, _section(MAIN), known)
            found = {key: value for key, value in main.items() if key in self._shared} | found
        if self._reports:
            found = _allowed(found)
        return {_parameter(self, key): value for key, value in found.items()}

    def _known(self, parent: click.Context | None) -> Known:
        return {**keys_of(parent), _section(self.name or ""): _keys(self)}

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the options in their groups."""
        heading, groups = "Options", dict[str, list[tuple[str, str]]]()
        for param in self.get_params(ctx):
            if isinstance(param, click.Argument):
                continue
            heading = self._headings.get(param.name or "", heading)
            record = param.get_help_record(ctx)
            groups.setdefault(heading, []).extend([record] if record else [])
        for heading, records in groups.items():
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)


def _blamed(
    error: click.BadParameter, found: Mapping[str, ConfiguredValue]
) -> click.BadParameter | BadSetting:
    """The error with the place where the value was written, if that is not the command line."""
    name = (error.param and error.param.name) or ""
    source = error.ctx.get_parameter_source(name) if error.ctx and name else None
    if source is ParameterSource.DEFAULT_MAP:
        return BadSetting(f"{found[name].place}: {error.message}")
    if source is ParameterSource.ENVIRONMENT and error.param:
        variable = next(filter(os.environ.get, error.param.envvar or ()), "")
        return BadSetting(f"{variable}: {error.message}")
    return error


# -- what files may ------------------------------------------------------------------------------


def exposed(context: click.Context) -> list[tuple[str, str]]:
    """What files open in this run: each file, and the line with the rest of the sentence."""
    found: list[tuple[str, str]] = context.meta.get(_EXPOSED, [])
    return found


def strangers(found: sources.Sources) -> list[str]:
    """Which files do not count because they belong to another user, and what to do."""
    return [exposure.foreign(str(file), users, consent.how(file)) for file, users in found.foreign]


def exposures(files: Sequence[Source], known: Known) -> list[consent.Exposure]:
    """What files would open, whichever command obeys them."""
    found = [each for table in known for each in parser.values(files, table, known).items()]
    return consent.exposures(found)


def _allowed(found: Mapping[str, ConfiguredValue]) -> dict[str, ConfiguredValue]:
    """Without the files that open what has not been allowed."""
    refused = {
        each.source.file
        for each in consent.exposures(found.items())
        if each.verdict(may_ask=False) is Permission.REFUSED
    }
    return {key: each for key, each in found.items() if each.source.file not in refused}


# -- options as keys -----------------------------------------------------------------------------


def keys_of(parent: click.Context | None) -> Known:
    """The keys of every command beside this one."""
    group = parent.command if parent else None
    commands = group.commands if isinstance(group, click.Group) else {}
    return {
        _section(name): _keys(each)
        for name, each in commands.items()
        if isinstance(each, ConfiguredCommand)
    }


def _section(name: str) -> str | None:
    return None if name == MAIN else name


def _keys(command: click.Command) -> Keys:
    return {_key(each): _kind(each) for each in command.params}


def _key(param: click.Parameter) -> str:
    """The flag without its dashes, or the name of an argument."""
    return max(param.opts, key=len).lstrip("-")


def _kind(param: click.Parameter) -> ValueKind:
    many = param.multiple or param.nargs != 1
    if isinstance(param, click.Option) and param.is_flag:
        return ValueKind.SWITCH
    if isinstance(param.type, click.Path):
        return ValueKind.PATHS if many else ValueKind.PATH
    if isinstance(param.type, Placed):
        return ValueKind.PLACED
    if isinstance(param.type, Given):
        return ValueKind.GIVEN
    if isinstance(param.type, click.types.IntParamType):
        return ValueKind.NUMBERS if many else ValueKind.NUMBER
    return ValueKind.TEXTS if many else ValueKind.TEXT


def _parameter(command: click.Command, key: str) -> str:
    return next(each.name or "" for each in command.params if _key(each) == key)
