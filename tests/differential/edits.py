"""Random edits of a page's file, of the kinds that people make.

Knows: how a source is changed, and whose part that is. Refuses to know: what the change does in a
browser.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from differential import parts
from differential.pages import ORDINARY, Page
from differential.tree import Comment, Element, Node, Text, copy, parse, write

KINDS = ("text", "style", "attribute", "structure", "script", "space", "several")
WEIGHTS = (6, 2, 5, 6, 4, 1, 2)
AWAY = "away"  # texts and styles of what no script touches


@dataclass
class Edit:
    """What was done.

    Attributes:
        kind: text, style, attribute, structure, script, space, or several of them.
        owner: the behaviour or library whose part was edited; ORDINARY for what no script touches.
        what: for people.
    """

    kind: str
    owner: str
    what: str


Done = tuple[Node, str] | None
Way = Callable[[Page, list[Node], Random], Done]


def edit(page: Page, random: Random, kind: str = "", owner: str = "") -> Edit:
    """Change the page's tree.

    Args:
        kind: one of KINDS, or AWAY; any of KINDS if it is empty.
        owner: whose part; anybody's if it is empty.
    """
    before = page.source
    for _ in range(200):
        chosen = kind or random.choices(KINDS, WEIGHTS)[0]
        done = (
            _several(page, random, owner)
            if chosen == "several"
            else _one(page, random, chosen, owner)
        )
        if done and page.source != before:
            return done
    raise ValueError(f"nothing of {owner or 'the page'} can be edited as {kind or 'anything'}")


def _one(page: Page, random: Random, kind: str, owner: str) -> Edit | None:
    nodes = [node for node in page.tree.all() if not owner or node.owner == owner]
    done = random.choice(WAYS[kind])(page, nodes, random) if nodes else None
    return Edit(kind, done[0].owner, done[1]) if done else None


def _several(page: Page, random: Random, owner: str) -> Edit:
    kinds = [random.choice(KINDS[:5]) for _ in range(random.randint(2, 3))]
    some = [done for kind in kinds if (done := _one(page, random, kind, owner))]
    whose = {one.owner for one in some} - {ORDINARY}
    return Edit("several", min(whose, default=ORDINARY), "; ".join(one.what for one in some))


# Texts. ----------------------------------------------------------------------------------------


def _texts(nodes: list[Node]) -> list[Text]:
    def is_shown(node: Node) -> bool:
        parent = node.parent
        return (
            isinstance(node, Text)
            and parent is not None
            and parent.name not in {"style", "#document"}
            and (parent.name != "script" or parent.attributes.get("type") in DATA)
            and bool(node.data.strip())
        )

    return [node for node in nodes if isinstance(node, Text) and is_shown(node)]


DATA = {"application/json", "text/template", "text/x-template", "text/plain"}


def change_a_word(page: Page, nodes: list[Node], random: Random) -> Done:
    return _change_text(nodes, random, r"[A-Za-z]{3,}", parts.word)


def change_a_number(page: Page, nodes: list[Node], random: Random) -> Done:
    return _change_text(nodes, random, r"\d+", parts.number)


def change_a_sign(page: Page, nodes: list[Node], random: Random) -> Done:
    """What scripts look for in texts."""
    signs = ("$a$", "$b$", "{{name}}", "{{place}}", ":heart:", ":star:", "example.com/new")
    return _change_text(
        nodes, random, r"\$\w+\$|\{\{\w+\}\}|:\w+:|example\.com/\w+", lambda r: r.choice(signs)
    )


def add_a_sign(page: Page, nodes: list[Node], random: Random) -> Done:
    signs = ("$z$", "{{name}}", ":star:", "example.com/more")
    return _change_text(nodes, random, r"\b(?=\w)", lambda r: r.choice(signs) + " ")


def add_a_word(page: Page, nodes: list[Node], random: Random) -> Done:
    return _change_text(nodes, random, r"$", lambda r: " " + parts.word(r))


def _change_text(
    nodes: list[Node], random: Random, pattern: str, make: Callable[[Random], str]
) -> Done:
    found = [(text, list(re.finditer(pattern, text.data))) for text in _texts(nodes)]
    found = [(text, matches) for text, matches in found if matches]
    if not found:
        return None
    text, matches = random.choice(found)
    match = random.choice(matches)
    fresh = make(random)
    text.data = text.data[: match.start()] + fresh + text.data[match.end() :]
    return (
        text,
        f"the text {match[0]!r} becomes {fresh!r} in <{text.parent.name if text.parent else ''}>",
    )


# Style. ----------------------------------------------------------------------------------------


def change_a_rule(page: Page, nodes: list[Node], random: Random) -> Done:
    """One that moves nothing: what scripts have measured is not known."""
    sheets = [node for node in nodes if isinstance(node, Element) and node.name == "style"]
    if not sheets:
        return None
    sheet = random.choice(sheets)
    (text,) = sheet.kids
    if not isinstance(text, Text):
        return None
    if random.random() < 0.3:
        text.data += f"p {{ text-decoration-thickness: {random.randint(1, 9)}px }}\n"
    else:
        text.data = re.sub(r"\d+", lambda _: parts.number(random), text.data, count=1)
    return sheet, "a rule of a <style>"


def change_a_style(page: Page, nodes: list[Node], random: Random) -> Done:
    element = _any_element(nodes, random)
    if not element:
        return None
    old = element.attributes.get("style") or ""
    properties = [part for part in old.split(";") if part.strip()]
    if properties and random.random() < 0.5:
        properties[random.randrange(len(properties))] = f"color: rgb({parts.number(random)}, 0, 0)"
    else:
        properties.append(f"padding: {random.randint(1, 20)}px")
    element.attributes["style"] = "; ".join(part.strip() for part in properties)
    return element, f"style of <{element.name}> becomes {element.attributes['style']!r}"


# Attributes. -----------------------------------------------------------------------------------

FIXED = {"html", "head", "body", "script", "style", "title", "meta", "link", "base", "template"}


def _any_element(nodes: list[Node], random: Random) -> Element | None:
    found = [
        node
        for node in nodes
        if isinstance(node, Element)
        and node.name not in FIXED
        and not any(up.name in {"svg", "head"} for up in node.above())
    ]
    return random.choice(found) if found else None


def change_a_class(page: Page, nodes: list[Node], random: Random) -> Done:
    element = _any_element(nodes, random)
    if not element:
        return None
    classes = element.classes
    way = random.choice(["add", "add", "remove", "change"])
    if way == "add" or not classes:
        known = {name for node in page.tree.elements() for name in node.classes}
        classes.append(random.choice([*sorted(known), "note", "wide", parts.word(random)]))
    elif way == "remove":
        classes.remove(random.choice(classes))
    else:
        classes[random.randrange(len(classes))] = parts.word(random)
    if classes:
        element.attributes["class"] = " ".join(classes)
    else:
        element.attributes.pop("class", None)
    return element, f"class of <{element.name}> becomes {' '.join(classes)!r}"


def change_a_value(page: Page, nodes: list[Node], random: Random) -> Done:
    """Of an attribute that is there: a word or a number in it."""
    found = [
        (node, name)
        for node in nodes
        if isinstance(node, Element)
        for name, value in node.attributes.items()
        if value
        and name not in {"style", "class", "charset"}
        and (node.name, name) not in FIXED_VALUES
    ]
    if not found:
        return None
    element, name = random.choice(found)
    value = element.attributes[name] or ""
    if name in {"src", "data-src"} and value.startswith("/site/one.svg"):
        fresh = value.replace("one.svg", "two.svg")
    else:
        places = list(re.finditer(r"[A-Za-z]{3,}|\d+", value))
        if not places:
            return None
        place = random.choice(places)
        make = parts.number if place[0].isdigit() else parts.word
        fresh = value[: place.start()] + make(random) + value[place.end() :]
    element.attributes[name] = fresh
    return element, f"{name} of <{element.name}> from {value!r} to {fresh!r}"


# What the page did with the value before stays done: a fresh load of another one does not have it.
FIXED_VALUES = {
    ("details", "name"),
    ("form", "method"),
    ("iframe", "srcdoc"),
    ("script", "src"),
    ("script", "type"),
    ("link", "href"),
    ("link", "rel"),
    ("input", "type"),
}


def remove_an_attribute(page: Page, nodes: list[Node], random: Random) -> Done:
    found = [
        (node, name)
        for node in nodes
        if isinstance(node, Element) and node.name not in FIXED
        for name in node.attributes
        if name != "style" and (node.name, name) not in {("form", "method"), ("details", "name")}
    ]
    if not found:
        return None
    element, name = random.choice(found)
    value = element.attributes.pop(name)
    return element, f"{name}={value!r} of <{element.name}> goes"


def add_an_attribute(page: Page, nodes: list[Node], random: Random) -> Done:
    element = _any_element(nodes, random)
    if not element:
        return None
    name, value = random.choice(
        [
            ("title", parts.word(random)),
            ("data-note", parts.word(random)),
            ("hidden", ""),
            ("lang", "de"),
            ("id", f"{parts.word(random)}{parts.number(random)}"),
            ("onclick", "hit('added')"),
            ("tabindex", "0"),
            ("aria-label", parts.word(random)),
        ]
    )
    if name in element.attributes:
        return None
    element.attributes[name] = value
    return element, f"{name}={value!r} comes to <{element.name}>"


# Structure. ------------------------------------------------------------------------------------


def _movable(nodes: list[Node], random: Random) -> Element | None:
    found = [
        node
        for node in nodes
        if isinstance(node, Element)
        and node.name
        not in {*FIXED, "option", "tbody", "thead", "table", "tr", "td", "th", "summary"}
        and node.parent
        and node.parent.name not in {"head", "html"}
    ]
    return random.choice(found) if found else None


def insert_one_more(page: Page, nodes: list[Node], random: Random) -> Done:
    """One more of the kind that is there already, beside it."""
    found = [
        node
        for node in nodes
        if isinstance(node, Element)
        and node.name not in FIXED
        and node.parent
        and not any(up.name == "head" for up in node.above())
    ]
    if not found:
        return None
    model = random.choice(found)
    fresh = copy(model)
    for node in [fresh, *(fresh.all() if isinstance(fresh, Element) else [])]:
        if isinstance(node, Element):
            node.attributes.pop("id", None)
        elif isinstance(node, Text):
            node.data = re.sub(r"[A-Za-z]{3,}", lambda _: parts.word(random), node.data)
    parent, index = model.place()
    parent.insert(index + random.randint(0, 1), fresh)
    return fresh, f"one more <{model.name}>"


NEW = (
    "<p>@s@</p>",
    "<div>@w@ $q$ {{name}} :star:</div>",
    "<h3>@w@ @w@</h3>",
    "<h2>@w@</h2>",
    "<button>@w@</button>",
    "<button onclick=\"hit('new'); this.classList.toggle('on')\">@w@</button>",
    '<span title="@w@">@w@</span>',
    '<img data-src="/site/two.svg" alt="@w@" width="20" height="20">',
    "<details><summary>@w@</summary><p>@w@</p></details>",
    "<!-- @w@ -->",
    "<table><tbody><tr><td>@d@</td></tr></tbody></table>",
)


def insert_something_new(page: Page, nodes: list[Node], random: Random) -> Done:
    beside = _movable(nodes, random)
    if not beside or beside.parent is None or beside.parent.name in {"ul", "ol", "select", "p"}:
        return None
    (fresh,) = parse(parts.fill(random.choice(NEW), random, ""), beside.owner)
    parent, index = beside.place()
    parent.insert(index + random.randint(0, 1), fresh)
    return fresh, f"new: {write(fresh)}"


def remove_one(page: Page, nodes: list[Node], random: Random) -> Done:
    element = _movable(nodes, random)
    if not element:
        return None
    element.remove()
    return element, f"<{element.name}> goes"


def comment_one_out(page: Page, nodes: list[Node], random: Random) -> Done:
    element = _movable(nodes, random)
    if not element or "--" in write(element):
        return None
    element.replace_with(Comment(f" {write(element)} ", owner=element.owner))
    return element, f"<{element.name}> is commented out"


def move_one(page: Page, nodes: list[Node], random: Random) -> Done:
    element = _movable(nodes, random)
    if not element:
        return None
    parent, index = element.place()
    others = [
        other.place()[1]
        for other in parent.kids
        if isinstance(other, Element) and other is not element and other.name not in FIXED
    ]
    if not others:
        return None
    element.remove()
    to = random.choice(others)
    parent.insert(min(to, len(parent.kids)), element)
    return element, f"<{element.name}> moves from {index} to {to}"


def wrap_one(page: Page, nodes: list[Node], random: Random) -> Done:
    element = _movable(nodes, random)
    if (
        not element
        or element.name in {"li", "details", "figcaption"}
        or (element.parent and element.parent.name == "p")
    ):
        return None
    box = Element("div", {"class": "box"}, owner=element.owner)
    element.replace_with(box)
    box.append(element)
    return element, f"<{element.name}> is wrapped"


def unwrap_one(page: Page, nodes: list[Node], random: Random) -> Done:
    element = _movable(nodes, random)
    if not element or element.name not in {"div", "section", "b", "i", "span"}:
        return None
    kids = list(element.kids)
    element.replace_with(*kids)
    return element, f"<{element.name}> is unwrapped"


# Scripts. --------------------------------------------------------------------------------------


def _scripts(nodes: list[Node]) -> list[Element]:
    return [
        node
        for node in nodes
        if isinstance(node, Element)
        and node.name == "script"
        and node.attributes.get("type") not in {*DATA, "importmap"}
    ]


def _inline(nodes: list[Node], random: Random) -> tuple[Element, Text] | None:
    found = [
        (script, script.kids[0])
        for script in _scripts(nodes)
        if "src" not in script.attributes and script.kids
    ]
    texts = [(script, text) for script, text in found if isinstance(text, Text)]
    return random.choice(texts) if texts else None


LITERAL = r"""(?<![\w.@#"'])\d+(?![\w."'])|(?<== ")\w+(?=")|(?<=, ")[a-z]+(?="\))"""


def change_a_literal(page: Page, nodes: list[Node], random: Random) -> Done:
    """In an inline script, a number or a word in quotes that names nothing."""
    chosen = _inline(nodes, random)
    if not chosen:
        return None
    script, text = chosen
    places = list(re.finditer(LITERAL, text.data))
    if not places:
        return None
    place = random.choice(places)
    fresh = str(random.randint(0, 9)) if place[0].isdigit() else parts.word(random)
    text.data = text.data[: place.start()] + fresh + text.data[place.end() :]
    return script, f"a script's {place[0]} becomes {fresh}"


def reformat(page: Page, nodes: list[Node], random: Random) -> Done:
    chosen = _inline(nodes, random)
    if not chosen:
        return None
    script, text = chosen
    way = random.choice(["space", "comment", "newline"])
    more = {"space": " ", "comment": f"// {parts.word(random)}\n", "newline": "\n\n"}[way]
    text.data = text.data + more if random.random() < 0.5 else more + text.data
    return script, f"a {way} more in a script"


def add_a_line(page: Page, nodes: list[Node], random: Random) -> Done:
    chosen = _inline(nodes, random)
    if not chosen:
        return None
    script, text = chosen
    text.data += f'document.body.dataset.{parts.word(random)} = "{parts.word(random)}";\n'
    return script, "a line more in a script"


def remove_a_script(page: Page, nodes: list[Node], random: Random) -> Done:
    scripts = _scripts(nodes)
    if not scripts:
        return None
    script = random.choice(scripts)
    script.remove()
    return script, "a script goes"


def comment_a_script_out(page: Page, nodes: list[Node], random: Random) -> Done:
    chosen = _inline(nodes, random)
    if not chosen or "--" in chosen[1].data:
        return None
    script, _ = chosen
    script.replace_with(Comment(write(script), owner=script.owner))
    return script, "a script is commented out"


def change_an_address(page: Page, nodes: list[Node], random: Random) -> Done:
    names = {f"/{name}" for name in page.files}
    scripts = [script for script in _scripts(nodes) if script.attributes.get("src") in names]
    if not scripts:
        return None
    script = random.choice(scripts)
    script.attributes["src"] = (script.attributes["src"] or "").replace(".js", "-new.js")
    return script, "a script's address"


def insert_a_script(page: Page, nodes: list[Node], random: Random) -> Done:
    beside = _movable(nodes, random)
    if not beside:
        return None
    codes = (
        'document.body.classList.add("@w@");',
        'document.addEventListener("click", () => hit("added script"));',
        "document.body.append('@w@');",
        "setInterval(() => hit('added interval'), 300);",
    )
    (fresh,) = parse(
        f"<script>{parts.fill(random.choice(codes), random, '')}</script>", beside.owner
    )
    body = page.find("body")
    body.append(fresh)
    return fresh, f"new: {write(fresh)}"


# Space. ----------------------------------------------------------------------------------------


def change_space(page: Page, nodes: list[Node], random: Random) -> Done:
    blanks = [
        node for node in nodes if isinstance(node, Text) and node.data and not node.data.strip()
    ]
    if not blanks:
        return None
    blank = random.choice(blanks)
    blank.data = random.choice(["\n  ", "\n\n", " ", "\n\t"])
    return blank, "white space"


def add_a_comment(page: Page, nodes: list[Node], random: Random) -> Done:
    beside = _movable(nodes, random)
    if not beside:
        return None
    parent, index = beside.place()
    comment = Comment(f" {parts.word(random)} ", owner=beside.owner)
    parent.insert(index, comment)
    return comment, "a comment comes"


def indent(page: Page, nodes: list[Node], random: Random) -> Done:
    """New lines around an element, as a formatter makes them."""
    beside = _movable(nodes, random)
    if not beside or (beside.parent and beside.parent.name in {"pre", "textarea", "p"}):
        return None
    parent, index = beside.place()
    for place in (index + 1, index):
        parent.insert(place, Text("\n    ", owner=beside.owner))
    return beside, f"<{beside.name}> is indented"


WAYS: dict[str, tuple[Way, ...]] = {
    AWAY: (
        change_a_word, change_a_word, change_a_number, add_a_word, change_a_rule, change_a_style,
    ),
    "text": (change_a_word, change_a_word, change_a_number, change_a_sign, add_a_sign, add_a_word),
    "style": (change_a_rule, change_a_style),
    "attribute": (
        change_a_class, change_a_value, change_a_value, remove_an_attribute, add_an_attribute,
    ),
    "structure": (
        insert_one_more, insert_one_more, insert_one_more, insert_something_new, remove_one,
        comment_one_out, move_one, wrap_one, unwrap_one,
    ),
    "script": (
        change_a_literal, change_a_literal, reformat, add_a_line, remove_a_script,
        comment_a_script_out, change_an_address, insert_a_script,
    ),
    "space": (change_space, add_a_comment, indent),
}  # fmt: skip
