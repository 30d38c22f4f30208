"""`hotreload` with more patience: programs that write much may be held up on a busy machine."""

import sys

from hotreload.cli import main as command_line
from hotreload.files import git_excludes
from hotreload.watch import debounce

PROGRAM = (sys.executable, __file__)
QUIET = 1.5
CAP = 60.0


def main() -> None:
    debounce.QUIET = debounce.GIT_QUIET = QUIET
    debounce.SOON = debounce.CAP = debounce.GIT_CAP = git_excludes._WORKING = CAP
    command_line.main()


if __name__ == "__main__":
    main()
