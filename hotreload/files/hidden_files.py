"""The names that are never served: dotfiles, keys, and other names for them.

Knows: which names are secrets, and how forgiving file systems compare names. Refuses to know: what
is on the disk, and URLs.
"""

import os
import re
import unicodedata
from functools import lru_cache
from typing import Final

WINDOWS: Final = os.name == "nt"

# RFC 8615 reserves this one folder, at the root, for what is meant to be found.
WELL_KNOWN: Final = ".well-known"
# Folders of credentials and of history. They are refused even behind a link, where other folders
# with a dot are not: package managers link `node_modules/x` to `node_modules/.store/x`.
_SECRET_FOLDERS: Final = frozenset(
    f".{name}"
    for name in (
        *("bzr", "git", "hg", "jj", "svn"),
        *("env", "gnupg", "password-store", "ssh", "vault"),
        *("aws", "azure", "docker", "gcloud", "kube", "pulumi", "terraform", "terraform.d"),
    )
)
# Keys, certificates and stores of passwords by their extension, their backups and archives too.
_SECRET_FILE: Final = re.compile(
    r"id_(?:rsa|dsa|ecdsa|ed25519).*"
    r"|.*\.(?:cer|crt|der|env|jks|kdbx|key|keystore|keytab|p12|p8|pem|pfx|pkcs12|ppk)"
    r"(?:~|#|\.(?:\d+|7z|bak|br|copy|gz|old|orig|save|swo|swp|tmp|zip|zst))*",
    re.DOTALL,
)
# Names that Windows takes for devices in every folder, whatever extension follows.
_DEVICE: Final = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\xb9\xb2\xb3]) *(?:\..*)?", re.DOTALL
)
# Characters that no Windows name has; the colon would open another stream of the file.
_NOT_IN_WINDOWS: Final = re.compile(r'[\x00-\x1f<>:"|?*\\/]')
# The second, short name that Windows gives to `.environment` is `ENVIRO~1`.
_SHORT_NAME: Final = re.compile(r"[^.]{1,7}~[0-9]+(?:\.[^.]{0,3})?")


@lru_cache(maxsize=512)
def is_hidden(segments: tuple[str, ...], *, windows: bool = WINDOWS) -> bool:
    """Whether the site keeps these names to itself: dotfiles, keys, and Windows' other names.

    The parent folder, `..`, begins with a dot too.

    Args:
        segments: the names from the root of the site to the file or folder.
        windows: names are looked up as Windows does, where one file has several.
    """
    names = segments[1:] if segments[:1] == (WELL_KNOWN,) else segments
    return any(_is_hidden_name(name, windows) for name in names)


def is_hidden_target(segments: tuple[str, ...], *, directory: bool = False) -> bool:
    """Whether what a link leads to is to be kept secret.

    A folder with a dot is not refused for that alone here: the link was made for it.

    Args:
        segments: the names of the real path, from the root of the site or of the disk.
        directory: the path is a folder's.
    """
    folders, names = (segments, ()) if directory else (segments[:-1], segments[-1:])
    return any(_secret(_fold(name)) for name in folders) or any(
        _is_hidden_name(name, windows=False) for name in names
    )


def _is_hidden_name(name: str, windows: bool) -> bool:
    folded = _fold(name)
    return folded.startswith(".") or _secret(folded) or (windows and _windows_alias(name, folded))


def _fold(name: str) -> str:
    """The name as the most forgiving file system compares it.

    Windows and macOS disregard case, macOS also the way letters are composed, HFS+ invisible
    characters, and Windows trailing dots and spaces. Compatible characters (a fullwidth dot) are
    different ones to all of them.
    """
    if not name.isascii():
        decomposed = unicodedata.normalize("NFD", name)
        visible = "".join(c for c in decomposed if unicodedata.category(c) != "Cf")
        name = unicodedata.normalize("NFC", visible.casefold())
    return name.lower().rstrip(". ") or name


def _secret(folded: str) -> bool:
    return folded in _SECRET_FOLDERS or _SECRET_FILE.fullmatch(folded) is not None


def _windows_alias(name: str, folded: str) -> bool:
    return (
        name.endswith((".", " "))
        or _NOT_IN_WINDOWS.search(name) is not None
        or _DEVICE.fullmatch(folded) is not None
        or _SHORT_NAME.fullmatch(folded) is not None
    )
