"""Files of workers and worklets, of which no page is told: who has them running is loaded anew."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Server
from playwright.sync_api import Page

Start = Callable[..., Server]

in_both = pytest.mark.parametrize("engine", ["chromium", "firefox"])

AUDIO = (
    "const { audioWorklet } = new AudioContext();"
    "audioWorklet.addModule('worklet.js').then(() => { window.ready = true });"
)
PAINT = "CSS.paintWorklet.addModule('worklet.js').then(() => { window.ready = true });"
SHARED = (
    "const { port } = new SharedWorker('worklet.js', { type: 'module' });"
    "port.onmessage = () => { window.ready = true };"
)
SERVICE = (
    "navigator.serviceWorker.register('worklet.js', { type: 'module' });"
    "navigator.serviceWorker.ready.then(() => { window.ready = true });"
)
# A text that is run as a worker: in Chromium who asks for what it imports has no address.
TEXT = (
    "const text = `importScripts('${new URL('part.js', location)}'); postMessage(1)`;"
    "const worker = new Worker(URL.createObjectURL(new Blob([text])));"
    "worker.onmessage = () => { window.ready = true };"
)
WORKLET = "import './part.js'; globalThis.onconnect = ({ ports: [port] }) => port.postMessage(1);"

PLAIN = "<!doctype html><title>t</title><p>p"


def opened(
    page: Page, server: Start, root: Path, script: str, *options: str, at: str = ""
) -> Server:
    (root / "index.html").write_text(f"{PLAIN}<script type=module>{script}</script>")
    (root / "other.html").write_text(PLAIN)
    (root / "worklet.js").write_text(WORKLET)
    (root / "part.js").write_text("globalThis.version = 1;")
    running = server(root, *options)
    page.goto(running.url + at)
    page.wait_for_function("window.ready && window.__hotreload__?.version")
    running.wait_for(type="page", event="opened")
    return running


def reload_after(running: Server, page: Page, file: Path) -> str:
    """Saves a file; the reason that the page then gives for its reload."""
    page.evaluate("window.mark = 1")
    file.write_text(f"{file.read_text()} //")
    answer = running.wait_for(type="applied")
    assert answer["action"] == "reload", answer
    page.wait_for_function("!window.mark && window.ready")
    return str(answer["detail"])


@in_both
@pytest.mark.parametrize("script", [AUDIO, SHARED], ids=["audio worklet", "shared worker"])
def test_a_page_is_loaded_anew_when_what_it_runs_apart_changes(
    page: Page, server: Start, tmp_path: Path, script: str
) -> None:
    running = opened(page, server, tmp_path, script)

    for name in ("worklet.js", "part.js"):
        assert reload_after(running, page, tmp_path / name) == f"/{name} was modified"


@pytest.mark.parametrize("script", [PAINT, SERVICE], ids=["paint worklet", "service worker"])
def test_so_it_is_where_only_some_browsers_can(
    page: Page, server: Start, tmp_path: Path, script: str
) -> None:
    running = opened(page, server, tmp_path, script)

    for name in ("worklet.js", "part.js"):
        assert reload_after(running, page, tmp_path / name) == f"/{name} was modified"


def test_a_worker_that_was_made_of_a_text_is_followed_too(
    page: Page, server: Start, tmp_path: Path
) -> None:
    running = opened(page, server, tmp_path, TEXT)

    assert reload_after(running, page, tmp_path / "part.js") == "/part.js was modified"


@in_both
def test_a_worklet_of_a_page_whose_address_is_no_file_is_followed_too(
    page: Page, server: Start, tmp_path: Path
) -> None:
    running = opened(page, server, tmp_path, AUDIO, "--spa", at="anywhere")

    for name in ("worklet.js", "part.js"):
        assert reload_after(running, page, tmp_path / name) == f"/{name} was modified"


def test_a_page_that_does_not_run_it_stays(page: Page, server: Start, tmp_path: Path) -> None:
    running = opened(page, server, tmp_path, AUDIO)
    page.goto(f"{running.url}other")
    running.wait_for(type="page", event="opened")

    (tmp_path / "part.js").write_text("globalThis.version = 2;")

    assert running.wait_for(type="applied")["action"] == "unused"


def test_what_a_service_worker_keeps_for_other_pages_is_not_taken_for_a_part_of_it(
    page: Page, server: Start, tmp_path: Path
) -> None:
    keeping = (
        "addEventListener('install', (event) => event.waitUntil("
        "caches.open('a').then((cache) => cache.add('kept.js'))));"
    )
    (tmp_path / "kept.js").write_text("1")
    (tmp_path / "service.js").write_text(keeping)
    running = opened(page, server, tmp_path, SERVICE.replace("worklet.js", "service.js"))

    (tmp_path / "kept.js").write_text("2")

    assert running.wait_for(type="applied")["action"] == "unused"
