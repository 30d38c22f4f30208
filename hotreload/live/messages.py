"""The wire: every message between a page and the server, as values and as JSON text.

Knows: the types, their fields, the paths and the subprotocol. Refuses to know: sockets, and what
anybody does about a message. Twin of `injector/src/messages.js`: a change here is a change there.

    page > server   page      {url, run, seq, file?, resources?}
                    applied   {seq, action, ms, detail?}
                    log       {level, text, source?, line?}
    server > page   hello     {version, run, seq}
                    update    {seq, age, reload?, changes: [{url, kind, digest?, text?, via?}]}
                    imports   {files: {url: [requester]}}
                    resync    {reason}
                    reload    {reason}
                    problem   {source, text, file?, line?}
                    solved    {source}
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

# Of what a page reports: it is kept for as long as the page is open, and printed.
LONGEST_TEXT: Final = 4_000  # characters
SUBPROTOCOL: Final = "hotreload.v1"
OWN_PATH: Final = "/__hotreload__/"  # everything below it is ours, whatever the site holds
SOCKET_PATH: Final = OWN_PATH + "ws"
ECHO_PATH: Final = OWN_PATH + "echo"
EVERYTHING: Final = "*"  # the URL of a change that every page is taken to use

ACTIONS: Final = ("css", "image", "html", "reload", "unused", "failed")
LEVELS: Final = ("error", "warn", "info", "log", "debug")


def inside(path: str, outside: str) -> str:
    """The path of what is our own, as we know it, where a proxy has left its prefix on it.

    Args:
        path: that was asked for.
        outside: the URL path below which a proxy shows this server.
    """
    rest = path.removeprefix(outside)
    return f"/{rest}" if rest != path and rest.startswith(OWN_PATH[1:]) else path


class BadMessage(ValueError):
    """A message of a known type whose fields are not of its form."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """One changed file as a page sees it.

    Attributes:
        url: canonical URL path of the file, or `EVERYTHING`.
        kind: "added", "modified" or "deleted".
        digest: of the content now; None when there is none or it is unknown.
        text: the content now, of a small style sheet or document.
        via: URL paths of files that are known to have requested this one.
    """

    url: str
    kind: str
    digest: str | None = None
    text: str | None = None
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Update:
    """The changes of one batch under the number that it got in this run.

    Attributes:
        seq: counts from 1 in each run of the server.
        saved: when the newest file in it was saved, in seconds since the epoch.
        changes: what changed.
        reload: pages that use any of it reload instead of updating in place.
    """

    seq: int
    saved: float
    changes: tuple[FileChange, ...]
    reload: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A page says what it is, and up to which update it is current.

    Attributes:
        url: address of the page, path and query; empty for a listener that is no page: it hears all
            that pages hear, and is not counted as one.
        run: id of the server run that served it, or that last brought it up to date.
        seq: number of the last update that the page took.
        file: URL path of the file that the document is; empty for a page that is no file.
        resources: digests by URL path (None: not known) of all that the page uses, or None when
            the page was not asked for them.
    """

    url: str
    run: str
    seq: int
    file: str = ""
    resources: Mapping[str, str | None] | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """A page says what it did with an update, and how many milliseconds after the save."""

    seq: int
    action: str
    ms: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Log:
    """A line of the page's console, or an error that nobody caught there."""

    level: str
    text: str
    source: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class _Fields:
    """Typed access to the fields of a received message."""

    message: Mapping[str, Any] = field(repr=False)

    def get(self, name: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        value = self.message.get(name, default)
        # bool is an int to Python, never to the wire
        if isinstance(value, bool) or not isinstance(value, kind):
            raise self.bad(name)
        return value

    def bad(self, name: str) -> BadMessage:
        # in ASCII, of which a close frame holds as many bytes as there are characters
        return BadMessage(f"{self.message['type']}: {name} is {self.message.get(name)!a}")

    def brief(self, name: str, default: str | None = None) -> str:
        value: str = self.get(name, str, default)
        return value[:LONGEST_TEXT]

    def url(self, name: str) -> str:
        value: str = self.get(name, str)
        try:
            urlsplit(value)
        except ValueError:  # brackets that hold no IPv6 address
            raise self.bad(name) from None
        return value

    def number(self, name: str) -> float:
        value: int | float = self.get(name, (int, float))
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):  # Python reads what JSON cannot say: NaN, 1e999
            raise self.bad(name)
        return number

    def one_of(self, name: str, values: tuple[str, ...]) -> str:
        value: str = self.get(name, str)
        if value not in values:
            raise self.bad(name)
        return value


def parse(text: str) -> Page | Applied | Log | None:
    """What a page says.

    Args:
        text: a text message as it came.

    Returns:
        The message, or None for anything that is not of a type that pages send (it is echoed).

    Raises:
        BadMessage: the type is known, a field is missing or not of its form.
    """
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict):
        return None
    fields = _Fields(message)
    match message.get("type"):
        case "page":
            return Page(
                url=fields.url("url"),
                run=fields.get("run", str),
                seq=fields.get("seq", int),
                file=fields.get("file", str, ""),
                resources=_resources(message.get("resources")),
            )
        case "applied":
            return Applied(
                seq=fields.get("seq", int),
                action=fields.one_of("action", ACTIONS),
                ms=fields.number("ms"),
                detail=fields.brief("detail", ""),
            )
        case "log":
            return Log(
                level=fields.one_of("level", LEVELS),
                text=fields.brief("text"),
                source=fields.brief("source", ""),
                line=fields.get("line", int, 0),
            )
        case _:
            return None


def _resources(value: object) -> Mapping[str, str | None] | None:
    if value is None:
        return None
    if isinstance(value, dict) and all(isinstance(v, str | None) for v in value.values()):
        return value
    raise BadMessage("page: resources is not an object of digests")


def hello(version: str, run: str, seq: int) -> str:
    """The answer to `page`: who this server is, and the number of its newest update."""
    return _encode({"type": "hello", "version": version, "run": run, "seq": seq})


def update(update: Update, now: float) -> str:
    """An update, with its age in milliseconds at the time `now` (seconds since the epoch)."""
    message: dict[str, Any] = {
        "type": "update",
        "seq": update.seq,
        "age": round(max(0.0, now - update.saved) * 1000, 1),
        "changes": [_change(change) for change in update.changes],
    }
    if update.reload:
        message["reload"] = True
    return _encode(message)


def _change(change: FileChange) -> dict[str, Any]:
    message: dict[str, Any] = {"url": change.url, "kind": change.kind}
    if change.digest is not None:
        message["digest"] = change.digest
    if change.text is not None:
        message["text"] = change.text
    if change.via:
        message["via"] = change.via
    return message


def imports(files: Mapping[str, Sequence[str]]) -> str:
    """What workers have requested, and who of them did: URL paths. No page sees it itself."""
    return _encode({"type": "imports", "files": files})


def resync(reason: str) -> str:
    """The page is too far behind: it is to say what it uses, in which versions."""
    return _encode({"type": "resync", "reason": reason})


def reload(reason: str) -> str:
    """Every page that gets this reloads."""
    return _encode({"type": "reload", "reason": reason})


def problem(source: str, text: str, file: str = "", line: int = 0) -> str:
    """Something is wrong that a person looking at the page wants to know."""
    message: dict[str, Any] = {"type": "problem", "source": source, "text": text}
    if file:
        message |= {"file": file, "line": line}
    return _encode(message)


def solved(source: str) -> str:
    """The problem of that source is gone."""
    return _encode({"type": "solved", "source": source})


def _encode(message: Mapping[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":"))
