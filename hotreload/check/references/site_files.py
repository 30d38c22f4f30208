"""Edge: which files there are, how their names are spelt, and what git ignores.

Knows: the folders of a site as listings, kept for the run; that a site answers `/about` with
`about.html`. Refuses to know: addresses that are not paths, and what is in a file.
"""
# Paths are strings here, as elsewhere where there are thousands of them.
# ruff: noqa: PTH109, PTH118, PTH120, PTH206, PTH208

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from hotreload.files import git_excludes, gitignore, untrusted_files

PAGES: Final = (".html", ".htm")
SHEETS: Final = (".css",)
_INDEXES: Final = tuple(f"index{suffix}" for suffix in PAGES)
# Folders whose content build tools copy into the root of the site.
_COPIED: Final = ("public", "static")
# Content negotiation answers x.html with x.html.en, and x.css with x.css.gz.
_MOST_KNOWN: Final = 200  # ignore files
_VARIANT: Final = re.compile(r"\.[a-z]{2}(?:-[a-z]{2,4})?(?:\.[a-z0-9-]+)?", re.IGNORECASE)


class Hit(NamedTuple):
    """What a path leads to.

    Attributes:
        file: the absolute path; empty where it is not known.
        spelt: how each name on the path is spelt on the disk; empty if it is as written.
    """

    file: str
    spelt: tuple[str, ...] = ()


_SOMEWHERE: Final = Hit("")


@dataclass(slots=True)
class _Listing:
    names: frozenset[str] = frozenset()
    folded: dict[str, str] = field(default_factory=dict)

    def like(self, name: str) -> str | None:
        """The name that is the same but for case and the way that accents are composed."""
        if not self.folded:
            self.folded = {_fold(each): each for each in self.names}
        return self.folded.get(_fold(name))


def _fold(name: str) -> str:
    return _composed(name).casefold()


def _composed(name: str) -> str:
    return name if name.isascii() else unicodedata.normalize("NFC", name)


