"""Each thing that a person sees, as lines.

Knows: what stands where on a line, in which colour, and what goes where there is little room.
Refuses to know: where lines go, whether colours are wanted there (they are always given), and what
happened.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import click

from hotreload.terminal.text import columns, count, cut, pad, printable, wrap

# A line has room for a clock from here on, and for longer names from there on.
CLOCK_FROM: Final = 60
ROOMY_FROM: Final = 100
# What stands beside a name: the action, how many pages, how long it took, and spaces between.
BESIDE: Final = 6 + 2 + 8 + 2 + 8
NAMES: Final = (12, 32, 44)  # how wide names are: at least, usually, and where there is room
INDENT: Final = 2
LABEL: Final = 10
BAR: Final = 20

GOOD, BAD, CARE = "green", "red", "yellow"
# Of 256 colours: the sixteen that have names are what a person likes, and white may be grey there.
BLACK, WHITE = 16, 231
COLOURS: Final = {"failed": BAD, "reload": CARE}


class Start(NamedTuple):
    """What is shown once the server answers.

    Attributes:
        version: of hotreload.
        ms: from the start of the command.
        local: addresses for this machine.
        network: addresses for other machines.
        served: what is served, with where it is seen if that is not at the root.
        watched: more places that are watched.
        ignored: what is not watched there.
        exposed: what configuration files open to others.
    """

    version: str
    ms: float
    local: Sequence[str]
    network: Sequence[str]
    served: Sequence[str]
    watched: Sequence[str]
    ignored: Sequence[str]
    exposed: Sequence[str] = ()


class Save(NamedTuple):
    """What became of a save.

    Attributes:
        names: the files.
        action: the strongest that a page took; empty where no page did anything.
        pages: how many took it.
        unused: how many had no use for it.
        silent: how many have not answered.
        ms: from the save to the last page that showed it.
        detail: more about the action.
    """

    names: Sequence[str]
    action: str
    pages: int
    unused: int
    silent: int
    ms: float | None
    detail: str


def start(said: Start, width: int, *, cuts: bool) -> list[str]:
    """The block at the start."""
    name = click.style("hotreload", bold=True, fg=GOOD)
    lines = [f"{' ' * INDENT}{name} {said.version}  {_quiet(f'ready in {said.ms:.0f} ms')}", ""]
    for label, values in _labelled(said):
        dressed = [
            _dress(label, part)
            for value in values
            for part in _fitted(value, width - INDENT - LABEL, cuts=cuts)
        ]
        labels = [label, *[""] * len(dressed)]
        lines += [
            " " * INDENT + click.style(pad(each, LABEL), bold=True) + part
            for each, part in zip(labels, dressed, strict=False)
        ]
    return lines


def _fitted(value: str, room: int, *, cuts: bool) -> list[str]:
    """An address stays whole to be copied, a path keeps its end, words go on in the next line."""
    if not cuts or "://" in value:
        return [value]
    is_said = ", " in value or ": " in value
    return wrap(value, room) if is_said else [cut(value, room)]


def _labelled(said: Start) -> list[tuple[str, Sequence[str]]]:
    hint = ["--host lets other devices in"]
    return [
        ("Local:", said.local),
        ("Network:", said.network or hint),
        ("Serving:", [*map(printable, said.served)]),
        ("Watching:", [*map(printable, said.watched)]),
        ("Ignoring:", [printable(", ".join(said.ignored))] if said.ignored else []),
        ("Exposed:", [*map(printable, said.exposed)]),
    ]


def _dress(label: str, value: str) -> str:
    if "://" in value:
        return click.style(value, fg="cyan")
    return _quiet(value) if label in ("Network:", "Ignoring:") else value


def help_of(keys: Mapping[str, str]) -> list[str]:
    """What each key does."""
    return [
        f"{' ' * INDENT}{click.style(key, bold=True)}  {_quiet(what)}" for key, what in keys.items()
    ]


def hint(key: str) -> str:
    """That there is help."""
    return f"{' ' * INDENT}{_quiet('press')} {click.style(key, bold=True)} {_quiet('for help')}"


def save(said: Save, clock: str, width: int, *, cuts: bool) -> list[str]:
    """The line of a save: when, which file, what pages did, how many, how fast; then details."""
    names, first = _names_width(width), _clock(clock, width)
    line = first + pad(brief(said.names, names, cuts=cuts), names)
    cells = _cells(said)
    line += "".join("  " + cell for cell in cells)
    if not said.detail:
        return [line.rstrip()]
    detail = f"({printable(said.detail)})"
    if not cuts or columns(click.unstyle(line)) + 2 + columns(detail) <= width:
        return [f"{line}  {_quiet(detail)}"]
    indent = " " * (columns(click.unstyle(first)) or INDENT)
    return [line, *(indent + _quiet(part) for part in wrap(detail, width - len(indent)))]


def _cells(said: Save) -> list[str]:
    silent = [click.style(f"no answer from {count(said.silent, 'page')}", fg=BAD)]
    more = silent if said.silent else []
    if said.action:
        action = click.style(pad(said.action, 6), fg=COLOURS.get(said.action, GOOD))
        took = pad(count(said.pages, "page"), 8)
        return [action, took, f"{said.ms or 0:5.0f} ms", *more]
    if said.unused:
        return [_quiet(f"unused by {count(said.unused, 'page')}"), *more]
    return more or [_quiet("no page is open")]


def brief(names: Sequence[str], width: int, *, cuts: bool) -> str:
    """The names of a batch in one column: the first, and how many more there are."""
    more = f" +{len(names) - 1:,}" if len(names) > 1 else ""
    first = printable(names[0]) if names else ""
    return (cut(first, width - len(more)) if cuts else first) + more


def refused(who: str, word: str) -> str:
    """Who was refused, and what lets it in."""
    if who == "null":
        return (
            "a frame in a sandbox was refused a file: if it is yours, add --cors null, which lets"
            " those of other sites in too"
        )
    what = f"a page of {who}" if "://" in who else f'a request to the host name "{who}"'
    return f"{what} was refused" + (f": if it is yours, add --allow-host {word}" if word else "")


def sentence(text: str, clock: str, width: int, *, cuts: bool, fg: str | None = None) -> list[str]:
    """A sentence, its further lines below its first word."""
    first = _clock(clock, width)
    indent = columns(click.unstyle(first)) or INDENT
    text = printable(text)
    parts = wrap(text, max(width - indent, NAMES[0])) if cuts else [text]
    first = first or " " * INDENT
    return [
        (" " * indent if number else first) + (click.style(part, fg=fg) if fg else part)
        for number, part in enumerate(parts)
    ]


def detail(text: str, clock: str, width: int) -> str:
    """A line that only --verbose shows."""
    return _clock(clock, width) + _quiet(printable(text))


def bar(doing: str, done: int, total: int, width: int) -> str:
    """How far something that takes long has come; the total may still grow."""
    filled = BAR * done // max(total, 1)
    drawn = "█" * filled + "░" * (BAR - filled)
    said = f"{doing}  {drawn}  {done:,} of {total:,}"
    return " " * INDENT + (said if columns(said) + INDENT < width else f"{drawn} {done:,}")


def scan(lines: Sequence[str]) -> list[str]:
    """A QR code, dark on light whatever the terminal's colours are."""
    return [" " * INDENT + click.style(line, fg=BLACK, bg=WHITE) for line in lines]


def _names_width(width: int) -> int:
    least, usual, most = NAMES
    clock = 10 if width >= CLOCK_FROM else 0
    return max(least, min(most if width >= ROOMY_FROM else usual, width - BESIDE - 2 - clock))


def _clock(clock: str, width: int) -> str:
    return _quiet(clock) + "  " if clock and width >= CLOCK_FROM else ""


def _quiet(text: str) -> str:
    return click.style(text, dim=True)
