"""WebSocket clients that other people have written are echoed: nothing here suits only our own.

Each is asked for what it can send: text, binary, a message in fragments, and one of 1 MiB.
"""

import asyncio
import base64
import json
import socket
import subprocess
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
import websocket
from conftest import CHECKOUT, PATIENCE
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Request,
    TextMessage,
)

MIB = 2**20
NODE = CHECKOUT / "injector" / "node_modules"
TEXT = "h\u00e9llo \U0001f600"
BINARY = bytes(range(256)) * 20
LARGE = "x\u00e9" * (MIB // 3)  # in UTF-8, one byte less than 1 MiB
FRAGMENTS = ["one \u00e9", "", " two ", "three"]

# What is sent: a text, bytes, or a text in fragments.
Message = str | bytes | list[str]
Client = Callable[[str, list[Message]], list[str | bytes]]


@pytest.fixture
def url(server) -> str:
    return str(server().url).replace("http:", "ws:") + "try?prefix="


def websocket_client(url: str, messages: list[Message]) -> list[str | bytes]:
    """The package `websocket-client`, for threads."""
    client = websocket.create_connection(url, timeout=PATIENCE)
    heard = []
    for message in messages:
        if isinstance(message, list):
            for number, part in enumerate(message):
                kind = websocket.ABNF.OPCODE_CONT if number else websocket.ABNF.OPCODE_TEXT
                last = int(number == len(message) - 1)
                client.send_frame(websocket.ABNF.create_frame(part, kind, last))
        elif isinstance(message, bytes):
            client.send_binary(message)
        else:
            client.send(message)
        heard.append(client.recv())
    client.close()
    return heard


def wsproto_client(url: str, messages: list[Message]) -> list[str | bytes]:
    """The package `wsproto`, which leaves sockets to whoever uses it."""
    place = urlsplit(url)
    client = WSConnection(ConnectionType.CLIENT)
    with socket.create_connection((place.hostname, place.port or 80), timeout=PATIENCE) as sock:
        sock.sendall(client.send(Request(host=place.netloc, target=f"{place.path}?{place.query}")))
        assert isinstance(_event(client, sock), AcceptConnection)
        heard = [_exchange(client, sock, message) for message in messages]
        sock.sendall(client.send(CloseConnection(code=1000)))
        closing = _event(client, sock)
        assert isinstance(closing, CloseConnection)
        assert closing.code == 1000
    return heard


def _exchange(client: WSConnection, sock: socket.socket, message: Message) -> str | bytes:
    if isinstance(message, bytes):
        sock.sendall(client.send(BytesMessage(data=message)))
    else:
        parts = message if isinstance(message, list) else [message]
        for number, part in enumerate(parts, 1):
            last = number == len(parts)
            sock.sendall(client.send(TextMessage(data=part, message_finished=last)))
    heard: list[Any] = []
    while not heard or not heard[-1].message_finished:
        heard.append(_event(client, sock))
    return type(heard[0].data)().join(event.data for event in heard)


def _event(client: WSConnection, sock: socket.socket) -> Any:
    while (event := next(client.events(), None)) is None:
        client.receive_data(sock.recv(65536) or None)
    return event


def aiohttp_client(url: str, messages: list[Message]) -> list[str | bytes]:
    """The package `aiohttp`; it sends every message in one frame."""

    async def talk() -> list[str | bytes]:
        heard = []
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as client:
            for message in messages:
                if isinstance(message, bytes):
                    await client.send_bytes(message)
                else:
                    await client.send_str("".join(message))
                heard.append((await client.receive(PATIENCE)).data)
        assert client.close_code == 1000
        return heard

    return asyncio.run(talk())


WS = """
import WebSocket from "%s";
const [url, asked] = JSON.parse(await new Promise(done => {
  let all = "";
  process.stdin.on("data", part => all += part).on("end", () => done(all));
}));
const socket = new WebSocket(url);
const heard = [];
function send(message) {
  if (message.bytes !== undefined) socket.send(Buffer.from(message.bytes, "base64"));
  else message.parts.forEach((part, at) => {
    socket.send(part, { fin: at === message.parts.length - 1 });
  });
}
socket.on("open", () => send(asked[0]));
socket.on("message", (data, binary) => {
  heard.push(binary ? { bytes: data.toString("base64") } : { text: data.toString() });
  if (heard.length < asked.length) send(asked[heard.length]);
  else socket.close(1000);
});
socket.on("close", code => console.log(JSON.stringify([code, heard])));
"""


def ws_of_node(url: str, messages: list[Message]) -> list[str | bytes]:
    """The package `ws` of npm."""
    asked = [
        {"bytes": base64.b64encode(message).decode()}
        if isinstance(message, bytes)
        else {"parts": message if isinstance(message, list) else [message]}
        for message in messages
    ]
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", WS % (NODE / "ws" / "wrapper.mjs").as_uri()],
        input=json.dumps([url, asked]), capture_output=True, encoding="utf-8", timeout=30,
    )  # fmt: skip
    assert not done.stderr
    code, heard = json.loads(done.stdout)
    assert code == 1000
    return [base64.b64decode(one["bytes"]) if "bytes" in one else str(one["text"]) for one in heard]


@pytest.mark.parametrize(
    "client",
    [websocket_client, wsproto_client, aiohttp_client, ws_of_node],
    ids=lambda client: client.__name__,
)
def test_a_client_by_others_gets_back_what_it_sends(url: str, client: Client):
    messages: list[Message] = [TEXT, BINARY, FRAGMENTS, "", b"", LARGE, LARGE.encode()]

    assert client(url, messages) == [
        TEXT, BINARY, "".join(FRAGMENTS), "", b"", LARGE, LARGE.encode(),
    ]  # fmt: skip


def test_chromium_gets_back_what_it_sends(url: str, page):
    """Text, bytes and 1 MiB of each, which it sends in fragments of its own."""
    page.goto(url.replace("ws:", "http:").partition("try")[0])
    heard = page.evaluate(
        """([url, text, large]) => new Promise((done, failed) => {
            const bytes = Uint8Array.from({ length: 1 << 20 }, (_, at) => at % 251);
            const sent = [text, bytes, large, new Blob([bytes, bytes.slice(0, 0)]), ""];
            const heard = [];
            const socket = new WebSocket(url);
            socket.binaryType = "arraybuffer";
            socket.onopen = () => socket.send(sent[0]);
            socket.onerror = failed;
            socket.onmessage = ({ data }) => {
                const want = sent[heard.length];
                heard.push(typeof want === "string" ? data === want
                    : data.byteLength === bytes.length
                        && new Uint8Array(data).every((byte, at) => byte === bytes[at]));
                if (heard.length < sent.length) socket.send(sent[heard.length]);
                else socket.close(1000);
            };
            socket.onclose = ({ code, wasClean }) => done([heard, code, wasClean]);
        })""",
        [url, TEXT, LARGE],
    )

    assert heard == [[True] * 5, 1000, True]


def test_wscat_gets_its_echo(server):
    """The command that tutorials name; it talks for as long as its standard input is open."""
    url = str(server().url).replace("http:", "ws:")
    with subprocess.Popen(
        ["node", NODE / "wscat" / "bin" / "wscat", "-c", url, "-x", "hello", "-w", "60"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
    ) as client:  # fmt: skip
        try:
            assert client.stdout
            assert client.stdin
            assert "Echo: hello" in next(line for line in client.stdout if "Echo" in line)
            client.stdin.close()
            assert client.wait(PATIENCE) == 0
        finally:
            client.kill()
