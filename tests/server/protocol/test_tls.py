"""HTTPS without a certificate of one's own: it works, lasts, and can pass for nobody else."""

import contextlib
import http.client
import json
import os
import socket
import ssl
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.browser.tabs import close
from support.process import hasty
from support.process.commands import run
from support.process.http_client import DOCUMENT, TAG

certificates = pytest.importorskip(
    "hotreload.security.certificates", reason="needs the https extra"
)
x509 = pytest.importorskip("cryptography.x509")

from hotreload.errors import StartError  # noqa: E402
from hotreload.server import tls  # noqa: E402 - after what it needs

NOW = datetime(2026, 11, 21, tzinfo=UTC)
NAMES = ["localhost", "*.localhost", "127.0.0.1", "::1"]
AUTHORITY = certificates.authority("here", NOW)
SERVER = certificates.server(NAMES, AUTHORITY, NOW)


# ---- certificates ----


def test_a_certificate_is_good_until_a_month_before_its_end():
    days = certificates.SERVER_DAYS - certificates.RENEW_DAYS

    def good(after):
        return certificates.is_good(SERVER, NAMES, AUTHORITY, NOW + timedelta(days=after))

    assert [good(0), good(days - 2), good(days), good(-2)] == [True, True, False, False]


def test_a_certificate_is_for_its_names_its_authority_and_its_key():
    other = certificates.authority("there", NOW)
    stolen = certificates.server(NAMES, other, NOW)
    wrong_key = certificates.Pair(SERVER.certificate, stolen.key)
    no_key = certificates.Pair(SERVER.certificate, b"")

    assert certificates.is_good(SERVER, NAMES, AUTHORITY, NOW)
    assert not certificates.is_good(SERVER, [*NAMES, "x.test"], AUTHORITY, NOW)
    assert not certificates.is_good(SERVER, NAMES, other, NOW)
    assert not certificates.is_good(stolen, NAMES, AUTHORITY, NOW)
    assert not certificates.is_good(wrong_key, NAMES, AUTHORITY, NOW)
    assert not certificates.is_good(no_key, NAMES, AUTHORITY, NOW)
    assert not certificates.is_good(AUTHORITY, NAMES, AUTHORITY, NOW)
    assert not certificates.is_good(SERVER, NAMES, certificates.Pair(b"", b""), NOW)


def test_an_authority_needs_its_key_and_time():
    assert certificates.is_authority(AUTHORITY, NOW)
    assert not certificates.is_authority(AUTHORITY, NOW + timedelta(days=4000))
    assert not certificates.is_authority(certificates.Pair(AUTHORITY.certificate, b"x"), NOW)
    assert not certificates.is_authority(certificates.Pair(b"-----BEGIN", AUTHORITY.key), NOW)
    with pytest.raises(ValueError):
        certificates.server(NAMES, certificates.Pair(AUTHORITY.certificate, b""), NOW)


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_whatever_the_files_hold_it_is_good_or_not(certificate, key):
    pair = certificates.Pair(certificate, key)

    assert not certificates.is_good(pair, NAMES, AUTHORITY, NOW)
    assert not certificates.is_authority(pair, NOW)


@pytest.mark.parametrize(
    ("name", "private"),
    [
        ("localhost", True), ("a.localhost", True), ("laptop.local", True), ("127.0.0.1", True),
        ("192.168.1.7", True), ("::1", True), ("fd00::1", True), ("8.8.8.8", False),
        ("example.com", False), ("notlocal", False), ("2001:db8::1", False),
    ],
)  # fmt: skip
def test_the_authority_speaks_for_private_names_only(name, private):
    assert certificates.is_private(name) is private


def connected(server_pair, name, tmp_path):
    """What a client that trusts the authority makes of this server; None when all is well."""
    for file, data in (("c", server_pair.certificate), ("k", server_pair.key)):
        (tmp_path / file).write_bytes(data)
    listening = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    listening.load_cert_chain(tmp_path / "c", tmp_path / "k")
    client = ssl.create_default_context(cadata=AUTHORITY.certificate.decode())
    theirs, to_us, to_them = (ssl.MemoryBIO() for _ in range(3))
    one = client.wrap_bio(theirs, to_us, server_hostname=name)
    two = listening.wrap_bio(to_us, to_them, server_side=True)
    try:
        for _ in range(4):
            for side in (one, two):
                with contextlib.suppress(ssl.SSLWantReadError):
                    side.do_handshake()
                theirs.write(to_them.read())
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    return None


