"""What CONTRIBUTING.md and docs/architecture.md say of the repository is so."""

import re

import pytest
from conftest import CHECKOUT
from test_readme import commands

ARCHITECTURE = (CHECKOUT / "docs" / "architecture.md").read_text(encoding="utf-8")
CONTRIBUTING = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_each_package_has_its_line_in_the_table_of_rooms() -> None:
    rooms = re.findall(r"^\| `(\w+)` \|", ARCHITECTURE, re.MULTILINE)
    packages = {each.parent.name for each in CHECKOUT.glob("hotreload/*/__init__.py")}
    assert set(rooms) == packages
    assert len(rooms) == len(packages)


@pytest.mark.parametrize(
    "path",
    sorted(
        set(
            re.findall(
                r"`((?:hotreload|injector|tests|tools|docs)/[\w./-]+)`", ARCHITECTURE + CONTRIBUTING
            )
        )
    ),
)
def test_what_the_documents_name_is_there(path: str) -> None:
    assert (CHECKOUT / path).exists()


def test_each_step_of_the_flows_is_a_package_or_a_module() -> None:
    flows = re.findall(r"^ {4,}\S.*$", ARCHITECTURE, re.MULTILINE)
    steps = re.findall(r"\b(?:http|security|app|static|watch|live)/\w+", "\n".join(flows))
    assert steps
    for step in steps:
        package = CHECKOUT / "hotreload" / step
        assert package.is_dir() or package.with_suffix(".py").exists(), step


def test_the_programs_that_contributors_are_told_to_run_are_there() -> None:
    programs = {command.split()[0] for command in commands(CONTRIBUTING)}
    assert programs <= {"python3", "npm", *(f".venv/bin/{name}" for name in ("python", "ruff"))}
    for name in re.findall(r"tests/([\w/]+\.py)", CONTRIBUTING):
        assert (CHECKOUT / "tests" / name).exists()
