"""A page with one of the client's modules in it, on a folder that is served on a real socket.

Knows: enough HTTP for such a folder, and how the cases of a file are entered for the page about
updates. Refuses to know: what is asserted of them.
"""

from __future__ import annotations

import hashlib
import http.server
import threading
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

import pytest

from support.browser.tabs import close
from support.process.commands import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

INJECTOR = CHECKOUT / "injector" / "src"
TYPES = {
    ".css": "text/css",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".wav": "audio/wav",
}


class Case(NamedTuple):
    """One thing that a person notices, and what is not lost meanwhile."""

    group: str
    title: str
    kept: str


class Cases(list[Case]):
    """The cases of a file, in the order in which they are tested."""

    def enter(self, group: str, title: str, kept: str) -> Callable[[Any], Any]:
        """Enters a test, which gets its title as docstring."""
        self.append(Case(group, title, kept))

        def entered(test: Any) -> Any:
            test.__doc__ = f"{title} Kept: {kept}."
            return test

        return entered


def link(name: str, more: str = "") -> str:
    return f'<link rel=stylesheet href="{name}" {more}>'


def integrity(text: str) -> str:
    return f'integrity="sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"'


# ---- a site on a real socket, and a page on it ---------------------------------------------------


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, root: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.root = root
        self.requests: list[str] = []
        self.headers: dict[str, dict[str, str]] = {}
        self.held: dict[str, threading.Event] = {}

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that closes a connection is no error."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        path = unquote(urlsplit(self.path).path)
        if path in self.server.held:
            self.server.held[path].wait(10)
        file = self.file(path)
        if not file.is_file():
            self.answer(404, {}, b"")
            return
        body = file.read_bytes()
        headers = {
            "ETag": f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"',
            "Cache-Control": "no-cache",
            "Content-Type": TYPES[file.suffix],
        } | self.server.headers.get(path, {})
        if self.headers.get("If-None-Match") == headers["ETag"]:
            self.answer(304, headers, b"")
        elif start := self.headers.get("Range", "").partition("=")[2].partition("-")[0]:
            place = f"bytes {start}-{len(body) - 1}/{len(body)}"
            self.answer(206, headers | {"Content-Range": place}, body[int(start) :])
        else:
            self.answer(200, headers, body)

    def file(self, path: str) -> Path:
        name = path.removeprefix("/__hotreload__/")
        return INJECTOR / name if name != path else self.server.root / path.lstrip("/")

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Nothing: pytest's output is for failures."""


HELPERS = """
window.hr = {
  async load() {
    const [css, resources] = await Promise.all(['css/css.js', 'updates/resources.js'].map(
      name => import(`${location.origin}/__hotreload__/${name}`)));
    if (!hr.started) resources.start(), css.start();
    hr.started = true;
    return css;
  },
  // In Firefox a sheet is loaded again only under another URL.
  plain: navigator.userAgent.includes('Firefox')
    ? url => url.replace(/\\?hotreload=\\w+/, '') : url => url,
  dump(rules) {
    return [...rules].map(rule => rule instanceof CSSImportRule
      ? [hr.plain(rule.cssText), rule.styleSheet ? hr.dump(rule.styleSheet.cssRules) : null]
      : rule.cssText);
  },
  all() { return [...document.styleSheets].map(sheet => hr.dump(sheet.cssRules)); },
  mark(rules, path = '') {
    [...rules].forEach((rule, i) => {
      rule.mark = path + i;
      if (rule.cssRules) hr.mark(rule.cssRules, rule.mark + '.');
      if (rule.styleSheet) hr.mark(rule.styleSheet.cssRules, rule.mark + '>');
    });
  },
  marks(rules) { return [...rules].map(rule => rule.mark ?? null); },
  style(selector, name) { return getComputedStyle(document.querySelector(selector))[name]; },
  frames(probe) {
    const seen = [];
    let on = true;
    const step = () => { if (on) { seen.push(probe()); requestAnimationFrame(step); } };
    requestAnimationFrame(step);
    return async () => {
      await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
      on = false;
      return [...new Set(seen)];
    };
  },
  async update(url, text, more = {}) {
    const css = await hr.load();
    const digest = 'd' + Math.random().toString(36).slice(2);
    const sent = text === null ? {} : { text };
    return css.updateCSS({ url, kind: 'modified', digest, ...sent, ...more });
  },
  async image(url, more = {}) {
    await hr.load();
    const { updateImage } = await import('/__hotreload__/media/image.js');
    const digest = 'd' + Math.random().toString(36).slice(2);
    return updateImage({ url, kind: 'modified', digest, ...more });
  },
  bare: text => text.replace(/([?&])hotreload=\\w+/g, '$1new'),
};
"""


@dataclass
class Site:
    """A folder that is served, and one page of the browser on it."""

    root: Path
    server: Server
    page: Page

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def write(self, files: dict[str, str | bytes]) -> None:
        for name, content in files.items():
            file = self.root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def open(
        self, html: str, files: dict[str, str | bytes] | None = None, name: str = "index.html"
    ) -> None:
        """Opens a page with its files and has the sheets learnt, as an idle page has."""
        self.write(
            {
                name: f"<!doctype html><meta charset=utf-8><link rel=icon href=data:,>{html}",
                **(files or {}),
            }
        )
        self.page.goto(f"{self.url}/{name}")
        self.js("hr.load().then(css => css.prepareAll())")

    def js(self, expression: str, argument: object = None) -> Any:
        return self.page.evaluate(expression, argument)

    def update(self, name: str, text: str, *, sent: bool = True) -> Any:
        """Saves a sheet and has the page take the change: in how many places it is shown."""
        self.write({name: text})
        return self.js(
            "([url, text]) => hr.update(url, text).catch(String)",
            [f"/{name}", text if sent else None],
        )

    def save(self, name: str, content: bytes | str, url: str | None = None) -> Any:
        """Saves any other file and has the page take the change: in how many places it is shown."""
        self.write({name: content})
        return self.js("url => hr.image(url).catch(String)", url or f"/{name}")

    def fresh(self) -> Any:
        """The rules of all sheets as a page that is opened now has them."""
        page = self.page.context.new_page()
        page.goto(self.page.url)
        rules = page.evaluate("hr.all()")
        page.close()
        return rules


@contextmanager
def serving(root: Path) -> Iterator[Server]:
    """Serves a folder, and the modules under test, on a free port."""
    server = Server(root)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def opened(browser: Browser, root: Path) -> Iterator[Site]:
    """A page with nothing cached on a served folder; errors in it fail the test."""
    errors: list[str] = []
    with serving(root) as server:
        context = browser.new_context()
        context.set_default_timeout(10_000)
        context.add_init_script(HELPERS)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        yield Site(root, server, context.new_page())
        close(context)
    assert errors == []


@pytest.fixture
def module_site(browser: Browser, tmp_path: Path) -> Iterator[Site]:
    """What a module of such tests says its `site` is."""
    with opened(browser, tmp_path) as site:
        yield site
