"""The browser side of hotreload, as it is shipped: plain ES modules, read once.

Knows: where the modules lie in a wheel and in a checkout, the addresses that they are loaded from,
and that comments are for those who read the source. Refuses to know: what the modules do.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hotreload.errors import StartError
from hotreload.files.stamp import digest

CLIENT: Final = "client.js"
_RELEASE: Final = re.compile("[0-9a-f]{16}")
# A comment that has its lines to itself, ends one, or names a type within one; in our modules no
# string looks like one.
_COMMENT: Final = re.compile(
    rb"^[ \t]*(?://[^\n]*|/\*\*(?:(?!\*/).)*\*/[ \t]*)$|(?<=[;{},)]) //[^\n\"'`]*$"
    rb"|/\*\* @(?:(?!\*/)[^\n])*\*/ ?",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Asset:
    """One module: its source, the digest of it, and when it was written (since the epoch)."""

    data: bytes
    digest: str
    modified: float


class Assets:
    """All modules, each at an address of its own for each release, so that browsers may keep them.

    Args:
        modules: by path below their folder, as in `css/rules.js`.

    Attributes:
        modules: the same.
        client: the address of the client, below that of all that is ours.
    """

    def __init__(self, modules: Mapping[str, Asset]) -> None:
        self.modules = modules
        self._release = digest("".join(asset.digest for asset in modules.values()).encode())
        self.client = f"{self._release}/{CLIENT}"

    def find(self, address: str) -> tuple[Asset, bool] | None:
        """A module, and whether the address will always stand for just this one.

        A page that was saved with a tag in it asks for the release that it was saved with; it gets
        the one that is here.
        """
        release, _, name = address.partition("/")
        if not _RELEASE.fullmatch(release):
            release, name = "", address
        asset = self.modules.get(name)
        return None if asset is None else (asset, release == self._release)


def load() -> Assets:
    """All modules.

    Raises:
        StartError: the installation holds none.
    """
    packaged = Path(__file__).parents[1] / "injector"
    checkout = Path(__file__).parents[2] / "injector" / "src"
    home = packaged if packaged.is_dir() else checkout
    assets = {}
    for path in sorted(home.rglob("*.js")):
        data = without_comments(path.read_bytes())
        assets[path.relative_to(home).as_posix()] = Asset(data, digest(data), path.stat().st_mtime)
    if CLIENT not in assets:
        raise StartError(f"the browser modules are missing from {home}: install hotreload again")
    return Assets(assets)


def without_comments(source: bytes) -> bytes:
    """A module without its comments and types: half of its bytes.

    The lines themselves stay, so that the browser's tools name the lines of the source.
    """
    return _COMMENT.sub(lambda comment: b"\n" * comment[0].count(b"\n"), source)
