"""A reference as it is written, and what it asks for.

Knows: how browsers take a URL apart, which ones lead to this site's files, and what only becomes a
URL when a template is filled in. Refuses to know: which files there are.
Source: https://url.spec.whatwg.org/#url-parsing
"""

import re
from collections.abc import Collection
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes


class Address(NamedTuple):
    """A reference to this site.

    Attributes:
        path: as it is written, without query and fragment; empty for the document itself.
        fragment: as it is written behind the first `#`; None without one.
    """

    path: str
    fragment: str | None


# Jinja, Liquid, Go, Vue, ERB, PHP, template literals, Sass, bundlers' aliases; build tools' @x@.
_TEMPLATE: Final = re.compile(r"\{\{|\{%|\{#|#\{|\$\{|<[%?]|%[A-Z_]{3,}%|^[~$@]|@@|__[A-Z_]{3,}__")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_BLANKS: Final = "".join(map(chr, range(0x21)))
_DROPPED: Final = str.maketrans("", "", "\t\n\r")


# Nearly every reference is one of these, and nothing of the above.
_PLAIN: Final = re.compile(r"(?!//)([\w./-]*)(?:\?[\w=&.-]*)?(?:#([\w.:-]*))?")


def local(written: str) -> Address | None:
    """Returns what a reference asks of this site; None when it asks nothing of it, or not yet."""
    plain = _PLAIN.fullmatch(written) if "__" not in written else None
    if plain:
        return Address(*plain.groups("")) if plain[2] is not None else Address(plain[1], None)
    if _SCHEME.match(written):
        return None
    url = written.strip(_BLANKS).translate(_DROPPED)
    if _SCHEME.match(url) or _TEMPLATE.search(url):
        return None
    before, mark, fragment = url.partition("#")
    path = before.partition("?")[0].replace("\\", "/")
    if path.startswith("//"):
        return None
    return Address(path, fragment if mark else None)


def names(path: str) -> list[str]:
    """Returns the names on a path, decoded as the file system has them; the last may be empty."""
    return [_decoded(name) for name in path.split("/")]


def _decoded(name: str) -> str:
    return unquote_to_bytes(name).decode("utf-8", "surrogateescape") if "%" in name else name


_TEXT_DIRECTIVE: Final = re.compile(r":~:.*", re.DOTALL)


def anchor(fragment: str | None) -> str | None:
    """Returns the id that a fragment asks for; None when it asks for none that could be missing.

    The top of the page always is there, and what has a slash, a `!` or a `=` in it is for scripts.
    """
    if not fragment:
        return None
    wanted = _TEXT_DIRECTIVE.sub("", fragment) if ":~:" in fragment else fragment
    if not wanted or wanted.lower() == "top" or wanted[0] in "/!" or "=" in wanted:
        return None
    return wanted


def lost(fragments: AbstractSet[str], ids: frozenset[str]) -> frozenset[str]:
    """Returns the fragments that ask for an id which a page with these ids does not have."""
    return frozenset(each for each in fragments - ids if _is_lost(each, ids))


# The first and the last of some lines, which scripts mark together.
_LINES: Final = re.compile(r"(L?\d+)-(L?\d+)")


def _is_lost(fragment: str, ids: frozenset[str]) -> bool:
    address = local(f"#{fragment}")
    wanted = anchor(address.fragment) if address else None
    if wanted is None or wanted in ids or _decoded(wanted) in ids:
        return False
    lines = _LINES.fullmatch(wanted)
    return lines is None or not ids.issuperset(lines.groups())


def dev_server(ports: Collection[int]) -> re.Pattern[str]:
    """Returns the pattern of addresses on this machine at one of these ports."""
    numbers = "|".join(map(str, sorted(ports)))
    host = r"localhost|127(?:\.\d{1,3}){3}|\[::1\]|0\.0\.0\.0|[a-z0-9-]+\.localhost"
    address = rf"\s*(?:(?:https?|wss?):)?//(?:{host}):(?:{numbers})(?=[/?#\s]|$)"
    return re.compile(address, re.IGNORECASE)
