"""Edge: how long a save takes to be noticed, by really saving.

Knows: where a file may be written for that without disturbing other programs, and how the
watcher is asked. Refuses to know: what the times mean.

The folder to be served is the last choice: a generator may watch it. A temporary folder on the same
file system does as well.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from hotreload.doctor.facts import Clock, Latency
from hotreload.watch.watcher import Watcher

SAVES: Final = 3
# Saves that follow each other at once go out together: so many seconds lie between two.
REST: Final = 0.25
# After so many milliseconds in all no more saves are made: the figure is clear.
ENOUGH: Final = 1_500
# In seconds; where folders are looked through, that takes one.
PATIENCE: Final = 5.0


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A temporary folder on the file system of a folder, removed at the end.

    Raises:
        OSError: none can be made.
    """
    made = Path(tempfile.mkdtemp(prefix=".hotreload-doctor-", dir=_beside(folder)))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _beside(folder: Path) -> Path:
    common = Path(tempfile.gettempdir())
    with suppress(OSError):
        if common.stat().st_dev == folder.stat().st_dev:
            return common
    return folder


def clock(scratch: Path) -> Clock:
    """How file times compare with the system's clock."""
    file = scratch / "clock"
    before = time.time()
    file.write_bytes(b"now")
    after = time.time()
    written = file.stat().st_mtime
    return Clock(written - min(max(written, before), after))


def measure(scratch: Path) -> Latency:
    """Saves a file a few times.

    Raises:
        HotreloadError: the folder cannot be watched.
    """
    return asyncio.run(_measure(scratch))


async def _measure(scratch: Path) -> Latency:
    watcher = Watcher([scratch], gitignore=False, report=_nobody, on_presence=_nobody)
    await watcher.start()
    watcher.pages(1)
    batches = watcher.batches()
    times: list[float] = []
    try:
        while len(times) < SAVES and sum(times) < ENOUGH:
            await asyncio.sleep(REST if times else 0)
            begun = time.perf_counter()
            (scratch / f"{len(times)}.html").write_bytes(b"saved")
            await asyncio.wait_for(anext(batches), PATIENCE)
            times.append((time.perf_counter() - begun) * 1000)
    except TimeoutError:
        return Latency(times, missed=1)
    finally:
        await watcher.stop()
    return Latency(times)


def _nobody(*_said: object) -> None:
    pass
