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
