"""What a large tree costs: start, memory, processor, and the time from a save to its update.

    python benchmarks/trees.py [ROUNDS]

Serves the same small site bare, beside 40,000 files in node_modules, and beside 100,000 files in
20,000 folders that are watched; round by round in turns, each in a process of its own. Prints
medians, and the ratios to the bare site.
"""

import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

SAVES = 20
IDLE_SECONDS = 5.0
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
TREES = ("bare", "node_modules", "large")
ROW = "{:14}{:>12}{:>12}{:>14}{:>14}{:>12}"


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as folder:
        roots = {name: make(Path(folder) / name, name) for name in TREES}
        figures: dict[str, list[dict[str, float]]] = {name: [] for name in TREES}
        for number in range(rounds):
            for name in random.sample(TREES, len(TREES)):
                print(f"round {number + 1} of {rounds}: {name}", file=sys.stderr)
                figures[name].append(measure(roots[name]))
        show(figures)


def make(root: Path, name: str) -> Path:
    (root / "sub").mkdir(parents=True)
    (root / "index.html").write_text("<!doctype html><link rel=stylesheet href=a.css>")
    (root / "a.css").write_text("a{}")
    if name == "node_modules":
        fill(root / "node_modules", folders=4_000, files=10)
    if name == "large":
        fill(root / "data", folders=20_000, files=5)
    return root


def fill(root: Path, *, folders: int, files: int) -> None:
    for number in range(folders):
        folder = root / str(number // 100) / str(number)
        folder.mkdir(parents=True)
        for file in range(files):
            (folder / f"{file}.js").touch()


def measure(root: Path) -> dict[str, float]:
    with serving(root) as (process, ready):
        return {
            "ready": ready["ms"],
            "walk": walk(root),
            "save": statistics.median(saves(root, ready["url"])),
            "idle": idle(process.pid),
            "memory": memory(process.pid),
        }


@contextmanager
def serving(root: Path) -> Iterator[tuple["subprocess.Popen[str]", dict[str, Any]]]:
    command = [sys.executable, "-m", "hotreload", "serve", str(root), "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        ready = next(e for e in map(json.loads, process.stdout) if e["type"] == "ready")
        try:
            yield process, ready
        finally:
            process.terminate()


def walk(root: Path) -> float:
    """Milliseconds of a bare walk of what is watched."""
    begun = time.perf_counter()
    for _, folders, _ in os.walk(root):
        folders[:] = [name for name in folders if name != "node_modules"]
    return (time.perf_counter() - begun) * 1000


def saves(root: Path, url: str) -> Iterator[float]:
    """Milliseconds from the end of a save to the update at a page."""
    request = urllib.request.Request(url, headers={"Accept": "text/html"})
    with urllib.request.urlopen(request) as answer:
        run, seq = re.search(rb"client\.js\?(\w+)-(\d+)", answer.read()).groups()
    urllib.request.urlopen(url + "a.css").close()
    socket = url.replace("http", "ws", 1) + "__hotreload__/ws"
    with connect(socket, subprotocols=["hotreload.v1"], proxy=None) as page:
        hello = {"type": "page", "url": "/", "run": run.decode(), "seq": int(seq)}
        page.send(json.dumps(hello | {"file": "/index.html"}))
        page.recv()
        for number in range(SAVES):
            time.sleep(random.uniform(0.2, 0.3))
            (root / "a.css").write_text(f"a{{order:{number}}}/*{random.random()}*/")
            saved = time.perf_counter()
            page.recv()
            yield (time.perf_counter() - saved) * 1000


def idle(pid: int) -> float:
    """Per cent of a core, while nothing happens."""
    before = ticks(pid)
    time.sleep(IDLE_SECONDS)
    return (ticks(pid) - before) / TICKS / IDLE_SECONDS * 100


def ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def memory(pid: int) -> float:
    """MiB in the machine's memory."""
    return (
        int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    )


def show(figures: dict[str, list[dict[str, float]]]) -> None:
    names = ("ready", "walk", "save", "idle", "memory")
    print(ROW.format("", "ready ms", "walk ms", "save ms", "idle %", "MiB"))
    medians = {
        tree: [statistics.median(figure[name] for figure in of) for name in names]
        for tree, of in figures.items()
    }
    for tree, values in medians.items():
        print(ROW.format(tree, *(f"{value:.2f}" for value in values)))
    for tree in TREES[1:]:
        ratios = [
            a / b if b else float("nan")
            for a, b in zip(medians[tree], medians["bare"], strict=True)
        ]
        print(ROW.format(f"{tree} / bare", *(f"{ratio:.2f}" for ratio in ratios)))


if __name__ == "__main__":
    main()
