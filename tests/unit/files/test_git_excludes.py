"""Where git keeps what it says of a folder inside of a repository."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from hotreload.files import git_excludes


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in a repository, and a home without any setting."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    site = tmp_path / "repository" / "docs" / "site"
    (tmp_path / "repository" / ".git" / "info").mkdir(parents=True)
    site.mkdir(parents=True)
    return site


def _texts(site: Path) -> list[str]:
    return [text for _, text in git_excludes.outer_excludes(site).texts]


def test_a_folder_in_no_repository_has_none(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("a")

    assert git_excludes.outer_excludes(tmp_path / "site") == git_excludes.OuterExcludes()
    assert git_excludes.lock(tmp_path) is None


def test_the_files_above_come_nearest_first_then_the_repository_s_then_the_person_s(
    site: Path, tmp_path: Path
) -> None:
    repository = site.parent.parent
    (tmp_path / ".gitignore").write_text("outside of the repository")
    (site / ".gitignore").write_text("in the place itself")
    (repository / ".gitignore").write_text("top")
    (repository / "docs" / ".gitignore").write_text("docs")
    (repository / ".git" / "info" / "exclude").write_text("exclude")
    config = tmp_path / "home" / ".config" / "git"
    config.mkdir(parents=True)
    (config / "ignore").write_text("person")

    assert git_excludes.outer_excludes(site).texts == (
        (str(repository / "docs"), "docs"),
        (str(repository), "top"),
        (str(repository), "exclude"),
        (str(repository), "person"),
    )


@pytest.mark.parametrize("where", [".gitconfig", ".config/git/config"])
def test_a_person_s_own_ignore_file_is_found_by_the_setting(
    site: Path, tmp_path: Path, where: str
) -> None:
    config = tmp_path / "home" / where
    config.parent.mkdir(parents=True)
    config.write_text("[core]\n\teditor = vi\n\texcludesFile = ~/my ignore  # mine\n")
    (tmp_path / "home" / "my ignore").write_text("person")

    assert _texts(site) == ["person"]


def test_the_repository_s_setting_and_the_environment_come_before_the_person_s(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    named = tmp_path / "named"
    named.write_text(f"[core] excludesfile = {tmp_path / 'a'}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(named))
    assert _texts(site) == ["a"]

    (site.parent.parent / ".git" / "config").write_text(f'[core]\nexcludesFile="{tmp_path}/b"\n')
    assert _texts(site) == ["b"]


@pytest.mark.parametrize(
    ("config", "value"),
    [
        ("", None),
        ("[core]\neditor = vi", None),
        ("[other]\nexcludesFile = a", None),
        ("[core]\nexcludesFile = a\nexcludesFile = b", "b"),
        ("[CORE]\n  ExcludesFile=a ; mine", "a"),
        ('[core "sub"]\nexcludesFile = a', None),
    ],
)
def test_the_setting_is_read_as_git_reads_it(config: str, value: str | None) -> None:
    assert git_excludes.excludes_setting(config) == value


def test_a_worktree_has_its_own_lock_and_the_common_exclude_file(tmp_path: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    main, tree = tmp_path / "main", tmp_path / "tree"
    who = ["-c", "user.name=me", "-c", "user.email=me@localhost", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "one"]):
        main.mkdir(exist_ok=True)
        subprocess.run(["git", "-C", main, *who, *words], check=True)
    subprocess.run(["git", "-C", main, "worktree", "add", "-q", tree], check=True)
    (main / ".git" / "info").mkdir(exist_ok=True)
    (main / ".git" / "info" / "exclude").write_text("common")

    assert git_excludes.lock(tree) == main / ".git" / "worktrees" / "tree" / "index.lock"
    assert (str(tree), "common") in git_excludes.outer_excludes(tree).texts


def test_a_changed_or_new_file_changes_the_stamp(site: Path) -> None:
    outer = git_excludes.outer_excludes(site)
    before = outer.stamp()
    assert outer.stamp() == before

    (site.parent / ".gitignore").write_text("a")
    assert outer.stamp() != before


def test_git_works_while_its_lock_is_new(site: Path) -> None:
    lock = git_excludes.lock(site)
    assert lock is not None
    assert not git_excludes.is_working(lock)

    lock.touch()
    assert git_excludes.is_working(lock)

    os.utime(lock, (time.time() - 60, time.time() - 60))
    assert not git_excludes.is_working(lock)


def test_git_works_between_two_commits_of_a_rebase_but_not_while_it_waits(site: Path) -> None:
    lock = git_excludes.lock(site)
    assert lock is not None
    index, rebase = lock.parent / "index", lock.parent / "rebase-merge"
    index.touch()
    assert not git_excludes.is_working(lock)

    rebase.mkdir()
    assert git_excludes.is_working(lock)

    os.utime(index, (time.time() - 5, time.time() - 5))
    assert not git_excludes.is_working(lock)
