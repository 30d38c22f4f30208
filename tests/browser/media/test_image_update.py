"""Pictures: a save shows wherever they stand, in a real browser.

Each case says in its title what a person notices and what is not lost.
"""

import re
import threading

from conftest import both_engines
from support.browser.made_files import png, svg
from support.browser.module_page import Cases, Site, module_site

CASES = Cases()
case = CASES.enter
engine = both_engines
site = module_site


# ---- in documents --------------------------------------------------------------------------------


def loaded(site: Site) -> None:
    site.page.wait_for_load_state("load")


@case(
    "pictures",
    "A picture changes without a moment in which it is gone.",
    "the element, and every other attribute",
)
def test_img(site: Site) -> None:
    site.open(
        "<img id=i src=a.png?v=1#x alt=a><img id=j src=b.png>", {"a.png": png(10), "b.png": png(5)}
    )
    site.js("hr.img = i; hr.stop = hr.frames(() => `${i.complete} ${i.naturalWidth}`); 0")

    assert site.save("a.png", png(20)) == 1
    assert site.js("hr.stop()") == ["true 10", "true 20"]
    assert site.js("hr.img === i && hr.bare(i.getAttribute('src'))") == "a.png?v=1&new#x"
    assert site.js("[...i.attributes].map(each => each.name)") == ["id", "src", "alt"]
    assert site.js("[j.getAttribute('src'), j.naturalWidth]") == ["b.png", 5]
    assert site.save("a.png", png(30)) == 1
    assert site.js("[i.naturalWidth, i.src.match(/hotreload/g).length]") == [30, 1]


@case(
    "pictures",
    "A picture that a script shows later, under its plain URL, is the new one.",
    "the URL",
)
def test_plain_urls_are_new_too(site: Site) -> None:
    site.open("<img id=i src=a.png>", {"a.png": png(10)})

    assert site.save("a.png", png(20)) == 1
    assert (
        site.js(
            "(async () => { const j = new Image(); j.src = 'a.png'; await j.decode(); return "
            "j.naturalWidth; })()"
        )
        == 20
    )


@case(
    "pictures",
    "A picture in srcset or picture changes, and no other candidate is loaded.",
    "the other candidates",
)
def test_srcset(site: Site) -> None:
    site.open(
        '<img id=i src=b.png srcset="a.png 1x, b.png 2x,c.png?x=1,2 3x" sizes=10px>'
        '<picture><source srcset="a.png, b.png 2x" type=image/png><img id=j src=b.png></picture>',
        {"a.png": png(10), "b.png": png(5), "c.png": png(6)},
    )
    site.js("hr.stop = hr.frames(() => `${i.naturalWidth} ${j.naturalWidth}`); 0")
    site.server.requests.clear()

    assert site.save("a.png", png(20)) == 2
    assert site.js("hr.stop()") == ["10 10", "20 20"]
    assert site.js("hr.bare(i.srcset)") == "a.png?new 1x, b.png 2x,c.png?x=1,2 3x"
    assert site.js("hr.bare(document.querySelector('source').srcset)") == "a.png?new, b.png 2x"
    assert [
        request for request in site.server.requests if request.endswith(("b.png", "c.png"))
    ] == []


@case(
    "pictures",
    "A picture button, a table's background and a video's poster change.",
    "the elements",
)
def test_other_elements(site: Site) -> None:
    site.open(
        "<input id=i type=image src=a.png><video id=v poster=a.png></video><table id=t "
        "background=a.png></table>",
        {"a.png": png(10)},
    )

    assert site.save("a.png", png(20)) == 3
    assert (
        site.js(
            "[i.src, v.poster, t.getAttribute('background')].map(url => "
            "hr.bare(url.split('/').pop()))"
        )
        == ["a.png?new"] * 3
    )
    site.page.wait_for_function("i.width === 20")


@case("pictures", "An embedded picture changes.", "the elements")
def test_object_and_embed(site: Site) -> None:
    site.open(
        "<object id=o data=a.svg type=image/svg+xml></object><embed id=e src=a.svg>",
        {"a.svg": svg(10)},
    )
    loaded(site)

    assert site.save("a.svg", svg(20)) == 2
    site.page.wait_for_function(
        "o.contentDocument?.documentElement?.getAttribute('width') === '20'"
    )


