"""The current rules of a site: its `_redirects` and `_headers`.

Knows: where the files lie, when they changed, and how problems in them are reported. Refuses to
know: their syntax.

A file of thousands of lines takes longer to parse than a request may wait: at the start it is
parsed before the first request, later in another thread.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from hotreload.files.open_file import NotServed, OpenFile, TooManyOpenFiles
from hotreload.reporter import Reporter
from hotreload.static.rules import header_rules, redirects
from hotreload.static.rules.header_rules import HeaderRule
from hotreload.static.rules.redirects import RuleProblem
from hotreload.static.site.file_cache import FileBusy, FileCache

REDIRECTS: Final = "_redirects"
HEADERS: Final = "_headers"
# What is larger is not read: hosts allow a few thousand lines.
MOST_BYTES: Final = 2 * 2**20
MOST_LINES: Final = 50_000
# So many lines that are no rules are named, each with so much of what is said of it.
MOST_TOLD: Final = 20
MOST_SAID: Final = 300


class _Read(NamedTuple):
    """One of the files, understood."""

    rules: redirects.RedirectTable | header_rules.HeaderTable
    remarks: Sequence[RuleProblem]


class RuleFiles:
    """The rules of a site.

    Args:
        folder: of the site.
        memory: reads the files.
        used: called with each file that was read, and the digest of its content.
        always: what --header asks for; it comes after the file's.
        cors: other origins may read the site.
        report: called with a sentence, and whether it is a problem.

    Attributes:
        redirects: which paths stand for which others.
        wanted: which headers there are for which paths.
    """

    def __init__(
        self,
        folder: Path,
        memory: FileCache,
        used: Callable[[str, str | None], None],
        *,
        always: Sequence[HeaderRule],
        cors: bool,
        report: Reporter,
    ) -> None:
        self._folder = folder
        self._file_cache = memory
        self._used = used
        self._always = tuple(always)
        self._cors = cors
        self._report = report
        self._texts: dict[str, str] = {}
        self.redirects = redirects.RedirectTable()
        self.wanted = header_rules.HeaderTable(self._always)
        for name in (REDIRECTS, HEADERS):
            text = self._changed(name)
            if text is not None:
                self._take(name, self._understood(name, text))

    async def reread(self, path: str) -> bool:
        """Takes up a changed file, if it is one of these.

        Args:
            path: of any file; only its name counts.

        Returns:
            Whether the rules are others now.
        """
        name = Path(path).name
        text = self._changed(name) if name in (REDIRECTS, HEADERS) else None
        if text is None:
            return False
        self._take(name, await asyncio.to_thread(self._understood, name, text))
        return True

    def _changed(self, name: str) -> str | None:
        """The text of a file, if it is another one than before."""
        text = self._text(name)
        if text == self._texts.get(name, ""):
            return None
        self._texts[name] = text
        return text

    def _understood(self, name: str, text: str) -> _Read:
        if name == REDIRECTS:
            found, remarks = redirects.redirects(text)
            return _Read(redirects.RedirectTable(found), remarks)
        asked, remarks = header_rules.parse(text, cors=self._cors)
        return _Read(header_rules.HeaderTable((*asked, *self._always)), remarks)

    def _take(self, name: str, read: _Read) -> None:
        if isinstance(read.rules, redirects.RedirectTable):
            self.redirects = read.rules
        else:
            self.wanted = read.rules
        for remark in read.remarks[:MOST_TOLD]:
            self._report(f"{name}:{remark.line}: {remark.sentence[:MOST_SAID]}", remark.wrong)
        if (more := len(read.remarks) - MOST_TOLD) > 0:
            self._report(f"{name}: {more:,} more lines are no rules, or do not count here", True)

    def _text(self, name: str) -> str:
        path = str(self._folder / name)
        try:
            read = self._file_cache.read(path)
        except FileBusy:
            self._used(path, "")  # of which the watcher says that it differs, once it is whole
            return self._texts.get(name, "")
        except (NotServed, TooManyOpenFiles):
            return ""
        if isinstance(read, OpenFile):
            read.close()
        if isinstance(read, OpenFile) or _is_too_large(read.data):
            self._report(f"{name} is too large to be read", True)
            return ""
        self._used(path, read.digest)
        return read.data.decode("utf-8", "replace")


def _is_too_large(data: bytes) -> bool:
    return len(data) > MOST_BYTES or data.count(b"\n") + data.count(b"\r") > MOST_LINES
