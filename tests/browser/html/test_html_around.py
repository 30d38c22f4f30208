"""Around the HTML patch in a real browser: what it loads, what it may not do, and what it costs."""

import pytest
from conftest import both_engines
from playwright.sync_api import Page
from support.browser.pair_server import Web
from support.browser.patched_page import ITEMS, Shown, patch

engine = both_engines


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
            const { track } = await import('/src/html/html.js');
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
            const { track } = await import('/src/html/html.js');
            const tracker = track(source);
            const { operations } = tracker.patch(source.replace('<p>a</p>', '<p>b</p><svg xmlns="http://www.w3.org/2000/svg"/>'));
            const done = [operations.length, document.body.children.length];
            try { tracker.patch('<html><p></html>'); }
            catch (error) { return [...done, error.message]; }
        }""",
        source,
    )

    assert done == [2, 3, "the page is not well-formed XML"]


def test_noscript_is_elements_in_an_xhtml_page(page: Page, web: Web) -> None:
    source = (
        "<html xmlns='http://www.w3.org/1999/xhtml'><head><title>t</title></head>"
        "<body><p>a</p><noscript><p>b</p></noscript></body></html>"
    )
    web.pages["/page.xhtml"] = ("application/xhtml+xml", source, {})
    page.goto(f"{web.origin}/page.xhtml")

    done = page.evaluate(
        """async (source) => {
            const { track } = await import('/src/html/html.js');
            const next = source.replace('a</p>', 'c</p>').replace('b</p>', 'd</p>');
            const { operations } = track(source).patch(next);
            const { firstChild, lastChild } = document.body;
            return [operations.length, firstChild.textContent, lastChild.innerHTML];
        }""",
        source,
    )

    assert done == [2, "c", '<p xmlns="http://www.w3.org/1999/xhtml">d</p>']


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
