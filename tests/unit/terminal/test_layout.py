"""Each thing that a person is told fits the screen, stands in its column, and commands nothing."""

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotreload.terminal import layout, qr
from hotreload.terminal.layout import Save, Start
from hotreload.terminal.text import columns, count, cut, pad, printable, wrap

WIDTHS = st.integers(30, 300)
NAMES = st.lists(st.text(max_size=80), max_size=4)


def plain(lines: list[str]) -> list[str]:
    return [click.unstyle(line) for line in lines]


# -- text ----------------------------------------------------------------------------------------


@given(st.text())
def test_printable_text_commands_nothing_and_what_was_printable_stays(text: str) -> None:
    assert printable(text).isprintable()
    assert printable(printable(text)) == printable(text)


@pytest.mark.parametrize(
    ("text", "width"), [("abc", 3), ("日本", 4), ("é", 1), ("e\u0301", 1), ("😀", 2), ("", 0)]
)
def test_columns_are_what_a_terminal_gives(text: str, width: int) -> None:
    assert columns(text) == width


@given(st.text(), st.integers(2, 40))
def test_what_is_cut_fits_and_keeps_its_end(text: str, width: int) -> None:
    short = cut(text, width)
    assert columns(short) <= width
    assert short == text or text.endswith(short.removeprefix("…"))
    assert columns(pad(short, width)) == width


@given(st.lists(st.text("abc日", min_size=1)), st.integers(1, 20))
def test_wrapped_lines_fit_unless_one_word_does_not(words: list[str], width: int) -> None:
    lines = wrap(" ".join(words), width)
    assert " ".join(lines) == " ".join(words)
    assert all(columns(line) <= width or " " not in line for line in lines)


def test_a_command_that_a_sentence_quotes_stays_whole_to_be_copied() -> None:
    assert wrap("say `one two three` or so", 8) == ["say", "`one two three`", "or so"]
    assert wrap("an odd ` stays", 8) == ["an odd `", "stays"]


def test_counts() -> None:
    assert [count(n, "page") for n in (0, 1, 2000)] == ["0 pages", "1 page", "2,000 pages"]
    assert count(2, "reply", "replies") == "2 replies"


# -- the start -----------------------------------------------------------------------------------


START = Start(
    version="1.0",
    ms=12.4,
    local=["http://127.0.0.1:8765/"],
    network=["http://192.168.1.2:8765/"],
    served=["a/very/long/path/to/a/site", "docs  at /docs/"],
    watched=[],
    ignored=["what git ignores", "*.log"],
)


def test_the_start_cuts_paths_wraps_lists_and_leaves_addresses_whole() -> None:
    assert plain(layout.start(START, 32, cuts=True)) == [
        "  hotreload 1.0  ready in 12 ms",
        "",
        "  Local:    http://127.0.0.1:8765/",
        "  Network:  http://192.168.1.2:8765/",
        "  Serving:  …long/path/to/a/site",
        "            docs  at /docs/",
        "  Ignoring: what git ignores,",
        "            *.log",
    ]


def test_the_start_cuts_nothing_where_nobody_looks() -> None:
    lines = plain(layout.start(START, 32, cuts=False))
    assert "  Serving:  a/very/long/path/to/a/site" in lines
    assert "  Ignoring: what git ignores, *.log" in lines


def test_the_start_says_how_to_let_others_in() -> None:
    lonely = Start("1.0", 1, ["http://[::1]:1/"], [], ["."], ["more"], [])
    lines = plain(layout.start(lonely, 80, cuts=True))
    assert "  Network:  --host lets other devices in" in lines
    assert lines[-1] == "  Watching: more"


def test_help_has_a_line_a_key() -> None:
    assert plain(layout.help_of({"q": "quit", "h": "this help"})) == ["  q  quit", "  h  this help"]
    assert click.unstyle(layout.hint("h")) == "  press h for help"


# -- saves ---------------------------------------------------------------------------------------


def saved(*names: str, **more: object) -> Save:
    kept: dict[str, object] = {
        "action": "css", "pages": 1, "unused": 0, "silent": 0, "ms": 9.6, "detail": "", **more,
    }  # fmt: skip
    return Save(names, **kept)  # type: ignore[arg-type]  # one dict for all kinds


@pytest.mark.parametrize(
    ("save", "line"),
    [
        (saved("a.css"), "css     1 page       10 ms"),
        (saved("a.css", pages=12, ms=1234.0), "css     12 pages   1234 ms"),
        (saved("a.css", ms=None), "css     1 page        0 ms"),
        (saved("a.css", silent=2), "css     1 page       10 ms  no answer from 2 pages"),
        (saved("a.css", detail="why"), "css     1 page       10 ms  (why)"),
        (saved("a.css", action="", unused=2), "unused by 2 pages"),
        (saved("a.css", action="", unused=1, silent=1), "unused by 1 page  no answer from 1 page"),
        (saved("a.css", action="", silent=1), "no answer from 1 page"),
        (saved("a.css", action=""), "no page is open"),
    ],
)
def test_a_save_says_what_pages_did(save: Save, line: str) -> None:
    said = plain(layout.save(save, "12:00:00", 100, cuts=True))
    assert said == [f"12:00:00  {'a.css':44}  {line}"]


