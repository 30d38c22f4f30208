"""Text that is safe to print, and how much room it takes.

Knows: what a terminal would act on, and how many columns it gives to a character. Refuses to know:
what the text says.
Source: https://www.unicode.org/reports/tr11/ (East Asian Width).
"""

import re
import unicodedata
from typing import Final

ELLIPSIS: Final = "…"
# What lies between spaces, which may be nothing; spaces in a quoted command do not count.
_WORDS: Final = re.compile(r"(?:^|(?<= ))(?:`[^`]+`|[^ ])*")


# What our own lines hold beside text: colours, and how a terminal's last line is written anew.
_OWN: Final = r"\x1b\[(?:[012]|(?:1;)?3[0-7]|[34]8;5;[0-9]{1,3})m|\r\x1b\[K|\x1b\[H\x1b\[2J\x1b\[3J"
# Controls but for tab and new line, what turns the direction of text, and halves of characters.
_HARMFUL: Final = re.compile(
    rf"({_OWN})|[\x00-\x08\x0b-\x1f\x7f-\x9f"
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def harmless(text: str) -> str:
    """The text with nothing in it that a terminal would act on but what we ourselves have written.

    What is cleaned so stays JSON if it was.
    """
    return _HARMFUL.sub(lambda found: found[1] or f"\\u{ord(found[0]):04x}", text)


def printable(text: str) -> str:
    """The text with nothing in it that a terminal would act on."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def count(number: int, noun: str, plural: str = "") -> str:
    """As in "1 page" and "2,000 pages"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cut(text: str, width: int) -> str:
    """The text if it fits into so many columns, else as much of its end as does."""
    if columns(text) <= width:
        return text
    kept = text
    while kept and columns(kept) >= width:
        kept = kept[1:]
    return ELLIPSIS + kept


def pad(text: str, width: int) -> str:
    """The text with spaces behind it up to so many columns."""
    return text + " " * (width - columns(text))


def wrap(text: str, width: int) -> list[str]:
    """The text as lines of at most so many columns, broken at spaces.

    Longer words stay whole, and so do commands in `backquotes`, to be copied.
    """
    lines: list[str] = []
    for word in _WORDS.findall(text):
        if lines and columns(lines[-1]) + 1 + columns(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines
