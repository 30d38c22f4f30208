"""`hotreload check`: what it prints, what it leaves with, and what it is told in files."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.process.checked import page, write
from support.process.commands import CHECKOUT, command, environment

from hotreload.check import findings

BROKEN = page('\n<a href="no">x</a>')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files: dict[str, str | bytes] = {
        "site/p.html": BROKEN,
        "site/d/q.html": BROKEN,
        "a.css": "a { b: url(c) }",
    }
    return write(tmp_path, files)


# -- words and statuses --------------------------------------------------------------------------


def test_findings_are_lines_in_order_with_paths_from_here_and_the_status_is_1(folder: Path) -> None:
    done = command("check", "site", "a.css", cwd=folder)
    assert done.out == (
        'a.css:1:12: HR101 "c" leads to no file\n'
        'site/d/q.html:2:4: HR101 "no" leads to no file\n'
        'site/p.html:2:4: HR101 "no" leads to no file\n'
    ).replace("/", os.sep)
    assert re.fullmatch(r"3 findings in 3 of 3 files \(\d+\.\d s\)\n", done.error)
    assert done.status == 1


def test_nothing_found_is_status_0(tmp_path: Path) -> None:
    done = command("check", cwd=write(tmp_path, {"p.html": page("x")}))
    assert (done.out, done.status) == ("", 0)
    assert re.fullmatch(r"nothing found in 1 file \(\d+\.\d s\)\n", done.error)


def test_quiet_prints_findings_only(folder: Path) -> None:
    done = command("check", "-q", "a.css", cwd=folder)
    assert (done.out.count("\n"), done.error) == (1, "")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nowhere"], "there is no file or folder nowhere"),
        (["--select", "HR999"], "no rule has the code 'HR999': "),
        (["--format", "xml"], "'xml' is not one of"),
        (["--root", "nowhere"], "'nowhere' does not exist"),
        (["--exclude", "/"], "/"),
        (["--jobs", "0"], "0 is not in the range"),
        (["--fx"], "no such option '--fx'"),
    ],
)
def test_what_makes_no_sense_is_one_line_and_status_2(
    words: list[str], sentence: str, folder: Path
) -> None:
    done = command("check", *words, cwd=folder)
    assert (done.out, done.error.count("\n"), done.status) == ("", 1, 2)
    assert sentence.lower() in done.error.lower()


def test_paths_out_of_this_folder_are_written_in_full(folder: Path) -> None:
    done = command("check", "-q", "../../a.css", cwd=folder / "site" / "d")
    assert done.out == f'{folder / "a.css"}:1:12: HR101 "c" leads to no file\n'


def test_codes_are_chosen_with_commas_and_in_any_case(folder: Path) -> None:
    assert command("check", "--select", "hr2,HR3", cwd=folder).status == 0
    assert command("check", "--ignore", "HR1 , HR2", cwd=folder).status == 0


def test_what_a_pattern_or_git_excludes_is_left_out_of_folders_but_not_if_it_is_named(
    folder: Path,
) -> None:
    write(folder, {".git/HEAD": "", ".gitignore": "/a.css\n"})
    done = command("check", "-q", "--exclude", "d/", cwd=folder)
    assert [line.partition(":")[0] for line in done.out.splitlines()] == [
        os.path.join("site", "p.html")
    ]
    assert command("check", "-q", "a.css", cwd=folder).status == 1


def test_other_files_and_the_folders_of_tools_are_not_looked_at(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = dict.fromkeys(
        ("node_modules/p.html", ".git/p.html", ".venv/p.html", "p.js", "p.svg"), BROKEN
    )
    done = command("check", ".", "p.js", cwd=write(tmp_path, files))
    assert done.error.startswith("nothing found in 0 files")


def test_fix_mends_says_so_and_leaves_with_what_is_left(tmp_path: Path) -> None:
    write(tmp_path, {"a.png": "", "p.html": page('<img src="A.png">')})
    done = command("check", "--fix", cwd=tmp_path)
    assert done.error.startswith("nothing found in 1 file, 1 fixed")
    assert done.status == 0


@pytest.mark.skipif(sys.platform != "linux", reason="a file that nobody may read whole is Linux's")
def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.css").symlink_to("/proc/self/mem")
    done = command("check", "a.css", cwd=tmp_path)
    assert done.error == f"hotreload: cannot read {tmp_path / 'a.css'}: input/output error\n"
    assert done.status == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_what_is_no_regular_file_is_not_looked_at(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.css")
    (tmp_path / "b.css").symlink_to("nowhere")
    (tmp_path / "c.css").mkdir()
    assert command("check", cwd=tmp_path).error.startswith("nothing found in 0 files")


def test_many_files_are_checked_by_several_processes_with_the_same_findings(tmp_path: Path) -> None:
    link = '<a href="p{}.html#i{}">x</a>'
    write(
        tmp_path,
        {f"p{n}.html": page(f'<p id="i{n}">x{link.format((n + 1) % 90, n)}') for n in range(90)},
    )
    one, three = (command("check", "--jobs", jobs, cwd=tmp_path) for jobs in (1, 3))
    assert one.out == three.out
    assert one.out.count("HR103") == 90


def test_names_cannot_command_the_terminal(tmp_path: Path) -> None:
    done = command("check", cwd=write(tmp_path, {"p.html": page('<a href="a\x1b[2J">x</a>')}))
    assert "\x1b" not in done.out
    assert "\\x1b" in done.out


def test_where_the_parser_is_not_installed_this_is_said_and_the_server_works_without(
    folder: Path,
) -> None:
    """It is in C, and has no wheel for every system."""
    missing = 'raise ModuleNotFoundError("no", name="turbohtml")'
    write(folder, {"blocked/turbohtml.py": missing})
    env = {"PYTHONPATH": f"{folder / 'blocked'}{os.pathsep}{CHECKOUT}"}
    done = command("check", cwd=folder, env=env)
    assert "`hotreload check` needs turbohtml, which is not installed" in done.error
    assert "pip install turbohtml" in done.error
    assert (done.out, done.error.count("\n"), done.status) == ("", 1, 2)
    imports = "import sys, hotreload.cli.main, hotreload.server.server; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", imports], env=environment(env), capture_output=True, text=True
    ).stdout.split()
    assert "hotreload.server.server" in loaded
    assert not {name for name in loaded if name.startswith("hotreload.check")}


# -- colours and the bar -------------------------------------------------------------------------


def on_a_terminal(folder: Path, *words: str, env: dict[str, str]) -> str:
    ours, theirs = pty.openpty()
    kept = {name: value for name, value in environment().items() if name not in ("CI", "NO_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-m", "hotreload", "check", *words],
        stdout=theirs, stderr=theirs, cwd=folder, env={**kept, "TERM": "xterm", **env},
    )  # fmt: skip
    os.close(theirs)
    said = b""
    while chunk := _chunk(ours):
        said += chunk
    os.close(ours)
    process.wait(30)
    return said.decode()


def _chunk(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # on Linux, when the other end is closed
        return b""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_a_terminal_gets_colours_unless_it_wants_none(folder: Path) -> None:
    assert "\x1b[31m" in on_a_terminal(folder, "a.css", env={})
    assert "\x1b" not in on_a_terminal(folder, "a.css", env={"NO_COLOR": "1"})


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_a_long_run_shows_a_bar_on_a_terminal_but_not_in_ci(tmp_path: Path) -> None:
    write(tmp_path, {f"{n}.css": "" for n in range(600)})
    assert "  300 of 600\r\x1b[K" in on_a_terminal(tmp_path, env={})
    assert "\r\x1b[Knothing found" in on_a_terminal(tmp_path, env={})
    assert "of 600" not in on_a_terminal(tmp_path, env={"CI": "true"})
    assert "of 600" not in on_a_terminal(tmp_path, "-q", env={})
    assert "of 600" not in command("check", cwd=tmp_path).error


# -- formats -------------------------------------------------------------------------------------


def test_json_is_a_list_of_objects(folder: Path) -> None:
    done = command("check", "--format", "json", "a.css", cwd=folder)
    assert json.loads(done.out) == [
        {
            "file": "a.css", "line": 1, "column": 12, "code": "HR101", "rule": "missing-file",
            "sentence": '"c" leads to no file', "fixable": False,
        }
    ]  # fmt: skip
    assert json.loads(command("check", "--format", "json", "--select", "HR2", cwd=folder).out) == []


def test_github_gets_annotations(tmp_path: Path) -> None:
    write(tmp_path, {"a,b.html": page('<a href="50%%zz">x</a>')})
    done = command("check", "--format", "github", cwd=tmp_path)
    assert done.out == (
        "::error file=a%2Cb.html,line=1,col=60,title=HR101 missing-file"
        '::HR101 "50%25%25zz" leads to no file\n'
    )


def test_sarif_has_the_rules_and_a_place_for_each_finding(folder: Path) -> None:
    (run,) = json.loads(command("check", "--format", "sarif", "site", cwd=folder).out)["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(findings.RULES)
    result = run["results"][1]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "HR101"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "site/p.html"
    assert place["region"] == {"startLine": 2, "startColumn": 4}


# -- configuration -------------------------------------------------------------------------------


def test_the_command_is_configured_by_files_variables_and_flags_in_this_order(folder: Path) -> None:
    def codes(*words: str, **env: str) -> set[str]:
        done = command("check", "--format", "json", *words, cwd=folder, env=env)
        return {finding["code"] for finding in json.loads(done.out)}

    write(folder, {"site/p.html": page('<a href="no">x</a><p id="a"></p><p id="a"></b></p>')})
    write(folder, {"pyproject.toml": '[tool.hotreload.check]\nselect = ["HR1"]\n'})
    assert codes() == {"HR101"}
    write(folder, {"hotreload.toml": '[check]\nselect = ["HR2"]\n'})
    assert codes() == {"HR201"}
    assert codes(HOTRELOAD_CHECK_SELECT="HR3") == {"HR301"}
    assert codes("--select", "HR1", HOTRELOAD_CHECK_SELECT="HR3") == {"HR101"}


def test_paths_in_a_file_are_relative_to_it(folder: Path) -> None:
    write(
        folder,
        {
            "hotreload.toml": '[check]\nroot = ["site"]\n',
            "site/no": "",
            "site/d/q.html": page('<a href="/no">x</a>'),
        },
    )
    assert command("check", cwd=folder / "site" / "d").status == 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            '[check]\n\nselekt = ["HR1"]\n',
            'hotreload.toml:3: there is no key "selekt" in [check]; did you mean "select"?',
        ),
        (
            "[chek]\nselect = []\n",
            'hotreload.toml:1: there is no key "chek"; did you mean "check"?',
        ),
        ("prot = 1\n", 'hotreload.toml:1: there is no key "prot"; did you mean "port"?'),
        (
            '[check]\nselect = "HR1"\n',
            'hotreload.toml:2: "select" wants a list of strings, not "HR1"',
        ),
        ("[check]\nfix = 1\n", 'hotreload.toml:2: "fix" wants true or false, not 1'),
        ("[check]\nselect = [\n", "hotreload.toml:2: this is not TOML: "),
        ('[check]\nformat = "xml"\n', "'xml' is not one of"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_line_and_status_2(
    text: str, sentence: str, folder: Path
) -> None:
    done = command("check", cwd=write(folder, {"hotreload.toml": text}))
    assert sentence in done.error
    assert (done.error.count("\n"), done.status) == (1, 2)


def test_help_names_every_option_and_rule() -> None:
    said = command("check", "--help").out
    for name in ("--root", "--fix", "--format", "--select", "--ignore", "--exclude", "--elsewhere"):
        assert name in said
    assert all(code in said for code in findings.RULES)


def test_help_needs_no_configuration(folder: Path) -> None:
    write(folder, {"hotreload.toml": "nonsense"})
    assert command("check", "--help", cwd=folder).status == 0


def test_the_example_site_is_clean() -> None:
    done = command("check", "examples/site", cwd=CHECKOUT)
    assert (done.out, done.status) == ("", 0)
