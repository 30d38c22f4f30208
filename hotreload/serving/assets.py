"""The browser side of hotreload, as it is shipped: plain ES modules, read once.

Knows: where the modules lie in a wheel and in a checkout, and that comments are for those who read
the source. Refuses to know: what the modules do.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hotreload.errors import StartError
from hotreload.serving.version import digest

# A comment that has its lines to itself; in our modules no string or template looks like one.
_COMMENT: Final = re.compile(
    rb"^[ \t]*(?://[^\n]*|/\*\*(?:(?!\*/).)*\*/[ \t]*)$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Asset:
    """One module: its source, the digest of it, and when it was written (since the epoch)."""

    data: bytes
    digest: str
    modified: float


def load() -> dict[str, Asset]:
    """All modules by file name, as in `client.js`.

    Raises:
        StartError: the installation holds none.
    """
    packaged = Path(__file__).parents[1] / "injector"
    checkout = Path(__file__).parents[2] / "injector" / "src"
    home = packaged if packaged.is_dir() else checkout
    assets = {}
    for path in sorted(home.glob("*.js")):
        data = without_comments(path.read_bytes())
        assets[path.name] = Asset(data, digest(data), path.stat().st_mtime)
    if "client.js" not in assets:
        raise StartError(f"the browser modules are missing from {home}: install hotreload again")
    return assets


def without_comments(source: bytes) -> bytes:
    """A module without the comments that have their lines to themselves: half of its bytes.

    The lines themselves stay, so that the browser's tools name the lines of the source.
    """
    return _COMMENT.sub(lambda comment: b"\n" * comment[0].count(b"\n"), source)
