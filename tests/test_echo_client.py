"""`hotreload echo` says each step, checks what comes back, and knows why a connection fails."""

import contextlib
import datetime as dt
import json
import os
import re
import select
import signal
import socket
import ssl
import subprocess
import sys
import threading

import pytest
import trustme
from commands import command, environment, free_port, read_head, running_loop, tcp_server
from websockets.asyncio.server import serve

from hotreload.guarding.credentials import HOW_TO_SAY

OK = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi"


@pytest.fixture(autouse=True)
def runtime(tmp_path, monkeypatch):
    """No server of the person who runs the tests is found."""
    folder = tmp_path / "runtime"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))


@contextlib.contextmanager
def websocket_server(handler, **options):
    with running_loop(lambda: serve(handler, "127.0.0.1", 0, **options)) as server:
        yield server.sockets[0].getsockname()[1]


def answers(text):
    def answer(connection):
        read_head(connection)
        connection.sendall(text.encode())

    return answer


# -- what works ----------------------------------------------------------------------------------


def test_each_step_is_said_and_three_messages_of_its_own_come_back(server):
    running = server()

    done = command("echo", running.url)

    assert done.status == 0, done.error
    assert done.out.startswith(f"ws://127.0.0.1:{running.port}/\n")
    for line in (
        rf"  tcp         connected to 127\.0\.0\.1 port {running.port}  \d+\.\d ms",
        r"  handshake   > GET / HTTP/1\.1",
        r"              > Upgrade: websocket",
        r"              < HTTP/1\.1 101 Switching Protocols  \d+\.\d ms",
        r"              < Upgrade: websocket",
        r"  subprotocol none",
        r"  extensions  none",
        r"              > hello",
        r"              < Echo: hello  \d+\.\d ms",
        r"              < Echo: Grüße, 世界 👋  \d+\.\d ms",
        r"              > \(binary, 256 bytes\)",
        r"  close       1000 \(OK\)  \d+\.\d ms",
        r"3 echoes in \d+\.\d\d s; round trip min [\d.]+, median [\d.]+, p99 [\d.]+, max [\d.]+ ms",
    ):
        assert re.search(f"^{line}$", done.out, re.MULTILINE), (line, done.out)
    assert "\x1b" not in done.out
    assert running.wait_for(type="socket", event="closed")["detail"] == "1000"


def test_without_a_url_the_server_of_the_folder_is_asked(server, site):
    running = server()

    done = command("echo", "one", "two", cwd=site)

    assert done.status == 0, done.error
    assert f"ws://127.0.0.1:{running.port}/" in done.out
    assert "< Echo: two" in done.out


def test_a_path_alone_is_one_of_the_server_of_the_folder(server, site):
    server()

    done = command("echo", "/try?prefix=%3E", "hi", "--json", cwd=site)

    assert done.event("connecting")["url"].endswith("/try?prefix=%3E")
    assert done.event("echo")["received"] == ">hi"


def test_with_url_every_word_is_a_message(server):
    done = command("echo", "--url", server().url, "localhost:1", "/path", "--json")

    assert [e["sent"] for e in done.events if e["type"] == "echo"] == ["localhost:1", "/path"]


def test_json_is_one_event_a_line(server):
    done = command("echo", server().url, "--json", "héllo", "--count", 2)

    assert [event["type"] for event in done.events] == [
        "connecting", "tcp", "request", "response", "open", "echo", "echo", "close", "summary",
    ]  # fmt: skip
    echo = done.event("echo")
    assert (echo["sent"], echo["sent_bytes"], echo["received"]) == ("héllo", 6, "Echo: héllo")
    assert done.event("response")["status"] == 101
    assert done.event("open")["extensions"] == []
    summary = done.event("summary")
    assert summary["echoes"] == 2
    assert summary["min"] <= summary["median"] <= summary["p99"] <= summary["max"]


