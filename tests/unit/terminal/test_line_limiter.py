"""A storm of messages does not fill the terminal: what is left out is counted."""

import io

from hypothesis import given
from hypothesis import strategies as st

from hotreload.live.messages import Log, Page
from hotreload.terminal import line_limiter
from hotreload.terminal.line_limiter import MOST, SECONDS, LineLimiter
from hotreload.terminal.terminal import Terminal

PAGE = Page("/", "", 0)


def test_lines_beyond_a_minutes_worth_are_left_out_and_summed_up():
    lines = LineLimiter()
    assert [lines.admit(5) for _ in range(MOST)] == [(True, "")] * MOST

    said = "more than 600 lines in a minute: the others are counted"
    assert lines.admit(6) == (False, said)
    assert lines.admit(5 + SECONDS - 1) == (False, "")
    assert lines.admit(5 + SECONDS) == (True, "2 lines were left out")
    assert lines.admit(5 + SECONDS) == (True, "")
    assert lines.admit(5 + 3 * SECONDS) == (True, "")


@given(st.lists(st.floats(0, 30), max_size=100))
def test_in_no_minute_are_more_lines_than_that(steps):
    lines, now, admitted, before = LineLimiter(), 0.0, [], line_limiter.MOST
    line_limiter.MOST = 3
    try:
        for step in steps:
            now += step
            if lines.admit(now)[0]:
                admitted.append(now)
    finally:
        line_limiter.MOST = before
    for at in admitted:
        assert sum(at <= one < at + SECONDS for one in admitted) <= 2 * 3


def said(verbosity, tell):
    out = io.StringIO()
    terminal = Terminal(as_json=False, verbosity=verbosity, out=out)
    tell(terminal)
    terminal.stopped()
    return out.getvalue().splitlines()


def test_a_storm_of_sockets_is_summed_up():
    lines = said(1, lambda one: [one.pages.socket("message", "/", "") for _ in range(5000)])

    assert len(lines) == MOST + 2
    assert lines[-2].endswith("more than 600 lines in a minute: the others are counted")
    assert lines[-1].endswith("4,400 lines were left out")


def test_a_storm_of_problems_is_summed_up_even_where_only_problems_are_told():
    lines = said(-1, lambda one: [one.problem(f"number {n}") for n in range(5000)])

    assert len(lines) == MOST + 2
    assert lines[-1].endswith("4,400 lines were left out")


def test_what_pages_and_problems_say_cannot_drive_the_terminal():
    def tell(terminal):
        terminal.problem("a \x1b[2J\x9b31m\x07 b\u202e\udce9\r\n")
        terminal.note("\x1b]0;title\x07")
        terminal.pages.logged(PAGE, Log("error", "\x1b[31mred\n", "\x1b", 1))
        terminal.pages.logged(PAGE, Log("info", "\x1b[31mred\n"))
        terminal.pages.joined(Page("/\x1b[2J", "", 0), 1)
        terminal.pages.socket("connected", "/\x1b[2J", "\x1b")

    lines = said(1, tell)

    assert len(lines) == 6
    assert all(line.isprintable() for line in lines), lines