def test_clients_that_trust_the_authority_trust_the_server_and_it_cannot_pass_for_others(tmp_path):
    now = datetime.now(UTC)

    def made(*names):
        return certificates.server(names, AUTHORITY, now)

    assert connected(made("localhost", "::1"), "localhost", tmp_path) is None
    assert connected(made("192.168.1.7"), "192.168.1.7", tmp_path) is None
    assert (
        connected(made("bank.example"), "bank.example", tmp_path) == "permitted subtree violation"
    )
    assert connected(made("8.8.8.8"), "8.8.8.8", tmp_path) == "permitted subtree violation"
    assert "mismatch" in connected(made("localhost"), "a.test", tmp_path)


# ---- where they are kept ----


def test_certificates_are_made_once_kept_for_nobody_else_and_renewed(tmp_path):
    folder, said = tmp_path / "config" / "hotreload", []

    def files():
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    tls.own_context(["127.0.0.1"], lambda *words: said.append(words), folder)
    first = files()
    tls.own_context(["127.0.0.1"], lambda *words: said.append(words), folder)

    assert files() == first
    assert set(first) == {"authority.key", "authority.pem", "server.key", "server.pem"}
    assert len(said) == 1
    assert str(folder / "authority.pem") in said[0][0]
    if os.name != "nt":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    (folder / "server.pem").write_bytes(b"broken")
    tls.own_context(["127.0.0.1"], lambda *words: said.append(words), folder)
    assert files()["authority.pem"] == first["authority.pem"]
    assert files()["server.pem"].startswith(b"-----BEGIN")
    assert len(said) == 1


def test_another_network_is_another_certificate_of_the_same_authority(tmp_path):
    tls.own_context(["127.0.0.1"], lambda *_: None, tmp_path)
    before = (tmp_path / "server.pem").read_bytes()
    tls.own_context(["192.168.77.7"], lambda *_: None, tmp_path)

    now = x509.load_pem_x509_certificate((tmp_path / "server.pem").read_bytes())
    names = now.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert before != (tmp_path / "server.pem").read_bytes()
    assert "192.168.77.7" in map(str, names.get_values_for_type(x509.IPAddress))


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(StartError, match="certificates cannot be kept in"):
        tls.own_context([], lambda *_: None, tmp_path / "file" / "below")


@pytest.mark.parametrize(
    ("platform", "place", "way"),
    [
        ("linux", ".config/hotreload", "nssdb"),
        ("darwin", "Library/Application Support/hotreload", "security add-trusted-cert"),
        ("win32", "Roaming/hotreload", "-addstore Root"),
    ],
)
def test_each_system_has_its_folder_and_its_way_to_trust(
    monkeypatch, tmp_path, platform, place, way
):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("APPDATA", str(tmp_path / "Roaming"))

    assert tls.config_folder() == tmp_path / place
    assert way in tls._how_to_trust(tmp_path)


# ---- as it is served ----


