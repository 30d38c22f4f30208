"""Pages whose form fields and pictures are named like what every node has.

In a form `<input name=parentNode>` hides the form's own property, and in a document
`<img name=querySelector>` hides the document's; the client reads and changes both all the same.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page
from support.browser.client_page import PIXEL, Open
from support.browser.fake_server import FakeServer
from support.browser.pair_server import Web

from hotreload.app import assets

TESTS = Path(__file__).parent
LONGEST = 2_000  # milliseconds, for a patch of a page of five elements: more is an endless loop

MODULES = {name: asset.data.decode() for name, asset in assets.load().modules.items()}
CLIENT = "".join(MODULES.values())

# What is read directly, by module: by whom, or which name, and why that hides nothing.
ALLOWED = {
    "html/align.js": ("end", "marks of a series"),
    "connection/connection.js": ("socket", "a WebSocket"),
    "css/css.js": ("link element relList", "<link> and <style>"),
    "media/fonts.js": ("rule {style}", "rules of style sheets"),
    "frames/frames.js": ("frame sandbox script", "an <iframe>, its sandbox, a <script> of ours"),
    "css/recover-rules.js": ("item", "parts of a style sheet's text"),
    "html/html.js": ("patch {style} meta", "a patch, the options of one, <meta>"),
    "media/image-css.js": ("{style}", "rules of style sheets"),
    "media/image.js": (
        "frame contentDocument use svg each holder element.parentElement element.querySelectorAll",
        "films, their sources, and what the module has made itself",
    ),
    "page.js": ("{prerendering}", "the accessors"),
    "updates/on-demand.js": ("modules", "what was loaded"),
    "html/patch/build.js": ("template {matches}", "declarative shadow roots, what was compared"),
    "html/patch/comparison.js": ("{matches}", "what was compared"),
    "html/patch/edit-page.js": ("places tracker", "places in the page, the tracker"),
    "html/patch/new-scripts.js": ("comparison", "what was compared"),
    "html/patch/places.js": ("{matches}", "what was compared"),
    "html/patch/plan-children.js": (
        "comparison page {matches} {scripts}",
        "what was compared, what edits the page, what runs the new scripts",
    ),
    "html/patch/plan-element.js": ("patchable {style}", "the rules, what the tracker has"),
    "html/patch/refusals.js": ("doctype vital", "doctypes, <meta>, <base> and <script>"),
    "css/relink.js": ("owner cover", "<link> and <style>"),
    "reload/reload.js": ("caches", "what a service worker keeps"),
    "reload/restore.js": (
        "one other {focus} {open} element.open element.readyState",
        "what was noted, <details>, <dialog> and films",
    ),
    "css/rules.js": ("item old now rule {head} )", "parts of a style sheet's text, and rules"),
    "html/scripts/execution.js": ("fresh", "a <script> that is not in the page yet"),
    "css/sheets.js": ("root ownerNode", "shadow roots, <link> and <style>"),
    "css/parser.js": ("item", "parts of a style sheet's text"),
    "reload/capture.js": ("element.open element.matches )", "<details>, <dialog> and shadow roots"),
    "ui/toast.js": ("host root note shadow", "what the module has made itself"),
    "tag.js": ("script", "a <script>"),
    "updates/resources.js": ("failed", "a map"),
    "html/write.js": (
        (
            ") attribute classList known radio select live.hasAttribute live.querySelectorAll"
            " {localName} {namespaceURI} {style}"
        ),
        "texts, attributes, fields, films, <script> and <style>",
    ),
    "html/tracking.js": (").scripts", "the promise of a patch"),
}

NODE = ["EventTarget", "Node", "Object"]
FORM = ["Element", "HTMLElement", "HTMLFormElement", *NODE]
DOCUMENT = ["Document", "HTMLDocument", *NODE]

Attempt = Callable[[list[str]], str]


@pytest.fixture
def namesake(page: Page, web: Web) -> Page:
    web.pages["/named_nodes.js"] = (
        "text/javascript",
        (TESTS / "named_nodes.js").read_text(),
        {},
    )
    page.goto(f"{web.origin}/")
    page.evaluate("async () => void (await import('/named_nodes.js'))")
    return page


@pytest.fixture
def attempt(namesake: Page) -> Attempt:
    """Patches a page from each source to the next, and tells what went wrong."""
    devtools = namesake.context.new_cdp_session(namesake)

    def attempt(sources: list[str]) -> str:
        call = {"expression": f"attempt({json.dumps(sources)})", "timeout": LONGEST}
        try:
            done = devtools.send("Runtime.evaluate", {**call, "returnByValue": True})
        except Error as error:
            return f"does not end: {error}"
        return str(done["result"].get("value", done))

    return attempt


def edits(named: str) -> list[str]:
    """A text, attributes, elements that come and go, and the form itself in another place."""
    forms = [
        f"<form><p>Old</p>{named}</form>",
        f"<form><p>New</p>{named}</form>",
        f"<form class=a><p title=t>New</p>{named}</form>",
        f"<form class=b style='top:0'><b>1</b><p>New</p>{named}<i>2</i></form>",
        f"<section><form><b>1</b>{named}<p>New</p></form></section>",
        f"<form>{named}</form>",
        "<form><p>none</p></form>",
        f"<p>before</p><form>{named}<p>Last</p></form>",
    ]
    return [f"<!doctype html><title>t</title><main>{form}</main><p>after</p>" for form in forms]


def names(page: Page, types: list[str]) -> list[str]:
    """All but the handlers of events."""
    of = "types => types.flatMap((type) => Object.getOwnPropertyNames(window[type].prototype))"
    found: list[str] = page.evaluate(of, types)
    return [name for name in dict.fromkeys([*found, "__proto__"]) if not name.startswith("on")]


@pytest.mark.parametrize(
    ("element", "types"),
    [("<input name={}>", FORM), ("<img name={}>", DOCUMENT)],
    ids=["form", "document"],
)
def test_an_element_of_any_name_hides_nothing_of_its_form_or_document(
    attempt: Attempt, namesake: Page, element: str, types: list[str]
) -> None:
    tried = {name: attempt(edits(element.format(name))[:2]) for name in names(namesake, types)}

    failed = [f"{name}: {wrong}" for name, wrong in tried.items() if wrong]
    assert not failed, "\n".join(failed)


@pytest.mark.parametrize(
    "field",
    [
        "<input name={}>",
        "<input id={}>",
        "<img name={}>",
        "<button name={}>b</button>",
        "<output id={}></output>",
    ],
)
def test_fields_of_all_names_hide_nothing_of_their_form(
    attempt: Attempt, namesake: Page, field: str
) -> None:
    assert attempt(edits("".join(map(field.format, names(namesake, FORM))))) == ""


@pytest.mark.parametrize(
    "element",
    [
        "<img name={}>",
        "<div><form name={}></form></div>",
        "<embed name={}>",
        "<iframe name={}></iframe>",
        "<object id={}></object>",
        "<form><input name={0}><input id={0}></form>",
    ],
)
def test_a_page_of_all_names_is_followed_in_place_and_by_a_reload(
    page: Page, open_page: Open, fake: FakeServer, element: str
) -> None:
    hiding = names(page, [*FORM, *DOCUMENT])
    if "iframe" in element:  # each takes its time
        hiding = [name for name in hiding if f"dom.{name}(document" in CLIENT]
    named = "".join(map(element.format, hiding))
    fake.write("/pic.svg", PIXEL.format(10))
    open_page(f"<img src=/pic.svg class=pic><input class=typed><p>Old</p>{named}")
    find = "(selector) => Document.prototype.querySelector.call(document, selector)"
    page.evaluate(f"window.find = {find}")

    fake.edit("/style.css", "h1 { color: rgb(0, 0, 255) }")
    assert fake.hear("applied")["action"] == "css"
    assert page.evaluate("getComputedStyle(find('h1')).color") == "rgb(0, 0, 255)"

    fake.edit("/pic.svg", PIXEL.format(20))
    assert fake.hear("applied", 2)["action"] == "image"
    assert page.evaluate("find('.pic').naturalWidth") == 20

    source = bytes(fake.files["/index.html"]).decode()
    fake.edit("/index.html", source.replace("Old", "New"))
    told = fake.hear("applied", 3)
    assert told["action"] == "html", told.get("detail")
    assert page.evaluate("[find('p').textContent, mark]") == ["New", 1]

    page.evaluate("find('.typed').value = 'typed'")
    fake.say({"type": "reload", "reason": "somebody asked"})
    fake.hear("page", 2)
    page.wait_for_function(f"({find})('.typed').value === 'typed'")
    assert page.evaluate("window.mark") is None


def test_nothing_but_the_accessors_reads_a_node(page: Page) -> None:
    types = ["Document", "DocumentFragment", "HTMLElement", "Element", "Node"]
    known = [name for name in names(page, types) if name[0].islower() and name != "constructor"]

    direct = [
        f"{module}: {read}"
        for module, source in MODULES.items()
        for read in unexplained(module, direct_reads(source, known))
    ]

    assert not direct, "\n".join(["dom.js reads them, whatever they are named:", *direct])


PATTERN = re.compile(r"\{([^{}]*)\}(?=\s*=(?![=>])|(?:, [^()]*)?\)\s*(?:=>|\{))")


def direct_reads(source: str, known: list[str]) -> set[str]:
    """As `element.parentNode`, or `{parentNode}` where it is taken out of something."""
    reads = re.findall(rf"([\w$]+|[)\]])\??\.({'|'.join(known)})\b", source)
    taken = [name for names in PATTERN.findall(source) for name in re.findall(r"[\w$]+", names)]
    return {".".join(read) for read in reads} | {f"{{{n}}}" for n in taken if n in known}


def unexplained(module: str, reads: set[str]) -> list[str]:
    names, _ = ALLOWED.get(module, ("", ""))
    allowed = {"dom", "this", "Promise", *names.split()}
    return sorted(read for read in reads if not {read, read.partition(".")[0]} & allowed)
