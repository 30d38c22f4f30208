"""Which pages of other origins may read the site, as --cors says.

Knows: the headers of the Fetch Standard, section 3.3, and what else lets pages read (Cross-Origin
Resource Policy, Private Network Access). Refuses to know: files.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hotreload.http.messages import Header, Request
from hotreload.security.guard import authority


class InvalidOrigin(ValueError):
    """A word is no origin; `str()` says why."""


@dataclass(frozen=True, slots=True)
class Cors:
    """Which pages of other origins may read the site.

    Attributes:
        origin: the one that may, as in `https://app.example:8443`; "*" for any; "null" for frames
            in sandboxes, which have none, whoever's they are.
    """

    origin: str

    def admits(self, headers: Mapping[bytes, bytes]) -> bool:
        """Whether a request is from such a page; one that loads without asking says so as Referer.

        Args:
            headers: of the request, by lower-case name.
        """
        if self.origin == "*":
            return True
        said = headers.get(b"origin")
        return self.origin.encode() == (said or _origin(headers.get(b"referer", b"")))

    def headers(self, request: Request) -> list[Header]:
        """What an answer says of it; one to a browser's question beforehand, what may be asked."""
        allowed: list[Header] = [
            (b"access-control-allow-origin", self.origin.encode()),
            (b"cross-origin-resource-policy", b"cross-origin"),
            (b"timing-allow-origin", self.origin.encode()),
        ]
        if request.method == "OPTIONS" and b"access-control-request-method" in request.headers:
            asked = request.headers.get(b"access-control-request-headers")
            allowed.append((b"access-control-allow-methods", b"GET, HEAD"))
            allowed += [(b"access-control-allow-headers", asked)] if asked else []
            if b"access-control-request-private-network" in request.headers:
                allowed.append((b"access-control-allow-private-network", b"true"))
        return allowed


def cors(origin: str) -> Cors:
    """The pages that --cors names.

    Raises:
        InvalidOrigin: it is no origin.
    """
    scheme, slashes, rest = origin.rstrip("/").partition("://")
    if origin in ("*", "null"):
        return Cors(origin)
    host = authority(rest.encode()) if rest.isascii() else None
    if scheme.lower() not in ("http", "https") or not slashes or host is None:
        raise InvalidOrigin(
            "an origin is a scheme, a host and a port, as in https://app.example:8443"
        )
    usual = {"http": 80, "https": 443}[scheme.lower()]
    port = "" if host.port in (None, usual) else f":{host.port}"
    return Cors(f"{scheme.lower()}://{host.host}{port}")


def _origin(url: bytes) -> bytes:
    return b"/".join(url.split(b"/")[:3])
