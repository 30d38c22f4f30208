"""Pages whose scripts have read their own HTML: what is patched in place, and what only a reload makes right."""

# ruff: noqa: E501  a case is a row of a table: it is read across
# fmt: off

from .pair import Pair, bodies, heads, wholes

once = bodies("sources that scripts read once")
prepared = bodies("elements that scripts prepare")
read = bodies("what scripts have made of the page")
named = bodies("names that scripts mention")
later = bodies("what scripts do long after the page was loaded")
settings = heads("settings that scripts read")
loading = wholes("settings that scripts read")

READ, PREPARED, COPIED = "may have read", "scripts have changed", "scripts have copied"


def js(code: str) -> str:
    """Return a script."""
    return f"<script>{code}</script>"


QUIET = js("window.app = 1")
"""A script that knows nothing of the page."""
CLONE = js("l.append(t.content.cloneNode(true))")
TOC = js("for (const h of document.querySelectorAll('h2')) { const a = toc.appendChild(document.createElement('li')); a.textContent = h.textContent }")
SLUGS = js("for (const h of document.querySelectorAll('h2')) h.id = h.textContent.toLowerCase().replaceAll(' ', '-')")
TIPS = js("for (const e of document.querySelectorAll('[title]')) { const t = e.title; e.removeAttribute('title'); e.onmouseenter = () => tip.textContent = t }")
SUM = js("total.textContent = [...document.querySelectorAll('td')].reduce((sum, td) => sum + Number(td.textContent), 0)")
SORT = js("l.append(...[...l.children].sort((a, b) => a.textContent < b.textContent ? -1 : 1))")
WRAP = js("for (const p of document.querySelectorAll('.w')) { const d = document.createElement('div'); p.replaceWith(d); d.append(p) }")
MATH = js("for (const p of document.querySelectorAll('p')) p.innerHTML = p.innerHTML.replace(/\\$(\\w+)\\$/g, '<i>$1</i>')")
LAZY = js("for (const i of document.querySelectorAll('[data-src]')) { i.title = i.dataset.src; i.removeAttribute('data-src') }")
DRAW = js("document.querySelector('canvas').width = Number(document.querySelector('b').textContent)")
OPTION = js("document.querySelector('u').append(s.options[0].text)")
CLICKS = js("for (const b of document.querySelectorAll('.k')) b.addEventListener('click', () => b.classList.toggle('on'))")
MADE = js("const b = document.body.appendChild(document.createElement('b')); b.textContent = 'made 1'")

LIBRARY = js("/*! library */ document.getElementById('s').classList.add('made')")

NAMES = js("document.querySelector('form p').textContent = document.forms[0][0].name")
SETS = js("document.querySelector('p').textContent = document.querySelector('b').getAttribute('data-' + 'of')")

