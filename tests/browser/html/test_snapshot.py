"""A picture of the document, taken without the page noticing."""

import pytest
from conftest import both_engines
from support.browser.module_page import module_site

TAKE = """async () => {
  const { Snapshot } = await import(location.origin + '/__hotreload__/html/snapshot.js');
  window.snapshot = new Snapshot();
}"""
# Every node below a root, in templates and open shadow roots too.
NODES = """const nodes = (root) => [root, ...[...root.childNodes].flatMap(nodes),
  ...(root.content ? nodes(root.content) : []),
  ...(root.shadowRoot ? nodes(root.shadowRoot) : [])];"""
# A name, or a text, for each node of the picture and for the live one behind it.
PAIRS = f"""() => {{ {NODES}
  const told = (node) => node instanceof Element ? node.nodeName + [...node.attributes].map(
    ({{ name, value }}) => ` ${{name}}=${{value}}`) : node.nodeName + node.nodeValue;
  const copies = nodes(snapshot.document);
  const lives = copies.map(snapshot.live);
  return {{ copies: copies.map(told), lives: lives.map(told), all: nodes(document).map(told),
    isLive: lives.every((node) => node.getRootNode({{ composed: true }}) === document
      || node.ownerDocument !== snapshot.document) }};
}}"""
SHADOWS = """<x-one></x-one>
<div id=two><template shadowrootmode=open shadowrootclonable><b>2</b></template></div>
<script>
  window.made = 0;
  customElements.define('x-one', class extends HTMLElement {
    constructor() { super(); window.made++; }
    connectedCallback() { this.attachShadow({ mode: 'open' }).innerHTML = '<i>1<u></u></i>'; }
  });
  document.querySelector('#two').append('from a script', document.createElement('x-one'));
</script>"""
CONTENTS = """<!-- a --><template><p>in<template><q>deep</q></template></p></template>
<table><td>cell</table><svg><image href=hill.svg /></svg><math><mi>x</mi></math>"""
LOADING = """<style>@import 'part.css';</style><link rel=stylesheet href=part.css><img src=hill.svg>
<script src=script.js></script><iframe src=frame.html></iframe><video src=sound.wav></video>
<object data=hill.svg></object><input type=image src=hill.svg><p style='color: red'>x"""
FILES = {
    "part.css": "p { background: url(hill.svg) }",
    "hill.svg": "<svg xmlns='http://www.w3.org/2000/svg'><path id='p'/><!-- c --></svg>",
    "script.js": "window.ran = (window.ran ?? 0) + 1;",
    "frame.html": "<p>frame",
    "sound.wav": "",
}


engine = both_engines

pytestmark = pytest.mark.firefox
site = module_site


def shows_the_page(site):
    site.js(TAKE)
    pairs = site.js(PAIRS)
    assert pairs["copies"] == pairs["lives"] == pairs["all"]
    assert pairs["isLive"]


def test_it_holds_every_node_and_knows_the_live_one(site):
    site.open(SHADOWS + CONTENTS)

    shows_the_page(site)


def test_it_shows_documents_that_are_no_html(site):
    site.write(FILES)
    site.page.goto(f"{site.url}/hill.svg")

    shows_the_page(site)


def test_it_makes_no_elements_of_the_page(site):
    site.open(SHADOWS)

    site.js(TAKE)

    assert site.js("made") == 2


def test_it_loads_and_runs_nothing(site):
    site.open(LOADING, FILES)
    site.js("fetch('before')")
    asked = len(site.server.requests)

    site.js(TAKE)
    site.js("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    site.js("fetch('after')")

    assert site.server.requests[asked:] == ["/__hotreload__/html/snapshot.js", "/after"]
    assert site.js("ran") == 1
