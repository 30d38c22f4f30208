"""How long from a save to its batch, and what watching costs, next to the bare engine.

    python benchmarks/watcher.py [SAVES]

Prints figures of hotreload's watcher and of watchfiles' RustNotify (one thread, step 1 ms while
saves come, 10 ms when idle), taken in turns in the same process, and their ratios.
"""

import asyncio
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from watchfiles._rust_notify import RustNotify

from hotreload.files.stamp import digest
from hotreload.watch.watcher import Watcher

IDLE_SECONDS = 5.0


class Bare:
    """RustNotify and a thread that hands its events to the event loop."""

    def __init__(self, root: Path, step: int) -> None:
        self.step = step
        self.heard: asyncio.Queue[float] = asyncio.Queue()
        self.stopped = threading.Event()
        self.notify = RustNotify([str(root)], False, False, 0, True, True)
        self.loop = asyncio.get_running_loop()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        while not self.stopped.is_set():
            if isinstance(self.notify.watch(10, self.step, 500, None), set):
                self.loop.call_soon_threadsafe(self.hear)

    def hear(self) -> None:
        self.heard.put_nowait(time.perf_counter())

    def stop(self) -> None:
        self.stopped.set()
        self.thread.join()
        self.notify.close()


class Ours:
    """hotreload's watcher, read by a task."""

    def __init__(self, root: Path) -> None:
        self.heard: asyncio.Queue[float] = asyncio.Queue()
        self.watcher = Watcher([root], report=print, attend=print)

    async def start(self) -> None:
        await self.watcher.start()
        self.task = asyncio.create_task(self.run())

    async def run(self) -> None:
        async for _ in self.watcher.batches():
            self.heard.put_nowait(time.perf_counter())

    async def stop(self) -> None:
        await self.watcher.stop()
        await self.task


async def save(file: Path, text: str, heard: "asyncio.Queue[float]") -> float:
    """Save a file; returns the milliseconds from close() until it was heard of."""
    await asyncio.sleep(random.uniform(0.03, 0.06))
    while not heard.empty():
        heard.get_nowait()
    file.write_text(text)
    closed = time.perf_counter()
    return (await asyncio.wait_for(heard.get(), 5) - closed) * 1000


async def latency(root: Path, saves: int) -> None:
    file = root / "index.html"
    file.write_text("first")
    bare = Bare(root, 1)
    ours = Ours(root)
    await ours.start()
    ours.watcher.pages(1)
    ours.watcher.use(str(file), digest(b"first"))
    figures: dict[str, list[float]] = {"bare": [], "hotreload": []}
    for number in range(saves):
        figures["bare"].append(await save(file, f"bare {number}", bare.heard))
        figures["hotreload"].append(await save(file, f"ours {number}", ours.heard))
    bare.stop()
    await ours.stop()
    for name, values in figures.items():
        cut = statistics.quantiles(values, n=100)
        p50, p95, p99 = cut[49], cut[94], cut[98]
        print(f"latency {name:10} p50 {p50:6.2f} ms  p95 {p95:6.2f} ms  p99 {p99:6.2f} ms")
    ratio = statistics.median(figures["hotreload"]) / statistics.median(figures["bare"])
    print(f"latency ratio of medians {ratio:.2f}")


async def idle(root: Path) -> None:
    bare = Bare(root, 10)
    base = await cost()
    bare.stop()
    ours = Ours(root)
    await ours.start()
    calm = await cost()
    ours.watcher.pages(1)
    lively = await cost()
    await ours.stop()
    print(f"idle    bare {base:.2f} %  hotreload {calm:.2f} %, with a new page {lively:.2f} %")
    print(f"idle    ratio {calm / base:.2f}")


async def cost() -> float:
    """Percent of one core that this process takes while nothing happens."""
    await asyncio.sleep(0.5)
    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.sleep(IDLE_SECONDS)
    return (time.process_time() - cpu) / (time.perf_counter() - wall) * 100


async def start(root: Path) -> None:
    """20,000 folders and 100,000 files, and as many again in node_modules."""
    for number in range(20_000):
        folder = root / f"{number % 20}" / f"{number % 400}" / f"{number}"
        folder.mkdir(parents=True)
        for name in range(5):
            (folder / f"{name}.html").touch()
    walked = min(walk(root) for _ in range(3))
    begun = time.perf_counter()
    bare = Bare(root, 10)
    engine = time.perf_counter() - begun
    bare.stop()
    ours = Ours(root)
    begun = time.perf_counter()
    await ours.start()
    returned = time.perf_counter() - begun
    (root / "19" / "399" / "19999" / "0.html").write_text("saved")
    await asyncio.wait_for(ours.heard.get(), 10)
    heard = time.perf_counter() - begun
    await ours.stop()
    print(f"start   os.walk {walked:.2f} s  bare {engine:.2f} s  hotreload {returned:.2f} s")
    print(f"start   a save in the last folder right then is heard after {heard:.2f} s")
    print(f"start   ratio to os.walk {returned / walked:.2f}")


def walk(root: Path) -> float:
    begun = time.perf_counter()
    for _ in os.walk(root):
        pass
    return time.perf_counter() - begun


def main() -> None:
    saves = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(latency(Path(folder), saves))
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(idle(Path(folder)))
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(start(Path(folder)))


if __name__ == "__main__":
    main()
