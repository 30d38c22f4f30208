"""Injection is invisible: with and without our tag, parsers see the same document.

Thousands of documents, made of every kind of beginning in every kind of encoding, are read by
html5lib and by Chromium, once as they are and once with the tag. Tree, encoding and compatibility
mode have to be equal but for one script.
"""

import random
import sysconfig
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path
from typing import Any
from xml.dom import minidom
from xml.parsers.expat import ExpatError

import html5lib
import pytest
from conftest import NIGHTLY
from playwright.sync_api import Page
from support.browser.untag import SRC, remove

from hotreload.injection import inject

AHEAD = [
    "", "", " ", "\n", "\r\n\t", "\f ", "<!-- c -->", "<!-->", "<!--->", "<!---->", "<!-- a --!>",
    "<!-- <html><head> -->", "<!-- a -- b -->", "<!--x--!-->", "<!-- <!-- -->", "<!--\0-->",
    "<?xml version='1.0'?>", "<?php echo '>' ?>", "<!bogus>", "<!>", "<?>", "</ bogus>", "</>",
    "</3>", "<![CDATA[x]]>", "<!-x->", "</p>", "</div a='>'>", "</HTML>", "</br>", "</head>",
    "</template>", "&#32;", "&#x0A;", "&Tab;", "&NewLine;", "&#9", "&#0000013;", "&#xD;", "&#12 ",
    "&nbsp;", "&#32", "&#321;", "&Tab", "&#x20g", "\0", "\u00a0", "\ufeff", "é", "<", "<3", "&",
    "</", "<!-- é 漢字 -->", "\x0b", "\u2028",
]  # fmt: skip
DOCTYPES = [
    "", "", "<!DOCTYPE html>", "<!DOCTYPE html>", "<!doctype HTML>", "<!DOCTYPE>", "<!doctypehtml>",
    '<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">',
    '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://w3.org/TR">',
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Frameset//EN" "x">',
    "<!DOCTYPE html SYSTEM 'about:legacy-compat'>", '<!DOCTYPE html PUBLIC "a>b">',
    "<!doctype html [<!ENTITY a 'b'>]>", "<!DOCTYPE html><!DOCTYPE x>", "<!DOCTYPE\nhtml\t>",
    "<!DOCTYPE svg>", "<!DOCTYPE html\0>",
]  # fmt: skip
HTML = [
    "", "", "<html>", "<html>", "<HTML LANG=en>", "<html lang='a>b' class=\"x>y\">", "<html/>",
    "<html lang=en/ x>", "<html a=1 a=2 A=3>", "<html\nb\f=\t'c'>", "<html><html lang=de>",
    "<html =x>", '<html a="<head>">', "<html\0>", "<html a\0b='\0'>", "<html a=b'c\"d`e>",
    "<html a='x'b=\"y\"c>", "<html / / a / = b>", "<html é='漢'>", "<html class=\"'\" id='\"'>",
    "<htm>", "<html a=>", "<html a= >", "<html a='>", "<html <head>",
]  # fmt: skip
HEAD = [
    "", "", "<head>", "<head>", "<HEAD profile='x>y'>", "<head/>", "<head><head id=x>", "<header>",
    "</head>", "<head\f>", "<heads>", "<head></head>", "<head></head><head>", "<head a='b'c=d/>",
]  # fmt: skip
REST = [
    "", "text", " text ", "<p>hi", "<title>t &amp; u</title><body class=x>b</body></html>",
    "<frameset cols=*><frame></frameset>", "<plaintext>a</plaintext><b>",
    "<svg><title>x</title><![CDATA[y]]></svg>", "<template><p>x</p></template>t",
    "<noscript><p>x</p></noscript><p>", "<table><tr><td>", "</br>x", "</body>x",
    "</html><!-- late -->", "<meta charset=utf-8><title>é</title>", "</head><meta name=a>b",
    "<base href=/x/><link rel=x href=a.css>", "<script>var a='<head>';</script>x",
    "<script><!-- <script> </script> --></script><p>", "<style>a{}</style> <b>", "<textarea>\n x",
    "<pre>\n\nx", "<b", "<!-- unclosed", "<a href='unclosed", "<input><!doctype html>", "\0x",
    "&amp;x", "<head>", "<html class=late>", "<body><html a=b><body c=d>", "<math><mi>x",
    "<title>unclosed", "<meta http-equiv=content-type content='text/html; charset=koi8-r'>é",
    "<!---", "<!----", "<!----!", "<!-- x -", "<!-- x --", "<!-- x --!", "<!-- x --!-", "<!--<!-",
    "<!--<!--", "<!--<!", "<!-", "<!", "<?", "</ x", "<!doctyp", "<!doctype", "<!doctype ",
    "<!doctype x", "<!doctype x ", "<!doctype x pub", "<!doctype x public", "<!doctype x public 'a",
    "<!doctype x public 'a'", "<!doctype x public 'a' \"b", "<!doctype x system", "<!doctype x y",
    "<!doctype x system 'a", "<meta a='", "<html a=\"", "<body ", "<isindex>", "<image>", "<p/>",
    "<select><option>", "<object><param>", "<menuitem>x", "<form><form>", "<nobr><nobr>",
]  # fmt: skip
ENCODINGS: list[tuple[str, str | None, str]] = [
    # Python's codec, the charset of the Content-Type, what the document says of itself
    ("utf-8", "utf-8", ""),
    ("utf-8", None, "<meta charset=utf-8>"),
    ("utf-8", None, "<meta charset=utf-16le>"),
    ("utf-8", None, "<META HTTP-EQUIV='Content-Type' CONTENT='text/html; charset=\"UTF-8\"'>"),
    ("utf-8-sig", None, ""),
    ("utf-8-sig", "iso-8859-1", "<meta charset=gbk>"),
    ("utf-16-le", None, "\ufeff"),
    ("utf-16-be", None, "\ufeff"),
    ("utf-16-le", "utf-16", ""),
    ("cp1252", None, "<meta charset='iso-8859-1'>"),
    ("cp1252", "latin1", ""),
    ("cp932", None, "<meta charset=shift_jis>"),
    ("gb18030", None, "<meta content='a; charset=gbk' http-equiv=content-type>"),
    ("gb18030", "gb18030", ""),
    ("cp949", None, "<meta charset='euc-kr'/>"),
    ("big5", "big5", ""),
    ("euc_jp", "euc-jp", ""),
    ("iso2022_jp", "iso-2022-jp", ""),
    ("iso2022_jp", None, "<meta charset=iso-2022-jp>"),
    ("koi8-r", "koi8-r", ""),
]
MISLEADING = "ソ表ｱ能貼髙牛功誠"  # in some encodings their second bytes are \\ [ ] | @


