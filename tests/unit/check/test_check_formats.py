"""Findings as text, and as programs read them."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotreload.check import formats
from hotreload.check.findings import RULES, Finding

HERE = os.path.join(os.getcwd(), "a", "p.html")
FINDING = Finding(HERE, 3, 4, "HR101", '"x" leads to no file')


def test_text_is_a_line_a_finding() -> None:
    assert (
        formats.text([FINDING, FINDING])
        == 'a/p.html:3:4: HR101 "x" leads to no file\n'.replace("/", os.sep) * 2
    )


def test_colours_change_nothing_but_the_look() -> None:
    import click

    coloured = formats.text([FINDING], colour=True)
    assert coloured != formats.text([FINDING])
    assert click.unstyle(coloured) == formats.text([FINDING])


TEXTS = st.text().filter(lambda text: "\0" not in text)


@given(TEXTS, TEXTS, st.sampled_from(sorted(RULES)))
def test_any_finding_is_one_line_and_gets_through(name: str, sentence: str, code: str) -> None:
    finding = Finding(os.path.join(os.path.dirname(HERE), name), 1, 1, code, sentence)
    assert formats.text([finding]).count("\n") == 1
    assert formats.text([finding]).isprintable() is False  # but for the end of the line it is
    assert formats.text([finding])[:-1].isprintable()
    assert formats.github([finding]).count("\n") == 1
    assert json.loads(formats.as_json([finding]))[0]["sentence"] == sentence
    (result,) = json.loads(formats.sarif([finding]))["runs"][0]["results"]
    assert result["message"]["text"] == sentence


@pytest.mark.parametrize("style", sorted(formats.FORMATS))
def test_nothing_found_is_written_too(style: str) -> None:
    text = formats.FORMATS[style]([])
    if style == "sarif":
        assert [run["results"] for run in json.loads(text)["runs"]] == [[]]
    else:
        assert text == ("[]\n" if style == "json" else "")


def test_paths_above_this_folder_stay_whole() -> None:
    outside = os.path.join(os.path.dirname(os.getcwd()), "x.html")
    assert formats.shown(outside) == outside
