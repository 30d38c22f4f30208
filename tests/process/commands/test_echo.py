"""Any WebSocket client gets its messages back: a person sees whether the connection works."""

import base64
import os
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack

import pytest
from conftest import CHECKOUT
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK, InvalidStatus
from websockets.sync.client import connect


def socket_url(server, path=""):
    return server.url.replace("http:", "ws:") + path


@pytest.mark.parametrize("path", ["", "any/path", "index.html", "__hotreload__/echo"])
def test_text_comes_back_with_a_prefix_on_every_path(server, path):
    with connect(socket_url(server(), path)) as client:
        client.send("hello")

        assert client.recv() == "Echo: hello"


def test_binary_comes_back_as_it_was(server):
    data = os.urandom(5000)
    with connect(socket_url(server())) as client:
        client.send(data)

        assert client.recv() == data


@pytest.mark.parametrize(
    ("query", "reply"), [("?prefix=", "hi"), ("?prefix=%3E%20", "> hi"), ("?other=1", "Echo: hi")]
)
def test_the_prefix_can_be_chosen(server, query, reply):
    with connect(socket_url(server(), query)) as client:
        client.send("hi")

        assert client.recv() == reply


def test_nothing_is_said_before_the_client_speaks(server):
    """A client that sends and then receives must receive its own echo."""
    with connect(socket_url(server())) as client:
        with pytest.raises(TimeoutError):
            client.recv(timeout=0.3)
        client.send("first")

        assert client.recv() == "Echo: first"


def test_fragments_come_back_as_one_message(server):
    with connect(socket_url(server(), "?prefix=")) as client:
        client.send(iter(["one ", "two ", "three"]))

        assert client.recv() == "one two three"


def test_a_message_of_one_mebibyte_comes_back_and_a_larger_one_is_refused(server):
    with connect(socket_url(server(), "?prefix="), max_size=None) as client:
        client.send("x" * 2**20)
        assert client.recv() == "x" * 2**20

        with pytest.raises(ConnectionClosedError) as closed:
            client.send("x" * (2**20 + 1))
            client.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009


def test_many_clients_are_answered_at_once(server):
    url = socket_url(server())
    with ExitStack() as stack:
        clients = [stack.enter_context(connect(url)) for _ in range(100)]
        for number, client in enumerate(clients):
            client.send(str(number))
        for number, client in enumerate(clients):
            assert client.recv() == f"Echo: {number}"


def test_pings_are_answered_and_the_close_is_clean(server):
    with connect(socket_url(server())) as client:
        assert client.ping().wait(5)
        client.close()
        with pytest.raises(ConnectionClosedOK):
            client.recv()
        assert client.close_code == 1000


def test_compression_is_off_unless_asked_for(server):
    with connect(socket_url(server())) as client:
        assert client.protocol.extensions == []
    with connect(socket_url(server())) as client:
        client.send("x")
        assert client.recv() == "Echo: x"


def test_compression_is_negotiated_when_asked_for(server, site):
    with connect(socket_url(server(site, "--ws-compression"))) as client:
        assert [extension.name for extension in client.protocol.extensions] == [
            "permessage-deflate"
        ]
        client.send("squeeze me " * 1000)
        assert client.recv() == "Echo: " + "squeeze me " * 1000


def test_a_subprotocol_of_the_clients_own_is_agreed_to(server):
    """Browsers close a socket whose offered subprotocols were all passed over."""
    with connect(socket_url(server()), subprotocols=["graphql-ws", "other"]) as client:
        assert client.subprotocol == "graphql-ws"


def upgrade(server, key, *, version="13"):
    """The head and body of the answer to a handshake written by hand, as with curl."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
        raw.sendall(
            f"GET / HTTP/1.1\r\nHost: localhost:{server.port}\r\nConnection: Upgrade\r\n"
            f"Upgrade: websocket\r\nSec-WebSocket-Version: {version}\r\n"
            f"Sec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        answer = b""
        while b"\r\n\r\n" not in answer or (b" 101 " not in answer and raw_open(raw, answer)):
            data = raw.recv(4096)
            if not data:
                break
            answer += data
    return answer.decode()


def raw_open(raw, answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    lengths = [line.split(b":")[1] for line in lines if b"content-length" in line]
    return len(body) < int(lengths[0])


def test_the_upgrade_headers_of_curl_see_101(server):
    key = base64.b64encode(os.urandom(16)).decode()

    assert upgrade(server(), key).startswith("HTTP/1.1 101 ")


def test_the_key_of_many_tutorials_is_refused_with_the_reason(server):
    answer = upgrade(server(), "SGVsbG8sIHdvcmxkIQ==")

    assert answer.startswith("HTTP/1.1 400 ")
    assert "holds 13 bytes where RFC 6455 (4.1) wants 16" in answer


@pytest.mark.parametrize(
    ("key", "version", "status"),
    [("not base64!", "13", 400), ("dGhlIHNhbXBsZSBub25jZQ==", "8", 400)],
)
def test_a_handshake_that_is_wrong_says_why(server, key, version, status):
    answer = upgrade(server(), key, version=version)

    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert len(answer.partition("\r\n\r\n")[2]) > 20


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://localhost"]
)
def test_a_page_of_another_origin_gets_no_socket(server, origin):
    with pytest.raises(InvalidStatus) as refused:
        connect(socket_url(server()), origin=origin)

    assert refused.value.response.status_code == 403


def test_a_foreign_host_name_gets_no_socket(server):
    running = server()
    raw = socket.create_connection(("127.0.0.1", running.port))

    with pytest.raises(InvalidStatus) as refused:
        connect("ws://evil.example/", sock=raw)

    assert refused.value.response.status_code == 403


def test_the_log_shows_connects_messages_and_closes(server):
    running = server()
    with connect(socket_url(running, "try")) as client:
        running.wait_for(type="socket", event="connected", path="/try")
        client.send("hello")
        running.wait_for(type="socket", event="message", path="/try")
    running.wait_for(type="socket", event="closed", path="/try")


def test_clients_are_told_when_the_server_stops(server):
    running = server()
    with connect(socket_url(running)) as client:
        stopping = threading.Thread(target=running.stop)
        stopping.start()
        with pytest.raises(ConnectionClosedOK) as closed:
            client.recv(timeout=5)
        stopping.join()

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1001


def test_a_node_client_gets_its_echo(server, tmp_path):
    """Node 22 and newer have a WebSocket of their own; older ones use the package `ws`."""
    running = server()
    script = tmp_path / "client.mjs"
    script.write_text(
        "const Socket = globalThis.WebSocket ?? (await import(process.argv[3])).default;\n"
        "const socket = new Socket(process.argv[2]);\n"
        "socket.onopen = () => socket.send('from node');\n"
        "socket.onmessage = e => { console.log(e.data); socket.close(); };\n"
    )
    package = CHECKOUT / "injector" / "node_modules" / "ws" / "wrapper.mjs"

    done = subprocess.run(
        ["node", script, socket_url(running), package],
        capture_output=True,
        encoding="utf-8",
        timeout=20,
    )

    assert done.stdout == "Echo: from node\n", done.stderr


def test_the_python_client_on_the_command_line_gets_its_echo(server):
    running = server()
    with subprocess.Popen(
        [sys.executable, "-m", "websockets", socket_url(running)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as client:
        client.stdin.write("from python\n")
        client.stdin.flush()
        said = next(line for line in client.stdout if "Echo: " in line)
        client.stdin.close()

    assert "Echo: from python" in said
