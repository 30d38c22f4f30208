"""What `hotreload serve` is told: on the command line, by variables, in files; and what counts."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.process.checked import page, write
from support.process.commands import CHECKOUT, command, environment

from hotreload.cli.main import main
from hotreload.config import sources, trust_store
from hotreload.config.settings import Settings
from hotreload.server import server
from hotreload.terminal import terminal

Told = Callable[..., Settings]


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    """What a run would be told, with these words and variables, in a folder with these files.

    The files are trusted: what others may not is tested elsewhere.
    """

    def told(*words: str, files: dict[str, str] | None = None, **env: str) -> Settings:
        runs: list[Settings] = []
        for name in [name for name in os.environ if name.startswith("HOTRELOAD_")]:
            monkeypatch.delenv(name)
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        write(tmp_path, dict[str, str | bytes](files or {}))
        for source in sources.find(tmp_path).files:
            trust_store.remember(source.file, source.digest)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(terminal, "Terminal", lambda **_: None)
        monkeypatch.setattr(server, "run", lambda settings, *_: runs.append(settings))
        with pytest.raises(SystemExit) as left:
            main(["serve", *words])
        assert left.value.code in (0, None)
        return runs[0]

    return told


def own(text: str) -> dict[str, str]:
    return {"hotreload.toml": text}


# -- every kind of key ---------------------------------------------------------------------------


def test_each_key_of_a_file_is_the_flag_of_that_name(told: Told, tmp_path: Path) -> None:
    here = tmp_path
    settings = told(
        files=own(
            """
            root = "site"
            port = 9000
            host = "127.0.0.2"
            open = "/docs/"
            https = true
            cert = "c.pem"
            key = "k.pem"
            allow-host = ["a.test", ".b.test"]
            mount = ["/docs=../docs", "/=/srv/more"]
            spa = "app.html"
            base = "/app/"
            header = ["/*: X-A: 1", "/b: X-B: 2"]
            cors = "https://a.test"
            mime = ["foo=text/foo"]
            compress = true
            no-listing = true
            follow-symlinks = true
            watch = ["../more"]
            ignore = ["*.log"]
            no-gitignore = true
            poll = 250
            full-reload = true
            no-inject = true
            csp = "keep"
            ws-compression = true
            verbose = true
            json = true
            """
        )
    )
    assert settings.root == here / "site"
    assert (settings.port, settings.host) == (9000, "127.0.0.2")
    assert settings.open_path == "/docs/"
    assert (settings.https, settings.cert, settings.key) == (True, here / "c.pem", here / "k.pem")
    assert settings.allow_hosts == ("a.test", ".b.test")
    assert settings.mounts == ((("docs",), here / "../docs"), ((), Path("/srv/more")))
    assert (settings.spa, settings.base) == (("app.html",), ("app",))
    assert [dict(wanted.headers) for wanted in settings.headers] == [
        {b"x-a": b"1"}, {b"x-b": b"2"},
    ]  # fmt: skip
    assert settings.cors is not None
    assert settings.types == {"foo": "text/foo"}
    assert settings.compress
    assert not settings.listing
    assert settings.follow_symlinks
    assert settings.watch == (here / "../more",)
    assert settings.ignore == ("*.log",)
    assert not settings.gitignore
    assert settings.poll == 0.25
    assert settings.full_reload
    assert not settings.inject
    assert settings.csp == "keep"
    assert settings.ws_compression
    assert (settings.verbosity, settings.json) == (1, True)


def test_the_table_in_pyproject_has_the_same_keys(told: Told, tmp_path: Path) -> None:
    text = "[tool.hotreload]\nport = 9000\nmount = ['/d=docs']\n"
    settings = told(files={"pyproject.toml": text})
    assert settings.port == 9000
    assert settings.mounts == ((("d",), tmp_path / "docs"),)


@pytest.mark.parametrize(
    ("flag", "key", "meant", "value", "read"),
    [
        ("open", "open_path", "/", "/a", "/a"),
        ("host", "host", "0.0.0.0", "127.0.0.2", "127.0.0.2"),
        ("poll", "poll", 0.5, "100", 0.1),
        ("spa", "spa", ("index.html",), "a.html", ("a.html",)),
    ],
)
def test_an_option_with_or_without_a_value_is_true_or_that_value_everywhere(
    told: Told, flag: str, key: str, meant: Any, value: str, read: Any
) -> None:
    variable = f"HOTRELOAD_{flag.upper()}"
    assert getattr(told(f"--{flag}"), key) == meant
    assert getattr(told(f"--{flag}={value}"), key) == read
    assert getattr(told(files=own(f"{flag} = true")), key) == meant
    assert getattr(told(files=own(f"{flag} = false")), key) is None
    assert getattr(told(files=own(f'{flag} = "{value}"')), key) == read
    assert getattr(told(files=own(""), **{variable: value}), key) == read
    assert getattr(told(**{variable: "true"}), key) == meant
    assert getattr(told(f"--{flag}", files=own(f'{flag} = "{value}"')), key) == meant


def test_cors_is_for_all_or_for_one(told: Told) -> None:
    anybody, somebody = told("--cors").cors, told("--cors=https://a.test").cors
    assert anybody != somebody
    assert told(files=own("cors = true")).cors == anybody
    assert told(files=own('cors = "https://a.test"')).cors == somebody
    assert told(files=own("cors = false")).cors is None


def test_the_example_in_the_readme_is_what_a_person_may_write(told: Told, tmp_path: Path) -> None:
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    example = next(text for text in re.findall(r"```toml\n(.*?)```", readme, re.DOTALL))
    settings = told(files=own(example))
    assert settings.root == tmp_path / "site"
    assert settings.open_path == "/"
    assert settings.mounts == ((("docs",), tmp_path / "../docs"),)
    assert settings.watch == (tmp_path / "../templates",)
    write(tmp_path, {"p.html": page('<a href="/api/x">x</a>')})
    assert command("check", cwd=tmp_path).status == 0


# -- what counts ---------------------------------------------------------------------------------


def test_a_flag_counts_before_a_variable_before_our_file_before_the_shared_one(told: Told) -> None:
    shared = {"pyproject.toml": "[tool.hotreload]\nport = 1\nbase = '/shared'\n"}
    both = {**shared, **own("port = 2\n")}
    assert told(files=shared).port == 1
    assert told(files=both).port == 2
    assert told(files=both, HOTRELOAD_PORT="3").port == 3
    assert told("--port", "4", files=both, HOTRELOAD_PORT="3").port == 4
    assert told(files=both).base == ("shared",)


def test_a_list_on_the_command_line_stands_for_the_list_in_a_file(told: Told) -> None:
    assert told("--ignore", "a", files=own("ignore = ['b', 'c']")).ignore == ("a",)


def test_a_variable_holds_several_values(told: Told) -> None:
    settings = told(
        HOTRELOAD_IGNORE="a b",
        HOTRELOAD_ALLOW_HOST="a.test b.test",
        HOTRELOAD_WATCH=os.pathsep.join(["x y", "z"]),
        HOTRELOAD_HEADER="/*: X-A: 1\n/b: X-B: 2",
        HOTRELOAD_MOUNT="/a=x y\n/b=z",
        HOTRELOAD_JSON="1",
    )
    assert settings.ignore == ("a", "b")
    assert settings.allow_hosts == ("a.test", "b.test")
    assert settings.watch == (Path("x y"), Path("z"))
    assert len(settings.headers) == 2
    assert settings.mounts == ((("a",), Path("x y")), (("b",), Path("z")))
    assert settings.json


def test_the_folder_is_typed_or_told_by_a_variable_or_a_file(told: Told, tmp_path: Path) -> None:
    files = own("root = 'filed'")
    assert told(files=files).root == tmp_path / "filed"
    assert told(files=files, HOTRELOAD_ROOT="varied").root == Path("varied")
    assert told("typed", files=files, HOTRELOAD_ROOT="varied").root == Path("typed")
    assert told().root == tmp_path / "filed"


@pytest.mark.parametrize("flag", ["--open", "--poll", "--host", "--spa", "--cors"])
def test_a_folder_behind_an_option_that_needs_no_value_is_the_one_to_serve(
    told: Told, tmp_path: Path, flag: str
) -> None:
    (tmp_path / "site").mkdir()
    settings = told(flag, "site", files=own("root = 'filed'"))
    assert settings.root == Path("site")
    assert settings == told("site", flag)


def test_no_open_undoes_a_file(told: Told) -> None:
    assert told("--no-open", files=own("open = true")).open_path is None


def test_paths_are_relative_to_the_file_wherever_the_command_is_run(tmp_path: Path) -> None:
    write(tmp_path, {"sub/x": "", "hotreload.toml": "root = 'no/site'\n"})
    done = command("serve", cwd=tmp_path / "sub")
    assert f"{tmp_path / 'no' / 'site'} does not exist" in done.error
    assert done.status == 1


# -- mistakes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("prot = 1", ':1: there is no key "prot"; did you mean "port"?'),
        ("port = 70000", ":1: 70000 is not in the range"),
        ("\nport = '80'", ':2: "port" wants a whole number, not "80"'),
        ("csp = 'no'", ":1: 'no' is not one of 'amend', 'keep'"),
        ("open = 'page'", "--open page: the path of a page starts with /"),
        ("mount = ['docs']", "--mount docs: give a URL path and a folder"),
        ("open_path = '/'", 'there is no key "open_path"'),
        ("[serve]\nport = 1", 'there is no key "serve"'),
        ("[echo]\ncount = 1", 'there is no key "echo"'),
    ],
)
def test_a_mistake_in_a_file_is_one_line_that_names_it(
    tmp_path: Path, text: str, sentence: str
) -> None:
    done = command("serve", ".", cwd=write(tmp_path, {"hotreload.toml": text}))
    assert sentence in done.error
    assert (done.error.count("\n"), done.status) == (1, 2)


def test_a_mistake_in_a_variable_names_the_variable(tmp_path: Path) -> None:
    done = command("serve", ".", cwd=tmp_path, env={"HOTRELOAD_PORT": "http"})
    assert done.error.startswith("hotreload: HOTRELOAD_PORT: 'http' is not a whole")
    assert (done.error.count("\n"), done.status) == (1, 2)


def test_help_and_version_need_no_configuration(tmp_path: Path) -> None:
    write(tmp_path, {"hotreload.toml": "nonsense"})
    assert command("serve", "--help", cwd=tmp_path).status == 0
    assert command("--version", cwd=tmp_path).status == 0


# -- end to end ----------------------------------------------------------------------------------


def test_a_server_does_what_its_file_says(
    tmp_path: Path, server: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    import urllib.request

    write(
        tmp_path,
        {
            "site/index.html": "site",
            "more/a.txt": "more",
            "pyproject.toml": "[tool.hotreload]\nmount = ['/m=more']\nheader = ['/m/*: X-A: b']\n",
        },
    )
    (tmp_path / "sub").mkdir()
    monkeypatch.setenv("PYTHONPATH", environment()["PYTHONPATH"])
    running = server(tmp_path / "site", cwd=tmp_path / "sub")
    with urllib.request.urlopen(running.url + "m/a.txt") as answer:
        assert (answer.read(), answer.headers["X-A"]) == (b"more", "b")
