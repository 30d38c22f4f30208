"""Where this person's programs keep things on each system.

Knows: the folders, and the variables that move them. Refuses to know: what lies in them.
Source: https://specifications.freedesktop.org/basedir-spec.
"""

import os
import sys
from pathlib import Path


def config_folder() -> Path:
    """Where this person's programs keep what they need again.

    Raises:
        OSError: this person has no folder.
    """
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or home()) / "hotreload"
    return _below("XDG_CONFIG_HOME", ".config")


def state_folder() -> Path:
    """Where they keep what they have learned of this person.

    Raises:
        OSError: this person has no folder.
    """
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home()) / "hotreload"
    return _below("XDG_STATE_HOME", ".local/state")


def _below(variable: str, usual: str) -> Path:
    if sys.platform == "darwin":
        return home() / "Library" / "Application Support" / "hotreload"
    given = os.environ.get(variable, "")
    # A relative one is to be ignored: it would be another one in each folder.
    return (Path(given) if given.startswith("/") else home() / usual) / "hotreload"


def home() -> Path:
    """This person's folder.

    Raises:
        OSError: there is none.
    """
    found = Path(os.path.expanduser("~"))  # noqa: PTH111 - the other one has an error of its own
    if not found.is_absolute():
        raise FileNotFoundError(0, "this user has no home folder", "~")
    return found
