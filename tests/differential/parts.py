"""What a page is made of: behaviours and libraries, each a file of HTML with places to fill in.

`@w@` stands for a word, `@s@` for a sentence, `@d@` for a number, `@n@` for what makes names of
this part its own. `repeat="2-4"` makes that many of an element, `maybe-id` is an id that the
element has more often than not. A script moves to where scripts stand in pages; one whose
`data-place` is `classic` runs at once wherever it stands. Knows: how files are filled in. Refuses
to know: what they do.
"""

import re
from pathlib import Path
from random import Random

from differential.tree import Element, Node, parse, write

FOLDER = Path(__file__).parent
BEHAVIOURS = {path.stem: path.read_text() for path in sorted(FOLDER.glob("behaviours/*.html"))}
LIBRARIES = {path.stem: path.read_text() for path in sorted(FOLDER.glob("libraries/*.html"))}
LIBRARIES["htmx2"] = LIBRARIES["htmx"].replace("htmx.org", "htmx2")
PARTS = BEHAVIOURS | LIBRARIES

# So many words come of them that texts seldom say the same.
STARTS = str.split("am bir ce del em fjo gro har is ju kel la ma no oc pe qua ri sto tun um val wi")
MIDDLES = str.split("ba co de fi go hu ka lo mi nu pa ro se ti va")
ENDS = str.split("ber ch dar l ne rd ve r n th st m")


def word(random: Random) -> str:
    return "".join(random.choice(pieces) for pieces in (STARTS, MIDDLES, ENDS))


def typed(random: Random) -> str:
    """What somebody types who looks for a word."""
    return random.choice(STARTS)


def number(random: Random) -> str:
    return str(random.randint(1, 250))


def sentence(random: Random) -> str:
    words = [word(random) for _ in range(random.randint(4, 9))]
    return " ".join([words[0].title(), *words[1:]]) + "."


def fill(source: str, random: Random, own: str) -> str:
    makers = {"w": word, "s": sentence, "d": number}
    source = source.replace("@n@", own)
    return re.sub("@([wsd])@", lambda match: makers[match[1]](random), source)


def part(name: str, random: Random, own: str) -> list[Node]:
    """The nodes of a behaviour or a library, its names made its own by `own`."""
    root = Element("#document", kids=[], owner=name)
    for node in parse(PARTS[name], name):
        root.append(node)
    vary(root, random)
    return parse(fill(write(root).strip(), random, own), name)


def vary(root: Element, random: Random) -> None:
    """Repeat what may be repeated, and give ids to some that may have one."""
    for element in root.elements():
        maybe = element.attributes.pop("maybe-id", None)
        if maybe and random.random() < 0.6:
            element.attributes["id"] = maybe
        span = element.attributes.pop("repeat", None)
        if span:
            low, _, high = span.partition("-")
            text = write(element)
            more = random.randint(int(low), int(high)) - 1
            element.replace_with(element, *parse(text * more, element.owner))