PAIRS: tuple[Pair, ...] = (
    once("a template that was cloned", "<ul id=l></ul><template id=t><li>Item</li></template>" + CLONE, "<ul id=l></ul><template id=t><li>Entry</li></template>" + CLONE, reload=READ),
    once("an element comes into a template", "<ul id=l></ul><template id=t><li>Item</li></template>" + CLONE, "<ul id=l></ul><template id=t><li>Item</li><li>b</li></template>" + CLONE, reload=READ),
    once("a text beside a template that was cloned", "<ul id=l></ul><p>a</p><template id=t><li>Item</li></template>" + CLONE, "<ul id=l></ul><p>b</p><template id=t><li>Item</li></template>" + CLONE, "text p",
         check="return document.querySelector('p').textContent === 'b' && document.querySelectorAll('li').length === 1", keeps="what the script made"),
    once("a template that no script mentions", "<template><li>Item</li></template>" + QUIET, "<template><li>Entry</li></template>" + QUIET, "text li"),
    once("slides in a textarea", "<textarea id=source># One</textarea>" + js("window.slides = source.value"), "<textarea id=source># Two</textarea>" + js("window.slides = source.value"), reload=READ),
    once("a text in pre", "<pre>a</pre>" + js("document.querySelectorAll('pre')"), "<pre>b</pre>" + js("document.querySelectorAll('pre')"), reload=READ),
    once("a text in pre that no script mentions", "<pre>a</pre>" + QUIET, "<pre>b</pre>" + QUIET, "text pre"),
    once("code in pre", "<pre><code class=js>a</code></pre>" + js("document.querySelectorAll('pre code')"), "<pre><code class=js>b</code></pre>" + js("document.querySelectorAll('pre code')"), reload=READ),
    once("xmp", "<xmp id=x>a</xmp>" + js("window.x1 = x.textContent"), "<xmp id=x>b</xmp>" + js("window.x1 = x.textContent"), reload=READ),
    once("a hidden field", "<input type=hidden id=h value=a>" + js("window.h1 = h.value"), "<input type=hidden id=h value=b>" + js("window.h1 = h.value"), reload=READ),
    once("noscript", "<noscript><img src=/a.svg></noscript>" + js("document.querySelector('noscript')"), "<noscript><img src=/b.svg></noscript>" + js("document.querySelector('noscript')"), reload=READ),
    once("a handler that has run", "<img src=/a.svg onload='window.a = 1'>", "<img src=/a.svg onload='window.a = 2'>", reload="onload of img"),
    once("an element whose handler has run goes", "<p>a</p><img src=/a.svg onload='window.a = 1'>", "<p>a</p>", reload="onload of img"),
    once("a handler that may have run", "<button onclick='a()'>x</button>" + QUIET, "<button onclick='b()'>x</button>" + QUIET, reload="onclick of button"),
    once("an element whose handler may have run goes", "<p>a</p><button onclick='a()'>x</button>" + QUIET, "<p>a</p>" + QUIET, reload="onclick of button"),
    once("an element with a handler that is called later comes", "<p>a</p>" + QUIET, "<p>a</p><button onclick='a()'>x</button>" + QUIET, "insert button in body"),
    prepared("an option's value in a select that a library has changed", "<select id=s><option value=a>A</option></select>" + LIBRARY, "<select id=s><option value=b>A</option></select>" + LIBRARY, reload="may have read its options"),
    prepared("an option's text in a select that a library has changed", "<select id=s><option value=a>A</option></select>" + LIBRARY, "<select id=s><option value=a>B</option></select>" + LIBRARY, reload="may have read its options"),
    prepared("an attribute in an element that a library has changed", "<div id=s><a href=a>A</a></div>" + LIBRARY, "<div id=s><a href=b>A</a></div>" + LIBRARY, reload="may have read href in it"),
    prepared("an attribute beside an element that a library has changed", "<div id=s>A</div><a href=a>B</a>" + LIBRARY, "<div id=s>A</div><a href=b>B</a>" + LIBRARY, "attribute a href"),
    prepared("a rule for an element that a library has changed", "<style>#s { width: 1px }</style><div id=s>A</div>" + LIBRARY, "<style>#s { width: 2px }</style><div id=s>A</div>" + LIBRARY, reload="may have measured it"),
    prepared("a rule in a group for an element that a library has changed", "<style>@media all { p, .made { width: 1px } }</style><div id=s>A</div>" + LIBRARY, "<style>@media all { p, .made { width: 2px } }</style><div id=s>A</div>" + LIBRARY, reload="may have measured it"),
    prepared("a variable that sizes an element that a library has changed", "<style>:root { --w: 1px } #s { width: var(--w) }</style><div id=s>A</div>" + LIBRARY, "<style>:root { --w: 2px } #s { width: var(--w) }</style><div id=s>A</div>" + LIBRARY, reload="may have measured it"),
    prepared("a font size around an element that a library has changed", "<style>body { font-size: 10px }</style><div id=s>A</div>" + LIBRARY, "<style>body { font-size: 20px }</style><div id=s>A</div>" + LIBRARY, reload="may have measured it"),
    prepared("a class around an element that a library has changed", "<style>.a { width: 9px } .b { width: 8px }</style><div class=a><div id=s>A</div></div>" + LIBRARY, "<style>.a { width: 9px } .b { width: 8px }</style><div class=b><div id=s>A</div></div>" + LIBRARY, reload="may have measured it"),
    prepared("the media of the styles of an element that a library has changed", "<style media=all>#s { width: 1px }</style><div id=s>A</div>" + LIBRARY, "<style media=print>#s { width: 1px }</style><div id=s>A</div>" + LIBRARY, reload="may have measured it"),
    prepared("a colour of an element that a library has changed", "<style>#s { color: red }</style><div id=s>A</div>" + LIBRARY, "<style>#s { color: blue }</style><div id=s>A</div>" + LIBRARY, "style"),
    prepared("a rule beside an element that a library has changed", "<style>p { width: 1px }</style><p>B</p><div id=s>A</div>" + LIBRARY, "<style>p { width: 2px }</style><p>B</p><div id=s>A</div>" + LIBRARY, "style"),
    once("a script comes where another waits for the page to load", "<p>a</p>" + js("addEventListener('load', () => window.x1 = 1)"), "<p>a</p>" + js("addEventListener('load', () => window.x1 = 1)") + js("window.x2 = 2"), reload="wait for the page to load"),
    once("a script comes where none waits for the page to load", "<p>a</p>" + QUIET, "<p>a</p>" + QUIET + js("window.x2 = 2"), "insert script in body", "script inline"),
    read("a name that a script has copied", "<form><input name=first><p></p></form>" + NAMES, "<form><input name=second><p></p></form>" + NAMES, reload="scripts have copied name of input"),
    read("a data attribute that a script has copied", "<style>[data-of] { color: red }</style><b data-of=first>x</b><p></p>" + SETS, "<style>[data-of] { color: red }</style><b data-of=second>x</b><p></p>" + SETS, reload="data-of of b"),
    once("a text beside a handler", "<p>a</p><button onclick='a()'>x</button>" + QUIET, "<p>b</p><button onclick='a()'>x</button>" + QUIET, "text p"),
    settings("a setting in meta", "<meta name=config content=a>" + js("document.querySelector('meta[name=config]').content"), "<meta name=config content=b>" + js("document.querySelector('meta[name=config]').content"), reload=READ),
    settings("a description for search engines", "<meta name=description content=a>" + QUIET, "<meta name=description content=b>" + QUIET, "attribute meta content"),
    loading("a body that calls a function when it is loaded", "<body onload='window.a = 1'><p>x</p>", "<body onload='window.a = 2'><p>x</p>", reload="onload of body"),

    prepared("another one of a class", "<div class=m>a</div>" + js("document.querySelector('.m').innerHTML = '<svg></svg>'"), "<div class=m>a</div><div class=m>b</div>" + js("document.querySelector('.m').innerHTML = '<svg></svg>'"), reload="div"),
    prepared("another one that clicks", "<button class=k>a</button>" + CLICKS, "<button class=k>a</button><button class=k>b</button>" + CLICKS, reload="button"),
    prepared("one that clicks goes", "<button class=k>a</button><button class=k>b</button>" + CLICKS, "<button class=k>a</button>" + CLICKS, reload="button"),
    prepared("one that does not click", "<button class=k>a</button><p>x</p>" + CLICKS, "<button class=k>a</button><p>x</p><p>y</p>" + CLICKS, "insert p in body"),
    prepared("the text of one that clicks", "<button class=k>a</button>" + CLICKS, "<button class=k>b</button>" + CLICKS, "text button", keeps="what scripts know of it"),
    prepared("an element that a script names by its kind", "<ul><li>a</li></ul>" + js("for (const li of document.querySelectorAll('li')) li.onclick = () => li.remove()"), "<ul><li>a</li><li>b</li></ul>" + js("for (const li of document.querySelectorAll('li')) li.onclick = () => li.remove()"), reload="li"),
    prepared("an element that comes into a list that a script names", "<ul id=u><li>a</li></ul>" + js("for (const each of u.children) each.onclick = () => each.remove()"), "<ul id=u><li>a</li><li>b</li></ul>" + js("for (const each of u.children) each.onclick = () => each.remove()"), reload="may know what is in ul#u"),
    prepared("an element beside one from which a script goes on", "<h2 class=a>a</h2><p>x</p>" + js("for (const h of document.querySelectorAll('.a')) h.onclick = () => h.nextElementSibling.remove()"), "<h2 class=a>a</h2><i>y</i><p>x</p>" + js("for (const h of document.querySelectorAll('.a')) h.onclick = () => h.nextElementSibling.remove()"), reload="beside it"),
    prepared("a text with a formula, where formulas are rewritten", "<p>a $x$</p><p>b</p>" + MATH, "<p>a $x$</p><p>b $y$</p>" + MATH, reload="p"),
    prepared("a formula that was rewritten", "<p>a $x$</p>" + MATH, "<p>a $y$</p>" + MATH, reload="p"),
    prepared("a picture that is shown late", "<img data-src=/a.svg>" + LAZY, "<img data-src=/b.svg>" + LAZY, reload="img"),
    prepared("another picture that is shown late", "<img data-src=/a.svg>" + LAZY, "<img data-src=/a.svg><img data-src=/b.svg>" + LAZY, reload="img"),
    prepared("a tooltip", "<b title=a>x</b><i id=tip></i>" + TIPS, "<b title=b>x</b><i id=tip></i>" + TIPS, reload="title"),
    prepared("a tooltip comes", "<b title=a>x</b><u>y</u><i id=tip></i>" + TIPS, "<b title=a>x</b><u title=c>y</u><i id=tip></i>" + TIPS, reload="u"),
    prepared("an attribute of a library", "<button hx-get=/a>x</button>" + QUIET, "<button hx-get=/b>x</button>" + QUIET, reload="hx-get"),
    prepared("an attribute that only scripts read", "<p x-text=a>x</p>" + QUIET, "<p x-text=b>x</p>" + QUIET, reload="x-text"),
    prepared("data that no style sheet selects", "<p data-a=1>x</p>" + QUIET, "<p data-a=2>x</p>" + QUIET, reload="data-a"),
    prepared("data that a style sheet selects", "<style>[data-a='2'] { color: red }</style><p data-a=1>x</p>" + QUIET, "<style>[data-a='2'] { color: red }</style><p data-a=2>x</p>" + QUIET, "attribute p data-a"),
    prepared("data that a style sheet selects and a script reads", "<style>[data-a='2'] { color: red }</style><p id=p data-a=1>x</p>" + js("p.dataset.a"), "<style>[data-a='2'] { color: red }</style><p id=p data-a=2>x</p>" + js("p.dataset.a"), reload="data-a"),
    prepared("an attribute that a custom element does not look at again", "<x-a label=a></x-a>" + js("customElements.define('x-a', class extends HTMLElement { connectedCallback() { this.textContent = this.getAttribute('label') } })"), "<x-a label=b></x-a>" + js("customElements.define('x-a', class extends HTMLElement { connectedCallback() { this.textContent = this.getAttribute('label') } })"), reload="label"),
    prepared("a chosen option's name", "<select id=s><option>a<option>b</select>" + js("s.hidden = true; s.before(document.createElement('div'))"), "<select id=s><option>a<option>c</select>" + js("s.hidden = true; s.before(document.createElement('div'))"), "text option", keeps="what the script made"),
    prepared("a canvas that a script has drawn on", "<canvas id=c width=10></canvas>" + js("c.getContext('2d').fillRect(0, 0, 9, 9)"), "<canvas id=c width=20></canvas>" + js("c.getContext('2d').fillRect(0, 0, 9, 9)"), reload="canvas"),

    read("a heading that scripts have copied", "<ol id=toc></ol><h2>First part</h2><p>x</p>" + TOC, "<ol id=toc></ol><h2>First chapter</h2><p>x</p>" + TOC, reload="h2"),
    read("a heading that scripts have made an id of", "<h2>First part</h2>" + SLUGS, "<h2>First chapter</h2>" + SLUGS, reload="h2"),
    read("a paragraph beside a heading that scripts have copied", "<ol id=toc></ol><h2>First part</h2><p>some text</p>" + TOC, "<ol id=toc></ol><h2>First part</h2><p>other text</p>" + TOC, "text p",
         check="return document.querySelectorAll('li').length === 1 && document.querySelector('p').textContent === 'other text'", keeps="the copy"),
    read("a number that scripts have added up", "<table><tr><td>1<td>2</table><b id=total></b>" + SUM, "<table><tr><td>1<td>5</table><b id=total></b>" + SUM, reload="td"),
    read("a number on a page whose scripts draw, and read", "<canvas></canvas><p>5 apples</p><b>1</b>" + DRAW, "<canvas></canvas><p>6 apples</p><b>1</b>" + DRAW, reload="calculated"),
    read("a word on a page whose scripts draw, and read", "<canvas></canvas><p>5 apples</p><b>1</b>" + DRAW, "<canvas></canvas><p>5 pears</p><b>1</b>" + DRAW, "text p"),
    read("a number on a page whose scripts read nothing", "<canvas></canvas><p>5 apples</p>" + QUIET, "<canvas></canvas><p>6 apples</p>" + QUIET, "text p"),
    read("a text that a script has read as that of an option", "<select id=s><option>one</select><u></u>" + OPTION, "<select id=s><option>two</select><u></u>" + OPTION, reload="option"),
    read("a class that a script has copied", "<p id=p class=a>x</p>" + js("window.c = p.className"), "<p id=p class='a b'>x</p>" + js("window.c = p.className"), reload="may have read the classes"),
    read("an item of a list that scripts have sorted", "<ul id=l><li>b<li>a</ul>" + SORT, "<ul id=l><li>b<li>c</ul>" + SORT, reload="scripts have rearranged"),
    read("a text in what scripts have wrapped", "<p class=w>a</p><p>b</p>" + WRAP, "<p class=w>c</p><p>b</p>" + WRAP, reload="scripts have moved a changed p"),
    read("a text beside what scripts have wrapped", "<p class=w>a</p><p>b</p>" + WRAP, "<p class=w>a</p><p>c</p>" + WRAP, "text p", check="return document.querySelector('div > .w') && [...document.querySelectorAll('p')].at(-1).textContent === 'c'", keeps="the wrapper"),
    read("a text that a script writes, too", "<p id=n>0</p>" + js("n.textContent = +n.textContent + 1"), "<p id=n>10</p>" + js("n.textContent = +n.textContent + 1"), reload="p#n"),
    read("an attribute that a script writes, too", "<p id=n lang=de>0</p>" + js("n.lang = 'en'"), "<p id=n lang=fr>0</p>" + js("n.lang = 'en'"), reload="scripts have changed lang"),
    read("a class beside one that a script has added", "<p id=n class='a'>0</p>" + js("n.classList.add('js')"), "<p id=n class='b'>0</p>" + js("n.classList.add('js')"), reload="the class a"),
    read("a class that comes to one that a script has added", "<p id=n class='a'>0</p>" + js("n.classList.add('js')"), "<p id=n class='a b'>0</p>" + js("n.classList.add('js')"), "attribute p#n class", check="return n.className === 'a js b'", keeps="the script's class"),
    read("a property beside one that a script has set", "<p id=n style='color: red'>0</p>" + js("n.style.top = '1px'"), "<p id=n style='color: blue'>0</p>" + js("n.style.top = '1px'"), "attribute p#n style", check="return n.style.color === 'blue' && n.style.top === '1px'", keeps="the script's property"),
    read("a text on a page where a script has added something", "<p>one</p>" + MADE, "<p>two</p>" + MADE, "text p", check="return document.querySelector('b').textContent === 'made 1' && document.querySelector('p').textContent === 'two'", keeps="what the script made"),
    read("a text in a closed panel", "<p hidden>one</p>" + QUIET, "<p hidden>two</p>" + QUIET, "text p"),
    read("a style sheet in the page", "<style>p { order: 1 }</style><p>x</p>" + MADE, "<style>p { order: 2 }</style><p>x</p>" + MADE, "style", check="return getComputedStyle(document.querySelector('p')).order === '2'", keeps="what the script made"),
    read("a style attribute", "<p style='order: 1'>x</p>" + QUIET, "<p style='order: 2'>x</p>" + QUIET, "attribute p style"),
    read("a style that a script has read", "<p id=p style='order: 1'>x</p>" + js("window.o = getComputedStyle(p).order"), "<p id=p style='order: 2'>x</p>" + js("window.o = getComputedStyle(p).order"), reload="how p#p looks"),
    read("a link's address", "<a href=/a>x</a>" + QUIET, "<a href=/b>x</a>" + QUIET, "attribute a href"),
    read("a link's address that a script has copied", "<a id=x href=/photos/large.svg>x</a>" + js("document.body.append(Object.assign(new Image, { src: x.href }))"), "<a id=x href=/photos/other.svg>x</a>" + js("document.body.append(Object.assign(new Image, { src: x.href }))"), reload="href"),
    read("the words of a text that a script counts", "<article><p>one two</p></article>" + js("window.words = document.querySelector('article').textContent.split(' ').length"), "<article><p>one</p></article>" + js("window.words = document.querySelector('article').textContent.split(' ').length"), reload="may have read the text"),

    named("an id that a script mentions", "<p id=a>x</p>" + js("document.getElementById('a')"), "<p id=b>x</p>" + js("document.getElementById('a')"), reload="may know p#a"),
    named("an id that no script mentions", "<p id=aa>x</p>" + QUIET, "<p id=bb>x</p>" + QUIET, "attribute p#bb id"),
    named("a class that a script mentions", "<p class=x>x</p>" + js("document.querySelectorAll('.drag')"), "<p class='x drag'>x</p>" + js("document.querySelectorAll('.drag')"), reload="the class drag"),
    named("a class of which a script knows the beginning", "<p class=x>x</p>" + js("document.querySelector('.tab-' + window.n)"), "<p class='x tab-2'>x</p>" + js("document.querySelector('.tab-' + window.n)"), reload="the class tab-2"),
    named("a class that no script mentions", "<p class=x>x</p>" + QUIET, "<p class='x y'>x</p>" + QUIET, "attribute p class"),
    named("an element on a page whose script looks at all", "<p>x</p>" + js("document.querySelectorAll('body *')"), "<p>x</p><p>y</p>" + js("document.querySelectorAll('body *')"), reload="may have prepared"),
    named("an element on a page whose script names others", "<p>x</p><b id=o>0</b>" + js("o.textContent = 1"), "<p>x</p><p>y</p><b id=o>0</b>" + js("o.textContent = 1"), "insert p in body", check="return document.querySelectorAll('p').length === 2 && o.textContent === '1'", keeps="the script's text"),
    named("the order of elements that a script does not know", "<p>one</p><div>two</div>" + QUIET, "<div>two</div><p>one</p>" + QUIET, "move p in body"),
    named("an element of a kind that a script makes", "<p>x</p>" + js("document.body.append(document.createElement('section'))"), "<p>x</p><section>y</section>" + js("document.body.append(document.createElement('section'))"), reload="section"),

    later("a text is rewritten", "<p>a</p>" + QUIET, "<p>b</p>" + QUIET, live="document.querySelector('p').firstChild.data = 'z'", reload="rewritten"),
    later("a text is put in another place", "<p>Alpha beta</p><i></i>" + QUIET, "<p>Gamma beta</p><i></i>" + QUIET, live="document.querySelector('i').textContent = 'Alpha beta'", reload=COPIED),
    later("a text is put in a shadow root", "<p>Alpha beta</p><div></div>" + QUIET, "<p>Gamma beta</p><div></div>" + QUIET, live="document.querySelector('div').attachShadow({ mode: 'open' }).textContent = 'Alpha beta'", late=True, reload=COPIED),
    later("a text is put in a shadow root that was there", "<p>Alpha beta</p><div><template shadowrootmode=open><b>x</b></template></div>" + QUIET, "<p>Gamma beta</p><div><template shadowrootmode=open><b>x</b></template></div>" + QUIET, live="document.querySelector('div').shadowRoot.firstChild.textContent = 'Alpha beta'", reload=COPIED),
    later("an attribute is written", "<a href=/a>x</a>" + QUIET, "<a href=/b>x</a>" + QUIET, live="document.querySelector('a').setAttribute('href', '/z')", reload="scripts have changed href"),
    later("elements are sorted", "<ul><li>a</li><li>b</li></ul>" + QUIET, "<ul><li>c</li><li>b</li></ul>" + QUIET, live="const l = document.querySelector('ul'); l.append(l.firstElementChild)", reload="rearranged"),
    later("an element is taken out", "<div><p>a</p><p>b</p></div>" + QUIET, "<div><p>c</p><p>b</p></div>" + QUIET, live="document.querySelector('div').lastElementChild.remove()", reload="rearranged"),
    later("something else is made", "<p>a</p>" + QUIET, "<p>b</p>" + QUIET, "text p", live="document.body.append('made')", check="return document.querySelector('p').textContent === 'b' && document.body.textContent.includes('made')", keeps="what the script made"),
)
