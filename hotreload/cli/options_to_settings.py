"""What the words of `hotreload serve` mean, as Settings.

Knows: what may be written after each option, and the sentence for what may not. Refuses to know:
where a word was typed, and what is done about it.
"""

import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, TypeVar

from hotreload.config import defaults
from hotreload.config.settings import Settings
from hotreload.errors import UsageError
from hotreload.http.cors import InvalidOrigin
from hotreload.http.cors import cors as allowed
from hotreload.http.url_path import BadTarget, parse, url_path
from hotreload.security import basic_auth
from hotreload.security.guard import Guard
from hotreload.security.limits import Limits
from hotreload.static.rules.header_rules import option
from hotreload.static.rules.redirects import InvalidRule

MEDIA_TYPE = re.compile(r"[!#$&^_.+\w-]+/[!#$&^_.+\w-]+(?:; *[\w-]+=[\w.+-]+)*", re.ASCII)
# Two slashes of either kind begin the name of another server; browsers leave out what is no
# character between them.
_PAGE = re.compile(r"/(?![/\\])[^\x00-\x1f\x7f]*")
T = TypeVar("T")


def settings(
    *,
    typed: Collection[str],
    root: Path | None,
    host: str | None,
    open_path: str | None,
    no_open: bool,
    poll: str | None,
    no_gitignore: bool,
    allow_host: tuple[str, ...],
    auth: str | None,
    mounts: tuple[str, ...],
    spa: str | None,
    no_listing: bool,
    base: str,
    proxy_base: str,
    headers: tuple[str, ...],
    cors: str | None,
    types: tuple[str, ...],
    no_inject: bool,
    https: bool,
    cert: Path | None,
    key: Path | None,
    as_json: bool,
    ws_max_size: int,
    quiet: bool,
    verbose: bool,
    **same: Any,
) -> Settings:
    """What the command was asked for, from what click makes of its words.

    The names in `typed` are of what stands on the command line. If ROOT does, no other word can be
    meant by it.

    Raises:
        UsageError: a word makes no sense.
    """
    if "root" not in typed:
        values = {"open_path": open_path, "poll": poll, "host": host, "spa": spa, "cors": cors}
        folder, values = _folder_in(values, typed)
        open_path, poll, host, spa, cors = values.values()
        root = folder or root
    if open_path is not None and not open_path.startswith("/"):
        raise UsageError(f"--open {open_path}: the path of a page starts with /")
    if open_path is not None and not _PAGE.fullmatch(open_path):
        raise UsageError(f"--open {open_path}: a page of this server has one / at its start")
    if poll is not None and (not poll.isdecimal() or int(poll) == 0):
        raise UsageError(f"--poll {poll}: give a whole number of milliseconds from 1 up")
    if base != "/" and proxy_base != "/":
        raise UsageError("give one of --base and --proxy-base: both say where the site stands")
    if key is not None and cert is None:
        raise UsageError(f"--key {key}: name the certificate that it is for, with --cert")
    return Settings(
        root=root or Path(),
        host=host,
        open_path=None if no_open else open_path,
        poll=None if poll is None else int(poll) / 1000,
        gitignore=not no_gitignore,
        allow_hosts=_hosts(allow_host),
        auth=None if auth is None else basic_auth.parse(auth),
        mounts=tuple(map(_mount, mounts)),
        spa=None if spa is None else _names(spa, f"--spa {spa}: name a file below ROOT"),
        listing=not no_listing,
        base=_below("--base", base) or _below("--proxy-base", proxy_base),
        proxy_base=_below("--proxy-base", proxy_base),
        headers=tuple(_said("--header", value, option, cors is not None) for value in headers),
        cors=None if cors is None else _said("--cors", cors, allowed),
        types=dict(map(_type, types)),
        inject=not no_inject,
        https=https or cert is not None,
        cert=cert,
        key=key or cert,
        limits=Limits(message=ws_max_size),
        json=as_json,
        verbosity=-1 if quiet else int(verbose),
        **same,
    )


def _folder_in(
    values: dict[str, str | None], typed: Collection[str]
) -> tuple[Path | None, dict[str, str | None]]:
    """`--open ./site` reads the folder as the option's value, yet it is the ROOT.

    Only where it is typed: in a file, `open` is a page whatever there is of its name on the disk.

    Returns:
        The folder, and the values without it; None if there is no such folder among them.
    """
    for name, value in values.items():
        is_folder, meant = _SWALLOW[name]
        if name in typed and value is not None and value != meant and is_folder(value):
            return Path(value), {**values, name: meant}
    return None, values


# Which values of options that need none are folders, and what is meant without one.
_SWALLOW: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "open_path": (
        lambda value: not value.startswith("/") or Path(value).is_dir(),
        defaults.FIRST_PAGE,
    ),
    "poll": (lambda value: not value.isdecimal(), defaults.POLL_MS),
    "host": (lambda value: Path(value).is_dir(), defaults.EVERYWHERE),
    "spa": (lambda value: Path(value).is_dir(), defaults.INDEX),
    "cors": (lambda value: "://" not in value and value != "null", defaults.ANY_ORIGIN),
}


def _hosts(names: tuple[str, ...]) -> tuple[str, ...]:
    Guard.of((), names)  # says which is no host name
    return names


def _mount(value: str) -> tuple[tuple[str, ...], Path]:
    """The names on the URL path, and the folder."""
    url, found, folder = value.partition("=")
    sentence = f"--mount {value}: give a URL path and a folder, as in /docs=../docs"
    if not (url.startswith("/") and found and folder):
        raise UsageError(sentence)
    return () if url == "/" else _names(url, sentence), Path(folder)


def _below(word: str, path: str) -> tuple[str, ...]:
    return () if path == "/" else _names(path, f"{word} {path}: give a URL path, as in /app/")


def _names(path: str, sentence: str) -> tuple[str, ...]:
    names = tuple(name for name in path.split("/") if name not in ("", "."))
    if not names or isinstance(parse(url_path(names).encode()), BadTarget):
        raise UsageError(sentence)
    return names


def _said(word: str, value: str, read: Callable[..., T], *more: object) -> T:
    try:
        return read(value, *more)
    except (InvalidOrigin, InvalidRule) as wrong:
        raise UsageError(f"{word} {value}: {wrong}") from None


def _type(value: str) -> tuple[str, str]:
    """An extension and its content type."""
    extension, equals, content_type = value.partition("=")
    if not (extension and equals and MEDIA_TYPE.fullmatch(content_type)):
        raise UsageError(f"--mime {value}: give an extension and a type, as in vtt=text/vtt")
    return extension.removeprefix(".").lower(), content_type
