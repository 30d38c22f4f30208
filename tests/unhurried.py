"""`hotreload` with more patience: programs that write much may be held up on a busy machine."""

import sys

from hotreload import cli
from hotreload.watching import gitfiles, settle

PROGRAM = (sys.executable, __file__)
QUIET = 1.5
CAP = 60.0


def main() -> None:
    settle.QUIET = settle.GIT_QUIET = QUIET
    settle.SOON = settle.CAP = settle.GIT_CAP = gitfiles._WORKING = CAP
    cli.main()


if __name__ == "__main__":
    main()
