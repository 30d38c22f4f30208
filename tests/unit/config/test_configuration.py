"""What hotreload.toml and pyproject.toml say, and what is wrong with it."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.process.checked import write

from hotreload.config import parser, sources
from hotreload.config.parser import ConfiguredValue, ValueKind, line_of
from hotreload.errors import BadSetting

MAIN = {
    "port": ValueKind.NUMBER,
    "open": ValueKind.TEXT,
    "json": ValueKind.SWITCH,
    "watch": ValueKind.PATHS,
    "cert": ValueKind.PATH,
    "poll": ValueKind.GIVEN,
    "mount": ValueKind.PLACED,
    "ports": ValueKind.NUMBERS,
}
KNOWN = {None: MAIN, "check": {"ignore": ValueKind.TEXTS}, "echo": {}}


def load(folder: Path, section: str | None = None) -> dict[str, ConfiguredValue]:
    return parser.values(sources.find(folder).files, section, KNOWN)


def values(folder: Path, section: str | None = None) -> dict[str, object]:
    return {key: found.value for key, found in load(folder, section).items()}


def test_without_files_nothing_is_said(tmp_path: Path) -> None:
    assert values(tmp_path) == {}


def test_each_key_takes_what_it_wants(tmp_path: Path) -> None:
    text = 'port = 1\nopen = "/"\njson = true\nwatch = ["a"]\ncert = "b"\n'
    write(tmp_path, {"hotreload.toml": text})
    here = str(tmp_path)
    assert values(tmp_path) == {
        "port": 1,
        "open": "/",
        "json": True,
        "watch": [f"{here}/a"],
        "cert": f"{here}/b",
    }


@pytest.mark.parametrize("value", ["true", "false", "250", '"250"'])
def test_a_key_whose_flag_needs_no_value_takes_true_false_or_a_value(
    value: str, tmp_path: Path
) -> None:
    write(tmp_path, {"hotreload.toml": f"poll = {value}\n"})
    assert values(tmp_path) == {"poll": tomllib.loads(f"poll = {value}")["poll"]}


def test_a_path_behind_a_name_is_relative_to_the_file(tmp_path: Path) -> None:
    write(tmp_path, {"d/hotreload.toml": 'mount = ["/a=../a", "/b=/b", "c", "/d="]\n'})
    folder = tmp_path / "d"
    assert values(folder) == {"mount": [f"/a={folder / '../a'}", "/b=/b", "c", "/d="]}


def test_lists_of_numbers_are_lists_of_whole_numbers(tmp_path: Path) -> None:
    write(tmp_path, {"hotreload.toml": "ports = [1, 2]\n"})
    assert values(tmp_path) == {"ports": [1, 2]}


def test_each_value_says_where_it_is_written(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "[tool.hotreload]\njson = true\nport = 1\n"})
    assert load(tmp_path)["port"].place == f"{tmp_path / 'pyproject.toml'}:3"


def test_absolute_paths_stay(tmp_path: Path) -> None:
    write(tmp_path, {"hotreload.toml": 'cert = "/b"\n'})
    assert values(tmp_path) == {"cert": "/b"}


def test_the_nearest_files_count_and_ours_before_the_shared_one(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "hotreload.toml": "port = 1\n",
            "pyproject.toml": "[tool.hotreload]\nport = 2\njson = true\n",
        },
    )
    write(
        tmp_path,
        {"d/pyproject.toml": "[project]\nname = 'x'\n", "d/e/hotreload.toml": 'open = "/"\n'},
    )
    assert values(tmp_path) == {"port": 1, "json": True}
    assert values(tmp_path / "d") == {"port": 1, "json": True}
    assert values(tmp_path / "d" / "e") == {"port": 2, "json": True, "open": "/"}


def test_commands_have_tables_of_their_own(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"pyproject.toml": '[tool.hotreload]\nport = 2\n[tool.hotreload.check]\nignore = ["x"]\n'},
    )
    assert values(tmp_path) == {"port": 2}
    assert values(tmp_path, "check") == {"ignore": ["x"]}
    assert values(tmp_path, "echo") == {}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "[tool.hotreload]\nPort = 1",
            ':2: there is no key "Port" in [tool.hotreload]; did you mean "port"?',
        ),
        (
            "[tool.hotreload]\nzzz = 1",
            "; known are cert, check, echo, json, mount, open, poll, port, ports, watch",
        ),
        ("[tool]\nhotreload = { zzz = 1 }", ':2: there is no key "zzz"'),
        ("[tool.hotreload]\nport = true", ':2: "port" wants a whole number, not true'),
        ("[tool.hotreload]\nport = '1'", ':2: "port" wants a whole number, not "1"'),
        ("[tool.hotreload]\njson = 1", '"json" wants true or false, not 1'),
        ("[tool.hotreload]\npoll = 1.5", '"poll" wants true, false or a value, not 1.5'),
        ("[tool.hotreload]\nmount = '/a=b'", '"mount" wants a list of strings, each a name and'),
        ("[tool.hotreload]\nports = [true]", '"ports" wants a list of whole numbers, not [True]'),
        ("[tool.hotreload]\ncert = 1", '"cert" wants a path, not 1'),
        ("[tool.hotreload]\nopen = []", '"open" wants a string, not []'),
        ("[tool.hotreload]\nwatch = [1]", '"watch" wants a list of paths, not [1]'),
        ("[tool.hotreload]\n\ncheck = 1", ":3: check is a table: write [check]"),
        ("[tool.hotreload.check]\nignore = [1]", '"ignore" wants a list of strings'),
        (
            "[tool.hotreload.check]\n\nport = 1",
            ':3: there is no key "port" in [tool.hotreload.check]; known are ignore',
        ),
        ("[tool\n", ":1: this is not TOML: "),
        ("[tool.hotreload]\nport = [\n", ":2: this is not TOML: "),
        ("[tool]\nhotreload = 1", ":2: hotreload is a table: write [tool.hotreload]"),
    ],
)
def test_mistakes_are_told_with_the_file_and_the_line(
    text: str, sentence: str, tmp_path: Path
) -> None:
    write(tmp_path, {"pyproject.toml": text})
    with pytest.raises(BadSetting) as caught:
        values(tmp_path)
    assert str(caught.value).startswith(str(tmp_path / "pyproject.toml"))
    assert sentence in str(caught.value)


def test_the_tools_of_others_are_none_of_ours(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "tool = 1\n"})
    assert values(tmp_path) == {}


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"hotreload.toml": "open = 'é'".encode("latin-1")})
    with pytest.raises(BadSetting, match="not written in UTF-8"):
        values(tmp_path)


def test_a_folder_in_place_of_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "hotreload.toml").mkdir()
    with pytest.raises(BadSetting, match=r"cannot read .*hotreload.toml"):
        values(tmp_path)


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a = 1\nb = 2", ("b",), 2),
        ("[t]\nb = 1\n[u]\nb = 2", ("u", "b"), 4),
        ("[t]\n[u.v]\n'b c' = 2", ("u", "v", "b c"), 3),
        ("u.v.b = 2", ("u", "v", "b"), 1),
        ("[[u]]\nb = 1", ("u", "b"), 2),
        ("\n[u.v]\nx = 1", ("u",), 2),
        ("# b = 1\nb = 2", ("b",), 2),
        ("a = 1\nt = { b = 1 }", ("t", "b"), 2),
        ("", ("b",), 1),
    ],
)
def test_a_key_is_found_in_its_line(text: str, path: tuple[str, ...], line: int) -> None:
    assert line_of(text, path) == line


@given(st.text(), st.lists(st.text(), min_size=1).map(tuple))
def test_any_text_has_a_line(text: str, path: tuple[str, ...]) -> None:
    assert 1 <= line_of(text, path) <= text.count("\n") + len(text) + 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("port = " + "[" * 5000, ": its values lie too deep within each other"),
        ("port = 1" + "0" * 5000, ": a number in it is too large"),
        ("port = 0x" + "f" * 5000, ':1: "port" wants a whole number, not a number of such a size'),
        (
            "ports = [0x" + "f" * 5000 + "]",
            '"ports" wants a list of whole numbers, not a number of',
        ),
        ("port = 9223372036854775808", '"port" wants a whole number, not 9223372036854775808'),
        (
            "port = '" + "x" * 5000 + "'",
            ':1: "port" wants a whole number, not "' + "x" * 59 + "...",
        ),
        ("a\n" + "a." * 100_000 + "b = 1", ":2: a key has 16 parts at most"),
        ("[" + "a . " * 16 + "b]", ":1: a key has 16 parts at most"),
        ("cert = 'a\\u0000'\ncert2 = \"\\u0000\"", ':2: there is no key "cert2"'),
        ('cert = "\\u0000"', ':1: "cert" wants a path, not "\x00"'),
        ('mount = ["/a=\\u0000"]', '"mount" wants a list of strings, each a name and a path'),
    ],
    ids=lambda text: text[:20].encode("unicode_escape").decode(),
)
def test_what_is_too_much_for_a_reader_is_told_in_a_sentence(
    text: str, sentence: str, tmp_path: Path
) -> None:
    write(tmp_path, {"hotreload.toml": text})
    with pytest.raises(BadSetting) as caught:
        values(tmp_path)
    assert f"{tmp_path / 'hotreload.toml'}{sentence}" in str(caught.value) or (
        sentence in str(caught.value)
    )


def test_a_number_in_pyproject_that_cannot_be_printed_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "[tool.hotreload]\nport = 0x" + "f" * 5000})
    with pytest.raises(BadSetting, match="a number in it is too large"):
        values(tmp_path)


@pytest.mark.parametrize(
    "value",
    [
        "1.5",
        '"' + "a." * 50 + '"',
        "'" + "a." * 50 + "'",
        '"""' + 'a.\\"\n"' * 50 + '"""',
        "'''" + "a.'\n" * 50 + "'''",
        "1 # " + "a." * 50,
        '["' + '.", "'.join("abcdefghijklmnopqrstuvwxyz") + '"]',
    ],
)
def test_dots_in_values_are_none_of_a_key(value: str, tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": f"a.b = {value}\n[tool.hotreload]\nport = 1\n"})
    assert values(tmp_path) == {"port": 1}


@pytest.mark.parametrize("text", ['a = """' + "a." * 50, "a = '''" + "a." * 50])
def test_a_string_without_an_end_is_no_key_either(text: str, tmp_path: Path) -> None:
    write(tmp_path, {"hotreload.toml": text})
    with pytest.raises(BadSetting, match="this is not TOML"):
        values(tmp_path)


def test_paths_are_found_in_each_kind_of_value(tmp_path: Path) -> None:
    text = 'cert = "a"\nwatch = ["b"]\nmount = ["/c=d", "e", "/f="]\nport = 1\nports = [1]\n'
    write(tmp_path, {"hotreload.toml": text})
    found = {key: parser.paths(each) for key, each in load(tmp_path).items()}
    here = str(tmp_path)
    assert found == {
        "cert": [f"{here}/a"],
        "watch": [f"{here}/b"],
        "mount": [f"{here}/d"],
        "port": [],
        "ports": [],
    }
