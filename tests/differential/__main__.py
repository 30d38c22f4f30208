"""Run many trials and print what came of them: `python tests/differential --trials 200 --seed 1`.

Exit status 0 if no page differed from a fresh load.
"""
# ruff: noqa: T201

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from differential import runs
from differential.edits import AWAY
from differential.trials import Outcome


def main() -> int:
    parser = argparse.ArgumentParser(prog="python tests/differential", description=__doc__)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0, help="of the first trial; each has the next")
    parser.add_argument("--only", default="", help="this behaviour or library")
    parser.add_argument(
        "--edits", default="", choices=["", AWAY, *runs.KINDS], help="this kind only"
    )
    parser.add_argument("--quiet", action="store_true", help="the table only")
    words = parser.parse_args()
    table, wrong = runs.Table(), []

    def told(outcome: Outcome) -> None:
        table.add(outcome)
        if outcome.flaky:
            print(
                f"flaky: seed {outcome.trial.seed} {outcome.trial.name}: {outcome.flaky}",
                flush=True,
            )
        elif outcome.stage:
            wrong.append(outcome)
            if not words.quiet:
                print(outcome.told() + "\n", flush=True)

    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        trials = runs.trials(words.seed, words.trials, words.only, words.edits)
        asyncio.run(runs.run_all(Path(folder), trials, told))
    seconds = time.monotonic() - begun
    print(*table.lines(), sep="\n")
    print(f"{words.trials} trials, {len(wrong)} differ: {sorted(one.trial.seed for one in wrong)}")
    print(f"{words.trials / seconds:.1f} a second")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
