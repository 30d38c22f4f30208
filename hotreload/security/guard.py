"""Which requests are answered at all: those to a host that is ours, from a page that is ours.

Knows: the Host, Origin and Sec-Fetch headers and what they prove (RFC 9110, section 7.2; RFC 3986,
section 3.2.2; RFC 6454; W3C Fetch Metadata). Refuses to know: what is asked for.

Any page that a browser shows may send requests to this machine, and may have its own host name
point here ("DNS rebinding"). Then it is of the same origin as this server as far as the browser
knows: no Origin, no Sec-Fetch and no resource policy tells. The name in Host does, on every
request. Origin keeps pages of other origins, other ports of this machine among them, from sockets
and from what changes state; Sec-Fetch from loading our files as their own.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, Literal, Protocol, Self

from hotreload.errors import UsageError

Scheme = Literal["http", "https"]

# Names as the DNS and container networks have them. RFC 3986 allows more (`!`, `%20`, `,`), which
# no resolver does; an empty port is allowed, and means the scheme's.
_AUTHORITY: Final = re.compile(
    rb"(?P<host>(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?|\[[0-9a-f:.]{2,45}\])"
    rb"(?::(?P<port>(?:[1-9][0-9]{0,4})?))?",
    re.IGNORECASE,
)
# Browsers read a host that ends in a number as an IPv4 address, so nothing else may look like one.
_NUMBER: Final = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_URL_START: Final = re.compile(
    rb"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<authority>[^/?#]*)", re.IGNORECASE
)
_DEFAULT_PORT: Final = {"http": 80, "https": 443}
# What these ask for changes nothing.
SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")


class GuardedRequest(Protocol):
    """What a request says that the guard looks at."""

    @property
    def method(self) -> str:
        """In upper case."""

    @property
    def target(self) -> bytes:
        """As it was sent."""

    @property
    def scheme(self) -> str:
        """How the client is connected to us: "http" or "https"."""

    @property
    def headers(self) -> Mapping[bytes, bytes]:
        """Values by name, in lower case."""

    def values(self, name: bytes, /) -> Sequence[bytes]:
        """The value of each line of that name."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not answered.

    Attributes:
        status: 400 for what no browser sends, 403 for what is not ours.
        reason: sentences for the person who sent it, in ASCII; what they quote is harmless.
        who: the origin, or the host name, that is not ours; "" where nobody has to be told.
        word: the host name that lets it in, for --allow-host; "" where none does.
    """

    status: int
    reason: str
    who: str = ""
    word: str = ""


@dataclass(frozen=True, slots=True)
class Authority:
    """A host, in lower case, without its last dot; and a port, if there is one."""

    host: str
    port: int | None
    address: IPv4Address | IPv6Address | None


@dataclass(frozen=True, slots=True)
class Guard:
    """Which hosts are ours.

    Attributes:
        hosts: names and addresses that were bound or allowed, as `Authority.host` spells them.
        domains: names with their leading dot whose subdomains are allowed.
        named: those of `hosts` that the user allowed by name.
        everywhere: all interfaces were bound.
    """

    hosts: frozenset[str]
    domains: tuple[str, ...]
    named: frozenset[str]
    everywhere: bool

    @classmethod
    def of(cls, bound: Iterable[str], allowed: Iterable[str] = ()) -> Self:
        """The guard of a server.

        Args:
            bound: the addresses, or names, that it listens on.
            allowed: the names given with --allow-host; a leading dot stands for all subdomains.

        Raises:
            UsageError: one of them is not a host name.
        """
        addresses = frozenset(_host_of(name) for name in bound)
        names = [(_host_of(name.removeprefix(".")), name.startswith(".")) for name in allowed]
        named = frozenset(name for name, _ in names)
        return cls(
            hosts=addresses | named,
            domains=tuple(f".{name}" for name, subdomains in names if subdomains),
            named=named,
            everywhere=not addresses.isdisjoint(("0.0.0.0", "[::]")),
        )

    def check(
        self, request: GuardedRequest, *, upgrade: bool = False, from_anywhere: bool = False
    ) -> Refusal | None:
        """Why not to answer a request, or None to answer it.

        Args:
            request: as it came.
            upgrade: it opens a WebSocket.
            from_anywhere: a page of another origin may load what it asks for.
        """
        hosts = request.values(b"host")
        if len(hosts) != 1:
            return _NO_HOST
        host = authority(hosts[0].strip(b" \t"))
        if host is None:
            return _BAD_HOST
        refusal = self._foreign(host) or self._target(request, host)
        acts = upgrade or request.method not in SAFE_METHODS
        if refusal is None and acts:
            refusal = self._origin(request, host)
        if refusal is None and not (from_anywhere or _from_here(request)):
            shown = not acts and _shown(request)
            origins = request.values(b"origin")
            refusal = None if shown else _CROSS_SITE if origins != [b"null"] else _SANDBOXED
        return refusal

    def _foreign(self, host: Authority) -> Refusal | None:
        """Refuse a host that is not ours.

        Its port may be any: where a port is forwarded (containers, ssh -L), the browser's is not
        ours, and a rebinding page gives itself away by its name whatever the port is.
        """
        return None if self._ours(host) else _foreign_host(host.host)

    def _ours(self, host: Authority) -> bool:
        if host.host in self.hosts:
            return True
        if host.address is None:
            return is_here(host) or host.host.endswith(self.domains)
        # A literal address cannot be rebound. On all interfaces we have more of them than we can
        # know (a container's host, a router), except that the unspecified one is a detour to
        # loopback that pages from the internet have used.
        specified = not host.address.is_unspecified
        return _is_loopback(host.address) or (self.everywhere and specified)

    def _target(self, request: GuardedRequest, host: Authority) -> Refusal | None:
        """Refuse the forms of a target that ask us to be a proxy (RFC 9112, section 3.2)."""
        target, scheme = request.target, _scheme(request)
        if target.startswith(b"/") or (request.method == "OPTIONS" and target == b"*"):
            return None
        start = _URL_START.match(target)
        asked = start and authority(start["authority"])
        if not start or not asked or start["scheme"].lower() != scheme.encode():
            return _BAD_TARGET
        if _full(asked, scheme) == _full(host, scheme):
            return None
        return self._foreign(asked) or _TWO_HOSTS

    def _origin(self, request: GuardedRequest, host: Authority) -> Refusal | None:
        """Refuse a page whose scheme, host and port are not those that this request went to.

        Programs send no Origin; browsers always do, on what this is asked for.
        """
        origins, scheme = request.values(b"origin"), _scheme(request)
        if not origins:
            return None
        start = _URL_START.fullmatch(origins[0].strip(b" \t")) if len(origins) == 1 else None
        page = start and authority(start["authority"])
        if not start or not page:
            return _FOREIGN_ORIGIN
        theirs = start["scheme"].lower().decode()
        if theirs == scheme and _full(page, scheme) == _full(host, scheme):
            return None
        if self._proxied(theirs, page, host, scheme):
            return None
        return _foreign_origin(theirs, page, "" if self._ours(page) else page.host)

    def _proxied(self, theirs: str, page: Authority, host: Authority, scheme: Scheme) -> bool:
        """Whether the page is ours and a proxy before us has changed what its requests say.

        That takes a name of the user's own: on loopback, the other scheme or port is another
        server. TLS may end in the proxy, which passes Host on; or the proxy, as tunnels do, writes
        a name of this machine in its place. Then nothing tells the port that the page is of.
        """
        if self._named(host.host):
            same = (page.host, page.port) == (host.host, host.port)
            return same and (theirs, scheme) == ("https", "http")
        return theirs in _DEFAULT_PORT and self._named(page.host) and not is_here(page)

    def _named(self, host: str) -> bool:
        return host in self.named or host.endswith(self.domains)


@lru_cache(maxsize=256)
def authority(value: bytes) -> Authority | None:
    """Read what a Host header or a URL says between its slashes; None for what is malformed.

    Only the usual spelling of an address passes: `127.1`, `0x7f.0.0.1` and `2130706433` mean
    127.0.0.1 to some resolvers, but browsers have rewritten them before they send.
    """
    match = _AUTHORITY.fullmatch(value)
    if match is None:
        return None
    port = int(match["port"]) if match["port"] else None
    host = match["host"].decode().lower().removesuffix(".")
    if port is not None and port > 65_535:
        return None
    try:
        if host.startswith("["):
            address = IPv6Address(host[1:-1])
            return Authority(f"[{address}]", port, address)
        return Authority(host, port, IPv4Address(host) if _NUMBER.fullmatch(host) else None)
    except ValueError:
        return None


def _host_of(name: str) -> str:
    """A bound address or an allowed name as `Authority.host` spells it."""
    bare = name[1:-1] if name.startswith("[") and name.endswith("]") else name
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return _name_of(name)
    return f"[{address}]" if address.version == 6 else str(address)


def _name_of(name: str) -> str:
    try:
        found = authority(name.encode("ascii" if name.isascii() else "idna"))
    except UnicodeError:  # no IDNA label: empty, or too long
        found = None
    if found is None or found.port is not None or name.endswith(":"):
        raise UsageError(
            f"{name!r} is not a host name: give it without scheme and port, as in dev.example"
            " or .dev.example for all its subdomains"
        )
    return found.host


def _is_loopback(address: IPv4Address | IPv6Address) -> bool:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def is_here(place: Authority) -> bool:
    """Whether the name or the address is this machine's, whoever it belongs to."""
    if place.address is not None:
        return _is_loopback(place.address)
    return place.host == "localhost" or place.host.endswith(".localhost")


