"""A command whose options may stand in a configuration file or in a variable.

Knows: how click's options read as keys, and in which order they count: flags over variables over
files. Refuses to know: what any option is for.
"""

from pathlib import Path
from typing import Any, Final

import click

from hotreload import configuration
from hotreload.configuration import Keys, Kind

MAIN: Final = "serve"
"""The command whose keys stand in no table, and whose variables have no second name."""


class ConfiguredCommand(click.Command):
    """A command of which every option may be configured.

    The option `--max-age` of a command `check` is `max-age` in the table `[check]`, and the
    variable `HOTRELOAD_CHECK_MAX_AGE`.
    """

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Makes click's context, which knows the configuration."""
        name = self.name or ""
        prefix = "HOTRELOAD" if name == MAIN else f"HOTRELOAD_{name.upper()}"
        extra.setdefault("auto_envvar_prefix", prefix)
        if "--help" not in args and "-h" not in args:
            extra.setdefault("default_map", self._defaults(parent))
        return super().make_context(info_name, args, parent, **extra)

    def _defaults(self, parent: click.Context | None) -> dict[str, configuration.Value]:
        group = parent.command if parent else None
        commands = group.commands if isinstance(group, click.Group) else {}
        known = {_section(name): _keys(each) for name, each in commands.items()}
        section = _section(self.name or "")
        known[section] = _keys(self)
        found = configuration.load(Path.cwd(), section, known)
        return {_parameter(self, key): value for key, value in found.items()}


def _section(name: str) -> str | None:
    return None if name == MAIN else name


def _keys(command: click.Command) -> Keys:
    return {_key(each): _kind(each) for each in command.params if isinstance(each, click.Option)}


def _key(option: click.Option) -> str:
    return max(option.opts, key=len).lstrip("-")


def _kind(option: click.Option) -> Kind:
    if option.is_flag:
        return Kind.SWITCH
    if isinstance(option.type, click.Path):
        return Kind.PATHS if option.multiple else Kind.PATH
    if isinstance(option.type, click.types.IntParamType) and not option.multiple:
        return Kind.NUMBER
    return Kind.TEXTS if option.multiple else Kind.TEXT


def _parameter(command: click.Command, key: str) -> str:
    options = (each for each in command.params if isinstance(each, click.Option))
    return next(each.name or "" for each in options if _key(each) == key)
