"""A page of the world in Chromium, on a network of its own.

Knows: what can be seen of the world's files in a browser, and what of that the disk allows. Refuses
to know: how the page gets there; it asks neither the client nor the server, it only listens.
"""

import re
import time
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Error

from support.browser.cable import Cable
from support.browser.tabs import again_while_it_fails, close
from support.saves.wire_page import expected
from support.saves.world import SHEETS, Act

# The document that nothing has come of, or nothing after it: not even the client; else 0.
LEFT_ALONE = """location.protocol === "chrome-error:" ||
  (document.readyState === "complete" && !("__hotreload__" in window))
    ? performance.timeOrigin : 0"""
# The client may come so much later than all else of a page, in seconds.
LATE = 0.5
# The client tells the page of what it has done, and of a full reload before it.
ACTED = "hotreload acted"
TELL_ACTS = """
  for (const type of ["before", "after"])
    addEventListener(`hotreload:${type}-update`, ({ detail: { action, urls } }) => {
      if (action !== "unused" && (type === "before") === (action === "reload"))
        console.debug("hotreload acted", action, ...urls);
    }, true);
"""
SHOWN = """() => {
  const style = getComputedStyle(document.documentElement);
  const shown = { text: document.querySelector("#v")?.textContent ?? "", app: String(window.app ?? "") };
  for (const name of ["style", "own", "part", "extra"]) shown[name] = style.getPropertyValue(`--${name}`).trim();
  shown.pic = String(document.images[0]?.complete ? document.images[0].naturalWidth : "");
  return shown;
}"""  # noqa: E501 - JavaScript


class Tab:
    """A page in Chromium, on a network of its own."""

    def __init__(self, browser: Browser, port: int, path: str) -> None:
        self._cable = Cable(port)
        self._context = browser.new_context(service_workers="block")
        self._page = self._context.new_page()
        self._cdp = self._context.new_cdp_session(self._page)
        self.path = path
        self.reloads = 0
        self.acts: list[Act] = []
        self._context.add_init_script(TELL_ACTS)
        self._page.on("console", self._note)
        self._alone = (0.0, 0.0)
        self._page.goto(f"http://127.0.0.1:{self._cable.port}{path}")

    def __repr__(self) -> str:
        return f"{self.path} showing {self._shown()}"

    def _note(self, message: ConsoleMessage) -> None:
        if message.text.startswith(ACTED):
            action, *urls = message.text.removeprefix(ACTED).split()
            self.acts.append((action, urls))

    def equals(self, root: Path) -> bool:
        shown, wanted = self._shown(), seen(root, self.path)
        if shown is None:
            return False
        if "" in wanted["app"]:
            shown["app"] = ""  # a script's tag can go in place, and what the script did stays
        return all(value in wanted[name] for name, value in shown.items())

    def _shown(self) -> dict[str, str] | None:
        with suppress(Error):  # it is being loaded
            document = self._page.evaluate(LEFT_ALONE)
            if document != self._alone[0]:
                self._alone = document, time.monotonic()
            elif document and time.monotonic() - self._alone[1] > LATE:
                self.reloads += 1  # the server went just then: a person has to do it
                # Chromium may go on with a cached sheet that is answered with 404 now.
                self._cdp.send("Page.reload", {"ignoreCache": True})
                self._alone = document, time.monotonic()  # it goes on for a moment
            shown: dict[str, str] = self._page.evaluate(SHOWN)
            return shown
        return None

    def drop(self) -> None:
        """The page's life goes on without its sockets for a moment."""
        self._cable.cut()
        self._cable.mend()

    def freeze(self, *, asleep: bool) -> None:
        self._live("freeze")
        if asleep:
            self._cable.cut()

    def resume(self) -> None:
        self._cable.mend()
        self._live("resume")

    def _live(self, event: str) -> None:
        """Tell the page as the browser does: without a window Chromium freezes nothing itself."""
        script = f"document.dispatchEvent(new Event('{event}'))"
        again_while_it_fails(lambda: self._page.evaluate(script))

    def close(self) -> None:
        close(self._context)
        self._cable.close()


def seen(root: Path, path: str) -> dict[str, set[str]]:
    """What `SHOWN` may tell of a page that was loaded from the disk now.

    A renamed style sheet sets what it set under its old name. Which of two that set the same comes
    later is not looked at.
    """
    used = expected(root, path)
    texts = {Path(url).stem: (root / url[1:]).read_text() for url, had in used.items() if had}
    number = re.search(r">(v\d+)</p>", texts.get("index", ""))
    app = re.search(r"\d+", texts.get("app", ""))
    pic = re.search(r'width="(\d+)"', texts.get("pic", ""))
    shown = {"text": {number[1] if number else ""}, "app": {app[0] if app else ""}}
    sheets = "".join(text for name, text in texts.items() if name in SHEETS)
    for name in SHEETS:
        shown[name] = set(re.findall(rf"--{name}: (v\d+)", sheets)) or {""}
    has_picture = any(url.endswith("/pic.svg") for url in used)
    shown["pic"] = {pic[1] if pic else ("0" if has_picture else "")}
    return shown
