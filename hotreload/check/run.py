"""Edge: many files.

Knows: which files there are to check, how they are spread over processes, and that an anchor is
only known to be missing once its page was read. Refuses to know: what a finding is about.
"""
# Paths are strings here, as elsewhere where there are thousands of them.
# ruff: noqa: PTH100, PTH110, PTH112, PTH118, PTH120

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from hotreload.check.file_check import CheckedFile, Examined, Examiner, Options
from hotreload.check.findings import Finding
from hotreload.check.references import url_reference
from hotreload.check.references.site_files import PAGES, SHEETS, SiteFiles, top
from hotreload.check.source import rewrite, source_text
from hotreload.errors import UsageError, reason
from hotreload.files import git_excludes, ignore, untrusted_files

Progress = Callable[[int, int], None]
"""Called with the number of files that are done, and of all."""

_CHUNK: Final = 64
# A process more is worth its start only for so many files.
_FILES_A_PROCESS: Final = 400
# A page that is larger is not read: its tree would take a hundred times as much.
_MOST: Final = 64 * 2**20
# Windows waits for no more at once than these.
_MOST_PROCESSES: Final = 61


@dataclass(slots=True)
class Result:
    """What a run found.

    Attributes:
        findings: in order.
        files: how many files were looked at.
        fixed: how many findings were mended.
    """

    findings: list[Finding] = field(default_factory=list)
    files: int = 0
    fixed: int = 0


# -- which files ---------------------------------------------------------------------------------


Say = Callable[[str], None]
"""Called with a sentence for people."""


def collect(
    paths: Sequence[Path], exclude: Sequence[str] = (), say: Say = lambda _sentence: None
) -> list[CheckedFile]:
    """Returns the files to check.

    Args:
        paths: files, which are taken as they are if they are pages or style sheets, and folders,
            in which git's ignore files are heeded.
        exclude: patterns as in a .gitignore of what is left out in the given folders.
        say: called with a sentence for each ignore file that is not read.

    Raises:
        UsageError: a path does not exist, or a folder cannot be read.
        BadPattern: a pattern can never match.
    """
    places: dict[str, CheckedFile] = {}
    for path in paths:
        given = os.path.abspath(path)
        if os.path.isdir(given):
            outer = git_excludes.outer_excludes(Path(given))
            for sentence in outer.unread:
                say(sentence)
            found = _walk(ignore.scope(given, exclude, outer.texts), given, say)
            tops = top(os.path.join(given, "_"), given)
            places |= {file: CheckedFile(file, os.path.dirname(file), tops) for file in found}
        elif os.path.exists(given):
            if _is_ours(given):
                places[given] = CheckedFile(given, os.path.dirname(given), top(given, ""))
        else:
            raise UsageError(f"there is no file or folder {path}")
    return [places[file] for file in sorted(places)]


def _walk(scope: ignore.Scope, given: str, say: Say) -> Iterator[str]:
    """The files in a folder and below it; however deep, it is no recursion."""
    ahead = [(scope, given)]
    while ahead:
        scope, folder = ahead.pop()
        for path, within in _listed(scope, folder, say):
            if within is None:
                yield path
            else:
                ahead.append((within, path))


