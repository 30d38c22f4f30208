"""A page that scripts have changed is as a fresh load would be after a save, or it has reloaded.

Random pages of behaviours and of libraries, random edits; `differential` says what is compared.
The nightly profile runs two thousand trials.
"""

import asyncio
from pathlib import Path

import pytest
from conftest import NIGHTLY
from differential import edits, pages, parts, runs, trials
from differential.tree import parse
from support.process.overtime import unlimited

TRIALS, BATCH = (2_000, 250) if NIGHTLY else (100, 50)

CANCELS = """<script>
document.addEventListener("hotreload:before-update", (event) => event.preventDefault());
</script>"""


@pytest.mark.parametrize("seed", range(0, TRIALS, BATCH))
def test_an_edited_page_is_as_a_fresh_load_or_has_reloaded(tmp_path: Path, seed: int) -> None:
    unlimited()  # each wait here has its own patience

    outcomes = asyncio.run(runs.run_all(tmp_path, runs.trials(seed, BATCH)))

    table = runs.Table(outcomes)
    print(*table.lines(), sep="\n")  # noqa: T201
    assert [outcome.told() for outcome in outcomes if outcome.stage] == []
    assert table.flaky.total() <= BATCH // 10, "too few trials tell anything"


def test_a_page_that_does_not_follow_its_file_is_found_out(tmp_path: Path) -> None:
    tried = [trials.make(seed, kind="structure") for seed in range(12)]
    for trial in tried:
        for page in (trial.old, trial.new):
            for node in parse(CANCELS, pages.ORDINARY):
                page.find("head").insert(0, node)

    outcomes = asyncio.run(runs.run_all(tmp_path, tried))

    assert {outcome.action for outcome in outcomes} == {"unused"}
    assert [
        outcome.trial.seed for outcome in outcomes if not (outcome.stage or outcome.flaky)
    ] == []


def test_a_trial_comes_from_its_seed_alone() -> None:
    one, other = trials.make(5), trials.make(5)

    assert (one.old.source, one.new.source, one.edit) == (
        other.old.source,
        other.new.source,
        other.edit,
    )


@pytest.mark.parametrize("name", [*parts.BEHAVIOURS, *parts.LIBRARIES])
def test_every_part_is_edited_in_every_way(name: str) -> None:
    """Whatever a part is made of, something of the kind can be edited on its page."""
    for kind in edits.KINDS:
        for seed in range(3):
            trial = trials.make(seed, only=name, kind=kind)
            assert trial.new.source != trial.old.source
