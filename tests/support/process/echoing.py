"""What the diagnostic client connects to in its tests, and how it tells of a failure."""

import contextlib

from websockets.asyncio.server import serve

from support.process.commands import read_head, running_loop


@contextlib.contextmanager
def websocket_server(handler, **options):
    with running_loop(lambda: serve(handler, "127.0.0.1", 0, **options)) as server:
        yield server.sockets[0].getsockname()[1]


def answers(text):
    def answer(connection):
        read_head(connection)
        connection.sendall(text.encode())

    return answer


# -- what does not work --------------------------------------------------------------------------


def failed(done, status, kind, sentence):
    assert done.status == status, (done.out, done.error)
    assert done.error == f"hotreload: {sentence}\n"
    event = done.event("failed")
    assert (event["kind"], event["status"], event["text"]) == (kind, status, sentence)
