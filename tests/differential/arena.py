"""Chromium with pairs of tabs: in one a page is edited, in the other the edited page is loaded.

Knows: how tabs are opened, loaded and asked, and that a page may hang its tab. Refuses to know:
what the tabs are asked for.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from conftest import CHROMIUM_FLAGS, chromium_path
from playwright.async_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    Playwright,
    ViewportSize,
    async_playwright,
)

from differential.served import Served

JUDGE = Path(__file__).with_name("judge.js")
SIZE: ViewportSize = {"width": 1000, "height": 800}
PATIENCE = 20.0


class Hangs(Exception):
    """The page in a tab does not answer any more."""


class Tab:
    """A tab that loads one page after the other."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self._context = context
        self.origin = origin
        self._page: Page | None = None

    async def open(self, path: str) -> None:
        """Begin to load a page; whatever the tab is asked then waits for it."""
        self._page = self._page or await self._context.new_page()
        for attempt in range(20):
            try:
                await self._page.goto(self.origin + path, wait_until="commit")
            except Error as error:
                # The page before reloads itself just now.
                if "interrupted" not in str(error) and "ERR_ABORTED" not in str(error):
                    raise
                await asyncio.sleep(0.02 * attempt)
            else:
                return

    async def ask(self, what: str, *values: Any) -> Any:
        """What one of the judge's functions answers in this page."""
        if not self._page:
            raise RuntimeError("no page was opened")
        call = f"(values) => window[Symbol.for('judge')].{what}(...values)"
        try:
            return await asyncio.wait_for(self._page.evaluate(call, list(values)), PATIENCE)
        except TimeoutError:
            raise Hangs(f"{self.origin} hangs in {what}") from None

    async def leave(self) -> None:
        """Take another page for what is opened next: this one may hang for good."""
        if self._page:
            asyncio.get_running_loop().create_task(self._page.close())
        self._page = None


class Restless(Exception):
    """A page that comes to no end of its own tells nothing."""


@dataclass
class Pair:
    """A tab in which a page is edited, and one in which the edited page is loaded."""

    live: Tab
    fresh: Tab

    async def each(self, what: str, *values: Any) -> list[Any]:
        return await asyncio.gather(
            *(getattr(tab, what)(*values) for tab in (self.live, self.fresh))
        )

    async def both(self, what: str, *values: Any) -> list[Any]:
        """What the live page answers, and what the fresh one does."""
        answers = await self.each("ask", what, *values)
        if what in {"rest", "loaded", "act"} and any(answers):
            raise Restless("; ".join(answers))
        return answers

    async def leave(self) -> None:
        await self.each("leave")


class Arena:
    """The servers, the browser, and as many pairs of tabs as are wanted."""

    def __init__(self, folder: Path) -> None:
        self.site = Served(folder / "site")
        self.plain = Served(folder / "plain")
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    async def __aenter__(self) -> Self:
        await asyncio.gather(self.site.start(), self.plain.start("--no-inject"))
        self._playwright = await async_playwright().start()
        self._browser = await self._playwright.chromium.launch(
            executable_path=chromium_path(), args=CHROMIUM_FLAGS
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._browser:
            await self._browser.close()
        if self._playwright:
            await self._playwright.stop()
        await asyncio.gather(self.site.stop(), self.plain.stop())

    async def pair(self) -> Pair:
        return Pair(await self._tab(self.site), await self._tab(self.plain))

    async def _tab(self, served: Served) -> Tab:
        if not self._browser:
            raise RuntimeError("the arena is closed")
        context = await self._browser.new_context(
            viewport=SIZE, reduced_motion="reduce", service_workers="block"
        )
        await context.add_init_script(path=JUDGE)
        return Tab(context, served.url)
