"""`hotreload echo` knows why a connection fails: TLS, refusals, wrong echoes."""

import contextlib
import datetime as dt
import re
import ssl

import pytest
import trustme
from support.process.commands import command, free_port, tcp_server
from support.process.echoing import answers, failed, websocket_server

from hotreload.security.basic_auth import HOW_TO_SAY

OK = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi"

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


def test_a_server_of_an_older_http_such_as_pythons_own():
    with tcp_server(answers(OK.replace("HTTP/1.1", "HTTP/1.0"))) as port:
        done = command("echo", f"127.0.0.1:{port}/try", "--json")

    said = "answered HTTP/1.0 200 OK: it knows no WebSocket; check the port"
    failed(done, 9, "not-websocket", f"127.0.0.1 port {port} {said}")


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
