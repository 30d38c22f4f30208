"""`hotreload` with the patience of a test: what waits for seconds waits for one."""

import sys
from dataclasses import replace

from hotreload import cli, server
from hotreload.serving import doorman

HEAD, REST, STALL, LINGER = 1.0, 2, 1.0, 1.0  # seconds
PROGRAM = (sys.executable, __file__)


def main() -> None:
    run = server.run

    def hastily(settings, *more):
        limits = replace(
            settings.limits, head_seconds=HEAD, rest_seconds=REST, stall_seconds=STALL,
            linger_seconds=LINGER,
        )  # fmt: skip
        run(replace(settings, limits=limits), *more)

    server.run = hastily
    doorman.HANDSHAKE_SECONDS = HEAD
    cli.main()


if __name__ == "__main__":
    main()
