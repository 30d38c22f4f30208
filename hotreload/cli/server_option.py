"""The options --url and --auth of the commands that talk to a server.

Knows: which server is meant, and where a name and a password may be written. Refuses to know: what
is asked of the server.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from hotreload.remote.target import Target

VARIABLE: Final = "HOTRELOAD_AUTH"
URL_HELP: Final = "Ask the server there, not the one that runs for this folder."


def auth(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the option, as its parameter `auth`."""
    return click.option(
        "--auth",
        metavar="USER:PASSWORD",
        help=f"For a server that asks. Default for servers on this machine: {VARIABLE}.",
    )(command)


def with_auth(target: "Target", auth: str | None) -> "Target":
    """The target, with what was written for it.

    A variable is set once for many commands, so what it holds goes to no other machine.

    Raises:
        UsageError: it is no name and password.
    """
    from hotreload.security.basic_auth import parse

    if auth is None and target.loops_back and not target.user:
        auth = os.environ.get(VARIABLE) or None
    return target if auth is None else target.with_user(parse(auth))


def find(url: str | None, auth: str | None) -> "Target":
    """The server at a URL, or the one that runs for this folder.

    Raises:
        HotreloadError: there is none, or a word makes no sense.
    """
    from hotreload.remote import registry, target

    found = registry.find(Path.cwd()).target if url is None else target.parse(url)
    return with_auth(found, auth)
