"""What many tests share: a site to edit, the real command serving it, a page in a real browser.

Nothing here is automatic: a test that asks for none of it starts neither a process nor a browser.
"""

import asyncio
import json
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from support.browser.firefox import Firefox
from support.browser.tabs import close
from support.process.commands import CHECKOUT
from support.process.forking import ForkedCommand

pytest_plugins = [
    "support.process.overtime",
    "support.browser.client_page",
    "support.security.attacked",
    "support.security.foreign_pages",
    "support.browser.patched_page",
]

NIGHTLY = os.environ.get("HOTRELOAD_TESTS") == "nightly"
PATIENCE = (
    10.0  # seconds; for what takes milliseconds, on a machine that is busy with something else
)

TESTS = Path(__file__).parent
# Which tests run again when they fail, and why: on a machine that is busy with something else
# these miss their time. All others get one try.
MAY_RUN_AGAIN = {
    "browser": "a browser draws, parses and collects garbage when it likes",
    "lend": "the same",
    "server": "a process starts, reads files and answers in ten seconds, or the test gives up",
    "victim": "the same",
}
TIMED = {
    "watch": "events of files arrive late, and a watcher may take two saves for one",
    "process": "a command has thirty seconds, and a terminal twenty",
    "server": "a process answers in ten seconds, or the test gives up",
    "security": "the same",
}

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE *localhost",
]


def pytest_configure(config: pytest.Config) -> None:
    # What a shell runs in the background ignores Ctrl-C, and so would all that the tests start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGQUIT"):
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    # Servers leave word there of where they run, for the commands that look for them.
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp()
    # What the person who runs them has configured, and trusts, is nothing to the tests.
    os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp()
    # Time says nothing on a busy machine. By default a quarter of the examples is tried.
    settings.register_profile("nightly", deadline=None)
    settings.register_profile("default", deadline=None, max_examples=25)
    settings.load_profile("nightly" if NIGHTLY else "default")
    for marker in (
        "page_errors: errors in the page are what this test is about",
        "nightly: runs in the nightly profile only",
        "firefox: runs in Firefox by default too, not only in the nightly profile",
    ):
        config.addinivalue_line("markers", marker)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what is for the nightly profile to it, and let some of the others run again.

    What had to run again is named at the end of the run. In the nightly profile nothing runs again.
    """
    if NIGHTLY:
        return
    left = [item for item in items if is_nightly(item)]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in set(left)]
    for item in items:
        if MAY_RUN_AGAIN.keys() & set(getattr(item, "fixturenames", ())) or is_timed(item):
            item.add_marker(pytest.mark.flaky(reruns=2))


def is_timed(item: pytest.Item) -> bool:
    """Whether a test stands in a folder whose tests wait for processes or for events of files."""
    return bool(TIMED.keys() & set(item.path.relative_to(TESTS).parts))


def is_nightly(item: pytest.Item) -> bool:
    """Whether a test is marked so, or is for Firefox and not marked to run there by default."""
    given = getattr(item, "callspec", None)
    is_firefox = given is not None and given.params.get("engine") == "firefox"
    return bool(item.get_closest_marker("nightly")) or (
        is_firefox and not item.get_closest_marker("firefox")
    )


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A copy of examples/site, to be edited."""
    return Path(shutil.copytree(CHECKOUT / "examples" / "site", tmp_path / "site"))


