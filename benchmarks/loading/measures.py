"""What is measured, and how it is told: paragraphs and tables of Markdown."""

import socket
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loading.crowd import PATIENCE, UPGRADE, Crowd, Page, frame
from loading.servers import PROGRAM, Bare, Ours, Server, serving

PAGES = 10_000
ROUNDS = 3
UPDATES = 10  # in each round
STORM_PAGES = 1000
OTHERS = 100  # pages beside the hostile clients
CHURN = 10  # pages that come, and that go, in each second of the soak
SAVES = 60  # a second


def many_pages() -> list[str]:
    """10,000 open pages, and updates to all of them, in turns with the bare server."""
    memory: dict[str, list[int]] = {"hotreload": [], "bare websockets": []}
    opening: dict[str, list[float]] = {name: [] for name in memory}
    first: dict[str, list[float]] = {name: [] for name in memory}
    update: dict[str, list[float]] = {name: [] for name in memory}
    for _ in range(ROUNDS):
        for make in (Bare, Ours):
            with serving(make) as server:
                say(f"{PAGES} pages of {server.name}")
                crowd = Crowd(server.port, server.greeting())
                begun = time.perf_counter()
                crowd.join(PAGES)
                opening[server.name].append(time.perf_counter() - begun)
                memory[server.name].append(server.memory())
                for _ in range(UPDATES):
                    rest(server, crowd)
                    server.prepare()
                    begun = time.perf_counter()
                    server.update()
                    heard = crowd.hear(PAGES)
                    first[server.name].append(min(heard) - begun)
                    update[server.name].append(max(heard) - begun)
                crowd.close()
    mib = {name: statistics.median(values) / 2**20 for name, values in memory.items()}
    took = {name: statistics.median(values) * 1000 for name, values in update.items()}
    begins = {name: statistics.median(values) * 1000 for name, values in first.items()}
    open_in = {name: statistics.median(values) for name, values in opening.items()}
    return [
        f"## {PAGES:,} pages",
        "",
        *wrapped(
            f"{ROUNDS} rounds in turns, {UPDATES} updates in each; medians. An update goes from the"
            " save of a style sheet (the bare server: from a message that tells it to send) to the"
            " last page that heard of it; then every page answers. The first page heard after"
            f" {begins['hotreload']:.1f} ms ({begins['bare websockets']:.1f} ms)."
        ),
        "",
        "| | hotreload | bare websockets | ratio |",
        "|---|---|---|---|",
        row("memory of the server, MiB", mib, ".0f"),
        row("an update to all, ms", took, ".0f"),
        row("all pages opened, s", open_in, ".1f"),
        "",
    ]


def rest(server: Server, crowd: Crowd) -> None:
    """Until the server has nothing left to do."""
    before = -1.0
    while (now := server.processor()) > before:
        before, end = now, time.perf_counter() + 0.5
        while time.perf_counter() < end:
            crowd.step(0.1)


def wrapped(text: str) -> list[str]:
    """A paragraph in lines of 100."""
    return textwrap.wrap(text, 100, break_long_words=False, break_on_hyphens=False)


def row(name: str, values: dict[str, float], form: str) -> str:
    ours, bare = values["hotreload"], values["bare websockets"]
    return f"| {name} | {ours:{form}} | {bare:{form}} | {ours / bare:.2f} |"


def hostile_clients() -> list[str]:
    """What a hundred pages notice of one that never reads and one that floods."""
    calm, attacked = [], []
    with serving(Ours) as server:
        crowd = Crowd(server.port, server.greeting())
        crowd.join(OTHERS)
        latencies(server, crowd, 2)
        before = server.memory()
        for _ in range(ROUNDS):
            say("updates beside nobody, and beside hostile clients")
            calm += latencies(server, crowd, 8)
            with hostility(server):
                time.sleep(1)
                attacked += latencies(server, crowd, 8)
        after = server.memory()
        lost = crowd.lost
        crowd.close()
    return [
        "## One page that never reads, and one client that floods",
        "",
        *wrapped(
            f"{OTHERS} other pages, 20 saves a second, {ROUNDS} times 8 s without and with them;"
            " from the save to each page that hears of it. The flood is one-character messages to"
            " the echo, as many as are taken; when it is cut off it comes back."
        ),
        "",
        "| | alone | beside them | ratio |",
        "|---|---|---|---|",
        *(
            f"| {name}, ms | {a:.1f} | {b:.1f} | {b / a:.2f} |"
            for name, a, b in (
                ("median", percentile(calm, 50), percentile(attacked, 50)),
                ("99th percentile", percentile(calm, 99), percentile(attacked, 99)),
            )
        ),
        "",
        *wrapped(
            f"The server's memory grew by {(after - before) / 2**20:.1f} MiB;"
            f" {lost} of the others were disconnected."
        ),
        "",
    ]


def latencies(server: Server, crowd: Crowd, seconds: float) -> list[float]:
    """Milliseconds from each save to each page that heard of it."""
    found: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        begun = time.perf_counter()
        server.update()
        heard = crowd.hear(len(crowd.open))
        found += [(at - begun) * 1000 for at in heard]
        while time.perf_counter() < begun + 0.05:
            crowd.step(max(0.0, begun + 0.05 - time.perf_counter()))
    return found


