"""Style sheets in the page that are loaded anew: imports, and files that come and go.

Each case says in `title` what a person notices and in `kept` what is not lost.
"""

from __future__ import annotations

from conftest import both_engines
from support.browser.module_page import Cases, Site, integrity, link, module_site

CASES = Cases()
case = CASES.enter
engine = both_engines
site = module_site


# ---- imports -------------------------------------------------------------------------------------


@case(
    "imports",
    "A sheet that is imported through three others changes.",
    "every sheet above it and every rule that did not change",
)
def test_imported_sheets_change_at_any_depth(site: Site) -> None:
    site.open(
        link("a.css") + "<style>@layer x; @import 'd.css' layer(x) screen;</style><p>x",
        {
            "a.css": "@import 'sub/b.css';",
            "sub/b.css": "@import url(c.css) layer(y);",
            "sub/c.css": '@import "../d.css" screen;',
            "d.css": "p{top:1px}i{top:0}",
        },
    )
    site.js("hr.mark(document.styleSheets[0].cssRules)")

    assert site.update("d.css", "p{top:2px}i{top:0}") == 2
    assert site.js("hr.style('p', 'top')") == "2px"
    assert site.js("""() => {
          let sheet = document.styleSheets[0];
          for (let i = 0; i < 3; i++) sheet = sheet.cssRules[0].styleSheet;
          return hr.marks(sheet.cssRules);
        }""") == [
        "0>0>0>0", "0>0>0>1",
    ]  # fmt: skip
    assert site.js("hr.all()") == site.fresh()


@case(
    "imports",
    "A picture that an imported sheet names is looked for where that sheet is.",
    "the base of relative URLs",
)
def test_relative_urls_stay_relative_to_their_sheet(site: Site) -> None:
    site.open(link("a.css") + "<p>x", {"a.css": "@import 'sub/b.css';", "sub/b.css": "p{top:1px}"})

    assert site.update("sub/b.css", "p{top:1px;background:url(x.svg)}b{}") == 1
    assert site.js("hr.style('p', 'backgroundImage')") == f'url("{site.url}/sub/x.svg")'


@case("imports", "A new import shows when it is loaded, and no frame lacks style.",
      "the link element, its URL, and what a script switched off")  # fmt: skip
def test_a_changed_import_loads_the_sheet_again_without_a_frame_that_lacks_style(
    site: Site,
) -> None:
    site.open(
        link("a.css", "id=l") + "<p>x",
        {"a.css": "p{color:red}", "b.css": "p{left:7px}"},
    )
    site.js("hr.link = l; hr.stop = hr.frames(() => hr.style('p', 'color')); 0")

    assert site.update("a.css", "@import 'b.css'; p{color:blue}") == 1
    assert site.js("hr.stop()") == ["rgb(255, 0, 0)", "rgb(0, 0, 255)"]
    assert site.js("hr.style('p', 'left')") == "7px"
    assert site.js("hr.link === l && document.querySelectorAll('link[rel=stylesheet]').length") == 1
    assert site.js("hr.plain(l.getAttribute('href'))") == "a.css"
    assert site.js("hr.all()") == site.fresh()
    assert site.update("a.css", "@import 'b.css'; p{color:green}") == 1
    assert site.js("hr.all()") == site.fresh()


@case(
    "imports",
    "A changed import deep in a chain loads the chain again.",
    "the link, and no frame lacks style",
)
def test_a_changed_import_below_others_shows(site: Site) -> None:
    site.open(
        link("a.css") + "<p>x",
        {
            "a.css": "@import 'b.css';",
            "b.css": "@import 'c.css'; p{color:red}",
            "c.css": "p{left:1px}",
            "d.css": "p{left:2px}",
        },
    )
    site.js(
        "hr.link = document.querySelector('[rel=stylesheet]'); hr.stop = hr.frames(() => "
        "hr.style('p', 'color')); 0"
    )

    assert site.update("b.css", "@import 'd.css'; p{color:red}") == 1
    assert site.js("hr.stop()") == ["rgb(255, 0, 0)"]
    assert site.js("hr.style('p', 'left')") == "2px"
    assert site.js(
        "document.querySelectorAll('[rel=stylesheet]').length === 1 && "
        "document.querySelector('[rel=stylesheet]') === hr.link"
    )
    assert site.js("hr.all()") == site.fresh()