@pytest.fixture
def own_runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No server of other tests, nor of the person who runs them, is found."""
    folder = tmp_path / "runtime"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))


class Server:
    """`hotreload serve` in a process of its own, and the events that it prints with --json.

    Attributes:
        url: its address, as `http://127.0.0.1:PORT/`.
        port: that port.
        process: the running process; its standard error goes to the test's own.
        lines: every event so far, oldest first.
    """

    def __init__(
        self,
        root: Path,
        *options: str,
        port: int = 0,
        cwd: Path = CHECKOUT,
        program: Sequence[str] = (),
    ) -> None:
        """Start it, and wait until it is ready.

        Args:
            root: the folder that it serves.
            options: of the command.
            port: that it listens on.
            cwd: its working directory.
            program: that is run instead of the command.
        """
        words = ["serve", str(root), "--port", str(port), "--json", *options]
        ours, theirs = os.pipe()
        self.process: subprocess.Popen[bytes] | ForkedCommand = (
            subprocess.Popen([*program, *words], cwd=cwd, stdout=theirs)
            if program
            else ForkedCommand(words, cwd, os.environ, theirs)
        )
        os.close(theirs)
        self._output = open(ours, encoding="utf-8")  # noqa: SIM115 - closed when it has ended
        self.lines: list[dict[str, Any]] = []
        self._unread: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.url: str = self._ready()["url"]
        self.port = urlsplit(self.url).port or 0

    def _ready(self) -> dict[str, Any]:
        try:
            return self.wait_for(type="ready", timeout=6 * PATIENCE)
        except BaseException:
            self.kill()
            raise

    def _read(self) -> None:
        try:
            for line in self._output:
                event = json.loads(line)
                self.lines.append(event)
                self._unread.put(event)
        finally:
            self._unread.put(None)

    def wait_for(self, *, timeout: float = PATIENCE, **wanted: Any) -> dict[str, Any]:
        """The next event with these fields; events before it are passed over.

        As in `server.wait_for(type="applied", action="css")`.
        """
        deadline = time.monotonic() + timeout
        while event := self._next(deadline, wanted):
            if wanted.items() <= event.items():
                return event
        self._unread.put(None)
        pytest.fail(f"the server ended before an event {wanted}; its events: {self.lines}")

    def _next(self, deadline: float, wanted: dict[str, Any]) -> dict[str, Any] | None:
        try:
            return self._unread.get(timeout=max(0, deadline - time.monotonic()))
        except queue.Empty:
            pytest.fail(f"no event {wanted} in time; events so far: {self.lines}")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end, wait until it did, and give its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self._ended()

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self._ended()

    def _ended(self) -> int:
        status = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        self._output.close()
        return status


@pytest.fixture
def server(site: Path) -> Iterator[Callable[..., Server]]:
    """Start servers: `server()` serves `site`, `server(root, "--poll", port=8000)` does as told."""
    running: list[Server] = []

    def start(root: Path = site, *options: str, **more: Any) -> Server:
        running.append(Server(root, *options, **more))
        return running[-1]

    yield start
    for each in running:
        each.kill()


@pytest.fixture(scope="session")
def chromium() -> Iterator[tuple[Browser, asyncio.AbstractEventLoop]]:
    """One Chromium for the whole run, and the event loop that Playwright drives it with."""
    playwright: Playwright = sync_playwright().start()
    loop = asyncio.get_running_loop()
    browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
    asyncio._set_running_loop(None)
    yield browser, loop
    asyncio._set_running_loop(loop)
    browser.close()
    playwright.stop()


def chromium_path() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    return found or pytest.fail("no Chromium: install it, or set CHROMIUM to its path")


@pytest.fixture(scope="session")
def firefox() -> Iterator[Firefox]:
    """One Firefox for the whole run."""
    firefox = Firefox()
    yield firefox
    firefox.close()


@pytest.fixture(scope="session")
def engine() -> str:
    """The browser for this test; a module that is for both says `engine = both_engines`."""
    return "chromium"


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def both_engines(request: pytest.FixtureRequest) -> str:
    """All tests of a module in both browsers."""
    return str(request.param)


Lend = Callable[[str], AbstractContextManager[Browser]]


@pytest.fixture(scope="session")
def lend(request: pytest.FixtureRequest) -> Lend:
    """Either browser, for a while.

    Playwright's loop counts as running in this thread from its first call on, which would forbid
    `asyncio.run` to every later test. So it is running only while somebody has Chromium.
    """

    @contextmanager
    def lent(engine: str) -> Iterator[Browser]:
        if engine == "firefox":
            yield request.getfixturevalue("firefox")
            return
        browser, loop = request.getfixturevalue("chromium")
        asyncio._set_running_loop(loop)
        yield browser
        asyncio._set_running_loop(None)

    return lent


@pytest.fixture
def browser(lend: Lend, engine: str) -> Iterator[Browser]:
    """The browser, for this test."""
    with lend(engine) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page with nothing cached; errors in it fail the test, unless it is marked `page_errors`."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE * 1000)
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    yield context.new_page()
    close(context)
    if not request.node.get_closest_marker("page_errors"):
        assert errors == []
