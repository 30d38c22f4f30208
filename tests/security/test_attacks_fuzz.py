"""What strangers' bytes are read by keeps its promises: a short run of the fuzzers.

The long one is `python tests/fuzz SECONDS`, or the nightly profile.
"""

import subprocess
import sys

import pytest
from conftest import CHECKOUT, NIGHTLY
from fuzz import corpora
from fuzz.targets import TARGETS
from fuzz.varied import varied
from hypothesis import given, settings
from hypothesis import strategies as st
from support.process.overtime import unlimited


@pytest.mark.parametrize("name", TARGETS)
def test_known_inputs_break_no_promise(name):
    """Those to begin with, and each that once broke one."""
    inputs = corpora.read(name)
    assert len(inputs) > 10
    for data in inputs:
        TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_variations_of_them_break_no_promise(name):
    @settings(max_examples=300 if NIGHTLY else 75, deadline=None)
    @given(varied(corpora.read(name)))
    def hold(data: bytes) -> None:
        TARGETS[name](data)

    hold()


@given(st.binary())
def test_an_input_is_the_same_when_it_was_written_down(data):
    assert corpora.parsed(corpora.written(data)) == data


# What a repository that somebody else wrote is read by.
OF_CLONES = ("gitignore", "redirects", "headers", "check", "configuration", "messages")


@pytest.mark.nightly
@pytest.mark.parametrize("name", TARGETS)
def test_minutes_of_fuzzing_find_nothing(name):
    unlimited()
    seconds = "600" if name in OF_CLONES else "100"
    command = [sys.executable, "tests/fuzz", seconds, name]
    assert subprocess.run(command, cwd=CHECKOUT).returncode == 0
