"""What a URL names, what a GET of it would read, and sites to ask for it.

The fixtures are those that a module of such tests says its `site` and its `folder` are.
"""

from pathlib import Path

import pytest

from hotreload.files.open_file import NotServed
from hotreload.http.url_path import Target, parse
from hotreload.static.site.site import Found, Missing, Mount, Site
from support.security.canary import Tree


def find(site: Site, target: bytes):
    parsed = parse(target)
    return site.find(parsed) if isinstance(parsed, Target) else Missing()


def get(site: Site, target: bytes) -> bytes | None:
    """The content that a GET would answer with, None for 404."""
    found = find(site, target)
    if not isinstance(found, Found):
        return None
    try:
        with site.open(found.path) as file:
            return file.read()
    except NotServed:
        return None


@pytest.fixture
def planted_site(tree: Tree) -> Site:
    """All that can be asked for, and all that never may be."""
    return Site([Mount((), tree.site)])


@pytest.fixture
def small_site(tmp_path: Path) -> Path:
    (tmp_path / "site" / "sub").mkdir(parents=True)
    (tmp_path / "site" / "index.html").write_text("index")
    (tmp_path / "site" / "sub" / "page.html").write_text("page")
    return tmp_path / "site"
