"""Write docs/updates.md from the cases of the tests: `.venv/bin/python tools/updates.py`.

Knows: how the table of updates in the page is laid out. Refuses to know: the cases, which are the
tests' own: what stands in the table was asserted in real browsers.
"""

# ruff: noqa: E501  a row of a table stands in one line
import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "updates.md"
HEAD = """# What a save does to an open page

Every line is a case that a test runs in Chromium and in Firefox: it makes the change on one side of
an open page, and looks at what the page then shows and at what it kept. This page is written from
those tests by `tools/updates.py`.

## What reloads, and why

What is done in place leaves the page as a fresh load of the new file would be, in the same state.
A page without scripts is always patched in place. Scripts may have read the page: where it is not
certain that a script has made nothing of what changes, the page reloads, lands where it was, and
the terminal says why.

| the change | is made in place | reloads the page |
|---|---|---|
| a script | that is new, when no other comes after it; that is only indented otherwise | that ran and is changed, gone or moved; that is new and waits for the page to load |
| a text | that scripts left alone | that scripts rewrote, copied (a table of contents), sorted or moved; that a script reads by name; a number, where scripts have drawn or written numbers; a text with signs such as `$`, where scripts rewrite texts |
| `style`, `class`, a style sheet | always; a class that only style sheets know | a class that a script mentions, or whose elements scripts have changed |
| an attribute | that the browser acts on | that only scripts read (`hx-*`, `x-*`, `v-*`, `data-*` that no style sheet selects); that scripts have written or copied; a name that a script mentions; what a custom element does not observe |
| a template, `<pre>`, `<textarea>`, `<noscript>`, `<meta>`, a hidden field, data in a script | where no script can have read it | where one may have |
| `onload` of the body or a picture | never | always: it has run |
| an element that comes, goes, moves | that no script of the page mentions, nor what it is in | that one mentions; that is like one that scripts have changed; every one, where a library or a script of another site is loaded, which may look at all of the page |
| a canvas | its style | its size |
| the file of a page that scripts have replaced (`pushState`, Turbo, `hx-boost`) | nothing in it: it is not shown; where the server answers the new address with the same file (`--spa`), or with none, as ever | when another page has stood there since it was loaded: on its next change, or on the way back to it |
| the file of the page that scripts have put in its place | never | always |
| a style sheet or picture of a document without an address: written by a script, a blob, `srcdoc`, to any depth and in open shadow roots | as in a page | another file of it: the frame, if it has an `srcdoc`, else the page |
| a script of a worker, an audio or paint worklet, a service worker, and what it imports | never | every page that runs it; every open page, where the browser says of nobody that it asked |
| a very large page | up to some hundred thousand steps of comparison | beyond that |

What scripts have done is seen in the page, and what they mention is read in their text. Not known:
a script that has copied what `getComputedStyle` said, or has measured the layout, or has drawn a
picture on a canvas, before a style sheet or the picture changed; and one that decides by a text what it does to an element
without reading it by a name. `data-hotreload="reload"` on an element makes each change in it a
reload. Not found: a window of `window.open("")` that the page keeps in no global variable, for
browsers list none, and what is in a sandboxed `srcdoc` or a closed shadow root. In Firefox nobody
tells who runs what a worker imports that was made of a text.
"""

Row = tuple[str, str, str]


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(page(), encoding="utf-8")


def page() -> str:
    """The whole page, from the tests' cases."""
    sys.path[:0] = [str(ROOT / "tests" / each) for each in ("", "browser/css", "browser/media")]
    import html_pairs
    import test_css_loading
    import test_css_places
    import test_css_update
    import test_image_update
    import test_media_update

    sheets = [*test_css_update.CASES, *test_css_places.CASES, *test_css_loading.CASES]
    media = [*test_image_update.CASES, *test_media_update.CASES]
    parts = [
        HEAD,
        *section("HTML: a three-way patch", html_pairs.rows()),
        *section("Style sheets: rules in place", sheets),
        *section("Images, fonts and media", media),
    ]
    return "\n".join(parts)


def section(title: str, rows: Iterable[Row]) -> list[str]:
    """A heading, and a table for each group of cases."""
    parts = [f"## {title}\n"]
    ordered = sorted(rows, key=lambda row: row[0])
    for group, cases in groupby(ordered, key=lambda row: row[0]):
        lines = [f"| {cell(case)} | {cell(kept)} |" for _, case, kept in cases]
        heading = ["| the change | what is kept |", "|---|---|"]
        parts.append("\n".join([f"### {group.capitalize()}\n", *heading, *lines, ""]))
    return parts


def cell(text: str) -> str:
    """A case in one cell of a table, where tags and bars must not be taken for markup."""
    return text.rstrip(".").replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    main()
