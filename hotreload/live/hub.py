"""The open pages: who is there, what each has taken, and how each is brought up to date.

Knows: the order in which a page is sent messages, and which page reads too slowly. Refuses to know:
how a page is connected, what an update means, and where it comes from.
"""

import time
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Protocol
from urllib.parse import urlsplit

from hotreload import __version__
from hotreload.live import messages
from hotreload.live.acks import Ack, AckCollector
from hotreload.live.history import UpdateHistory
from hotreload.live.import_graph import ImportGraph
from hotreload.live.messages import Applied, FileChange, Log, Page, Update
from hotreload.live.page_status import PageStatus
from hotreload.live.transport import Message, Transport
from hotreload.live.update_source import UpdateSource
from hotreload.security.fair_share import ActiveClients


class PageListener(Protocol):
    """What shows a person what pages do."""

    def joined(self, page: Page, count: int) -> None:
        """A page opened; so many are open now."""

    def left(self, page: Page, count: int) -> None:
        """A page closed; so many are open now."""

    def answered(self, answer: Ack) -> None:
        """A page said what it did with an update."""

    def settled(self, update: Update, answers: list[Ack], silent: int) -> None:
        """All pages answered to an update, but for so many silent ones."""

    def logged(self, page: Page, log: Log) -> None:
        """A page's console said something."""


class PageHub:
    """All open pages.

    Args:
        history: the updates of this run.
        source: says what differs between what a page has and what there is now.
        listener: shows what pages do.
        import_graph: what pages do not see themselves: the files that workers requested.
        active_clients: of all clients; each broadcast is noted there.
        most: a page for which more bytes wait is dropped, and resyncs when it is back.

    Attributes:
        pages: by their transports.
        progress: how far each is.
    """

    def __init__(
        self,
        history: UpdateHistory,
        source: UpdateSource,
        listener: PageListener,
        *,
        import_graph: ImportGraph,
        active_clients: ActiveClients,
        most: int,
    ) -> None:
        self.pages: dict[Transport, Page] = {}
        self.progress = PageStatus()
        self._history = history
        self._source = source
        self._listener = listener
        self._import_graph = import_graph
        import_graph.imported = self._imported
        self._active_clients = active_clients
        self._most = most
        self._followers: set[Transport] = set()
        self._collectors: dict[int, AckCollector] = {}

    # -- what pages say --------------------------------------------------------------------------

    def on_message(self, transport: Transport, said: Page | Applied | Log) -> None:
        """A page said something."""
        page = self.pages.get(transport)
        match said:
            case Page(url=""):
                self._followers.add(transport)
                self._send(transport, [self._hello()])
            case Page():
                self._join(transport, said)
            case Applied() if page is not None:
                self.progress.applied(transport, said)
                self._listener.answered(Ack(page, said))
                if acks := self._collectors.get(said.seq):
                    acks.add(transport, Ack(page, said))
            case Log() if page is not None:
                self.progress.logged(transport, said, self._history.seq)
                self._listener.logged(page, said)
            case _:
                pass  # it has not said yet which page it is

    def _join(self, transport: Transport, page: Page) -> None:
        """Brings a page up to date; from then on it is sent each update once.

        All of it is written before anything else can happen, so no update falls between.
        """
        known = transport in self.pages
        hello, at = self._hello(), None
        if page.resources is not None:
            self._send(transport, [hello, self._encode(self._difference(page))])
        elif (missed := self._history.since(page.run, page.seq)) is None:
            # No hello: the next one is to stand before what differs, whatever comes in between.
            self._send(transport, [messages.resync(self._why_resync(page))])
        else:
            for update in missed:
                if acks := self._collectors.get(update.seq):
                    acks.expect(transport)
            self._send(transport, [hello, *(self._encode(update) for update in missed)])
            at = page.seq
        self.pages[transport] = page
        self.progress.joined(transport, page, at)
        if not known:
            self._listener.joined(page, len(self.pages))
        if imports := self._import_graph.imports():
            self._send(transport, [messages.imports(imports)])

    def _difference(self, page: Page) -> Update:
        changes = tuple(self._source.diff(page))
        return Update(self._history.seq, time.time(), changes)

    def _why_resync(self, page: Page) -> str:
        restarted = page.run != self._history.run
        return "the server was restarted" if restarted else "too much was missed"

    def _hello(self) -> str:
        return messages.hello(__version__, self._history.run, self._history.seq)

    def leave(self, transport: Transport) -> None:
        """A transport is closed."""
        self._followers.discard(transport)
        self.progress.left(transport, time.monotonic())
        page = self.pages.pop(transport, None)
        for acks in list(self._collectors.values()):
            acks.discard(transport)
        if page is not None:
            self._listener.left(page, len(self.pages))

    def _encode(self, update: Update) -> str:
        return messages.update(update, time.time())

    def _send(self, transport: Transport, texts: Iterable[str]) -> None:
        for text in texts:
            transport.send(Message(text))

    # -- updates -------------------------------------------------------------------------------

    def broadcast(self, update: Update) -> None:
        """Sends an update to every open page, and sums up what they say to it."""
        self._broadcast_all(self._encode(update))
        acks = AckCollector(
            set(self.pages), lambda answers, silent: self._settle(update, answers, silent)
        )
        self._collectors[update.seq] = acks
        acks.start()

    def reload(self, reason: str, urls: Sequence[str] = ()) -> int:
        """Asks every open page to reload, or those that use one of these URL paths.

        Returns:
            How many pages there are.
        """
        if urls:
            shown = {p.file for p in self.pages.values() if p.file and urlsplit(p.url).path in urls}
            changes = [FileChange(url, "modified") for url in sorted({*urls, *shown})]
            self.broadcast(self._history.append(changes, time.time(), reload=True))
        else:
            self._broadcast_all(messages.reload(reason))
            self.progress.asked(time.monotonic())
        return len(self.pages)

    def _imported(self, url: str, requester: str) -> None:
        self._broadcast(self.pages, messages.imports({url: [requester]}))

    def _broadcast_all(self, text: str) -> None:
        self._broadcast(chain(self.pages, self._followers), text)

    def _broadcast(self, transports: Iterable[Transport], text: str) -> None:
        """Send it to all before anything else is done; slow pages are dropped behind it."""
        self._active_clients.wants(0, time.perf_counter())
        message, slow = Message(text), []
        for transport in transports:
            if transport.buffered > self._most:
                slow.append(transport)
            else:
                transport.send(message)
        for transport in slow:
            self.leave(transport)
            transport.close()

    def _settle(self, update: Update, answers: list[Ack], silent: int) -> None:
        del self._collectors[update.seq]
        self._listener.settled(update, answers, silent)

    def close(self) -> None:
        """Sums up the updates that pages have not answered to."""
        for acks in list(self._collectors.values()):
            acks.end()
