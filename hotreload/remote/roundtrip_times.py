"""What a row of round-trip times comes to.

Knows: which of the sorted times is the median and which the 99th percentile (nearest rank: always
one that was measured). Refuses to know: clocks, and what made the trip.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class RoundTrips:
    """Milliseconds of the fastest, the middle, the 99th of each hundred, and the slowest."""

    min: float
    median: float
    p99: float
    max: float


def summary(times: Sequence[float]) -> RoundTrips | None:
    """Sums up times in milliseconds; None when there are none."""
    if not times:
        return None
    ordered = sorted(times)
    return RoundTrips(ordered[0], _rank(ordered, 0.5), _rank(ordered, 0.99), ordered[-1])


def _rank(ordered: Sequence[float], share: float) -> float:
    return ordered[ceil(share * len(ordered)) - 1]
