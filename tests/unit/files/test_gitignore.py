"""Lines of ignore files mean what git says that they mean."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import NIGHTLY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotreload.files import gitignore

NAMES = ("a", "b", "foo", "x.html", "a b", "é", "[c]")


def _verdict(lines: str, path: str, *, folder: bool = False) -> bool | None:
    return gitignore.Patterns("/r", gitignore.read(lines)).verdict(f"/r/{path}", folder=folder)


@pytest.mark.parametrize(
    ("line", "path", "folder", "expected"),
    [
        ("foo", "foo", False, True),
        ("foo", "a/b/foo", True, True),
        ("foo", "food", False, None),
        ("foo/", "foo", False, None),
        ("foo/", "a/foo", True, True),
        ("/foo", "foo", False, True),
        ("/foo", "a/foo", False, None),
        ("a/b", "a/b", False, True),
        ("a/b", "x/a/b", False, None),
        ("*.html", "a/x.html", False, True),
        ("*", "a", True, True),
        ("foo/*", "foo", True, None),
        ("foo/**", "foo", True, None),
        ("foo/**", "foo/a/b", False, True),
        ("**/foo", "foo", False, True),
        ("a/**/b", "a/b", False, True),
        ("a/**/b", "a/x/y/b", False, True),
        ("a/*/b", "a/x/y/b", False, None),
        ("?.txt", "a.txt", False, True),
        ("[a-c]", "b", False, True),
        ("[!a-c]", "b", False, None),
        ("[^a-c]", "d", False, True),
        ("[]a]", "]", False, True),
        ("[[:digit:]x]", "7", False, True),
        ("[[:a]", ":", False, True),
        ("[z-a]", "z", False, None),
        ("[!z-a]", "q", False, True),
        (r"[\]]", "]", False, True),
        ("a[/]b", "a/b", False, None),
        (r"\#d", "#d", False, True),
        (r"\!d", "!d", False, True),
        ("a\\ ", "a ", False, True),
        ("a  ", "a", False, True),
        ("a\r", "a", False, True),
        ("\ufeffa", "a", False, True),
        ("!a", "a", False, False),
        ("a\n!a", "a", False, False),
        ("!a\na", "a", False, True),
        ("", "a", False, None),
        ("# a", "# a", False, None),
        ("/", "a", True, None),
        ("[a", "[a", False, None),
        ("[[:nope:]]", "a", False, None),
        ("a\\", "a\\", False, None),
        ("x/", "a\nb/x", True, True),
        (".", "a", False, None),
        ("?", "é", False, None),
        ("??", "é", False, True),
        ("é*", "é.html", False, True),
        ("caf\udce9", "caf\udce9", False, True),
        ("caf?", "caf\udce9", False, True),
        ("\ud800*", "\ud800.html", False, True),
    ],
)
def test_a_line_means_what_gitignore_5_says(
    line: str, path: str, folder: bool, expected: bool | None
) -> None:
    assert _verdict(line, path, folder=folder) is expected


@pytest.mark.parametrize(
    "line", ["[a", "[", "a\\", "/", "//", "!", "!/", "[[:nope:]]", "[a-", "[[:a"]
)
def test_a_line_that_can_never_match_is_told_from_one_that_can(line: str) -> None:
    with pytest.raises(gitignore.Invalid):
        gitignore.parse(line)


@pytest.mark.parametrize("line", ["", "   ", "# a"])
def test_a_blank_line_or_comment_is_no_pattern(line: str) -> None:
    assert gitignore.parse(line) is None


def test_no_lines_are_no_patterns() -> None:
    assert not gitignore.Patterns("/r", [])
    assert gitignore.Patterns("/r", gitignore.read("a"))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("a\n!b", [True, False, None]),
        ("/a/*", [None, True, None]),
        ("/a/*\n!b/", [None, False, None]),
        ("# none", [None, None, None]),
    ],
)
def test_each_folder_on_the_way_to_a_path_has_a_verdict(
    lines: str, said: list[bool | None]
) -> None:
    patterns = gitignore.Patterns("/r", gitignore.read(lines))

    assert patterns.folders("/r/a/b/c/a") == said


def test_patterns_reach_what_is_below_their_folder() -> None:
    patterns = gitignore.Patterns("/r", [])

    assert patterns.reaches("/r/a")
    assert not patterns.reaches("/r")
    assert not patterns.reaches("/rs")
    assert gitignore.Patterns("/", []).reaches("/r")


@given(st.text(alphabet="ab/*?[]!^-\\#: \n.", max_size=20))
def test_no_text_makes_reading_fail(text: str) -> None:
    patterns = gitignore.Patterns("/r", gitignore.read(text))

    assert patterns.verdict("/r/a/b", folder=False) in {True, False, None}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree with the same names on three levels."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    root = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", root], check=True)
    _fill(root, 2)
    return root


def _fill(folder: Path, depth: int) -> None:
    for name in NAMES:
        if "." in name or not depth:
            (folder / name).touch()
        else:
            (folder / name).mkdir()
            _fill(folder / name, depth - 1)


_PIECES = st.sampled_from(
    [
        *("*", "**", "a", "b", "foo", "x.html", "*.html", "?", "[ab]", "*.t*", "f*", "é", "[!a]"),
        *("a\\ b", "[[:alpha:]]", "\\[c\\]", "[^a-c]*", "#d", "***"),
    ]
)
_LINES = st.builds(
    lambda negated, rooted, pieces, folder: (
        "!" * negated + "/" * rooted + "/".join(pieces) + "/" * folder
    ),
    st.booleans(),
    st.booleans(),
    st.lists(_PIECES, min_size=1, max_size=3),
    st.booleans(),
)


# Names that globs of stars and brackets take apart differently, on two levels.
STARRY = ("a", "ab", "aab", "abab", "aaaa", "ba", "b", "[a]", "a-b", "\\b", "a\nb", "é", "é*")
_STARS = st.lists(
    st.sampled_from(
        [
            *("*", "*", "*", "**", "/", "/", "a", "b", "ab", "?", "[ab]", "[!a]", "[^b-é]", "é"),
            *("[[:alpha:]]", "[[:punct:][:space:]]", "[]-a]", "[a-]", "[[:a]", "[*-]", "-", "\\*"),
            *("\\a", "\\/", "**\\/", "[/]", "[!/]", "[]", "[[::]]", "[z-a]", "[a-b-z]", "[\\]a]"),
        ]
    ),
    min_size=1,
    max_size=9,
).map("".join)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lines=st.lists(_LINES, min_size=1, max_size=5))
def test_git_itself_ignores_the_same_paths(repository: Path, lines: list[str]) -> None:
    _agrees_with_git(repository, lines)


@pytest.fixture(scope="module")
def starry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree of names that are hard to tell apart."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    root = tmp_path_factory.mktemp("starry")
    subprocess.run(["git", "init", "-q", root], check=True)
    for folder in STARRY[:6]:
        (root / folder / "ab").mkdir(parents=True)
        for name in STARRY:
            if name != "ab":
                (root / folder / name).touch()
            (root / folder / "ab" / name).touch()
    return root


@settings(
    max_examples=3000 if NIGHTLY else 60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(lines=st.lists(st.builds(str.__add__, st.sampled_from(["", "!", "/"]), _STARS), max_size=4))
def test_git_itself_takes_stars_and_brackets_for_the_same(starry: Path, lines: list[str]) -> None:
    _agrees_with_git(starry, lines)


def _agrees_with_git(repository: Path, lines: list[str]) -> None:
    (repository / ".gitignore").write_text("\n".join(lines))
    paths = [
        os.path.relpath(os.path.join(folder, name), repository)
        for folder, folders, files in os.walk(repository)
        for name in (*folders, *files)
        if ".git" not in os.path.join(folder, name)
    ]
    command = ["git", "-C", str(repository), "check-ignore", "--no-index", "-z", "--stdin"]
    answer = subprocess.run(
        command,
        input="\0".join(paths).encode(),
        capture_output=True,
        check=False,
    )

    expected = set(filter(None, answer.stdout.decode().split("\0")))
    assert _ignored(repository, lines, paths) == expected


def _ignored(root: Path, lines: list[str], paths: list[str]) -> set[str]:
    """What is ignored, walked from the top: whatever lies in an ignored folder is ignored too."""
    patterns = gitignore.Patterns(str(root), gitignore.read("\n".join(lines)))
    out: set[str] = set()
    for path in sorted(paths, key=lambda path: path.count("/")):
        folder = (root / path).is_dir()
        if os.path.dirname(path) in out or patterns.verdict(str(root / path), folder=folder):
            out.add(path)
    return out
