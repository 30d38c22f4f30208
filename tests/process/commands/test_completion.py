"""Shells complete hotreload's words after the one line that README.md gives for each."""

import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from support.process.commands import CHECKOUT
from support.process.pseudo import Session

SHELLS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
PREPARED = {"zsh": "autoload -Uz compinit; compinit -u; "}  # as every .zshrc with completion does


def line_of(shell: str) -> str:
    """The line of README.md that begins to complete in a shell."""
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    found = re.search(rf"^.*_HOTRELOAD_COMPLETE={shell}_source.*?(?= +# |$)", readme, re.MULTILINE)
    assert found is not None
    return found[0].strip()


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if os.name == "nt" or not shutil.which(request.param):
        pytest.skip(f"{request.param} is not installed")
    return str(request.param)


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("hotreload serv", "hotreload serve"),
        ("hotreload serve --full", "hotreload serve --full-reload"),
        ("hotreload check --format sa", "hotreload check --format sarif"),
        ("hotreload serve sit", "hotreload serve site/"),
    ],
)
def test_a_tab_completes_a_word(shell: str, typed: str, completed: str, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "hotreload.toml").write_text("nonsense")  # nobody asked for it yet
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with Session.shell(tmp_path, SHELLS[shell], PATH=path, HOME=str(tmp_path)) as run:
        run.press(f"{PREPARED.get(shell, '')}{line_of(shell)}\necho rea''dy\n")
        run.wait_for(r"(?m)^ready")
        run.press(typed + "\t")
        run.wait_for(re.escape(completed))
