"""Who starts the server may have some signals ignored, as `nohup` does, and it stays so."""

import signal
import sys

import pytest
from support.security.attacking import ask, get

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

IGNORES = """
import signal, sys
signal.signal(int(sys.argv.pop(1)), signal.SIG_IGN)
from hotreload.cli.main import main
main()
"""


@pytest.mark.parametrize("name", ["SIGHUP", "SIGINT"])
def test_a_signal_that_is_ignored_from_the_start_ends_nothing(server, name):
    number = int(getattr(signal, name))
    running = server(program=(sys.executable, "-c", IGNORES, str(number)))

    running.process.send_signal(number)

    assert ask(running.port, get(b"/")).status == 200
    assert running.stop() == 0
