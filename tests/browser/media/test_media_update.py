"""Fonts, sounds, films and subtitles: a save shows while they are in use, in a real browser.

Each case says in its title what a person notices and what is not lost.
"""

from conftest import both_engines
from support.browser.made_files import ttf, wav
from support.browser.module_page import Cases, Site, module_site

CASES = Cases()
case = CASES.enter
engine = both_engines
site = module_site


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

    assert site.save("f.ttf", ttf(1000)) == 1
    site.page.wait_for_function("p.offsetWidth === 400")
    assert site.js("hr.stop()") == [200, 400]
    # In Firefox a font's rule cannot be written to: another one takes its place.
    assert site.js("hr.rule === document.styleSheets[0].cssRules[0]") == (engine == "chromium")


def test_a_font_that_only_a_script_knows_needs_a_reload(site: Site) -> None:
    site.open("<p>x", {"f.ttf": ttf(500)})
    site.js("new FontFace('f', 'url(f.ttf)').load().then(face => { document.fonts.add(face); })")

    assert site.save("f.ttf", ttf(1000)) == "Error: /f.ttf is used by a script"


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

    assert site.save("a.wav", wav(20)) == 1
    assert site.js("[a.currentTime, a.playbackRate, a.paused, Math.round(a.duration)]") == [
        4.5,
        1.5,
        True,
        20,
    ]
    assert site.save("b.wav", wav(1)) == 1
    assert site.js("[v.currentTime, Math.round(v.duration), v.paused]") == [1, 1, True]


@case("films", "A sound or film changes while it plays.", "that it plays, from where it was")
def test_media_go_on_playing(site: Site) -> None:
    site.open("<audio id=a src=a.wav muted loop></audio>", {"a.wav": wav(10)})
    site.js("async () => { await a.play(); a.currentTime = 5; }")

    assert site.save("a.wav", wav(20)) == 1
    assert site.js("!a.paused && a.currentTime >= 5 && a.muted && a.loop")
    site.page.wait_for_function("a.duration > 19 && a.currentTime > 5.05")


@case("films", "A film that cannot be loaded any more stands still.", "the page goes on")
def test_media_that_break(site: Site) -> None:
    site.open("<audio id=a src=a.wav></audio>", {"a.wav": wav(10)})
    site.page.wait_for_function("a.readyState > 0")

    assert site.save("a.wav", b"no sound") == 1
    assert site.js("a.error.code") == 4


@case("films", "Changed subtitles are read again.", "the film")
def test_tracks(site: Site) -> None:
    site.open("<video id=v><track id=t src=a.css></video>", {"a.css": "WEBVTT\n"})

    assert site.save("a.css", "WEBVTT\n\n") == 1
    assert site.js("hr.bare(t.getAttribute('src'))") == "a.css?new"
