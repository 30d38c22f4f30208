"""The client's connection: how often it tries, and how it notices that a socket is dead."""

import pytest
from playwright.sync_api import Page
from support.browser.fake_server import FakeServer


class TestConnection:
    """The connection with a socket and a clock of the test's own."""

    SETUP = """async () => {
        const { Connection } = await import('/__hotreload__/connection/connection.js');
        log = []; timers = []; sockets = [];
        class Socket {
            readyState = 0;
            said = [];
            constructor() { sockets.push(this); log.push('open'); }
            send(text) { this.said.push(text); }
            close() { this.readyState = 3; }
            opens() { this.readyState = 1; this.onopen?.(); }
        }
        const world = {
            WebSocket: Socket, random: () => 1, window: new EventTarget(),
            document: new EventTarget(), isHidden: () => false,
            setTimeout(task, ms) { const timer = { task, ms }; timers.push(timer); return timer; },
            clearTimeout(timer) { timers = timers.filter((each) => each !== timer); },
        };
        fire = () => { const { task, ms } = timers.shift(); task(); return ms; };
        connection = new Connection('ws://x', {
            opened: () => log.push('opened'), lost: () => log.push('lost'),
            received: (data) => log.push(data), question: () => 'ping',
        }, world);
        theWorld = world;
        connection.start();
    }"""

    @pytest.fixture
    def lab(self, page: Page, fake: FakeServer) -> Page:
        fake.files["/plain.txt"] = b"text"
        page.goto(fake.origin + "/plain.txt")
        page.evaluate(self.SETUP)
        return page

    def test_waits_twice_as_long_each_time_up_to_two_seconds(self, lab: Page) -> None:
        waits = lab.evaluate(
            "Array.from({length: 7}, () => { sockets.at(-1).onclose(); return fire() })"
        )
        assert waits == [100, 200, 400, 800, 1600, 2000, 2000]
        lab.evaluate("sockets.at(-1).opens()")
        assert lab.evaluate("sockets.at(-1).onclose(), fire()") == 100

    @pytest.mark.parametrize(
        ("target", "sign"),
        [("window", "focus"), ("window", "online"), ("document", "visibilitychange")],
    )
    def test_page_that_is_looked_at_is_back_at_once(
        self, lab: Page, target: str, sign: str
    ) -> None:
        lab.evaluate("sockets[0].onclose()")
        assert lab.evaluate("sockets.length") == 1
        lab.evaluate(f"theWorld.{target}.dispatchEvent(new Event('{sign}'))")
        assert lab.evaluate("sockets.length") == 2

    def test_socket_that_does_not_open_is_given_up(self, lab: Page) -> None:
        assert lab.evaluate("fire()") == 3000
        assert lab.evaluate("[sockets[0].readyState, timers.map(t => t.ms)]") == [3, [100]]

    def test_dead_socket_is_noticed_by_its_silence(self, lab: Page) -> None:
        lab.evaluate("sockets[0].opens()")
        assert lab.evaluate("fire()") == 15_000
        assert lab.evaluate("sockets[0].said") == ["ping"]
        assert lab.evaluate("fire()") == 3000
        assert lab.evaluate("log") == ["open", "opened", "lost"]

    def test_answer_shows_that_the_socket_lives(self, lab: Page) -> None:
        lab.evaluate("sockets[0].opens(), fire(), sockets[0].onmessage({data: 'ping'})")
        assert lab.evaluate("timers.map(t => t.ms)") == [15_000]

    def test_hidden_page_has_no_timer(self, lab: Page) -> None:
        lab.evaluate("sockets[0].opens(); theWorld.isHidden = () => true; fire()")
        assert lab.evaluate("[timers.length, sockets[0].said]") == [0, []]

    def test_page_whose_policy_forbids_the_socket_asks_once(self, lab: Page) -> None:
        lab.evaluate(
            "theWorld.document.dispatchEvent("
            "new SecurityPolicyViolationEvent('securitypolicyviolation', {blockedURI: 'ws://x'}))"
        )
        assert lab.evaluate("[timers.length, sockets.length]") == [0, 1]

    def test_page_that_sleeps_does_not_try(self, lab: Page) -> None:
        lab.evaluate("theWorld.window.dispatchEvent(new Event('pagehide'))")
        assert lab.evaluate("[timers.length, sockets[0].readyState]") == [0, 3]
        lab.evaluate("theWorld.window.dispatchEvent(new Event('focus'))")
        assert lab.evaluate("sockets.length") == 1
        lab.evaluate(
            "theWorld.window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"
        )
        assert lab.evaluate("sockets.length") == 2

    def test_callbacks_that_throw_do_not_throw_into_the_page(self, lab: Page) -> None:
        lab.evaluate("connection.callbacks.opened = () => { throw 1 }; sockets[0].opens()")
        assert lab.evaluate("timers.map(t => t.ms)") == [15_000]
