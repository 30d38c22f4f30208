"""The HTML patch in a real browser: each state of a page that stays, and what is around it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pair_server import Web
from playwright.sync_api import Page

Shown = Callable[..., Page]


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def engine(request: pytest.FixtureRequest) -> str:
    """All of it in both browsers."""
    return str(request.param)


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    web = Web()
    yield web
    web.close()


@pytest.fixture
def shown(page: Page, web: Web) -> Shown:
    """Opens a page with this body, tracks it, and leaves `patch(old part, new part)` in it."""

    def show(body: str, head: str = "", headers: dict[str, str] | None = None) -> Page:
        source = (
            f"<!doctype html><html><head><title>t</title>{head}</head><body>{body}</body></html>"
        )
        web.pages["/shown"] = ("text/html; charset=utf-8", source, headers or {})
        page.goto(f"{web.origin}/shown")
        page.evaluate(
            """async (source) => {
                const { track } = await import('/src/html.js');
                window.tracker = track(source);
                window.patch = (from, to) => tracker.patch(source = source.replace(from, to));
            }""",
            source,
        )
        return page

    return show


def patch(page: Page, old: str, new: str) -> list[dict[str, Any]]:
    done = page.evaluate("([old, new_]) => patch(old, new_).operations", [old, new])
    assert done, "nothing was patched"
    return list(done)


ITEMS = "<p class=x>one</p><p>two</p><p>three</p>"


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


# Around the patch --------------------------------------------------------------------------------


def test_no_frame_is_without_style_while_a_style_sheet_is_exchanged(shown: Shown, web: Web) -> None:
    for name, colour in (("red", "rgb(255, 0, 0)"), ("blue", "rgb(0, 0, 255)")):
        web.pages[f"/{name}.css"] = ("text/css", f"p {{ color: {colour} }}", {})
    page = shown(ITEMS, "<link rel=stylesheet href=/red.css>")

    seen = page.evaluate(
        """async () => {
            const seen = new Set();
            const colour = () => getComputedStyle(document.querySelector('p')).color;
            const { operations } = patch('red.css', 'blue.css');
            while (document.querySelectorAll('link').length > 1) {
                seen.add(colour());
                await new Promise(requestAnimationFrame);
            }
            return [operations.map(({ op }) => op), [...seen].includes('rgb(0, 0, 0)'), colour()];
        }"""
    )

    assert seen == [["stylesheet"], False, "rgb(0, 0, 255)"]


def test_three_exchanges_of_a_style_sheet_in_a_row_leave_the_last_one(shown: Shown) -> None:
    page = shown(ITEMS, "<link rel=stylesheet href=/css/a>")

    page.evaluate("patch('/css/a', '/css/b'); patch('/css/b', '/css/c'); patch('/css/c', '/css/d')")
    page.wait_for_function(
        "document.querySelectorAll('link').length === 1 && document.styleSheets.length === 1"
    )

    assert page.evaluate("document.querySelector('link').getAttribute('href')") == "/css/d"


def test_a_removed_style_sheet_waits_for_the_one_that_comes_with_it(shown: Shown) -> None:
    page = shown(ITEMS, "<link rel=stylesheet href=/css/a><meta name=x>")

    now = page.evaluate(
        """patch('<link rel=stylesheet href=/css/a><meta name=x>',
            '<meta name=x><style>p{}</style><link rel=stylesheet id=n href=/css/b media=all>'),
        document.querySelectorAll('link').length"""
    )
    page.wait_for_function(
        "document.querySelectorAll('link').length === 1 && document.styleSheets.length === 2"
    )

    assert now == 2
    assert page.evaluate("document.querySelector('link').id") == "n"


def test_a_hook_takes_over_the_change_of_a_style_element(shown: Shown) -> None:
    page = shown(ITEMS, "<style>p{order:1}</style>")

    calls = page.evaluate(
        """async () => {
            const { track } = await import('/src/html.js');
            const source = '<!doctype html><style>p{order:1}</style>';
            const calls = [];
            const style = ({ localName }, text) => calls.push([localName, text]) === 1;
            const tracker = track(source, { style });
            tracker.patch(source.replace('1', '2'));
            const first = document.querySelector('style').textContent;
            tracker.patch(source.replace('1', '3'));
            return [calls, first, document.querySelector('style').textContent];
        }"""
    )

    assert calls == [[["style", "p{order:2}"], ["style", "p{order:3}"]], "p{order:1}", "p{order:3}"]


def test_a_refused_patch_touches_nothing_and_can_be_followed_by_another(shown: Shown) -> None:
    page = shown(f"<main>{ITEMS}</main>", "<base href=/a/>")

    state = page.evaluate(
        """() => {
            const before = document.documentElement.outerHTML;
            let reason = '';
            const refused = tracker.text.replace('/a/', '/b/').replace('one', 'ONE');
            try { tracker.patch(refused); } catch (error) { reason = error.constructor.name; }
            const same = document.documentElement.outerHTML === before;
            const { length } = patch('two', 'TWO').operations;
            return [reason, same, length, document.querySelectorAll('p')[1].textContent];
        }"""
    )

    assert state == ["NeedsReload", True, 1, "TWO"]


def test_new_scripts_and_styles_get_the_nonce_that_the_page_was_loaded_with(shown: Shown) -> None:
    policy = "script-src 'self' 'nonce-abc' 'unsafe-eval'; style-src 'nonce-abc'"
    head = "<script nonce=abc>window.ran = ['a']</script>"
    page = shown(ITEMS, head, {"Content-Security-Policy": policy})

    done = page.evaluate(
        """async () => {
            const script = '<script nonce=xyz>ran.push("b")</script>';
            const style = '<style nonce=xyz>p{order:3}</style>';
            const { operations, scripts } = patch('</body>', `${script}${style}</body>`);
            await scripts;
            return [ran, getComputedStyle(document.querySelector('p')).order, operations.length];
        }"""
    )
    again = page.evaluate("patch('nonce=abc', 'nonce=other').operations")

    assert done == [["a", "b"], "3", 3]
    assert again == []


def test_a_page_with_trusted_types_is_patched(shown: Shown) -> None:
    page = shown(
        ITEMS,
        headers={
            "Content-Security-Policy": "require-trusted-types-for 'script'; trusted-types hotreload"
        },
    )

    assert patch(page, "<p>two</p>", "<p title=t>TWO</p><section>new</section>")
    assert page.evaluate("document.querySelector('section').previousSibling.textContent") == "TWO"


@pytest.mark.page_errors
def test_a_new_script_in_a_page_with_trusted_types_is_a_reload(shown: Shown) -> None:
    page = shown(
        ITEMS,
        headers={
            "Content-Security-Policy": "require-trusted-types-for 'script'; trusted-types hotreload"
        },
    )

    reason = page.evaluate(
        """() => {
            try { patch('</body>', '<script>window.ran = 1</script></body>'); }
            catch (error) { return error.message; }
        }"""
    )

    assert "Trusted Types" in reason
    assert page.evaluate("[window.ran, document.scripts.length]") == [None, 0]


def collect_garbage(page: Page) -> None:
    if page.evaluate("'TestUtils' in window"):
        page.evaluate("TestUtils.gc()")  # Firefox's own, where a preference allows it
        return
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.enable")
    session.send("HeapProfiler.collectGarbage")


def test_what_scripts_removed_from_the_page_is_not_held(shown: Shown) -> None:
    page = shown(f"<main id=m>{ITEMS}</main>")
    page.evaluate("gone = new WeakRef(m.firstChild); m.firstChild.remove()")
    page.evaluate("patch('two', 'TWO')")
    collect_garbage(page)

    assert page.evaluate("gone.deref()") is None


def test_an_xhtml_page_is_patched_as_xml(page: Page, web: Web) -> None:
    source = "<html xmlns='http://www.w3.org/1999/xhtml'><head><title>t</title></head><body><p>a</p><br/></body></html>"
    web.pages["/page.xhtml"] = ("application/xhtml+xml", source, {})
    page.goto(f"{web.origin}/page.xhtml")

    done = page.evaluate(
        """async (source) => {
            const { track } = await import('/src/html.js');
            const tracker = track(source);
            const { operations } = tracker.patch(source.replace('<p>a</p>', '<p>b</p><svg xmlns="http://www.w3.org/2000/svg"/>'));
            const done = [operations.length, document.body.children.length];
            try { tracker.patch('<html><p></html>'); }
            catch (error) { return [...done, error.message]; }
        }""",
        source,
    )

    assert done == [2, 3, "the page is not well-formed XML"]


def test_a_page_of_two_megabytes_is_patched_in_a_blink(shown: Shown) -> None:
    """In less than four times what the browser takes only to parse it."""
    row = (
        "<tr><td><a href='/{0}'>row {0}</a></td><td>"
        + "some words " * 80
        + "</td><td><b>{0}</b></td></tr>"
    )
    page = shown("<table>" + "".join(row.format(n) for n in range(2000)) + "</table>")

    ratio = page.evaluate(
        """() => {
            const time = (work, n) => {
                const start = performance.now();
                work(n);
                return performance.now() - start;
            };
            const best = (work) => Math.min(...[1, 2, 3, 4, 5].map((n) => time(work, n)));
            const parse = best(() => new DOMParser().parseFromString(tracker.text, 'text/html'));
            return best((n) => patch(`row ${1000 + n}<`, `line ${n}<`)) / parse;
        }"""
    )

    assert ratio < 4
