"""Pages are told the same whatever they are connected by."""

import json
from typing import Any

from support.process.watching import runs

from hotreload.live.history import UpdateHistory
from hotreload.live.hub import PageHub
from hotreload.live.import_graph import ImportGraph
from hotreload.live.messages import Applied, FileChange, Log, Page, Update
from hotreload.live.transport import Message
from hotreload.security.fair_share import ActiveClients

RUN = "0" * 8
MOST = 1_000
CHANGE = FileChange("/a.css", "modified")


class Line:
    """A transport that keeps what it is sent."""

    def __init__(self, buffered: int = 0) -> None:
        self.buffered = buffered
        self.said: list[dict[str, Any]] = []
        self.is_closed = False

    def send(self, message: Message) -> None:
        self.said.append(json.loads(message.text))

    def close(self) -> None:
        self.is_closed = True

    def kinds(self) -> list[str]:
        return [each["type"] for each in self.said]


class Events:
    """Hears what pages do, and says what differs."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def joined(self, page: Page, count: int) -> None:
        self.heard.append(f"joined {page.url} {count}")

    def left(self, page: Page, count: int) -> None:
        self.heard.append(f"left {page.url} {count}")

    def answered(self, answer: Any) -> None:
        self.heard.append(f"answered {answer.applied.action}")

    def settled(self, update: Update, answers: list[Any], silent: int) -> None:
        self.heard.append(f"settled {update.seq} {len(answers)} {silent}")

    def logged(self, page: Page, log: Log) -> None:
        self.heard.append(f"logged {log.text}")

    async def file_changes(self, _: Any) -> list[FileChange]:
        return []

    def diff(self, _: Page) -> list[FileChange]:
        return [CHANGE]


def made() -> tuple[PageHub, UpdateHistory, Events]:
    history, events = UpdateHistory(RUN), Events()
    hub = PageHub(
        history, events, events, import_graph=ImportGraph(), active_clients=ActiveClients(),
        most=MOST,
    )  # fmt: skip
    return hub, history, events


def page(seq: int = 0, run: str = RUN, resources: dict[str, str | None] | None = None) -> Page:
    return Page("http://localhost/", run, seq, "/index.html", resources)


@runs
async def test_a_page_hears_each_update_and_its_answer_settles_it():
    hub, history, events = made()
    line = Line()
    hub.on_message(line, page())
    update = history.append([CHANGE], 0.0)
    hub.broadcast(update)
    hub.on_message(line, Applied(update.seq, "css", 1.0))
    hub.on_message(line, Log("error", "oh"))
    hub.leave(line)

    assert line.kinds() == ["hello", "update"]
    assert events.heard == [
        "joined http://localhost/ 1", "answered css", "settled 1 1 0", "logged oh",
        "left http://localhost/ 0",
    ]  # fmt: skip


@runs
async def test_a_page_that_comes_back_is_sent_what_it_has_missed():
    hub, history, _ = made()
    for _ in range(3):
        hub.broadcast(history.append([CHANGE], 0.0))
    behind, lost, compared = Line(), Line(), Line()
    hub.on_message(behind, page(1))
    hub.on_message(lost, page(1, "1" * 8))
    hub.on_message(compared, page(1, "1" * 8, {"/a.css": "0"}))
    hub.close()

    assert behind.kinds() == ["hello", "update", "update"]
    assert lost.kinds() == ["resync"]
    assert compared.kinds() == ["hello", "update"]
    assert compared.said[1]["changes"] == [{"url": "/a.css", "kind": "modified"}]


@runs
async def test_a_page_that_reads_too_slowly_is_dropped_and_the_others_are_told():
    hub, history, events = made()
    lines = [Line(), Line(MOST + 1), Line(MOST)]
    for line in lines:
        hub.on_message(line, page())
    hub.broadcast(history.append([CHANGE], 0.0))
    hub.close()

    assert [line.is_closed for line in lines] == [False, True, False]
    assert [line.kinds()[-1] for line in lines] == ["update", "hello", "update"]
    assert events.heard[3] == "left http://localhost/ 2"


def test_the_frame_of_a_message_is_made_once_for_all_sockets():
    message = Message("x")

    assert message.frame == b"\x81\x01x"
    assert message.frame is message.frame
