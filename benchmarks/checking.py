"""How many pages a second are checked, next to a bare parse and to html5lib.

    python benchmarks/checking.py FOLDER...

Prints pages a second on one core (CPU time of this process), for each folder: `hotreload check`
with one process, turbohtml alone, and html5lib on every so many pages. Before them: how many
seconds pages of 10 MB in one line take, as tools write them, with something wrong at their end.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import html5lib
import turbohtml

from hotreload.check import file_check, findings, run

ROUNDS = 3
HTML5LIB_PAGES = 20


def rate(work: Callable[[], object], pages: int) -> float:
    """Pages a second in the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return pages / best


def each(parse: Callable[[str], object], texts: Iterable[str]) -> None:
    for text in texts:
        parse(text)


def main(folder: Path) -> None:
    places = run.collect([folder])
    options = file_check.Options(frozenset(findings.RULES))
    pages = [Path(place.file) for place in places if not place.file.endswith(".css")]
    texts = [page.read_bytes().decode("utf-8", "replace") for page in pages]
    some = texts[:: max(1, len(texts) // HTML5LIB_PAGES)]
    ours = rate(lambda: run.run(places, options, jobs=1), len(texts))
    bare = rate(lambda: each(turbohtml.parse, texts), len(texts))
    other = rate(lambda: each(html5lib.parse, some), len(some))
    size = sum(map(len, texts)) / len(texts) / 1000
    found = len(run.run(places, options, jobs=1).findings)
    print(
        f"{folder.name}: {len(texts)} pages of {size:.0f} kB, {found} findings:"
        f" check {ours:.0f}, turbohtml {bare:.0f}, html5lib {other:.0f} pages a second"
    )


LINE = "<!doctype html><html><head><title>t</title></head><body>{}</i></body></html>"
LINES = {
    "picture": '<img alt="" alt="" src="data:image/png;base64,{}">'.format("A" * 10_000_000),
    "elements": "<div class=a><p>some words <b>x</b></p></div>" * 200_000,
    "nested": "<div>" * 20_000 + "some words " * 900_000 + "</div>" * 20_000,
    "script": "<script>{}</script>".format("f(a<b,'</p>');" * 700_000),
}


def lines() -> None:
    options = file_check.Options(frozenset(findings.RULES))
    for name, body in LINES.items():
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "page.html").write_text(LINE.format(body))
            start = time.process_time()
            found = run.run(run.collect([Path(folder)]), options, jobs=1).findings
            took = time.process_time() - start
            print(f"10 MB in one line, {name}: {took:.2f} s, {len(found)} findings")


lines()
for name in sys.argv[1:]:
    main(Path(name))
