"""Elements that come, go, move, are wrapped or get another name; tables; the page's own elements."""

# ruff: noqa: E501  a case is a row of a table: it is read across
# fmt: off

from collections.abc import Iterable

from .pair import Pair, bodies, page, wholes

come = bodies("elements come")
go = bodies("elements go")
move = bodies("elements move")
wrap = bodies("elements are wrapped or unwrapped")
rename = bodies("elements get another name")
table = bodies("tables")
whole = wholes("html and body")

LIST = "<ul>{}</ul>"
MARK = "for (const e of document.querySelectorAll('[id]')) e.mark = state[e.id] = {};"
KEPT = "return [...document.querySelectorAll('[id]')].every((e) => !state[e.id] || e.mark === state[e.id])"


def items(text: str) -> str:
    """Return a list with an item for each letter, known by its id."""
    return LIST.format("".join(f"<li id={letter}>{letter}</li>" for letter in text))


def plain(text: str) -> str:
    """Return a list with an item for each letter, known by its text only."""
    return LIST.format("".join(f"<li>{letter}</li>" for letter in text))


def permuted(before: str, after: str, *moved: str) -> Pair:
    """Return the pair of a list and another order of it."""
    title = f"from {before} to {after}"
    operations = [f"move li#{letter} in ul" for letter in moved]
    return move(title, items(before), items(after), *operations, live=MARK, check=KEPT, keeps="every item and its state")


NUMBERS = [f"item number {n}" for n in range(100)]


def many(texts: Iterable[str], attributes: str = "") -> str:
    """Return a list of many items."""
    return LIST.format("".join(f"<li{attributes}>{text}</li>" for text in texts))


