"""The rules that lie in the site's folder, `_redirects` and `_headers`, as they are now.

Knows: where they lie, when they changed, and who is told what is wrong with them. Refuses to know:
their syntax.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from hotreload.serving import headers, rules
from hotreload.serving.headers import Wanted
from hotreload.serving.memory import Memory, NotYet
from hotreload.serving.opened import NotServed, OpenFile, OutOfFiles
from hotreload.serving.rules import Remark, Rule

REDIRECTS: Final = "_redirects"
HEADERS: Final = "_headers"


class RuleFiles:
    """The rules of a site.

    Args:
        folder: of the site.
        memory: reads the files.
        used: told of each file that was read, and the digest of its content.
        always: what --header asks for; it comes after the file's.
        cors: other origins may read the site.
        report: called with a sentence, and whether it tells of a problem.

    Attributes:
        redirects: in the order of their lines.
        wanted: headers, in the order of their lines.
    """

    def __init__(
        self,
        folder: Path,
        memory: Memory,
        used: Callable[[str, str | None], None],
        *,
        always: Sequence[Wanted],
        cors: bool,
        report: Callable[[str, bool], None],
    ) -> None:
        self._folder = folder
        self._memory = memory
        self._used = used
        self._always = tuple(always)
        self._cors = cors
        self._report = report
        self._texts: dict[str, str] = {}
        self.redirects: tuple[Rule, ...] = ()
        self.wanted: tuple[Wanted, ...] = self._always
        self.reread(REDIRECTS)
        self.reread(HEADERS)

    def reread(self, path: str) -> bool:
        """Takes up a changed file, if it is one of these.

        Args:
            path: of any file; only its name counts.

        Returns:
            Whether the rules are others now.
        """
        name = Path(path).name
        if name not in (REDIRECTS, HEADERS):
            return False
        text = self._text(name)
        if text == self._texts.get(name, ""):
            return False
        self._texts[name] = text
        if name == REDIRECTS:
            found, remarks = rules.redirects(text)
            self.redirects = tuple(found)
        else:
            asked, remarks = headers.parse(text, cors=self._cors)
            self.wanted = (*asked, *self._always)
        self._tell(name, remarks)
        return True

    def _text(self, name: str) -> str:
        path = str(self._folder / name)
        try:
            read = self._memory.read(path)
        except NotYet:
            self._used(path, "")  # of which the watcher says that it differs, once it is whole
            return self._texts.get(name, "")
        except (NotServed, OutOfFiles):
            return ""
        if isinstance(read, OpenFile):
            read.close()
            self._report(f"{name} is too large to be read", True)
            return ""
        self._used(path, read.digest)
        return read.data.decode("utf-8", "replace")

    def _tell(self, name: str, remarks: Sequence[Remark]) -> None:
        for remark in remarks:
            self._report(f"{name}:{remark.line}: {remark.sentence}", remark.wrong)
