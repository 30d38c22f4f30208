"""The source of a page as a tree that edits change.

Knows: elements, texts, comments, and how they are written. Refuses to know: what browsers do with
them; sources here are well-formed, with every end tag that HTML wants.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
RAW = {"script", "style", "xmp", "noscript"}


@dataclass(eq=False)
class Node:
    """Something in an element.

    Attributes:
        owner: the name of the behaviour or the library that it is part of.
    """

    owner: str = field(default="", kw_only=True)
    parent: Element | None = field(default=None, kw_only=True, repr=False)

    def replace_with(self, *nodes: Node) -> None:
        parent, index = self.place()
        self.remove()
        for node in reversed(nodes):
            parent.insert(index, node)

    def remove(self) -> None:
        parent, index = self.place()
        del parent.kids[index]
        self.parent = None

    def place(self) -> tuple[Element, int]:
        """What it is in, and at which index."""
        if self.parent is None:
            raise ValueError(f"{self} is in nothing")
        return self.parent, next(i for i, kid in enumerate(self.parent.kids) if kid is self)

    def above(self) -> Iterator[Element]:
        up = self.parent
        while up:
            yield up
            up = up.parent


@dataclass(eq=False)
class Text(Node):
    """As it is written: character references stay."""

    data: str


@dataclass(eq=False)
class Comment(Node):
    data: str


@dataclass(eq=False)
class Element(Node):
    """Attributes are as written too; `None` stands for one without a value."""

    name: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    kids: list[Node] = field(default_factory=list)

    def insert(self, index: int, node: Node) -> None:
        node.parent = self
        self.kids.insert(index, node)

    def append(self, node: Node) -> None:
        self.insert(len(self.kids), node)

    @property
    def classes(self) -> list[str]:
        return (self.attributes.get("class") or "").split()

    @property
    def text(self) -> str:
        return "".join(kid.data for kid in self.all() if isinstance(kid, Text))

    def all(self) -> Iterator[Node]:
        """Everything below, in the order of the source."""
        for kid in self.kids:
            yield kid
            if isinstance(kid, Element):
                yield from kid.all()

    def elements(self, *names: str) -> list[Element]:
        found = (node for node in self.all() if isinstance(node, Element))
        return [element for element in found if not names or element.name in names]


def write(node: Node) -> str:
    """The source of a node."""
    if isinstance(node, Text):
        return node.data
    if isinstance(node, Comment):
        return f"<!--{node.data}-->"
    if not isinstance(node, Element):
        raise TypeError(node)
    inside = "".join(map(write, node.kids))
    if node.name == "#document":
        return inside
    start = f"<{node.name}{''.join(map(_attribute, node.attributes.items()))}>"
    return start if node.name in VOID else f"{start}{inside}</{node.name}>"


def _attribute(item: tuple[str, str | None]) -> str:
    name, value = item
    if value is None:
        return f" {name}"
    value = value.replace("&", "&amp;")
    quote = "'" if '"' in value else '"'
    return f" {name}={quote}{value}{quote}"


def copy(node: Node) -> Node:
    """The same again, with nothing above it."""
    fresh = _parse(write(node), node.owner).kids[0]
    fresh.parent = None
    return fresh


def parse(source: str, owner: str) -> list[Node]:
    """The nodes of a piece of HTML, in nothing."""
    nodes = _parse(source, owner).kids
    for node in nodes:
        node.parent = None
    return nodes


def document(source: str, owner: str) -> Element:
    """A whole page; its doctype is a text."""
    return _parse(source, owner)


def _parse(source: str, owner: str) -> Element:
    reader = _Reader(owner)
    reader.feed(source)
    reader.close()
    if len(reader.open) != 1:
        raise ValueError(f"{reader.open[-1].name} has no end in: {source}")
    return reader.open[0]


class _Reader(HTMLParser):
    CDATA_CONTENT_ELEMENTS = tuple(RAW)

    def __init__(self, owner: str) -> None:
        super().__init__(convert_charrefs=False)
        self.owner = owner
        self.open = [Element("#document", owner=owner)]

    def _add(self, node: Node) -> None:
        self.open[-1].append(node)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs), owner=self.owner)
        self._add(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if self.open[-1].name != tag:
            raise ValueError(f"</{tag}> ends {self.open[-1].name}")
        self.open.pop()

    def handle_data(self, data: str) -> None:
        last = self.open[-1].kids[-1:]
        if last and isinstance(last[0], Text):
            last[0].data += data
        else:
            self._add(Text(data, owner=self.owner))

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self._add(Comment(data, owner=self.owner))

    def handle_decl(self, decl: str) -> None:
        self._add(Text(f"<!{decl}>", owner=self.owner))
