"""A page that is reloaded lands where it was: its form, its scroll, its focus, its films."""

import pytest
from playwright.sync_api import Page
from support.browser.client_page import Open, html, wait_for_reload, wait_until
from support.browser.fake_server import FakeServer

STATE = """
<details id=more><summary>more</summary>text</details>
<details id=less open><summary>less</summary>text</details>
<form><input name=text value=old><input name=same value=same><input type=password name=secret>
<input name=card autocomplete=cc-number><input type=checkbox name=check>
<input type=radio name=radio value=a checked><input type=radio name=radio value=b>
<select name=one><option>a<option>b</select>
<select name=many multiple><option>a<option>b<option>c</select>
<textarea name=area>old</textarea></form>
<div id=rich contenteditable>old</div>
<div id=box style="height:100px;overflow:auto"><div style="height:1000px"></div></div>
<dialog id=modal>modal</dialog><dialog id=plain>plain</dialog><div id=pop popover>pop</div>
<div id=host></div>
<script>
host.attachShadow({mode: 'open'}).innerHTML = '<input id=inner><div><input></div>';
setTimeout(() => document.body.insertAdjacentHTML('beforeend', '<input id=late>'), 200);
</script>
""" + "".join(f"<p id=p{i}>paragraph {i}</p>" for i in range(100))

# What a person did, and where it shows.
DONE = {
    "more.open": "more.open = true",
    "less.open": "less.open = false",
    "document.forms[0].text.value": "document.forms[0].text.value = 'typed'",
    "document.forms[0].same.value": "document.forms[0].same.value = 'same'",
    "document.forms[0].check.checked": "document.forms[0].check.checked = true",
    "document.forms[0].radio.value": "document.forms[0].radio.value = 'b'",
    "document.forms[0].one.value": "document.forms[0].one.value = 'b'",
    "[...document.forms[0].many.selectedOptions].map(o => o.value)": (
        "for (const each of document.forms[0].many.options) each.selected = each.value !== 'a'"
    ),
    "document.forms[0].area.value": "document.forms[0].area.value = 'line 1\\nline 2'",
    "rich.innerHTML": (
        "rich.innerHTML = 'some <b>text</b>';"
        "rich.dispatchEvent(new Event('input', {bubbles: true}))"
    ),
    "box.scrollTop": "box.scrollTop = 300",
    "modal.matches(':modal')": "modal.showModal()",
    "plain.open && !plain.matches(':modal')": "plain.show()",
    "pop.matches(':popover-open')": "pop.showPopover()",
    "host.shadowRoot.querySelector('#inner').value": (
        "host.shadowRoot.querySelector('#inner').value = 'in'"
    ),
    "host.shadowRoot.querySelector('div input').value": (
        "host.shadowRoot.querySelector('div input').value = 'deep'"
    ),
    "document.querySelector('#late')?.value": "document.querySelector('#late').value = 'late'",
    "Math.round(scrollY)": "scrollTo(0, 1500)",
}


