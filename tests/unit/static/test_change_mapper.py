"""What pages are told of a change is what the watcher compares the next one with."""

import asyncio
from pathlib import Path

import pytest
from support.process.watching import Watching, made_site, runs, watching

from hotreload.app.inject import Injector
from hotreload.config.settings import Settings
from hotreload.files import write_lease
from hotreload.files.stamp import digest
from hotreload.http.messages import Request
from hotreload.live.history import UpdateHistory
from hotreload.live.import_graph import ImportGraph
from hotreload.static.site.site import Mount, Site
from hotreload.static.static import Static
from hotreload.watch.changes import Change, ChangeKind

site = made_site


def static(site: Path, used) -> Static:
    write_lease.prepare()
    settings = Settings(site, compress=False)
    tagger = Injector(UpdateHistory("0" * 8), settings.tag, "client.js", lambda *_: None)
    return Static(
        Site([Mount((), site)]), used, settings.static, lambda *_: None,
        import_graph=ImportGraph(), tagger=tagger,
    )  # fmt: skip


def get(served: Static, path: bytes) -> bytes:
    return served.respond(Request.of("GET", path, [(b"host", b"localhost")], "http")).body


def test_the_watcher_hears_which_content_pages_were_told_of(site):
    used: dict[str, str | None] = {}
    served = static(site, used.__setitem__)
    assert get(served, b"/style.css") == b"p { color: red }\n"
    style = site / "style.css"
    style.write_text("a save that is told")
    (told,) = asyncio.run(served.file_changes(Change(str(style), ChangeKind.MODIFIED)))

    assert told.digest == used[str(style)] == digest(b"a save that is told")


def test_of_a_file_that_nobody_was_served_nothing_is_said_to_be_used(site):
    used: dict[str, str | None] = {}
    served = static(site, used.__setitem__)
    before = dict(used)
    (told,) = asyncio.run(served.file_changes(Change(str(site / "style.css"), ChangeKind.ADDED)))

    assert (told.digest, used) == (None, before)


@runs
async def test_a_save_that_is_undone_right_after_it_was_told_is_undone_in_the_pages(site):
    """The watcher has seen the version before and after, and pages the one in between."""
    style = site / "style.css"
    async with watching(site) as watch:
        served = static(site, watch.watcher.use)
        for number in range(20):
            get(served, b"/style.css")
            style.write_text(f"a save {number}")
            first = await _next(watch, style)
            style.write_text(f"in between {number}")
            (shown,) = [change.digest for change in await served.file_changes(first)]
            style.write_text(f"a save {number}")
            while shown != digest(style.read_bytes()):
                change = await _next(watch, style)
                (shown,) = [c.digest for c in await served.file_changes(change)]
            while not await watch.nothing(0.05):
                pass


@pytest.mark.parametrize("again", ["first", "second"])
@runs
async def test_a_file_that_is_just_being_saved_again_is_told_when_that_is_done(site, again):
    """Pages that asked now would load the version before, also when the same is saved twice."""
    style = site / "style.css"
    async with watching(site) as watch:
        served = static(site, watch.watcher.use)
        get(served, b"/style.css")
        style.write_text("first")
        first = await _next(watch, style)
        with style.open("w") as file:
            file.write(again[:2])
            file.flush()
            assert await served.file_changes(first) == []
            file.write(again[2:])
        (told,) = await served.file_changes(await _next(watch, style))

    assert (told.kind, told.digest) == (ChangeKind.MODIFIED, digest(again.encode()))


async def _next(watch: Watching, file: Path) -> Change:
    while True:
        _, batch = await watch.heard.get()
        for change in batch.changes:
            if change.path == str(file):
                return change