@dataclass(frozen=True)
class Document:
    content: bytes
    charset: str | None = None
    media_type: str = "text/html"

    @property
    def content_type(self) -> str:
        return self.media_type + (f"; charset={self.charset}" if self.charset else "")

    def as_response(self) -> tuple[str, str]:
        """Its Content-Type, and its content in Base64."""
        return self.content_type, b64encode(self.content).decode()

    def with_tag(self) -> "Document":
        plan = inject.plan(self.content, self.media_type, self.charset)
        if plan is None:
            return self
        parts = inject.compose(self.content, plan, SRC)
        content = parts.before + parts.tag + parts.after
        return replace(self, content=content, charset=parts.charset or self.charset)


def beginnings(count: int) -> Iterator[Document]:
    """Documents of random pieces, the same ones in every run."""
    chance = random.Random(20)
    for number in range(count):
        codec, charset, declaration = ENCODINGS[number % len(ENCODINGS)]
        pieces = [
            *(chance.choice(AHEAD) for _ in range(chance.randrange(3))),
            chance.choice(DOCTYPES),
            *(chance.choice(AHEAD) for _ in range(chance.randrange(3))),
            chance.choice(HTML),
            *(chance.choice(AHEAD) for _ in range(chance.randrange(2))),
            chance.choice(HEAD),
            chance.choice(["", "", "\n", "<!-- c -->"]),
            declaration.strip("\ufeff"),
            chance.choice(REST),
            chance.choice(["", chance.choice(REST)]),
            chance.choice(["", f"<p title='{MISLEADING}'>{MISLEADING}"]),
        ]
        text = ("\ufeff" if "\ufeff" in declaration else "") + "".join(pieces)
        yield Document(text.encode(codec, "ignore"), charset)


