"""One module opens files in the path of a request."""

import ast
from pathlib import Path

import pytest

import hotreload

OPENERS = {
    *("open", "fdopen", "popen", "scandir", "listdir", "walk", "fwalk", "sendfile", "memmap"),
    *("read_bytes", "read_text", "open_code", "FileIO", "copyfile", "mmap", "glob", "rglob"),
}


# The one that may; one that sees whether a folder is empty; and one that reads our own modules
# before there is any request.
OPEN_FILES = {
    "hotreload.static.site.mount",
    "hotreload.files.cleared_folder",
    "hotreload.app.assets",
}


PACKAGE = Path(hotreload.__file__).parent


def file_of(module: str) -> Path:
    return PACKAGE.parent / (module.replace(".", "/") + ".py")


def source(module: str) -> ast.Module:
    return ast.parse(file_of(module).read_bytes())


def imports(module: str) -> set[str]:
    """The modules of hotreload that a module of it imports."""
    found = set()
    for node in ast.walk(source(module)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hotreload"):
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in found if file_of(name).exists()}


def in_the_path_of_a_request() -> list[str]:
    """Whatever answers requests and messages, and all that it imports."""
    found: set[str] = set()
    ahead = {
        "hotreload.app.app",
        "hotreload.http.connection.protocol",
        "hotreload.live.channel",
        "hotreload.app.inject",
        "hotreload.static.static",
    }
    while ahead:
        found |= ahead
        ahead = {name for module in ahead for name in imports(module)} - found - OPEN_FILES
    return sorted(found)


@pytest.mark.parametrize("module", in_the_path_of_a_request())
def test_nothing_else_in_the_path_of_a_request_opens_files(module):
    """One function decides what is served; a second door is a second decision."""
    for node in ast.walk(source(module)):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            of = ast.unparse(called.value) if isinstance(called, ast.Attribute) else ""
            allowed = name not in OPENERS or of.endswith(("site", "mounted"))
            assert allowed, f"{module}:{node.lineno} calls {name}"


def test_the_modules_in_the_path_of_a_request_are_looked_at():
    names = {module.rpartition(".")[2] for module in in_the_path_of_a_request()}

    assert {"guard", "inject", "file_cache", "url_path", "static"} <= names
