"""Whether a reference leads to something.

Knows: what a reference means in a folder, with a base, among the files there are. Refuses to know:
where the reference stands.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from posixpath import normpath
from typing import NamedTuple
from urllib.parse import quote

from hotreload.check.references import url_reference
from hotreload.check.references.site_files import PAGES, Hit, SiteFiles
from hotreload.check.source.leftovers import OWN


class BrokenReference(NamedTuple):
    """A reference that leads nowhere.

    Attributes:
        code: the rule.
        sentence: what is wrong.
        written: the path as it is written.
        respelt: the path as it should be, if that is sure.
    """

    code: str
    sentence: str
    written: str = ""
    respelt: str | None = None


Answer = BrokenReference | str | None
"""A page that should have the id that the fragment asks for, empty for the reference's own page.

None is a reference that is right, or that cannot be judged.
"""


class Answers:
    """What is wrong with the references of a folder, or what they want of pages.

    Many links lead to different ids of one page: what is known of one of them holds for the others.

    Args:
        judge: finds what is not known yet.
    """

    def __init__(self, judge: Callable[[str], Answer]) -> None:
        self._judge = judge
        self._known: dict[str, Answer] = {}
        self._pages: dict[str, str] = {}

    def ask(self, urls: Iterable[str]) -> tuple[dict[str, set[str]], dict[str, BrokenReference]]:
        """Returns the fragments that are wanted, by page, and what is wrong, by reference."""
        wanted: dict[str, set[str]] = {}
        wrong: dict[str, BrokenReference] = {}
        for url in urls:
            written, mark, fragment = url.partition("#")
            if mark and written in self._pages:
                wanted.setdefault(self._pages[written], set()).add(fragment)
                continue
            answer = self._answer(url)
            if isinstance(answer, BrokenReference):
                wrong[url] = answer
            elif answer is not None:
                self._pages[written] = answer
                wanted.setdefault(answer, set()).add(fragment)
        return wanted, wrong

    def leading(self, urls: Iterable[str], lost: Mapping[str, Collection[str]]) -> Iterator[str]:
        """Returns those of these references that lead to fragments that their pages lack."""
        for url in urls:
            written, _, fragment = url.partition("#")
            page = self._pages.get(written)
            if page is not None and fragment in lost.get(page, ()):
                yield url

    def _answer(self, url: str) -> Answer:
        if url not in self._known:
            self._known[url] = self._judge(url)
        return self._known[url]


class Judge:
    """Judges the references of one run; the same path in the same folder only once.

    Args:
        tree: the files there are.
        elsewhere: patterns of addresses that something else answers.
    """

    def __init__(self, tree: SiteFiles, elsewhere: Sequence[str] = ()) -> None:
        self._tree = tree
        self._elsewhere = tuple(elsewhere)
        self._known: dict[tuple[str, str], BrokenReference | str] = {}
        self._right: dict[tuple[str, str], str] = {}
        self._answers: dict[tuple[str, str, str | None], Answers] = {}

    def answers(self, folder: str, top: str, base: str | None = None) -> Answers:
        """The answers to references, by what is written.

        Args:
            folder: the folder of the files that they stand in.
            top: the folder above which nothing is known.
            base: what the document's `<base>` says; None without one.
        """
        key = (folder, top, base)
        if key not in self._answers:
            self._answers[key] = Answers(lambda url: self.judge(url, folder, top, base))
        return self._answers[key]

    def judge(self, url: str, folder: str, top: str, base: str | None = None) -> Answer:
        """The answer to one reference."""
        address = url_reference.local(url)
        if (
            address is None
            or OWN in address.path
            or (base is not None and url_reference.local(base) is None)
        ):
            return None
        anchor = url_reference.anchor(address.fragment)
        path = address.path if base is None else _joined(base, address.path)
        if not path:
            return "" if anchor else None
        key = (path, folder)
        if key not in self._known:
            self._known[key] = self._answer(path, address.path, folder, top)
        answer = self._known[key]
        if not isinstance(answer, str):
            return answer
        return answer if anchor and answer.lower().endswith(PAGES) else None

    def judge_import(self, url: str, folder: str, top: str) -> Answer:
        """The same for the string of an `@import`, which bundlers read as the name of a package."""
        if url.startswith((".", "/")):
            return self.judge(url, folder, top)
        if not url.partition("?")[0].lower().endswith(".css"):
            return None
        package = self._tree.find(
            ["node_modules", *url_reference.names(url)], folder, top, rooted=True
        )
        return None if package else self.judge(url, folder, top)

    def _answer(self, path: str, written: str, folder: str, top: str) -> BrokenReference | str:
        """What is wrong with a path, or the file that it leads to; empty if it cannot be judged."""
        if self._is_elsewhere(written):
            return ""
        place = _place(path, folder, top)
        if (place, top) in self._right:
            return self._right[place, top]
        hit = self._find(path, folder, top)
        if hit is None:
            return self._missing(path, written, folder, top)
        if hit.spelt:
            return _wrong_case(written, hit.spelt)
        if place:
            self._right[place, top] = hit.file
        return hit.file

    def _is_elsewhere(self, path: str) -> bool:
        return any(fnmatchcase(path, pattern) for pattern in self._elsewhere)

    def _find(self, path: str, folder: str, top: str) -> Hit | None:
        names = url_reference.names(path.lstrip("/"))
        return self._tree.find(names, folder, top, rooted=path.startswith("/"))

    def _missing(self, path: str, written: str, folder: str, top: str) -> BrokenReference | str:
        names = url_reference.names(path)
        if not path.startswith("/") and self._tree.is_ignored(names, folder, top):
            return ""
        return BrokenReference("HR101", f'"{written}" leads to no file')


def _place(path: str, folder: str, top: str) -> str:
    """What a plain path means, seen from wherever; empty where each name of it has to be tried."""
    ups = path.count("..")
    is_plain = path[0] != "/" and "%" not in path and "/.." not in path.lstrip("./")
    is_inside = ups <= folder.count("/") - top.count("/")
    return normpath(f"{folder}/{path}") if is_plain and is_inside else ""


def _joined(base: str, path: str) -> str:
    """A path relative to the document's base."""
    if path.startswith("/"):
        return path
    return base[: base.rfind("/") + 1] + path if path else base


def _wrong_case(written: str, spelt: Sequence[str]) -> BrokenReference:
    raw = written.lstrip("/").split("/")
    slashes = written[: len(written) - len(written.lstrip("/"))]
    own = spelt[-len(raw) :]
    named = url_reference.names("/".join(raw))
    parts = [
        old if name == new else quote(new.encode("utf-8", "surrogateescape"), safe="!$&()*+,;=:@~")
        for old, name, new in zip(raw, named, own, strict=True)
    ]
    respelt = slashes + "/".join(parts)
    sentence = f'"{written}" differs in case from the file: "{respelt}"'
    return BrokenReference("HR102", sentence, written, respelt if respelt != written else None)
