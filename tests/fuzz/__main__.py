"""Fuzz every target for so many seconds each: `python tests/fuzz SECONDS [TARGET...]`.

With atheris (`pip install atheris`) inputs are bred by the branches that they reach; without it,
hypothesis varies those of the corpus. Exit status 0 if nothing was found. What was found is printed
as a line for `corpus/TARGET.txt`.
"""
# ruff: noqa: T201

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from fuzz import corpora
from fuzz.varied import varied

try:
    import atheris
except ImportError:
    atheris = None

NAMES = ("resolver", "guard", "injector", "messages", "configuration", "answers")
MAX_BYTES = 1024


def main(words: list[str]) -> int:
    seconds, names = int(words[0]), words[1:] or list(NAMES)
    if len(names) == 1:
        return fuzz(names[0], seconds)
    failed = [name for name in names if _alone(name, seconds)]
    print("found something: " + ", ".join(failed) if failed else "nothing found")
    return 1 if failed else 0


def _alone(name: str, seconds: int) -> int:
    """One target in a process of its own: libFuzzer ends the one that it runs in."""
    command = [sys.executable, str(Path(__file__).parent), str(seconds), name]
    return subprocess.run(command, cwd=Path(__file__).parents[2], check=False).returncode


def fuzz(name: str, seconds: int) -> int:
    print(f"== {name}: {seconds} s with {'atheris' if atheris else 'hypothesis'}", flush=True)
    return _breed(name, seconds) if atheris else _vary(name, seconds)


def _breed(name: str, seconds: int) -> int:
    with atheris.instrument_imports(include=["hotreload"]):
        from fuzz.targets import TARGETS
    found = tempfile.mkdtemp(prefix=f"hotreload-{name}-")
    for number, seed in enumerate(corpora.read(name)):
        Path(found, f"seed-{number}").write_bytes(seed)
    flags = [
        f"-max_total_time={seconds}", f"-max_len={MAX_BYTES}", "-rss_limit_mb=0", "-timeout=10",
        f"-artifact_prefix={found}/found-", "-print_final_stats=1", "-verbosity=0", found,
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *flags], _telling(TARGETS[name]))
    atheris.Fuzz()  # ends the process
    return 0


def _telling(target: Callable[[bytes], None]) -> Callable[[bytes], None]:
    def tell(data: bytes) -> None:
        try:
            target(data)
        except Exception:
            print(corpora.written(data), flush=True)
            raise

    return tell


def _vary(name: str, seconds: int) -> int:
    from hypothesis import HealthCheck, Phase, given, settings

    from fuzz.targets import TARGETS

    target, end, tried = TARGETS[name], time.monotonic() + seconds, 0

    @settings(
        max_examples=500, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
    @given(varied(corpora.read(name)))
    def hold(data: bytes) -> None:
        nonlocal tried
        tried += 1
        target(data)

    while time.monotonic() < end:
        try:
            hold()
        except Exception as error:
            print(f"{name} found {error!r}", flush=True)
            raise
    print(f"== {name}: {tried} inputs, nothing found", flush=True)
    return 0


if __name__ == "__main__":
    if os.name == "posix":
        os.nice(10)
    sys.exit(main(sys.argv[1:]))
