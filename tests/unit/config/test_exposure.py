"""What a configuration file would open to others, and whether it may."""

from pathlib import PurePosixPath
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotreload.cli.configured_command import keys_of
from hotreload.cli.main import cli
from hotreload.config import exposure
from hotreload.config.exposure import (
    HARMLESS,
    OPENED,
    PATHS,
    ConfiguredKey,
    Known,
    OpenedKey,
    Permission,
)
from hotreload.config.parser import ValueKind

PROJECT = PurePosixPath("/home/me/project")
SOMETHING = [OpenedKey(1, "host", "lets other devices in")]


def what(key: str, value: Any, kind: ValueKind = ValueKind.GIVEN, *leads: str) -> list[str]:
    said = ConfiguredKey(key, value, kind, [PurePosixPath(path) for path in leads], 7)
    return [each.what for each in exposure.opened([said], [PROJECT])]


def test_every_key_of_every_command_is_known_to_be_harmless_or_has_its_sentence() -> None:
    """Whoever adds an option decides what a file of somebody else may do with it."""
    known = keys_of(click.Context(click.Command("beside"), parent=click.Context(cli)).parent)
    keys = {key: kind for table in known.values() for key, kind in table.items()}

    undecided = {key for key, kind in keys.items() if kind not in PATHS} - HARMLESS - set(OPENED)

    assert undecided == set()
    assert HARMLESS | set(OPENED) <= set(keys), "a key that is gone is still decided about"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("host", True),
        ("host", "0.0.0.0"),
        ("host", "127.evil.example"),
        ("host", ""),
        ("allow-host", ["a.test"]),
        ("cors", True),
        ("cors", "https://a.test"),
        ("follow-symlinks", True),
        ("fix", True),
        ("not-known-yet", True),
    ],
)
def test_what_opens_something_is_said(key: str, value: Any) -> None:
    assert what(key, value) == [OPENED.get(key, "is for people to decide")]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("host", False),
        ("host", "false"),
        ("host", "localhost"),
        ("host", "127.0.0.1"),
        ("host", "::1"),
        ("allow-host", []),
        ("cors", False),
        ("fix", False),
        ("port", 80),
        ("open", "/x"),
    ],
)
def test_what_opens_nothing_is_not(key: str, value: Any) -> None:
    assert what(key, value) == []


def test_a_path_stays_in_the_project() -> None:
    assert what("root", "site", ValueKind.PATH, "/home/me/project/site") == []
    assert what("watch", ["."], ValueKind.PATHS, "/home/me/project") == []
    assert what("mount", ["/x=/"], ValueKind.PLACED, "/home/me/project", "/") == [
        "leads to /, outside of the project"
    ]
    assert what("cert", "c", ValueKind.PATH, "/home/me/project2/c") == [
        "leads to /home/me/project2/c, outside of the project"
    ]


def test_what_is_secret_in_the_project_is_served_by_no_other_name() -> None:
    place = "/home/me/project/.git"
    assert what("mount", ["/x=.git"], ValueKind.PLACED, place) == [
        f"serves {place}, which is kept secret otherwise"
    ]
    assert what("watch", [".git"], ValueKind.PATHS, place) == []
    said = ConfiguredKey("root", "site", ValueKind.PATH, [PurePosixPath("/home/me/.a/site")], 1)
    top, folder = PurePosixPath("/home/me"), PurePosixPath("/home/me/.a")
    assert exposure.opened([said], [folder, top]) == []


@given(st.sampled_from(Known), st.booleans(), st.booleans())
def test_a_file_that_opens_something_is_obeyed_only_with_leave(
    known: Known, personal: bool, there: bool
) -> None:
    verdict = exposure.decide(SOMETHING, known, is_personal=personal, may_ask=there)

    assert (verdict is Permission.ALLOWED) == (personal or known is Known.TRUSTED)
    assert (verdict is Permission.ASK) <= there
    assert exposure.decide([], known, is_personal=personal, may_ask=there) is Permission.ALLOWED


def test_a_refusal_names_the_place_the_reason_and_the_way() -> None:
    two = [*SOMETHING, OpenedKey(3, "cors", "lets pages read")]

    assert exposure.refusal("f", two, Known.NEW, "hotreload trust f", most=1) == (
        "f:1: host lets other devices in (and 1 more); the file is not trusted: read it,"
        " then `hotreload trust f`"
    )
    assert exposure.refusal("f", two, Known.CHANGED, "t") == (
        "f:1: host lets other devices in, f:3: cors lets pages read; the file has changed since it"
        " was trusted: read it, then `t`"
    )


def test_a_file_of_others_is_named_with_them() -> None:
    assert exposure.foreign("f", [7, 8], "t") == (
        "f belongs to user 7 and user 8 and does not count: read it, then `t`"
    )