def test_messages_are_sent_as_binary_when_asked(server):
    done = command("echo", server().url, "--json", "--binary", "four")

    assert done.event("echo")["received_bytes"] == 4
    assert done.event("echo")["received"] is None


@pytest.mark.parametrize("words", [[], ["--binary"]])
def test_a_message_is_made_to_size(server, words):
    done = command("echo", server().url, "--json", "--size", 100_000, *words)

    assert done.status == 0
    assert done.event("echo")["sent_bytes"] == 100_000


def test_many_connections_send_at_once_and_are_summed_up(server):
    done = command("echo", server().url, "--json", "x", "-c", 20, "-n", 5)

    summary = done.event("summary")
    assert (summary["echoes"], summary["connections"]) == (100, 20)
    assert {e["connection"] for e in done.events if e["type"] == "echo"} == set(range(1, 21))
    assert len([e for e in done.events if e["type"] == "tcp"]) == 1


def test_more_echoes_than_can_be_read_are_only_summed_up(server):
    done = command("echo", server().url, "x", "-n", 101)

    assert "Echo: x" not in done.out
    assert "101 echoes in" in done.out


def test_an_interval_passes_between_messages(server):
    done = command("echo", server().url, "--json", "x", "-n", 3, "--interval", 0.1)

    times = [event["at"] for event in done.events if event["type"] == "echo"]
    assert times[2] - times[0] >= 0.19


def test_standard_input_is_sent_a_message_a_line(server):
    done = command("echo", server().url, "-", "--json", input="one\ntwo\r\n\nlast")

    assert [e["sent"] for e in done.events if e["type"] == "echo"] == ["one", "two", "", "last"]


def test_standard_input_is_sent_whole_as_binary(server):
    done = command("echo", server().url, "-", "--json", "-b", input="one\ntwo\n")

    assert [e["sent_bytes"] for e in done.events if e["type"] == "echo"] == [8]