@pytest.mark.parametrize("engine", ["chromium", "firefox"])
class TestLanding:
    """A full reload lands where the page was."""

    def reload(self, page: Page, fake: FakeServer) -> None:
        pages = len([m for m in fake.heard if m["type"] == "page"])
        fake.say({"type": "reload", "reason": "a test"})
        wait_for_reload(page, fake, pages + 1)

    def test_what_a_person_did_is_put_back(
        self, open_page: Open, fake: FakeServer, engine: str
    ) -> None:
        page = open_page(STATE)
        wait_until(page, "document.querySelector('#late')")
        for deed in DONE.values():
            page.evaluate(f"() => {{ {deed} }}")
        page.evaluate("for (const name of ['secret', 'card']) document.forms[0][name].value = name")
        before = {place: page.evaluate(place) for place in DONE}
        self.reload(page, fake)
        wait_until(page, "document.querySelector('#late')?.value")

        assert {place: page.evaluate(place) for place in DONE} == before
        kept = page.evaluate("document.forms[0].secret.value + document.forms[0].card.value")
        assert kept == ("" if engine == "chromium" else "card")  # Firefox keeps that itself

    def test_a_slider_that_nobody_touched_takes_its_new_value(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        page = open_page("<input type=range id=one><input type=range id=two>")
        page.evaluate("two.value = 70")
        fake.write(
            "/index.html", html("<input type=range id=one value=80><input type=range id=two>")
        )
        self.reload(page, fake)
        wait_until(page, "two.value === '70'")

        assert page.evaluate("one.value") == "80"

    def test_a_place_in_a_form_with_a_field_named_children_is_found(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        page = open_page("<form><p><input></p><input name=children></form>")
        page.evaluate("document.querySelector('input').value = 'typed'")
        self.reload(page, fake)

        wait_until(page, "document.querySelector('input').value === 'typed'")

    def test_focus_and_selection_are_put_back(self, open_page: Open, fake: FakeServer) -> None:
        page = open_page("<input id=a value='some text'><p id=b>other text</p>")
        page.evaluate("a.focus(); a.setSelectionRange(2, 5, 'backward')")
        self.reload(page, fake)
        wait_until(page, "document.activeElement === a && a.selectionStart === 2")
        assert page.evaluate("[a.selectionEnd, a.selectionDirection]") == [5, "backward"]

        page.evaluate(
            "window.mark = 1; a.blur(); const text = b.firstChild;"
            "getSelection().setBaseAndExtent(text, 6, text, 10)"
        )
        self.reload(page, fake)
        wait_until(page, "getSelection().toString() === 'text'")

    def test_what_was_seen_is_seen_when_content_above_it_changed(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        """Also without ids to know it by."""
        lines = "".join(f"<p>line {i}</p>" for i in range(100))
        fake.write("/code.js", "")
        script = "<script src=/code.js></script>"
        page = open_page(script + lines)
        page.evaluate("document.querySelectorAll('p')[50].scrollIntoView()")
        seen = "[...document.querySelectorAll('p')].find(p => p.textContent === 'line 50')"
        top = f"{seen}.getBoundingClientRect().top"
        before = page.evaluate(top)
        fake.files["/index.html"] = html(script + "<p>new</p>" * 20 + lines).encode()
        fake.edit("/code.js", "1")
        wait_for_reload(page, fake)

        wait_until(page, f"Math.abs({top} - {before}) < 1")

    def test_film_goes_on_where_it_was(self, open_page: Open, fake: FakeServer) -> None:
        rate, seconds = 8000, 4
        size = rate * seconds
        wave = (
            b"RIFF" + (36 + size).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
        )
        wave += b"\1\0\1\0" + rate.to_bytes(4, "little") * 2 + b"\1\0\x08\0data"
        fake.write("/tone.wav", wave + size.to_bytes(4, "little") + b"\x80" * size)
        page = open_page("<audio id=a src=/tone.wav preload=auto></audio>")
        wait_until(page, "a.readyState === 4")
        page.evaluate(
            "a.volume = .5; new Promise(done => { a.onseeked = done; a.currentTime = 2 })"
        )
        self.reload(page, fake)

        wait_until(page, "a.currentTime === 2 && a.volume === .5")

    @pytest.mark.parametrize("opt_out", [" data-hotreload-restore=off", ""])
    def test_page_may_have_nothing_put_back(
        self, open_page: Open, fake: FakeServer, opt_out: str
    ) -> None:
        head = "<script>addEventListener('load', () => { field.autocomplete = 'off' })</script>"
        page = open_page("<input id=field autocomplete=off>", head, opt_out)
        page.evaluate("field.value = 'typed'")
        self.reload(page, fake)
        if opt_out:
            page.wait_for_timeout(300)  # what must not happen would happen in this time
            assert page.input_value("#field") == ""
        else:
            wait_until(page, "field.value === 'typed'")

    def test_person_has_the_last_word(self, open_page: Open, fake: FakeServer) -> None:
        """What a person does while a page lands is not undone."""
        page = open_page("<input id=field autocomplete=off>")
        page.evaluate(
            "field.value = 'typed';"
            "document.body.insertAdjacentHTML('beforeend', '<input id=made>');"
            "made.value = 'never made again: what is waited for until patience ends'"
        )
        self.reload(page, fake)
        wait_until(page, "field.value === 'typed'")
        page.fill("#field", "")
        page.keyboard.press("a")
        page.evaluate("new Promise(done => setTimeout(done, 300))")

        assert page.input_value("#field") == "a"

    def test_each_frame_lands_for_itself(self, open_page: Open, fake: FakeServer) -> None:
        fake.write("/frame.html", "<!doctype html><input id=field autocomplete=off>")
        page = open_page("<iframe src=/frame.html></iframe><iframe src=/frame.html></iframe>")
        fake.hear("page", 3)
        for number in range(2):
            page.evaluate(f"frames[{number}].field.value = 'typed {number}'")
        fake.update({"url": "*", "kind": "modified"})
        fake.hear("page", 6)

        for number in range(2):
            wait_until(page, f"frames[{number}].field?.value === 'typed {number}'")

    def test_worker_that_answers_from_a_cache_does_not_keep_a_change_away(
        self, open_page: Open, fake: FakeServer
    ) -> None:
        fake.write(
            "/worker.js",
            "addEventListener('install', () => skipWaiting());"
            "addEventListener('activate', e => e.waitUntil(clients.claim()));"
            "addEventListener('fetch', e => e.respondWith((async () => {"
            " const cache = await caches.open('v1'); const known = await cache.match(e.request);"
            " if (known) return known; const fresh = await fetch(e.request);"
            " await cache.put(e.request, fresh.clone()); return fresh; })()))",
        )
        fake.write("/code.js", "n = 1")
        page = open_page("<script src=/code.js></script>")
        page.evaluate(
            "navigator.serviceWorker.register('/worker.js')"
            ".then(() => navigator.serviceWorker.ready)"
        )
        wait_until(page, "navigator.serviceWorker.controller")
        page.reload()
        page.evaluate("window.mark = 1")
        pages = len([m for m in fake.heard if m["type"] == "page"])
        fake.edit("/code.js", "n = 2")
        wait_for_reload(page, fake, pages + 1)

        assert page.evaluate("n") == 2
