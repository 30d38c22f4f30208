"""What an edit of a large page costs in the browser, also where scripts have changed the page.

    python benchmarks/pages.py [NODES...]

For each shape and number of nodes, in Chromium: the picture of the page that is taken when it is
quiet, the comparison of that with the source, the first and a second edit of a heading. Each is one
task, in which the page can do nothing else; medians of three, in milliseconds. "reload" is a
comparison that was given up. Uses what the tests use: run it with their Python.
"""

import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "browser" / "html"))

from conftest import CHROMIUM_FLAGS, chromium_path
from playwright.sync_api import Page, sync_playwright
from support.browser.pair_server import Web
from test_html_large import SHAPES

SIZES = (1_000, 10_000, 40_000, 100_000)
ROUNDS = 3
RUN = """async ([source, live]) => {
  const { track } = await import('/src/html/html.js');
  const { Snapshot } = await import('/src/html/snapshot.js');
  new Function(live)();
  const times = [];
  const timed = (task) => {
    const start = performance.now();
    const made = task();
    times.push(performance.now() - start);
    return made;
  };
  try {
    const snapshot = timed(() => new Snapshot());
    const tracker = timed(() => track(source, { snapshot }));
    timed(() => tracker.patch(source.replace('Old', 'New')));
    timed(() => tracker.patch(source.replace('Old', 'Newer')));
  } catch (error) {
    if (!/too large/.test(error.message)) throw error;
  }
  return times;
}"""
ROW = "{:18}{:>9}{:>10}{:>10}{:>12}{:>13}"


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:]] or SIZES
    web = Web()
    print(ROW.format("page", "nodes", "picture", "compare", "first edit", "second edit"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        for name in SHAPES:
            for nodes in sizes:
                rounds = [measure(browser.new_page(), web, name, nodes) for _ in range(ROUNDS)]
                print(ROW.format(name, nodes, *medians(rounds)), flush=True)
        browser.close()
    web.close()


def measure(page: Page, web: Web, name: str, nodes: int) -> list[float]:
    shape = SHAPES[name]
    body = f"<h1>Old</h1>{shape.body(nodes // 2)}"  # each is an element and its text
    source = f"<!doctype html><html><head><title>t</title></head><body>{body}</body></html>"
    web.pages["/large"] = ("text/html; charset=utf-8", source, {})
    page.goto(f"{web.origin}/large")
    times: list[float] = page.evaluate(RUN, [source, shape.live])
    page.close()
    return times


def medians(rounds: list[list[float]]) -> list[str]:
    columns = [[times[i] for times in rounds if len(times) > i] for i in range(4)]
    return [f"{statistics.median(each):.0f}" if each else "reload" for each in columns]


if __name__ == "__main__":
    main()