def far_declarations() -> Iterator[Document]:
    """Documents whose encoding is declared so far in that a tag could push it out of reach."""
    for distance in [*range(870, 1060, 19), 1500, 5000]:
        for opening in ("", "<!doctype html><html><head>", "<html><base href=/x/>"):
            for filler in (
                "<!-- {} -->",
                "<title>{}</title>",
                "<script>//{}</script>",
                "<p>{}</p>",
            ):
                start = opening + filler.format("x" * (distance - len(opening)))
                for meta in ("<meta charset=koi8-r>", "<noscript><meta charset=koi8-r></noscript>"):
                    yield Document(f"{start}{meta}<p>\xc1\xe9".encode("latin-1"))


def unlabelled() -> Iterator[Document]:
    """Documents of which nothing says how they are encoded, so that browsers guess."""
    texts = {
        "日本語の文章は、漢字と仮名を混ぜて書きます。": ["cp932", "euc_jp", "iso2022_jp", "utf-8"],
        "中文是世界上使用人数最多的语言之一。": ["gb18030", "utf-8"],
        "繁體中文主要在臺灣與香港使用。": ["big5"],
        "한국어는 한국에서 사용되는 언어이다.": ["cp949"],
        "Русский язык является одним из самых": ["koi8-r", "cp1251", "iso8859-5", "cp866"],
        "ελληνική γλώσσα είναι μία από τις": ["cp1253"],
        "עברית היא שפה שמית והיא מדוברת בישראל": ["cp1255"],
        "Fünf große Mädchen hören süße Töne": ["cp1252", "utf-8"],
    }
    for text, codecs in texts.items():
        for codec in codecs:
            for opening in ("", "<!-- c -->", "<!doctype html><html><head><title>x</title><p>"):
                yield Document(f"{opening}{text * 2}".encode(codec, "ignore"))


XML_PROLOGS = [
    "", '<?xml version="1.0"?>', "<?xml version='1.0' encoding='{}'?>\n<!-- <html> -->",
    "<?xml version='1.0' encoding='{}' standalone='yes'?><!DOCTYPE html>\n",
    "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" 'x.dtd'>", "<?a <html>?>",
    "<!DOCTYPE x [<!ENTITY e \"<']>\"><!-- ' ]> --><?p ]>?> <!ATTLIST a b CDATA 'c>'>]>\n<!---->",
]  # fmt: skip
XML_BODIES = [
    "<html xmlns='{x}'><head><title>t</title></head><body><p>漢é</p></body></html>",
    "<html xmlns='{x}' a='>' b='&quot;'>\n <!-- <head> -->\n<head\n id='h'>\n<a/></head></html>",
    "<html xmlns='{x}'><head/><body/></html>", "<html xmlns='{x}'><body/></html >",
    "<html xmlns='{x}'>text<head>x</head></html>", "<html xmlns='{x}'/>",
    "<h:html xmlns:h='{x}'><h:head><h:title/></h:head><h:body/></h:html><!-- end -->",
    "<h:html xmlns:h='{x}'><?p?><head xmlns='{x}'/></h:html>",
    "<svg xmlns='{s}' viewBox='0 0 1 1'><title>é</title><g id='漢'/></svg>",
    "<svg xmlns='{s}'>\n<!-- c --><![CDATA[x]]></svg>", "<svg xmlns='{s}'/>",
    "<s:svg xmlns:s='{s}'><s:g/></s:svg>", "<漢字>x</漢字>",
    "<svg xmlns='{s}'><style>a{{}}</style></svg>",
    "<svg xmlns='{s}'><script>1</script><script href='x'/></svg>",
]  # fmt: skip
XML_ENCODINGS = [
    ("utf-8", None), ("utf-8-sig", None), ("utf-16", None), ("utf-8", "utf-8"),
    ("iso-8859-1", None), ("shift_jis", None), ("gb18030", "gb18030"), ("iso2022_jp", None),
]  # fmt: skip


def xml_documents() -> Iterator[Document]:
    """XHTML and SVG in every kind of beginning and encoding."""
    names = {"x": "http://www.w3.org/1999/xhtml", "s": "http://www.w3.org/2000/svg"}
    for body in XML_BODIES:
        media_type = "image/svg+xml" if "{s}" in body else "application/xhtml+xml"
        for prolog in XML_PROLOGS:
            for codec, charset in XML_ENCODINGS:
                label = "utf-16" if codec == "utf-16" else codec.removesuffix("-sig")
                text = prolog.format(label.replace("iso2022_jp", "iso-2022-jp")) + body.format(
                    **names
                )
                yield Document(text.encode(codec, "ignore"), charset, media_type)


