"""The hook for pre-commit, run by pre-commit itself in real repositories.

`try-repo` builds the hook's environment from the package index, as it does for everybody.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.process.checked import page, write
from support.process.commands import CHECKOUT
from support.process.overtime import unlimited

BROKEN = page('<a href="no.html">x</a>')
RIGHT = page('<a href="q.html">x</a>')
# The configuration in README.md, with this environment's command.
LOCAL = re.sub(
    "entry: hotreload",
    f"entry: {sys.executable} -m hotreload",
    re.findall(r"```yaml\n(.*?)```", (CHECKOUT / "README.md").read_text("utf-8"), re.DOTALL)[0],
)


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=n", "-c", "user.email=e@example.org", *words],
        cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def pre_commit(folder: Path, home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    hidden = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    unlimited()  # it installs packages: how long that takes is the network's to say
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *words],
        cwd=folder, capture_output=True, text=True, timeout=300,
        env={**kept, "PRE_COMMIT_HOME": str(home), "PRE_COMMIT_COLOR": "never", "CI": "true"},
    )  # fmt: skip


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository in which one page, in a folder, is broken and staged."""
    folder = tmp_path / "project"
    files: dict[str, str | bytes] = {
        "docs/p.html": BROKEN,
        "docs/q.html": RIGHT,
        "notes.txt": BROKEN,
    }
    write(folder, files)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", ".")
    return folder


def mend(repository: Path) -> None:
    write(repository, {"docs/p.html": RIGHT})
    git(repository, "add", ".")


def test_the_hook_passes_and_fails_as_a_local_one(repository: Path, tmp_path: Path) -> None:
    write(repository, {".pre-commit-config.yaml": LOCAL})
    git(repository, "add", ".")
    done = pre_commit(repository, tmp_path, "run")
    assert 'docs/p.html:1:60: HR101 "no.html" leads to no file' in done.stdout
    assert "notes.txt" not in done.stdout
    assert done.returncode == 1
    mend(repository)
    done = pre_commit(repository, tmp_path, "run")
    assert (done.returncode, "Passed" in done.stdout) == (0, True)


def test_the_hook_sums_up_once_however_many_files_there_are(
    repository: Path, tmp_path: Path
) -> None:
    mend(repository)
    write(repository, {".pre-commit-config.yaml": LOCAL, "docs/p.html": BROKEN})
    write(repository, {f"docs/{number}.html": RIGHT for number in range(60)})
    git(repository, "add", ".")
    done = pre_commit(repository, tmp_path, "run")
    assert re.findall(r"\d+ files \(", done.stdout) == ["62 files ("], done.stdout


def test_the_hook_stops_a_commit(repository: Path, tmp_path: Path) -> None:
    write(repository, {".pre-commit-config.yaml": LOCAL})
    git(repository, "add", ".")
    pre_commit(repository, tmp_path, "install")
    commit = ["git", "-c", "user.name=n", "-c", "user.email=e@example.org", "commit", "-m", "x"]
    done = subprocess.run(commit, cwd=repository, capture_output=True, text=True)
    assert done.returncode == 1
    assert "HR101" in done.stdout + done.stderr
    mend(repository)
    assert subprocess.run(commit, cwd=repository, capture_output=True).returncode == 0


def test_the_hook_passes_and_fails_as_others_install_it(repository: Path, tmp_path: Path) -> None:
    """From a repository with the files of this checkout, one commit, and nothing else."""
    hook = tmp_path / "hook"
    listed = git(CHECKOUT, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    for name in filter(None, listed.split("\0")):
        if name.split("/")[0] not in ("tests", "benchmarks", "docs") and (CHECKOUT / name).exists():
            write(hook, {name: (CHECKOUT / name).read_bytes()})
    git(hook, "init", "--quiet", "--initial-branch=main")
    git(hook, "add", ".")
    git(hook, "commit", "--quiet", "-m", "x")
    words = ("try-repo", str(hook), "hotreload-check", "--ref", "HEAD", "--files")
    done = pre_commit(repository / "docs", tmp_path, *words, "p.html", "q.html")
    assert 'docs/p.html:1:60: HR101 "no.html" leads to no file' in done.stdout, done.stdout
    assert done.returncode == 1
    mend(repository)
    done = pre_commit(repository / "docs", tmp_path, *words, "p.html", "q.html")
    assert (done.returncode, "Passed" in done.stdout) == (0, True)


def test_files_named_one_by_one_from_a_sub_folder_find_the_whole_site(repository: Path) -> None:
    write(
        repository, {"docs/d/r.html": page('<a href="../q.html">x</a><a href="/docs/q.html">y</a>')}
    )
    done = subprocess.run(
        [sys.executable, "-m", "hotreload", "check", "r.html", "../p.html"],
        cwd=repository / "docs" / "d", capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    )  # fmt: skip
    assert [line.split(" ", 1)[1] for line in done.stdout.splitlines()] == [
        'HR101 "no.html" leads to no file'
    ]