@case(
    "pictures", "A picture and a symbol in an SVG change.", "the SVG, and what it draws until then"
)
def test_svg(site: Site) -> None:
    site.open(
        "<svg id=v><image href=a.svg /><image xlink:href=a.svg /><use id=u href=a.svg#s "
        "/><use href=#own />"
        "<rect fill='url(a.svg#s) red' mask='url(#own)'/></svg>",
        {"a.svg": svg(10)},
    )
    site.page.wait_for_function("u.getBBox().width === 10")
    site.js("hr.stop = hr.frames(() => u.getBBox().width); 0")

    assert site.save("a.svg", svg(20)) == 4
    site.page.wait_for_function("u.getBBox().width === 20")
    assert site.js("hr.stop()") == [10, 20]
    assert site.js("[...v.querySelectorAll('*')].map(e => hr.bare(e.getAttribute('href') ?? "
                   "e.getAttribute('xlink:href') ?? e.getAttribute('fill')))") == [
        "a.svg?new", "a.svg?new", "a.svg?new#s", "#own", 'url("a.svg?new#s") red',
    ]  # fmt: skip


@case("pictures", "The icon of the page changes.", "the other icons")
def test_favicon(site: Site) -> None:
    site.open(
        "<link id=a rel='shortcut icon' href=a.png><link id=b rel=apple-touch-icon "
        "href=a.png><link id=c rel=icon href=b.png>",
        {"a.png": png(10)},
    )

    assert site.save("a.png", png(20)) == 2
    assert site.js("[a, b, c].map(link => hr.bare(link.getAttribute('href')))") == [
        "a.png?new",
        "a.png?new",
        "b.png",
    ]


@case("pictures", "The icon that no link names changes.", "everything that stands in the page")
def test_favicon_without_a_link(site: Site) -> None:
    site.write({"index.html": "<!doctype html><p>x", "favicon.ico": png(10)})
    site.server.headers["/favicon.ico"] = {"Content-Type": "image/png"}
    site.page.goto(f"{site.url}/index.html")

    assert site.save("favicon.ico", png(20)) == 1
    assert site.save("favicon.ico", png(30)) == 1
    assert site.js("document.querySelectorAll('link').length") == 1


@case("pictures", "Pictures in open shadow roots change.", "the shadow roots")
def test_shadow_roots(site: Site) -> None:
    site.open(
        "<div id=d><template "
        "shadowrootmode=open><style>p{background:url(a.png)}</style><p><img "
        "src=a.png></template></div>",
        {"a.png": png(10)},
    )

    assert site.save("a.png", png(20)) == 2
    assert site.js("d.shadowRoot.querySelector('img').naturalWidth") == 20
    assert (
        site.js("hr.bare(d.shadowRoot.styleSheets[0].cssRules[0].style.backgroundImage)")
        == 'url("a.png?new")'
    )


@case(
    "pictures", "A picture whose file is deleted is gone, and shows when it is back.", "the element"
)
def test_deleted_pictures(site: Site) -> None:
    site.open("<img id=i src=a.png>", {"a.png": png(10)})
    (site.root / "a.png").unlink()

    assert site.js("hr.image('/a.png', {kind: 'deleted', digest: undefined})") == 1
    site.page.wait_for_function("i.naturalWidth === 0")
    assert site.save("a.png", png(20)) == 1
    assert site.js("i.naturalWidth") == 20


def test_a_picture_that_stands_nowhere_is_told(site: Site) -> None:
    site.open("<img src=b.png><a href=a.png>x</a>", {"a.png": png(10), "b.png": png(5)})
    before = site.js("document.documentElement.outerHTML")

    assert site.save("a.png", png(20)) == 0
    assert site.js("document.documentElement.outerHTML") == before


# ---- in style sheets -----------------------------------------------------------------------------

PROPERTIES = {
    "background": "url(a.png) 0px 0px / cover red",
    "background-image": "linear-gradient(red,blue), url('a.png')",
    "mask": 'url("a.png")',
    "border-image": "url(a.png) 3 round",
    "list-style": "url(./sub/../a.png)",
    "cursor": "url(/a.png) 1 1, auto",
    "content": "url(a.png?v=1#x)",
    "background-image ": "image-set('a.png' 1x, 'b.png' 2x)",
    "shape-outside": "url(a.png)",
    "--own": "url( a.png )",
}


@case("style sheets", "A picture in any property changes.", "the rule, and its other declarations")
def test_any_property(site: Site) -> None:
    rules = [
        f"p{{left:{i}px;{name}:{value}!important}}"
        for i, (name, value) in enumerate(PROPERTIES.items())
    ]
    site.open(
        "<link rel=stylesheet href=a.css><p>x",
        {"a.css": "".join(rules), "a.png": png(10), "b.png": png(5)},
    )
    before = site.js("hr.all()[0]")
    site.js("hr.mark(document.styleSheets[0].cssRules)")

    assert site.save("a.png", png(20)) == len(rules)
    assert site.js("hr.all()[0].map(hr.bare)") == [
        re.sub(r"a\.png(\?v=1)?", lambda url: f"{url[0]}{'&' if url[1] else '?'}new", text).replace(
            "( a.png?new )", '("a.png?new")'
        )
        for text in before
    ]
    assert site.js("hr.marks(document.styleSheets[0].cssRules)") == [
        str(i) for i in range(len(rules))
    ]


