"""The folders that are served: those that are there, and those that somebody will make.

Knows: which missing folder is waited for, and what else may have been meant. Refuses to know: what
is in them.

A generator makes its output folder when it runs for the first time, so a folder may come later. Who
mistypes a name waits in vain: the sentence names what is there of a name like that. Where not even
the folder around it exists, or the name is a page's, nobody is going to make it.
"""

import os
from pathlib import Path
from typing import Final

from hotreload.errors import StartError
from hotreload.static.site.suggestions import suggestions

PAGES: Final = (".html", ".htm", ".xhtml")


def served(folder: Path) -> Path:
    """The absolute path of a folder that is to be served, now or once it is there.

    Raises:
        StartError: it cannot be served.
    """
    if is_shut_away(folder):
        raise StartError(f"{folder} cannot be read: a folder around it keeps you out")
    if not folder.exists():
        if not folder.absolute().parent.is_dir() or folder.suffix.lower() in PAGES:
            raise StartError(f"{folder} does not exist: name the folder to serve{_hint(folder)}")
        return folder.absolute()
    if not folder.is_dir():
        raise StartError(f"{folder} is a file: name the folder that holds it")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise StartError(f"{folder} cannot be read: its permissions keep you out")
    return folder.absolute()


def is_shut_away(folder: Path) -> bool:
    """Whether the permissions of a folder around it hide even whether it is there."""
    try:
        folder.stat()
    except OSError as error:
        return isinstance(error, PermissionError)
    return False


def alike(folder: Path) -> list[str]:
    """What there is of nearly the name of a missing folder, the likeliest first."""
    missing = folder
    while missing != missing.parent and not missing.absolute().parent.is_dir():
        missing = missing.parent
    try:
        names = [entry.name for entry in os.scandir(missing.absolute().parent) if entry.is_dir()]
    except OSError:
        return []
    found = [missing.with_name(name) for name in suggestions(missing.name, names)]
    deeper = [each / folder.relative_to(missing) for each in found]
    return [str(each) for each in deeper if each.is_dir()] or [str(each) for each in found]


def _hint(folder: Path) -> str:
    found = alike(folder)
    return f" (did you mean {' or '.join(found)}?)" if found else ""
