"""Style sheets in the page: what a save changes, and what stays as it was, in a real browser.

Each case says in `title` what a person notices and in `kept` what is not lost.
"""

from __future__ import annotations

from ast import literal_eval
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from conftest import both_engines
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.browser.module_page import Case, Cases, Site, link, module_site, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

CASES = Cases()
case = CASES.enter
engine = both_engines
site = module_site


# ---- pairs of an old and a new sheet -------------------------------------------------------------


class Pair(NamedTuple):
    """An old and a new text, and for each new live rule the old one that it still is."""

    group: str
    title: str
    kept: str
    old: str
    new: str
    marks: list[str | None]


def pairs(text: str) -> Iterator[Pair]:
    """Reads the corpus: texts stand as Python writes strings, and `-` is a new rule."""
    for part in text.split("\n== ")[1:]:
        group, *entries = part.strip().split("\n\n")
        for entry in entries:
            title, *fields = (line.strip() for line in entry.splitlines())
            kept, old, new, marks = (field.partition(":")[2].strip() for field in fields)
            numbers = [None if mark == "-" else mark for mark in marks.split()]
            yield Pair(group, title, kept, literal_eval(old), literal_eval(new), numbers)


PAIRS = list(pairs((Path(__file__).parent / "css_pairs.txt").read_text()))
CASES.extend(Case(pair.group, pair.title, pair.kept) for pair in PAIRS)


class Outcome(NamedTuple):
    places: int
    same_sheet: bool
    marks: list[str | None]
    rules: Any
    fresh: Any


def outcomes(browser: Browser, root: Path, headers: dict[str, str]) -> list[Outcome]:
    """Changes the sheets of all pairs in one page, each in a link of its own."""
    names = [f"{i}.css" for i in range(len(PAIRS))]
    with opened(browser, root) as site:
        site.server.headers.update({f"/{name}": headers for name in names})
        site.open(
            "".join(f"<link rel=stylesheet href={name}>" for name in names),
            {name: pair.old for name, pair in zip(names, PAIRS, strict=True)},
        )
        site.js(
            "hr.sheets = [...document.styleSheets]; hr.sheets.forEach(s => hr.mark(s.cssRules))"
        )
        places = [site.update(name, pair.new) for name, pair in zip(names, PAIRS, strict=True)]
        return [
            Outcome(*each)
            for each in zip(
                places,
                site.js("[...document.styleSheets].map((sheet, i) => sheet === hr.sheets[i])"),
                site.js("hr.sheets.map(sheet => hr.marks(sheet.cssRules))"),
                site.js("hr.all()"),
                site.fresh(),
                strict=True,
            )
        ]