@case("style sheets", "A picture in a style attribute changes.", "the other declarations")
def test_style_attributes(site: Site) -> None:
    site.open(
        "<p id=p style='color: red; background: url(a.png) !important'>x<svg><g id=g "
        "style='mask:url(a.png)'/></svg>"
        "<i id=i style='background-image:image-set(\"a.png\" 1x)'></i>"
        "<b id=b style='background-image:URL(a.png)'></b>",
        {"a.png": png(10)},
    )

    assert site.save("a.png", png(20)) == 4
    assert "a.png?hotreload=" in site.js("i.style.cssText")
    assert "a.png?hotreload=" in site.js("b.style.cssText")
    assert (
        site.js("hr.bare(p.getAttribute('style'))")
        == 'color: red; background: url("a.png?new") !important;'
    )
    assert site.js("hr.bare(g.style.mask)") == 'url("a.png?new")'


@case(
    "style sheets",
    "Pictures in imported sheets, at-rules, nested rules and keyframes change.",
    "the rules",
)
def test_deep_rules(site: Site) -> None:
    site.open(
        "<link rel=stylesheet href=sub/a.css><p>x",
        {
            "sub/a.css": "@import 'b.css' layer(x);@media all{@supports "
            "(top:0){p{background:url(../a.png)}}}"
            "p{color:red;& i{background:url(../a.png)}background:url(../a.png)}@keyframes "
            "k{to{background:url(../a.png)}}",
            "sub/b.css": "p{list-style:url(/a.png)}i{background:url(a.png)}",
            "a.png": png(10),
        },
    )

    assert site.save("a.png", png(20)) == 5
    assert site.js("JSON.stringify(hr.all()).match(/hotreload/g).length") == 5
    assert site.js("JSON.stringify(hr.all()).includes('background: url(\\\\\"a.png\\\\\")')")


@case(
    "style sheets",
    "A picture beside var() changes.",
    "the declarations that the browser does not tell",
)
def test_values_that_the_browser_does_not_tell(site: Site) -> None:
    site.open(
        "<link rel=stylesheet href=a.css><p id=p>x",
        {
            "a.css": "p{--x:no-repeat;background:url(a.png) "
            "var(--x);background-size:cover;color:red}",
            "a.png": png(10),
        },
    )

    assert site.save("a.png", png(20)) == 1
    assert site.js("hr.bare(getComputedStyle(p).backgroundImage)") == f'url("{site.url}/a.png?new")'
    assert site.js("[getComputedStyle(p).backgroundRepeat, "
                   "getComputedStyle(p).backgroundSize, getComputedStyle(p).color]") == [
        "no-repeat", "cover", "rgb(255, 0, 0)",
    ]  # fmt: skip


@case(
    "style sheets",
    "A picture in rules and adopted sheets of scripts changes.",
    "the rules and the sheets",
)
def test_rules_of_scripts(site: Site) -> None:
    site.open("<style id=s></style><p id=p>x", {"a.png": png(10)})
    site.js(
        """() => {
          s.sheet.insertRule('p{background:url(a.png)}');
          const own = new CSSStyleSheet();
          own.replaceSync('p{list-style:url(a.png)}');
          document.adoptedStyleSheets = [own];
        }"""
    )

    assert site.save("a.png", png(20)) == 2
    assert site.js(
        "[getComputedStyle(p).backgroundImage, "
        "getComputedStyle(p).listStyleImage].every(value => value.includes('?hotreload='))"
    )


@case("style sheets", "A picture stays the new one when its sheet changes.", "the new version")
def test_a_sheet_that_changes_later_keeps_the_new_picture(site: Site) -> None:
    site.open(
        "<link rel=stylesheet href=a.css><p id=p>x",
        {"a.css": "p{background:url(a.png) red}", "a.png": png(10)},
    )

    assert site.save("a.png", png(20)) == 1
    assert site.update("a.css", "p{background:url(a.png) blue}i{top:0}") == 1
    assert site.js("hr.bare(hr.all()[0][0])") == 'p { background: url("a.png?new") blue; }'


@case(
    "style sheets",
    "The new picture is loaded before the rule changes.",
    "the old picture until then",
)
def test_a_background_changes_when_the_new_one_is_there(site: Site) -> None:
    site.open(
        "<link rel=stylesheet href=a.css><p id=p>x",
        {"a.css": "p{background:url(a.png)}", "a.png": png(10)},
    )
    site.write({"a.png": png(20)})
    hold = site.server.held["/a.png"] = threading.Event()

    site.js("hr.done = hr.image('/a.png'); 0")
    site.js("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    early = site.js("getComputedStyle(p).backgroundImage")
    hold.set()
    site.js("hr.done")

    assert early == f'url("{site.url}/a.png")'
    assert site.js("getComputedStyle(p).backgroundImage") != early
