"""The option --auth of the commands that talk to a server.

Knows: where a name and a password may be written. Refuses to know: what is asked with them.
"""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from hotreload.remote.target import Target

VARIABLE: Final = "HOTRELOAD_AUTH"


def option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the option, as its parameter `auth`."""
    return click.option(
        "--auth",
        metavar="USER:PASSWORD",
        help=f"For a server that asks. Default for servers on this machine: {VARIABLE}.",
    )(command)


def introduced(target: "Target", auth: str | None) -> "Target":
    """The target, with what was written for it.

    A variable is set once for many commands, so what it holds goes to no other machine.

    Raises:
        UsageError: it is no name and password.
    """
    from hotreload.security.basic_auth import parse

    if auth is None and target.loops_back and not target.user:
        auth = os.environ.get(VARIABLE) or None
    return target if auth is None else target.with_user(parse(auth))
