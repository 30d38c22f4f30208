"""The purpose of a request, as its headers say.

Knows: how browsers and scripts ask (Fetch Metadata Request Headers, section 2). Refuses to know:
the response.
"""

import re
from typing import Final

from hotreload.http.messages import Header, Request

# Browsers say here what a document is for; scripts that fetch the same URL get the file itself.
VARY: Final[Header] = (b"vary", b"Sec-Fetch-Dest, Sec-Fetch-Mode")

_DESTINATIONS: Final = (b"document", b"iframe", b"frame")
# What scripts of these libraries leave in a request, and all that load from a page.
_LIBRARIES: Final = (b"x-requested-with", b"hx-request", b"turbo-frame")
_MARKS: Final = (b"referer", *_LIBRARIES)
# Behind a byte order mark, space and comments.
_BEGINNING: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s++|<!--(?:(?!-->).)*+-->|<\?[^>]*+>)*+<(?:!doctype|html|head|svg)\b",
    re.IGNORECASE | re.DOTALL,
)


def wants_document(request: Request) -> bool:
    """Whether the answer will be shown as a document, rather than read by a script.

    Browsers say so in Sec-Fetch-Dest, but only to this machine or over TLS; without it a
    navigation is known by its Accept, and a script by the marks that scripts leave.
    """
    destination = request.headers.get(b"sec-fetch-dest")
    mode = request.headers.get(b"sec-fetch-mode")
    # What a service worker passes on has lost its destination, and in Firefox its mode.
    if mode == b"navigate" or (mode == b"same-origin" and _is_passed_on(request)):
        return True
    if destination is not None:
        return destination in _DESTINATIONS
    return _takes_html(request) or not any(mark in request.headers for mark in _MARKS)


def is_whole(head: bytes) -> bool:
    """Whether HTML begins as documents do, and not as the fragments that scripts put into them.

    Args:
        head: its beginning.
    """
    return _BEGINNING.match(head) is not None


def is_navigation(request: Request) -> bool:
    """Whether a person goes there, by a link or an address, and takes HTML for an answer."""
    return _takes_html(request) and wants_document(request)


def _is_passed_on(request: Request) -> bool:
    """Whether it takes what browsers take for a navigation, and no library has marked it."""
    accept = request.headers.get(b"accept", b"")
    is_marked = any(mark in request.headers for mark in _LIBRARIES)
    return b"text/html" in accept and b"application/xhtml+xml" in accept and not is_marked


def _takes_html(request: Request) -> bool:
    return b"text/html" in request.headers.get(b"accept", b"")
