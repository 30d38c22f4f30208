"""The pages of the corpus of the HTML patch, and the modules under test, on a real socket."""

import threading
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import sleep

import html_pairs

from support.process.commands import CHECKOUT

SOURCE = CHECKOUT / "injector" / "src"


HARNESS = Path(html_pairs.__file__).parent / "harness.js"


SLOW = 0.03  # seconds that a script named slow takes to come, so that one after it is there first


class Pages(BaseHTTPRequestHandler):
    """The pages of the corpus, what they load, and the modules under test."""

    protocol_version = "HTTP/1.1"
    extra: dict[str, tuple[str, str, dict[str, str]]]

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        kind, body, headers = self.extra.get(path) or self.find(path)
        self.send_response(HTTPStatus.OK if kind else HTTPStatus.NOT_FOUND)
        data = body.encode()
        length = {"Content-Type": kind or "text/plain", "Content-Length": str(len(data))}
        for name, value in {**length, **headers}.items():
            self.send_header(name, value)
        with suppress(ConnectionError):  # a frame that has gone already
            self.end_headers()
            self.wfile.write(data)

    def find(self, path: str) -> tuple[str, str, dict[str, str]]:
        match path.strip("/").split("/"):
            case ["pair", number, which]:
                return "text/html; charset=utf-8", getattr(html_pairs.PAIRS[int(number)], which), {}
            case ["src", *rooms, name]:
                return (
                    "text/javascript",
                    SOURCE.joinpath(*rooms, name).read_text(),
                    {"Cache-Control": "max-age=60"},
                )
            case ["harness.js"]:
                return "text/javascript", HARNESS.read_text(), {"Cache-Control": "max-age=60"}
            case ["js", "slow", name]:
                sleep(SLOW)
                return self.find(f"/js/{name}")
            case ["js", name] if name != "missing":
                return "text/javascript", f"(window.ran ??= []).push({name!r})", {}
            case ["css", name]:
                return "text/css", f"p {{ --{name}: 1 }}", {}
            case [""]:
                return "text/html", "<!doctype html><title>tests</title><body></body>", {}
            case [name] if name.endswith(".svg"):
                return "image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'/>", {}
        return "", "", {}

    def log_message(self, *_: object) -> None:
        pass


class Web:
    """A server of the corpus for as long as a test needs it."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, str, dict[str, str]]] = {}
        handler = type("Handler", (Pages,), {"extra": self.pages})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
