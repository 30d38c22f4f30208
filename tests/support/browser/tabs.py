"""How tabs are closed whatever their pages are at.

Knows: what Chromium does not take at such a moment. Refuses to know: what is in the pages.
"""

import time
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Error

PATIENCE = 10.0  # seconds


def close(context: BrowserContext) -> None:
    """Chromium loses the order to close a tab whose page is just reloading."""
    for page in context.pages:
        again_while_it_fails(lambda page=page: page.goto("about:blank"))
    context.close()


def again_while_it_fails(do: Callable[[], object]) -> None:
    """What a navigation of the page's own has come between."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            do()
        except Error:
            if time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return
