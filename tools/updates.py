"""Write docs/updates.md from the cases of the tests: `.venv/bin/python tools/updates.py`.

Knows: how the table of updates in the page is laid out. Refuses to know: the cases, which are the
tests' own: what stands in the table was asserted in real browsers.
"""

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
"""

Row = tuple[str, str, str]


def main() -> None:
    """Write the page anew."""
    sys.path.insert(0, str(ROOT / "tests"))
    PAGE.write_text(page(), encoding="utf-8")


def page() -> str:
    """The whole page, from the tests' cases."""
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