def test_a_line_typed_is_echoed_before_the_next(server):
    with subprocess.Popen(
        [sys.executable, "-m", "hotreload", "echo", server().url, "-", "--json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
    ) as client:
        client.stdin.write("first\n")
        client.stdin.flush()
        first = next(
            event for line in client.stdout if (event := json.loads(line))["type"] == "echo"
        )
        client.stdin.close()
        assert first["received"] == "Echo: first"
        assert json.loads(list(client.stdout)[-1])["type"] == "summary"


def test_the_subprotocol_and_the_extensions_that_were_agreed_are_said(server, site):
    done = command("echo", server(site, "--ws-compression").url, "x", "--subprotocol", "chat")

    assert "  subprotocol chat\n" in done.out
    assert "  extensions  permessage-deflate\n" in done.out


def test_a_server_that_greets_first_is_not_taken_for_wrong():
    async def greet(socket):
        await socket.send("welcome to the echo")
        async for message in socket:
            await socket.send(message)

    with websocket_server(greet) as port:
        done = command("echo", f"localhost:{port}", "a", "b")

    assert done.status == 0, done.error
    assert "greeting    < welcome to the echo" in done.out


def test_what_lets_anybody_in_is_not_shown():
    async def echo(socket):
        async for message in socket:
            await socket.send(message)

    with websocket_server(echo) as port:
        done = command("echo", f"ws://ann:secret@127.0.0.1:{port}/", "x")

    assert done.status == 0
    assert "> Authorization: ..." in done.out
    assert "secret" not in done.out


def test_colour_is_for_terminals_without_no_color(server):
    pty = pytest.importorskip("pty")
    url = server().url

    def at_terminal(**env):
        ours, theirs = pty.openpty()
        words = [sys.executable, "-m", "hotreload", "echo", url, "x"]
        subprocess.run(words, stdout=theirs, stderr=theirs, env=environment(env), timeout=20)
        os.close(theirs)
        said = b""
        with contextlib.suppress(OSError):
            while select.select([ours], [], [], 5)[0] and (piece := os.read(ours, 65536)):
                said += piece
        os.close(ours)
        return said

    assert b"\x1b[" in at_terminal(NO_COLOR="")
    assert b"\x1b[" not in at_terminal(NO_COLOR="1")


def test_a_reader_that_leaves_ends_it_quietly(server):
    with subprocess.Popen(
        [sys.executable, "-m", "hotreload", "echo", server().url, "x", "-n", "50", "-i", "0.05"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
    ) as client:
        client.stdout.readline()
        client.stdout.close()
        client.wait(20)
        assert client.stderr.read() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_ctrl_c_closes_properly_and_sums_up(server):
    running = server()
    with subprocess.Popen(
        [sys.executable, "-m", "hotreload", "echo", running.url, "x", "-n", "1000", "-i", "0.05"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
    ) as client:
        next(line for line in client.stdout if "Echo: x" in line)
        client.send_signal(signal.SIGINT)
        out, error = client.communicate(timeout=20)

    assert client.returncode == 130
    assert "1000 (OK)" in out
    assert re.search(r"^\d+ echo(es)? in ", out, re.MULTILINE)
    assert error.strip() == ""
    assert running.wait_for(type="socket", event="closed")["detail"] == "1000"


# -- TLS -----------------------------------------------------------------------------------------


@pytest.fixture
def authority(tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    return authority


@contextlib.contextmanager
def tls_echo(authority, *names, **options):
    async def echo(socket):
        async for message in socket:
            await socket.send(message)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **options).configure_cert(context)
    with websocket_server(echo, ssl=context) as port:
        yield port


def test_tls_is_a_step_of_its_own(authority, tmp_path):
    trust = {"SSL_CERT_FILE": str(tmp_path / "authority.pem")}
    with tls_echo(authority, "localhost") as port:
        done = command("echo", f"wss://localhost:{port}", "--json", env=trust)
        text = command("echo", f"https://localhost:{port}", env=trust)

    assert done.status == 0, done.error
    assert done.event("tls")["version"] == "TLSv1.3"
    assert done.event("tls")["subject"] == "localhost"
    assert re.search(
        r"^  tls         TLSv1\.3, \w+, for localhost until .+ ms$", text.out, re.MULTILINE
    )


def test_a_certificate_of_an_unknown_authority(authority):
    with tls_echo(authority, "localhost") as port:
        done = command("echo", f"wss://localhost:{port}")

    assert done.status == 5
    assert f"the certificate of localhost port {port} is not to be trusted: " in done.error
    assert "SSL_CERT_FILE names a file of certificates to trust" in done.error


def test_a_certificate_for_another_name(authority, tmp_path):
    with tls_echo(authority, "other.example") as port:
        done = command(
            "echo",
            f"wss://localhost:{port}",
            env={"SSL_CERT_FILE": str(tmp_path / "authority.pem")},
        )

    assert done.status == 5
    assert "certificate is not valid for 'localhost'" in done.error
    assert "connect to a name that the certificate is for" in done.error


def test_a_certificate_that_has_expired(authority, tmp_path):
    past = dt.datetime.now(dt.UTC) - dt.timedelta(days=3)
    with tls_echo(authority, "localhost", not_after=past) as port:
        done = command(
            "echo",
            f"wss://localhost:{port}",
            env={"SSL_CERT_FILE": str(tmp_path / "authority.pem")},
        )

    assert done.status == 5
    assert "certificate has expired; renew it, or check the clock of this machine" in done.error


def test_tls_where_there_is_none(server):
    port = server().port

    done = command("echo", f"wss://127.0.0.1:{port}")

    assert done.status == 5
    assert f"the TLS handshake with 127.0.0.1 port {port} failed (" in done.error
    assert f"if it speaks no TLS, connect to ws://127.0.0.1:{port}/" in done.error


def test_no_tls_where_there_is_some(authority):
    with tls_echo(authority, "localhost") as port:
        done = command("echo", f"ws://localhost:{port}")

    assert done.status == 9
    assert f"; if it wants TLS, connect to wss://localhost:{port}/" in done.error


# -- what does not work --------------------------------------------------------------------------


def failed(done, status, kind, sentence):
    assert done.status == status, (done.out, done.error)
    assert done.error == f"hotreload: {sentence}\n"
    event = done.event("failed")
    assert (event["kind"], event["status"], event["text"]) == (kind, status, sentence)


def test_nothing_listens():
    port = free_port()

    failed(
        command("echo", f"ws://127.0.0.1:{port}", "--json"),
        4,
        "refused",
        f"connection refused: nothing listens on 127.0.0.1 port {port};"
        " start the server, or check the port",
    )


def test_a_name_that_nobody_has():
    failed(
        command("echo", "ws://no.such.host.invalid/", "--json"),
        3,
        "name",
        "no machine of the name no.such.host.invalid was found: check its spelling",
    )


@pytest.mark.parametrize(
    ("answer", "status", "kind", "sentence"),
    [
        (
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            7,
            "path",
            "answered 404 Not Found: there is no WebSocket at /try; check the path",
        ),
        (
            "HTTP/1.1 301 Moved Permanently\r\nLocation: /new\r\nContent-Length: 0\r\n\r\n",
            7,
            "path",
            (
                "answered 301 Moved Permanently, a redirect that browsers do not follow:"
                " connect to /new"
            ),
        ),
        (
            "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nno",
            8,
            "denied",
            "answered 403 Forbidden: no",
        ),
        (
            "HTTP/1.1 401 Unauthorized\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nno",
            8,
            "denied",
            f"answered 401 Unauthorized: it wants a name and a password, {HOW_TO_SAY}",
        ),
        (
            "HTTP/1.1 502 Bad Gateway\r\nVia: 1.1 gate\r\nContent-Length: 0\r\n\r\n",
            8,
            "denied",
            (
                "answered 502 Bad Gateway (through the proxy 1.1 gate):"
                " what stands there did not reach its server"
            ),
        ),
        (
            OK,
            9,
            "not-websocket",
            "answered 200 OK: it speaks HTTP, but no WebSocket at /try; check the path",
        ),
        (
            "HTTP/1.1 299 Strange\r\nContent-Length: 0\r\n\r\n",
            9,
            "not-websocket",
            "answered 299 Strange: it speaks HTTP, but no WebSocket at /try; check the path",
        ),
        (
            "HTTP/1.1 101 Switching Protocols\r\nConnection: keep-alive\r\n\r\n",
            9,
            "not-websocket",
            (
                "agreed to a WebSocket but broke the handshake"
                " (invalid Connection header: keep-alive):"
                " a proxy on the way, or a server that does not follow RFC 6455"
            ),
        ),
    ],
    ids=["404", "redirect", "403", "401", "502", "200", "odd status", "no upgrade"],
)
def test_an_answer_that_is_no_websocket(answer, status, kind, sentence):
    with tcp_server(answers(answer)) as port:
        done = command("echo", f"127.0.0.1:{port}/try", "--json")

    failed(done, status, kind, f"127.0.0.1 port {port} {sentence}")
    if " 101 " not in answer:
        assert done.event("response")["status"] == int(answer.split()[1])


def test_a_server_that_wants_tls_and_says_so():
    answer = (
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 50\r\n\r\n"
        "The plain HTTP request was sent to HTTPS port.    "
    )
    with tcp_server(answers(answer)) as port:
        done = command("echo", f"127.0.0.1:{port}", "--json")

    failed(
        done,
        5,
        "tls",
        f"127.0.0.1 port {port} answered 400 Bad Request: it wants TLS, wss://127.0.0.1:{port}/",
    )


def test_a_server_that_speaks_something_else():
    with tcp_server(answers("220 mail.example ESMTP\r\n")) as port:
        done = command("echo", f"127.0.0.1:{port}", "--json")

    failed(
        done,
        9,
        "not-websocket",
        f"what 127.0.0.1 port {port} answered is not HTTP: another kind of server listens there;"
        f" if it wants TLS, connect to wss://127.0.0.1:{port}/",
    )


def test_a_server_that_hangs_up():
    with tcp_server(lambda connection: None) as port:
        done = command("echo", f"127.0.0.1:{port}")

    assert done.status == 9
    assert f"127.0.0.1 port {port} hung up without an answer, while it was asked" in done.error


async def shout(socket):
    async for message in socket:
        await socket.send(message.upper() if isinstance(message, str) else message[::-1])


@pytest.mark.parametrize(
    ("words", "sent", "got"),
    [
        (["hello"], "hello", "HELLO"),
        (["ok", "-b"], "(binary, 2 bytes)", "(binary, 2 bytes)"),
    ],
    ids=["text", "binary"],
)
def test_an_echo_that_is_wrong(words, sent, got):
    with websocket_server(shout) as port:
        done = command("echo", f"127.0.0.1:{port}", *words, "--json")

    differs = ", which differs from position 0 on" if sent == got else ""
    failed(
        done,
        10,
        "wrong-echo",
        f"the echo is wrong: {sent} was sent, and {got} came back{differs}",
    )


def test_a_prefix_that_changes_is_a_wrong_echo():
    async def count(socket):
        number = 0
        async for message in socket:
            number += 1
            await socket.send(f"{number} {message}")

    with websocket_server(count) as port:
        done = command("echo", f"127.0.0.1:{port}", "a", "b")

    assert done.status == 10
    assert "b was sent, and 2 b came back" in done.error


def test_text_that_comes_back_as_binary_is_a_wrong_echo():
    async def recode(socket):
        async for message in socket:
            await socket.send(message.encode())

    with websocket_server(recode) as port:
        done = command("echo", f"127.0.0.1:{port}", "four")

    assert done.status == 10
    assert "four was sent, and (binary, 4 bytes) came back" in done.error


def test_no_answer_to_the_handshake_in_time():
    with tcp_server(lambda connection: connection.recv(9999) and connection.recv(9999)) as port:
        done = command("echo", f"127.0.0.1:{port}", "--timeout", 0.3, "--json")

    failed(
        done,
        11,
        "timeout",
        f"127.0.0.1 port {port} gave no answer within 0.3 s, while it was asked for a WebSocket",
    )
    assert done.event("request")["path"] == "/"


def test_no_answer_to_tls_in_time():
    with tcp_server(read_all) as port:
        done = command("echo", f"wss://127.0.0.1:{port}", "--timeout", 0.3)

    assert done.status == 11
    assert "gave no answer within 0.3 s, during TLS" in done.error


def read_all(connection):
    while connection.recv(4096):
        pass


def test_no_echo_in_time():
    async def listen(socket):
        async for _ in socket:
            pass

    with websocket_server(listen) as port:
        done = command("echo", f"127.0.0.1:{port}", "--timeout", 0.3, "--json")

    failed(
        done,
        11,
        "timeout",
        f"127.0.0.1 port {port} gave no answer within 0.3 s, while an echo was waited for",
    )


@pytest.mark.parametrize(
    ("code", "reason", "said"),
    [
        (1000, "", "1000, OK"),
        (1008, "not today", "1008, policy violation: not today"),
        (4001, "full", "4001, private use: full"),
    ],
)
def test_a_connection_that_is_closed_early(code, reason, said):
    async def leave(socket):
        await socket.recv()
        await socket.close(code, reason)

    with websocket_server(leave) as port:
        done = command("echo", f"127.0.0.1:{port}", "--json")

    failed(
        done,
        12,
        "closed",
        f"127.0.0.1 port {port} closed the connection ({said}), while an echo was waited for",
    )


def test_a_connection_that_is_closed_between_two_messages():
    async def leave(socket):
        await socket.send(await socket.recv())
        await socket.close(1001, "going home")

    with websocket_server(leave) as port:
        done = command("echo", f"127.0.0.1:{port}", "x", "-n", 2, "-i", 20)

    assert done.status == 12
    assert "(1001, going away: going home), before all messages were sent" in done.error


def test_a_connection_that_breaks():
    async def vanish(socket):
        await socket.recv()
        socket.transport.abort()

    with websocket_server(vanish) as port:
        done = command("echo", f"127.0.0.1:{port}")

    assert done.status == 12
    assert f"the connection to 127.0.0.1 port {port} broke without a goodbye (1006)" in done.error


def test_a_message_that_is_too_long_for_the_server(server):
    done = command("echo", server().url, "--size", 2**20 + 1)

    assert done.status == 12
    assert "closed the connection (1009, message too big" in done.error


# -- proxies -------------------------------------------------------------------------------------


def refuse(connection):
    read_head(connection)
    connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")


def tunnel_to(port):
    def tunnel(connection):
        read_head(connection)
        with socket.create_connection(("127.0.0.1", port)) as far:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=copy, args=(far, connection))
            back.start()
            copy(connection, far)
            back.join(10)

    return tunnel


def copy(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def test_a_proxy_in_the_way_is_named_without_its_password():
    with tcp_server(refuse) as port:
        proxy = f"http://ann:secret@127.0.0.1:{port}"
        done = command("echo", "ws://dev.example/", "--json", env={"http_proxy": proxy})

    failed(
        done,
        6,
        "proxy",
        f"the proxy http://127.0.0.1:{port}, which the environment names, answered 403 Forbidden"
        " to CONNECT; NO_PROXY=dev.example goes around it",
    )


def test_a_proxy_that_is_not_there():
    proxy = f"http://127.0.0.1:{free_port()}"

    done = command("echo", "wss://dev.example/", env={"HTTPS_PROXY": proxy})

    assert done.status == 6
    assert f"the proxy {proxy}, which the environment names, cannot be reached (" in done.error


def test_a_proxy_that_is_none():
    done = command("echo", "ws://dev.example/", env={"HTTP_PROXY": "gopher://127.0.0.1:1"})

    assert done.status == 6
    assert "which the environment names, cannot be used (" in done.error


def test_a_proxy_that_opens_the_way_is_a_step(server, site):
    running = server(site, "--allow-host", "dev.example")
    with tcp_server(tunnel_to(running.port)) as port:
        proxy = f"http://127.0.0.1:{port}"
        done = command("echo", "ws://dev.example/", "x", "--json", env={"HTTP_PROXY": proxy})

    assert done.status == 0, done.error
    assert done.event("proxy")["proxy"] == proxy
    assert done.event("echo")["received"] == "Echo: x"


def test_the_guards_reason_is_passed_on(server):
    running = server()
    with tcp_server(tunnel_to(running.port)) as port:
        done = command(
            "echo", "ws://dev.example/", "x", env={"HTTP_PROXY": f"http://127.0.0.1:{port}"}
        )

    assert done.status == 8
    assert 'hotreload does not answer to the host name "dev.example"' in done.error


def test_no_proxy_is_between_a_machine_and_itself(server):
    """As in browsers: whatever the environment says."""
    proxy = f"http://127.0.0.1:{free_port()}"

    done = command("echo", server().url, "x", env={"HTTP_PROXY": proxy, "ALL_PROXY": proxy})

    assert done.status == 0, done.error


# -- following -----------------------------------------------------------------------------------


@pytest.fixture
def follower():
    running = []

    def follow(url, *words):
        process = subprocess.Popen(
            [sys.executable, "-m", "hotreload", "echo", "--follow", url, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=environment(),
        )
        running.append((process, threading.Timer(30, process.kill)))
        running[-1][1].start()
        return process

    yield follow
    for process, watchdog in running:
        watchdog.cancel()
        process.kill()
        process.communicate()


def until(process, text):
    return next(line for line in process.stdout if text in line)


def test_the_stream_of_updates_is_followed_by_one_who_is_no_page(server, site):
    running = server()
    process = follower_events(running)
    with process as events:
        assert next(events)["message"]["type"] == "hello"
        (site / "new.css").write_text("a {}")
        update = next(events)["message"]

    assert [change["url"] for change in update["changes"]] == ["/new.css"]
    assert running.wait_for(type="update")["silent"] == 0
    assert not [line for line in running.lines if line["type"] == "page"]


@contextlib.contextmanager
def follower_events(running):
    with subprocess.Popen(
        [sys.executable, "-m", "hotreload", "echo", "--follow", running.url, "--json"],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
    ) as process:
        watchdog = threading.Timer(20, process.kill)
        watchdog.start()
        events = map(json.loads, process.stdout)
        yield (event for event in events if event["type"] == "heard")
        watchdog.cancel()
        process.kill()


def test_a_line_tells_of_each_changed_file_and_of_the_end(server, site, follower):
    running = server()
    process = follower(running.url)
    assert "at update 0" in until(process, "following hotreload")
    (site / "new.css").write_text("a {}")
    assert re.search(r"update 1  added     /new\.css$", until(process, "new.css"))
    command("reload", "--url", running.url)
    assert "reload of every page, asked for by a request" in until(process, "reload")
    running.stop()

    _, error = process.communicate(timeout=20)

    assert process.returncode == 12
    assert "closed the connection (1001, going away), while its updates were followed" in error


def test_following_what_is_not_hotreload():
    async def echo(socket):
        async for message in socket:
            await socket.send(message)

    with websocket_server(echo) as port:
        done = command("echo", "--follow", f"127.0.0.1:{port}")

    assert done.status == 9
    assert "speaks WebSocket but not hotreload.v1: it is not hotreload" in done.error


def test_following_where_there_are_no_updates(server):
    done = command("echo", "--follow", server().url + "elsewhere")

    assert done.status == 7
    assert "sends no updates at /elsewhere: Echo: {" in done.error


# -- usage ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["ftp://x/"], "ftp://x/: the address begins with ws://, wss://, http:// or https://"),
        (["ws:///x"], "ws:///x: the host is missing, as in ws://localhost:8765/"),
        (["localhost:99999"], "localhost:99999: a port is a number from 1 to 65535"),
        (["--follow", ":1", "x"], "--follow only listens: give it no messages"),
        (["--follow", ":1", "-n", "2"], "--follow only listens: give it no messages"),
        (["--size", "3", ":1", "x"], "--size makes the message: give it no other"),
        ([":1", "-", "-c", "2"], "standard input can be sent once"),
        ([":1", "-", "-"], "standard input can be sent once"),
        (["--count", "0"], "0 is not in the range x>=1"),
    ],
)
def test_what_makes_no_sense_is_refused(words, sentence):
    done = command("echo", *words)

    assert done.status == 2
    assert sentence in done.error
    assert done.out == ""


def test_standard_input_that_is_no_text_is_refused(server):
    done = subprocess.run(
        [sys.executable, "-m", "hotreload", "echo", server().url, "-"],
        input=b"\xff\n",
        capture_output=True,
        env=environment(),
        timeout=20,
    )

    assert done.returncode == 2
    assert b"standard input is not UTF-8: --binary sends it as it is" in done.stderr


def test_no_server_for_the_folder(tmp_path):
    done = command("echo", "hello", cwd=tmp_path)

    assert done.status == 1
    assert done.error == (
        f"hotreload: no server runs for {tmp_path}: start one with `hotreload serve`,"
        " or say where with --url\n"
    )
