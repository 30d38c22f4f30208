"""A page without a browser: it speaks the wire as injector/src does, and knows what it shows.

It loads a document and all that it names, keeps the digest of each, and follows the updates. Where
the browser's page applies an update in place this one takes the new bytes, and where that reloads
this one loads again. `injector/src/connection/sequence.js` is its `Sequence` in Python: both
run the traces in `tests/traces`.
"""

import json
import logging
import re
import sys
import threading
import time
import traceback
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from posixpath import dirname, join, normpath
from socket import SHUT_RDWR
from typing import Any

import pytest
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from hotreload.files.stamp import digest
from hotreload.live.messages import SOCKET_PATH, SUBPROTOCOL

# The library logs tracebacks when a test cuts its connection.
_QUIET = logging.getLogger("hotreload.wire_page")
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False
_TAG = re.compile(
    rb'<script type="module" async="" fetchpriority="low" '
    rb'src="/__hotreload__/[0-9a-f]{16}/client\.js\?(\w+)-(\d+)-(\w+)([^"]*)"></script >'
)
_NAMED = re.compile(rb'(?:href|src)="([^"]*)"')
_IMPORTED = re.compile(rb'@import "([^"]*)"')
_IN_PLACE = (".css", ".svg")
_WAITS = (0.02, 0.05, 0.1, 0.2)


class Gone(Exception):
    """The page was told to end."""


class Reload(Exception):
    """The page is to be loaded again."""


class Sequence:
    """Up to which update of which run the page is current, and how it catches up."""

    def __init__(self, run: str, seq: int) -> None:
        self.run, self.seq, self.step, self.unanswered = run, seq, "level", 0

    def opened(self) -> str:
        """What is to be done first: "introduce" or "compare"."""
        self.unanswered = 0
        if self.step in ("level", "asked", "replayed"):
            self.step = "level"
            return self._introduce()
        return self.resync()

    def _introduce(self) -> str:
        self.unanswered += 1
        return "introduce"

    def refused(self) -> str:
        """The server cannot tell what came since."""
        self.unanswered -= 1
        return self.resync()

    def resync(self) -> str:
        self.step = "behind"
        return "compare"

    def compared(self) -> None:
        """The server has been told what the page has."""
        self.unanswered += 1
        if self.step == "behind":
            self.step = "compared"

    def hello(self, run: str, seq: int) -> None:
        self.unanswered -= 1
        if self.step == "asked":
            self.step = "replayed"
        elif self.step == "compared" and not self.unanswered:
            self.step = "answered"
        if run != self.run or self.step == "behind":
            self.run, self.seq = run, seq

    def update(self, seq: int) -> str:
        """What is to be done with this update: "apply", "pass", "introduce" or "compare"."""
        if self.step != "answered":
            if seq <= self.seq:
                return "pass"
            if seq > self.seq + 1:
                return self._gap()
        if self.step in ("asked", "replayed", "answered"):
            self.step = "level"
        self.seq = max(self.seq, seq)
        return "apply"

    def _gap(self) -> str:
        if self.step == "level":
            self.step = "asked"
            return self._introduce()
        return self.resync() if self.step == "replayed" else "pass"


