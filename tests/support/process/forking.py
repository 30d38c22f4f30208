"""The command, forked from a process that has imported it: no test waits for imports.

What runs is `python -m hotreload` in a process of its own, with its own working directory,
environment and output. Tests of the start itself, and of what a terminal or a shell does to it,
start an interpreter.
"""

import multiprocessing
import os
import pkgutil
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any

import hotreload

_MODULES = [name for _, name, _ in pkgutil.walk_packages(hotreload.__path__, "hotreload.")]
_FORK_SERVER = multiprocessing.get_context("forkserver")
_FORK_SERVER.set_forkserver_preload(
    ["runpy", "uvloop", *(name for name in _MODULES if not name.endswith("__main__"))]
)


class ForkedCommand:
    """A command that runs: the part of `subprocess.Popen` that the tests of one need.

    Attributes:
        pid: of the process.
    """

    def __init__(
        self,
        words: Sequence[str],
        cwd: Path | str,
        environment: Mapping[str, str],
        output: int,
        errors: int | None = None,
    ) -> None:
        """Start it.

        Args:
            words: the arguments of `hotreload`.
            cwd: its working directory.
            environment: all of its variables.
            output: descriptor of its standard output.
            errors: descriptor of its standard error; without one, the test's own.
        """
        descriptors = [DupFd(output), None if errors is None else DupFd(errors)]
        given = (list(words), str(cwd), dict(environment), descriptors)
        self._process = _FORK_SERVER.Process(target=_become, args=given)
        self._process.start()
        self.pid: int = self._process.pid or 0

    @property
    def returncode(self) -> int | None:
        """Its exit status; negative for a signal, None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """The same, as `subprocess` calls it."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended.

        Raises:
            subprocess.TimeoutExpired: it runs for longer than `timeout` seconds.
        """
        self._process.join(timeout)
        if (status := self.returncode) is None:
            raise subprocess.TimeoutExpired("hotreload", timeout or 0)
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as a crash would."""
        self.send_signal(signal.SIGKILL)


def run(
    words: Sequence[str], cwd: Path | str, environment: Mapping[str, str], timeout: float
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end, as `subprocess.run` does that captures its output.

    Raises:
        subprocess.TimeoutExpired: it did not end in `timeout` seconds, and was killed.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        command = ForkedCommand(words, cwd, environment, output.fileno(), errors.fileno())
        try:
            status = command.wait(timeout)
        finally:
            command.kill()
        texts = [os.pread(each.fileno(), 1 << 30, 0).decode() for each in (output, errors)]
    return subprocess.CompletedProcess(list(words), status, *texts)


def _become(
    words: list[str], cwd: str, environment: dict[str, str], descriptors: list[Any]
) -> None:
    """What the forked process does."""
    for number, given in enumerate(descriptors, start=1):
        if given is not None:
            os.dup2(descriptor := given.detach(), number)
            os.close(descriptor)
    sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["hotreload", *words]
    runpy.run_module("hotreload", run_name="__main__", alter_sys=True)
