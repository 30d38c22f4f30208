"""Chromium that resolves a name to this machine, as a tunnel or an attacker has it resolved."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from conftest import CHROMIUM_FLAGS, PATIENCE, chromium_path
from playwright.sync_api import Browser, Page

from support.browser.tabs import close

_FLAGS = [flag for flag in CHROMIUM_FLAGS if "host-resolver-rules" not in flag]


@contextmanager
def chromium_with(
    chromium: tuple[Browser, asyncio.AbstractEventLoop], rules: str
) -> Iterator[Browser]:
    """A Chromium of its own that resolves names by these rules.

    Args:
        chromium: the one of the whole run, and the loop that drives both.
        rules: as the flag --host-resolver-rules takes them.
    """
    browser, loop = chromium
    asyncio._set_running_loop(loop)
    launched = browser.browser_type.launch(
        executable_path=chromium_path(), args=[*_FLAGS, f"--host-resolver-rules={rules}"]
    )
    asyncio._set_running_loop(None)
    yield launched
    asyncio._set_running_loop(loop)
    launched.close()
    asyncio._set_running_loop(None)


@contextmanager
def page_of(browser: Browser) -> Iterator[Page]:
    """A page of it with nothing cached."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE * 1000)
    yield context.new_page()
    close(context)
