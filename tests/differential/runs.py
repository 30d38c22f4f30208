"""Many trials at once, and the table of what came of them.

Knows: how trials share a browser, and that one that fails is tried again. Refuses to know: what is
compared.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from differential.arena import Arena, Pair
from differential.edits import AWAY
from differential.parts import LIBRARIES
from differential.trials import Outcome, Trial, again, make, run

PAIRS = 4
KINDS = (AWAY, "text", "style", "attribute", "structure", "script", "space", "several")


async def run_all(
    folder: Path, trials: Iterable[Trial], told: Callable[[Outcome], None] = lambda outcome: None
) -> list[Outcome]:
    """Run trials in some pairs of tabs at once."""
    waiting, outcomes = iter(trials), []
    async with Arena(folder) as arena:

        async def work() -> None:
            pair = await arena.pair()
            for trial in waiting:
                outcome = await run(trial, arena, pair)
                if outcome.stage or outcome.flaky:
                    outcome = await _again(trial, arena, pair)
                outcomes.append(outcome)
                told(outcome)

        async with asyncio.TaskGroup() as group:
            for _ in range(PAIRS):
                group.create_task(work())
    return outcomes


async def _again(trial: Trial, arena: Arena, pair: Pair) -> Outcome:
    """What is seen once only is the machine's doing."""
    return await run(again(trial), arena, pair)


class Table:
    """Of each behaviour and library, how many edits of each kind were done in place."""

    def __init__(self, outcomes: Iterable[Outcome] = ()) -> None:
        self.tried: dict[str, Counter[str]] = defaultdict(Counter)
        self.placed: dict[str, Counter[str]] = defaultdict(Counter)
        self.wrong: Counter[str] = Counter()
        self.flaky: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.away: list[str] = []
        for outcome in outcomes:
            self.add(outcome)

    def add(self, outcome: Outcome) -> None:
        trial = outcome.trial
        name = trial.name if trial.name in LIBRARIES and trial.kind == AWAY else trial.edit.owner
        if outcome.flaky:
            self.flaky[name] += 1
            return
        self.tried[name][trial.kind] += 1
        self.placed[name][trial.kind] += outcome.action not in {"reload", "failed"}
        self.wrong[name] += bool(outcome.stage)
        if outcome.action == "reload":
            self.reasons[outcome.detail] += 1
        if outcome.action == "reload" and trial.kind == AWAY:
            self.away.append(f"{name}, seed {trial.seed}: {trial.edit.what}: {outcome.detail}")

    def lines(self) -> Iterable[str]:
        yield f"{'':24}" + "".join(f"{kind:>11}" for kind in KINDS) + f"{'wrong':>8}{'flaky':>7}"
        for name in sorted(self.tried):
            yield self._line(
                name, self.tried[name], self.placed[name], self.wrong[name], self.flaky[name]
            )
        tried, placed = (sum(counts.values(), Counter()) for counts in (self.tried, self.placed))
        yield self._line("all", tried, placed, self.wrong.total(), self.flaky.total())
        yield from (
            f"{count:5} reloads: {reason}" for reason, count in self.reasons.most_common(25)
        )
        yield from (f"away, and not in place: {line}" for line in self.away)

    def _line(
        self, name: str, tried: Counter[str], placed: Counter[str], wrong: int, flaky: int
    ) -> str:
        cells = (f"{placed[kind]}/{tried[kind]}" if tried[kind] else "" for kind in KINDS)
        return f"{name[:23]:24}" + "".join(f"{cell:>11}" for cell in cells) + f"{wrong:8}{flaky:7}"


def trials(seed: int, count: int, only: str = "", kind: str = "") -> Iterable[Trial]:
    return (make(seed + index, only, kind) for index in range(count))
