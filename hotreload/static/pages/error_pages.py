"""The pages that hotreload itself shows: what to read where the site has nothing to show.

Knows: their HTML and the headers that go with it. Refuses to know: when they are shown.
"""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from html import escape
from typing import Final
from urllib.parse import unquote_to_bytes

from hotreload.http.messages import Header

STYLE: Final = (
    ":root{color-scheme:light dark;font:1.1rem/1.6 system-ui,sans-serif}"
    "body{max-width:34rem;margin:18vh auto;padding:0 1.5rem}"
    "h1{font-size:1.6rem;margin:0 0 .5rem}"
    "code{overflow-wrap:anywhere}"
    "p{margin:.5rem 0}"
    "ul{margin:.5rem 0;padding-left:1.5rem}"
    "a{color:light-dark(#0a58ca,#8ab4f8)}"
    ".quiet{opacity:.7}"
)


def policy(style: str, *more: str) -> Header:
    """What a page of ours may do: run our client, look like that, and be framed by no other site.

    Args:
        style: the text of its one style element.
        more: further directives.
    """
    digest = b64encode(sha256(style.encode()).digest()).decode()
    directives = (
        "default-src 'none'", f"style-src 'sha256-{digest}'", "script-src 'self'",
        "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'",
        *more,
    )  # fmt: skip
    return (b"content-security-policy", "; ".join(directives).encode())


POLICY: Final = policy(STYLE)


def readable(name: str) -> str:
    """A name as people can read it: control characters as pictures, broken bytes as U+FFFD."""
    return "".join(map(_readable, name))


def _readable(char: str) -> str:
    if "\ud800" <= char <= "\udfff":
        return "\ufffd"
    if char < " ":
        return chr(0x2400 + ord(char))
    return "\u2421" if char == "\x7f" else char


def not_found(path: str, near: Sequence[str] = (), above: str = "") -> bytes:
    """The page for a path at which there is no file; see `error_page`."""
    return error_page("Not found", "There is no file of this name here.", path, near, above)


def nothing_yet(folder: str) -> bytes:
    """The page for a folder that is to be served and is not there yet."""
    return error_page("Nothing here yet", "There is no such folder yet:", folder)


def error_page(
    title: str, sentence: str, path: str, near: Sequence[str] = (), above: str = ""
) -> bytes:
    """An HTML document, in UTF-8, that says what is wrong with a path.

    Args:
        title: of the page, and its heading.
        sentence: what is wrong.
        path: the path that was asked for, as a person reads it.
        near: URL paths that may have been meant.
        above: URL path of a folder that lists what there is; "" if none does.
    """
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{escape(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<h1>{escape(title)}</h1>
<p>{escape(sentence)}</p>
<p><code>{escape(readable(path))}</code></p>
{_meant(near)}{_list_of(above)}
<p class="quiet">This page shows the file as soon as there is one.</p>
</body>
</html>
""".encode("utf-8", "replace")


def _meant(near: Sequence[str]) -> str:
    links = "".join(f"<li>{_link(url)}</li>" for url in near)
    return f"<p>Did you mean:</p>\n<ul>{links}</ul>" if near else ""


def _list_of(folder: str) -> str:
    return f"<p>See what there is in {_link(folder)}</p>" if folder else ""


def _link(url: str) -> str:
    name = readable(unquote_to_bytes(url).decode("utf-8", "surrogateescape"))
    return f'<a href="{escape(url)}"><code>{escape(name)}</code></a>'
