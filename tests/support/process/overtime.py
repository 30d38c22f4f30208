"""What a test that never ends leaves behind: where it waits, and what its process has covered.

Knows: how to look into Playwright's greenlets, the only place that tells which call has no answer.
A test that hangs ends its process, whose browser may be what hangs; the others go on in another.
"""

import gc
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from types import FrameType

import coverage
import pytest
from greenlet import greenlet

LIMIT = 120  # seconds
STDERR = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[STDERR] = os.dup(2)  # it is captured while a test runs


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    if hasattr(signal, "alarm"):  # not on Windows
        signal.signal(signal.SIGALRM, lambda _, frame: give_up(item, frame))
        signal.alarm(LIMIT)
    try:
        return (yield)
    finally:
        unlimited()


def unlimited() -> None:
    """Let this test take as long as it does."""
    if hasattr(signal, "alarm"):
        signal.alarm(0)


def give_up(item: pytest.Item, frame: FrameType | None) -> None:
    told = os.fdopen(item.config.stash[STDERR], "w")
    print(f"\n{item.nodeid} has not ended in {LIMIT} s; what waits:", file=told)
    for waiting in stacks(frame):
        print("--", *traceback.format_stack(waiting, 6), sep="\n", file=told, flush=True)
    if measured := coverage.Coverage.current():
        measured.stop()
        measured.save()
    os._exit(1)


def stacks(frame: FrameType | None) -> Iterator[FrameType | None]:
    yield frame
    for each in gc.get_objects():
        if isinstance(each, greenlet) and each.gr_frame:
            yield each.gr_frame
    this = {frame, sys._getframe()}
    yield from (each for each in sys._current_frames().values() if each not in this)