class WirePage:
    """One open page, in a thread of its own.

    Args:
        port: of the server, on 127.0.0.1.
        path: of the page's URL.

    Attributes:
        shown: digest by URL path of all that the page shows; "" for what it asked for in vain.
        acts: for each update that was not passed by: what was done, and with which URLs.
        needless: updates that told of bytes which the page had.
        heard: how each message from the server begins.
        missed: what it asked for in vain, each time.
        fault: what went wrong in the page itself.
        reloads: how often only a person could help it: never.
    """

    def __init__(self, port: int, path: str) -> None:
        self.reloads = 0
        self.port, self.path = port, path
        self.shown: dict[str, str] = {}
        self.acts: list[tuple[str, list[str]]] = []
        self.needless: list[list[str]] = []
        self.heard: list[str] = []
        self.missed: list[str] = []
        self.loads = 0
        self.fault: BaseException | None = None
        self._bodies: dict[str, bytes] = {}
        self._file = ""
        self._socket: ClientConnection | None = None
        self._awake = threading.Event()
        self._awake.set()
        self._asleep = False
        self._ended = False
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        sequence = self._sequence
        frame = sys._current_frames().get(self._thread.ident or 0)
        stack = [each.name for each in traceback.extract_stack(frame)] if frame else []
        at = (sequence.run, sequence.seq, sequence.step)
        return f"{self.path} of {self.port}: {at}, {self.heard[-5:]}, {self.acts[-3:]}, in {stack}"

    # What a test does with it.

    def drop(self) -> None:
        """The network loses its socket."""
        socket = self._socket
        if socket is not None:
            with suppress(OSError):
                socket.socket.shutdown(SHUT_RDWR)

    def freeze(self, *, asleep: bool) -> None:
        """It does nothing from now on; asleep, its socket is closed too."""
        self._awake.clear()
        self._asleep = asleep
        if asleep:
            self.drop()

    def resume(self) -> None:
        self._awake.set()

    def close(self) -> None:
        self._ended = True
        self._awake.set()
        self.drop()
        self._thread.join(30)

    def equals(self, root: Path) -> bool:
        """Whether it shows what the disk holds; a page that failed says how."""
        if self.fault is not None:
            raise self.fault
        return self.shown == expected(root, self.path)

    # The thread.

    def _live(self) -> None:
        try:
            while True:
                try:
                    self._load()
                    self._follow()
                except Reload:
                    pass
        except Gone:
            pass
        except BaseException as fault:  # the test is to hear of it
            self.fault = fault

    def _pause(self, seconds: float = 0.0) -> None:
        time.sleep(seconds)
        self._awake.wait()
        if self._ended:
            raise Gone

    def _load(self) -> None:
        self.loads += 1
        status, body = self._get(self.path, "document")
        tag = _TAG.search(body)
        assert tag is not None, (self.path, status, body[:200])
        run, seq, served, file = (part.decode() for part in tag.groups())
        self._sequence = Sequence(run, int(seq))
        self._file = file
        self._bodies = {}
        self.shown = {}
        if file:
            source = body[: tag.start()] + body[tag.end() :]
            assert digest(source) == served, f"{file} is not what its tag says"
            self._bodies[file] = source
        self._take_all()

    def _follow(self) -> None:
        """Connected, and again whenever the socket is lost."""
        failures = 0
        while True:
            self._pause()
            url = f"ws://127.0.0.1:{self.port}{SOCKET_PATH}"
            try:
                with connect(
                    url, subprotocols=[Subprotocol(SUBPROTOCOL)], compression=None, max_size=None,
                    open_timeout=3, close_timeout=0, proxy=None, ping_interval=None,
                    logger=_QUIET,
                ) as socket:  # fmt: skip
                    self._socket = socket
                    failures = 0
                    self._act(self._sequence.opened())
                    self._listen(socket)
            except (OSError, WebSocketException):
                failures += 1
            finally:
                self._socket = None
            self._pause(_WAITS[min(failures, len(_WAITS) - 1)])

    def _listen(self, socket: ClientConnection) -> None:
        while True:
            message = json.loads(socket.recv())
            self._pause()
            self.heard.append(f"{message}"[:100])
            match message["type"]:
                case "hello":
                    self._sequence.hello(message["run"], message["seq"])
                case "resync":
                    self._act(self._sequence.refused())
                case "reload":
                    raise Reload
                case "update":
                    if self._act(self._sequence.update(message["seq"])) == "apply":
                        self._apply(message)

    def _act(self, decision: str) -> str:
        match decision:
            case "introduce":
                self._introduce()
            case "compare":
                self._compare()
        return decision

    # What it says.

    def _introduce(self, resources: dict[str, str] | None = None) -> None:
        sequence = self._sequence
        page = {
            "type": "page", "url": self.path, "run": sequence.run, "seq": sequence.seq,
            "file": self._file,
        }  # fmt: skip
        self._say(page if resources is None else {**page, "resources": resources})

    def _compare(self) -> None:
        if not self._file:
            raise Reload  # what a list or an error would be now, nobody can tell by digests
        self._introduce(self.shown)
        self._sequence.compared()

    def _say(self, message: dict[str, Any]) -> None:
        assert self._socket is not None
        self._socket.send(json.dumps(message))

    # What it does with an update.

    def _apply(self, update: dict[str, Any]) -> None:
        used = [change for change in update["changes"] if self._uses(change)]
        urls = [change["url"] for change in used]
        if used and all(c.get("digest") and self.shown.get(c["url"]) == c["digest"] for c in used):
            self.needless.append(urls)
        action = "unused"
        try:
            for change in used:
                action = self._take(change, action)
        except Reload:
            with suppress(OSError, WebSocketException):  # it reloads, whoever hears of it
                self._answer(update, "reload", urls)
            raise
        self._answer(update, action, urls)

    def _answer(self, update: dict[str, Any], action: str, urls: list[str]) -> None:
        if urls:
            self.acts.append((action, urls))
        self._say({"type": "applied", "seq": update["seq"], "action": action, "ms": 1.0})

    def _uses(self, change: dict[str, Any]) -> bool:
        url = change["url"]
        if url == "*" or url in self.shown:
            return True
        return (change["kind"] != "modified" or not self._file) and self.path in _names_of(url)

    def _take(self, change: dict[str, Any], action: str) -> str:
        url, kind, text = change["url"], change["kind"], change.get("text")
        if url == self._file:
            if kind == "deleted" or "digest" not in change:
                raise Reload
            body = text.encode() if text is not None else self._source(change["digest"])
            self._keep(url, body, change["digest"])
        elif kind == "deleted" and self.shown.get(url) == "":
            return action
        elif not url.endswith(_IN_PLACE) or url == self.path:
            raise Reload
        elif kind == "deleted":
            self._bodies.pop(url, None)
        elif text is not None:
            self._keep(url, text.encode(), change["digest"])
        else:
            self._fetch(url)
        self._take_all()
        return "html" if url == self._file else action if action != "unused" else "css"

    def _keep(self, url: str, body: bytes, told: str) -> None:
        assert digest(body) == told, f"the update's text of {url} is not of its digest"
        self._bodies[url] = body

    def _source(self, version: str) -> bytes:
        status, body = self._get(f"/__hotreload__/source/{version}{self._file}")
        if status != 200:
            raise Reload
        return body

    def _take_all(self) -> None:
        """Fetches what is named and was not, and forgets what is not named any more."""
        shown: dict[str, str] = {}
        names = [self._file] if self._file else []
        for name in names:
            if name not in self._bodies and name not in self.shown:
                self._fetch(name)
            body = self._bodies.get(name)
            shown[name] = "" if body is None else digest(body)
            self.shown.setdefault(name, shown[name])
            names += [each for each in _named(name, body) if each not in names]
        self._bodies = {name: self._bodies[name] for name in shown if name in self._bodies}
        self.shown = shown

    def _fetch(self, name: str) -> None:
        status, body = self._get(name)
        self._bodies.pop(name, None)
        if status == 200:
            self._bodies[name] = body

    def _get(self, path: str, kind: str = "empty") -> tuple[int, bytes]:
        """A response, however long it takes until the server is back."""
        while True:
            self._pause()
            connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
            try:
                connection.request("GET", path, headers={"Sec-Fetch-Dest": kind})
                response = connection.getresponse()
                status, body = response.status, response.read()
                assert status in (200, 404, 503), (path, status, body)
                if status == 404:
                    self.missed.append(path)
                if status != 503:
                    return status, body
            except (OSError, HTTPException):
                pass
            finally:
                connection.close()
            self._pause(0.05)