@case(
    "imports",
    "What an imported sheet has become stays when the sheet above it is loaded again.",
    "the new text of both",
)
def test_a_sheet_that_is_loaded_again_has_the_imports_as_they_are_now(site: Site) -> None:
    site.open(
        link("a.css") + "<p>x",
        {"a.css": "@import 'b.css';", "b.css": "p{top:1px}i{}", "c.css": "p{left:1px}"},
    )

    assert site.update("b.css", "p{top:2px}") == 1
    assert site.update("a.css", "@import 'c.css'; @import 'b.css';") == 1
    assert site.js("hr.all()") == site.fresh()
    assert site.update("b.css", "p{top:3px}") == 1
    assert site.js("[hr.style('p', 'top'), hr.style('p', 'left')]") == ["3px", "1px"]


@case("imports", "A changed import below a <style> shows.", "the element")
def test_a_changed_import_below_a_style_element_shows(site: Site) -> None:
    site.open(
        "<style id=s>@import 'b.css';</style><p>x",
        {"b.css": "p{color:red}", "c.css": "p{left:1px}"},
    )
    site.js("hr.stop = hr.frames(() => hr.style('p', 'color')); 0")

    assert site.update("b.css", "@import 'c.css'; p{color:red}") == 1
    assert site.js("hr.stop()") == ["rgb(255, 0, 0)"]
    assert site.js("document.querySelectorAll('style').length") == 1
    assert site.js("hr.all()") == site.fresh()


@case(
    "imports",
    "Two sheets of one link that both get new imports are shown in one batch.",
    "the link, and no frame lacks style",
)
def test_two_changed_imports_below_one_link(site: Site) -> None:
    site.open(
        link("a.css") + "<p>x",
        {
            "a.css": "@import 'b.css'; @import 'c.css';",
            "b.css": "p{color:red}",
            "c.css": "i{}",
            "d.css": "p{left:1px}",
            "e.css": "p{right:1px}",
        },
    )
    site.js("hr.stop = hr.frames(() => hr.style('p', 'color')); 0")
    texts = {"b.css": "@import 'd.css'; p{color:red}", "c.css": "@import 'e.css';"}
    site.write(dict(texts))

    assert site.js(
        "texts => Promise.all(Object.entries(texts).map(([name, text]) => hr.update('/' + "
        "name, text)))",
        texts,
    ) == [1, 1]
    assert site.js("hr.stop()") == ["rgb(255, 0, 0)"]
    assert site.js("document.querySelectorAll('[rel=stylesheet]').length") == 1
    assert site.js("hr.all()") == site.fresh()


@case("imports", "A changed namespace applies.", "the link, and no frame lacks style")
def test_a_changed_namespace_loads_the_sheet_again(site: Site) -> None:
    site.open(
        link("a.css", "id=l") + "<p>x",
        {"a.css": "@namespace n url(x);n|p{top:1px}p{color:red}"},
    )
    site.js("l.sheet.disabled = true")

    assert site.update("a.css", "@namespace n url(http://www.w3.org/1999/xhtml);n|p{top:1px}") == 1
    assert site.js("l.sheet.disabled")
    site.js("l.sheet.disabled = false")
    assert site.js("hr.style('p', 'top')") == "1px"


@case(
    "imports",
    "A link whose integrity the new text does not match shows it all the same.",
    "the link",
)
def test_integrity_is_dropped_when_the_sheet_is_loaded_again(site: Site) -> None:
    text = "p{color:red}"
    site.open(link("a.css", integrity(text)) + "<p>x", {"a.css": text, "b.css": "p{left:1px}"})

    assert site.update("a.css", "@import 'b.css';p{color:blue}") == 1
    assert site.js("[hr.style('p', 'color'), hr.style('p', 'left')]") == ["rgb(0, 0, 255)", "1px"]


# ---- files that come, go and get other names -----------------------------------------------------


@case("files", "A sheet that was missing shows when the file comes.", "the link")
def test_a_missing_sheet_comes(site: Site) -> None:
    site.open(link("a.css") + "<p>x")

    site.write({"a.css": "p{top:1px}"})
    assert site.js("hr.update('/a.css', 'p{top:1px}', {kind: 'added'})") == 1
    assert site.js("hr.style('p', 'top')") == "1px"


@case("files", "A missing sheet that imports others shows when the file comes.", "the link")
def test_a_missing_sheet_with_imports_comes(site: Site) -> None:
    site.open(link("a.css") + "<p>x", {"b.css": "p{top:3px}"})

    site.write({"a.css": "@import 'b.css';"})
    assert site.js("hr.update('/a.css', \"@import 'b.css';\", {kind: 'added'})") == 1
    assert site.js("hr.style('p', 'top')") == "3px"


