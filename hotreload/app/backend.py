"""The seam: the methods of every backend, of the folder of a site as of a server upstream.

Knows: the questions that the layers before a backend put to it. Refuses to know: any backend.

The folder of a site (`hotreload/static`) is one. It has the methods, and imports nothing of this.
"""

from collections.abc import Awaitable
from typing import Protocol

from hotreload.http.connection.upgrades import WebSocketHandler
from hotreload.http.messages import Request, Response
from hotreload.live.update_source import UpdateSource


class Backend(UpdateSource, Protocol):
    """What answers all that is not our own, and knows what a change on the disk means to pages."""

    def respond(self, request: Request, /) -> Response | Awaitable[Response]:
        """The response to a request that was let in: at once, if that takes no waiting."""

    def admits(self, request: Request, /) -> bool:
        """Whether a page of another origin may send this request, for a reason of the backend's."""

    def source(self, digest: str, url: str, /) -> bytes | None:
        """What a page was made of; None if that is not kept any more.

        Args:
            digest: of the version that the page has.
            url: canonical URL path of the page's file.
        """

    def websocket(self, request: Request, /) -> WebSocketHandler | None:
        """What takes over the connection of an upgrade request; None for the echo."""