PAIRS: tuple[Pair, ...] = (
    come("one at the end", plain("ab"), plain("abc"), "insert li in ul"),
    come("one at the start", plain("ab"), plain("xab"), "insert li in ul"),
    come("one in the middle", plain("ab"), plain("axb"), "insert li in ul"),
    come("one among equals", plain("aaaa"), plain("aaaaa"), "insert li in ul"),
    come("three in a row", plain("ab"), plain("axyzb"), *["insert li in ul"] * 3),
    come("two in different places", plain("abc"), plain("axbyc"), *["insert li in ul"] * 2),
    come("at the start and at the end", plain("b"), plain("abc"), *["insert li in ul"] * 2),
    come("one while another's text changes", plain("abc"), plain("axbC"), "insert li in ul", "text li"),
    come("into an empty element", "<div></div>", "<div><p>a</p></div>", "insert p in div"),
    come("a whole tree", "<main></main>", "<main><section><h2>a</h2><p>b <b>c</b></p></section></main>", "insert section in main"),
    come("into an empty body", "", "<p>a</p>", "insert p in body"),
    come("an element without end tag", "<p>a</p>", "<p>a<br></p>", "insert br in p"),
    come("an image", "<p>a</p>", '<p>a</p><img src="/a.svg" alt="">', "insert img in body"),
    come("a card above a card that changes", '<div class="card"><h3>A</h3><p>first text</p></div><div class="card"><h3>B</h3></div>',
         '<div class="card"><h3>N</h3><p>new one</p></div><div class="card"><h3>A</h3><p>first texts</p></div><div class="card"><h3>B</h3></div>',
         "insert div in body", "text p"),
    come("a section with an id between two", "<section id=a><p>x</p></section><section id=c><p>y</p></section>",
         "<section id=a><p>x</p></section><section id=b><p>x</p></section><section id=c><p>y</p></section>", "insert section#b in body"),
    come("an unknown element", "<p>a</p>", "<p>a</p><x-y z=1>b</x-y>", "insert x-y in body"),
    come("a heading before all", "<p>a</p><p>b</p>", "<h1>t</h1><p>a</p><p>b</p>", "insert h1 in body"),
    come("with white space", "<ul>\n<li>a</li>\n</ul>", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>", "insert li in ul", "insert #text in ul"),
    come("an element with a hidden comment", "<p>a</p>", "<p>a</p><div><!--x-->y</div>", "insert div in body"),
    come("a frame with a document of its own", "<p>a</p>", '<p>a</p><iframe srcdoc="<p>b"></iframe>', "insert iframe in body"),
    go("the last", plain("abc"), plain("ab"), "remove li in ul"),
    go("the first", plain("abc"), plain("bc"), "remove li in ul"),
    go("the middle one", plain("abc"), plain("ac"), "remove li in ul"),
    go("all", plain("abc"), plain(""), *["remove li in ul"] * 3),
    go("all but one", plain("abc"), plain("b"), *["remove li in ul"] * 2),
    go("one of many equal ones", plain("aaaa"), plain("aaa"), "remove li in ul"),
    go("a whole tree", "<main><section><p>a</p></section></main>", "<main></main>", "remove section in main"),
    go("everything in the body", "<p>a</p><div>b</div>", "", "remove p in body", "remove div in body"),
    go("one while another comes", plain("abc"), plain("bcd"), "insert li in ul", "remove li in ul"),
    go("one while another's text changes", plain("abc"), plain("bC"), "text li", "remove li in ul"),
    go("between texts", "<p>a<br>b</p>", "<p>ab</p>", "text p", "remove br in p", "remove #text in p"),
    go("one with an id that another gets", "<p id=a>x</p><p>y</p>", "<p id=a>y</p>", "text p#a", "remove p in body"),
    go("the others keep their state", items("abc"), items("ac"), "remove li#b in ul", live=MARK, check=KEPT, keeps="the other elements and their state"),
    go("an element that a script has removed already", items("abc"), items("ac"), live="document.getElementById('b').remove()",
       check="return document.querySelector('ul').textContent === 'ac'", keeps="all else"),
    go("an element that a script has moved", "<main><p id=a>x</p></main><aside></aside>", "<main></main><aside></aside>", "remove p#a in main",
       live="document.querySelector('aside').append(document.getElementById('a'))",
       check="return !document.getElementById('a')", keeps="all else"),
    permuted("ab", "ba", "a"),
    permuted("abc", "bca", "a"),
    permuted("abc", "cab", "c"),
    permuted("abcd", "acbd", "b"),
    permuted("abcde", "eabcd", "e"),
    permuted("abcde", "bcdea", "a"),
    permuted("abcde", "edcba", "d", "c", "b", "a"),
    permuted("abcdef", "adbcef", "d"),
    permuted("abcdefgh", "hbcdefga", "h", "a"),
    move("known by their texts", plain("abcd"), plain("dabc"), "move li in ul"),
    move("to another parent", "<div id=l><p id=a>x</p></div><div id=r></div>", "<div id=l></div><div id=r><p id=a>x</p></div>",
         "move p#a in div#r", live=MARK, check=KEPT, keeps="the moved element and its state"),
    move("to another parent, without id", "<div id=l><p>some text</p></div><div id=r></div>", "<div id=l></div><div id=r><p>some text</p></div>", "move p in div#r"),
    move("to another parent while its text changes", "<div id=l><p id=a>x</p></div><div id=r></div>",
         "<div id=l></div><div id=r><p id=a>y</p></div>", "move p#a in div#r", "text p#a", live=MARK, check=KEPT, keeps="the moved element and its state"),
    move("into a new element", "<p id=a>x</p>", "<div><p id=a>x</p><b>n</b></div>", "insert div in body", "move p#a in div", live=MARK, check=KEPT, keeps="the moved element and its state"),
    move("out of an element that goes", "<div><p id=a>x</p><b>n</b></div>", "<p id=a>x</p>", "move p#a in body", "remove div in body", live=MARK, check=KEPT, keeps="the moved element and its state"),
    move("and another comes in its place", items("abc"), LIST.format("<li id=b>b</li><li>new</li><li id=c>c</li><li id=a>a</li>"),
         "insert li in ul", "move li#a in ul", live=MARK, check=KEPT, keeps="every item and its state"),
    move("parent and child change places", "<div id=a><div id=b>x</div></div>", "<div id=b><div id=a>x</div></div>",
         "move div#b in body", "move div#a in div#b", "insert #text in div#a", "remove #text in div#b"),
    move("two columns are swapped", "<div id=a><p>1</p></div><hr><div id=b><p>2</p></div>", "<div id=b><p>2</p></div><hr><div id=a><p>1</p></div>",
         "move hr in body", "move div#a in body", live=MARK, check=KEPT, keeps="both columns and their state"),
    move("the order that a script made stays when the source does not change it", items("abc"), LIST.format("<li id=a>a</li><li id=b>B</li><li id=c>c</li>"),
         "text li#b", live="document.querySelector('ul').prepend(document.getElementById('c'))",
         check="return document.querySelector('ul').textContent === 'caB'", keeps="the script's order"),
    move("a hundred items are reversed", many(NUMBERS), many(reversed(NUMBERS)), *["move li in ul"] * 99),
    move("ten of a hundred items move to the end", many(NUMBERS), many(NUMBERS[10:] + NUMBERS[:10]), *["move li in ul"] * 10),
    move("items move and change in a long list", many(NUMBERS), many([*NUMBERS[1:50], NUMBERS[0], "changed", *NUMBERS[51:]]), "move li in ul", "text li"),
    come("one into a long list, where the first and the last change", many(NUMBERS), many(["first", *NUMBERS[1:60], "new", *NUMBERS[60:99], "last"]),
         "text li", "insert li in ul", "text li"),
    come("ten into a hundred equal ones", many(["x"] * 100), many(["x"] * 110), *["insert li in ul"] * 10),
    come("an attribute at each of a hundred equal ones", many(["x"] * 100), many(["x"] * 100, " class=a"), *["attribute li class"] * 100),
    come("an attribute at each of a hundred", many(NUMBERS), many(NUMBERS, " class=a"), *["attribute li class"] * 100),
    go("the text of each of a hundred", many(["x"] * 100), many([""] * 100), *["remove #text in li"] * 100),
    wrap("one paragraph is wrapped", "<p id=a>x</p>", "<div class=w><p id=a>x</p></div>", "insert div in body", "move p#a in div", live=MARK, check=KEPT, keeps="the wrapped element and its state"),
    wrap("without id", "<p>some text</p>", "<div class=w><p>some text</p></div>", "insert div in body", "move p in div"),
    wrap("two elements", "<p id=a>x</p><p id=b>y</p>", "<div><p id=a>x</p><p id=b>y</p></div>", "insert div in body", "move p#a in div", "move p#b in div", live=MARK, check=KEPT, keeps="the wrapped elements and their state"),
    wrap("some of many", "<p id=a>x</p><p id=b>y</p><p id=c>z</p>", "<p id=a>x</p><div><p id=b>y</p></div><p id=c>z</p>", "insert div in body", "move p#b in div", live=MARK, check=KEPT, keeps="all elements and their state"),
    wrap("in an element of its own kind", "<div class=a><p>x</p></div>", "<div class=w><div class=a><p>x</p></div></div>", "insert div in body", "move div in div"),
    wrap("twice", "<p id=a>x</p>", "<div><section><p id=a>x</p></section></div>", "insert div in body", "move p#a in section", live=MARK, check=KEPT, keeps="the wrapped element and its state"),
    wrap("the whole content of the body", "<h1 id=a>x</h1><p id=b>y</p>", "<main><h1 id=a>x</h1><p id=b>y</p></main>", "insert main in body", "move h1#a in main", "move p#b in main", live=MARK, check=KEPT, keeps="all elements and their state"),
    wrap("a text", "<p>x</p>", "<p><b>x</b></p>", "insert b in p", "remove #text in p"),
    wrap("one is unwrapped", "<div><p id=a>x</p></div>", "<p id=a>x</p>", "move p#a in body", "remove div in body", live=MARK, check=KEPT, keeps="the element and its state"),
    wrap("two are unwrapped", "<div><p id=a>x</p><p id=b>y</p></div>", "<p id=a>x</p><p id=b>y</p>", "move p#a in body", "move p#b in body", "remove div in body", live=MARK, check=KEPT, keeps="the elements and their state"),
    wrap("while its text changes", "<p id=a>x</p>", "<div><p id=a>y</p></div>", "insert div in body", "move p#a in div", "text p#a", live=MARK, check=KEPT, keeps="the wrapped element and its state"),
    rename("with its content", "<div><p id=a>x</p></div>", "<section><p id=a>x</p></section>", "rename div section", live=MARK, check=KEPT, keeps="the content and its state"),
    rename("with a class", "<div class=a>x</div>", "<section class=a>x</section>", "rename div section"),
    rename("with an id", "<div id=a>x</div>", "<section id=a>x</section>", "rename div#a section"),
    rename("while its text changes", "<h2>A heading</h2>", "<h3>A heading!</h3>", "rename h2 h3", "text h3"),
    rename("while an attribute changes", '<div class=a title=b>x</div>', '<section class=a title=c>x</section>', "rename div section", "attribute section title"),
    rename("while an element comes", "<div class=a><p>x</p></div>", "<section class=a><p>x</p><p>y</p></section>", "rename div section", "insert p in section"),
    rename("while an element goes", "<div class=a><p>x</p><p>y</p></div>", "<section class=a><p>x</p></section>", "rename div section", "remove p in div"),
    rename("what a script has put in moves along", "<div class=a><p>x</p></div>", "<section class=a><p>x</p></section>", "rename div section",
           live="document.querySelector('div').append(state.made = document.createElement('i'))",
           check="return state.made.parentNode === document.querySelector('section')", keeps="what the script made"),
    rename("a script's class moves along", "<div class=a><p>x</p></div>", "<section class=a><p>x</p></section>", "rename div section",
           live="document.querySelector('div').classList.add('on')",
           check="return document.querySelector('section').className === 'a on'", keeps="the script's class"),
    rename("b to strong, deep inside", "<p>a <b>bold</b> c</p>", "<p>a <strong>bold</strong> c</p>", "rename b strong"),
    rename("a link becomes a button", '<a href="/x" class="btn">Go</a>', '<button class="btn">Go</button>', "rename a button", "attribute button href"),
    rename("something else in its place", "<div>one thing</div>", "<img alt=other>", "insert img in body", "remove div in body"),
    table("a cell's text", "<table><tr><td>a</td></tr></table>", "<table><tr><td>b</td></tr></table>", "text td"),
    table("a row comes", "<table><tr><td>a</td></tr></table>", "<table><tr><td>a</td></tr><tr><td>b</td></tr></table>", "insert tr in tbody"),
    table("a row goes", "<table><tr><td>a</td></tr><tr><td>b</td></tr></table>", "<table><tr><td>b</td></tr></table>", "remove tr in tbody"),
    table("rows are sorted", "<table><tr><td>b</td></tr><tr><td>a</td></tr></table>", "<table><tr><td>a</td></tr><tr><td>b</td></tr></table>", "move tr in tbody"),
    table("a column comes", "<table><tr><td>a</td></tr><tr><td>b</td></tr></table>", "<table><tr><td>a</td><td>1</td></tr><tr><td>b</td><td>2</td></tr></table>", "insert td in tr", "insert td in tr"),
    table("a caption comes", "<table><tr><td>a</td></tr></table>", "<table><caption>c</caption><tr><td>a</td></tr></table>", "insert caption in table"),
    table("a head comes", "<table><tr><td>a</td></tr></table>", "<table><thead><tr><th>h</th></tr></thead><tr><td>a</td></tr></table>", "insert thead in table"),
    table("a cell becomes a heading", "<table><tr><td>a</td></tr></table>", "<table><tr><th>a</th></tr></table>", "rename td th"),
    table("colspan", "<table><tr><td>a</td></tr></table>", "<table><tr><td colspan=2>a</td></tr></table>", "attribute td colspan"),
    table("columns", "<table><col><tr><td>a</td></tr></table>", "<table><col span=2><tr><td>a</td></tr></table>", "attribute col span"),
    table("what does not belong is put before it", "<table>x<tr><td>a</td></tr></table>", "<table>y<tr><td>a</td></tr></table>", "text body"),
    table("a tbody is written out", "<table><tr><td>a</td></tr></table>", "<table><tbody><tr><td>a</td></tr></tbody></table>"),
    table("a table in a table", "<table><tr><td><table><tr><td>a</td></tr></table></td></tr></table>",
          "<table><tr><td><table><tr><td>b</td></tr></table></td></tr></table>", "text td"),
    whole("the language", "<!doctype html><html lang=en><title>t</title><p>x", "<!doctype html><html lang=de><title>t</title><p>x", "attribute html lang"),
    whole("a class on html", "<!doctype html><html><title>t</title><p>x", "<!doctype html><html class=a><title>t</title><p>x", "attribute html class"),
    whole("a class on body", page("x"), page("x", "", " class=a"), "attribute body class"),
    whole("an attribute of body goes", page("x", "", " style='color:red'"), page("x"), "attribute body style"),
    whole("a script's class on html stays", "<!doctype html><html class=a><title>t</title><p>x", "<!doctype html><html class=b><title>t</title><p>x",
          "attribute html class", live="document.documentElement.classList.add('js')",
          check="return document.documentElement.className === 'js b'", keeps="the script's class"),
    whole("the tags of html, head and body are left out", "<!doctype html><html><head><title>t</title></head><body><p>x</p></body></html>", "<!doctype html><title>t</title><p>x</p>"),
    whole("without doctype", "<title>t</title><p>x", "<title>t</title><p>y", "text p"),
    whole("only a text", "hello", "hello you", "text body"),
    whole("an empty page gets content", "", "<p>x", "insert p in body"),
    whole("a page becomes empty", "<p>x", "", "remove p in body"),
    whole("a comment before the page", "<!--a--><!doctype html><title>t</title><p>x", "<!--b--><!doctype html><title>t</title><p>x", "text #comment"),
    whole("a comment after the page comes", "<!doctype html><title>t</title><body>x</body></html>", "<!doctype html><title>t</title><body>x</body></html><!--a-->", "insert #comment in #document"),
    whole("a comment between doctype and html", "<!doctype html><html><title>t</title>x", "<!doctype html><!--a--><html><title>t</title>x", "insert #comment in #document"),
    whole("a byte order mark comes", "<!doctype html><title>t</title>x", "\ufeff<!doctype html><title>t</title>x", check="return document.body.textContent === 'x'"),
    whole("frames", "<frameset cols=1,1><frame title=a><frame title=b></frameset>", "<frameset cols=1,1><frame title=a><frame title=c></frameset>", "attribute frame title"),
)