def _full(place: Authority, scheme: Scheme) -> tuple[str, int]:
    return place.host, place.port or _DEFAULT_PORT[scheme]


def _scheme(request: GuardedRequest) -> Scheme:
    return "https" if request.scheme == "https" else "http"


def _from_here(request: GuardedRequest) -> bool:
    """Whether a page of ours asked, or the user did (an address typed, a bookmark), or a program.

    Sec-Fetch only comes over TLS or to loopback addresses and localhost: absent, it says nothing.
    """
    site = request.headers.get(b"sec-fetch-site")
    return site is None or site in (b"same-origin", b"none")


def _shown(request: GuardedRequest) -> bool:
    """Whether the answer is shown as a page: by a link, or in a frame as editors preview it.

    The page that links or frames it reads nothing of it. What frames may do to our own pages is
    those pages' Content-Security-Policy.
    """
    destination = request.headers.get(b"sec-fetch-dest")
    documents = (None, b"document", b"iframe", b"frame")
    return request.headers.get(b"sec-fetch-mode") == b"navigate" and destination in documents


_NO_HOST: Final = Refusal(400, "A request needs one Host header (RFC 9112, section 3.2).")
_BAD_HOST: Final = Refusal(400, "The Host header is malformed (RFC 9110, section 7.2).")
_BAD_TARGET: Final = Refusal(
    400, "The request target is not a path that begins with a slash (RFC 9112, section 3.2.1)."
)
_TWO_HOSTS: Final = Refusal(400, "The request target and the Host header name different hosts.")
_FOREIGN_ORIGIN: Final = Refusal(
    403,
    "A page of another origin may not connect to hotreload, nor make it do anything: the"
    " scheme, host and port of its Origin are not those of the Host header.",
)
_CROSS_SITE: Final = Refusal(
    403, "A page of another origin may not load what hotreload serves (Sec-Fetch-Site says so)."
)
_SANDBOXED: Final = Refusal(
    403,
    _CROSS_SITE.reason + " Nothing tells a frame in a sandbox from one of another page's: if it is"
    " yours, --cors null lets all of them in.",
    who="null",
)


def _foreign_origin(scheme: str, page: Authority, word: str) -> Refusal:
    name = page.host if page.port is None else f"{page.host}:{page.port}"
    hint = f" If that page is yours, start hotreload with --allow-host {word}" if word else ""
    reason = _FOREIGN_ORIGIN.reason + hint
    return Refusal(_FOREIGN_ORIGIN.status, reason, who=f"{scheme}://{name}", word=word)


def _foreign_host(host: str) -> Refusal:
    return Refusal(
        403,
        f'hotreload does not answer to the host name "{host}", so that no other site can pass for'
        f" this one. If the name is yours, start hotreload with --allow-host {host}",
        who=host,
        word=host,
    )
