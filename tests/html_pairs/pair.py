"""One pair, and short ways to write many down."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pair:
    """A case of the HTML patch.

    Attributes:
        group: the kind of change, in plain words.
        title: the case, in plain words.
        old: the page's source as it was loaded.
        new: the page's source now.
        operations: what is done to the page, each as one line.
        live: a script that runs in the page before the patch: what scripts or readers have done.
            `state` is an object to remember things in.
        check: a script that returns whether the page is as it should be after the patch. Without
            it the page must equal a fresh load of `new`.
        keeps: what stays, in plain words.
        reload: a part of the reason why the page is loaded again instead; "" when it is patched.
        late: whether `live` runs only after the page is tracked; else both orders are tried.
    """

    group: str
    title: str
    old: str
    new: str
    operations: tuple[str, ...] = ()
    live: str = ""
    check: str = ""
    keeps: str = ""
    reload: str = ""
    late: bool = False

    @property
    def outcome(self) -> str:
        """What a reader is told about the case."""
        if self.reload:
            return "nothing: the page is loaded again"
        return self.keeps or "all that did not change"


def page(body: str, head: str = "", attributes: str = "") -> str:
    """Return a whole page; `attributes` are those of its body element."""
    return (
        f'<!doctype html><html lang="en"><head><title>t</title>{head}</head>'
        f"<body{attributes}>{body}</body></html>"
    )


Case = Callable[..., Pair]


def bodies(group: str) -> Case:
    """Return a maker of pairs of a group whose sources differ in their bodies only."""

    def make(title: str, old: str, new: str, *operations: str, **more: object) -> Pair:
        return Pair(group, title, page(old), page(new), operations, **more)  # type: ignore[arg-type]  # the caller's keywords are Pair's

    return make


def heads(group: str) -> Case:
    """Return a maker of pairs of a group whose sources differ in their heads only."""

    def make(title: str, old: str, new: str, *operations: str, **more: object) -> Pair:
        sources = (page("<p>x</p>", old), page("<p>x</p>", new))
        return Pair(group, title, *sources, operations, **more)  # type: ignore[arg-type]  # the caller's keywords are Pair's

    return make


def wholes(group: str) -> Case:
    """Return a maker of pairs of a group from whole sources."""

    def make(title: str, old: str, new: str, *operations: str, **more: object) -> Pair:
        return Pair(group, title, old, new, operations, **more)  # type: ignore[arg-type]  # the caller's keywords are Pair's

    return make
