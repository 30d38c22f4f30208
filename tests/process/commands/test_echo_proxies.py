"""`hotreload echo` goes through the proxy that the environment names, and says where it fails."""

import contextlib
import socket
import threading

from support.process.commands import command, free_port, read_head, tcp_server
from support.process.echoing import failed


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
