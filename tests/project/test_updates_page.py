"""The page about updates says what the tests assert, and nothing else."""

import importlib.util

from conftest import CHECKOUT


def test_the_page_is_written_from_the_tests_as_they_are():
    spec = importlib.util.spec_from_file_location("updates_page", CHECKOUT / "tools" / "updates.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)

    written = (CHECKOUT / "docs" / "updates.md").read_text(encoding="utf-8")

    assert written == tool.page(), "run .venv/bin/python tools/updates.py"
