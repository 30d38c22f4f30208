"""What the server needs to speak TLS: the user's certificate, or one of its own.

Knows: which certificate is shown, when one is made, and which names this machine has. Refuses to
know: what is in a certificate, where it is kept, and connections.
"""

import socket
import ssl
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from hotreload.errors import StartError, reason
from hotreload.files.user_dirs import config_folder
from hotreload.reporter import Reporter
from hotreload.security import certificate_files
from hotreload.server.listen import outward_addresses, own_names


def context(certificate: Path, key: Path) -> ssl.SSLContext:
    """What a server needs to speak TLS 1.2 and later.

    Args:
        certificate: PEM file: the server's, then those above it.
        key: PEM file, not encrypted.

    Raises:
        StartError: one of them is not to be had, or they do not fit.
    """
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.minimum_version = ssl.TLSVersion.TLSv1_2
    found.set_alpn_protocols(["http/1.1"])
    try:
        # Without a password of ours OpenSSL would ask for one on the terminal.
        found.load_cert_chain(certificate, key, password="")
    except FileNotFoundError as error:
        missing = key if certificate.exists() else certificate
        raise StartError(f"{missing} does not exist: name a PEM file") from error
    except (OSError, ssl.SSLError) as error:
        why = "is no certificate and key in PEM that fit, without a password"
        raise StartError(f"{certificate} with {key} {why}") from error
    return found


def own_context(
    addresses: Sequence[str], report: Reporter, folder: Path | None = None
) -> ssl.SSLContext:
    """The same with a certificate of our own, which is made and renewed as needed.

    Args:
        addresses: that the server listens on.
        report: told how to trust a new authority, and False: it is no problem.
        folder: where certificates are kept; the person's own if None.

    Raises:
        StartError: a library is missing, or the folder cannot be written.
    """
    try:
        from hotreload.security import certificates
    except ImportError:
        raise StartError(
            "--https needs a library: pip install 'hotreload-server[https]', or give a certificate"
            " of yours with --cert and --key"
        ) from None
    now = datetime.now(UTC)
    names = [name for name in _names(addresses) if certificates.is_private(name)]
    try:
        folder = folder or config_folder()
        above = certificate_files.read(folder, certificate_files.AUTHORITY)
        if not certificates.is_authority(above, now):
            above = certificates.authority(socket.gethostname(), now)
            certificate_files.write(folder, certificate_files.AUTHORITY, above)
            report(
                _how_to_trust(certificate_files.certificate(folder, certificate_files.AUTHORITY)),
                False,
            )
        one = certificate_files.read(folder, "server")
        if not certificates.is_good(one, names, above, now):
            certificate_files.write(folder, "server", certificates.server(names, above, now))
    except OSError as error:
        place = folder or error.filename
        raise StartError(f"certificates cannot be kept in {place}: {reason(error)}") from error
    return context(
        certificate_files.certificate(folder, "server"), certificate_files.key(folder, "server")
    )


def _names(addresses: Sequence[str]) -> list[str]:
    """What browsers may call this machine: on loopback, and on its networks if it listens there."""
    names = ["localhost", "*.localhost", "127.0.0.1", "::1"]
    beyond = [address for address in addresses if address not in names]
    if beyond:
        names += [*own_names(addresses), *_local_addresses(), *beyond]
    return list(dict.fromkeys(names))


def _local_addresses() -> list[str]:
    """This machine's addresses on the networks that it is connected to."""
    found = outward_addresses()
    with suppress(OSError, UnicodeError):  # it may be called what no DNS could hold
        places = socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM)
        found += [str(place[0]).partition("%")[0] for *_, place in places]
    return found


def _how_to_trust(path: Path) -> str:
    ways = {
        "darwin": f'`security add-trusted-cert -r trustRoot "{path}"`',
        "win32": f'`certutil -user -addstore Root "{path}"`',
    }
    linux = (
        f'`certutil -d "sql:$HOME/.pki/nssdb" -A -t C,, -n hotreload -i "{path}"`'
        " (Chromium; Firefox takes the file in its settings)"
    )
    return (
        "made a certificate authority for this machine alone; to have browsers trust it, once:"
        f" {ways.get(sys.platform, linux)}"
    )
