"""Whose files count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotreload.files.owners import counting, strangers


@given(st.integers(1, 2**31), st.text())
def test_those_of_this_user_and_of_the_system_count(user: int, called: str) -> None:
    assert counting(user, {"SUDO_UID": called}) == {user, 0}


@pytest.mark.parametrize(
    ("variable", "counted"),
    [
        ("1000", {0, 1000}),
        ("", {0}),
        ("x", {0}),
        ("-5", {0}),
        ("²", {0}),
        ("1" * 5000, {0, int("1" * 10)}),
    ],
)
def test_as_root_those_of_the_caller_of_sudo_count_too(variable: str, counted: set[int]) -> None:
    assert counting(0, {"SUDO_UID": variable}) == counted
    assert counting(0, {}) == {0}


def test_all_others_are_strangers() -> None:
    assert strangers([5, 0, 7, 7], {0, 5}) == [7]
    assert strangers([], {0}) == []
