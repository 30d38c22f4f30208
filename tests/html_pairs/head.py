"""The head: title, metadata, links and style sheets."""

# ruff: noqa: E501  a case is a row of a table: it is read across
# fmt: off

from .pair import Pair, heads, wholes

title = wholes("title")
meta = heads("metadata")
link = heads("links")
sheet = heads("style sheets")

A = '<link rel="stylesheet" href="/css/a.css">'
B = '<link rel="stylesheet" href="/css/b.css">'
C = '<link rel="stylesheet" href="/css/c.css">'
LOADED = """await new Promise((done) => { const wait = () =>
  document.querySelectorAll('link[rel=stylesheet]').length === LINKS ? done() : setTimeout(wait, 1); wait(); });"""
SHEETS = "return [...document.styleSheets].map((s) => (s.href ?? '-').split('/').pop()).join() === {!r}"


def settled(links: int, sheets: str = "") -> str:
    """Return a check that waits until so many links are there and then looks at the sheets."""
    return LOADED.replace("LINKS", str(links)) + (sheets and SHEETS.format(sheets))


PAIRS: tuple[Pair, ...] = (
    title("changes", "<title>a</title>", "<title>b</title>", "text title"),
    title("comes", "<p>x", "<title>b</title><p>x", "insert title in head"),
    title("goes", "<title>a</title><p>x", "<p>x", "remove title in head"),
    title("that a script has set stays", "<title>a</title><p>x", "<title>a</title><p>y", "text p",
          live="document.title = 'script'", check="return document.title === 'script'", keeps="the script's title"),
    title("that a script has set, when the source changes it", "<title>a</title>", "<title>b</title>", "text title",
          live="document.title = 'script'", check="return document.title === 'b'", keeps="nothing: the source's new title counts"),
    meta("a description", '<meta name="description" content="a">', '<meta name="description" content="b">', "attribute meta content"),
    meta("one comes", "", '<meta name="description" content="b">', "insert meta in head"),
    meta("one goes", '<meta name="description" content="a">', "", "remove meta in head"),
    meta("the viewport", '<meta name="viewport" content="width=1">', '<meta name="viewport" content="width=2">', "attribute meta content"),
    meta("the theme colour", '<meta name="theme-color" content="red">', '<meta name="theme-color" content="blue">', "attribute meta content"),
    meta("one of many", '<meta name=a content=1><meta name=b content=2><meta name=c content=3>', '<meta name=a content=1><meta name=b content=4><meta name=c content=3>', "attribute meta content"),
    meta("one is replaced by two", '<meta name=a content=1>', '<meta name=b content=2><meta name=c content=3>', "attribute meta name", "attribute meta content", "insert meta in head"),
    meta("the encoding", "<meta charset=utf-8>", "<meta charset='UTF-8'>", "attribute meta charset"),
    meta("an Open Graph property", '<meta property="og:title" content="a">', '<meta property="og:title" content="b">', "attribute meta content"),
    meta("a script's stays", '<meta name="a" content="1">', '<meta name="a" content="2">', "attribute meta content",
         live="document.head.append(Object.assign(document.createElement('meta'), { name: 'script' }))",
         check="return document.querySelector('[name=script]') !== null", keeps="what the script made"),
    link("the icon", '<link rel="icon" href="/a.svg">', '<link rel="icon" href="/b.svg">', "attribute link href"),
    link("the canonical address", '<link rel="canonical" href="/a">', '<link rel="canonical" href="/b">', "attribute link href"),
    link("a preload comes", "", '<link rel="preload" href="/css/a.css" as="style">', "insert link in head"),
    link("the manifest", '<link rel="manifest" href="/a.json">', '<link rel="manifest" href="/b.json">', "attribute link href"),
    link("a feed goes", '<link rel="alternate" type="application/rss+xml" href="/a.xml">', "", "remove link in head"),
    sheet("a link comes", "", A, "insert link in head"),
    sheet("a link comes after another", A, A + B, "insert link in head"),
    sheet("a link comes before another", B, A + B, "insert link in head"),
    sheet("a link goes", A, "", "remove link in head", check="return document.styleSheets.length === 0"),
    sheet("a link's address changes", A, B, "stylesheet", check=settled(1, "b.css"), keeps="the old style until the new one has loaded"),
    sheet("a link's address changes among others", A + B, C + B, "stylesheet", check=settled(2, "c.css,b.css"), keeps="the order, and the old style until the new one has loaded"),
    sheet("a link's address changes to one that does not load", A, '<link rel="stylesheet" href="/missing.css">', "stylesheet",
          check=settled(1) + "return document.querySelector('link').href.endsWith('missing.css')", keeps="the old style until the new one has failed"),
    sheet("the old one is there until the new one has loaded", A, B, "stylesheet",
          live=" ", check="const before = document.querySelectorAll('link').length;" + settled(1, "b.css") + " && before === 2", keeps="the old style until the new one has loaded"),
    sheet("a query comes to an address", A, '<link rel="stylesheet" href="/css/a.css?2">', "stylesheet", check=settled(1, "a.css?2"), keeps="the old style until the new one has loaded"),
    sheet("a hashed name changes", '<link rel="stylesheet" href="/css/app.3f2.css">', '<link rel="stylesheet" href="/css/app.91c.css">', "stylesheet", check=settled(1, "app.91c.css"), keeps="the old style until the new one has loaded"),
    sheet("two links become one", A + B, C, "stylesheet", "remove link in head", check=settled(1, "c.css"), keeps="both old sheets until the new one has loaded"),
    sheet("two links are swapped", A + B, B + A, "move link in head", check=SHEETS.format("b.css,a.css"), keeps="both sheets: none is loaded again"),
    sheet("a link becomes a style element", A, "<style>p{order:1}</style>", "insert style in head", "remove link in head"),
    sheet("a style element becomes a link", "<style>p{order:1}</style>", A, "insert link in head", "remove style in head",
          check="while (document.querySelector('style')) await new Promise((done) => setTimeout(done, 1)); " + SHEETS.format("a.css"), keeps="the old style until the new one has loaded"),
    sheet("a link's media", A, A.replace(">", ' media="print">'), "attribute link media", keeps="the sheet: it is not loaded again"),
    sheet("a link is disabled", A, A.replace(">", " disabled>"), "attribute link disabled"),
    sheet("a link gets a title", A, A.replace(">", ' title="t">'), "attribute link title"),
    sheet("an alternate sheet", A, '<link rel="alternate stylesheet" title="b" href="/css/a.css">', "stylesheet",
          check=settled(0) + "return document.querySelectorAll('link').length === 1", keeps="the sheet until the new one has loaded"),
    sheet("a link's script state stays", A, A.replace(">", ' title="t">'), "attribute link title",
          live="document.querySelector('link').dataset.script = 1", check="return document.querySelector('link').dataset.script === '1'", keeps="what the script did"),
    sheet("a style element changes", "<style>p{order:1}</style>", "<style>p{order:2}</style>", "style",
          check="return getComputedStyle(document.querySelector('p')).order === '2'", keeps="the element"),
    sheet("a style element comes", "", "<style>p{order:2}</style>", "insert style in head"),
    sheet("a style element goes", "<style>p{order:2}</style>", "", "remove style in head"),
    sheet("a style element gets its first rule", "<style></style>", "<style>p{order:2}</style>", "style"),
    sheet("a style element loses its last rule", "<style>p{order:2}</style>", "<style></style>", "style"),
    sheet("a style element's media", "<style>p{order:2}</style>", "<style media=print>p{order:2}</style>", "attribute style media"),
    sheet("two style elements are swapped", "<style>p{order:1}</style><style>p{order:2}</style>", "<style>p{order:2}</style><style>p{order:1}</style>", "move style in head",
          check="return getComputedStyle(document.querySelector('p')).order === '1'"),
    sheet("a style element that a script made stays", "<style>p{order:1}</style>", "<style>p{order:2}</style>", "style",
          live="document.head.append(state.made = document.createElement('style'))", check="return state.made.isConnected", keeps="the script's style"),
    sheet("rules that a script has put into its own sheet stay", "<style>p{order:1}</style>", "<style>p{order:2}</style>", "style",
          live="document.head.append(state.made = document.createElement('style')); state.made.sheet.insertRule('p{top:1px}')",
          check="return state.made.sheet.cssRules.length === 1", keeps="the script's rules"),
    sheet("markup characters in a style element", "<style>a>b{order:1}/*<p>*/</style>", "<style>a>b{order:2}/*<p>*/</style>", "style"),
)