@pytest.mark.parametrize(
    ("names", "brief"),
    [
        ((), ""),
        (("a",), "a"),
        (("a", "b"), "a +1"),
        (("x" * 40,), "…" + "x" * 31),
        (("x" * 40, *"y" * 1500), "…" + "x" * 24 + " +1,500"),
    ],
)
def test_a_batch_is_its_first_name_and_how_many_more(names: tuple[str, ...], brief: str) -> None:
    assert layout.brief(names, 32, cuts=True) == brief
    assert columns(brief) <= 32


def test_a_detail_stands_below_the_name_and_apart_from_the_next_one() -> None:
    for width, indent in ((80, 10), (40, 2)):
        lines = plain(layout.save(saved("a.css", detail="y" * 30), "12:00:00", width, cuts=True))
        assert lines[1] == " " * indent + f"({'y' * 30})"


def test_names_are_whole_where_nobody_looks() -> None:
    assert layout.brief(["x" * 40], 32, cuts=False) == "x" * 40
    long = saved("x" * 90, detail="y" * 90)
    assert len(layout.save(long, "12:00:00", 100, cuts=False)) == 1


@given(NAMES, WIDTHS, st.text(max_size=40), st.sampled_from(["css", "reload", "failed", ""]))
def test_any_save_fits_any_screen_and_commands_nothing(
    names: list[str], width: int, detail: str, action: str
) -> None:
    save = saved(*names, action=action, detail=detail.replace(" ", ""))
    for number, line in enumerate(plain(layout.save(save, "12:00:00", width, cuts=True))):
        assert line.isprintable()
        # the least is 40; a detail that is one long word goes on where the terminal breaks it
        assert columns(line) <= max(width, 40) or number == 1


@given(st.text(), WIDTHS, st.booleans(), st.sampled_from(["", "12:00:00"]))
def test_any_sentence_commands_nothing_and_says_all(
    text: str, width: int, cuts: bool, clock: str
) -> None:
    lines = plain(layout.sentence(text, clock, width, cuts=cuts, fg="red"))
    assert all(line.isprintable() for line in lines)
    said = "".join(lines).removeprefix(clock if width >= 60 else "")
    assert said.replace(" ", "") == printable(text).replace(" ", "")


def test_a_sentence_goes_on_below_its_first_word() -> None:
    assert plain(layout.sentence("one two three", "12:00:00", 60, cuts=True)) == [
        "12:00:00  one two three"
    ]
    assert plain(layout.sentence(" ".join(["word"] * 12), "12:00:00", 60, cuts=True))[1] == (
        " " * 10 + "word word"
    )
    assert plain(layout.sentence("one two three", "", 14, cuts=True)) == ["  one two", "  three"]


def test_details_commands_nothing() -> None:
    assert click.unstyle(layout.detail("a\x1bb", "12:00:00", 80)) == r"12:00:00  a\x1bb"


# -- what is drawn -------------------------------------------------------------------------------


@given(st.integers(0, 10**6), st.integers(0, 10**6), WIDTHS)
def test_the_bar_fits(done: int, more: int, width: int) -> None:
    line = layout.bar("looking", done, done + more, width)
    assert columns(line) <= max(width, 32)
    assert line.count("█") + line.count("░") == layout.BAR


def test_the_bar_is_full_at_the_end() -> None:
    assert layout.bar("looking", 5, 5, 80) == f"  looking  {'█' * 20}  5 of 5"
    assert layout.bar("looking through the folders", 0, 0, 40) == f"  {'░' * 20} 0"


@given(st.text("abcdefghij.:/0123456789", min_size=1, max_size=60))
def test_a_qr_code_is_square_with_a_quiet_edge(text: str) -> None:
    lines = qr.code("http://" + text)
    side = len(lines[0])
    assert {len(line) for line in lines} == {side}
    assert len(lines) == (side + 1) // 2
    assert lines[0].strip() == ""
    assert all(line[:2] + line[-2:] == "    " for line in lines)
    scanned = layout.scan(lines)
    assert [click.unstyle(line) for line in scanned] == ["  " + line for line in lines]
    # Black and white themselves: what a palette calls white is grey in many a light one.
    assert all("\x1b[38;5;16m" in line and "\x1b[48;5;231m" in line for line in scanned)