def _listed(
    scope: ignore.Scope, folder: str, say: Say
) -> Iterator[tuple[str, ignore.Scope | None]]:
    """What is in a folder: files, and folders with the scope that they inherit."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        raise UsageError(
            f"cannot read the folder {folder}: {reason(error)}; --exclude leaves it out"
        ) from None
    try:
        text = git_excludes.rules(Path(folder, ".gitignore"))
        scope = scope if text is None else scope.within(folder, text)
    except untrusted_files.NotRead as refusal:
        say(str(refusal))
    for entry in entries:
        is_folder = entry.is_dir(follow_symlinks=False)
        if not is_folder and not (_is_ours(entry.name) and entry.is_file()):
            continue
        if not scope.ignored(entry.path, folder=is_folder):
            yield entry.path, scope if is_folder else None


def _is_ours(name: str) -> bool:
    return name.lower().endswith((*PAGES, *SHEETS))


# -- the run -------------------------------------------------------------------------------------


def run(
    places: Sequence[CheckedFile],
    options: Options,
    *,
    fix: bool = False,
    jobs: int | None = None,
    progress: Progress = lambda _done, _total: None,
) -> Result:
    """Checks files.

    Args:
        places: the files.
        options: what is asked for.
        fix: mend what can be mended, and report the rest.
        jobs: how many processes; None for as many as are worth it.
        progress: is called now and then.

    Raises:
        UsageError: a file cannot be read or written.
    """
    count = min(jobs or _worth(len(places)), _MOST_PROCESSES)
    _start(options)
    with ExitStack() as stack:
        each: _Each = map
        if count > 1:
            pool = ProcessPoolExecutor(count, initializer=_start, initargs=(options,))
            each = partial(stack.enter_context(pool).map, chunksize=_CHUNK)
        fixed = sum(each(_mend, places)) if fix else 0
        examined: dict[str, Examined] = {}
        for place, one in zip(places, each(_look, places), strict=True):
            examined[place.file] = one
            progress(len(examined), len(places))
        missing = _missing(examined, each)
        again = [(place, missing[place.file]) for place in places if place.file in missing]
        for (place, _), one in zip(again, each(_look_again, again), strict=True):
            examined[place.file] = one
    findings = sorted(finding for one in examined.values() for finding in one.findings)
    return Result(findings, len(places), fixed)


def _worth(files: int) -> int:
    return min(os.cpu_count() or 1, 1 + files // _FILES_A_PROCESS)


# -- anchors of other pages ----------------------------------------------------------------------

_Missing = dict[str, frozenset[str]]


def _missing(examined: Mapping[str, Examined], each: "_Each") -> dict[str, _Missing]:
    """The fragments that other pages have no id for: by wanting file, by wanted page."""
    targets = {page for one in examined.values() for page in one.wanted}
    anchors = {file: one.anchors for file, one in examined.items()}
    unseen = sorted(targets - anchors.keys())
    anchors.update(zip(unseen, each(_anchors, unseen), strict=True))
    found: dict[str, _Missing] = {}
    for file, one in examined.items():
        for page, wanted in one.wanted.items():
            known = anchors[page]
            lost = None if known is None else url_reference.lost(wanted, known)
            if lost:
                found.setdefault(file, {})[page] = lost
    return found


# -- in each process -----------------------------------------------------------------------------

_Each = Callable[..., Iterator[Any]]
_examiner: Examiner


def _start(options: Options) -> None:
    global _examiner  # noqa: PLW0603 - processes are handed files, and keep what they know
    _examiner = Examiner(options, SiteFiles(options.roots))


def _look(place: CheckedFile) -> Examined:
    return _look_again((place, {}))


def _look_again(task: tuple[CheckedFile, _Missing]) -> Examined:
    place, missing = task
    return _examine(place, _content(place.file), missing)


def _examine(place: CheckedFile, data: bytes, missing: _Missing) -> Examined:
    if place.file.lower().endswith(SHEETS):
        return _examiner.sheet(place, data)
    return _examiner.page(place, data, missing)


def _anchors(file: str) -> frozenset[str] | None:
    try:
        return _examiner.anchors(_content(file))
    except UsageError:
        return None


def _mend(place: CheckedFile) -> int:
    """Makes the edits of a file, and returns how many."""
    data = _content(place.file)
    edits = _examine(place, data, {}).edits
    is_sheet = place.file.lower().endswith(SHEETS)
    read = source_text.sheet(data) if is_sheet else source_text.page(data)
    changed = rewrite.edited(data, read, edits) if edits else None
    if changed is None or changed == data:
        return 0
    try:
        Path(place.file).write_bytes(changed)
    except OSError as error:
        raise UsageError(f"cannot write {place.file}: {reason(error)}") from None
    return len(edits)


def _content(file: str) -> bytes:
    try:
        data = untrusted_files.read(file, _MOST)
    except untrusted_files.NotRead as refusal:
        raise UsageError(str(refusal)) from None
    if data is None:
        raise UsageError(f"cannot read {file}: it is not there any more")
    return data