def test_each_sheet_is_as_freshly_loaded_and_what_did_not_change_is_the_same_object(
    browser: Browser, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    found = outcomes(browser, tmp_path, {})

    for pair, outcome in zip(PAIRS, found, strict=True):
        with subtests.test(pair.title):
            assert outcome == Outcome(1, True, pair.marks, outcome.fresh, outcome.fresh)


def test_each_sheet_whose_old_text_is_not_known_is_as_freshly_loaded_too(
    browser: Browser, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    found = outcomes(browser, tmp_path, {"Cache-Control": "no-store"})

    for pair, outcome in zip(PAIRS, found, strict=True):
        with subtests.test(pair.title):
            assert outcome == Outcome(1, True, outcome.marks, outcome.fresh, outcome.fresh)


# ---- what scripts did meanwhile ------------------------------------------------------------------


@case(
    "scripts",
    "Rules that scripts inserted survive every save.",
    "the rules, before, between and behind those of the file",
)
def test_rules_of_scripts_survive(site: Site) -> None:
    old = "p{top:1px}i{top:1px}@media all{b{top:1px}}"
    site.open(link("a.css") + "<p>x", {"a.css": old})
    site.js(
        """() => {
          const sheet = document.styleSheets[0];
          sheet.insertRule('first{top:0}', 0);
          sheet.insertRule('between{top:0}', 2);
          sheet.insertRule('last{top:0}', 5);
          sheet.cssRules[4].insertRule('inner{top:0}', 1);
        }"""
    )

    site.update("a.css", "p{top:2px}u{top:0}i{top:1px}@media all{a{top:0}b{top:2px}}s{top:0}")
    site.update("a.css", "i{top:3px}@media all{b{top:2px}}s{top:0}q{top:0}")

    assert site.js("hr.all()[0].map(text => text.replace(/\\s+/g, ' '))") == [
        "first { top: 0px; }",
        "between { top: 0px; }",
        "i { top: 3px; }",
        "@media all { b { top: 2px; } inner { top: 0px; } }",
        "s { top: 0px; }",
        "q { top: 0px; }",
        "last { top: 0px; }",
    ]


@case("scripts", "Rules that a script inserted before the page was ready survive too.", "the rules")
def test_rules_that_scripts_inserted_early_survive(site: Site) -> None:
    site.open(
        link("a.css") + "<script>document.styleSheets[0].insertRule('own{top:0}', 0)</script>",
        {"a.css": "p{top:1px}"},
    )

    site.update("a.css", "p{top:2px}")

    assert site.js("hr.all()") == [["own { top: 0px; }", "p { top: 2px; }"]]


@case(
    "scripts",
    "A value that a script set in a rule survives, unless the file gives that property a new one.",
    "the script's value",
)
def test_declarations_of_scripts_survive(site: Site) -> None:
    site.open(link("a.css") + "<p>x", {"a.css": "p{top:1px;left:1px;color:red}"})
    site.js(
        """() => {
          const {style} = document.styleSheets[0].cssRules[0];
          style.setProperty('--own', '1');
          style.left = '5px';
          style.top = '5px';
          style.removeProperty('color');
        }"""
    )

    site.update("a.css", "p{top:2px;left:1px;color:red;right:0}")

    assert site.js("hr.all()") == [["p { top: 2px; left: 5px; right: 0px; --own: 1; }"]]


@case(
    "scripts",
    "A rule that a script removed stays away until the file changes it.",
    "the script's decision",
)
def test_rules_that_scripts_removed_stay_away(site: Site) -> None:
    site.open(link("a.css") + "<p>x", {"a.css": "p{top:1px}i{top:1px}"})
    site.js("document.styleSheets[0].deleteRule(1)")

    site.update("a.css", "p{top:2px}i{top:1px}")
    assert site.js("hr.all()") == [["p { top: 2px; }"]]
    site.js("hr.load().then(() => new Promise(requestIdleCallback))")
    site.update("a.css", "p{top:2px}i{top:3px}")
    assert site.js("hr.all()") == [["p { top: 2px; }", "i { top: 3px; }"]]


@case(
    "scripts",
    "What the cache holds is not taken for what the page shows when it is newer.",
    "the page is as the file is",
)
def test_a_newer_text_in_the_cache_is_not_taken_for_the_old_one(site: Site) -> None:
    site.write({"a.css": "p{top:1px}i{top:1px}", "index.html": "<!doctype html>" + link("a.css")})
    site.page.goto(f"{site.url}/index.html")
    site.write({"a.css": "p{top:1px}"})
    site.fresh()

    assert site.update("a.css", "p{top:1px}") == 1
    assert site.js("hr.all()") == [["p { top: 1px; }"]]


# ---- what goes on meanwhile ----------------------------------------------------------------------


@case(
    "motion",
    "A running transition goes on when another property of its rule changes.",
    "the transition at its time",
)
def test_a_running_transition_goes_on(site: Site) -> None:
    site.open(
        link("a.css") + "<p id=p>x",
        {"a.css": "p{transition:opacity 100s linear;opacity:1;color:red}p.x{opacity:0}"},
    )
    site.js(
        "() => { p.offsetTop; p.className = 'x'; hr.motion = p.getAnimations()[0]; "
        "hr.motion.currentTime = 30000; }"
    )

    site.update(
        "a.css", "p{transition:opacity 100s linear;opacity:1;color:blue}b{top:0}p.x{opacity:0}"
    )

    assert (
        site.js(
            "p.getAnimations()[0] === hr.motion && hr.motion.currentTime >= 30000 && "
            "hr.style('p', 'color')"
        )
        == "rgb(0, 0, 255)"
    )


@case("motion", "A running animation takes changed keyframes on.", "the animation at its time")
def test_a_running_animation_goes_on_with_new_keyframes(site: Site) -> None:
    site.open(
        link("a.css") + "<p id=p>x",
        {
            "a.css": "p{position:relative;animation:k 100s linear paused}@keyframes "
            "k{from{left:0}to{left:100px}}"
        },
    )
    site.js("() => { hr.motion = p.getAnimations()[0]; hr.motion.currentTime = 50000; }")

    site.update(
        "a.css",
        "p{position:relative;animation:k 100s linear paused}@keyframes "
        "k{from{left:0}to{left:200px}}",
    )

    assert site.js("p.getAnimations()[0] === hr.motion && hr.motion.currentTime") == 50000
    assert site.js("hr.style('p', 'left')") == "100px"


@case("motion", "The page stays where it was scrolled to.", "scroll, focus and typed text")
def test_scroll_focus_and_typed_text_stay(site: Site) -> None:
    site.open(
        link("a.css") + "<input id=i><div style='height:5000px'></div>",
        {"a.css": "div{color:red}", "b.css": "i{top:0}"},
    )
    site.js("i.focus({preventScroll: true}); i.value = 'typed'; scrollTo(0, 1234)")

    site.update("a.css", "div{color:blue}")
    site.update("a.css", "@import 'b.css';div{color:blue}")

    assert site.js("[scrollY, document.activeElement.value]") == [1234, "typed"]


# ---- how long it takes ---------------------------------------------------------------------------


def test_a_sheet_of_ten_kilobytes_changes_in_about_a_millisecond(site: Site) -> None:
    rule = (
        ".card-{i} .title > a:hover {{ color: #{i:03x}; padding: {i}px 3px; "
        "margin: 0 auto; background: rgb({i}, 2, 3); }}"
    )
    rules = [rule.format(i=i) for i in range(100)]
    site.open(link("a.css"), {"a.css": "\n".join(rules)})

    times = site.js(
        """async rules => {
          const css = await hr.load();
          const times = [];
          for (let i = 0; i < 30; i++) {
            rules[i * 3] = rules[i * 3].replace('auto', i + 'px');
            const text = rules.join('\\n');
            const change = {url: '/a.css', kind: 'modified', digest: 'd' + i, text};
            const start = performance.now();
            const done = css.updateCSS(change);
            times.push(performance.now() - start);
            await done;
          }
          return times;
        }""",
        rules,
    )

    assert min(times) < 1.5, times  # the machine may be busy with something else


# ---- any text ------------------------------------------------------------------------------------

SELECTORS = st.sampled_from(
    ["a", "b", ".c", "a:hover", "&.d", "p > q", "a,b", ":frob(", "[x='}']", "*", "& i", "{"]
)
VALUES = st.sampled_from(
    [
        "red",
        "1px",
        "var(--x)",
        "url(a}b.png)",
        '";}"',
        "calc(1px + (2px))",
        "{a:b}",
        "frob(",
        "\\}",
        "url( 'x' )",
        "/*}*/0",
        "",
    ]
)
NAMES = st.sampled_from(
    ["color", "top", "margin", "margin-left", "padding", "--x", "background", "frob", "content"]
)
DECLARATIONS = st.builds("{}:{}".format, NAMES, VALUES)
BLOCKS = st.recursive(
    st.lists(DECLARATIONS, max_size=3).map(";".join),
    lambda inner: st.lists(
        st.one_of(
            DECLARATIONS.map("{};".format),
            st.builds("{}{{{}}}".format, SELECTORS, inner),
            st.builds("@media (min-width:{}){{{}}}".format, st.sampled_from(["1px", "2px"]), inner),
        ),
        max_size=3,
    ).map("".join),
    max_leaves=4,
)
RULES = st.one_of(
    st.builds("{}{{{}}}".format, SELECTORS, BLOCKS),
    st.builds(
        "@media {}{{{}{{{}}}}}".format,
        st.sampled_from(["all", "(top)", "print"]),
        SELECTORS,
        BLOCKS,
    ),
    st.builds("@layer {}{{{}{{{}}}}}".format, st.sampled_from(["x", "y"]), SELECTORS, BLOCKS),
    st.builds("@keyframes {}{{to{{{}}}}}".format, st.sampled_from(["k", "l"]), DECLARATIONS),
    st.sampled_from(
        [
            "@layer y,x;",
            "@frob z;",
            "@frob{}",
            "/* { */",
            "<!--",
            "-->",
            "}",
            ";",
            "\n",
            "@font-face{font-family:f}",
            "a{",
        ]
    ),
)
TEXTS = st.lists(RULES, max_size=5).map("".join)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@example(["a{}", "a{<!--a{}"])
@given(st.lists(TEXTS, min_size=2, max_size=12))
def test_any_sheet_that_follows_any_other_has_the_rules_of_the_new_one(
    site: Site, texts: list[str]
) -> None:
    if site.page.url == "about:blank":
        site.open("")
    wrong = site.js(
        """async texts => {
          const {adopt, follow, isFaithful} = await import('/__hotreload__/css/rules.js');
          const rules = sheet => hr.dump(sheet.cssRules).join('\\n');
          const live = new CSSStyleSheet();
          live.replaceSync(texts[0]);
          if (!adopt(live, texts[0], false)) return ['unknown', texts[0], rules(live)];
          for (const [i, text] of texts.slice(1).entries()) {
            const fresh = new CSSStyleSheet();
            fresh.replaceSync(text);
            follow(live, text);
            if (rules(live) !== rules(fresh) && isFaithful(live))
              return [texts[i], text, rules(live), rules(fresh)];
          }
          return null;
        }""",
        texts,
    )

    assert wrong is None
