"""Commands find the server that runs for the folder they are called in."""

import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.process.commands import command, free_port, tcp_server

from hotreload.remote import registry
from hotreload.remote.registry import Running, nearest


@pytest.fixture(autouse=True)
def runtime(tmp_path, monkeypatch):
    folder = tmp_path / "runtime"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    return folder


def files(runtime):
    return sorted((runtime / "hotreload").glob("*"))


def test_a_server_leaves_a_file_while_it_runs(server, site, runtime):
    started = server()

    (path,) = files(runtime)
    facts = json.loads(path.read_text())
    assert facts["url"] == started.url
    assert facts["pid"] == started.process.pid
    assert facts["root"] == str(site.resolve())
    assert path.name == facts["run"] + ".json"
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    started.stop()
    assert files(runtime) == []


def test_what_a_killed_server_left_is_removed(server, site, runtime):
    server().kill()
    assert len(files(runtime)) == 1

    done = command("reload", cwd=site)

    assert done.status == 1
    assert f"no server runs for {site}" in done.error
    assert files(runtime) == []


def test_a_port_that_another_run_has_now_is_not_taken_for_the_old_one(server, site, runtime):
    first = server()
    first.kill()
    second = server(port=first.port)

    assert command("reload", cwd=site).status == 0
    (path,) = files(runtime)
    assert json.loads(path.read_text())["pid"] == second.process.pid


def test_something_else_on_the_port_is_not_taken_for_the_server(server, site, runtime):
    started = server()
    started.kill()
    path = files(runtime)[0]

    def web(connection):
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n[1]\n")

    with tcp_server(web) as port:
        facts = json.loads(path.read_text()) | {"url": f"http://127.0.0.1:{port}/"}
        path.write_text(json.dumps(facts))
        assert command("reload", cwd=site).status == 1
    assert files(runtime) == []


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_server_that_is_stopped_is_still_known(server, site, runtime):
    """Its process is there, and may go on."""
    started = server()
    started.process.send_signal(signal.SIGSTOP)

    found = registry.find(site)

    started.process.send_signal(signal.SIGCONT)
    assert found.url == started.url
    assert len(files(runtime)) == 1


def test_a_silent_server_whose_process_is_gone_is_forgotten(site, runtime):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        write(runtime, Running(gone.pid, url, str(site), "aaaa0001", 0))
        assert list(registry.alive()) == []
    assert files(runtime) == []


def write(runtime, server):
    (runtime / "hotreload").mkdir(mode=0o700, exist_ok=True)
    text = json.dumps(
        {name: getattr(server, name) for name in ("pid", "url", "root", "run", "started")}
    )
    (runtime / "hotreload" / f"{server.run}.json").write_text(text)


@pytest.mark.parametrize("text", ["", "[]", '{"pid": 1}', '{"more": 1}', "\xff"])
def test_a_file_that_is_not_understood_is_left_alone(runtime, text):
    (runtime / "hotreload").mkdir(mode=0o700)
    (runtime / "hotreload" / "x.json").write_text(text, "latin-1")

    assert list(registry.alive()) == []
    assert len(files(runtime)) == 1


def test_servers_are_told_apart_by_root(server, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one / "deep", two):
        folder.mkdir(parents=True)
    first, second = server(one), server(two)

    assert registry.find(one).url == first.url
    assert registry.find(one / "deep").url == first.url
    assert registry.find(two).url == second.url

    done = command("echo", cwd=tmp_path)
    assert done.status == 1
    assert f"more than one server runs for {tmp_path}: say which with --url: " in done.error
    for started in (first, second):
        assert started.url in done.error

    second.stop()
    assert registry.find(tmp_path).url == first.url


def test_a_server_of_another_folder_is_only_mentioned(server, tmp_path):
    (tmp_path / "other").mkdir()
    started = server()

    done = command("wait", cwd=tmp_path / "other")

    assert done.status == 1
    assert f"or say where with --url; elsewhere: {started.url} (" in done.error


