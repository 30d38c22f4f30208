"""A page that another machine of the network shows, when one of the two loses its address."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep

import pytest
from conftest import CHROMIUM_FLAGS, PATIENCE, Server, chromium_path
from playwright.sync_api import expect

TOOLS = ("ip", "nsenter", "unshare")
SERVER, BROWSER = "10.9.9.1", "10.9.9.2"
# A connection that hears nothing is tried again ever less often.
LONG = 6 * PATIENCE

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or not all(map(shutil.which, TOOLS)),
    reason="networks of their own take root on Linux, and iproute2",
)


class Machine:
    """What stands for a machine: a network namespace that lives as long as a process in it."""

    def __init__(self, stack: ExitStack, address: str) -> None:
        self.address = address
        self.process = stack.enter_context(
            subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE)
        )
        stack.callback(self.process.kill)
        self.enter = ("nsenter", f"--target={self.process.pid}", "--net")
        end = monotonic() + PATIENCE
        while self._network() == Path("/proc/self/ns/net").readlink() and monotonic() < end:
            sleep(0.01)
        self.ip("link", "set", "lo", "up")

    def _network(self) -> Path:
        return Path(f"/proc/{self.process.pid}/ns/net").readlink()

    def ip(self, *words: str) -> None:
        subprocess.run([*self.enter, "ip", *words], check=True)

    def join(self) -> None:
        """Has its address from now on."""
        self.ip("address", "add", f"{self.address}/24", "dev", "lan")

    def part(self) -> None:
        """Has none."""
        self.ip("address", "del", f"{self.address}/24", "dev", "lan")


@pytest.fixture
def machines() -> Iterator[dict[str, Machine]]:
    """Two, with a cable between them."""
    with ExitStack() as stack:
        one, other = Machine(stack, SERVER), Machine(stack, BROWSER)
        peer = ("peer", "name", "lan", "netns", str(other.process.pid))
        one.ip("link", "add", "lan", "type", "veth", *peer)
        for machine in (one, other):
            machine.ip("link", "set", "lan", "up")
            machine.join()
        yield {"server": one, "browser": other}


@pytest.fixture
def page(machines, lend, tmp_path):
    """A page of a browser that runs on the other machine."""
    program = tmp_path / "browser"
    program.write_text(
        f'#!/bin/sh\nexec {" ".join(machines["browser"].enter)} {chromium_path()} "$@"'
    )
    program.chmod(0o755)
    flags = [flag for flag in CHROMIUM_FLAGS if not flag.startswith("--host-resolver-rules")]
    with lend("chromium") as usual:
        browser = usual.browser_type.launch(executable_path=program, args=flags)
        yield browser.new_page()
        browser.close()


@pytest.mark.parametrize("who", ["server", "browser"])
def test_a_page_recovers_when_an_address_goes_and_comes_back(machines, site, page, who):
    """What was saved meanwhile is shown, and so is what is saved afterwards."""
    running = Server(
        site, "--host", "0.0.0.0",
        program=(*machines["server"].enter, sys.executable, "-m", "hotreload"),
    )  # fmt: skip
    try:
        page.goto(f"http://{SERVER}:{running.port}/")
        running.wait_for(type="page", event="opened")
        machines[who].part()
        save(site, "Saved meanwhile.")
        assert running.wait_for(type="update")["silent"] == 1  # it does not hear, and is not gone
        machines[who].join()

        shows(page, "Saved meanwhile.")
        save(site, "Saved afterwards.")
        shows(page, "Saved afterwards.")
    finally:
        running.kill()


def save(site: Path, headline: str) -> None:
    page = f'<!doctype html><title>t</title><h1 id="headline">{headline}</h1>'
    (site / "index.html").write_text(page)


def shows(page, headline: str) -> None:
    expect(page.locator("#headline")).to_have_text(headline, timeout=LONG * 1000)
