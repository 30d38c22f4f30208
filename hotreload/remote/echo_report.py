"""What the diagnostic client says of each step: to a person, or with --json to a program.

Knows: how a step reads as a line and as an event. Refuses to know: how a step is taken.
"""

import time
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from hotreload.remote.connect_errors import EchoFailed, code_name
from hotreload.remote.echo_plan import Exchange, Tls
from hotreload.remote.outgoing_messages import Message
from hotreload.remote.roundtrip_times import summary
from hotreload.remote.target import Target
from hotreload.terminal.command_output import Lines, Muted, brief
from hotreload.terminal.text import count, printable

INDENT: Final = 2
LABEL_WIDTH: Final = 12
TIME_WIDTH: Final = len("  1234.5 ms")
SECRET: Final = ("authorization", "cookie", "set-cookie", "proxy-authorization")


class EchoReport:
    """The diagnostic client's voice, which also keeps the round-trip times.

    Args:
        lines: where it is said.
        every: say each echo, not only what they come to.
        steps: where steps are said, if not there too.
        times: where the times are kept, if with those of another.
    """

    def __init__(
        self,
        lines: Lines,
        *,
        every: bool,
        steps: Lines | None = None,
        times: list[float] | None = None,
    ) -> None:
        self._lines = lines
        self._every = every
        self._steps = steps or lines
        self._times = [] if times is None else times
        self._began = time.perf_counter()

    def of_another(self) -> "EchoReport":
        """For one more connection: its steps are like those of the first, its times count."""
        muted = Muted(as_json=self._lines.json)
        return EchoReport(self._lines, every=self._every, steps=muted, times=self._times)

    # -- steps -----------------------------------------------------------------------------------

    def connecting(self, target: Target) -> None:
        """The first step is next."""
        self._steps.event("connecting", url=target.socket_url)
        self._steps.line(self._lines.style(printable(target.socket_url), fg="cyan"))

    def proxied(self, proxy: str, ms: float) -> None:
        """A proxy has opened the way; with TLS, that is done too."""
        self._step("proxy", f"{proxy} opened the way", ms, proxy=proxy)

    def tcp(self, address: str, port: int, ms: float) -> None:
        """TCP is connected."""
        self._step("tcp", f"connected to {address} port {port}", ms, address=address, port=port)

    def tls(self, tls: Tls, ms: float) -> None:
        """TLS is agreed."""
        text = f"{tls.version}, {tls.cipher}, for {tls.subject} until {tls.expires}"
        self._step(
            "tls", text, ms, version=tls.version, cipher=tls.cipher, subject=tls.subject,
            expires=tls.expires,
        )  # fmt: skip

    def asked(self, request: Request) -> None:
        """The handshake has been sent."""
        self._steps.event("request", path=request.path, headers=_shown(request.headers))
        self._head("handshake", f"> GET {request.path} HTTP/1.1", ">", request.headers)

    def answered(self, response: Response, ms: float) -> None:
        """Something answered, which need not be what was hoped for."""
        status, phrase = response.status_code, printable(response.reason_phrase)
        self._steps.event(
            "response", status=status, phrase=phrase, headers=_shown(response.headers), ms=_ms(ms)
        )
        self._head("", f"< HTTP/1.1 {status} {phrase}", "<", response.headers, ms)

    def opened(self, subprotocol: str | None, extensions: Iterable[str]) -> None:
        """The WebSocket is open."""
        names = list(extensions)
        self._steps.event("open", subprotocol=subprotocol, extensions=names)
        self._labelled("subprotocol", subprotocol or "none")
        self._labelled("extensions", ", ".join(names) or "none")

    def greeted(self, greeting: Message) -> None:
        """The server spoke first."""
        self._steps.event("greeting", **_fields("received", greeting))
        self._labelled("greeting", f"< {brief(greeting)}")

    def echoed(self, exchange: Exchange) -> None:
        """A message came back."""
        self._times.append(exchange.ms)
        if self._lines.json:
            self._lines.event(
                "echo", connection=exchange.connection, number=exchange.number,
                **_fields("sent", exchange.sent), **_fields("received", exchange.received),
                ms=_ms(exchange.ms),
            )  # fmt: skip
        if self._every:
            self._labelled("", f"> {brief(exchange.sent)}")
            self._labelled("", f"< {brief(exchange.received)}", exchange.ms)

    def closed(self, code: int, reason: str, ms: float) -> None:
        """The connection is closed."""
        said = f"{code} ({code_name(code)})" + (f" {printable(reason)}" if reason else "")
        self._step("close", said, ms, code=code, reason=reason)

    def interrupted(self) -> None:
        """The person has enough."""
        self._steps.again()

    # -- updates ---------------------------------------------------------------------------------

    def pushed(self, message: dict[str, Any]) -> None:
        """The server sent a message on the channel of the pages."""
        self._lines.event("heard", message=message)
        clock = time.strftime("%H:%M:%S")
        first = self._lines.style(clock, dim=True) + "  "
        for text in _news(message):
            begin, indent = first, len(clock) + 2
            for part in self._lines.parts(printable(text), indent):
                self._lines.line(begin + part)
                begin = " " * indent

    # -- the end ---------------------------------------------------------------------------------

    def summary(self, connections: int) -> None:
        """What all round trips come to."""
        times, seconds = summary(self._times), time.perf_counter() - self._began
        found = {} if times is None else {name: _ms(ms) for name, ms in asdict(times).items()}
        self._lines.event(
            "summary", echoes=len(self._times), connections=connections, seconds=round(seconds, 3),
            **found,
        )  # fmt: skip
        over = f" over {count(connections, 'connection')}" if connections > 1 else ""
        said = f"{count(len(self._times), 'echo', 'echoes')}{over} in {seconds:.2f} s"
        if times:
            said += (
                f"; round trip min {times.min:.2f}, median {times.median:.2f},"
                f" p99 {times.p99:.2f}, max {times.max:.2f} ms"
            )
        self._lines.line(self._lines.style(said, fg="green"))

    def failed(self, failure: EchoFailed) -> None:
        """It did not work; the command line says so to people."""
        self._lines.event("failed", kind=failure.kind, status=failure.exit_code, text=str(failure))

    # -- lines -----------------------------------------------------------------------------------

    def _step(self, name: str, text: str, ms: float, **fields: Any) -> None:
        self._steps.event(name, **fields, ms=_ms(ms))
        self._labelled(name, text, ms)

    def _head(
        self, label: str, first: str, mark: str, headers: Headers, ms: float | None = None
    ) -> None:
        self._labelled(label, first, ms)
        for name, value in _shown(headers):
            self._labelled("", f"{mark} {name}: {value}", dim=True)

    def _labelled(self, label: str, text: str, ms: float | None = None, **style: Any) -> None:
        taken = INDENT + LABEL_WIDTH + (0 if ms is None else TIME_WIDTH)
        parts = self._steps.parts(printable(text), taken)
        parts = [self._steps.style(part, **style) for part in parts]
        if ms is not None:
            parts[-1] += "  " + self._steps.style(f"{ms:.1f} ms", dim=True)
        for part in parts:
            self._steps.line(f"{' ' * INDENT}{label:<{LABEL_WIDTH}}{part}")
            label = ""


