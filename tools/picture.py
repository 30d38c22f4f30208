"""Draw docs/terminal.svg, what a person sees of `hotreload serve`: `python tools/picture.py`.

Knows: a real run in a pseudo-terminal, with a real page, and how a screen of characters becomes an
SVG. Refuses to know: what the command prints. Needs the development environment and Chromium.
"""

import html
import re
import shutil
import sys
import tempfile
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from support.process.pseudo import Screen, Session

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "terminal.svg"
DARK = {
    "back": "#1e1e2e", "default": "#d9dce8", "green": "#8fd18a", "red": "#f38b8b",
    "brown": "#f0c674", "cyan": "#7fc8d8", "black": "#1e1e2e", "dim": "#8a8fa8",
    "brightwhite": "#ffffff",
}  # fmt: skip
LIGHT = {
    "back": "#ffffff", "default": "#24292f", "green": "#116329", "red": "#cf222e",
    "brown": "#7d4e00", "cyan": "#1b7c83", "black": "#24292f", "dim": "#6e7781",
    "brightwhite": "#ffffff",
}  # fmt: skip
CELL, LINE, SIZE = 8.4, 19, 14  # of a character, in pixels


def main() -> None:
    """Draw the picture anew."""
    sys.path.insert(0, str(ROOT / "tests"))
    from conftest import CHROMIUM_FLAGS, chromium_path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        PICTURE.write_text(svg(shown(browser), DARK), encoding="utf-8")
    print(f"wrote {PICTURE.relative_to(ROOT)}")


def shown(browser: "Browser") -> "Screen":
    """A screen after some saves with a page open."""
    from support.process.pseudo import session

    with tempfile.TemporaryDirectory() as folder:
        site = Path(shutil.copytree(ROOT / "examples" / "site", Path(folder) / "site"))
        page = browser.new_page()
        with session("serve", "site", "--port", "0", cwd=Path(folder)) as run:
            url = run.wait_for(r"http://\S+")[0]
            run.wait_for("for help")
            with page.expect_websocket() as socket:
                page.goto(url)
            socket.value.wait_for_event("framereceived")
            save(run, site / "styles" / "colours.css", "\nbody { color: navy }\n", "css")
            save(run, site / "index.html", "<p>More to read.\n", "html")
            wrong = "\nsetTimeout(() => document.querySelector('#cart').remove(), 500);\n"
            save(run, site / "scripts" / "uptime.js", wrong, "reload")
            run.wait_for(r"uptime\.js:\d+\)")
        page.close()
        return run.screen


def words(picture: str) -> list[str]:
    """What stands in a picture, without the numbers, which no two runs have in common."""
    return [re.sub(r"\d+", "0", word) for word in re.findall(r">([^<>\n]+)</text>", picture)]


def save(run: "Session", file: Path, more: str, action: str) -> None:
    """Appends to a file, and waits until it is told what became of it."""
    with file.open("a") as out:
        out.write(more)
    run.wait_for(rf"{re.escape(file.name)} +{action}")


def svg(screen: "Screen", palette: dict[str, str]) -> str:
    """The screen as an SVG."""
    lines = screen.display
    rows = max(number for number, line in enumerate(lines, 1) if line.strip())
    width, height = round(screen.columns * CELL) + 24, rows * LINE + 24
    texts = [_row(screen, number, palette) for number in range(rows)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" font-size="{SIZE}"'
        ' font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace">\n'
        f'<rect width="{width}" height="{height}" rx="8" fill="{palette["back"]}"/>\n'
        f'<g xml:space="preserve">\n{"".join(texts)}</g>\n</svg>\n'
    )


def _row(screen: "Screen", number: int, palette: dict[str, str]) -> str:
    cells = [screen.buffer[number][column] for column in range(screen.columns)]
    runs = []
    for style, group in groupby(enumerate(cells), lambda one: (one[1].fg, one[1].bg, one[1].bold)):
        found = list(group)
        text = "".join(cell.data or " " for _, cell in found)
        fg, bg, bold = style
        x, y = found[0][0] * CELL + 12, number * LINE + 26
        if bg != "default":
            colour = palette.get(bg, bg)
            box = f'x="{x:.1f}" y="{y - 15}" width="{len(found) * CELL:.1f}" height="{LINE + 0.5}"'
            runs.append(f'<rect {box} fill="{colour}"/>\n')
        weight = ' font-weight="bold"' if bold else ""
        for word in re.finditer(r"\S+", text):
            start, length = x + word.start() * CELL, len(word[0]) * CELL
            runs.append(
                f'<text x="{start:.1f}" y="{y}" fill="{palette.get(fg, fg)}"{weight}'
                f' textLength="{length:.1f}">{html.escape(word[0])}</text>\n'
            )
    return "".join(runs)


if __name__ == "__main__":
    main()
