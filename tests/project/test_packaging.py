"""The wheel and the sdist, as somebody gets them who has no checkout."""

import os
import subprocess
import sys
import sysconfig
import tarfile
import urllib.request
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import CHECKOUT

import hotreload
from hotreload.app.assets import without_comments

MODULES = sorted(
    path.relative_to(CHECKOUT / "injector/src")
    for path in (CHECKOUT / "injector/src").rglob("*.js")
)
BIN = "Scripts" if os.name == "nt" else "bin"


def output(*command: str, cwd: Path) -> str:
    """What the command prints; if it fails, the test says with what."""
    done = subprocess.run(command, check=False, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(folder: Path, *options: str) -> Path:
    """Build with the hatchling that is installed here, so that no network is needed."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder)]
    output(*command, *options, cwd=CHECKOUT)
    return folder


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an sdist, and the wheel that was built from it."""
    return build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    (found,) = dist.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh virtual environment that holds the wheel, and borrows what the wheel depends on."""
    home = tmp_path_factory.mktemp("elsewhere") / "venv"
    venv.create(home, with_pip=False, symlinks=os.name != "nt")
    python = home / BIN / Path(sys.executable).name
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    output(*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel), cwd=home)
    borrow(home)
    return home


def borrow(home: Path) -> None:
    """Put this environment's packages behind those of `home`.

    A path that comes from a .pth file has its own .pth files left alone, and so the editable
    install of the checkout stays out.
    """
    variables = {"base": str(home), "platbase": str(home)}
    packages = Path(sysconfig.get_path("purelib", "venv", variables))
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")


def program(environment: Path) -> str:
    return str(environment / BIN / "hotreload")


def test_the_wheel_holds_every_browser_module(names: set[str]) -> None:
    assert {f"hotreload/injector/{module.as_posix()}" for module in MODULES} <= names
    assert "hotreload/injector/client.js" in names


def test_the_wheel_holds_the_marker_that_types_are_to_be_read(names: set[str]) -> None:
    assert "hotreload/py.typed" in names


def test_the_wheel_installs_nothing_but_the_package_and_its_metadata(names: set[str]) -> None:
    """The import names `injector` and `tests` belong to others."""
    metadata = f"hotreload_server-{hotreload.__version__}.dist-info"
    assert {name.split("/")[0] for name in names} == {"hotreload", metadata}


def test_the_wheel_carries_the_licence(names: set[str]) -> None:
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_wheel_holds_no_leftovers(names: set[str]) -> None:
    assert {Path(name).suffix for name in names if name.startswith("hotreload/")} == {
        ".py",
        ".js",
        ".json",
        ".typed",
    }


def test_a_wheel_from_the_checkout_equals_the_one_from_the_sdist(
    names: set[str], tmp_path: Path
) -> None:
    (direct,) = build(tmp_path, "--wheel").glob("*.whl")
    assert set(zipfile.ZipFile(direct).namelist()) == names


def test_the_sdist_holds_the_tests_and_no_node_modules(dist: Path) -> None:
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "tests/project/test_packaging.py",
        "examples/site/index.html",
        "injector/tsconfig.json",
    } <= inside
    assert not [name for name in inside if "node_modules" in name]


def test_the_installed_command_says_its_version(environment: Path, tmp_path: Path) -> None:
    assert output(program(environment), "--version", cwd=tmp_path) == "hotreload 0.1.0\n"


def test_the_installed_command_serves_its_browser_modules(
    environment: Path, server: Callable[..., Any], site: Path, tmp_path: Path
) -> None:
    running = server(site, cwd=tmp_path, program=[program(environment)])
    for module in MODULES:
        with urllib.request.urlopen(f"{running.url}__hotreload__/{module.as_posix()}") as answer:
            source = (CHECKOUT / "injector/src" / module).read_bytes()
            assert answer.read() == without_comments(source)
