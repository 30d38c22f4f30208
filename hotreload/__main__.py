"""`python -m hotreload` is the command `hotreload`, and the command is this."""

import sys

from hotreload.interrupts import end_quietly

end_quietly()

from hotreload import cli  # noqa: E402 - it takes long enough to be interrupted
from hotreload.telling import streams  # noqa: E402 - it, too


def main() -> None:
    """The command `hotreload`, with a process of its own."""
    if not streams.settle():
        print("hotreload: standard output is closed: nothing is shown", file=sys.stderr)  # noqa: T201
    cli.main(prog_name="hotreload")


if __name__ == "__main__":
    main()
