"""What the machine that looks for lost saves knows of what pages do."""

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest
from playwright.sync_api import Browser
from support.browser.chromium_tab import Tab
from support.saves.world import PAGES, World, needless_of


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path / "world")
    yield world
    world.close()


def test_what_a_page_in_chromium_does_is_known_also_when_it_reloads(
    browser: Browser, world: World
) -> None:
    world.empty()
    page = Tab(browser, world.server.port, PAGES[0])
    world.pages.append(page)
    world.settle([])
    world.write("style.css", "truncate_and_write")
    world.settle([])
    world.write("app.js", "truncate_and_write")
    world.settle([])
    assert page.acts == [("css", ["/style.css"]), ("reload", ["/app.js"])]


@pytest.mark.parametrize(
    ("urls", "needless"),
    [
        (["/unused1.txt", "/more/0/page.html"], True),
        (["/sub/own.css"], True),
        (["/sub/own.css", "/style.css"], False),
        ([], False),
    ],
)
def test_a_page_does_nothing_about_files_that_it_has_no_use_for(
    urls: list[str], needless: bool
) -> None:
    """What it uses may come with them, and it may be told to reload for a reason without a name."""
    page = Mock(path="/index.html", acts=[("css", urls)])
    assert needless_of(page) == page.acts * needless
