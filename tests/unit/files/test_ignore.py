"""What is watched and what is not."""

import pytest

from hotreload.errors import BadPattern
from hotreload.files import ignore

SITE = "/home/me/node_modules/site"


def _is_ignored(scope: ignore.Scope, name: str, *, folder: bool = False) -> bool:
    return scope.ignored(f"{SITE}/{name}", folder=folder)


@pytest.mark.parametrize(
    "name",
    [
        "4913",
        "index.html~",
        ".index.html.swp",
        ".index.html.swx",
        ".swp",
        ".a.saa",
        "a.swp",
        ".#index.html",
        "#index.html#",
        ".goutputstream-AB12CD",
        "index.html___jb_tmp___",
        "index.html___jb_old___",
        "index.html.sb-1a2b3c4d-AbCdEf",
        "sedTCRruj",
        ".index.html.AbC123",
        "tmpab12cd_3",
        "tmp8AYjn5",
        "XXIXUci7",
        "style.css.orig",
        "style.css.rej",
        "index.html.tmp",
        "index.html.tmp.4711.0815",
        "index.html.3141592653",
        "a.bck",
        "a.crswap",
        ".DS_Store",
        "._index.html",
        ".nfs00000000a1b2c3d400000001",
        "a.pyc",
        "flycheck_a.js",
    ],
)
def test_what_editors_and_tools_leave_behind_is_ignored(name: str) -> None:
    assert _is_ignored(ignore.scope(SITE, []), name)


@pytest.mark.parametrize(
    "name",
    [
        *("foo.swf", "index.html", "4913.html", "sed.js", "tmp.css", "a.js", "style.min.css"),
        *("tmpls.css", "orig.js", "swap.js", "a.tmpl", "x.sw", ".htaccess", "temp.html"),
        *("chunk-31415926.js", "jquery.3.7.1.js", "#a", "a#", "~a", "backup.html"),
    ],
)
def test_what_people_write_is_watched(name: str) -> None:
    assert not _is_ignored(ignore.scope(SITE, []), name)


@pytest.mark.parametrize("name", [".git", "node_modules", ".venv", "venv", "__pycache__", ".idea"])
def test_folders_of_tools_are_ignored_and_files_of_that_name_are_not(name: str) -> None:
    scope = ignore.scope(SITE, [])

    assert _is_ignored(scope, name, folder=True)
    assert not _is_ignored(scope, name)


def test_the_names_of_the_folders_above_the_place_do_not_matter() -> None:
    assert not _is_ignored(ignore.scope(SITE, []), "a/b.html")


def test_the_nearest_ignore_file_that_says_anything_decides() -> None:
    scope = ignore.scope(SITE, []).within(SITE, "*.css\n*.log").within(f"{SITE}/a", "!x.css\ny.js")

    assert not _is_ignored(scope, "a/x.css")
    assert _is_ignored(scope, "a/z.css")
    assert _is_ignored(scope, "a/y.js")
    assert not _is_ignored(scope, "a/index.html")


def test_an_ignore_file_without_patterns_changes_nothing() -> None:
    scope = ignore.scope(SITE, [])

    assert scope.within(SITE, "# nothing\n") is scope


def test_what_is_asked_for_wins_over_everything() -> None:
    scope = ignore.scope(SITE, ["*.css", "!x.css", "!node_modules", "!*.tmp"]).within(
        SITE, "x.css\n!y.css"
    )

    assert _is_ignored(scope, "y.css")
    assert not _is_ignored(scope, "x.css")
    assert not _is_ignored(scope, "node_modules", folder=True)
    assert not _is_ignored(scope, "a.tmp")


def test_a_gitignore_cannot_bring_back_the_folders_of_tools() -> None:
    scope = ignore.scope(SITE, []).within(SITE, "*\n!*/\n!*.html")

    assert _is_ignored(scope, "node_modules", folder=True)
    assert not _is_ignored(scope, "pages", folder=True)
    assert not _is_ignored(scope, "index.html")
    assert _is_ignored(scope, "notes.txt")


def test_ignore_files_above_the_place_apply_to_what_is_in_it() -> None:
    scope = ignore.scope("/repo/site", [], [("/repo", "*.log\n/site/draft\n")])

    assert scope.ignored("/repo/site/a.log", folder=False)
    assert scope.ignored("/repo/site/draft", folder=True)


@pytest.mark.parametrize("text", ["site/", "/docs/site", "docs", "*"])
def test_ignore_files_that_ignore_the_place_itself_are_left_out(text: str) -> None:
    scope = ignore.scope("/repo/docs/site", [], [("/repo", f"*.log\n{text}\n")])

    assert not scope.ignored("/repo/docs/site/a.log", folder=False)


def test_an_ignore_file_that_takes_the_place_back_applies() -> None:
    scope = ignore.scope("/repo/site", [], [("/repo", "/*\n!/site\n*.log")])

    assert scope.ignored("/repo/site/a.log", folder=False)


def test_what_is_asked_for_refuses_files_in_folders_too() -> None:
    scope = ignore.scope(SITE, ["out/", "*.map"]).within(SITE, "style.css")

    assert scope.refused(f"{SITE}/out/deep/a.css")
    assert scope.refused(f"{SITE}/a.map")
    assert not scope.refused(f"{SITE}/style.css")
    assert not scope.refused(f"{SITE}/out")


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("[a", "cannot use --ignore '[a': a [ has no ]"),
        ("a\\", "cannot use --ignore 'a\\\\': a backslash at its end escapes nothing"),
        ("/", "cannot use --ignore '/': it names nothing"),
        ("", "cannot use --ignore '': it is empty or a comment; write \\#"),
        ("#a", "cannot use --ignore '#a': it is empty or a comment; write \\#"),
    ],
)
def test_a_pattern_that_cannot_match_is_refused_by_name(pattern: str, why: str) -> None:
    with pytest.raises(BadPattern) as error:
        ignore.scope(SITE, ["*.log", pattern])

    assert str(error.value) == why


def test_a_wrong_line_in_a_gitignore_is_skipped() -> None:
    scope = ignore.scope(SITE, []).within(SITE, "[a\n*.log")

    assert _is_ignored(scope, "a.log")
