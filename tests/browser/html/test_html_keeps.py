"""The HTML patch in a real browser: each state of a page that stays."""

import pytest
from conftest import both_engines
from support.browser.patched_page import ITEMS, Shown, patch

engine = both_engines

pytestmark = pytest.mark.firefox


def test_focus_typed_text_and_selection_stay(shown: Shown) -> None:
    page = shown(f"<label>Name <input id=f></label>{ITEMS}")
    page.locator("#f").press_sequentially("typed")
    page.evaluate("f.setSelectionRange(1, 3, 'backward')")

    patch(
        page,
        "<label>Name <input id=f></label>",
        "<h1>new</h1><label class=a>Your name <input id=f></label>",
    )
    patch(page, "<h1>new</h1>", "")

    state = page.evaluate(
        "({ activeElement: { id } } = document,"
        " [id, f.value, f.selectionStart, f.selectionEnd, f.selectionDirection])"
    )
    assert state == ["f", "typed", 1, 3, "backward"]


def test_no_event_of_focus_is_fired(shown: Shown) -> None:
    page = shown(f"<input id=f>{ITEMS}")
    page.locator("#f").focus()
    page.evaluate(
        """seen = [];
        const names = ['focus', 'blur', 'change'];
        for (const name of names) f.addEventListener(name, () => seen.push(name));"""
    )

    patch(page, f"<input id=f>{ITEMS}", f"{ITEMS}<div><input id=f></div>")

    assert page.evaluate("[seen, document.activeElement.id]") == [[], "f"]


def test_undoing_what_was_typed_still_works(shown: Shown) -> None:
    page = shown(f"<textarea id=f></textarea>{ITEMS}")
    page.locator("#f").press_sequentially("ab")

    patch(page, "one", "ONE")
    page.keyboard.press("Control+z")

    assert page.evaluate("f.value") != "ab"


def test_scroll_of_the_page_and_of_scrollers_stays(shown: Shown) -> None:
    tall = "<div style='height:3000px'></div>"
    page = shown(
        f"<p class=x>one</p><div id=s style='height:50px;overflow:auto'>{tall}</div>{tall}"
    )
    page.evaluate("s.scrollTop = 70; scrollTo(0, 900)")

    patch(page, "one", "ONE")
    patch(page, "<p class=x>", "<h1>new</h1><p class=x>")

    assert page.evaluate("s.scrollTop") == 70
    assert page.evaluate("scrollY") >= 900  # scroll anchoring adds the new heading's height


def test_what_the_reader_looks_at_stays_in_place_when_content_comes_above_it(shown: Shown) -> None:
    tall = "".join(f"<p id=p{n} style='height:100px'>{n}</p>" for n in range(40))
    page = shown(f"<main>{tall}</main>")
    page.evaluate("scrollTo(0, 2000)")
    top = """new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(
        () => done(p25.getBoundingClientRect().top))))"""
    before = page.evaluate(top)

    patch(page, "<main>", "<main><div style='height:500px'>new</div>")

    assert page.evaluate(top) == before


def test_open_details_stay_open(shown: Shown) -> None:
    page = shown(f"<details id=d><summary>more</summary>text</details>{ITEMS}")
    page.locator("summary").click()

    patch(page, "<summary>more</summary>text", "<summary>More</summary>texts")
    patch(page, "<details", "<hr><details")

    assert page.evaluate("d.open")


def test_an_open_dialog_stays_open_and_modal(shown: Shown) -> None:
    page = shown(f"<dialog id=d><p>question</p><button>ok</button></dialog>{ITEMS}")
    page.evaluate("d.showModal()")

    patch(page, "question", "another question")
    patch(page, "<dialog id=d>", "<h1>x</h1><dialog id=d class=c>")

    assert page.evaluate("[d.open, d.matches(':modal')]") == [True, True]


def test_an_open_popover_stays_open(shown: Shown) -> None:
    page = shown(f"<div id=d popover>menu</div>{ITEMS}")
    page.evaluate("d.showPopover()")

    patch(page, "menu", "the menu")
    patch(page, "<div id=d popover>", "<div id=d popover class=c>")

    assert page.evaluate("d.matches(':popover-open')")


