"""Whole pages: some behaviours among ordinary content, or a library's page with such content.

Knows: where things stand in real pages. Refuses to know: what is edited in them.
"""

from dataclasses import dataclass, field
from random import Random

from differential import parts
from differential.tree import Element, Node, Text, document, parse, write

ORDINARY = "ordinary"


@dataclass
class Page:
    """A page, and the files of its scripts by name."""

    tree: Element
    files: dict[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        return write(self.tree)

    def find(self, name: str) -> Element:
        return self.tree.elements(name)[0]


def of_behaviours(names: list[str], random: Random, prefix: str) -> Page:
    """Some behaviours with ordinary content between them.

    Args:
        prefix: what the names of the page's own script files begin with.
    """
    page = Page(document(_frame(random), ORDINARY))
    body = page.find("body")
    body.append(_ordinary(random))
    late: list[Node] = []
    for index, name in enumerate(names):
        for node in parts.part(name, random, "abcdefgh"[index]):
            late += _stand(node, page, random, f"{prefix}-{index}")
        body.append(Text("\n", owner=ORDINARY))
        if random.random() < 0.5:
            body.append(_ordinary(random))
    for node in late:
        body.append(node)
        body.append(Text("\n", owner=ORDINARY))
    return page


def _stand(node: Node, page: Page, random: Random, name: str) -> list[Node]:
    """Put a part's node in its place; what comes at the end of the body is given back."""
    head, body = page.find("head"), page.find("body")
    if not isinstance(node, Element):
        body.append(node)
    elif node.name == "body":
        body.attributes |= node.attributes
    elif node.name in {"meta", "link"}:
        head.append(node)
    elif node.name == "script" and node.attributes.get("type") != "application/json":
        return _script(node, page, random, name)
    else:
        body.append(node)
    return []


def _script(script: Element, page: Page, random: Random, name: str) -> list[Node]:
    place = script.attributes.pop("data-place", "any")
    ways = ["here", "here", "here", "late", "late", "file"]
    if place == "any" and "type" not in script.attributes:
        code = script.text
        wrap = random.choice(["{}", "block", "function"])
        if wrap == "block":
            code = f"\n{{{code}}}\n"
        elif wrap == "function":
            code = f"\n(() => {{{code}}})();\n"
        script.kids = [Text(code, owner=script.owner, parent=script)]
        ways += ["defer", "async", "module", "load"]
    way = random.choice(ways)
    if way == "module":
        script.attributes["type"] = "module"
    if way == "load":
        code = f'\naddEventListener("DOMContentLoaded", () => {{{script.text}}});\n'
        script.kids = [Text(code, owner=script.owner, parent=script)]
    if way in {"file", "defer", "async"}:
        # The other file is for a script's address that changes.
        page.files[f"{name}.js"] = script.text
        page.files[f"{name}-new.js"] = f'{script.text}\ndocument.body.dataset.other = "{name}";\n'
        script.attributes["src"] = f"/{name}.js"
        script.kids = []
    if way == "defer":
        script.attributes["defer"] = None
        page.find("head").append(script)
        return []
    if way == "async":
        script.attributes["async"] = None
    if way in {"late", "async"}:
        return [script]
    page.find("body").append(script)
    return []


def of_library(name: str, random: Random) -> Page:
    """A library's page, with ordinary content away from what the library touches."""
    page = Page(document(_frame(random), ORDINARY))
    head, body = page.find("head"), page.find("body")
    body.append(_ordinary(random))
    nodes = parts.part(name, random, "")
    for node in nodes:
        if isinstance(node, Element) and node.name == "head":
            for kid in node.kids:
                head.append(kid)
        else:
            body.append(node)
    scripts = [kid for kid in body.kids if isinstance(kid, Element) and kid.name == "script"]
    body.insert(scripts[0].place()[1] if scripts else len(body.kids), _ordinary(random))
    return page


def _frame(random: Random) -> str:
    title = f"{parts.word(random)} {parts.word(random)}"
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{title}</title>\n"
        f'<link rel="stylesheet" href="/site/plain.css">\n<style>{_rules(random)}</style>\n'
        "</head>\n<body>\n</body>\n</html>\n"
    )


def _rules(random: Random) -> str:
    return (
        f"\nh2 {{ color: rgb({parts.number(random)}, 20, 90) }}\n"
        f".lead {{ margin: {random.randint(1, 30)}px; padding: 2px }}\n"
    )


CONTENT = (
    "<h2>@w@ @w@</h2>",
    '<p class="lead">@s@</p>',
    "<p>@s@ <b>@w@</b> @s@</p>",
    '<p style="margin: @d@px">@s@</p>',
    '<p>@w@ <a href="/site/plain.css?@w@">@w@</a> @w@</p>',
    '<ul class="plain"><li>@w@</li><li>@w@ @d@</li></ul>',
    '<img src="/site/one.svg" alt="@w@" width="20" height="20">',
    '<section class="card"><h3>@w@</h3><p title="@w@">@s@</p></section>',
    "<blockquote>@s@</blockquote>",
)


def _ordinary(random: Random) -> Element:
    chosen = random.sample(CONTENT, random.randint(2, 5))
    inside = "\n".join(parts.fill(text, random, "") for text in chosen)
    (section,) = parse(f'<section class="text">\n{inside}\n</section>', ORDINARY)
    if not isinstance(section, Element):
        raise TypeError(section)
    return section
