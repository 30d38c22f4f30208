"""Scripts reload pages, and learn whether every page has taken the newest update."""

import json
import queue
import subprocess
import sys
import threading
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.process.commands import command, environment
from websockets.sync.client import connect

from hotreload.live.messages import Applied, Log, Page
from hotreload.live.page_status import ASKED_SECONDS, ERRORS_KEPT, RETURN_SECONDS, PageStatus
from hotreload.remote.wait_condition import judge

pytestmark = pytest.mark.usefixtures("own_runtime")


class OpenPage:
    """A page that does nothing by itself."""

    def __init__(self, server, url="/", file="/index.html", **more):
        url_of_socket = server.url.replace("http", "ws") + "__hotreload__/ws"
        self._stack = ExitStack()
        self.socket = self._stack.enter_context(
            connect(url_of_socket, subprotocols=["hotreload.v1"])
        )
        self.url, self.file = url, file
        self.introduce(**({"run": "", "seq": 0, "resources": {}} | more))
        self.run = self.until("hello")["run"]

    def introduce(self, **more):
        self.say(type="page", url=self.url, file=self.file, **more)

    def say(self, **message):
        self.socket.send(json.dumps(message))

    def until(self, kind):
        while (message := json.loads(self.socket.recv(10)))["type"] != kind:
            pass
        return message

    def applied(self, seq, action="css", **more):
        self.say(type="applied", seq=seq, action=action, ms=1.0, **more)

    def current(self, seq=0):
        """As a page is that was served just now."""
        self.introduce(run=self.run, seq=seq)
        self.until("hello")
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stack.close()


class Waiting:
    """`hotreload wait --json` under way."""

    def __init__(self, server, *words):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hotreload", "wait", "--url", server.url, "--json", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=environment(),
        )
        self.over = queue.Queue()
        threading.Thread(target=self._communicate, daemon=True).start()

    def _communicate(self):
        out, error = self.process.communicate(timeout=30)
        self.over.put((self.process.returncode, json.loads(out) if out else {}, error))

    def result(self):
        return self.over.get(timeout=30)


# -- reload --------------------------------------------------------------------------------------


def test_every_page_is_asked_to_reload(server, site):
    running = server()
    with OpenPage(running).current() as one, OpenPage(running, "/other").current() as other:
        done = command("reload", cwd=site)

        assert one.until("reload")["reason"] == "asked for by a request"
        assert other.until("reload")
    assert (done.status, done.out) == (0, "asked 2 pages\n")


def test_without_a_page_there_is_nothing_to_reload(server, site):
    server()

    done = command("reload", cwd=site)

    assert (done.status, done.out) == (0, "no page is open\n")
    assert command("reload", "--json", cwd=site).event("reload")["pages"] == 0


def test_only_the_pages_that_use_a_url_are_to_reload(server, site):
    """The page knows what it uses; a page's own address stands for the file that it shows."""
    running = server()
    with OpenPage(running, "/docs/", "/docs/index.html").current() as page:
        command("reload", "/style.css", "http://127.0.0.1/docs/?q=1", cwd=site)

        update = page.until("update")

    assert update["reload"] is True
    urls = [change["url"] for change in update["changes"]]
    assert urls == ["/docs/", "/docs/index.html", "/style.css"]
    assert running.wait_for(type="update")["files"] == urls


def test_a_url_that_is_a_file_name_is_refused():
    done = command("reload", "style.css")

    assert done.status == 2
    assert "style.css: the URL of a file begins with /, as its page has it" in done.error


def test_a_real_page_reloads_when_it_uses_the_url_and_not_otherwise(server, page):
    running = server()
    page.goto(running.url)
    running.wait_for(type="page", event="opened")
    page.evaluate("window.mark = 1")

    command("reload", "/nobody-uses-this.css", "--url", running.url)
    running.wait_for(type="applied", action="unused")
    assert page.evaluate("window.mark") == 1

    command("reload", "/", "--url", running.url)
    running.wait_for(type="applied", action="reload")
    running.wait_for(type="page", event="opened")
    assert page.evaluate("window.mark") is None

    page.evaluate("window.mark = 1")
    command("reload", "--url", running.url)
    running.wait_for(type="page", event="opened")
    assert command("wait", "--url", running.url).status == 0
    assert page.evaluate("window.mark") is None


