"""`hotreload` with the patience of a test: what waits for seconds waits for one."""

import sys
from dataclasses import replace

from hotreload.cli import main as command_line
from hotreload.server import server, tls_listener

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
    tls_listener.HANDSHAKE_SECONDS = HEAD
    command_line.main()


if __name__ == "__main__":
    main()
