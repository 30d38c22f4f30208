"""Draw docs/flows/*.svg from the texts beside them: `.venv/bin/python tools/flows.py`.

Knows: how Mermaid draws a text, and the colours of a picture, light and dark. Refuses to know: what
a flow says. Needs the development environment, `npm --prefix injector ci`, and Chromium.
"""

import re
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
FLOWS = ROOT / "docs" / "flows"
MERMAID = ROOT / "injector" / "node_modules" / "mermaid" / "dist" / "mermaid.min.js"
# Of a picture: the width at which GitHub shows a page, and the space around what is drawn.
WIDTH, MARGIN = 850, 12
FONT = "Verdana, 'DejaVu Sans', sans-serif"  # the same widths nearly everywhere
LIGHT = {
    "back": "#ffffff", "text": "#1f2328", "node": "#f1f5fb", "border": "#8fa3bf",
    "line": "#57606a",
}  # fmt: skip
DARK = {
    "back": "#161b22", "text": "#e6edf3", "node": "#21303f", "border": "#5b7391",
    "line": "#9aa7b4",
}  # fmt: skip
RULES = """
  .back {{ fill: {back}; }}
  text, tspan, .node text, text.actor > tspan, .messageText, .loopText, .loopText > tspan,
  .labelText, .labelText > tspan {{ fill: {text}; stroke: none; }}
  .messageText, .loopText, .loopText > tspan, .sectionTitle, .sectionTitle > tspan {{
    paint-order: stroke; stroke: {back}; stroke-width: 5px; stroke-linejoin: round; }}
  .cluster rect {{ fill: none; stroke: {border}; stroke-dasharray: 4 4; }}
  .node rect, .node path, .node circle, .node polygon, rect.actor {{
    fill: {node}; stroke: {border}; }}
  .flowchart-link, .messageLine0, .messageLine1, .actor-line {{ stroke: {line}; fill: none; }}
  .loopLine {{ stroke: {line}; fill: none; }}
  .labelBox {{ fill: {node}; stroke: {line}; }}
  .marker, .marker path, marker path, .arrowheadPath {{ fill: {line}; stroke: {line}; }}
  .edgeLabel rect, .edgeLabel .background {{ fill: {back}; opacity: 1; }}
"""


def main() -> None:
    """Draw each flow anew."""
    sys.path.insert(0, str(ROOT / "tests"))
    from conftest import CHROMIUM_FLAGS, chromium_path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport={"width": WIDTH, "height": 800})
        page.add_script_tag(path=MERMAID)
        for source in sorted(FLOWS.glob("*.mmd")):
            picture = source.with_suffix(".svg")
            picture.write_text(svg(page, source), encoding="utf-8")
            print(f"wrote {picture.relative_to(ROOT)}")
        browser.close()


def mark(source: Path) -> str:
    """What a picture says of the text that it was drawn from."""
    return f"drawn from {source.name}, sha256 {sha256(source.read_bytes()).hexdigest()}"


def svg(page: "Page", source: Path) -> str:
    """The picture of a text."""
    name = f"flow-{source.stem}"
    drawn: dict[str, Any] = page.evaluate(DRAW, [name, source.read_text(encoding="utf-8"), FONT])
    x, y, width, height = (drawn["box"][key] for key in ("x", "y", "width", "height"))
    left, top = x - MARGIN, y - MARGIN
    width, height = width + 2 * MARGIN, height + 2 * MARGIN
    box = f'x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" height="{height:.0f}"'
    return (
        f'<svg id="{name}" xmlns="http://www.w3.org/2000/svg" role="img" width="{width:.0f}"'
        f' height="{height:.0f}" viewBox="{left:.0f} {top:.0f} {width:.0f} {height:.0f}">\n'
        f"<!-- {mark(source)} -->\n<style>\n{drawn['style']}{style(name)}</style>\n"
        f'<rect class="back" {box} rx="8"/>\n{_short(drawn["inside"])}\n</svg>\n'
    )


def _short(markup: str) -> str:
    """The same with numbers of a tenth of a pixel."""
    return re.sub(r"-?\d+\.\d{2,}", lambda number: f"{float(number[0]):.1f}", markup)


def style(name: str) -> str:
    """The colours of a picture, which follow those of the reader."""
    dark = "@media (prefers-color-scheme: dark) {" + _within(name, RULES.format(**DARK)) + "}\n"
    return _within(name, RULES.format(**LIGHT)) + dark


def _within(name: str, rules: str) -> str:
    """Rules that win over Mermaid's own."""
    rules = re.sub(r"\s+", " ", rules)

    def scoped(rule: re.Match[str]) -> str:
        selectors = [f"#{name}#{name} {one.strip()}" for one in rule[1].split(",")]
        return ", ".join(selectors) + f" {{{rule[2]}}}\n"

    return re.sub(r"([^{}]+)\{([^}]*)\}", scoped, rules)


# Draws a text; gives what is inside of the picture, its style sheet, and its box.
DRAW = """
async ([name, text, font]) => {
  mermaid.initialize({
    startOnLoad: false, deterministicIds: true, deterministicIDSeed: name, theme: "base",
    htmlLabels: false, handDrawnSeed: 1, fontFamily: font,
    themeVariables: { fontFamily: font, fontSize: "14px", background: "transparent" },
    flowchart: { htmlLabels: false, nodeSpacing: 20, rankSpacing: 32, padding: 8, curve: "basis" },
    sequence: { mirrorActors: false, actorFontSize: 14, messageFontSize: 14, noteFontSize: 14,
      actorFontFamily: font, messageFontFamily: font, width: 140, height: 36, actorMargin: 50,
      diagramMarginX: 4, diagramMarginY: 4,
      boxMargin: 8, messageMargin: 30, useMaxWidth: false },
  });
  const { svg } = await mermaid.render(name, text);
  document.body.innerHTML = svg;
  const drawn = document.querySelector("svg");
  const sheet = drawn.querySelector("style");
  const rules = sheet.textContent;
  sheet.remove();
  const { x, y, width, height } = drawn.viewBox.baseVal;
  for (const line of drawn.querySelectorAll(".actor-line")) line.setAttribute("y2", y + height);
  const markup = [...drawn.childNodes].map((node) => new XMLSerializer().serializeToString(node));
  return { style: rules, box: { x, y, width, height }, inside: markup.join("") };
}
"""


if __name__ == "__main__":
    main()