@cache
def real_pages() -> list[Document]:
    """Pages on this machine, if any: of Python packages, the system's documentation and Rust's."""
    places = (sysconfig.get_path("purelib"), "/usr/share/doc", str(Path.home() / ".rustup"))
    found = [list(islice(Path(each).rglob("*.htm*"), 0, 6000, 150)) for each in places]
    files = [path for each in found for path in each if path.is_file()]
    return [Document(path.read_bytes()) for path in files if path.stat().st_size < 200_000]


@cache
def html_documents() -> list[Document]:
    return [*beginnings(2000), *far_declarations(), *unlabelled(), *real_pages()]


def some(documents: Sequence[Document]) -> list[Document]:
    """All of them in the nightly profile, a quarter of them by default."""
    if NIGHTLY:
        return list(documents)
    return random.Random(4).sample(documents, len(documents) // 4)


def differences(
    documents: Sequence[Document], seen: Callable[[Document], object]
) -> list[tuple[Document, object, object]]:
    both = ((each, seen(each), seen(each.with_tag())) for each in documents)
    return [each for each in both if each[1] != each[2]]


def test_a_tag_can_be_put_in_and_taken_out_again() -> None:
    """Nearly every document takes a tag; without it, it is the file's bytes."""
    documents = [*html_documents(), *xml_documents()]
    tagged = [(each, each.with_tag()) for each in documents]
    alone = [before for before, after in tagged if after == before]
    for before, after in tagged:
        assert remove(after.content, after.media_type, after.charset) == before.content
    assert len(documents) > 2000
    assert len(alone) < len(documents) / 20, alone[:3]


def looks_32_bit(document: Document) -> bool:
    """UTF-16 that begins with a NUL: html5lib, unlike browsers, knows of UTF-32."""
    return document.content.startswith(b"\xff\xfe\0\0")


def as_html5lib_sees(document: Document) -> object:
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("dom"))
    tree = parser.parse(document.content, transport_encoding=document.charset, useChardet=False)
    _take_ours_out(tree)
    return parser.compatMode, parser.documentEncoding, list(html5lib.getTreeWalker("dom")(tree))


def _take_ours_out(tree: Any) -> None:
    ours = [each for each in tree.getElementsByTagName("script") if each.getAttribute("src") == SRC]
    for script in ours[:1]:
        script.parentNode.removeChild(script)


def test_html5lib_sees_the_same_document() -> None:
    """Tree, encoding and compatibility mode are equal but for one script."""
    documents = some([each for each in html_documents() if not looks_32_bit(each)])
    assert differences(documents, as_html5lib_sees) == []


def as_expat_sees(document: Document) -> object:
    try:
        tree = minidom.parseString(document.content)
    except (ExpatError, ValueError):  # the latter for encodings that expat does not know
        return None
    _take_ours_out(tree)
    return tree.toxml()


def test_xml_stays_well_formed_and_the_same() -> None:
    """An XML parser reads XHTML and SVG with the tag as it reads them without."""
    documents = [each for each in xml_documents() if not each.charset]
    assert differences(documents, as_expat_sees) == []
    assert sum(as_expat_sees(each) is not None for each in documents) > 200


