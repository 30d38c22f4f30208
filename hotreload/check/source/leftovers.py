"""What the server, a browser that saved a page, or git left behind in a file.

Knows: the tag and the marks of our client, the browsers' note of where a page was saved from, and
git's conflict markers. Refuses to know: the disk; the caller reads a script that
may be the client.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

from hotreload.check.source.source_text import Note, position

OWN: Final = "/__hotreload__/"
"""Part of every address that only the development server answers."""

CLIENT_MARK: Final = b'"[hotreload]"'
"""Bytes that the client's first module has in it."""

SCRIPTS: Final = "script[type=module][async][src]"
"""Selects what may be the client under another name."""

SUSPECTS: Final = (
    f'[src*="{OWN}"],[href*="{OWN}"],hotreload-status,[href*="hotreload="],[src*="hotreload="],'
    + SCRIPTS
)
"""Selects what may be ours in a page that has our name in it."""


class ParsedElement(Protocol):
    """The part of a parsed element that is needed here."""

    @property
    def tag(self) -> str:
        """The name in lower case."""

    def attr(self, name: str, /) -> str | None:
        """The value of an attribute."""


class Leftover(NamedTuple):
    """What is ours in a page.

    Attributes:
        sentence: what it is.
        attribute: the attribute that is ours; None if all of the element is.
        file: the script that has to hold `CLIENT_MARK` for this to be true; None if it is anyway.
    """

    sentence: str
    attribute: str | None = None
    file: str | None = None


_SAVED_CLIENT: Final = re.compile(r"(?:.*/)?client\.js(?:\.download)?")
_FRESH: Final = re.compile(r"[?&]hotreload=[0-9a-f]{16}(?=$|[#&])")


def leftover(element: ParsedElement) -> Leftover | None:
    """Returns what one of the `SUSPECTS` or `SCRIPTS` is, if it is ours."""
    if element.tag == "hotreload-status":
        return Leftover("hotreload's status line was saved with the page")
    for name in ("src", "href"):
        url = element.attr(name) or ""
        if OWN in url:
            return Leftover("hotreload's client was saved with the page")
        if _FRESH.search(url):
            return Leftover("hotreload's mark of a new version was saved in this address", name)
        if element.tag == "script" and _SAVED_CLIENT.fullmatch(url):
            return Leftover("hotreload's client was saved with the page", file=url)
    return None


_MARK: Final = re.compile(r"(\?|&(?:amp;)?)hotreload=[0-9a-f]{16}(&(?:amp;)?)?")


def without_mark(source: str) -> str:
    """Returns the source of an attribute as it was before the client marked its address as new."""
    return _MARK.sub(lambda mark: mark[1] if mark[2] else "", source)


_SAVED_FROM: Final = re.compile(r"<!-- saved from url=\(\d{4}\)(?P<url>\S+) -->")


def saved_from(text: str, dev_server: re.Pattern[str]) -> Iterator[Note]:
    """Returns the browser's note that the page was saved from the development server."""
    saved = _SAVED_FROM.search(text, 0, 4096)
    if saved and dev_server.match(saved["url"]):
        yield Note(
            *position(text, saved.start()), "HR002", "the page was saved from the dev server"
        )


_MARKER: Final = re.compile(r"^(?:(?P<ours><{7} ).*\n|(?P<apart>={7}\n)|>{7} )", re.MULTILINE)


def conflicts(text: str) -> Iterator[Note]:
    """Returns git's conflict markers: all three of them, in their order, at the start of lines."""
    begun, apart = -1, False
    for marker in _MARKER.finditer(text) if "<<<<<<< " in text else ():
        if marker["ours"]:
            begun, apart = marker.start(), False
        elif marker["apart"]:
            apart = True
        else:
            if begun >= 0 and apart:
                place = position(text, begun)
                yield Note(*place, "HR003", "a merge conflict begins here that nobody has resolved")
            begun = -1
