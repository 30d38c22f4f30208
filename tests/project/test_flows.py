"""The pictures in docs/flows are drawn from the texts beside them, and name what is there."""

import importlib.util
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from support.process.commands import CHECKOUT

FLOWS = CHECKOUT / "docs" / "flows"
SOURCES = sorted(FLOWS.glob("*.mmd"))


def tool() -> object:
    """tools/flows.py, as a module."""
    found = importlib.util.spec_from_file_location("flows", CHECKOUT / "tools" / "flows.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_each_picture_is_drawn_from_the_text_beside_it(source: Path) -> None:
    """Else: `.venv/bin/python tools/flows.py`."""
    picture = source.with_suffix(".svg").read_text(encoding="utf-8")

    assert tool().mark(source) in picture  # type: ignore[attr-defined]


def test_each_picture_has_its_text_and_its_place_in_the_page() -> None:
    page = (CHECKOUT / "docs" / "architecture.md").read_text(encoding="utf-8")
    shown = re.findall(r"^!\[.+\]\(flows/([\w-]+)\.svg\)$", page, re.MULTILINE)

    assert sorted(shown) == [source.stem for source in SOURCES]
    assert sorted(shown) == sorted(picture.stem for picture in FLOWS.glob("*.svg"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_what_a_picture_names_is_there(source: Path) -> None:
    rooms = "|".join(each.parent.name for each in CHECKOUT.glob("hotreload/*/__init__.py"))
    named = set(re.findall(rf"\b(?:{rooms})/\w+", source.read_text(encoding="utf-8")))
    assert named
    for name in named:
        package = CHECKOUT / "hotreload" / name
        assert package.is_dir() or package.with_suffix(".py").exists(), name


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_picture_fits_a_page_and_says_what_it_shows(source: Path) -> None:
    picture = ET.parse(source.with_suffix(".svg")).getroot()
    space = "{http://www.w3.org/2000/svg}"

    assert float(picture.get("width", "inf")) <= 850
    assert picture.findtext(f"{space}title")
    assert picture.findtext(f"{space}desc")
    assert not list(picture.iter(f"{space}foreignObject"))  # which images do not show everywhere
    assert "prefers-color-scheme: dark" in (picture.findtext(f"{space}style") or "")