class _Answers(BaseHTTPRequestHandler):
    """Answers `/NUMBER/0` with a document, `/NUMBER/1` with the same one with the tag."""

    protocol_version = "HTTP/1.1"
    pairs: Sequence[tuple[Document, Document]] = ()

    def do_GET(self) -> None:
        number, _, tagged = self.path[1:].partition("/")
        if number.isdigit() and tagged in {"0", "1"}:
            self._answer(self.pairs[int(number)][int(tagged)])
        else:
            self._answer(Document(b"<!doctype html><title>both</title>", "utf-8"))

    def _answer(self, document: Document) -> None:
        self.send_response_only(200)
        self.send_header("Content-Type", document.content_type)
        self.send_header("Content-Length", str(len(document.content)))
        self.send_header("Content-Security-Policy", "script-src 'none'; object-src 'none'")
        self.end_headers()
        self.wfile.write(document.content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def both(page: Page) -> Iterator[Callable[[Sequence[Document]], str]]:
    """Serves documents with and without the tag; gives their address and opens a page there."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()

    def serve(documents: Sequence[Document]) -> str:
        _Answers.pairs = [(each, each.with_tag()) for each in documents]
        address = f"http://127.0.0.1:{server.server_address[1]}"
        page.goto(address)
        return address

    yield serve
    server.shutdown()
    thread.join()
    server.server_close()


COMPARE = """
const dump = (node) => [
  node.nodeName, node.namespaceURI, node.publicId, node.systemId,
  node.nodeValue?.replace(/at column [0-9]+/, ""),
  [...node.attributes ?? []].map((each) => [each.name, each.value]),
  [...(node.nodeName === "TEMPLATE" ? node.content : node).childNodes].map(dump),
];
const seen = (page) => {
  const ours = [...page.querySelectorAll("script")];
  ours.find((script) => script.getAttribute("src") === SRC)?.remove();
  return JSON.stringify([page.characterSet, page.compatMode, page.contentType, dump(page)]);
};
const ways = {
  // No server is asked: the type of a blob is the Content-Type of its response.
  request: async ([type, content]) => {
    const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
    const url = URL.createObjectURL(new Blob([bytes], { type }));
    const page = await new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.onload = () => resolve(request.responseXML);
      request.onerror = reject;
      request.open("GET", url);
      request.responseType = "document";
      request.send();
    });
    URL.revokeObjectURL(url);
    return page;
  },
  frame: (url) => new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.hidden = true;
    frame.onload = () => { resolve(frame.contentDocument); frame.remove(); };
    frame.src = url;
    document.body.append(frame);
  }),
};
const main = async (way, pairs) => {
  const wrong = [];
  let next = 0;
  const worker = async () => {
    while (next < pairs.length) {
      const number = next++;
      const pair = await Promise.all(pairs[number].map(ways[way]));
      const [without, tagged] = pair.map((page) => page && seen(page));
      if (without !== tagged) wrong.push([number, without, tagged]);
    }
  };
  await Promise.all([...Array(8)].map(worker));
  return wrong;
};
"""


def compare(
    page: Page, way: str, pairs: Sequence[tuple[object, object]]
) -> list[tuple[int, str, str]]:
    """The pairs that are not seen alike: number, and both as they are seen."""
    script = COMPARE.replace("SRC", repr(SRC))
    call = f"([way, pairs]) => {{ {script}; return main(way, pairs); }}"
    return list(page.evaluate(call, [way, pairs]))


def test_chromium_parses_the_same_document(page: Page, both: Callable[..., str]) -> None:
    """Tree, encoding and compatibility mode are equal but for one script."""
    documents = some([*html_documents(), *xml_documents()])
    both(documents)
    pairs = [(each.as_response(), each.with_tag().as_response()) for each in documents]
    wrong = compare(page, "request", pairs)
    assert [(documents[number], *seen) for number, *seen in wrong] == []


def test_chromium_shows_the_same_document(page: Page, both: Callable[..., str]) -> None:
    """So it is in frames, where scripting is on and real loading decides the encoding.

    (What Chromium shows of XML that is not well-formed tells the column of the mistake.)
    """
    documents = [
        *islice(beginnings(2000), 0, None, 10),
        *islice(far_declarations(), 0, None, 7),
        *islice(xml_documents(), 0, None, 17),
        *real_pages()[::5],
    ]
    both(documents)
    wrong = compare(page, "frame", [(f"/{i}/0", f"/{i}/1") for i in range(len(documents))])
    assert [(documents[number], *seen) for number, *seen in wrong] == []


def test_chromium_guesses_the_same_encoding(page: Page, both: Callable[..., str]) -> None:
    """Nothing says how these are encoded: in a page of its own Chromium guesses, the same thing."""
    documents = list(unlabelled())
    address = both(documents)

    def guess(path: str) -> object:
        page.goto(f"{address}/{path}")
        return page.evaluate("document.characterSet")

    guesses = [(guess(f"{each}/0"), guess(f"{each}/1")) for each in range(len(documents))]
    assert [each for each in guesses if each[0] != each[1]] == []
    assert len({without for without, _ in guesses}) > 5