@contextmanager
def hostility(server: Server) -> Iterator[None]:
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.connect(("127.0.0.1", server.port))
    deaf.sendall(UPGRADE.format(server.port).encode())
    deaf.recv(200)
    deaf.sendall(frame(server.greeting()))
    flooder = subprocess.Popen([sys.executable, PROGRAM, "flood", str(server.port)])
    try:
        yield
    finally:
        flooder.kill()
        flooder.wait()
        deaf.close()


def storm() -> list[str]:
    """1,000 pages lose their server, which comes back half a second later."""
    with tempfile.TemporaryDirectory() as folder:
        first = Ours(Path(folder))
        crowd = Crowd(first.port, first.greeting(), again=True)
        crowd.join(STORM_PAGES)
        crowd.statuses.clear()
        say("restart")
        first.kill()
        end = time.perf_counter() + 0.5
        while time.perf_counter() < end:
            crowd.step(0.01)
        second = Ours(Path(folder), port=first.port)
        back = time.perf_counter()
        while len(crowd.open) < STORM_PAGES and time.perf_counter() < back + PATIENCE:
            crowd.step(0.05)
        took = time.perf_counter() - back
        second.kill()
        crowd.close()
    others = sum(count for status, count in crowd.statuses.items() if status != 101)
    return [
        "## A restart",
        "",
        *wrapped(
            f"The server is killed under {STORM_PAGES:,} pages and started again:"
            f" {len(crowd.open):,} of them were back {took:.1f} s after it answered."
            f" Responses other than 101: {others}."
        ),
        "",
    ]


def soak(seconds: float) -> list[str]:
    """60 saves a second, and pages that come and go, for ten minutes: is it flat?"""
    samples: list[tuple[float, int, int, int]] = []
    with serving(Ours) as server:
        assert isinstance(server, Ours)
        crowd = Crowd(server.port, server.greeting())
        crowd.join(OTHERS)
        begun = time.perf_counter()
        next_save = next_churn = next_sample = begun
        joined, updates, processor = OTHERS, 0, server.processor()
        while (now := time.perf_counter()) < begun + seconds:
            if now >= next_save:
                server.update()
                next_save += 1 / SAVES
            if now >= next_churn:
                crowd.leave(min(len(crowd.open), 1))
                crowd.greeting = server.greeting()
                crowd.connect(Page())
                joined += 1
                next_churn += 1 / CHURN
            if now >= next_sample:
                figures = server.memory(), server.descriptors(), server.tasks()
                samples.append((now - begun, *figures))
                next_sample += 5
                if len(samples) % 12 == 1:
                    say(f"soak: {now - begun:.0f} s, {figures[0] / 2**20:.1f} MiB {figures[1:]}")
            crowd.step(max(0.0, min(next_save, next_churn) - time.perf_counter()))
            updates += len(crowd.heard)
            crowd.heard.clear()
        spent = server.processor() - processor
        newest = settled(server, crowd)
        behind = sum(page.seq != newest for page in crowd.open)
        lost = crowd.lost
        crowd.close()
        time.sleep(2)
        rest = server.memory(), server.descriptors(), server.tasks()
    third = len(samples) // 3
    early, late = samples[third : 2 * third], samples[2 * third :]
    means = [
        [statistics.mean(column) for column in list(zip(*part, strict=True))[1:]]
        for part in (early, late)
    ]
    slope = statistics.linear_regression(
        [at for at, *_ in samples[third:]], [memory / 2**20 for _, memory, *_ in samples[third:]]
    ).slope
    return [
        f"## {seconds / 60:g} minutes at 60 times the rate",
        "",
        *wrapped(
            f"{SAVES} saves a second under {OTHERS} pages, of which {CHURN} a second go and as many"
            f" come: {server.saves:,} saves, {joined:,} pages, {updates:,} updates heard. Pages"
            f" that were disconnected: {lost}; that did not hear of the last save: {behind}."
            f" Processor time: {spent / seconds * 100:.0f} % of one core."
        ),
        "",
        "| | second third | last third | afterwards, without pages |",
        "|---|---|---|---|",
        *wrapped(
            f"| memory, MiB | {means[0][0] / 2**20:.1f} | {means[1][0] / 2**20:.1f} |"
            f" {rest[0] / 2**20:.1f} |"
        ),
        f"| descriptors | {means[0][1]:.1f} | {means[1][1]:.1f} | {rest[1]} |",
        f"| tasks | {means[0][2]:.1f} | {means[1][2]:.1f} | {rest[2]} |",
        "",
        f"Slope of the memory over the last two thirds: {slope * 3600:+.2f} MiB an hour.",
        "",
    ]


def settled(server: Ours, crowd: Crowd) -> int:
    """The number of the newest update, once there are no more to come."""
    end = time.perf_counter() + 2
    while time.perf_counter() < end:
        crowd.step(0.05)
    return int(server.facts()["seq"])


def percentile(values: list[float], rank: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * rank // 100)]


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
