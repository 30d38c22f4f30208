"""Templates, declarative shadow roots and custom elements."""

# ruff: noqa: E501  a case is a row of a table: it is read across
# fmt: off

from .pair import Pair, bodies

template = bodies("templates")
shadow = bodies("shadow roots")
custom = bodies("custom elements")


def host(root: str, light: str = "", mode: str = "open", attributes: str = "") -> str:
    """Return an element with a declarative shadow root."""
    return f'<div id=h><template shadowrootmode="{mode}"{attributes}>{root}</template>{light}</div>'


DEFINE = """class E extends HTMLElement {{ connectedCallback() {{ (window.seen ??= []).push('in'); this.state ??= {{}}; {0} }}
  disconnectedCallback() {{ window.seen.push('out'); }} connectedMoveCallback() {{ window.seen.push('moved'); }} }}
  if (!customElements.get('x-e')) customElements.define('x-e', E); state.e = document.querySelector('x-e')?.state;"""
SAME = "return document.querySelector('x-e').state === state.e && seen.join() === {!r}"

PAIRS: tuple[Pair, ...] = (
    template("a text inside", "<template><p>a</p></template>", "<template><p>b</p></template>", "text p"),
    template("an element inside comes", "<template><p>a</p></template>", "<template><p>a</p><p>b</p></template>", "insert p in #document-fragment"),
    template("an element inside goes", "<template><p>a</p><hr></template>", "<template><p>a</p></template>", "remove hr in #document-fragment"),
    template("an element inside moves", "<template><p>aa</p><hr id=h></template>", "<template><hr id=h><p>aa</p></template>", "move p in #document-fragment"),
    template("an element inside is wrapped", "<template><p>aa</p></template>", "<template><div><p>aa</p></div></template>", "insert div in #document-fragment", "move p in div"),
    template("an attribute inside", "<template><p class=a>a</p></template>", "<template><p class=b>a</p></template>", "attribute p class"),
    template("a template comes", "<p>x</p>", "<p>x</p><template><p>a</p></template>", "insert template in body"),
    template("a template goes", "<p>x</p><template><p>a</p></template>", "<p>x</p>", "remove template in body"),
    template("a template in a template", "<template><template><p>a</p></template></template>", "<template><template><p>b</p></template></template>", "text p"),
    template("a template in a template comes", "<template></template>", "<template><template><p>b</p></template></template>", "insert template in #document-fragment"),
    template("an attribute of a template", "<template id=a></template>", "<template id=b></template>", "attribute template#b id"),
    template("rows of a table", "<template><tr><td>a</td></tr></template>", "<template><tr><td>b</td></tr></template>", "text td"),
    template("in a table", "<table><template><tr><td>a</td></tr></template></table>", "<table><template><tr><td>b</td></tr></template></table>", "text td"),
    template("what a script has made of it stays", "<template><p>a</p></template><main></main>", "<template><p>b</p></template><main></main>", "text p",
             live="document.querySelector('main').append(document.querySelector('template').content.cloneNode(true))",
             check="return document.querySelector('main').textContent === 'a' && document.querySelector('template').content.textContent === 'b'", keeps="the copies"),
    template("a custom element in a new one is not made", "<p>x</p>", "<p>x</p><template><x-e></x-e></template>", "insert template in body",
             live=DEFINE.format(""), check="return window.seen === undefined", keeps="all else"),
    template("a script in a new one runs in each copy", "<p>x</p>", "<p>x</p><template><script>(window.ran ??= []).push(1)</script></template>", "insert template in body",
             live=" ", check="if (window.ran) return false; document.body.append(document.querySelector('template').content.cloneNode(true)); return window.ran.length === 1", keeps="all else"),
    shadow("a text inside", host("<p>a</p>"), host("<p>b</p>"), "text p"),
    shadow("a text inside and one outside", host("<p>a</p>", "x"), host("<p>b</p>", "y"), "text p", "text div#h"),
    shadow("a text outside", host("<slot></slot>", "a"), host("<slot></slot>", "b"), "text div#h"),
    shadow("an element inside comes", host("<p>a</p>"), host("<p>a</p><p>b</p>"), "insert p in #document-fragment"),
    shadow("an element inside goes", host("<p>a</p><hr>"), host("<p>a</p>"), "remove hr in #document-fragment"),
    shadow("an element inside moves", host("<p id=a>a</p><hr id=b>"), host("<hr id=b><p id=a>a</p>"), "move p#a in #document-fragment"),
    shadow("a style element inside", host("<style>p{order:1}</style><p>a</p>"), host("<style>p{order:2}</style><p>a</p>"), "style",
           check="return getComputedStyle(document.querySelector('#h').shadowRoot.querySelector('p')).order === '2'"),
    shadow("an attribute inside", host("<p part=a>a</p>"), host("<p part=b>a</p>"), "attribute p part"),
    shadow("a slot comes", host("<p>a</p>", "x"), host("<p>a</p><slot></slot>", "x"), "insert slot in #document-fragment"),
    shadow("a host comes", "<p>x</p>", "<p>x</p>" + host("<p>a</p>", "y"), "insert div#h in body"),
    shadow("a host in a host comes", "<p>x</p>", "<p>x</p>" + host(host("<p>a</p>"), "y"), "insert div#h in body"),
    shadow("a host goes", "<p>x</p>" + host("<p>a</p>"), "<p>x</p>", "remove div#h in body"),
    shadow("a host moves", host("<p>a</p>") + "<p>some text</p><p>more</p>", "<p>some text</p><p>more</p>" + host("<p>a</p>"), "move div#h in body",
           live="state.root = document.querySelector('#h').shadowRoot", check="return document.querySelector('#h').shadowRoot === state.root", keeps="the shadow root"),
    shadow("a root comes to an element", "<div id=h>x</div>", host("<slot></slot>", "x"), "insert template in div#h"),
    shadow("an element that cannot have one", "<p>x</p>", "<p>x</p><ul><template shadowrootmode=open><p>a</p></template></ul>", "insert ul in body"),
    shadow("in a shadow root", host(host("<p>a</p>")), host(host("<p>b</p>")), "text p"),
    shadow("what a script has made inside stays", host("<p>a</p>"), host("<p>b</p>"), "text p",
           live="document.querySelector('#h').shadowRoot.append(state.made = document.createElement('i'))", check="return state.made.isConnected", keeps="what the script made"),
    shadow("typed text inside stays", host("<input><p>a</p>"), host("<input><p>b</p>"), "text p",
           live="document.querySelector('#h').shadowRoot.querySelector('input').value = 'typed'",
           check="return document.querySelector('#h').shadowRoot.querySelector('input').value === 'typed'", keeps="the typed text"),
    shadow("one that a script has made is not touched", "<div id=h><p>a</p></div>", "<div id=h><p>b</p></div>", "text p",
           live="document.querySelector('#h').attachShadow({ mode: 'open' }).innerHTML = '<p>own</p>'",
           check="return document.querySelector('#h').shadowRoot.textContent === 'own'", keeps="the script's shadow root"),
    shadow("a host with a closed root, outside of it", host("<slot></slot>", "a", "closed"), host("<slot></slot>", "b", "closed"), "text div#h", keeps="the closed root"),
    shadow("a closed root", host("<p>a</p>", "", "closed"), host("<p>b</p>", "", "closed"), reload="not in the page"),
    shadow("a root's mode", host("<p>a</p>"), host("<p>a</p>", "", "closed"), reload="a shadow root's own settings changed"),
    shadow("a root's focus", host("<p>a</p>"), host("<p>a</p>", attributes=" shadowrootdelegatesfocus"), reload="a shadow root's own settings changed"),
    shadow("a root goes", host("<p>a</p>", "x"), "<div id=h>x</div>", reload="a shadow root is removed"),
    custom("one that is defined stays itself when its attribute changes", "<x-e a=1></x-e>", "<x-e a=2></x-e>", "attribute x-e a", live=DEFINE.format(""), check=SAME.format("in"), keeps="the element and its state"),
    custom("one that is defined stays itself when its content changes", "<x-e>a</x-e>", "<x-e>b</x-e>", "text x-e", live=DEFINE.format(""), check=SAME.format("in"), keeps="the element and its state"),
    custom("one that is moved is told so", "<x-e id=a></x-e><p>text</p><p>more</p>", "<p>text</p><p>more</p><x-e id=a></x-e>", "move x-e#a in body",
           live=DEFINE.format(""), check=SAME.format("in,moved"), keeps="the element and its state"),
    custom("one that makes its own content", "<x-e></x-e><p>a</p>", "<x-e></x-e><p>b</p>", "text p",
           live=DEFINE.format("if (!this.firstChild) this.append('made')"), check="return document.querySelector('x-e').textContent === 'made'", keeps="its content"),
    custom("one that comes is made and told", "<p>a</p>", "<p>a</p><x-e></x-e>", "insert x-e in body", live=DEFINE.format(""), check="return seen.join() === 'in' && !!document.querySelector('x-e').state", keeps="all else"),
    custom("one that goes is told", "<p>a</p><x-e></x-e>", "<p>a</p>", "remove x-e in body", live=DEFINE.format(""), check="return seen.join() === 'in,out'", keeps="all else"),
    custom("one that nobody has defined", "<x-e>a</x-e>", "<x-e>b</x-e>", "text x-e"),
    custom("one that reflects its state keeps it", "<x-e></x-e>", "<x-e title=t></x-e>", "attribute x-e title",
           live=DEFINE.format("this.setAttribute('open', '')"), check="return document.querySelector('x-e').hasAttribute('open')", keeps="its attribute"),
    custom("a customised element is made anew when it becomes one", "<p is=x-p>text</p>", "<p is=x-q>text</p>", "rename p p", "attribute p is"),
)
