"""Commands that run with less than the machine has."""

import shutil
import subprocess

import pytest


def limited(limit: str, value: int) -> list[str]:
    """The words that run a command with few watches or none; skips where that is not allowed.

    Args:
        limit: of /proc/sys/user, such as `max_inotify_watches`.
        value: what it is set to.
    """
    command = ["unshare", "-U", "-r", "sh", "-c"]
    script = f'echo {value} >/proc/sys/user/{limit} && exec "$@"'
    if (
        shutil.which("unshare") is None
        or subprocess.run(
            [*command, script, "sh", "true"], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("this machine lets nobody make user namespaces")
    return [*command, script, "sh"]


def allow(process: int, limit: str, value: int) -> None:
    """Give a process that was started by the words of `limited` more, or less.

    Args:
        process: its number.
        limit: as it was given to `limited`.
        value: what it is set to; what the process has is not taken away.
    """
    enter = ["nsenter", "--user", "--preserve-credentials", "--target", str(process)]
    script = f"echo {value} >/proc/sys/user/{limit}"
    subprocess.run([*enter, "sh", "-c", script], check=True, capture_output=True)
