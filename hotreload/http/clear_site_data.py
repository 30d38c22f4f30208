"""The Clear-Site-Data header: each browser drops what other projects left at this address.

Knows: which response carries the header, and which browsers have had it. Refuses to know: what a
browser has stored, and what is answered.
Source: https://w3c.github.io/webappsec-clear-site-data/
"""

from dataclasses import replace
from typing import Final

from hotreload.http.fetch_metadata import is_navigation
from hotreload.http.messages import Header, Request, Response

CLEAR: Final[Header] = (b"clear-site-data", b'"cache", "cookies", "storage"')
# So many browsers are told; a person has a few.
MOST: Final = 1_000


class ClearSiteData:
    """Has each browser forget, once in a run, what it has of this address."""

    def __init__(self) -> None:
        self._told: set[tuple[str, bytes]] = set()

    def checked(self, request: Request, response: Response) -> Response:
        """The response, which says so if it is the first document for its browser."""
        browser = (request.peer, request.headers.get(b"user-agent", b""))
        top = request.headers.get(b"sec-fetch-dest") == b"document" and is_navigation(request)
        if not top or response.status != 200 or browser in self._told or len(self._told) >= MOST:
            return response
        self._told.add(browser)
        # It is not given again.
        return replace(response, headers=[*response.headers, CLEAR], dependencies=())
