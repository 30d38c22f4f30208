"""Scripts: new ones run once and in order, those that have run do not run again."""

# ruff: noqa: E501  a case is a row of a table: it is read across
# fmt: off

from .pair import Pair, bodies, heads, wholes

script = bodies("scripts")
head = heads("scripts in the head")
noscript = wholes("noscript")


def run(name: str, attributes: str = "") -> str:
    """Return a script that says that it ran."""
    return f"<script{attributes}>(window.ran ??= []).push('{name}')</script>"


def load(name: str, attributes: str = "") -> str:
    """Return a script from the server that says that it ran."""
    return f'<script src="/js/{name}"{attributes}></script>'


def ran(names: str) -> str:
    """Return a check of what has run, in order."""
    return f"return (window.ran ?? []).join() === {names!r}"


P, Q = "<p>a</p>", "<p>b</p>"

PAIRS: tuple[Pair, ...] = (
    script("one that has run does not run again", P + run("a"), Q + run("a"), "text p", check=ran("a")),
    script("one from the server does not run again", P + load("a"), Q + load("a"), "text p", check=ran("a")),
    script("a module does not run again", P + run("a", " type=module"), Q + run("a", " type=module"), "text p", check=ran("a")),
    script("one comes and runs", P, P + run("a"), "insert script in body", "script inline", check=ran("a")),
    script("one from the server comes and runs", P, P + load("a"), "insert script in body", "script /js/a", check=ran("a")),
    script("a module comes and runs", P, P + load("a", " type=module"), "insert script in body", "script /js/a", check=ran("a")),
    script("a module in the page comes and runs", P, P + run("a", " type=module"), "insert script in body", "script inline",
           check="while (!window.ran) await new Promise(requestAnimationFrame);" + ran("a")),
    script("two come and run in order", P, P + run("a") + run("b"), *["insert script in body"] * 2, *["script inline"] * 2, check=ran("a,b")),
    script("two from the server run in order", P, P + load("slow/a") + load("b"), *["insert script in body"] * 2, "script /js/slow/a", "script /js/b", check=ran("a,b")),
    script("one in the page waits for one from the server", P, P + load("slow/a") + run("b"), *["insert script in body"] * 2, "script /js/slow/a", "script inline", check=ran("a,b")),
    script("deferred ones run after the others", P, P + load("a", " defer") + run("b"), *["insert script in body"] * 2, "script /js/a", "script inline", check=ran("b,a")),
    script("modules run after the others", P, P + load("a", " type=module") + run("b"), *["insert script in body"] * 2, "script /js/a", "script inline", check=ran("b,a")),
    script("one that does not load does not stop the next", P, P + load("missing") + run("b"), *["insert script in body"] * 2, "script /js/missing", "script inline", check=ran("b")),
    script("one that fails does not stop the next", P, P + "<script>window.onerror = () => true; none()</script>" + run("b"), *["insert script in body"] * 2, *["script inline"] * 2, check=ran("b")),
    script("one in a new element runs", P, P + f"<section><h2>x</h2>{run('a')}</section>", "insert section in body", "script inline", check=ran("a")),
    script("one in a new shadow root runs", P, P + f"<div><template shadowrootmode=open>{run('a')}</template></div>", "insert div in body", "script inline", check=ran("a")),
    script("one in an SVG image runs", P, P + f"<svg>{run('a')}</svg>", "insert svg in body", "script inline", check=ran("a")),
    script("a new one finds what is new in the page", P, P + "<b id=n></b><script>(window.ran ??= []).push(document.getElementById('n').localName)</script>",
           "insert b#n in body", "insert script in body", "script inline", check=ran("b")),
    script("a new one knows itself", P, P + "<script id=s>(window.ran ??= []).push(document.currentScript.id)</script>", "insert script#s in body", "script inline", check=ran("s")),
    script("a new one does not find what has gone", P + "<b id=o></b>", P + "<script>(window.ran ??= []).push(document.getElementById('o'))</script>",
           "insert script in body", "remove b#o in body", "script inline", check=ran("")),
    script("the last one changes", run("a") + run("b"), run("a") + run("c"), reload="a script that ran changed"),
    script("a comment comes in one", run("a"), run("a").replace("</", "// b</"), reload="a script that ran changed"),
    script("its lines are indented otherwise", "<script>\nif (true) {\n  (window.ran ??= []).push('a')\n}\n</script>", "<div><script>\n    if (true) {\n      (window.ran ??= []).push('a')\n    }\n</script></div>", reload="a script that ran changed"),
    script("its lines are indented otherwise where it stands", "<script>\nif (true) {\n  (window.ran ??= []).push('a')\n}\n</script>", "<script>\n    if (true) {\n      (window.ran ??= []).push('a')\n    }\n</script>", "text script", check=ran("a")),
    script("lines of a text in it are indented otherwise", "<script>window.ran = [`\na`]</script>", "<script>window.ran = [`\n  a`]</script>", reload="a script that ran changed"),
    script("the address of the last one changes", load("a"), load("b"), reload="a script that ran changed"),
    script("one goes", P + run("a"), P, reload="a script that ran is gone"),
    script("one is commented out", P + run("a"), P + f"<!-- {run('a')} -->", reload="a script that ran is gone"),
    script("one goes with the element that it is in", P + f"<div>{run('a')}</div>", P, reload="a script that ran is gone"),
    script("one moves", run("a") + P + Q, P + Q + run("a"), reload="a script that ran has moved"),
    script("one is wrapped", run("a"), f"<div>{run('a')}</div>", reload="a script that ran has moved"),
    script("an attribute that it may have read", run("a"), run("a", " data-x=1"), reload="an attribute of a script that ran changed"),
    script("one becomes deferred", load("a"), load("a", " defer"), reload="an attribute of a script that ran changed"),
    script("one for browsers without modules comes", P, P + run("a", " nomodule"), "insert script in body", check=ran("")),
    script("one of an unknown type comes", P, P + run("a", " type=text/x"), "insert script in body", check=ran("")),
    script("data come", P, P + '<script type="application/json">{"a":1}</script>', "insert script in body"),
    script("data of a page without scripts change", '<script type="application/json">{"a":1}</script>', '<script type="application/json">{"a":2}</script>', "text script"),
    script("data for search engines change", run("a") + '<script type="application/ld+json">{"a":1}</script>', run("a") + '<script type="application/ld+json">{"a":2}</script>', "text script", check=ran("a")),
    script("data that scripts have read change", run("a") + '<script type="application/json">{"a":1}</script>', run("a") + '<script type="application/json">{"a":2}</script>', reload="data that scripts have read changed"),
    script("one that has removed itself, when another part changes", P + "<script>document.currentScript.remove()</script>", Q + "<script>document.currentScript.remove()</script>", "text p",
           check="return document.scripts.length === 0", keeps="that it is gone"),
    script("a new one in a template does not run", P, P + f"<template>{run('a')}</template>", "insert template in body", check=ran("")),
    script("what one has written stays", P + "<script>document.write('<i>made</i>')</script>", Q + "<script>document.write('<i>made</i>')</script>", "text p",
           check="return document.querySelector('i').textContent === 'made'", keeps="what the script wrote"),
    script("a changed one that X", run("a") + run("b"), run("c") + run("b"), reload="a script that ran changed"),
    script("a changed one from the server that X", load("a") + load("b"), load("c") + load("b"), reload="a script that ran changed"),
    script("a changed one that comes after others only in the text", load("a", " defer") + run("b"), load("a", " defer") + run("c"), reload="a script that ran changed"),
    script("a changed asynchronous one", load("a", " async") + run("b"), load("c", " async") + run("b"), reload="a script that ran changed"),
    script("a new one that others come after", run("b"), run("a") + run("b"), reload="a script that others come after is new"),
    script("a changed module", run("a", " type=module"), run("b", " type=module"), reload="a script that ran changed"),
    script("a module's address changes", load("a", " type=module"), load("b", " type=module"), reload="a script that ran changed"),
    script("a new one that waits for the page", P, P + "<script>addEventListener('DOMContentLoaded', go)</script>", reload="waits for the page to load"),
    script("a new one that waits for all of the page", P, P + "<script>window.onload = go</script>", reload="waits for the page to load"),
    script("a new one that writes into the page", P, P + "<script>document.write('x')</script>", reload="waits for the page to load"),
    script("a changed one that declares a name again", "<script>const once = 1</script>", "<script>const once = 2</script>", reload="a script that ran changed"),
    script("a new one that declares a name again", "<script>const once = 1</script>", "<script>const once = 1</script><script>const once = 2</script>",
           "insert script in body", "script inline", reload="declares a name again"),
    script("what is below data-hotreload=off changes in one", "<script data-hotreload=off>window.ran = ['a']</script>", "<script data-hotreload=off>window.ran = ['b']</script>", check=ran("a"), keeps="that it does not run again"),
    script("one that is data-hotreload=reload changes", "<script data-hotreload=reload>window.ran = ['a']</script>", "<script data-hotreload=reload>window.ran = ['b']</script>", reload="a script that ran changed"),
    head("one that has run, when another part changes", run("a"), run("a") + "<meta name=x>", "insert meta in head", check=ran("a")),
    head("one comes to a page without others", "", run("a"), "insert script in head", "script inline", check=ran("a")),
    head("one comes after others", run("a"), run("a") + run("b"), "insert script in head", "script inline", check=ran("a,b")),
    head("one comes before others", run("b"), run("a") + run("b"), reload="others come after"),
    head("an asynchronous one comes before others", run("b"), load("a", " async") + run("b"), "insert script in head", "script /js/a", check=ran("b,a")),
    head("one changes", run("a"), run("b"), reload="a script that ran changed"),
    head("an asynchronous one changes", load("a", " async"), load("b", " async"), reload="a script that ran changed"),
    head("an import map changes", '<script type="importmap">{"imports":{}}</script>', '<script type="importmap">{"imports":{"a":"/a.js"}}</script>', reload="counts for the whole page"),
    head("an import map comes", "", '<script type="importmap">{"imports":{}}</script>', reload="counts for the whole page"),
    head("rules for speculative loading change", '<script type="speculationrules">{"prefetch":[]}</script>', '<script type="speculationrules">{"prerender":[]}</script>',
         "insert script in head", "remove script in head", "script inline"),
    noscript("its content changes", "<body><noscript><p>a</p></noscript><p>x", "<body><noscript><p>b</p></noscript><p>x", "text noscript"),
    noscript("comes", "<body><p>x</p>", "<body><p>x</p><noscript><p>b</p></noscript>", "insert noscript in body"),
    noscript("goes", "<body><noscript><p>a</p></noscript><p>x", "<body><p>x", "remove noscript in body"),
    noscript("in the head, with an element that only a body may have", "<head><noscript><img src=/a.svg></noscript><link rel=icon href=/a.svg></head><body><p>x", "<head><noscript><img src=/b.svg></noscript><link rel=icon href=/b.svg></head><body><p>x",
             "text noscript", "attribute link href"),
    noscript("its attributes", "<body><noscript class=a>x</noscript>", "<body><noscript class=b>x</noscript>", "attribute noscript class"),
    noscript("its name in another script's text", "<body><script>window.t = '<noscript>a</noscript>'</script><p>x", "<body><script>window.t = '<noscript>a</noscript>'</script><p>y", "text p"),
    noscript("its name in the text of a new script", "<body><p>x", "<body><p>x<script>window.t = '<noScript>a</noscript>'</script>", "insert script in p", "script inline", check="return window.t === '<noScript>a</noscript>'"),
    noscript("its name in a comment and in a value", "<body><!--<noscript>--><p title='<noscript>'>x", "<body><!--<noscript >--><p title='<noscript/>'>x", "text #comment", "attribute p title"),
    noscript("in a template", "<body><template><noscript><b>a</b></noscript></template>", "<body><template><noscript><b>b</b></noscript></template>", "text noscript"),
    noscript("in capital letters", "<body><NOSCRIPT><b>a</b></NOSCRIPT>", "<body><NOSCRIPT><b>b</b></NOSCRIPT>", "text noscript"),
)
