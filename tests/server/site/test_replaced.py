"""A save that takes the file away for a moment is no time at which it is missing.

Some editors rename a file before they write it anew, as `mv page.html page.html~` does.
"""

import pytest
from support.security.attacking import Wire, ask, get


@pytest.mark.parametrize(
    ("name", "target"),
    [("page.html", b"/page.html"), ("index.html", b"/"), ("page.html", b"/page")],
    ids=["a file", "an index page", "a page by its clean URL"],
)
def test_who_asks_while_a_file_is_being_replaced_gets_the_new_one(server, tmp_path, name, target):
    place = tmp_path / name
    place.write_text("<!doctype html><title>before</title>")
    running = server(tmp_path)
    assert b"before" in ask(running.port, get(target)).body

    place.rename(tmp_path / "kept")
    with Wire(running.port) as wire:
        wire.send(get(target))
        assert ask(running.port, get(b"/kept")).status == 200  # the server has read both
        place.write_text("<!doctype html><title>after</title>")
        reply = wire.reply()

    assert reply.status == 200
    assert b"after" in reply.body


def test_a_file_that_stays_away_is_missing(server, tmp_path):
    """Asked for again, while other files in its folder come and go, it is not waited for."""
    place = tmp_path / "page.html"
    place.write_text("<!doctype html><title>before</title>")
    running = server(tmp_path)
    assert ask(running.port, get(b"/page.html")).status == 200

    place.unlink()
    assert ask(running.port, get(b"/page.html")).status == 404
    place.write_text("<!doctype html><title>again</title>")
    assert b"again" in ask(running.port, get(b"/page.html")).body
