"""SVG and MathML: namespaces, names with upper-case letters, links in attributes with a prefix."""

# ruff: noqa: E501  a case is a row of a table: it is read across
# fmt: off

from .pair import Pair, bodies

svg = bodies("SVG")
math = bodies("MathML")

PAIRS: tuple[Pair, ...] = (
    svg("an attribute", "<svg><circle r=1 /></svg>", "<svg><circle r=2 /></svg>", "attribute circle r"),
    svg("an attribute with upper-case letters", '<svg viewBox="0 0 1 1"></svg>', '<svg viewBox="0 0 2 2"></svg>', "attribute svg viewBox"),
    svg("an attribute with upper-case letters comes", "<svg></svg>", '<svg preserveAspectRatio="none"></svg>', "attribute svg preserveAspectRatio"),
    svg("an attribute with a prefix", '<svg><use xlink:href="#a" /></svg>', '<svg><use xlink:href="#b" /></svg>', "attribute use href"),
    svg("an attribute with a prefix becomes one without", '<svg><use xlink:href="#a" /></svg>', '<svg><use href="#a" /></svg>', "attribute use href", "attribute use href"),
    svg("xml:lang", '<svg xml:lang="en"></svg>', '<svg xml:lang="de"></svg>', "attribute svg lang"),
    svg("a shape comes", "<svg><g></g></svg>", '<svg><g><path d="M0 0"/></g></svg>', "insert path in g"),
    svg("a shape goes", '<svg><path d="M0 0"/><rect/></svg>', "<svg><rect/></svg>", "remove path in svg"),
    svg("the order of shapes", '<svg><path d="M0 0"/><rect width=1 /></svg>', '<svg><rect width=1 /><path d="M0 0"/></svg>', "move path in svg"),
    svg("a whole drawing comes", "<p>x</p>", '<p>x</p><svg viewBox="0 0 1 1"><linearGradient id=g><stop offset=1 /></linearGradient><rect fill="url(#g)"/></svg>', "insert svg in body"),
    svg("an element with upper-case letters", "<svg><linearGradient id=g></linearGradient></svg>", "<svg><linearGradient id=g><stop offset=1 /></linearGradient></svg>", "insert stop in linearGradient#g"),
    svg("a text", "<svg><text>a</text></svg>", "<svg><text>b</text></svg>", "text text"),
    svg("a title", "<svg><title>a</title></svg>", "<svg><title>b</title></svg>", "text title"),
    svg("a style element", "<svg><style>p{order:1}</style></svg>", "<svg><style>p{order:2}</style></svg>", "style"),
    svg("HTML inside", "<svg><foreignObject><p>a</p></foreignObject></svg>", "<svg><foreignObject><p>b</p></foreignObject></svg>", "text p"),
    svg("HTML inside comes", "<svg><foreignObject></foreignObject></svg>", "<svg><foreignObject><p>b</p></foreignObject></svg>", "insert p in foreignObject"),
    svg("a link inside", '<svg><a href="/a"><text>x</text></a></svg>', '<svg><a href="/b"><text>x</text></a></svg>', "attribute a href"),
    svg("a class that a script has added stays", "<svg><g class=a></g></svg>", "<svg><g class='a b'></g></svg>", "attribute g class",
        live="document.querySelector('g').classList.add('script')", check="return document.querySelector('g').getAttribute('class') === 'a script b'", keeps="the script's class"),
    svg("a shape that a script has drawn stays", "<svg><g></g></svg>", "<svg><g></g><path/></svg>", "insert path in svg",
        live="document.querySelector('svg').append(state.made = document.createElementNS('http://www.w3.org/2000/svg', 'rect'))",
        check="return state.made.isConnected", keeps="what the script made"),
    svg("a script's style property stays", "<svg><g style='fill: red'></g></svg>", "<svg><g style='fill: blue'></g></svg>", "attribute g style",
        live="document.querySelector('g').style.opacity = '.5'",
        check="const { style } = document.querySelector('g'); return style.opacity === '0.5' && style.fill === 'blue'", keeps="the script's property"),
    svg("an animation", '<svg><rect><animate attributeName="x" to="1"/></rect></svg>', '<svg><rect><animate attributeName="x" to="2"/></rect></svg>', "attribute animate to"),
    svg("a group is wrapped", "<svg><path id=a d='M0 0'/></svg>", "<svg><g><path id=a d='M0 0'/></g></svg>", "insert g in svg", "move path#a in g"),
    svg("a CDATA section", "<svg><text><![CDATA[a<b]]></text></svg>", "<svg><text><![CDATA[a<c]]></text></svg>", "text text"),
    math("a number", "<math><mn>1</mn></math>", "<math><mn>2</mn></math>", "text mn"),
    math("a part comes", "<math><mn>1</mn></math>", "<math><mn>1</mn><mo>+</mo><mn>2</mn></math>", "insert mo in math", "insert mn in math"),
    math("an attribute with upper-case letters", '<math definitionURL="a"></math>', '<math definitionURL="b"></math>', "attribute math definitionURL"),
    math("a fraction is renamed", "<math><mrow><mn>1</mn><mn>2</mn></mrow></math>", "<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>", "rename mrow mfrac"),
    math("a formula comes", "<p>x</p>", "<p>x</p><math display=block><msup><mi>x</mi><mn>2</mn></msup></math>", "insert math in body"),
    math("HTML in a text", "<math><mtext><b>a</b></mtext></math>", "<math><mtext><b>b</b></mtext></math>", "text b"),
)
