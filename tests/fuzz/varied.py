"""Variations of known inputs, for hypothesis: pieces of them, put together anew."""

import re
from collections.abc import Sequence

from hypothesis import strategies as st

PIECES = re.compile(rb"[\w.-]+|[^\w.-]", re.DOTALL)


def varied(seeds: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Bytes that look like these: their words in any order, with any bytes between."""
    words = sorted({piece for seed in seeds for piece in PIECES.findall(seed)})
    piece = st.sampled_from(words) | st.binary(max_size=4)
    grown = st.builds(
        lambda seed, at, more, cut: seed[: at % (len(seed) + 1)]
        + b"".join(more)
        + seed[at % (len(seed) + 1) + cut :],
        st.sampled_from(seeds), st.integers(0, 1000), st.lists(piece, max_size=5),
        st.integers(0, 5),
    )  # fmt: skip
    return grown | st.lists(piece, max_size=20).map(b"".join) | st.binary(max_size=200)