class SiteFiles:
    """The files around a site.

    Args:
        roots: the folders that `/` means; none if that is to be guessed.
    """

    def __init__(self, roots: Sequence[str] = ()) -> None:
        self._roots = tuple(roots)
        self._listings: dict[str, _Listing] = {}
        self._bases: dict[tuple[str, str], tuple[str, ...]] = {}
        self._patterns: dict[str, gitignore.Patterns] = {}

    def find(self, names: Sequence[str], folder: str, top: str, *, rooted: bool) -> Hit | None:
        """What a path leads to; None if that does not exist.

        Args:
            names: the names on the path, decoded; the last is empty behind a slash.
            folder: what the path is relative to.
            top: the folder above which nothing is known.
            rooted: the path begins with a slash. Without roots any folder from `folder` up to
                `top` may be the one that is meant.
        """
        bases = self._possible_roots(folder, top) if rooted else (folder,)
        hits = [self._walk(base, names, base if rooted else top) for base in bases]
        found = [hit for hit in hits if hit is not None]
        return min(found, key=lambda hit: len(hit.spelt), default=None)

    def is_ignored(self, names: Sequence[str], folder: str, top: str) -> bool:
        """Whether git ignores what a relative path leads to: then a build may yet make it."""
        path = os.path.normpath(os.path.join(folder, *names))
        return self._ignores(path, top, folder=False) and not self._ignores(
            folder, top, folder=True
        )

    def read(self, file: str) -> bytes | None:
        """The content of a small file; None if there is none to be read."""
        try:
            return untrusted_files.read(file)
        except untrusted_files.NotRead:
            return None

    # -- names -----------------------------------------------------------------------------------

    def _walk(self, here: str, names: Sequence[str], top: str) -> Hit | None:
        spelt: list[str] = []
        for index, name in enumerate(names[:-1]):
            actual = self._step(here, name, top)
            if actual is None:
                is_last = list(names[index + 1 :]) == [""]
                return self._clean(here, name) if is_last else None
            if actual == _OUTSIDE:
                return _SOMEWHERE
            here = self._join(here, actual)
            spelt.append(actual)
        return self._last(here, names, spelt, top)

    def _last(self, here: str, names: Sequence[str], spelt: list[str], top: str) -> Hit | None:
        name = names[-1]
        actual = self._step(here, name, top)
        if actual == _OUTSIDE:
            return _SOMEWHERE
        if actual is None or (actual != name and self._clean(here, name)):
            return self._clean(here, name)
        file = self._join(here, actual)
        spelt.append(actual)
        same = all(map(_same, names, spelt))
        return Hit(self._index(file), () if same else tuple(spelt))

    def _step(self, here: str, name: str, top: str) -> str | None:
        if name in ("", "."):
            return name
        if name == "..":
            return _OUTSIDE if here == top else name
        listing = self._listing(here)
        return name if name in listing.names else listing.like(name)

    @staticmethod
    def _join(here: str, name: str) -> str:
        if name in ("", "."):
            return here
        return os.path.dirname(here) if name == ".." else os.path.join(here, name)

    def _clean(self, here: str, name: str) -> Hit | None:
        """A page without its suffix, or one in several languages."""
        names = self._listing(here).names
        for suffix in PAGES:
            if name + suffix in names:
                return Hit(os.path.join(here, name + suffix))
        length = len(name)
        variants = (n for n in names if n.startswith(name) and _VARIANT.fullmatch(n, length))
        return _SOMEWHERE if name and any(variants) else None

    def _index(self, path: str) -> str:
        names = self._listing(path).names
        if not names:
            return path
        return next((os.path.join(path, index) for index in _INDEXES if index in names), "")

    def _listing(self, folder: str) -> _Listing:
        known = self._listings.get(folder)
        if known is None:
            known = self._listings[folder] = _Listing(_names(folder))
        return known

    # -- roots -----------------------------------------------------------------------------------

    def _possible_roots(self, folder: str, top: str) -> tuple[str, ...]:
        known = self._bases.get((folder, top))
        if known is None:
            bases = self._roots or tuple(_upwards(folder, top))
            known = self._bases[folder, top] = (*bases, *self._copied(bases))
        return known

    def _copied(self, bases: Sequence[str]) -> Iterator[str]:
        for base in () if self._roots else bases:
            for name in _COPIED:
                if name in self._listing(base).names:
                    yield os.path.join(base, name)

    # -- git -------------------------------------------------------------------------------------

    def _ignores(self, path: str, top: str, *, folder: bool) -> bool:
        """Whether git ignores a path or a folder above it: the nearest file that says it decides.

        Looked at are the ignore files of the folders that there are, each once.
        """
        if not path.startswith(os.path.join(top, "")):
            return False
        said: list[bool | None] = [None] * (path.count(os.sep) - top.rstrip(os.sep).count(os.sep))
        for base in reversed(list(self._existing(path, top))):
            patterns = self._ignore_file(base)
            if patterns:
                verdicts = [*patterns.folders(path), patterns.verdict(path, folder=folder)]
                first = len(said) - len(verdicts)
                said[first:] = [
                    new if old is None else old
                    for old, new in zip(said[first:], verdicts, strict=True)
                ]
        return True in said

    def _existing(self, path: str, top: str) -> Iterator[str]:
        """The folders that there are on the way to a path, the top first."""
        here = top
        yield here
        for name in path[len(os.path.join(top, "")) :].split(os.sep)[:-1]:
            if name not in self._listing(here).names:
                return
            here = os.path.join(here, name)
            yield here

    def _ignore_file(self, folder: str) -> gitignore.Patterns:
        if folder not in self._patterns:
            if len(self._patterns) == _MOST_KNOWN:
                self._patterns.clear()
            try:
                text = git_excludes.rules(Path(folder, ".gitignore")) or ""
            except untrusted_files.NotRead:
                text = ""
            self._patterns[folder] = gitignore.Patterns(folder, gitignore.read(text))
        return self._patterns[folder]


_OUTSIDE: Final = "/"  # no name is this


def _same(written: str, actual: str) -> bool:
    return written == actual or _composed(written) == _composed(actual)


def _names(folder: str) -> frozenset[str]:
    try:
        return frozenset(os.listdir(folder))
    except (OSError, ValueError):
        return frozenset()


def _upwards(path: str, top: str) -> Iterator[str]:
    """A path and the folders above it, the last being the top."""
    yield path
    while path != top and path != (path := os.path.dirname(path)):
        yield path


def top(file: str, given: str) -> str:
    """The folder above which nothing is known of a file's site.

    Args:
        file: an absolute path.
        given: the folder in which the file was found; empty if the file itself was given.

    Returns:
        The top of its git repository, or the given folder, or the current one.
    """
    repository = git_excludes.repository(Path(file).parent)
    if repository is not None:
        return str(repository)
    here = os.getcwd()
    return given or (here if file.startswith(os.path.join(here, "")) else os.path.dirname(file))
