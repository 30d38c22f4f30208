"""Bytes become requests; bytes that are not HTTP, and faults of ours, are two kinds of errors."""

from typing import Any

import pytest

from hotreload.http.connection.request_parser import NotHttp, RequestHead, RequestParser


class Receiver:
    """Notes what it is given; raises a fault at one of the calls."""

    def __init__(self, fault_at: str = "") -> None:
        self.seen: list[Any] = []
        self._fault_at = fault_at

    def _note(self, call: str, value: Any = None) -> None:
        self.seen.append(value or call)
        if call == self._fault_at:
            raise LookupError(call)

    def on_begin(self) -> None:
        self._note("begin")

    def on_head(self, head: RequestHead) -> None:
        self._note("head", head)

    def on_body(self, data: bytes) -> None:
        self._note("body", data)

    def on_end(self) -> None:
        self._note("end")


POST = b"POST /a?b HTTP/1.1\r\nHost: c\r\nContent-Length: 3\r\n\r\nxyz"


@pytest.mark.parametrize("size", [1, 7, len(POST)])
def test_a_request_is_the_same_in_pieces_of_any_size(size: int) -> None:
    receiver = Receiver()
    parser = RequestParser(receiver)
    for start in range(0, len(POST), size):
        assert parser.feed(POST[start : start + size]) is None

    begin, head, *body, end = receiver.seen
    assert (begin, b"".join(body), end) == ("begin", b"xyz", "end")
    assert (head.method, head.target) == (b"POST", b"/a?b")
    assert head.lines == [(b"host", b"c"), (b"content-length", b"3")]


@pytest.mark.parametrize("call", ["begin", "head", "body", "end"])
def test_a_fault_of_ours_is_raised_as_itself(call: str) -> None:
    with pytest.raises(LookupError, match=call):
        RequestParser(Receiver(fault_at=call)).feed(POST)


@pytest.mark.parametrize("data", [b"\x16\x03\x01", b"a b HTTP/9\r\n\r\n"])
def test_what_is_not_http_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(NotHttp):
        RequestParser(Receiver()).feed(data)


def test_nothing_is_taken_behind_the_stop() -> None:
    receiver = Receiver()
    parser = RequestParser(receiver)
    receiver.on_end = parser.stop  # type: ignore[method-assign]
    parser.feed(POST + POST)

    assert parser.is_stopped
    assert receiver.seen.count("begin") == 1