def _news(message: dict[str, Any]) -> list[str]:
    """What a message of the server says, a line for each file."""
    match message:
        case {"type": "hello", "version": version, "run": run, "seq": seq}:
            return [f"following hotreload {version}, run {run}, which is at update {seq}"]
        case {"type": "update", "seq": seq, "changes": list(changes)}:
            how = "  (full reload)" if message.get("reload") else ""
            return [f"update {seq}  {_change(change)}{how}" for change in changes]
        case {"type": "reload", "reason": reason}:
            return [f"reload of every page, {reason}"]
        case {"type": "problem", "text": text}:
            return [f"problem  {text}"]
        case {"type": "solved", "source": source}:
            return [f"solved   {source}"]
        case _:
            return [str(message)]


def _change(change: object) -> str:
    match change:
        case {"kind": str(kind), "url": str(url)}:
            return f"{kind:<8}  {url}"
    return str(change)


def _shown(headers: Headers) -> list[list[str]]:
    """Headers without credentials, to be printed."""
    return [
        [printable(name), "..." if name.lower() in SECRET else printable(value)]
        for name, value in headers.raw_items()
    ]


def _fields(role: str, message: Message) -> dict[str, Any]:
    """A message as an event has it: text as it is, of binary its size."""
    if isinstance(message, bytes):
        return {role: None, f"{role}_bytes": len(message)}
    return {role: message, f"{role}_bytes": len(message.encode("utf-8", "surrogatepass"))}


def _ms(ms: float) -> float:
    return round(ms, 3)
