"""The page without a browser decides as the browser's page does: both run the same traces.

`injector/tests/connection/sequence.test.js` is the other half.
"""

import json
from typing import Any

import pytest
from support.process.commands import CHECKOUT
from support.saves.wire_page import Sequence

TRACES = json.loads((CHECKOUT / "tests" / "traces" / "sequence.json").read_text("utf-8"))


def decision(sequence: Sequence, step: dict[str, Any]) -> str | None:
    match step:
        case {"opened": _}:
            return sequence.opened()
        case {"resync": _}:
            return sequence.refused()
        case {"compared": _}:
            return sequence.compared()
        case {"hello": [run, seq]}:
            return sequence.hello(run, seq)
        case {"update": seq}:
            decided = sequence.update(seq)
            return f"apply {seq}" if decided == "apply" else decided
    raise AssertionError(step)


@pytest.mark.parametrize("trace", TRACES, ids=[trace["title"] for trace in TRACES])
def test_messages_lead_to_the_same_decisions_as_in_the_browser(trace: dict[str, Any]) -> None:
    sequence = Sequence(*trace["start"])
    for index, step in enumerate(trace["steps"]):
        done = decision(sequence, step)
        assert ([] if done in (None, "pass") else [done]) == step.get("does", []), (index, step)
    assert [sequence.run, sequence.seq] == trace["end"]
