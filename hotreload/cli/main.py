"""The command `hotreload`: the group of its commands; errors become one line and an exit status.

Knows: the commands, and how an error reads. Refuses to know: their options, and how anything is
done. The only module that prints usage or exits.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from hotreload import __version__
from hotreload.cli import check, doctor, echo, reload, serve, trust, wait
from hotreload.cli.interrupts import raise_exceptions
from hotreload.errors import HotreloadError, UsageError, reason
from hotreload.terminal.device.standard_streams import Unwritable, abandon
from hotreload.terminal.text import printable, wrap

# A terminal of so few columns does not say how wide it is.
NARROW: Final = 20
# Words of click, for people who write pages.
PLAINER: Final = {
    "is not a valid integer range": "is not a whole number",
    "is not a valid float range": "is not a number",
}


def main(args: Sequence[str] | None = None, prog_name: str = "hotreload") -> None:
    """The command `hotreload`; leaves with its exit status.

    Args:
        args: the words after the command; those of the process if not given.
        prog_name: the name it is called by.
    """
    raise_exceptions()
    try:
        sys.exit(cli.main(args, prog_name, standalone_mode=False))
    except click.ClickException as error:
        _fail(error.format_message(), error.exit_code, getattr(error, "ctx", None))
    except HotreloadError as error:
        _fail(str(error), error.exit_code)
    except click.Abort:
        sys.exit(130)
    except Unwritable as error:
        abandon()
        _fail(f"what this prints cannot be written: {reason(error)}", 1)
    except FileNotFoundError:
        if _has_folder():
            raise
        _fail("the folder that you are in is gone: go to another one, or come back to it", 1)


def _has_folder() -> bool:
    """Whether the working directory exists: it may be removed, also if another has its name."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def _fail(sentence: str, status: int, context: click.Context | None = None) -> None:
    line = printable(" ".join(sentence.split())).rstrip(".")
    for said, meant in PLAINER.items():
        line = line.replace(said, meant)
    hint = f" (see {context.command_path} --help)" if context is not None else ""
    if line[1:2].islower():  # click's sentences, not the name of a variable
        line = line[:1].lower() + line[1:]
    click.echo(_fitted(f"hotreload: {line}{hint}"), err=True)
    sys.exit(status)


def _fitted(line: str) -> str:
    """The line, broken between words where it is longer than the terminal is wide."""
    from hotreload.terminal.device.screen import columns

    width = columns(sys.stderr)
    return "\n  ".join(wrap(line, width - 2)) if width > NARROW else line


class _Commands(click.Group):
    """The commands in the order in which people need them."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Other servers take the folder as their only word."""
        word = args[0]
        if word not in self.commands and not ctx.resilient_parsing and Path(word).is_dir():
            raise UsageError(f"{word} is a folder: `hotreload serve {word}` serves it")
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return list(self.commands)


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "--version", message="hotreload %(version)s")
@click.pass_context
def cli(context: click.Context, /) -> None:
    """Save a file, and every open page that uses it shows the change.

    Nothing to configure, nothing written into your files, nothing lost in the page.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


cli.add_command(serve.serve)
cli.add_command(echo.echo)
cli.add_command(doctor.doctor)
cli.add_command(reload.reload)
cli.add_command(wait.wait)
cli.add_command(check.check)
cli.add_command(trust.trust)
