"""The client is small, and its lines in the browser are the lines of the source."""

import gzip
import posixpath
import re

from support.process.commands import CHECKOUT

from hotreload.app import assets

SOURCE = CHECKOUT / "injector" / "src"
BUDGET = 12 * 1024  # bytes, compressed


def loaded_by(name, modules):
    """The module and all that it imports at once; what it imports later comes when it is needed."""
    seen, queue = set(), [name]
    while queue:
        name = queue.pop()
        if name not in seen:
            seen.add(name)
            source = modules[name].data.decode()
            imports = re.findall(r'^(?:im|ex)port (?:[^;]* from )?"([^"]+)";', source, re.MULTILINE)
            room = posixpath.dirname(name)
            queue += [posixpath.normpath(posixpath.join(room, path)) for path in imports]
    return seen


def test_what_every_page_loads_is_within_its_budget():
    modules = assets.load().modules

    names = loaded_by("client.js", modules) | loaded_by("page.js", modules)

    assert {
        "client.js",
        "page.js",
        "messages.js",
        "connection/connection.js",
        "updates/resources.js",
    } <= names
    assert sum(len(gzip.compress(modules[name].data)) for name in names) < BUDGET


def test_comments_are_left_out_and_lines_stay_where_they_are():
    for name, asset in assets.load().modules.items():
        source = (SOURCE / name).read_bytes().split(b"\n")
        served = asset.data.split(b"\n")
        assert len(served) == len(source)
        for line, original in zip(served, source, strict=True):
            untyped = re.sub(rb"/\*\* @.*?\*/ ?", b"", original)
            assert line in (untyped, b"", untyped.rpartition(b" // ")[0])
        assert b"\n// " not in asset.data
        assert b"@type" not in asset.data


def test_code_with_slashes_and_stars_in_it_stays():
    source = b'const a = "//";\nx /* y */ = 2;\nf("a; // b");c = `; // d`'

    assert assets.without_comments(source) == source


def test_a_comment_at_the_end_of_a_line_goes():
    assert assets.without_comments(b"if (a) { // why\n  b; // because\n}") == b"if (a) {\n  b;\n}"


def test_a_comment_over_several_lines_leaves_its_lines_empty():
    source = b"a;\n  /**\n   * b\n   */\nc;\n// d\ne;"

    assert assets.without_comments(source) == b"a;\n\n\n\nc;\n\ne;"


def test_a_type_within_a_line_goes():
    source = b"const { a } = /** @type {B} */ (b);\nf((/** @type {C} */ c) => c);"

    assert assets.without_comments(source) == b"const { a } = (b);\nf((c) => c);"
