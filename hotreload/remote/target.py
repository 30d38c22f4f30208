"""Where a command connects to: words such as `localhost:8765/try` as host, port and path.

Knows: the URLs of WebSockets (RFC 6455, section 3) and of HTTP, and how people shorten them.
Refuses to know: whether a server listens there.
"""

import re
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urlsplit

from hotreload.errors import UsageError
from hotreload.security.basic_auth import header

_SECURE: Final = {"ws": False, "http": False, "wss": True, "https": True}
_PORTS: Final = {False: 80, True: 443}
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
# A name needs a port to differ from a message; an address and localhost need none.
_PLACE: Final = re.compile(
    r"(?:localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:[/?].*)?"
    r"|(?:[a-z0-9_-]++\.)*+(?=[0-9_-]*+[a-z])[a-z0-9_-]++:\d{1,5}(?:[/?].*)?"
    r"|:\d{1,5}(?:[/?].*)?",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Target:
    """An address to connect to.

    Attributes:
        secure: TLS is spoken there.
        host: name or address, without brackets, in ASCII.
        port: its TCP port.
        path: path and query, percent-encoded; begins with a slash.
        user: "name:password" as a URL has them, percent-encoded; never shown.
    """

    secure: bool
    host: str
    port: int
    path: str = "/"
    user: str = field(default="", repr=False)

    @property
    def authority(self) -> str:
        """Host and port as a URL has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.secure] else f"{host}:{self.port}"

    @property
    def socket_url(self) -> str:
        """As a WebSocket's URL."""
        return f"ws{'s' * self.secure}://{self.authority}{self.path}"

    @property
    def site_url(self) -> str:
        """The site at this address, as an HTTP URL that ends with a slash."""
        return f"http{'s' * self.secure}://{self.authority}/"

    @property
    def loops_back(self) -> bool:
        """Whether this is the machine itself, as far as the name says."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ip_address(self.host.partition("%")[0]).is_loopback
        except ValueError:
            return False

    @property
    def authorization(self) -> str:
        """The value of the header Authorization; empty where there is none."""
        return header(unquote(self.user)).decode() if self.user else ""

    def with_user(self, user: str) -> "Target":
        """The same with a user: "name:password"."""
        return replace(self, user=quote(user, safe=":"))

    def at(self, path: str) -> "Target":
        """The same server, at another path."""
        return replace(self, path=_path(urlsplit(path)))


def is_target(word: str) -> bool:
    """Whether a word is an address rather than a message."""
    return bool(_SCHEME.match(word) or _PLACE.fullmatch(word))


def parse(word: str) -> Target:
    """Reads an address: ws, wss, http or https, or host and port alone (then without TLS).

    Raises:
        UsageError: it is none.
    """
    url = _split(word)
    host, port = url.hostname or "", _port(url, word)
    if url.scheme not in _SECURE:
        raise UsageError(f"{word}: the address begins with ws://, wss://, http:// or https://")
    if not host:
        raise UsageError(f"{word}: the host is missing, as in ws://localhost:8765/")
    secure = _SECURE[url.scheme]
    return Target(secure, _ascii(host, word), port or _PORTS[secure], _path(url), _user(url))


def _split(word: str) -> SplitResult:
    full = word if _SCHEME.match(word) else f"ws://{'localhost' * word.startswith(':')}{word}"
    try:
        return urlsplit(full)
    except ValueError as error:
        raise UsageError(f"{word} is not an address: {error}") from None


def _port(url: SplitResult, word: str) -> int | None:
    try:
        port = url.port
    except ValueError:
        port = 0
    if port == 0:
        raise UsageError(f"{word}: a port is a number from 1 to 65535")
    return port


def _user(url: SplitResult) -> str:
    """Name and password; the sentence about them does not repeat them."""
    given, at, _ = url.netloc.rpartition("@")
    if at and (":" not in given or "\ufffd" in unquote(given)):
        raise UsageError("before the @ of an address stand a name and a password, as USER:PASSWORD")
    return given


def _ascii(host: str, word: str) -> str:
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        raise UsageError(f"{word}: {host!r} is not a host name") from None


def _path(url: SplitResult) -> str:
    path = quote(url.path or "/", safe="/~!$&'()*+,;=:@%")
    return f"{path}?{quote(url.query, safe=_QUERY)}" if url.query else path


_QUERY: Final = "/~!$&'()*+,;=:@%?"
