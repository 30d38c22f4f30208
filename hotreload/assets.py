"""The browser side of hotreload, as it is shipped: plain ES modules, read once.

Knows: where the modules lie in a wheel and in a checkout. Refuses to know: what is in them.
"""

from dataclasses import dataclass
from pathlib import Path

from hotreload.errors import StartError
from hotreload.site import digest


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
    packaged = Path(__file__).with_name("injector")
    checkout = Path(__file__).parent.parent / "injector" / "src"
    home = packaged if packaged.is_dir() else checkout
    assets = {}
    for path in sorted(home.glob("*.js")):
        data = path.read_bytes()
        assets[path.name] = Asset(data, digest(data), path.stat().st_mtime)
    if "client.js" not in assets:
        raise StartError(f"the browser modules are missing from {home}: install hotreload again")
    return assets