@case(
    "files",
    "A sheet whose file is deleted styles nothing, and does again when it is back.",
    "the link, and rules of scripts",
)
def test_a_deleted_sheet_goes_and_comes_back(site: Site) -> None:
    site.open(link("a.css") + "<p>x", {"a.css": "p{top:1px}"})
    site.js("document.styleSheets[0].insertRule('p{left:1px}', 1)")

    assert site.js("hr.update('/a.css', null, {kind: 'deleted'})") == 1
    assert site.js("[hr.style('p', 'top'), hr.style('p', 'left')]") == ["auto", "1px"]
    assert site.js("hr.update('/a.css', 'p{top:2px}', {kind: 'added'})") == 1
    assert site.js("[hr.style('p', 'top'), hr.style('p', 'left')]") == ["2px", "1px"]


HASHED = [
    (["/app.3f2.css"], ["/app.91c.css"], [("/app.3f2.css", "/app.91c.css")]),
    (["/m-BxQ9a_1z.css"], ["/m-Zk3_09ab.css"], [("/m-BxQ9a_1z.css", "/m-Zk3_09ab.css")]),
    (["/x.d41d.min.js", "/y.a1b2.js"], ["/x.0cc1.min.js"], [("/x.d41d.min.js", "/x.0cc1.min.js")]),
    (["/app.3f2.css"], ["/app.91c.js"], []),
    (["/a/app.3f2.css"], ["/b/app.91c.css"], []),
    (["/app.3f2.css", "/app.4f2.css"], ["/app.91c.css"], []),
    (["/photo-100.png"], ["/photo-200.png"], []),
    (["/style.css"], ["/style2.css"], []),
]  # fmt: skip


def test_files_with_hashed_names_are_paired_when_there_is_no_doubt(site: Site) -> None:
    site.open("")
    for gone, come, wanted in HASHED:
        found = site.js(
            """async ([gone, come]) => {
              const {pairHashedNames} = await import('/__hotreload__/updates/hashed-names.js');
              const changes = [
                ...come.map(url => ({url, kind: 'added'})),
                ...gone.map(url => ({url, kind: 'deleted'})),
                {url: '/app.c4d.css', kind: 'modified'},
              ];
              return pairHashedNames(changes).map(({from, to}) => [from.url, to.url]);
            }""",
            [gone, come],
        )
        assert [tuple(each) for each in found] == wanted


@case(
    "files",
    "A file that gets another hash in its name is shown in place of the old one.",
    "the rules that did not change",
)
def test_a_hashed_name_is_swapped(site: Site) -> None:
    site.open(link("app.3f2.css") + "<p>x", {"app.3f2.css": "p{top:1px}i{top:0}"})
    site.js("hr.mark(document.styleSheets[0].cssRules)")
    swap = """async ([old, url, text]) => {
      const css = await hr.load();
      return css.swapHashed(old, {url, kind: 'added', digest: 'd', text});
    }"""

    assert site.js(swap, ["/app.3f2.css", "/app.91c.css", "p{top:2px}i{top:0}"]) == 1
    assert site.js("hr.style('p', 'top')") == "2px"
    assert site.js("hr.update('/app.91c.css', 'p{top:3px}i{top:0}')") == 1
    assert site.js(swap, ["/app.91c.css", "/app.77d.css", "p{top:4px}i{top:0}"]) == 1
    assert site.js("hr.style('p', 'top')") == "4px"
    assert site.js("hr.marks(document.styleSheets[0].cssRules)") == ["0", "1"]


@case(
    "files",
    "A file with another hash in its name and another import is loaded under its new name.",
    "the link",
)
def test_a_hashed_name_with_a_changed_import_is_swapped(site: Site) -> None:
    site.open(
        link("app.3f2.css", "id=l") + "<p>x", {"app.3f2.css": "p{top:1px}", "b.css": "p{top:5px}"}
    )
    (site.root / "app.3f2.css").unlink()
    site.write({"app.91c.css": "@import 'b.css';"})

    swapped = site.js(
        """async () => {
          const css = await hr.load();
          const text = "@import 'b.css';";
          const change = {url: '/app.91c.css', kind: 'added', digest: 'd', text};
          return css.swapHashed('/app.3f2.css', change);
        }"""
    )

    assert swapped == 1
    assert site.js("[hr.style('p', 'top'), l.getAttribute('href')]") == [
        "5px",
        f"{site.url}/app.91c.css",
    ]
