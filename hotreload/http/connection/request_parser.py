"""The heads and bodies of requests, parsed from the bytes of one connection.

Knows: the parser in C and what it calls back. Refuses to know: limits, answers and sockets.
"""

from typing import Any, NamedTuple, Protocol

import httptools

from hotreload.http.messages import Header


class RequestHead(NamedTuple):
    """The head of a request, as it was sent.

    Attributes:
        method: in upper case.
        target: of the request line.
        lines: each header line, its name in lower case.
        version: of HTTP, as in "1.1".
        keep_alive: the client lets another request follow.
        upgrades: another protocol is asked for (RFC 9110, section 7.8), or a tunnel.
    """

    method: bytes
    target: bytes
    lines: list[Header]
    version: str
    keep_alive: bool
    upgrades: bool

    @property
    def is_1_1(self) -> bool:
        """Whether the client knows what HTTP/1.0 has not."""
        return self.version == "1.1"

    @property
    def is_last(self) -> bool:
        """Whether no other request follows; old clients of HTTP/1.0 wait for the end."""
        return not (self.keep_alive and self.is_1_1)

    @property
    def expects_continue(self) -> bool:
        """Whether the client waits for leave to send the body (RFC 9110, section 10.1.1)."""
        return self.is_1_1 and any(
            name == b"expect" and value.lower() == b"100-continue" for name, value in self.lines
        )


class Receiver(Protocol):
    """What takes the parts of each request."""

    def on_begin(self) -> None:
        """The first byte of a request."""

    def on_head(self, head: RequestHead) -> None:
        """A head is complete."""

    def on_body(self, data: bytes) -> None:
        """Some of its body came."""

    def on_end(self) -> None:
        """The request is complete."""


class NotHttp(ValueError):
    """The bytes are not HTTP/1.1."""


class RequestParser:
    """Parses the requests of one connection.

    Args:
        receiver: takes them.

    Attributes:
        in_head: a head has begun and is not complete.
        head_bytes: of that head, what came behind the piece in which it began.
    """

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._parser: Any = httptools.HttpRequestParser(self)  # None once nothing more is parsed
        # Behind a request with "Connection: close" others may come: they are not answered.
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._target = b""
        self._lines: list[Header] = []
        self.in_head = False
        self.head_bytes = 0

    @property
    def is_stopped(self) -> bool:
        """Whether nothing more is parsed."""
        return self._parser is None

    def stop(self) -> None:
        """Parse nothing more, and call the receiver no more."""
        self._parser = None

    def feed(self, data: bytes) -> bytes | None:
        """Parses bytes; the result is what stands behind a request for another protocol.

        Raises:
            NotHttp: they cannot be parsed.
            Exception: whatever the receiver raised.
        """
        if self.in_head:
            self.head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return data[upgrade.args[0] :]
        except httptools.HttpParserCallbackError as error:
            raise (error.__context__ or error) from None
        except httptools.HttpParserError as error:
            raise NotHttp from error
        return None

    # -- what the parser in C calls --------------------------------------------------------------

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._target = b""
        self._lines = []
        self.in_head = True
        self.head_bytes = 0
        if self._parser is not None:
            self._receiver.on_begin()

    def on_url(self, target: bytes) -> None:
        """A piece of the target."""
        self._target += target

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header line."""
        self._lines.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """The head is complete."""
        self.in_head = False
        parser = self._parser
        if parser is not None:
            self._receiver.on_head(
                RequestHead(
                    parser.get_method(),
                    self._target,
                    self._lines,
                    parser.get_http_version(),
                    parser.should_keep_alive(),
                    parser.should_upgrade(),
                )
            )

    def on_body(self, data: bytes) -> None:
        """A piece of the body."""
        if self._parser is not None:
            self._receiver.on_body(data)

    def on_message_complete(self) -> None:
        """The request is complete."""
        if self._parser is not None:
            self._receiver.on_end()
