"""Changes that only a new page can take over."""

# ruff: noqa: E501  a case is a row of a table: it is read across
# fmt: off

from .pair import Pair, heads, page, wholes

head = heads("changes that count for the whole page")
whole = wholes("changes that count for the whole page")

VITAL = "counts for the whole page"
CSP = '<meta http-equiv="Content-Security-Policy" content="{}">'

PAIRS: tuple[Pair, ...] = (
    whole("the doctype comes", "<title>t</title>x", "<!doctype html><title>t</title>x", reload="the doctype changed"),
    whole("the doctype goes", "<!doctype html><title>t</title>x", "<title>t</title>x", reload="the doctype changed"),
    whole("the doctype changes", "<!doctype html><title>t</title>x", '<!doctype html SYSTEM "about:legacy-compat"><title>t</title>x', reload="the doctype changed"),
    whole("a body becomes frames", "<!doctype html><body>x</body>", "<!doctype html><frameset><frame></frameset>", "insert frameset in html", "remove body in html"),
    head("the base address changes", '<base href="/a/">', '<base href="/b/">', reload=VITAL),
    head("the base address comes", "", '<base href="/b/">', reload=VITAL),
    head("the base address goes", '<base href="/a/">', "", reload=VITAL),
    head("a content security policy comes", "", CSP.format("default-src 'self'"), reload=VITAL),
    head("a content security policy changes", CSP.format("img-src *"), CSP.format("img-src 'self'"), reload=VITAL),
    head("a content security policy goes", CSP.format("img-src *"), "", reload=VITAL),
    head("a refresh comes", "", '<meta http-equiv="refresh" content="1000">', reload=VITAL),
    head("the content type that everybody has anyway", '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">', "", "remove meta in head"),
    head("the mode of old browsers", "", '<meta http-equiv="X-UA-Compatible" content="IE=edge">', "insert meta in head"),
    whole("a base address deep in a new element", page("<p>x</p>"), page("<p>x</p><div><base href=/b/></div>"), reload=VITAL),
    whole("a base address that did not change", page("<p>x</p>", "<base href=/a/>"), page("<p>y</p>", "<base href=/a/>"), "text p"),
)
