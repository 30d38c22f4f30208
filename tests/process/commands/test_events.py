"""`--json`: every line of real runs is an event of the schema, and no event is missing."""

import json
import os
import re
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from playwright.sync_api import Page
from support.process.commands import CHECKOUT, command
from support.security.attacking import ask, get

SCHEMA: dict[str, Any] = json.loads(
    (files("hotreload.terminal") / "events.schema.json").read_text(encoding="utf-8")
)
EVENTS = SCHEMA["$defs"]


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.page_errors
def test_every_line_is_an_event_of_the_schema_and_each_event_occurs(
    site: Path, server: Callable[..., Any], page: Page
) -> None:
    if sys.platform == "linux":  # where a folder with such a name is looked through, which is noted
        os.mkdir(os.fsencode(site) + b"/caf\xe9")
    running = server(site, "--watch", str(site / "lost"))
    page.goto(running.url)
    running.wait_for(type="page", event="opened")
    for name in ("styles/colours.css", "index.html", "unused.txt"):
        with (site / name).open("a") as file:
            file.write("\n/* \x1b[31m é */")
        running.wait_for(type="update")
    page.evaluate("setTimeout(() => { throw new Error('no\\n\\x1b') })")
    running.wait_for(type="log", level="error")
    command("echo", f"localhost:{running.port}", "x")
    running.wait_for(type="socket", event="message")
    (site / "_redirects").write_text("nonsense\n")
    page.reload()
    running.wait_for(type="problem")
    ask(running.port, get(b"/", host=b"dev.example"))
    running.wait_for(type="refused")
    page.close()
    running.wait_for(type="page", event="closed")
    running.stop()

    schema = jsonschema.Draft202012Validator(SCHEMA)
    for line in running.lines:
        schema.validate(line)
    missing = set(EVENTS) - {line["type"] for line in running.lines}
    assert missing == (set() if sys.platform == "linux" else {"note"})
    times = [line["at"] for line in running.lines]
    assert times == sorted(times)
    assert running.lines[-1]["type"] == "stopped"


def test_a_line_is_one_line_in_ascii_whatever_is_in_it(
    site: Path, server: Callable[..., Any]
) -> None:
    name = "b\nad\u2028\x1b.css" if os.name != "nt" else "b\u2028ad.css"
    running = server(site)
    (site / name).touch()
    assert running.wait_for(type="update")["files"] == [name]


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_the_documentation_names_every_event_and_field(event: str) -> None:
    page = (CHECKOUT / "docs" / "events.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| `{event}` \| (.*) \| (.*) \|$", page, re.MULTILINE)
    assert row is not None
    assert row[1] == EVENTS[event]["description"]
    fields = [name for name in EVENTS[event]["properties"] if name not in ("type", "at")]
    assert re.findall(r"`(\w+)`", row[2]) == fields
