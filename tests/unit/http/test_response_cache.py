"""An answer is given again exactly as long as all that it rests on is as it was."""

import http.client
import socket
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotreload.files.stamp import FileStamp
from hotreload.http.response_cache import MOST, Dependency, ResponseCache
from hotreload.static.site.file_cache import TICK
from hotreload.watch import disk


class Disk:
    """What is where, and the number of the newest update."""

    def __init__(self) -> None:
        self.there = {"/site": stamp(1), "/site/a.css": stamp(2)}
        self.told = 0
        self.again: ResponseCache[str] = ResponseCache(self.there.get, lambda: self.told)

    def ground(self, *paths: str) -> list[Dependency]:
        return [Dependency(path, self.there[path]) for path in paths]


def stamp(number: int) -> FileStamp:
    return FileStamp(number, number, number, number)


def test_the_same_request_has_the_same_answer():
    disk = Disk()
    disk.again.keep("a", "answer", disk.ground("/site", "/site/a.css"))

    assert disk.again.find("a") == "answer"
    assert disk.again.find("b") is None


def test_it_is_made_anew_when_the_file_is_another():
    disk = Disk()
    disk.again.keep("a", "answer", disk.ground("/site", "/site/a.css"))
    disk.there["/site/a.css"] = stamp(3)

    assert disk.again.find("a") is None
    disk.there["/site/a.css"] = stamp(2)
    assert disk.again.find("a") is None, "what once did not hold is forgotten"


def test_it_is_made_anew_when_a_folder_on_the_way_is_gone():
    disk = Disk()
    disk.again.keep("a", "answer", disk.ground("/site", "/site/a.css"))
    del disk.there["/site"]

    assert disk.again.find("a") is None


def test_all_are_made_anew_after_an_update():
    disk = Disk()
    for request in "ab":
        disk.again.keep(request, "answer", disk.ground("/site"))
    disk.told += 1

    assert disk.again.find("a") is None
    assert disk.again.find("b") is None
    disk.again.keep("a", "new", disk.ground("/site"))
    assert disk.again.find("a") == "new"


def test_so_many_are_kept_and_no_more():
    disk = Disk()
    for number in range(MOST + 1):
        disk.again.keep(number, "answer", disk.ground("/site"))

    assert disk.again.find(0) is None
    assert disk.again.find(MOST) == "answer"


@given(
    st.lists(
        st.tuples(st.sampled_from(["keep", "change", "tell", "find"]), st.integers(0, 2)),
        max_size=40,
    )
)
def test_no_answer_is_given_that_would_be_another_if_it_were_made_now(acts):
    disk = Disk()
    paths = [f"/site/{n}" for n in range(3)]
    disk.there |= {path: stamp(0) for path in paths}
    for number, (act, which) in enumerate(acts):
        now = f"{which} {disk.there[paths[which]]} {disk.told}"
        match act:
            case "keep":
                disk.again.keep(which, now, disk.ground("/site", paths[which]))
            case "change":
                disk.there[paths[which]] = stamp(number + 10)
            case "tell":
                disk.told += 1
            case "find":
                assert disk.again.find(which) in (None, now)


# -- over a real connection, faster than any watcher ---------------------------------------------


@pytest.fixture
def connection(site, server):
    port = server(site, "--poll=3600000", "--mount", "/=" + str(site.parent / "behind")).port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    yield connection
    connection.close()


def get(connection, path, method="GET"):
    """What two requests that are alike are answered, once the file's times have settled."""
    wait_for_another_time()
    answers = []
    for _ in range(2):
        connection.request(method, path, headers={"Accept": "text/html"})
        answer = connection.getresponse()
        answers.append((answer.status, answer.read()))
    assert answers[0] == answers[1]
    return answers[1]


def wait_for_another_time():
    """Until what was written until now is older than a tick of the clock of file times."""
    begun = time.time_ns()
    while disk.clock() <= begun + TICK * 1e9:
        time.sleep(0.001)


def test_a_new_version_is_served_at_once(connection, site):
    file = site / "words.txt"
    for version in range(5):
        file.write_text(f"version {version}")
        assert get(connection, "/words.txt") == (200, b"version %d" % version)


def test_a_file_that_is_gone_is_not_served(connection, site):
    (site / "words.txt").write_text("words")
    assert get(connection, "/words.txt") == (200, b"words")
    (site / "words.txt").unlink()
    assert get(connection, "/words.txt")[0] == 404


def test_what_comes_in_front_is_served_at_once(connection, site):
    (site.parent / "behind").mkdir()
    (site.parent / "behind" / "sub").mkdir()
    (site.parent / "behind" / "sub" / "words.txt").write_text("behind")
    assert get(connection, "/sub/words.txt") == (200, b"behind")
    (site / "sub").mkdir()
    assert get(connection, "/sub/words.txt") == (200, b"behind")
    (site / "sub" / "words.txt").write_text("in front")
    assert get(connection, "/sub/words.txt") == (200, b"in front")


def test_a_page_with_a_clean_name_gives_way_to_a_file_of_that_name(connection, site):
    (site / "about.html").write_text('<html data-hotreload="off"><p>page')
    assert b"<p>page" in get(connection, "/about")[1]
    (site / "about").write_text("file")
    assert get(connection, "/about") == (200, b"file")


def test_a_folder_that_is_replaced_is_served_at_once(connection, site):
    for folder in ("sub", "other"):
        (site / folder).mkdir()
        (site / folder / "words.txt").write_text(folder)
    assert get(connection, "/sub/words.txt") == (200, b"sub")
    (site / "sub").rename(site / "gone")
    (site / "other").rename(site / "sub")
    assert get(connection, "/sub/words.txt") == (200, b"other")


def test_a_head_has_no_body(connection, site):
    (site / "words.txt").write_text("words")
    assert get(connection, "/words.txt") == (200, b"words")
    assert get(connection, "/words.txt", "HEAD") == (200, b"")


def test_a_client_that_wants_the_connection_closed_has_it_closed(server, site):
    (site / "words.txt").write_text("words")
    wait_for_another_time()
    with socket.create_connection(("127.0.0.1", server().port), timeout=10) as client:
        for version in (b"1.1", b"1.1", b"1.0"):
            client.sendall(b"GET /words.txt HTTP/%s\r\nHost: localhost\r\n\r\n" % version)
        with client.makefile("rb") as answers:
            assert answers.read().count(b"\r\n\r\nwords") == 3
