"""No class and no function of hotreload is larger than a reader can hold in mind."""

import ast
from collections import Counter
from collections.abc import Iterator
from typing import Final

import pytest
from conftest import CHECKOUT

MOST_METHODS: Final = 20
MOST_ATTRIBUTES: Final = 12
MOST_ARGUMENTS: Final = 7
MOST_FILES: Final = 16

# Each with the reason why it is better as it is.
EXCEPTIONS: Final = {
    "cli/check.py check": "its arguments are the options of the command",
    "cli/echo.py echo": "its arguments are the options of the command",
    "cli/options_to_settings.py settings": "its arguments are the options of `serve`",
    "config/settings.py Settings": "the one list of all options; each room takes its part of it",
}


Function = ast.FunctionDef | ast.AsyncFunctionDef


def too_large(source: str) -> dict[str, str]:
    """What in a module is larger than allowed: its qualified name, and its sizes."""
    return dict(_too_large(ast.parse(source), ""))


def _too_large(node: ast.AST, prefix: str) -> Iterator[tuple[str, str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            methods, attributes = _methods(child), _attributes(child)
            if len(methods) > MOST_METHODS or len(attributes) > MOST_ATTRIBUTES:
                sizes = f"{len(methods)} methods, {len(attributes)} attributes"
                yield prefix + child.name, sizes
        elif isinstance(child, Function) and (number := _arguments(child)) > MOST_ARGUMENTS:
            yield prefix + child.name, f"{number} arguments"
        is_named = isinstance(child, ast.ClassDef | Function)
        yield from _too_large(child, f"{prefix}{child.name}." if is_named else prefix)


def _methods(node: ast.ClassDef) -> set[str]:
    return {each.name for each in node.body if isinstance(each, Function)}


def _attributes(node: ast.ClassDef) -> set[str]:
    """What is declared in the class, or assigned to `self` in a method."""
    declared = {
        each.target.id
        for each in node.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }
    assigned = {
        inner.attr
        for method in node.body
        if isinstance(method, Function)
        for inner in ast.walk(method)
        if isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store)
        if isinstance(inner.value, ast.Name) and inner.value.id == "self"
    }
    return declared | assigned


def _arguments(node: Function) -> int:
    found = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return len([each for each in found if each.arg not in ("self", "cls")])


def of_hotreload() -> dict[str, str]:
    """What in the package is larger than allowed: its file and name, and its sizes."""
    package = CHECKOUT / "hotreload"
    return {
        f"{file.relative_to(package).as_posix()} {name}": sizes
        for file in sorted(package.rglob("*.py"))
        for name, sizes in too_large(file.read_text(encoding="utf-8")).items()
    }


def test_no_class_or_function_is_too_large() -> None:
    allowed = EXCEPTIONS.keys()
    assert {name: sizes for name, sizes in of_hotreload().items() if name not in allowed} == {}


def test_each_exception_is_needed() -> None:
    assert EXCEPTIONS.keys() - of_hotreload().keys() == set()


def test_every_kind_of_size_is_counted() -> None:
    methods = "\n".join(f"  def m{number}(self): pass" for number in range(21))
    fields = "\n".join(f"  f{number}: int" for number in range(6))
    stores = "\n".join(f"    self.a{number} = 1" for number in range(5))
    arguments = "self, a, /, b, c, d, *e, f, g, h"
    method = f"  async def many({arguments}):\n{stores}\n    self.x, self.y = 1, 2"
    source = f"class Methods:\n{methods}\nclass Fields:\n{fields}\n{method}"

    assert too_large(source) == {
        "Methods": "21 methods, 0 attributes",
        "Fields": "1 methods, 13 attributes",
    }
    one_more = source.replace("self, a", "self, i, a")
    assert too_large(one_more)["Fields.many"] == "8 arguments"
    assert too_large("def nested():\n  if a:\n    def many(a, b, c, d, e, f, g, h): pass") == {
        "nested.many": "8 arguments"
    }


def test_what_is_exactly_as_large_as_allowed_is_not_too_large() -> None:
    methods = "\n".join(f"  def m{number}(self): self.a{number % 12} = 1" for number in range(20))
    function = "  def m0(self, a, b, c, d, e, f, g, *args, **kwargs): pass"

    assert too_large(f"class AsLarge:\n{methods}\n{function}") == {}


@pytest.mark.parametrize("top", ["hotreload", "injector/src"])
def test_no_folder_has_more_files_than_a_reader_takes_in_at_a_glance(top: str) -> None:
    paths = [*(CHECKOUT / top).rglob("*.py"), *(CHECKOUT / top).rglob("*.js")]
    counts = Counter(path.parent for path in paths if path.name != "__init__.py")
    assert counts
    assert {folder: count for folder, count in counts.items() if count > MOST_FILES} == {}