# -- wait ----------------------------------------------------------------------------------------


def test_a_real_page_has_taken_a_save_when_the_wait_is_over(server, site, page):
    running = server()
    page.goto(running.url)
    running.wait_for(type="page", event="opened")
    for number in range(1, 4):
        (site / "styles" / "site.css").write_text(f"body {{ outline: {number}px solid red }}")

        done = command("wait", "--url", running.url)

        assert (done.status, done.out) == (0, f"1 page has taken update {number}\n"), done.error
        assert page.evaluate("getComputedStyle(document.body).outlineWidth") == f"{number}px"


def test_a_real_page_that_reloads_has_taken_the_save_when_it_is_back(server, site, page):
    running = server(site, "--full-reload")
    page.goto(running.url)
    running.wait_for(type="page", event="opened")
    (site / "styles" / "site.css").write_text("body { outline: 7px solid red }")

    done = command("wait", "--url", running.url, "--no-errors")

    assert done.status == 0, done.error
    assert page.evaluate("getComputedStyle(document.body).outlineWidth") == "7px"


def test_the_wait_goes_on_until_the_last_page_has_taken_it(server, site):
    running = server()
    with OpenPage(running).current() as fast, OpenPage(running, "/slow").current() as slow:
        (site / "style.css").write_text("a {}")
        fast.until("update")
        fast.applied(1)
        waiting = Waiting(running)
        running.wait_for(type="update")  # the server has summed up: it waits no longer for it
        slow.until("update")
        assert waiting.process.poll() is None
        slow.applied(1, "unused")

        status, event, _ = waiting.result()

    assert status == 0
    assert (event["taken"], event["seq"], event["pages"]) == (True, 1, 2)


def test_time_is_up(server, site):
    running = server()
    with OpenPage(running, "/late").current() as page:
        (site / "style.css").write_text("a {}")
        page.until("update")

        done = command("wait", "--url", running.url, "--timeout", 0.2)

    assert done.status == 3
    assert done.error == "hotreload: /late has not taken update 1\n"


def test_a_page_is_waited_for_and_none_is_no_success(server):
    running = server()
    done = command("wait", "--url", running.url, "--timeout", 0.1)
    assert (done.status, done.error) == (3, "hotreload: no page is open\n")

    waiting = Waiting(running)
    with OpenPage(running).current():
        assert waiting.result()[0] == 0


def test_a_number_that_has_not_come_yet_is_waited_for(server, site):
    running = server()
    with OpenPage(running).current() as page:
        done = command("wait", "--url", running.url, "--seq", 1, "--timeout", 0.1)
        assert done.status == 3
        assert "there is no update 1 yet: the newest is 0" in done.error

        waiting = Waiting(running, "--seq", "1")
        (site / "style.css").write_text("a {}")
        page.until("update")
        page.applied(1)
        assert waiting.result()[0] == 0


def test_a_page_that_could_not_take_it_ends_the_wait(server, site):
    running = server()
    with OpenPage(running).current() as page:
        (site / "style.css").write_text("a {}")
        page.until("update")
        page.applied(1, "failed", detail="no such sheet")

        done = command("wait", "--url", running.url, "--timeout", 30)

    assert done.status == 3
    assert done.error == "hotreload: / could not take update 1: no such sheet\n"


