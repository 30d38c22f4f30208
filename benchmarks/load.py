"""What many pages, hostile clients, a restart and a long day cost, next to a bare server.

    python benchmarks/load.py [--soak SECONDS] [--write]

Measures, and prints as Markdown: 10,000 open pages and an update to all of them, in turns with a
bare `websockets` server; what the others notice of a page that never reads and of a flood; a
restart under 1,000 pages; and a soak (600 s) with 60 saves a second while pages come and go. With
--write the figures go into docs/reliability.md. Takes four minutes and the soak on an idle machine.
Linux.
"""

import argparse
import os
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

from loading.measures import hostile_clients, many_pages, soak, storm
from loading.servers import flood, serve_bare, serve_ours


def machine() -> str:
    model = next(
        (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")),
        platform.machine(),
    )  # fmt: skip
    return (
        f"{time.strftime('%Y-%m-%d')}, {model}, {os.cpu_count()} cores, Linux {platform.release()},"
        f" Python {platform.python_version()}, websockets {version('websockets')},"
        f" uvloop {version('uvloop')}. Load average when it began:"
        f" {os.getloadavg()[0]:.1f}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--soak", type=float, default=600, help="seconds; 600 if not given")
    parser.add_argument("--write", action="store_true", help="write docs/reliability.md")
    options = parser.parse_args()
    lines = [
        "# How it holds up",
        "",
        "Written by `python benchmarks/load.py --write`, which is all that it takes to measure it",
        "again. Servers and clients are processes of one machine.",
        "",
        machine(),
        "",
        *many_pages(),
        *hostile_clients(),
        *storm(),
        *soak(options.soak),
    ]
    text = "\n".join(lines).rstrip() + "\n"
    if options.write:
        place = Path(__file__).parent.parent / "docs" / "reliability.md"
        place.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["bare", port]:
            serve_bare(int(port))
        case ["ours", folder, port]:
            serve_ours(folder, int(port))
        case ["flood", port]:
            flood(int(port))
        case _:
            main()
