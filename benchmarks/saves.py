"""Whether a save is ever lost, or told twice.

    python benchmarks/saves.py [SAVES]

A thousand saves in six ways, with three pages open that speak the wire as a browser's page does;
in the middle the server is stopped for five seconds while saves go on, and at the end files are
saved that hold the same bytes. Prints what became of them; exit status 1 if any was lost, or if a
page had to act for nothing.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.saves.many_saves import Outcome, Saving

SEED = 2026
STOPPED = 5.0
ROUND = 50


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    with tempfile.TemporaryDirectory() as folder:
        saving = Saving(Path(folder) / "site", SEED)
        try:
            for number in range(count // ROUND):
                saving.save_some(ROUND)
                if number == count // ROUND // 2:
                    saving.save_while_stopped(ROUND, STOPPED)
            saving.save_the_same(2 * ROUND)
        finally:
            saving.close()
    show(saving.outcome)
    return 1 if saving.outcome.lost.total() or saving.outcome.extra.total() else 0


def show(outcome: Outcome) -> None:
    print(f"{'way':28}{'saves':>7}{'lost':>6}")
    for way, number in sorted(outcome.saved.items()):
        print(f"{way:28}{number:7}{outcome.lost[way]:6}")
    print(f"{'all':28}{outcome.saved.total():7}{outcome.lost.total():6}")
    print("acted for nothing:", outcome.extra.total(), dict(outcome.extra))
    times = sorted(1000 * each for each in outcome.seconds)
    parts = {part: times[int(part * (len(times) - 1))] for part in (0.5, 0.9, 0.99, 1)}
    print("ms from save to all three pages:", {part: round(ms) for part, ms in parts.items()})


if __name__ == "__main__":
    sys.exit(main())
