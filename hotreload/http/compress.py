"""Content in a coding that the client takes: gzip, Brotli or Zstandard.

Knows: what a client accepts (RFC 9110, section 12.5.3), what is worth compressing, and the coders
that this interpreter has. Refuses to know: files and where content came from.
"""

import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from typing import Any, Final

from hotreload.http.lru import LRUCache
from hotreload.http.messages import Header
from hotreload.http.mime import compressible
from hotreload.http.representation import Representation

Coder = Callable[[bytes], bytes]

VARY: Final[Header] = (b"vary", b"Accept-Encoding")
# What is smaller fits into one packet anyway; what is larger would keep everybody waiting.
LEAST: Final = 1024
MOST: Final = 2 * 2**20
# What was compressed, and what it was made of.
MAX_KEPT: Final = 64 * 2**20
# The file that holds the same in a coding has this after its name.
EXTENSIONS: Final = {"zstd": ".zst", "br": ".br", "gzip": ".gz"}

# Levels at which each is quick: about 100 MB/s and more.
_GZIP_LEVEL, _BROTLI_QUALITY, _ZSTD_LEVEL = 4, 4, 3


def coders() -> dict[str, Coder]:
    """The coders that there are here by the names of their codings, the best first."""
    zstd = _first_of("compression.zstd", "backports.zstd", "zstandard")
    brotli = _first_of("brotli", "brotlicffi")
    found: dict[str, Coder] = {}
    if zstd is not None:
        found["zstd"] = lambda data: bytes(zstd.compress(data, _ZSTD_LEVEL))
    if brotli is not None:
        found["br"] = lambda data: bytes(brotli.compress(data, quality=_BROTLI_QUALITY))
    return found | {"gzip": _gzip}


def _first_of(*modules: str) -> Any:
    """The first of these modules that is installed, or None."""
    for name in modules:
        with suppress(ImportError):
            return import_module(name)
    return None


def _gzip(data: bytes) -> bytes:
    """Without a time in it: the same content is the same bytes."""
    coder = zlib.compressobj(_GZIP_LEVEL, wbits=zlib.MAX_WBITS | 16)
    return coder.compress(data) + coder.flush()


@lru_cache(maxsize=64)  # a client sends the same with each request
def choose(accepted: bytes, codings: tuple[str, ...]) -> str | None:
    """The coding to send.

    Args:
        accepted: the value of Accept-Encoding.
        codings: what there is, the best first.

    Returns:
        The one that the client likes most, of several alike the first; None to send the content
        as it is, which is what a client gets that takes nothing.
    """
    weights = _weights(accepted)
    others = weights.get("*", 0.0)
    best = max(codings, key=lambda coding: weights.get(coding, others))
    weight = weights.get(best, others)
    return best if weight > 0 and weight >= weights.get("identity", 0.0) else None


def _weights(accepted: bytes) -> dict[str, float]:
    """The weight of each coding that is named; one that is malformed is not."""
    weights = {}
    for item in accepted.decode("latin-1").lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        weight = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        with suppress(ValueError):
            weights[name.removeprefix("x-")] = min(max(float(weight), 0.0), 1.0)
    return weights


class Compressor:
    """Compresses once, and keeps it.

    Args:
        coders: by the names of their codings, the best first.
    """

    def __init__(self, coders: Mapping[str, Coder]) -> None:
        self._coders = dict(coders)
        self._codings = tuple(coders)
        self._kept: LRUCache[tuple[bytes, str], tuple[bytes, bytes]] = LRUCache(MAX_KEPT)

    def coding(self, whole: Representation, headers: Mapping[bytes, bytes]) -> str | None:
        """The coding to send it in; parts are parts of what it is without any.

        Args:
            whole: what would be sent.
            headers: of the request, by lower-case name.
        """
        if b"range" in headers or not worthwhile(whole):
            return None
        return choose(headers.get(b"accept-encoding", b""), self._codings)

    def encode(self, whole: Representation, coding: str) -> Representation:
        """The representation in this coding, or as it is if that is not smaller."""
        content = whole.content
        if not isinstance(content, bytes) or len(content) > MOST:
            return whole
        key = whole.etag, coding
        known = self._kept.get(key)
        # Two with one entity tag differ where a page's policy names the host that it came from.
        if known is None or known[0] != content:
            known = content, self._coders[coding](content)
            self._kept.put(key, known, sum(map(len, known)))
        return encoded(whole, known[1], coding) if len(known[1]) < len(content) else whole


def worthwhile(whole: Representation) -> bool:
    """Whether it is of a kind and a size that compression makes smaller."""
    return whole.size >= LEAST and compressible(whole.media_type)


def encoded(whole: Representation, content: bytes, coding: str) -> Representation:
    """A representation in a coding: another content, with an entity tag of its own."""
    etag = whole.etag[:-1] + b'-%s"' % coding.encode()
    header = (b"content-encoding", coding.encode())
    return replace(whole, content=content, etag=etag, headers=(*whole.headers, header))