@pytest.fixture
def secure(server, site, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return server(site, "--https")


@pytest.fixture
def trust(tmp_path):
    return lambda: ssl.create_default_context(
        cafile=tmp_path / "config" / "hotreload" / "authority.pem"
    )


def get(server, context, path="/", host="localhost", headers=DOCUMENT):
    connection = http.client.HTTPSConnection(host, server.port, context=context, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def raw(server, data):
    with socket.create_connection(("127.0.0.1", server.port), timeout=15) as plain:
        plain.sendall(data)
        got = b""
        while piece := plain.recv(65536):
            got += piece
    return got


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_a_client_that_trusts_the_authority_is_served(secure, trust, site, host):
    answer, body = get(secure, trust(), host=host)

    assert secure.url.startswith("https://")
    assert answer.status == 200
    assert TAG.sub(b"", body) == (site / "index.html").read_bytes()


def test_the_way_to_trust_is_told_once(secure, server, site):
    def told(running):
        return [line for line in running.lines if "certificate authority" in line.get("text", "")]

    get(secure, ssl._create_unverified_context())
    assert len(told(secure)) == 1
    again = server(site, "--https")
    get(again, ssl._create_unverified_context())
    assert told(again) == []


@pytest.mark.parametrize("words", [["reload"], ["echo", "x"]])
def test_commands_find_the_server_and_trust_its_authority(secure, site, words):
    done = run(*words, cwd=site)

    assert (done.returncode, done.stderr) == (0, "")


def test_old_versions_of_tls_are_refused(secure, trust):
    context = trust()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert get(secure, context)[0].status == 200
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        get(secure, context)


def test_a_page_stays_current_over_wss(secure, browser, site):
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.goto(secure.url)
    secure.wait_for(type="page", event="opened")
    (site / "styles" / "colours.css").write_text(":root { --accent: #123456 }")

    assert secure.wait_for(type="applied", action="css")
    close(context)


def test_plain_http_on_the_port_is_sent_to_https(secure):
    host = f"localhost:{secure.port}".encode()
    answer = raw(secure, b"GET /a?b HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % host)

    assert answer.startswith(b"HTTP/1.1 307 ")
    assert b"\r\nlocation: https://%s/a?b\r\n" % host in answer


def test_plain_http_gets_no_further(secure):
    foreign = raw(secure, b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    socket_ = raw(
        secure,
        b"GET /__hotreload__/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade, close\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    )

    assert foreign.startswith(b"HTTP/1.1 403 ")
    assert socket_.startswith(b"HTTP/1.1 307 ")
    assert raw(secure, b"\0\0\0\0").startswith(b"HTTP/1.1 400 ")


def test_hosts_are_checked_over_tls_too(secure, trust):
    answer, _ = get(secure, trust(), headers={"Host": "evil.example"})

    assert answer.status == 403


def test_a_client_that_says_nothing_holds_up_nobody_and_is_let_go(
    server, site, tmp_path, trust, monkeypatch
):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    secure = server(site, "--https", program=hasty.PROGRAM)
    place = ("127.0.0.1", secure.port)
    with (
        socket.create_connection(place, timeout=20) as silent,
        socket.create_connection(place, timeout=20) as stalled,
    ):
        stalled.sendall(b"\x16\x03\x01")
        assert get(secure, trust())[0].status == 200
        assert silent.recv(1) == stalled.recv(1) == b""


def test_the_server_stops_in_order(secure, trust):
    with socket.create_connection(("127.0.0.1", secure.port), timeout=20):
        get(secure, trust())
        assert secure.stop() == 0


@pytest.fixture
def own(tmp_path):
    """A certificate that somebody else made, and its key."""
    now = datetime.now(UTC)
    pair = certificates.server(["localhost"], certificates.authority("own", now), now)
    (tmp_path / "own.pem").write_bytes(pair.certificate)
    (tmp_path / "own.key").write_bytes(pair.key)
    (tmp_path / "both.pem").write_bytes(pair.certificate + pair.key)
    return tmp_path


@pytest.mark.parametrize(
    "words", [["--cert", "own.pem", "--key", "own.key"], ["--cert", "both.pem"]]
)
def test_a_certificate_of_ones_own_is_shown(server, site, own, words):
    paths = [str(own / word) if "." in word else word for word in words]
    running = server(site, *paths)

    shown = ssl.get_server_certificate(("127.0.0.1", running.port))
    assert shown in (own / "own.pem").read_text()


def test_commands_say_that_they_do_not_trust_it_and_do_not_forget_the_server(server, site, own):
    running = server(site, "--cert", str(own / "both.pem"))

    for _ in range(2):
        done = run("reload", cwd=site)
        assert done.returncode == 1
        assert f"the certificate of {running.url} is not to be trusted: " in done.stderr
        assert "SSL_CERT_FILE" in done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--cert", "none.pem"], "none.pem does not exist: name a PEM file"),
        (["--cert", "own.pem", "--key", "none.key"], "none.key does not exist: name a PEM file"),
        (["--cert", "own.pem"], "is no certificate and key in PEM that fit"),
        (["--key", "own.key"], "name the certificate that it is for, with --cert"),
        (["--cert", "own.pem", "--key", "site/renamed"], "renamed would be served: keep the key"),
    ],
)
def test_a_certificate_that_does_not_do_is_refused_in_one_line(own, site, words, sentence):
    (site / "renamed").write_bytes((own / "own.key").read_bytes())

    done = run("serve", site, "-p", "0", *words, cwd=own)

    assert done.returncode == (2 if words[0] == "--key" else 1)  # 2: the words make no sense
    assert done.stderr.count("\n") == 1
    assert sentence in done.stderr


def test_without_the_library_the_command_says_what_to_install(tmp_path):
    hide = (
        "import sys; sys.modules['cryptography'] = None; import hotreload.cli.main as c; c.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", hide, "serve", str(tmp_path), "--https", "-p", "0"],
        capture_output=True,
        encoding="utf-8",
        timeout=20,
    )

    assert done.returncode == 1
    assert "pip install 'hotreload-server[https]'" in done.stderr
    assert done.stderr.count("\n") == 1
    assert json.dumps(done.stdout) == '""'
