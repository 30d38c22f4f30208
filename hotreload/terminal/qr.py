"""An address as a QR code that a phone reads from the screen.

Knows: how the code's squares become characters. Refuses to know: how they come about (segno's), and
whether there is room.
"""

from typing import Final

import segno

# The standard wants four squares of quiet around a code; ZXing reads it with two, on dark too.
QUIET: Final = 2
_HALVES: Final = {(0, 0): " ", (0, 1): "▄", (1, 0): "▀", (1, 1): "█"}
DRAWN: Final = "".join(_HALVES.values())


def code(url: str) -> list[str]:
    """The code as lines, to be printed in dark on light; each character holds two squares."""
    made = segno.make_qr(url, error="l", boost_error=False)
    rows = [list(row) for row in made.matrix_iter(border=QUIET)]
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    return [
        "".join(_HALVES[upper, lower] for upper, lower in zip(above, below, strict=True))
        for above, below in zip(rows[::2], rows[1::2], strict=True)
    ]
