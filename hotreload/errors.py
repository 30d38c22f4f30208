"""The errors that end a command, each with its sentence and its exit status.

Knows: what went wrong, in words for the person at the terminal. Refuses to know: how it is printed
(that is the command line's), and anything a web client did (those are HTTP answers, not errors).

    HotreloadError               exit status 1: the command cannot go on
      StartError                 the root, the port or the watcher is not to be had
      registry.NotFound          no server runs for the folder, or which one is meant cannot be told
      api.ServerUnreachable      the server does not answer, or is none of ours
      trust.NotKept              what a person trusts cannot be remembered
      check.NoParser             exit status 2: `check` cannot read HTML on this system
      wait.NotTaken              exit status 3: not every page has taken the update
      wait.PageErrors            exit status 4: a page reported an error
      connect_errors.EchoFailed  exit status 3 to 12: why a connection does not work
    UsageError                   exit status 2: a word of the command makes no sense
      BadPattern                 an ignore pattern that git would not understand
      consent.NotTrusted         a configuration file would open what nobody has allowed it to
      BadSetting                 a configuration file or a variable holds what hotreload cannot use

A message is one line, starts in lower case, names the file or the address, and says what to do.
"""

import os
from pathlib import Path


class HotreloadError(Exception):
    """The command cannot go on; `str()` is the sentence to print."""

    exit_code = 1


class StartError(HotreloadError):
    """The root, the port or the watcher is not to be had."""


class UsageError(HotreloadError):
    """The command was asked for something that makes no sense."""

    exit_code = 2


class BadPattern(UsageError):
    """An ignore pattern that git would not understand."""


class BadSetting(UsageError):
    """A configuration file or a variable holds what hotreload cannot use."""


def reason(error: OSError) -> str:
    """Why the system refused something, in its own words, as the end of a sentence."""
    return (error.strerror or str(error)).lower()


def shown(path: str | Path) -> str:
    """A path for people, whatever its bytes are."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
