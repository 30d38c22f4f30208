"""The HTML patch in a real browser: the corpus of pairs, and random edits of random pages."""

from collections.abc import Callable
from typing import Any

import html_pairs
import pytest
from conftest import NIGHTLY, Lend, both_engines
from playwright.sync_api import Browser
from support.browser.pair_server import Web

EARLY, LATE = "before it is tracked", "after it is tracked"


BULK = 60  # pairs that run in one go


TRIALS = {"chromium": 2000, "firefox": 500} if NIGHTLY else {"chromium": 500, "firefox": 100}
BATCH = 100

engine = both_engines


CASES = [
    pytest.param(number, when, id=f"{pair.group}: {pair.title} {when}".strip())
    for number, pair in enumerate(html_pairs.PAIRS)
    for when in ((LATE,) if pair.late else (EARLY, LATE) if pair.live else ("",))
]


Result = Callable[[int, str], dict[str, Any]]


@pytest.fixture(scope="module")
def result(lend: Lend, engine: str, web: Web) -> Result:
    """What became of a pair: they run in bulk, some frames at a time.

    Not all at once: of several processes that share the tests, each runs what it needs.
    """
    places = {case.values: place for place, case in enumerate(CASES)}
    found: dict[tuple[int, str], dict[str, Any]] = {}

    def result(number: int, when: str) -> dict[str, Any]:
        if (number, when) not in found:
            start = places[number, when] // BULK * BULK
            for each in run([job(*case.values) for case in CASES[start : start + BULK]]):
                found[each["id"], each["when"]] = each
        return found[number, when]

    def run(jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        with lend(engine) as browser:
            page = browser.new_page()
            page.goto(web.origin)
            call = "async (jobs) => (await import('/harness.js')).runPairs(jobs)"
            results = page.evaluate(call, jobs)
            page.close()
        return list(results)

    return result


def job(number: int, when: str) -> dict[str, Any]:
    pair = html_pairs.PAIRS[number]
    names = ("old", "new", "live", "check", "reload")
    return {
        "id": number,
        "when": when,
        "early": when == EARLY,
        **{name: getattr(pair, name) for name in names},
    }


@pytest.mark.parametrize(("number", "when"), CASES)
def test_a_page_takes_over_its_new_source(result: Result, number: int, when: str) -> None:
    """Just what differs is done, and the page is then as a fresh load, or as the case says."""
    pair, found = html_pairs.PAIRS[number], result(number, when)

    assert "failed" not in found, found["failed"]
    assert bool(pair.reload) == (found["reload"] is not None), found["reload"]
    assert pair.reload in (found["reload"] or "")
    if pair.operations or not pair.reload:
        assert tuple(found["operations"]) == pair.operations
    assert found["checked"]
    assert found.get("fresh", found["html"]) == found["html"]
    assert found["again"] == 0


@pytest.mark.firefox
def test_random_edits_of_random_pages_lead_to_the_new_page(
    browser: Browser, web: Web, engine: str
) -> None:
    """As a fresh load where no script was; and one thing that a script did is still there."""
    page = browser.new_page()
    page.goto(web.origin)
    call = "async ([from, count]) => (await import('/harness.js')).trials(from, count)"

    failures = [
        failure
        for start in range(0, TRIALS[engine], BATCH)
        for failure in page.evaluate(call, [start, BATCH])
    ]
    page.close()

    assert failures == []


def test_the_corpus_is_a_table_for_readers() -> None:
    """Every case has a title of its own and says what is kept."""
    rows = list(html_pairs.rows())

    assert len(rows) == len({row[:2] for row in rows}) >= 300
    assert all(all(row) and "|" not in "".join(row) for row in rows)
