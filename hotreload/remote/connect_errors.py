"""Why a connection did not come about or did not last, in one sentence and one exit status.

Knows: what the exceptions of sockets, TLS and websockets mean to the person who tries to connect.
Refuses to know: how a connection is made.
"""

import socket
import ssl
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidMessage,
    InvalidProxy,
    InvalidProxyStatus,
    InvalidStatus,
    ProxyError,
)
from websockets.frames import CLOSE_CODE_EXPLANATIONS
from websockets.http11 import Response

from hotreload.errors import HotreloadError, reason
from hotreload.remote.target import Target
from hotreload.security.basic_auth import HOW_TO_SAY
from hotreload.terminal.command_output import brief
from hotreload.terminal.text import printable

STATUS: Final = {
    "name": 3,
    "refused": 4,
    "tls": 5,
    "proxy": 6,
    "path": 7,
    "denied": 8,
    "not-websocket": 9,
    "wrong-echo": 10,
    "timeout": 11,
    "closed": 12,
}
REASON_LENGTH: Final = 200  # characters of a server's answer that a sentence quotes


class EchoFailed(HotreloadError):
    """The connection does not work.

    Args:
        kind: a key of `STATUS`.
        sentence: what is wrong, where, and what to do.
    """

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.exit_code = STATUS[kind]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was tried when it failed.

    Attributes:
        target: where to.
        doing: the step, as in "waiting for the echo".
        timeout: seconds that it was given.
        proxy: the proxy on the way, without its password; None for none.
    """

    target: Target
    doing: str
    timeout: float
    proxy: str | None = None

    @property
    def place(self) -> str:
        """Host and port in words."""
        return f"{self.target.host} port {self.target.port}"


def failure(error: Exception, attempt: Attempt) -> EchoFailed:
    """The sentence for what was raised while opening a connection."""
    match error:
        case ssl.SSLCertVerificationError():
            return _certificate(error, attempt)
        case ssl.SSLError():
            return _no_tls(error, attempt)
        case TimeoutError():
            return timed_out(attempt)
        case InvalidStatus():
            return _status(error.response, attempt)
        case ProxyError() | InvalidProxy() | ImportError():
            return _proxy(error, attempt)
        case OSError():
            return (_proxy if attempt.proxy else _unreachable)(error, attempt)
        case InvalidMessage():
            return _no_http(error, attempt)
        case ConnectionClosed():
            return closed(error, attempt)
        case InvalidHandshake():
            return _bad_handshake(error, attempt)
        case _:
            raise error


def timed_out(attempt: Attempt) -> EchoFailed:
    """Nothing came in time."""
    return EchoFailed(
        "timeout", f"{attempt.place} gave no answer within {attempt.timeout:g} s, {attempt.doing}"
    )


def closed(error: ConnectionClosed, attempt: Attempt) -> EchoFailed:
    """The server closed the connection before all was said."""
    if error.rcvd is None:
        sentence = f"the connection to {attempt.place} broke without a goodbye (1006)"
        return EchoFailed("closed", f"{sentence}, {attempt.doing}")
    code, reason = error.rcvd.code, printable(error.rcvd.reason)
    said = f"{code}, {code_name(code)}" + (f": {reason}" if reason else "")
    return EchoFailed("closed", f"{attempt.place} closed the connection ({said}), {attempt.doing}")


def code_name(code: int) -> str:
    """What a close code stands for (RFC 6455, section 7.4)."""
    return CLOSE_CODE_EXPLANATIONS.get(code, "private use" if code >= 4000 else "unknown code")


def wrong_echo(sent: str | bytes, got: str | bytes) -> EchoFailed:
    """What came back is not what was sent."""
    sentence = f"the echo is wrong: {brief(sent)} was sent, and {brief(got)} came back"
    return EchoFailed("wrong-echo", sentence + _difference(sent, got))


def _difference(sent: str | bytes, got: str | bytes) -> str:
    """Where the two part, when what is shown of them is the same."""
    if brief(sent) != brief(got):
        return ""
    pairs = enumerate(zip(sent, got, strict=False))
    first = next((at for at, (one, other) in pairs if one != other), min(len(sent), len(got)))
    return f", which differs from position {first} on"


def _certificate(error: ssl.SSLCertVerificationError, attempt: Attempt) -> EchoFailed:
    why = error.verify_message.rstrip(".") or error.reason
    hint = "the environment variable SSL_CERT_FILE names a file of certificates to trust"
    if "ostname mismatch" in why or "IP address mismatch" in why:
        hint = "connect to a name that the certificate is for"
    elif "expired" in why or "not yet valid" in why:
        hint = "renew it, or check the clock of this machine"
    place = f"the certificate of {attempt.place}"
    return EchoFailed("tls", f"{place} is not to be trusted: {_lower(why)}; {hint}")


def _no_tls(error: ssl.SSLError, attempt: Attempt) -> EchoFailed:
    why = (error.reason or "no reason given").lower().replace("_", " ")
    hint = f"if it speaks no TLS, connect to {_other_scheme(attempt.target)}"
    return EchoFailed("tls", f"the TLS handshake with {attempt.place} failed ({why}); {hint}")


def _other_scheme(target: Target) -> str:
    other = Target(not target.secure, target.host, target.port, target.path)
    return other.socket_url


def _unreachable(error: OSError, attempt: Attempt) -> EchoFailed:
    if isinstance(error, socket.gaierror):
        return EchoFailed(
            "name", f"no machine of the name {attempt.target.host} was found: check its spelling"
        )
    if isinstance(error, ConnectionRefusedError):
        sentence = f"connection refused: nothing listens on {attempt.place}"
        return EchoFailed("refused", f"{sentence}; start the server, or check the port")
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return _hung_up(attempt)
    return EchoFailed("refused", f"{attempt.place} cannot be reached: {reason(error)}")


def _proxy(error: Exception, attempt: Attempt) -> EchoFailed:
    if isinstance(error, InvalidProxyStatus):
        why = f"answered {_phrase(error.response)} to CONNECT"
    elif isinstance(error, socket.gaierror):
        why = "was not found by its name"
    elif isinstance(error, OSError):
        why = f"cannot be reached ({reason(error)})"
    else:
        why = f"cannot be used ({printable(str(error))})"
    return EchoFailed(
        "proxy",
        f"the proxy {attempt.proxy}, which the environment names, {why};"
        f" NO_PROXY={attempt.target.host} goes around it",
    )


def _status(response: Response, attempt: Attempt) -> EchoFailed:
    answered = f"{attempt.place} answered {_phrase(response)}{_through(response)}"
    path, status = printable(attempt.target.path), response.status_code
    if status in (404, 410):
        return EchoFailed("path", f"{answered}: there is no WebSocket at {path}; check the path")
    if 300 <= status < 400:
        where = printable(response.headers.get("Location", "an address that it does not name"))
        return EchoFailed(
            "path", f"{answered}, a redirect that browsers do not follow: connect to {where}"
        )
    if status == 401:
        return EchoFailed("denied", f"{answered}: it wants a name and a password, {HOW_TO_SAY}")
    if status in (502, 503, 504):
        return EchoFailed("denied", f"{answered}: what stands there did not reach its server")
    if status == 400 and "https" in _said(response).lower() and not attempt.target.secure:
        return EchoFailed("tls", f"{answered}: it wants TLS, {_other_scheme(attempt.target)}")
    if status >= 400:
        said = _said(response)
        return EchoFailed("denied", answered + (f": {said}" if said else ""))
    return EchoFailed(
        "not-websocket", f"{answered}: it speaks HTTP, but no WebSocket at {path}; check the path"
    )


def _phrase(response: Response) -> str:
    status = response.status_code
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = printable(response.reason_phrase)
    return f"{status} {phrase}".rstrip()


def _through(response: Response) -> str:
    via = ", ".join(response.headers.get_all("Via"))
    return f" (through the proxy {printable(via)})" if via else ""


def _said(response: Response) -> str:
    """What a refusal says in plain text: for a person, unlike a page of HTML."""
    plain = response.headers.get("Content-Type", "").startswith("text/plain")
    text = (response.body or b"").decode("utf-8", "replace") if plain else ""
    line = printable(" ".join(text.split()))
    return line if len(line) <= REASON_LENGTH else line[:REASON_LENGTH] + "..."


def _no_http(error: InvalidMessage, attempt: Attempt) -> EchoFailed:
    if isinstance(error.__cause__, EOFError):
        return _hung_up(attempt)
    _, _, status = str(error.__cause__).partition(": ")
    if status.startswith("HTTP/1.0 "):
        answered = f"{attempt.place} answered {printable(status)}"
        return EchoFailed("not-websocket", f"{answered}: it knows no WebSocket; check the port")
    return EchoFailed(
        "not-websocket",
        f"what {attempt.place} answered is not HTTP: another kind of server listens there"
        + _maybe_tls(attempt),
    )


def _hung_up(attempt: Attempt) -> EchoFailed:
    return EchoFailed(
        "not-websocket",
        f"{attempt.place} hung up without an answer, {attempt.doing}" + _maybe_tls(attempt),
    )


def _maybe_tls(attempt: Attempt) -> str:
    other = _other_scheme(attempt.target)
    return "" if attempt.target.secure else f"; if it wants TLS, connect to {other}"


def _bad_handshake(error: InvalidHandshake, attempt: Attempt) -> EchoFailed:
    why = _lower(printable(str(error)))
    return EchoFailed(
        "not-websocket",
        f"{attempt.place} agreed to a WebSocket but broke the handshake ({why}):"
        " a proxy on the way, or a server that does not follow RFC 6455",
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
