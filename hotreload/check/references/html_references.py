"""Which attributes of a document refer to something.

Knows: the elements of HTML and SVG, their attributes that hold addresses, and the little languages
in them (`srcset`, `style`, a refresh). Refuses to know: the addresses.
Sources: https://html.spec.whatwg.org/ sections 4.2.4, 4.8.4.3.10 (srcset), 4.2.5.3 (refresh).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from hotreload.check.references import css_references


class Element(Protocol):
    """The part of a parsed element that is needed here."""

    @property
    def tag(self) -> str:
        """The name in lower case; in SVG as SVG writes it."""

    def attr(self, name: str, /) -> str | None:
        """The value of an attribute."""


class AttributeReference(NamedTuple):
    """A reference: the attribute that holds it, and the address as the element means it."""

    attribute: str
    url: str


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

_LISTS: Final = _words("srcset imagesrcset")

ATTRIBUTES: Final[Mapping[str, Sequence[str]]] = {
    "img": ("src", "srcset"),
    "script": ("src",),
    "link": ("href", "imagesrcset"),
    "meta": ("content",),
    "source": ("src", "srcset"),
    "video": ("src", "poster"),
    "object": ("data",),
    **dict.fromkeys(("audio", "embed", "frame", "iframe", "input", "track"), ("src",)),
    **dict.fromkeys(("image", "use"), ("href", "xlink:href")),
    **dict.fromkeys(
        ("body", "table", "thead", "tbody", "tfoot", "tr", "td", "th"), ("background",)
    ),
}
"""The attributes by which an element loads something, or names a file."""

SELECTORS: Final = tuple(
    f"{tag}[{names[0]}]" if len(names) == 1 else tag for tag, names in ATTRIBUTES.items()
)
"""Select the elements with `ATTRIBUTES`. Each by itself, as a parser has a list for each tag."""

LINKS: Final = ("a[href]", "area[href]")
"""Select what leads to a document and may ask for an anchor in it."""

STYLED: Final = "[style]"
"""Selects what may load something by its style, whatever it is."""


def uses(element: Element) -> Iterator[AttributeReference]:
    """Returns what one of the elements with `ATTRIBUTES` refers to."""
    for name in ATTRIBUTES[element.tag]:
        written = element.attr(name)
        if written is None:
            continue
        if name in _LISTS:
            for url in candidates(written):
                yield AttributeReference(name, url)
        elif name == "content":
            yield from _refresh(element, written)
        elif element.tag != "link" or _is_file(element):
            yield AttributeReference(name, written)


def styles(element: Element) -> Iterator[AttributeReference]:
    """Returns what an element's `style` loads."""
    for use in css_references.uses(element.attr("style") or ""):
        yield AttributeReference("style", use.url)


def _is_file(link: Element) -> bool:
    return not _FILES.isdisjoint((link.attr("rel") or "").lower().split())


def _refresh(meta: Element, content: str) -> Iterator[AttributeReference]:
    if (meta.attr("http-equiv") or "").lower() == "refresh":
        begun = _REFRESH.match(content)
        rest = content[begun.end() :].rstrip() if begun else ""
        is_quoted = len(rest) > 2 and rest[0] in "\"'" and rest[0] == rest[-1]
        if rest:
            yield AttributeReference("content", rest[1:-1] if is_quoted else rest)


_URL: Final = re.compile(r"[\s,]*+(?P<url>\S++)")
_DESCRIPTORS: Final = re.compile(r"[^,(]*+(?:\([^)]*+\)?+[^,(]*+)*+")


def candidates(srcset: str) -> Iterator[str]:
    """Returns the addresses in a `srcset`. White space ends one, and a comma only behind it."""
    at = 0
    while candidate := _URL.match(srcset, at):
        url, at = candidate["url"].rstrip(","), candidate.end()
        if url == candidate["url"] and (behind := _DESCRIPTORS.match(srcset, at)):
            at = behind.end()
        yield url


_REFRESH: Final = re.compile(r"\s*+[\d.]++(?:\s*+[;,]|\s)\s*+(?:url\s*+=\s*+)?+", re.IGNORECASE)
