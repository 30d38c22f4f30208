"""Asks a running server, over HTTP: how it is, and for a reload.

Knows: the server's own routes, and HTTP as the standard library speaks it (which follows no proxy
of the environment). Refuses to know: how a server is found.
"""

import http.client
import json
import ssl
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from hotreload.errors import HotreloadError, reason
from hotreload.live.messages import OWN_PATH
from hotreload.remote.target import Target
from hotreload.security.basic_auth import HOW_TO_SAY
from hotreload.terminal.text import printable

SECONDS: Final = 5.0
MOST_BYTES: Final = 2**24  # of an answer: the facts of thousands of pages are below


class ServerUnreachable(HotreloadError):
    """The server does not answer, or refuses, or is no hotreload server."""


class TimedOut(ServerUnreachable):
    """The server takes too long."""


class Untrusted(ServerUnreachable):
    """The server shows a certificate that is not to be trusted."""


def health(target: Target, timeout: float = SECONDS) -> dict[str, Any]:
    """How a server is: its `run`, `seq`, and what its open pages have taken.

    Args:
        target: the server; its path does not matter.
        timeout: in seconds.

    Raises:
        ServerUnreachable: it does not say.
    """
    facts = _ask(target, "GET", OWN_PATH + "health", timeout)
    if facts.get("name") != "hotreload":
        raise foreign(target)
    return facts


def reload(target: Target, urls: Sequence[str] = (), timeout: float = SECONDS) -> int:
    """Asks every open page to reload, or those that use one of these URL paths.

    Returns:
        How many pages were asked.

    Raises:
        ServerUnreachable: the server did not do it.
    """
    query = "?" + urlencode([("url", url) for url in urls]) if urls else ""
    pages = _ask(target, "POST", OWN_PATH + "reload" + query, timeout).get("pages", 0)
    if not isinstance(pages, int):
        raise foreign(target)
    return pages


def _ask(target: Target, method: str, path: str, timeout: float) -> dict[str, Any]:
    connection = _connection(target, timeout)
    try:
        given = {"Authorization": target.authorization} if target.authorization else {}
        connection.request(method, path, headers=given)
        response = connection.getresponse()
        body = response.read(MOST_BYTES)
    except TimeoutError:
        raise TimedOut(f"{target.site_url} gave no answer within {timeout:g} s") from None
    except ssl.SSLCertVerificationError as error:
        raise Untrusted(
            f"the certificate of {target.site_url} is not to be trusted: {error.verify_message};"
            " the environment variable SSL_CERT_FILE names a file of certificates to trust"
        ) from None
    except (OSError, http.client.HTTPException) as error:
        why = _why(error)
        raise ServerUnreachable(
            f"no hotreload server answers at {target.site_url}: {why}"
        ) from None
    finally:
        connection.close()
    if response.status == 401:
        raise ServerUnreachable(f"{target.site_url} wants a name and a password: {HOW_TO_SAY}")
    if response.status != 200:
        said = printable(" ".join(body[:200].decode("utf-8", "replace").split()))
        raise ServerUnreachable(
            f"{target.site_url} answered {response.status} {response.reason}: {said}"
        )
    return _facts(body, target)


def _connection(target: Target, timeout: float) -> http.client.HTTPConnection:
    if not target.secure:
        return http.client.HTTPConnection(target.host, target.port, timeout=timeout)
    from hotreload.remote import trusted_authorities  # most servers need none

    return http.client.HTTPSConnection(
        target.host, target.port, timeout=timeout, context=trusted_authorities.context()
    )


def _why(error: Exception) -> str:
    return (reason(error) if isinstance(error, OSError) else str(error).lower()) or "it hung up"


def _facts(body: bytes, target: Target) -> dict[str, Any]:
    try:
        facts = json.loads(body)
    except (ValueError, RecursionError):
        facts = None
    if isinstance(facts, dict):
        return facts
    raise foreign(target)


def foreign(target: Target) -> ServerUnreachable:
    """What answers there does not speak as our servers do."""
    return ServerUnreachable(f"what answers at {target.site_url} is not hotreload")
