"""What a repository that somebody else wrote does to the commands that are run in it.

Its patterns, its ignore files and its pages are its author's. The real commands are run in it: they
come to their end, or serve, notice saves, and stop when they are told to.
"""

import os
import socket
import time
from pathlib import Path

import pytest
from conftest import PATIENCE
from support.process.checked import EVERY, page
from support.process.commands import command
from support.security.attacking import ask, get

from hotreload.check.file_check import CheckedFile, Examiner, Options
from hotreload.check.references.site_files import SiteFiles

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes, devices and links of POSIX")

MIB = 2**20
MOST_MEMORY = 200 * MIB
LONG = "a" * 200


@pytest.fixture
def clone(tmp_path):
    """A repository with a page in it; what git itself makes of it does not matter."""
    root = tmp_path / "clone"
    (root / ".git" / "info").mkdir(parents=True)
    (root / "sub").mkdir()
    (root / "index.html").write_text(page("<p>one"))
    (root / "style.css").write_text("p { color: red }")
    return root


def most_memory(running):
    """So much memory it had at a time, in bytes."""
    with open(f"/proc/{running.process.pid}/status", encoding="ascii") as status:
        told = dict(line.split(":", 1) for line in status)
    return int(told["VmHWM"].split()[0]) * 1024


def holds_its_own(running, root):
    """It serves, notices a save, needs no memory to speak of, and ends at once."""
    assert b"<p>one" in ask(running.port, get(b"/index.html")).body
    (root / "index.html").write_text(page("<p>two"))
    running.wait_for(type="change", url="/index.html")
    assert b"<p>two" in ask(running.port, get(b"/index.html")).body
    if os.path.exists("/proc/self/status"):
        assert most_memory(running) < MOST_MEMORY
    begun = time.monotonic()
    assert running.stop() == 0
    assert time.monotonic() - begun < 5  # it is a second, on a machine that does nothing else


def problems(running):
    return [line["text"] for line in running.lines if line["type"] == "problem"]


# ---- patterns that never end ----

STARS = "*a" * 40 + "*b"


def starred(root):
    """Patterns that have so many ways to fit that trying all of them takes for ever."""
    (root / LONG / LONG).mkdir(parents=True)
    (root / LONG / LONG / f"{LONG}.html").write_text(page("<p>x"))
    lines = [STARS, f"/{STARS}", "**/a" * 40 + "/b", f"{STARS}/", "[!b]*" * 40 + "c", "?*" * 99]
    (root / ".gitignore").write_text("\n".join(lines * 50))
    (root / "sub" / ".gitignore").write_text("\n".join(f"{line}x" for line in lines * 50))
    (root / "_redirects").write_text(f"/:a/:b/* /x/:splat\n/{STARS} /y\n" * 50)
    (root / "_headers").write_text(f"/{STARS}\n  X-A: 1\n/*/:a/*/:b/*/:c/*x\n  X-B: 1\n" * 50)


def test_patterns_that_never_end_keep_nobody_waiting(clone, server):
    starred(clone)
    running = server(clone, "--ignore", STARS)

    for path in (f"/{LONG}", "/a" * 2000, f"/{LONG * 20}"):
        assert ask(running.port, get(path.encode())).status in (301, 307, 404)
    holds_its_own(running, clone)


@pytest.mark.parametrize("words", [("check",), ("check", "--exclude", STARS), ("doctor",)])
def test_patterns_that_never_end_let_other_commands_end(clone, words):
    starred(clone)
    done = command(*words, cwd=clone)

    assert done.status in (0, 1)
    assert "Traceback" not in done.error


# ---- ignore files that are none ----


def pipe(path):
    os.mkfifo(path)


def device(path):
    path.symlink_to("/dev/zero")


def endless(path):
    with open(path, "wb") as file:
        file.truncate(2**40)


def link(path):
    (path.parent / "real").write_text("*.html")
    path.symlink_to("real")


NO_FILES = pytest.mark.parametrize("make", [pipe, device, endless, link])


@NO_FILES
def test_ignore_files_that_are_no_files_are_named_and_not_read(clone, server, make):
    make(clone / ".gitignore")
    make(clone / "sub" / ".gitignore")
    running = server(clone)

    holds_its_own(running, clone)
    said = [each for each in problems(running) if each.startswith("cannot read")]
    assert sorted(each.partition(": ")[0] for each in said) == [
        f"cannot read {clone / '.gitignore'}", f"cannot read {clone / 'sub' / '.gitignore'}",
    ]  # fmt: skip


@pytest.mark.parametrize("make", [pipe, device, endless])
def test_git_s_own_files_that_are_no_files_keep_nobody_waiting(clone, server, make):
    for name in ("info/exclude", "config", "commondir"):
        make(clone / ".git" / name)
    running = server(clone / "sub", "--watch", str(clone))
    (clone / "sub" / "index.html").write_text(page("<p>one"))

    holds_its_own(running, clone / "sub")
    assert f"cannot read {clone / '.git' / 'info' / 'exclude'}" in "\n".join(problems(running))


