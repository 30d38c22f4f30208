"""A real Firefox for tests that are written for Playwright, which drives only a Firefox of its own.

Knows: the few of Playwright's methods that these tests call, by their names there. Refuses to know:
how Firefox is driven; that is `injector/tests/firefox.mjs`, a process that this one talks to.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import pytest

from support.process.commands import CHECKOUT

BRIDGE = CHECKOUT / "injector" / "tests" / "firefox.mjs"
PATIENCE = 10_000.0  # milliseconds, as everywhere in Playwright


class FirefoxError(Exception):
    """What Firefox, or a page in it, has answered instead of a value."""


class Firefox:
    """One running Firefox."""

    def __init__(self) -> None:
        self._bridge = subprocess.Popen(
            [shutil.which("node") or "node", BRIDGE, firefox_path()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self.version: str = self._answer()

    def ask(self, act: str, on: int | None = None, *words: object) -> Any:
        assert self._bridge.stdin
        what = {"act": act, "with": words} | ({} if on is None else {"on": on})
        self._bridge.stdin.write(json.dumps(what) + "\n")
        self._bridge.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._bridge.stdout
        line = self._bridge.stdout.readline()
        if not line:
            raise FirefoxError(f"Firefox has ended with status {self._bridge.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise FirefoxError(answer["error"])
        return answer.get("value")

    def new_context(self) -> "Context":
        return Context(self)

    def new_page(self) -> "Page":
        return self.new_context().new_page()

    def close(self) -> None:
        self._bridge.communicate()


class Context:
    """Pages with a cache and a storage of their own.

    Attributes:
        pages: those that must be left before they can be closed: none.
    """

    pages = ()

    def __init__(self, firefox: Firefox) -> None:
        self.firefox = firefox
        self.patience = PATIENCE
        self._number: int = firefox.ask("context")
        self._hear: Callable[[Any], None] = lambda error: None

    def set_default_timeout(self, milliseconds: float) -> None:
        self.patience = milliseconds

    def add_init_script(self, script: str) -> None:
        self.firefox.ask("script", self._number, script)

    def on(self, event: str, hear: Callable[[Any], None]) -> None:
        """Errors in the pages are told when the context is closed."""
        assert event == "weberror"
        self._hear = hear

    def new_page(self) -> "Page":
        return Page(self, self.firefox.ask("page", self._number))

    def close(self) -> None:
        for error in self.firefox.ask("close", self._number):
            self._hear(SimpleNamespace(error=error))


class Page:
    """One tab."""

    def __init__(self, context: Context, number: int) -> None:
        self.context = context
        self._number = number

    def _ask(self, act: str, *words: object) -> Any:
        return self.context.firefox.ask(act, self._number, *words)

    @property
    def url(self) -> str:
        return str(self._ask("url"))

    @cached_property
    def keyboard(self) -> Any:
        return SimpleNamespace(press=lambda keys: self._ask("press", keys))

    def goto(self, url: str) -> None:
        self._ask("goto", url, "load", self.context.patience)

    def reload(self) -> None:
        self._ask("reload", self.context.patience)

    def go_back(self, *, wait_until: str) -> None:
        """Without waiting for where that leads."""
        assert wait_until == "commit"
        self._ask("back")

    def evaluate(self, expression: str, argument: object = None) -> Any:
        return self._ask("evaluate", expression, argument)

    def wait_for_function(self, expression: str) -> None:
        self._ask("wait", expression, self.context.patience)

    def wait_for_load_state(self, state: str = "load") -> None:
        if state == "networkidle":
            self._ask("idle", self.context.patience)
        else:
            self.wait_for_function("document.readyState === 'complete'")

    def locator(self, selector: str) -> Any:
        return SimpleNamespace(
            click=lambda: self._ask("click", selector),
            focus=lambda: self._ask("focus", selector),
            press_sequentially=lambda text: self._ask("type", selector, text),
        )

    def input_value(self, selector: str) -> Any:
        return self.evaluate(f"document.querySelector({selector!r}).value")

    def wait_for_timeout(self, milliseconds: float) -> None:
        self.evaluate(f"new Promise((done) => setTimeout(done, {milliseconds}))")

    def fill(self, selector: str, text: str) -> None:
        self._ask("fill", selector, text)

    def close(self) -> None:
        self._ask("close")


def firefox_path() -> str:
    names = ("firefox-esr", "firefox")
    found = os.environ.get("FIREFOX") or next(filter(None, map(shutil.which, names)), None)
    return found or pytest.fail("no Firefox: install it, or set FIREFOX to its path")