def test_playing_media_goes_on(shown: Shown) -> None:
    page = shown(f"<main><video id=v muted></video></main>{ITEMS}")
    page.evaluate(
        """async () => {
            const canvas = document.createElement('canvas');
            canvas.getContext('2d').fillRect(0, 0, 1, 1);
            v.srcObject = canvas.captureStream(30);
            await v.play();
            window.seen = [];
            const names = ['pause', 'emptied', 'loadstart'];
            for (const name of names) v.addEventListener(name, () => seen.push(name));
        }"""
    )

    patch(
        page,
        "<main><video id=v muted></video></main>",
        "<h1>x</h1><main><figure><video id=v muted class=c></video></figure></main>",
    )

    assert page.evaluate("[v.paused, seen, v.parentNode.localName]") == [False, [], "figure"]


def test_a_drawing_on_a_canvas_stays(shown: Shown) -> None:
    page = shown(f"<canvas id=c width=2 height=2></canvas>{ITEMS}")
    page.evaluate("c.getContext('2d').fillRect(0, 0, 2, 2)")

    patch(
        page,
        f"<canvas id=c width=2 height=2></canvas>{ITEMS}",
        f"{ITEMS}<div><canvas id=c class=x width=2 height=2></canvas></div>",
    )

    assert page.evaluate("c.getContext('2d').getImageData(0, 0, 1, 1).data[3]") == 255


def test_a_custom_element_keeps_its_state_and_hears_nothing(shown: Shown) -> None:
    page = shown(f"<x-e id=e>text</x-e>{ITEMS}")
    page.evaluate(
        """() => {
            window.calls = [];
            customElements.define('x-e', class extends HTMLElement {
                static observedAttributes = ['a'];
                constructor() { super(); this.count = 0; }
                connectedCallback() { calls.push('connected'); this.count++; }
                disconnectedCallback() { calls.push('disconnected'); }
                attributeChangedCallback(name, from, to) { calls.push(`${name} ${to}`); }
            });
            e.count = 7;
        }"""
    )

    patch(page, "one", "ONE")
    patch(page, "<x-e id=e>text", "<h1>x</h1><x-e id=e a=1>texts")

    assert page.evaluate("[calls, e.count]") == [["connected", "a 1"], 7]


def test_listeners_stay(shown: Shown) -> None:
    page = shown(f"<button id=b>Go</button>{ITEMS}")
    page.evaluate("clicks = 0; b.addEventListener('click', () => clicks++)")

    patch(page, "<button id=b>Go</button>", "<p><button id=b class=big>Send</button></p>")
    page.locator("#b").click()

    assert page.evaluate("clicks") == 1


def test_running_transitions_and_animations_go_on(shown: Shown) -> None:
    rules = (
        "#a { transition: opacity 60s } #b { animation: k 60s } @keyframes k { to { left: 9px } }"
    )
    style = f"<style>{rules}</style>"
    page = shown(f"<main><p id=a>a</p><p id=b>b</p></main>{ITEMS}", style)
    page.evaluate(
        "getComputedStyle(a).opacity; a.style.opacity = 0; running = document.getAnimations()"
    )

    patch(
        page,
        "<p id=a>a</p><p id=b>b</p>",
        "<h1>x</h1><p id=b>B</p><div><p id=a class=c>A</p></div>",
    )

    assert page.evaluate(
        """now = document.getAnimations(), running.length === 2
            && running.every((r) => r.playState === 'running' && now.includes(r))"""
    )


def test_a_frame_is_not_loaded_again(shown: Shown) -> None:
    page = shown(f"<iframe id=f srcdoc='<p>x'></iframe>{ITEMS}")
    page.wait_for_function("f.contentDocument?.querySelector('p')")
    page.evaluate("f.contentWindow.mark = 1")

    patch(page, f"</iframe>{ITEMS}", f"</iframe><hr>{ITEMS}")
    patch(page, "<iframe id=f", "<h1>x</h1><iframe id=f title=t")

    assert page.evaluate("f.contentWindow.mark") == 1


def test_nothing_that_did_not_change_is_touched(shown: Shown) -> None:
    page = shown(f"<main>{ITEMS}<form><input><select><option>a<option>b</select></form></main>")
    page.evaluate(
        """() => {
            window.records = [];
            window.observer = new MutationObserver((list) => records.push(...list));
            const all = { subtree: true, childList: true, attributes: true, characterData: true };
            observer.observe(document, all);
        }"""
    )

    patch(page, "two", "TWO")

    touched = page.evaluate(
        "[...records, ...observer.takeRecords()].map(({ type, target }) => [type, target.data])"
    )
    assert touched == [["characterData", "TWO"]]
