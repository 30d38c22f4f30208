"""Files are written, checked as the command checks them, and what was found is told shortly."""

import re
from pathlib import Path

from hotreload.check import file_check, findings, run

WHOLE = "<!doctype html><html><head><title>t</title></head><body>{}</body></html>"
EVERY = frozenset(findings.RULES)


def page(body: str) -> str:
    """A page in which nothing is wrong but what is in its body."""
    return WHOLE.format(body)


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def check(folder: Path, *names: str, fix: bool = False, **options: object) -> run.Result:
    """Checks these files, or the folder, with one process."""
    paths = [folder / name for name in names] or [folder]
    given = {"codes": EVERY, **options}
    return run.run(run.collect(paths), file_check.Options(**given), fix=fix, jobs=1)  # type: ignore[arg-type]


def said(folder: Path, files: dict[str, str | bytes], **options: object) -> list[str]:
    """What is found: `file CODE sentence`, without the places."""
    found = check(write(folder, files), **options).findings
    return [f"{Path(f.file).relative_to(folder).as_posix()} {f.code} {f.sentence}" for f in found]


def codes(folder: Path, body: str, *more: str) -> list[str]:
    """The codes found in a page with this body, beside which these files exist."""
    files: dict[str, str | bytes] = dict.fromkeys(more, "")
    lines = said(folder, {**files, "page.html": page(body)})
    return [re.split(" ", line)[1] for line in lines]


def places(
    folder: Path, source: str | bytes, name: str = "page.html"
) -> list[tuple[int, int, str]]:
    """Line, column and code of what is found in one file."""
    found = check(write(folder, {name: source})).findings
    return [(f.line, f.column, f.code) for f in found]
