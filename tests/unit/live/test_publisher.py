"""How a saved file is called for the person at the terminal."""

import asyncio
import ntpath
import os
from pathlib import Path, PureWindowsPath
from typing import Any, cast

from hotreload.live.history import UpdateHistory
from hotreload.live.publisher import Publisher
from hotreload.watch.changes import Batch, Change, ChangeKind


class Told:
    """Stands for the terminal, the site and the channel, and keeps what the first is told."""

    def __init__(self) -> None:
        self.names: list[str] = []

    async def file_changes(self, change: Change) -> list[str]:
        return [change.path]

    def saved(self, _update: object, names: list[str]) -> None:
        self.names = names

    def broadcast(self, _update: object) -> None:
        pass


def named(root: object, *paths: str) -> list[str]:
    told = Told()
    one = cast("Any", told)
    pushing = Publisher(one, one, cast("Any", _Numbers("00000000")), one, cast("Path", root))
    batch = Batch(tuple(Change(path, ChangeKind.MODIFIED) for path in paths), 0.0)
    asyncio.run(pushing._take(batch, one))
    return told.names


class _Numbers(UpdateHistory):
    """Numbers any changes, of which nothing is kept."""

    def append(self, *_: Any, **_more: Any) -> Any:
        return None


def test_a_file_of_the_site_is_called_by_its_place_in_it_and_another_by_its_path():
    root = os.path.abspath("site")
    inside, outside = os.path.join(root, "css", "a.css"), os.path.abspath("other.css")

    assert named(root, inside, outside) == [os.path.join("css", "a.css"), outside]


def test_a_file_on_another_drive_has_no_place_in_it(monkeypatch):
    """--watch and --mount may name one on Windows."""
    monkeypatch.setattr(os.path, "relpath", ntpath.relpath)

    assert named(PureWindowsPath("C:/site"), r"D:\a.css", r"C:\site\b.css") == [
        r"D:\a.css",
        "b.css",
    ]
