"""What is attacked: the site with canaries in it and around it, and the real command serving it.

Its fixtures are every test's: `conftest` names this module.
"""

from collections.abc import Iterator

import pytest
from conftest import Server

from support.security.attacking import ask, get
from support.security.canary import PUBLIC, Tree, plant


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return plant(tmp_path_factory.mktemp("attacked"))


@pytest.fixture(scope="module")
def victim(tree: Tree) -> Iterator[Server]:
    """The server of that site; alive before each test and after the last."""
    running = Server(tree.site)
    yield running
    assert ask(running.port, get(b"/app.js")).body == PUBLIC["app.js"]
    running.kill()
