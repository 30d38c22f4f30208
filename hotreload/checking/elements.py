"""Which attributes of a document refer to something.

Knows: the elements of HTML and SVG, their attributes that hold addresses, and the little languages
in them (`srcset`, `style`, a refresh). Refuses to know: the addresses.
Sources: https://html.spec.whatwg.org/ sections 4.2.4, 4.8.4.3.10 (srcset), 4.2.5.3 (refresh).
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

from hotreload.checking import sheets


class Element(Protocol):
    """The part of a parsed element that is needed here."""

    @property
    def tag(self) -> str:
        """The name in lower case; in SVG as SVG writes it."""

    def attr(self, name: str, /) -> str | None:
        """The value of an attribute."""


class Use(NamedTuple):
    """A reference: the attribute that holds it, and the address as the element means it."""

    attribute: str
    url: str


LINKS: Final = "a[href],area[href]"
"""Selects what leads to a document and may ask for an anchor in it."""

RESOURCES: Final = (
    "[src],[srcset],[style],[poster],[background],link[href],link[imagesrcset],object[data],"
    "image,use,meta[http-equiv=refresh i][content]"
)
"""Selects what may load something."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Relations whose target is a file of the site; others name pages in general, hosts, or services.
_FILES: Final = _words(
    """
    alternate apple-touch-icon apple-touch-icon-precomposed apple-touch-startup-image author
    contents copyright first glossary help icon index last license manifest mask-icon
    modulepreload next prefetch preload prev previous search start stylesheet toc top up
    """
)
_SRC: Final = frozenset(
    ("audio", "embed", "frame", "iframe", "img", "input", "script", "source", "track", "video")
)
_BACKGROUND: Final = frozenset(("body", "table", "td", "th", "tr", "thead", "tbody", "tfoot"))


def resources(element: Element) -> Iterator[Use]:
    """Returns what one of the `RESOURCES` loads."""
    tag = element.tag
    for name in ("src", "poster", "background", "data", "href", "xlink:href"):
        url = element.attr(name)
        if url is not None and _means_address(element, tag, name):
            yield Use(name, url)
    for name in ("srcset", "imagesrcset"):
        for url in candidates(element.attr(name) or ""):
            yield Use(name, url)
    for use in sheets.uses(element.attr("style") or ""):
        yield Use("style", use.url)
    if tag == "meta" and (refresh := _REFRESH.match(element.attr("content") or "")):
        yield Use("content", refresh["url"])


def _means_address(element: Element, tag: str, name: str) -> bool:
    match name:
        case "src":
            return tag in _SRC
        case "poster":
            return tag == "video"
        case "background":
            return tag in _BACKGROUND
        case "data":
            return tag == "object"
        case "href" if tag == "link":
            return _is_file(element)
        case _:
            return tag in ("image", "use")


def _is_file(link: Element) -> bool:
    return not _FILES.isdisjoint((link.attr("rel") or "").lower().split())


_CANDIDATE: Final = re.compile(r"[\s,]*(?P<url>\S*[^\s,])(?:,|[^,(]*(?:\([^)]*\)?[^,(]*)*(?:,|$))")


def candidates(srcset: str) -> Iterator[str]:
    """Returns the addresses in a `srcset`. White space ends one, and a comma only behind it."""
    for candidate in _CANDIDATE.finditer(srcset):
        yield candidate["url"]


_REFRESH: Final = re.compile(
    r"""\s*[\d.]+\s*[;,\s]\s*(?:url\s*=\s*)?(?P<quote>["']?)(?P<url>.+?)(?P=quote)\s*$""",
    re.IGNORECASE | re.DOTALL,
)
