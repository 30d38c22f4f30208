"""Which paths of a watched place are not watched.

Knows: the order of who decides (--ignore, then our own list, then git's ignore files from the
nearest to the farthest), and the names that editors and tools leave behind. Refuses to know: the
disk; the texts of ignore files are handed in. All paths are absolute, and judged below the watched
place only, so that a place may itself lie in a folder called `node_modules`.
"""

# Names and folders of many paths are looked at: strings, not objects.
# ruff: noqa: PTH119, PTH120

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from hotreload.errors import BadPattern
from hotreload.files import gitignore

_JUNK_FOLDERS = frozenset(
    [
        *(".git", ".hg", ".svn", ".bzr", ".jj", "CVS"),
        *("node_modules", "bower_components", ".sass-cache", ".parcel-cache", ".cache"),
        *(".venv", "venv", "__pycache__", ".eggs", ".tox", ".nox", ".direnv"),
        *(".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"),
        *(".idea", ".vscode", ".vs"),
        *(".Trash", ".Spotlight-V100", ".fseventsd"),
    ]
)
_JUNK_FILES = re.compile(
    r"""
      4913                                  # vim asks whether it may create files here
    | .*~                                   # backups of vim, emacs, gedit
    | \.(?:.+\.)?s[a-w][a-z]                # vim's swap files: .name.swp .name.swo ... .name.saa
    | .+\.sw[opx] | .+\.kate-swp
    | \.\#.* | \#.*\#                       # emacs: lock and auto-save
    | \.goutputstream-.*                    # GLib: gedit and GNOME's text editor
    | .*___jb_(?:tmp|old|bak|\w{3})___      # JetBrains' safe write
    | .+\.sb-[0-9a-f]{8}-\w{6}              # macOS' safe save
    | sed\w{6} | XX\w{6}                    # sed -i, perl -i
    | \..+\.[A-Za-z0-9]{6}                  # rsync
    | tmp[a-z0-9_]{8}                       # Python's tempfile
    | tmp[A-Za-z0-9]{6}                     # emacs' file-precious-flag
    | .+\.\d{9,}                            # npm's write-file-atomic
    | .+\.(?:orig|rej)                      # patch, git's and other merge tools
    | .+\.tmp(?:[.-].*)? | .+\.(?:bck|bak|part|crdownload|crswap|py[co])
    | \.?flycheck_.*                       # flycheck and flymake check a copy
    | \.~lock\..*\# | ~\$.*                 # LibreOffice, Microsoft Office
    | \.nfs[0-9a-f]{16,} | \.fuse_hidden.*  # deleted while open
    | \.DS_Store | \._.* | Icon\r | Thumbs\.db | desktop\.ini
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What is ignored directly in one folder.

    Attributes:
        place: the watched place that the folder belongs to.
        asked: the patterns of --ignore.
        git: the ignore files that reach here, the nearest first.
    """

    place: str
    asked: gitignore.Patterns
    git: tuple[gitignore.Patterns, ...] = ()

    def within(self, folder: str, text: str) -> "Scope":
        """The scope of a folder that has a .gitignore with this text."""
        own = gitignore.Patterns(folder, gitignore.read(text))
        return replace(self, git=(own, *self.git)) if own else self

    def ignored(self, path: str, *, folder: bool) -> bool:
        """Whether something directly in this scope's folder is not watched."""
        asked = self.asked.verdict(path, folder=folder)
        if asked is not None:
            return asked
        return is_junk(os.path.basename(path), folder=folder) or _first(self.git, path, folder)

    def refused(self, path: str) -> bool:
        """Whether --ignore names the path or a folder above it: then not even use overrules it."""
        folder = False
        while len(path) > len(self.place):
            if self.asked.verdict(path, folder=folder):
                return True
            path, folder = os.path.dirname(path), True
        return False


def is_junk(name: str, *, folder: bool) -> bool:
    """Whether a name is one that people never mean: editors' temporaries, caches, repositories."""
    return name in _JUNK_FOLDERS if folder else _JUNK_FILES.fullmatch(name) is not None


def scope(place: str, asked: Iterable[str], outer: Sequence[tuple[str, str]] = ()) -> Scope:
    """The scope of a watched place.

    Args:
        place: its absolute path.
        asked: the patterns of --ignore, relative to the place.
        outer: git's ignore files from outside of the place, the nearest first: the folder that
            each is relative to, and its text. All are left out if they ignore the place itself:
            it was chosen all the same.

    Raises:
        BadPattern: a pattern of --ignore can never match.
    """
    patterns = gitignore.Patterns(place, [_asked(pattern) for pattern in asked])
    files = [gitignore.Patterns(base, gitignore.read(text)) for base, text in outer]
    git = tuple(file for file in files if file)
    return Scope(place, patterns, () if _covers(git, place) else git)


def _asked(pattern: str) -> gitignore.Pattern:
    try:
        parsed = gitignore.parse(pattern)
    except gitignore.Invalid as reason:
        raise BadPattern(f"cannot use --ignore {pattern!r}: {reason}") from None
    if parsed is None:
        raise BadPattern(f"cannot use --ignore {pattern!r}: it is empty or a comment; write \\#")
    return parsed


def _first(git: Iterable[gitignore.Patterns], path: str, folder: bool) -> bool:
    """The nearest ignore file that says anything of a path decides."""
    for patterns in git:
        verdict = patterns.verdict(path, folder=folder)
        if verdict is not None:
            return verdict
    return False


def _covers(git: Iterable[gitignore.Patterns], place: str) -> bool:
    """Whether the ignore files above a place ignore it, or a folder above it."""
    path = place
    while path != os.path.dirname(path):
        if _first([p for p in git if p.reaches(path)], path, folder=True):
            return True
        path = os.path.dirname(path)
    return False