def test_an_error_that_a_page_reported_fails_the_wait_only_when_asked(server, site):
    running = server()
    with OpenPage(running).current() as page:
        page.say(type="log", level="error", text="x is not defined", source="/app.js", line=3)
        page.say(type="log", level="warn", text="careful")
        running.wait_for(type="log", level="warn")

        calm = command("wait", "--url", running.url, "--json")
        strict = command("wait", "--url", running.url, "--no-errors")
        (site / "style.css").write_text("a {}")
        page.until("update")
        page.applied(1)
        mended = command("wait", "--url", running.url, "--no-errors")
        since = command("wait", "--url", running.url, "--no-errors", "--seq", 0)

    assert calm.status == 0
    assert calm.event("wait")["errors"] == ["/: x is not defined"]
    assert (strict.status, strict.error) == (
        4,
        "hotreload: a page reported an error: /: x is not defined\n",
    )
    assert mended.status == 0, mended.error
    assert since.status == 4


def test_health_tells_what_each_page_has_taken(server):
    import urllib.request

    running = server()
    with OpenPage(running, "/a?b").current(), OpenPage(running, "/late"):
        running.wait_for(type="page", event="opened", pages=2)
        with urllib.request.urlopen(running.url + "__hotreload__/health") as answer:
            facts = json.load(answer)

    assert (facts["pages"], facts["returning"]) == (2, 0)
    assert facts["open"] == [
        {"url": url, "seq": seq, "action": "", "detail": "", "reloading": False, "errors": []}
        for url, seq in (("/a?b", 0), ("/late", None))
    ]


# -- progress ------------------------------------------------------------------------------------

PAGE = Page("/p?q", "run", 0)


def facts(progress, now=0.0):
    return {"seq": 1, "run": "run", **progress.facts(now)}


def test_a_page_that_said_it_reloads_is_missed_until_it_is_back():
    progress = PageStatus()
    progress.joined("a", PAGE, 0)
    progress.joined("b", Page("/other", "run", 1), 1)
    progress.applied("a", Applied(1, "reload", 1.0))
    assert judge(facts(progress), None).missing == "/p?q has not taken update 1"
    progress.left("a", 1.0)
    assert judge(facts(progress, 1.0), None).missing == "a page is reloading and not back"

    progress.joined("c", Page("/p?other", "run", 1), 1)

    assert judge(facts(progress, 1.1), None).missing == ""


def test_a_page_that_never_comes_back_is_forgotten():
    progress = PageStatus()
    progress.joined("a", PAGE, 0)
    progress.joined("b", Page("/other", "run", 1), 1)
    progress.applied("a", Applied(1, "reload", 1.0))
    progress.left("a", 1.0)

    assert facts(progress, 1.0 + RETURN_SECONDS)["returning"] == 1
    assert facts(progress, 1.1 + RETURN_SECONDS)["returning"] == 0


def test_a_page_that_was_closed_is_not_waited_for():
    progress = PageStatus()
    progress.joined("a", PAGE, 0)
    progress.left("a", 1.0)
    progress.left("a", 1.0)

    assert facts(progress)["returning"] == 0


def test_a_page_that_was_asked_to_reload_and_did_not_has_refused():
    progress = PageStatus()
    progress.joined("a", PAGE, 1)
    progress.asked(10.0)

    assert judge(facts(progress, 10.0), None).missing
    assert not judge(facts(progress, 10.0 + ASKED_SECONDS), None).missing


def test_a_comparison_with_the_disk_is_over_when_its_update_was_taken():
    progress = PageStatus()
    progress.joined("a", PAGE, None)
    assert judge(facts(progress), None).missing
    progress.applied("a", Applied(1, "unused", 1.0))
    assert not judge(facts(progress), None).missing

    progress.joined("a", PAGE, None)

    assert judge(facts(progress), None).missing


@given(st.lists(st.sampled_from(["error", "warn", "log"]), max_size=2 * ERRORS_KEPT))
def test_the_first_errors_of_a_page_are_kept(levels):
    progress = PageStatus()
    progress.joined("a", PAGE, 0)
    for number, level in enumerate(levels):
        progress.logged("a", Log(level, str(number), "/x.js", 2), 5)

    kept = facts(progress)["open"][0]["errors"]

    wanted = [str(n) for n, level in enumerate(levels) if level == "error"][:ERRORS_KEPT]
    assert [error["text"] for error in kept] == wanted
    assert all(error["seq"] == 5 for error in kept)
