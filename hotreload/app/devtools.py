"""Chrome's DevTools are told which folder the site is, so that edits in them are saved to disk.

Knows: the file that DevTools ask for
(https://chromium.googlesource.com/devtools/devtools-frontend/+/main/docs/ecosystem/automatic_workspace_folders.md),
and who may read it: it tells where on this machine the site lies, which is nobody's business but
that of the person who sits there. Refuses to know: files.
"""

import json
from hashlib import blake2b
from ipaddress import ip_address
from typing import Final
from uuid import UUID

from hotreload.http.messages import Request, Response, content
from hotreload.security.guard import authority

PATH: Final = b"/.well-known/appspecific/com.chrome.devtools.json"


def workspace(root: str) -> bytes:
    """The file, for a folder; its id is the same in each run.

    Args:
        root: the folder's absolute path.
    """
    key = blake2b(root.encode("utf-8", "surrogateescape"), digest_size=16).digest()
    file = {"workspace": {"root": root, "uuid": str(UUID(bytes=key, version=4))}}
    return json.dumps(file).encode()


def answer(request: Request, root: str) -> Response | None:
    """The file, if it is a person on this machine who asks; None for any other client.

    Args:
        request: for `PATH`.
        root: the folder's absolute path.
    """
    if request.method not in ("GET", "HEAD") or not (_is_near(request) and not _is_page(request)):
        return None
    return content(200, b"application/json", workspace(root))


def _is_near(request: Request) -> bool:
    """Whether it comes from this machine to this machine: a tunnel ends here, but is named so."""
    host = authority(request.headers.get(b"host", b""))
    if host is None or not _is_loopback(request.peer):
        return False
    name = host.host
    return name == "localhost" or name.endswith(".localhost") or _is_loopback(name.strip("[]"))


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _is_page(request: Request) -> bool:
    """Whether a script or an element in a page asks: what `fetch` sends, unless a script hides it.

    DevTools ask as the page does (same-origin), but with no-cors, and name no referrer.
    """
    headers = request.headers
    return (
        b"origin" in headers
        or b"referer" in headers
        or headers.get(b"sec-fetch-mode", b"no-cors") not in (b"no-cors", b"navigate")
        or headers.get(b"sec-fetch-dest", b"empty") not in (b"empty", b"document")
    )
