"""A select that shows a copy of what is chosen shows the option as it is now."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Server
from playwright.sync_api import Page

Start = Callable[..., Server]

SOURCE = """<!doctype html><title>t</title>
<style>select, ::picker(select) { appearance: base-select }</style>
<select><button><selectedcontent></selectedcontent></button>
<option value=a>Apple <b>red</b></option><option value=b>Banana <b>yellow</b></option></select>"""
SHOWN = "document.querySelector('selectedcontent').innerHTML"
FRESH = """async (chosen) => {
  const source = await (await fetch("/")).text();
  const fresh = new DOMParser().parseFromString(source, "text/html");
  return fresh.querySelector(`[value=${chosen}]`).innerHTML;
}"""


@pytest.mark.parametrize("chosen", ["a", "b"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Apple", "Pear"),
        ("Banana", "Plum"),
        ("<b>yellow</b>", "<i>blue</i>"),
        ("<option value=a>", "<option value=c>Cherry</option><option value=a>"),
        ("<title>t", "<title>u"),
    ],
)
def test_it_is_as_a_fresh_load_with_the_same_choice(
    page: Page, server: Start, tmp_path: Path, chosen: str, old: str, new: str
) -> None:
    (tmp_path / "index.html").write_text(SOURCE)
    running = server(tmp_path)
    page.goto(running.url)
    running.wait_for(type="page", event="opened")
    page.select_option("select", chosen)
    (tmp_path / "index.html").write_text(SOURCE.replace(old, new))
    running.wait_for(type="applied")
    page.wait_for_function("document.readyState === 'complete'")

    assert page.evaluate(SHOWN) == page.evaluate(FRESH, chosen)
    assert page.evaluate("document.querySelector('select').value") == chosen