def expected(root: Path, path: str) -> dict[str, str]:
    """What a page would show that was loaded from the disk now."""
    file = path + "index.html" if path.endswith("/") else path
    shown: dict[str, str] = {}
    names = [file] if _read(root, file) is not None else []
    for name in names:
        body = _read(root, name)
        shown[name] = "" if body is None else digest(body)
        names += [each for each in _named(name, body) if each not in names]
    return shown


def _read(root: Path, name: str) -> bytes | None:
    try:
        return (root / name[1:]).read_bytes()
    except OSError:
        return None


def _named(name: str, body: bytes | None) -> list[str]:
    """The URL paths of what a document or a style sheet names."""
    if body is None:
        return []
    found = {".html": _NAMED, ".css": _IMPORTED}.get(Path(name).suffix)
    each = found.findall(body) if found else []
    return [normpath(join(dirname(name), url.decode())) for url in each]


def _names_of(url: str) -> list[str]:
    """The paths under which a file is served."""
    folder = url.removesuffix("index.html")
    return [url, *([folder] if folder != url else [])]


@pytest.fixture
def linked_site(tmp_path: Path) -> Path:
    """A page and the sheet that it names: what a module about a whole site says its `site` is."""
    root = tmp_path / "site"
    root.mkdir()
    (root / "index.html").write_text('<link rel="stylesheet" href="style.css"><p>one')
    (root / "style.css").write_text("p { color: red }")
    return root
