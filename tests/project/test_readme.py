"""No command stands in README.md that nobody has run."""

import ast
import os
import re

import pytest
from conftest import CHECKOUT

SET_UP = "python3 tools/test.py"

# Each command of README.md, and the test that runs it or what it consists of.
VERIFIED = {
    "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/hotreload serve examples/site": (
        "project/test_packaging.py::test_the_installed_command_serves_its_browser_modules"
    ),
    **dict.fromkeys(
        (
            'eval "$(_HOTRELOAD_COMPLETE=bash_source hotreload)"',
            'eval "$(_HOTRELOAD_COMPLETE=zsh_source hotreload)"',
            "_HOTRELOAD_COMPLETE=fish_source hotreload | source",
        ),
        "process/commands/test_completion.py::test_a_tab_completes_a_word",
    ),
    SET_UP: "project/test_readme.py::test_ci_runs_the_command_of_the_readme_and_nothing_else",
}


def commands(markdown: str) -> list[str]:
    """The commands in the ```sh blocks: without prompts, comments and line continuations."""
    blocks = re.findall(r"^[ ]*```sh\n(.*?)^[ ]*```", markdown, re.DOTALL | re.MULTILINE)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    plain = (re.sub(r"^\s*(\$ )?|(^|\s)#.*$", "", line) for line in lines)
    return [" ".join(line.split()) for line in plain if line.strip()]


def test_commands_are_found_without_prompts_comments_and_line_breaks() -> None:
    markdown = (
        "```sh\n$ one  two   # why\n\n# only a comment\n  three \\\n    four#4\n```\n"
        "```python\nnot_a_command()\n```\n- in a list:\n  ```sh\n  five\n  ```\n"
    )
    assert commands(markdown) == ["one two", "three four#4", "five"]


def test_every_command_of_the_readme_is_verified_and_no_other_is_listed() -> None:
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert set(commands(readme)) == set(VERIFIED)


@pytest.mark.parametrize("test", sorted(set(VERIFIED.values())))
def test_the_tests_that_verify_commands_exist(test: str) -> None:
    file, _, name = test.partition("::")
    tree = ast.parse((CHECKOUT / "tests" / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(tree) if hasattr(node, "name")}


def test_ci_runs_the_command_of_the_readme_and_nothing_else() -> None:
    script = CHECKOUT / ".ci" / "run"
    lines = [line for line in script.read_text().splitlines() if line and line[0] != "#"]
    assert lines == ['cd "$(dirname "$0")/.." || exit', f"exec {SET_UP}"]
    assert os.access(script, os.X_OK)
