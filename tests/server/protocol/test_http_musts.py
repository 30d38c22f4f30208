"""What RFC 9110 says that a server must, of which nothing shows in a browser."""

import os
import time
from email.utils import parsedate_to_datetime

import pytest
from support.security.attacking import Reply, ask, get


def date(reply: Reply, name: bytes) -> float:
    return parsedate_to_datetime((reply[name] or b"").decode()).timestamp()


@pytest.mark.parametrize("size", [10, 9 * 2**20])
def test_nothing_is_sent_as_modified_later_than_now(server, site, size):
    """Section 8.8.2.1; the clock of a file server, or of who unpacked an archive, may be ahead."""
    with open(site / "future.bin", "wb") as file:
        file.truncate(size)
    tomorrow = time.time() + 86_400
    os.utime(site / "future.bin", (tomorrow, tomorrow))
    running = server(site)

    reply = ask(running.port, get(b"/future.bin"))

    assert reply.status == 200
    assert date(reply, b"last-modified") <= date(reply, b"date")


def test_who_names_another_protocol_says_that_it_is_for_this_connection(server):
    """Section 7.8: a proxy takes Upgrade out only where Connection names it."""
    reply = ask(server().port, get(b"/__hotreload__/ws"))

    assert reply.status == 426
    assert (reply[b"upgrade"], reply[b"connection"]) == (b"websocket", b"upgrade")
