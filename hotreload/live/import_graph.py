"""Which file was requested by which, as the Referer of each request tells.

Knows: what a page cannot see: what its worker imports, or what a style sheet of another frame
loads. Refuses to know: requests, sockets.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

# One file in each requester's list: a module graph of this many edges is far beyond a page's.
EDGES: Final = 20_000

ImportListener = Callable[[str, str], None]


class ImportGraph:
    """Remembers requesters.

    Attributes:
        imported: called with the URL paths of a file and its requester (`*` for one that nobody
            knows), if that is a worker or was requested by one, or if the file is the script of a
            worker or worklet.
    """

    def __init__(self) -> None:
        self._requesters: OrderedDict[str, dict[str, None]] = OrderedDict()
        self._edges = 0
        self._of_workers: set[str] = set()  # their scripts, and what those requested
        self.imported: ImportListener = lambda _url, _requester: None

    def worker(self, url: str) -> None:
        """The file is the script of a worker, or of a worklet."""
        self._of_workers.add(url)

    def is_of_worker(self, url: str) -> bool:
        """Whether the file is the script of a worker, or one that it requested."""
        return url in self._of_workers

    def add(self, url: str, requester: str) -> None:
        """The file at URL path `url` was requested by the one at `requester`."""
        if requester == url:
            return
        known = self._requesters.setdefault(url, {})
        self._requesters.move_to_end(url)
        is_new = requester not in known
        if is_new:
            known[requester] = None
            self._edges += 1
            self._forget()
        if requester in self._of_workers and url not in self._of_workers:
            self._of_workers.add(url)
            is_new = True
        if is_new and url in self._of_workers:
            self.imported(url, requester)

    def _forget(self) -> None:
        while self._edges > EDGES:
            self._edges -= len(self._requesters.popitem(last=False)[1])

    def imports(self) -> dict[str, list[str]]:
        """All that `imported` was told, but what has been forgotten: requesters by URL path."""
        return {url: list(of) for url in self._of_workers if (of := self._requesters.get(url))}

    def via(self, url: str) -> tuple[str, ...]:
        """All files that requested this one, directly or through others, nearest first."""
        found: dict[str, None] = {}
        queue = [url]
        while queue:
            for requester in self._requesters.get(queue.pop(0), ()):
                if requester != url and requester not in found:
                    found[requester] = None
                    queue.append(requester)
        return tuple(found)
