"""Pictures, fonts, sounds and films: a save shows wherever they stand, in a real browser.

Each case says in its title what a person notices and what is not lost.
"""

from __future__ import annotations

import io
import re
import struct
import threading
import wave
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from module_page import Cases, Site, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

CASES = Cases()
case = CASES.enter


# ---- files made here: their width, or how long they last, is what tells versions apart -----------


def png(size: int) -> bytes:
    """A grey square."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    pixels = zlib.compress((b"\0" + b"\x80" * size) * size)
    header = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def svg(size: int) -> str:
    """A picture of that width, with a symbol `s` that is a square of that width."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}">'
        f'<g id="s"><rect width="{size}" height="{size}"/></g></svg>'
    )


def wav(seconds: float) -> bytes:
    """Silence."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(b"\x80" * int(8000 * seconds))
    return file.getvalue()


def ttf(width: int) -> bytes:
    """A font whose every letter is empty and `width` thousandths of an em wide."""
    name = "x".encode("utf-16-be")
    names = [struct.pack(">6H", 3, 1, 0x409, each, len(name), 0) for each in (1, 2, 4, 6)]
    letters = (4, 32, 0, 4, 4, 1, 0, 0x7E, 0xFFFF, 0, 0x20, 0xFFFF, 0xFFE1, 1, 0, 0)
    segments = struct.pack(">16H", *letters)
    glyphs = 96
    tables = {
        b"OS/2": struct.pack(">5H", 4, width, 400, 5, 0) + bytes(48) + b"none"
        + struct.pack(">3H3h2H2L2h3H", 64, 32, 126, 800, -200, 0, 800, 200, *[0] * 7),
        b"cmap": struct.pack(">4HL", 0, 1, 3, 1, 12) + segments,
        b"glyf": bytes(4),
        b"head": struct.pack(">4L2H", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, 1000) + bytes(26)
        + struct.pack(">H3h", 8, 2, 0, 0),
        b"hhea": struct.pack(">L3hH4h", 0x10000, 800, -200, 0, width, 0, 0, 0, 1) + bytes(14)
        + struct.pack(">H", glyphs),
        b"hmtx": struct.pack(">Hh", width, 0) * glyphs,
        b"loca": bytes(2 * (glyphs + 1)),
        b"maxp": struct.pack(">L14H", 0x10000, glyphs, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
        b"name": struct.pack(">3H", 0, len(names), 6 + 12 * len(names)) + b"".join(names) + name,
        b"post": struct.pack(">LLhhLLLLL", 0x30000, 0, 0, 0, 0, 0, 0, 0, 0),
    }  # fmt: skip
    directory = struct.pack(">L4H", 0x10000, len(tables), 128, 3, 16 * len(tables) - 128)
    body = b""
    for tag, data in tables.items():
        padded = data + bytes(-len(data) % 4)
        total = sum(struct.unpack(f">{len(padded) // 4}L", padded)) & 0xFFFFFFFF
        directory += tag + struct.pack(">3L", total, 12 + 16 * len(tables) + len(body), len(data))
        body += padded
    return directory + body


# ---- a page with pictures ------------------------------------------------------------------------

HELPERS = """
hr.image = async (url, more = {}) => {
  const {updateImage} = await import('/__hotreload__/image.js');
  const digest = 'd' + Math.random().toString(36).slice(2);
  return updateImage({url, kind: 'modified', digest, ...more});
};
hr.bare = text => text.replace(/([?&])hotreload=\\w+/g, '$1new');
"""


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def engine(request: pytest.FixtureRequest) -> str:
    """All of it in both browsers."""
    return str(request.param)


@pytest.fixture
def site(browser: Browser, tmp_path: Path) -> Iterator[Site]:
    with opened(browser, tmp_path) as site:
        site.page.context.add_init_script(HELPERS)
        yield site


def save(site: Site, name: str, content: bytes | str, url: str | None = None) -> Any:
    """Saves a file and has the page take the change: in how many places it is shown."""
    site.write({name: content})
    return site.js("url => hr.image(url).catch(String)", url or f"/{name}")


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

    assert save(site, "a.png", png(20)) == 1
    assert site.js("hr.stop()") == ["true 10", "true 20"]
    assert site.js("hr.img === i && hr.bare(i.getAttribute('src'))") == "a.png?v=1&new#x"
    assert site.js("[...i.attributes].map(each => each.name)") == ["id", "src", "alt"]
    assert site.js("[j.getAttribute('src'), j.naturalWidth]") == ["b.png", 5]
    assert save(site, "a.png", png(30)) == 1
    assert site.js("[i.naturalWidth, i.src.match(/hotreload/g).length]") == [30, 1]


@case(
    "pictures",
    "A picture that a script shows later, under its plain URL, is the new one.",
    "the URL",
)
def test_plain_urls_are_new_too(site: Site) -> None:
    site.open("<img id=i src=a.png>", {"a.png": png(10)})

    assert save(site, "a.png", png(20)) == 1
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

    assert save(site, "a.png", png(20)) == 2
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

    assert save(site, "a.png", png(20)) == 3
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

    assert save(site, "a.svg", svg(20)) == 2
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

    assert save(site, "a.svg", svg(20)) == 4
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

    assert save(site, "a.png", png(20)) == 2
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

    assert save(site, "favicon.ico", png(20)) == 1
    assert save(site, "favicon.ico", png(30)) == 1
    assert site.js("document.querySelectorAll('link').length") == 1


@case("pictures", "Pictures in open shadow roots change.", "the shadow roots")
def test_shadow_roots(site: Site) -> None:
    site.open(
        "<div id=d><template "
        "shadowrootmode=open><style>p{background:url(a.png)}</style><p><img "
        "src=a.png></template></div>",
        {"a.png": png(10)},
    )

    assert save(site, "a.png", png(20)) == 2
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
    assert save(site, "a.png", png(20)) == 1
    assert site.js("i.naturalWidth") == 20


def test_a_picture_that_stands_nowhere_is_told(site: Site) -> None:
    site.open("<img src=b.png><a href=a.png>x</a>", {"a.png": png(10), "b.png": png(5)})
    before = site.js("document.documentElement.outerHTML")

    assert save(site, "a.png", png(20)) == 0
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

    assert save(site, "a.png", png(20)) == len(rules)
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
        "style='mask:url(a.png)'/></svg>",
        {"a.png": png(10)},
    )

    assert save(site, "a.png", png(20)) == 2
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

    assert save(site, "a.png", png(20)) == 5
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

    assert save(site, "a.png", png(20)) == 1
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

    assert save(site, "a.png", png(20)) == 2
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

    assert save(site, "a.png", png(20)) == 1
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


# ---- fonts ---------------------------------------------------------------------------------------


@case(
    "fonts",
    "A font changes without a moment in another one.",
    "the rule, and the text in the old font until then",
)
def test_fonts(site: Site, engine: str) -> None:
    site.open(
        "<link rel=stylesheet href=sub/a.css><span id=p>xxxx</span>",
        {
            "sub/a.css": "@font-face{font-family:f;src:url(../f.ttf)}span{font:100px f,monospace}",
            "f.ttf": ttf(500),
        },
    )
    site.page.wait_for_function("p.offsetWidth === 200")
    site.js(
        "hr.rule = document.styleSheets[0].cssRules[0]; hr.stop = hr.frames(() => p.offsetWidth); 0"
    )

    assert save(site, "f.ttf", ttf(1000)) == 1
    site.page.wait_for_function("p.offsetWidth === 400")
    assert site.js("hr.stop()") == [200, 400]
    # In Firefox a font's rule cannot be written to: another one takes its place.
    assert site.js("hr.rule === document.styleSheets[0].cssRules[0]") == (engine == "chromium")


def test_a_font_that_only_a_script_knows_needs_a_reload(site: Site) -> None:
    site.open("<p>x", {"f.ttf": ttf(500)})
    site.js("new FontFace('f', 'url(f.ttf)').load().then(face => { document.fonts.add(face); })")

    assert save(site, "f.ttf", ttf(1000)) == "Error: /f.ttf is used by a script"


# ---- sounds and films ----------------------------------------------------------------------------


@case(
    "films",
    "A sound or film changes while it is paused.",
    "its time, its speed and that it is paused",
)
def test_media_keep_their_time(site: Site) -> None:
    site.open(
        "<audio id=a src=a.wav></audio><video id=v><source src=b.wav><source src=a.wav></video>",
        {"a.wav": wav(10), "b.wav": wav(8)},
    )
    site.page.wait_for_function("a.readyState > 2 && v.readyState > 2")
    site.js("() => { a.currentTime = 4.5; a.playbackRate = 1.5; v.currentTime = 2; }")

    assert save(site, "a.wav", wav(20)) == 1
    assert site.js("[a.currentTime, a.playbackRate, a.paused, Math.round(a.duration)]") == [
        4.5,
        1.5,
        True,
        20,
    ]
    assert save(site, "b.wav", wav(1)) == 1
    assert site.js("[v.currentTime, Math.round(v.duration), v.paused]") == [1, 1, True]


@case("films", "A sound or film changes while it plays.", "that it plays, from where it was")
def test_media_go_on_playing(site: Site) -> None:
    site.open("<audio id=a src=a.wav muted loop></audio>", {"a.wav": wav(10)})
    site.js("async () => { await a.play(); a.currentTime = 5; }")

    assert save(site, "a.wav", wav(20)) == 1
    assert site.js("!a.paused && a.currentTime >= 5 && a.muted && a.loop")
    site.page.wait_for_function("a.duration > 19 && a.currentTime > 5.05")


@case("films", "A film that cannot be loaded any more stands still.", "the page goes on")
def test_media_that_break(site: Site) -> None:
    site.open("<audio id=a src=a.wav></audio>", {"a.wav": wav(10)})
    site.page.wait_for_function("a.readyState > 0")

    assert save(site, "a.wav", b"no sound") == 1
    assert site.js("a.error.code") == 4


@case("films", "Changed subtitles are read again.", "the film")
def test_tracks(site: Site) -> None:
    site.open("<video id=v><track id=t src=a.css></video>", {"a.css": "WEBVTT\n"})

    assert save(site, "a.css", "WEBVTT\n\n") == 1
    assert site.js("hr.bare(t.getAttribute('src'))") == "a.css?new"
