"""The table of threats in SECURITY.md names tests that there are."""

import re

from conftest import CHECKOUT


def test_every_test_that_the_table_names_exists():
    table = (CHECKOUT / "SECURITY.md").read_text("utf-8")
    tests = CHECKOUT / "tests"
    sources = {path.stem: path.read_text("utf-8") for path in tests.rglob("test_*.py")}
    functions = set(re.findall(r"^def (test_\w+)", "\n".join(sources.values()), re.MULTILINE))

    named = re.findall(r"\b(test_[\w…]+)", table)
    assert len(named) > 40
    for name in named:
        wanted = re.compile(name.replace("…", r"\w*"))
        assert any(map(wanted.fullmatch, [*functions, *sources])) or name == "test_attacks_"
