"""One trial: a page, an edit of it, what the open page did, and how it differs from a fresh load.

Knows: what has to be equal. Refuses to know: how tabs and servers are run.
"""

import difflib
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from random import Random

from playwright.async_api import Error

from differential import edits, pages, parts
from differential.arena import Arena, Hangs, Pair, Restless
from differential.edits import AWAY, Edit
from differential.pages import ORDINARY, Page


@dataclass
class Trial:
    """What is tried: all of it comes from the seed.

    Attributes:
        name: of the page's library, or of its behaviours.
        old: the page that is open.
        new: the page that is saved.
    """

    seed: int
    name: str
    old: Page
    new: Page
    edit: Edit
    kind: str
    steps: int
    turn: int = 0

    @property
    def file(self) -> str:
        return f"t{self.seed}-{self.turn}.html"


@dataclass
class Outcome:
    """What came of it.

    Attributes:
        action: what the page said that it did.
        detail: why, where it says.
        used: what was done in the page before it was saved.
        stage: where the difference was seen; empty if there is none.
        difference: the lines that differ; + is what the open page has too much.
        flaky: why the trial tells nothing.
    """

    trial: Trial
    action: str = ""
    detail: str = ""
    used: list[str] = field(default_factory=list)
    stage: str = ""
    difference: list[str] = field(default_factory=list)
    flaky: str = ""
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(self.trial.seed)

    def told(self) -> str:
        trial = self.trial
        diff = difflib.unified_diff(
            trial.old.source.splitlines(),
            trial.new.source.splitlines(),
            "old",
            "new",
            lineterm="",
            n=1,
        )
        lines = [
            f"seed {trial.seed} {trial.name}: {trial.kind}, {trial.edit.what}",
            f"  used: {self.used}; done: {self.action} {self.detail}; seen {self.stage}",
            *(f"  {line}" for line in diff),
            *(f"  {line[:400]}" for line in self.difference[:14]),
        ]
        return "\n".join(lines)


def make(seed: int, only: str = "", kind: str = "") -> Trial:
    """The trial of a seed.

    Args:
        only: the behaviour or the library that it is about; drawn if empty.
        kind: of the edit, "away" among them; drawn if empty.
    """
    random = Random(seed)
    share = random.random()
    name = only or random.choice(
        [*parts.LIBRARIES] if share < 0.3 and parts.LIBRARIES else [*parts.BEHAVIOURS]
    )
    if name in parts.LIBRARIES:
        old = pages.of_library(name, random)
        away = kind == AWAY or (not kind and random.random() < 0.35)
        label = name
    else:
        others = [random.choice([*parts.BEHAVIOURS]) for _ in range(random.choice([0, 1, 1, 2]))]
        names = [name, *(other for other in others if other != name and "onload" not in other)]
        old = pages.of_behaviours(names, random, f"t{seed}")
        away = kind == AWAY
        label = "+".join(names)
    new = Page(deepcopy(old.tree), old.files)
    if away:
        done = edits.edit(new, random, AWAY, ORDINARY)
    else:
        owner = name if random.random() < (0.8 if name in parts.LIBRARIES else 0.6) else ""
        try:
            done = edits.edit(new, random, kind, owner)
        except ValueError:
            done = edits.edit(new, random, kind)
    return Trial(
        seed, label, old, new, done, AWAY if away else done.kind, random.choice([0, 1, 2, 4])
    )


def again(trial: Trial) -> Trial:
    """The same under another address: nothing of the first time counts."""
    return replace(trial, turn=trial.turn + 1)


async def run(trial: Trial, arena: Arena, pair: Pair) -> Outcome:
    """Use the old page, save the new one, and compare with the new one used the same way."""
    outcome = Outcome(trial)
    try:
        await _open(trial, arena, pair)
        await _use(pair, outcome)
        await pair.both("look")
        elsewhere = await _elsewhere(pair, trial)
        done = await arena.site.save(trial.file, trial.new.source)
        outcome.action, outcome.detail = done["action"], done["detail"]
        if outcome.action == "reload":
            pass
        elif elsewhere:
            await _compare_with_before(pair, elsewhere, outcome)
        else:
            await _compare(pair, outcome)
    except Hangs as error:
        outcome.stage, outcome.difference = "nowhere", [str(error)]
        await pair.leave()
    except Restless as error:
        outcome.flaky = str(error)
    except (Error, TimeoutError) as error:
        outcome.flaky = f"{type(error).__name__} {error}"
        await pair.leave()
    return outcome


async def _open(trial: Trial, arena: Arena, pair: Pair) -> None:
    for served in (arena.site, arena.plain):
        for name, text in trial.old.files.items():
            served.write(name, text)
    arena.site.write(trial.file, trial.old.source)
    arena.plain.write(trial.file, trial.new.source)
    await arena.site.event("change", f"/{trial.file}")
    await pair.each("open", f"/{trial.file}")
    await pair.live.ask("follow")
    await arena.site.event("page", f"/{trial.file}", event="opened")
    await pair.both("loaded", 1_500)


async def _use(pair: Pair, outcome: Outcome) -> None:
    """Do the same in both pages, with what can be told from all else in both."""
    random = outcome.random
    for _ in range(outcome.trial.steps):
        mine, theirs = await pair.both("choices")
        both = {key: [name for name in mine[key] if name in theirs[key]] for key in mine}
        names = both["controls"] if both["controls"] and random.random() < 0.75 else both["others"]
        if not names:
            return
        step = {"name": random.choice(names), "word": parts.typed(random)}
        outcome.used.append(step["name"])
        await pair.both("act", step)
        await pair.both("rest", random.choice([0, 20, 300]))


async def _elsewhere(pair: Pair, trial: Trial) -> list[str]:
    """What the open page is like if it shows another file's page by now."""
    picture: list[str] = await pair.live.ask("picture")
    return [] if await pair.live.ask("path") == f"/{trial.file}" else picture


async def _compare_with_before(pair: Pair, before: list[str], outcome: Outcome) -> None:
    """The page's own file has nothing to say to the page of another one."""
    await pair.both("rest", 0)
    after = await pair.live.ask("picture")
    if after != before:
        outcome.stage, outcome.difference = "in another page", list(between(before, after))


async def _compare(pair: Pair, outcome: Outcome) -> None:
    await pair.both("rest", 0)
    mine, theirs = await pair.both("picture")
    if mine != theirs:
        outcome.stage, outcome.difference = "after the save", list(between(theirs, mine))
        return
    mine, theirs = await pair.both("sweep", parts.typed(outcome.random))
    for index, (one, other) in enumerate(zip(mine, theirs, strict=False)):
        if one != other:
            pictures = await pair.both("page", index)
            outcome.stage = f"after {one[0]!r} was used"
            outcome.difference = list(between(*reversed(pictures))) or [f"{other} is {one}"]
            return
    if len(mine) != len(theirs):
        outcome.stage, outcome.difference = "after all", [f"{len(mine)} steps, not {len(theirs)}"]


def between(fresh: list[str], live: list[str]) -> Iterator[str]:
    """The lines that differ: with + in the open page only, with - in the fresh one only."""
    for line in difflib.unified_diff(fresh, live, lineterm="", n=1):
        if not line.startswith(("---", "+++")):
            yield line
