"""A page of another origin, and what it tries to get at."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

# Each tries to get at what lies at an address, and says how it went.
ATTACKS = {
    "a classic script": """url => new Promise(done => {
        const script = document.createElement("script");
        script.onload = () => done("read");
        script.onerror = () => done("refused");
        script.src = url + "app.js";
        document.head.append(script);
    }).then(how => globalThis.stolen ? "read" : how)""",
    "our client as a classic script": """url => new Promise(done => {
        const script = document.createElement("script");
        script.onload = () => done("read");
        script.onerror = () => done("refused");
        script.src = url + "__hotreload__/client.js";
        document.head.append(script);
    })""",
    "import()": """url => import(url + "app.js").then(() => "read", () => "refused")""",
    "import() of our client's parts": """url =>
        import(url + "__hotreload__/messages.js").then(() => "read", () => "refused")""",
    "fetch": """url => fetch(url + "app.js")
        .then(answer => answer.text()).then(() => "read", () => "refused")""",
    "fetch of our routes": """url => fetch(url + "__hotreload__/health")
        .then(answer => answer.text()).then(() => "read", () => "refused")""",
    "fetch without CORS": """url => fetch(url + "app.js", { mode: "no-cors" })
        .then(answer => answer.type == "opaque" ? "refused" : "read", () => "refused")""",
    "an image": """url => new Promise(done => {
        const image = new Image();
        image.onload = () => done("read");
        image.onerror = () => done("refused");
        image.src = url + "logo.svg";
    })""",
    "a style sheet": """url => new Promise(done => {
        const link = document.createElement("link");
        link.rel = "stylesheet";
        link.onload = () => done("read");
        link.onerror = () => done("refused");
        link.href = url + "style.css";
        document.head.append(link);
    })""",
    "an iframe's document": """url => new Promise(done => {
        const frame = document.createElement("iframe");
        frame.onload = () => done(frame.contentDocument ? "read" : "refused");
        frame.src = url;
        document.body.append(frame);
    })""",
    "an object": """url => new Promise(done => {
        const object = document.createElement("object");
        object.onload = () => done(object.contentDocument ? "read" : "refused");
        object.onerror = () => done("refused");
        object.data = url + "logo.svg";
        document.body.append(object);
    })""",
    "a WebSocket": """url => new Promise(done => {
        const socket = new WebSocket(url.replace("http", "ws") + "__hotreload__/echo");
        socket.onopen = () => done("read");
        socket.onerror = () => done("refused");
    })""",
    "a WebSocket that speaks like a page": """url => new Promise(done => {
        const address = url.replace("http", "ws") + "__hotreload__/ws";
        const socket = new WebSocket(address, "hotreload.v1");
        const page = { type: "page", url: "/", run: "", seq: 0 };
        socket.onopen = () => socket.send(JSON.stringify(page));
        socket.onmessage = () => done("read");
        socket.onerror = () => done("refused");
    })""",
}


class _Lure(http.server.BaseHTTPRequestHandler):
    """Somebody else's page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        with suppress(BrokenPipeError):  # a browser that has seen enough goes
            self.wfile.write(b"<!doctype html><head></head><body><p>You have won.</body>")

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[int]:
    """The port where somebody else's pages are."""
    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Lure)
    thread = threading.Thread(target=served.serve_forever)
    thread.start()
    yield served.server_port
    served.shutdown()
    thread.join()
    served.server_close()