def test_url_overrides_what_is_found(server, tmp_path):
    started = server()
    (tmp_path / "other").mkdir()

    assert command("reload", "--url", started.url, cwd=tmp_path / "other").status == 0
    assert command("reload", "--url", f":{started.port}", cwd=tmp_path / "other").status == 0


def test_all_interfaces_are_found_at_one_that_can_be_connected_to(server, site):
    started = server(site, "--host", "0.0.0.0")

    assert registry.find(site).url == f"http://127.0.0.1:{started.port}/"
    assert command("echo", "x", cwd=site).status == 0


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX owners and modes")
@pytest.mark.parametrize("given", ["", "relative", "open"])
def test_without_a_runtime_folder_of_ones_own_a_temporary_one_is_made(
    server, site, tmp_path, monkeypatch, given
):
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / given) if given == "open" else given)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)

    started = server()

    folder = tmp_path / f"hotreload-{os.geteuid()}"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert registry.find(site).url == started.url


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX owners and modes")
@pytest.mark.parametrize("trap", ["link", "open", "file"])
def test_a_folder_that_somebody_else_may_have_made_is_not_used(
    server, site, tmp_path, monkeypatch, trap
):
    """The server runs all the same, and says that it cannot be found."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", "")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    folder = tmp_path / f"hotreload-{os.geteuid()}"
    if trap == "link":
        (tmp_path / "theirs").mkdir(mode=0o700)
        folder.symlink_to(tmp_path / "theirs")
    elif trap == "open":
        folder.mkdir()
        folder.chmod(0o777)
    else:
        folder.write_text("")

    started = server()

    note = next(line for line in started.lines if line["type"] == "note")
    assert note["text"] == (
        "other commands will need --url to find this server"
        f" (the folder is open to others: {folder})"
    )
    done = command("echo", cwd=site)
    assert done.status == 1
    assert (
        f"{folder}: the folder is open to others; say where the server is with --url" in done.error
    )
    assert command("echo", started.url).status == 0


def test_no_draft_is_left_and_the_file_goes_when_the_context_is_left(tmp_path, runtime):
    with (
        contextlib.suppress(RuntimeError),
        registry.announce("http://[::]:80/", tmp_path, "r", lambda *_: None),
    ):
        (path,) = files(runtime)
        assert json.loads(path.read_text())["url"] == "http://[::1]/"
        raise RuntimeError
    assert files(runtime) == []


FOLDERS = st.sampled_from(["/", "/a", "/a/b", "/a/b/c", "/ab", "/d"])


@given(st.lists(FOLDERS), FOLDERS)
def test_the_nearest_folder_above_wins_over_those_below(roots, folder):
    servers = [Running(1, "http://x/", root, str(n), 0) for n, root in enumerate(roots)]

    found = [one.root for one in nearest(servers, folder)]

    def above(root):
        return root == "/" or folder == root or folder.startswith(root + "/")

    holding = [root for root in roots if above(root)]
    below = [root for root in roots if folder == "/" or root.startswith(folder + "/")]
    assert found == ([root for root in holding if root == max(holding, key=len)] or below)


def test_nothing_answers_at_the_url():
    port = free_port()

    done = command("wait", "--url", f"http://127.0.0.1:{port}/")

    assert done.status == 1
    assert f"no hotreload server answers at http://127.0.0.1:{port}/: " in done.error


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("200 OK\r\nContent-Length: 2\r\n\r\n{}", "is not hotreload"),
        ("200 OK\r\nContent-Length: 2\r\n\r\nhi", "is not hotreload"),
        ("403 Forbidden\r\nContent-Length: 2\r\n\r\nno", "answered 403 Forbidden: no"),
    ],
)
def test_something_else_answers_at_the_url(body, sentence):
    def web(connection):
        connection.recv(4096)
        connection.sendall(f"HTTP/1.1 {body}".encode())

    with tcp_server(web) as port:
        done = command("wait", "--url", f"127.0.0.1:{port}")

    assert done.status == 1
    assert f"http://127.0.0.1:{port}/ {sentence}" in done.error
