"""What is attacked: the site with canaries in it and around it, and the real command serving it.

Its fixtures are every test's: `conftest` names this module.
"""

from collections.abc import Iterator

import pytest
from attacking import ask, get
from canary import PUBLIC, Tree, plant
from conftest import Server


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
