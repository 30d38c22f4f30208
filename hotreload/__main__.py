"""`python -m hotreload` is the command `hotreload`, and the command is this."""

import sys

from hotreload.cli.interrupts import end_quietly

end_quietly()

from hotreload.cli import main as command_line  # noqa: E402 - it takes long enough to be interrupted
from hotreload.terminal.device import standard_streams  # noqa: E402 - it, too


def main() -> None:
    """The command `hotreload`, with a process of its own."""
    if not standard_streams.settle():
        print("hotreload: standard output is closed: nothing is shown", file=sys.stderr)  # noqa: T201
    command_line.main(prog_name="hotreload")


if __name__ == "__main__":
    main()