@NO_FILES
def test_rules_that_are_no_files_keep_nobody_waiting(clone, server, make):
    make(clone / "_redirects")
    (make if make is not link else Path.touch)(clone / "_headers")
    holds_its_own(server(clone), clone)


@pytest.mark.parametrize("name", ["hotreload.toml", "pyproject.toml"])
@pytest.mark.parametrize("make", [pipe, device, endless])
@pytest.mark.parametrize("words", [("serve", "--port", "0"), ("check",)])
def test_settings_that_are_no_file_are_an_error_in_one_line(clone, name, make, words):
    make(clone / name)
    done = command(*words, cwd=clone)

    assert done.status == 2
    assert done.error.startswith(f"hotreload: cannot read {clone / name}: it is ")
    assert done.error.count("\n") == 1


@NO_FILES
def test_check_and_doctor_end_where_ignore_files_are_none(clone, make):
    make(clone / ".gitignore")
    (make if make is not link else Path.touch)(clone / "client.js")
    (clone / "x.html").write_text(page('<script type=module async src="client.js"></script>'))
    done = command("check", cwd=clone)

    assert done.error.startswith(f"hotreload: cannot read {clone / '.gitignore'}: it is ")
    assert done.status == 0
    told = command("doctor", cwd=clone)
    assert f"cannot read {clone / '.gitignore'}: it is " in told.out.replace("\n", " ")
    assert "Traceback" not in told.error


def test_thousands_of_ignore_files_take_no_memory_to_speak_of(clone, server):
    for number in range(2000):
        folder = clone / f"{number}"
        folder.mkdir()
        lines = "\n".join(f"{number}-{line}*x" for line in range(1000 if number < 50 else 10))
        (folder / ".gitignore").write_text(lines)
    holds_its_own(server(clone), clone)


def test_folders_in_folders_in_folders_are_walked_to_their_end(clone, server):
    depth = 1200  # deeper than functions may call each other
    here = os.open(clone, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    assert command("check", cwd=clone).status == 0
    holds_its_own(server(clone), clone)


# ---- pages of one line ----

ONE_LINE = {
    "an attribute twice beside a picture": '<img a=1 a=2 src="data:image/png;base64,{}">',
    "a remark without an end": "<!-- hotreload: ignore{}<img src=nope.png>",
    "blanks in a remark": "<!-- hotreload: ignore {} --><img src=nope.png>",
    "a reference of many names": '<a href="{}">x</a>',
    "names in a set of pictures": '<img srcset="{}">',
    "elements in elements": "<div>{}</div>",
    "end tags of nothing": "<p>{}</p></i>",
    "code in a template": "{{{{ x }}}}{}",
    "a refresh": '<meta http-equiv=refresh content="1; x{}y">',
    "a conflict": "\n<<<<<<< a\n{}",
}
FILLED = {
    "a remark without an end": " ",
    "blanks in a remark": " ",
    "a reference of many names": "a/",
    "names in a set of pictures": ",",
    "elements in elements": "<div><b></div>",
    "end tags of nothing": "</b><i>",
    "code in a template": "<!--<pre><code>",
    "a refresh": " ",
    "a conflict": "=======\n",
}


@pytest.mark.parametrize("name", ONE_LINE)
def test_pages_of_one_line_take_no_longer_than_others(tmp_path, name):
    """A page of eight times the size takes no more than some twenty times as long."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("/build/*.x\nnode_modules\n")
    small, large = (_seconds(tmp_path, name, size) for size in (20_000, 160_000))

    assert large < 20 * max(small, 0.005)


def _seconds(folder, name, size):
    """The time of the processor that it takes to check such a page."""
    fill = FILLED.get(name, "A")
    data = page(ONE_LINE[name].format(fill * (size // len(fill)))).encode()
    place = CheckedFile(str(folder / "x.html"), str(folder), str(folder))
    best = float("inf")
    for _ in range(2):
        examiner = Examiner(Options(EVERY), SiteFiles())
        begun = time.process_time()
        examiner.page(place, data, {})
        best = min(best, time.process_time() - begun)
    return best


# ---- rules by the thousand ----


def test_thousands_of_rules_are_taken_up_while_requests_are_answered(clone, server):
    running = server(clone)
    assert ask(running.port, get(b"/old-19999")).status == 404
    (clone / "_redirects").write_text("".join(f"/old-{n} /new-{n}\n" for n in range(20_000)))
    answered = 0
    end = time.monotonic() + PATIENCE
    with socket.create_connection(("127.0.0.1", running.port)) as wire:
        while time.monotonic() < end:
            wire.sendall(get(b"/old-19999"))
            head = wire.recv(65536)
            if head.startswith(b"HTTP/1.1 301"):
                break
            answered += 1
    assert b"location: /new-19999" in head.lower()
    assert answered > 10
    holds_its_own(running, clone)


def test_more_rules_than_anybody_has_are_named_and_not_read(clone, server):
    (clone / "_redirects").write_text("/a /b\n" * 60_000)
    (clone / "_headers").write_text("nonsense\n" * 40_000)
    running = server(clone)

    holds_its_own(running, clone)
    said = problems(running)
    assert "_redirects is too large to be read" in said
    assert len(said) < 30
