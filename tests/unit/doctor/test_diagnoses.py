"""What each fact means to somebody who wants to serve a folder, and what is to be done."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotreload.doctor import diagnoses
from hotreload.doctor.diagnoses import OURS, Diagnosis, Severity
from hotreload.doctor.facts import (
    Browser,
    Clock,
    Configuration,
    FileSystem,
    Latency,
    Libraries,
    Library,
    Machine,
    Port,
    Proxies,
    Reach,
    Root,
    Rules,
    Watches,
    Workers,
)

GOOD, WARNING, FAILED = Severity.GOOD, Severity.WARNING, Severity.FAILED


@pytest.mark.parametrize(
    ("facts", "state", "words"),
    [
        (Root("site"), GOOD, "site can be read"),
        (Root("sit", exists=False, alike=("site",)), WARNING, "did you mean site?"),
        (Root("sit", exists=False), WARNING, "the server waits for it"),
        (Root("no/x", exists=False, may_come=False), FAILED, "name the folder to serve"),
        (
            Root("no/x", exists=False, may_come=False, alike=("on/x", "no1/x")),
            FAILED,
            "did you mean on/x or no1/x?",
        ),
        (Root("a.html", is_folder=False), FAILED, "name the folder that holds it"),
        (Root("shut", is_readable=False), FAILED, "its permissions keep you out"),
    ],
)
def test_the_folder(facts, state, words):
    check(diagnoses.root(facts), state, words)


@pytest.mark.parametrize(
    ("facts", "state", "words"),
    [
        (FileSystem("ext4"), GOOD, "ext4 tells of every change"),
        (FileSystem(""), GOOD, "a file system of this machine"),
        (FileSystem("9p", is_foreign=True), WARNING, "on 9p, which does not tell of every change"),
    ],
)
def test_the_file_system(facts, state, words):
    check(diagnoses.file_system(facts), state, words)


@pytest.mark.parametrize(
    ("facts", "state", "words"),
    [
        (Watches(1), GOOD, "1 folder to watch"),
        (Watches(3, limit=8192, used=100), GOOD, "3 folders to watch, and 8,092 watches left"),
        (Watches(5, limit=10, used=5, engines_limit=128), GOOD, "5 watches left"),
        (Watches(6, limit=10, used=9), WARNING, "1 watch left of 10; "),
        (
            Watches(6, limit=10, used=99),
            WARNING,
            "`sudo sysctl fs.inotify.max_user_watches=1048576`",
        ),
        (
            Watches(6, limit=10, engines_limit=128, engines_used=128),
            WARNING,
            "`sudo sysctl fs.inotify.max_user_instances=1024` raises the limit",
        ),
        (Watches(9, unreadable=2, limit=100), WARNING, "2 of which cannot be read"),
    ],
)
def test_the_watches(facts, state, words):
    check(diagnoses.watches(facts), state, words)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (Rules(""), "no repository"),
        (Rules("/site", files=2), "repository /site (2 ignore files from outside of the folder)"),
        (Rules("/site", files=1, ignores_root=True), "it is watched all the same"),
    ],
)
def test_the_rules_of_git(facts, words):
    check(diagnoses.rules(facts), GOOD, words)


def test_the_repository_of_somebody_else():
    facts = Rules("/site", is_strange=True)
    check(diagnoses.rules(facts), WARNING, "its ignore files do not count")


@pytest.mark.parametrize(
    ("facts", "state", "words"),
    [
        (Configuration([]), GOOD, "no configuration file"),
        (Configuration(["/a", "/b"]), GOOD, "nothing is opened to others by /a and /b"),
        (Configuration(["/a"], opened=["/a:1: host", "/a:2: cors"]), GOOD, "allowed: /a:1: host, "),
        (Configuration(["/a"], ["x"], refused=["/a is bad"], foreign=["/b too"]), WARNING,
         "/a is bad; /b too"),
    ],
)  # fmt: skip
def test_what_configuration_may(facts, state, words):
    check(diagnoses.trust(facts), state, words)


@pytest.mark.parametrize(
    ("unread", "words"),
    [
        (["cannot read a: it is a link"], "cannot read a: it is a link"),
        (["cannot read a: it is a link", "x", "y"], "cannot read a: it is a link, and 2 more"),
    ],
)
def test_ignore_files_that_are_not_read_are_named(unread, words):
    check(diagnoses.rules(Rules("/site", unread=unread)), WARNING, words)


@pytest.mark.parametrize(
    ("facts", "state", "words"),
    [
        (Machine("Linux 6.1"), GOOD, "Linux 6.1"),
        (Machine("Linux 6.1", container="Docker"), WARNING, "--host 0.0.0.0"),
        (Machine("Linux 5.15-microsoft", wsl=True), GOOD, "below Windows"),
    ],
)
def test_the_system(facts, state, words):
    check(diagnoses.machine(facts), state, words)


BOTH = {"127.0.0.1": "nginx (pid 7)", "::1": "nginx (pid 7)"}


@pytest.mark.parametrize(
    ("facts", "state", "words"),
    [
        (Port(8765), GOOD, "8765 is free on 127.0.0.1 and ::1"),
        (Port(8765, ipv6=False), GOOD, "free on 127.0.0.1 (this machine has no IPv6)"),
        (Port(8765, taken=BOTH), WARNING, "taken on 127.0.0.1 and ::1 by nginx (pid 7): the next"),
        (Port(8765, taken={"::1": ""}), WARNING, "taken on ::1: the next free one is used"),
        (Port(80, asked=True, taken=BOTH), FAILED, "choose another with --port"),
        (Port(8765, taken=BOTH, free=False), FAILED, "choose another with --port"),
        (Port(8765, taken=BOTH, server="http://x/"), GOOD, "for this folder answers at http://x/"),
    ],
)
def test_the_port(facts, state, words):
    check(diagnoses.port(facts), state, words)


@pytest.mark.parametrize(
    ("facts", "state", "words"),
    [
        (Reach(OURS[1:], OURS[1:], OURS[1:]), GOOD, "stands for 127.0.0.1 and ::1; reached at"),
        (Reach(("127.0.0.1",), OURS[1:], OURS[1:]), GOOD, "stands for 127.0.0.1; reached at"),
        (Reach(OURS[1:], OURS[1:], ("::1",)), FAILED, "127.0.0.1 cannot be reached"),
        (Reach(OURS[1:], (), ()), FAILED, "127.0.0.1 cannot be reached"),
        (Reach((), OURS[1:], OURS[1:]), WARNING, "localhost stands for no address; write http://"),
        (Reach(("192.0.2.1",), OURS[1:], OURS[1:]), WARNING, "stands for 192.0.2.1; write"),
        (Reach(("::1",), ("127.0.0.1",), ("127.0.0.1",)), WARNING, "add the line `127.0.0.1"),
    ],
)
def test_the_way_to_this_machine(facts, state, words):
    check(diagnoses.reach(facts), state, words)


@pytest.mark.parametrize(
    ("facts", "state", "words"),
    [
        (Proxies(), GOOD, "none in the environment"),
        (Proxies((), ("example.org",)), GOOD, "none in the environment"),
        (Proxies(("http_proxy",), OURS), GOOD, "no_proxy exempts this machine"),
        (Proxies(("http_proxy",), ("*",)), GOOD, "no_proxy exempts this machine"),
        (Proxies(("all_proxy",), (".localhost", "127.0.0.1", "::1")), GOOD, "all_proxy set"),
        (Proxies(("http_proxy", "https_proxy")), WARNING, "http_proxy and https_proxy set, and"),
        (Proxies(("http_proxy",), ("a.b", "LOCALHOST")), WARNING, "lacks 127.0.0.1, ::1: curl"),
        (Proxies(("http_proxy",), ("a.b",)), WARNING, "export no_proxy=a.b,localhost,127.0.0.1,::"),
    ],
)
def test_the_proxies(facts, state, words):
    check(diagnoses.proxies(facts), state, words)


@given(st.sets(st.sampled_from(("http_proxy", "all_proxy")), min_size=1), st.sets(st.text("a.*")))
def test_what_is_advised_about_proxies_is_well_once_it_is_done(variables, exempt):
    found = diagnoses.proxies(Proxies(tuple(variables), tuple(filter(None, exempt))))

    if found.advice:
        after = tuple(found.advice.removeprefix("export no_proxy=").split(","))
        assert diagnoses.proxies(Proxies(tuple(variables), after)).state is GOOD


@pytest.mark.parametrize(
    ("ahead", "state", "words"),
    [
        (0.0, GOOD, "agree"),
        (2.0, GOOD, "agree"),
        (3601.2, WARNING, "file times are 3,601 s ahead of the clock"),
        (-3.0, WARNING, "file times are 3 s behind the clock"),
    ],
)
def test_the_clock(ahead, state, words):
    check(diagnoses.clock(Clock(ahead)), state, words)


def test_the_browser():
    check(diagnoses.browser(Browser("firefox")), GOOD, "--open starts firefox")
    check(diagnoses.browser(Browser("")), WARNING, "set BROWSER")


def needing(*libraries: Library) -> Diagnosis:
    return diagnoses.libraries(Libraries("CPython 3.11.7", libraries))


def test_the_libraries():
    loop = Library("uvloop", "0.21", "", is_optional=True)

    check(needing(Library("websockets", "17.4", "17.4.1")), GOOD, "3.11.7, websockets 17.4.1")
    check(needing(Library("websockets", "17.4", "16.0")), FAILED, "websockets 16.0 (needs 17.4)")
    check(needing(Library("click", "8.1", "")), FAILED, "click missing (needs 8.1)")
    check(needing(loop), WARNING, "uvloop missing (needs 0.21): all works, but slower")
    old = Library("uvloop", "0.21", "0.9", is_optional=True)
    check(needing(old), FAILED, "uvloop 0.9 (needs 0.21); pip install")


@pytest.mark.parametrize(
    ("version", "floor", "will_do"),
    [
        ("17.4", "17.4", True),
        ("17.4.0", "17.4", True),
        ("17", "17.0", True),
        ("17.10", "17.9", True),
        ("17.3.9", "17.4", False),
        ("2", "17.4", False),
        ("17.4.dev1", "17.4", True),
        ("17.4+local.1", "17.4.2", False),
    ],
)
def test_versions_are_compared_number_by_number(version, floor, will_do):
    assert (needing(Library("some", floor, version)).state is GOOD) == will_do


@pytest.mark.parametrize(
    ("facts", "state", "words"),
    [
        (Latency((9.0, 7.0, 30.0)), GOOD, "noticed after 9 ms (30 ms at most)"),
        (Latency((900.0, 1000.0)), WARNING, "noticed after 950 ms: by looking, not by events"),
        (Latency((), missed=1), FAILED, "1 of 1 save went unnoticed; hotreload serve --poll"),
        (Latency((7.0, 8.0), missed=1), FAILED, "1 of 3 saves went unnoticed"),
    ],
)
def test_how_soon_a_save_is_noticed(facts, state, words):
    check(diagnoses.latency(facts), state, words)


def test_the_service_workers():
    finding = diagnoses.workers(Workers(("/a.js", "/b.js")))

    assert finding.state is WARNING
    assert finding.sentence.startswith("/a.js and /b.js may answer pages")
    assert "--clear-site-data" in finding.advice


def test_what_could_not_be_found_out_is_no_failure():
    check(diagnoses.unknown("clock", "no space left"), WARNING, "not be found out: no space left")


STATES = st.lists(st.sampled_from(Severity))


@given(STATES)
def test_only_what_will_not_work_fails(states):
    found = [Diagnosis("x", state, "so") for state in states]

    assert diagnoses.failed(found) == (FAILED in states)


@pytest.mark.parametrize(
    ("states", "sentence"),
    [
        ([], "all is well"),
        ([GOOD, GOOD], "all is well"),
        ([GOOD, WARNING], "1 warning"),
        ([WARNING, WARNING], "2 warnings"),
        ([FAILED, GOOD], "1 will not work"),
        ([FAILED, WARNING, FAILED], "2 will not work, 1 warning"),
    ],
)
def test_the_findings_are_summed_up(states, sentence):
    assert diagnoses.summary([Diagnosis("x", state, "so") for state in states]) == sentence


def check(finding: Diagnosis, state: Severity, words: str) -> None:
    said = f"{finding.sentence}; {finding.advice}" if finding.advice else finding.sentence
    assert finding.state is state
    assert words in said
    assert "\n" not in said
