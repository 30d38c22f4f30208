"""Our own pages say what is wrong, and nothing in a name can become a part of them."""

from hypothesis import given
from hypothesis import strategies as st

from hotreload.static.pages import error_pages

ODD = st.text(st.characters(exclude_categories=[]), max_size=30)


def test_a_missing_page_names_the_path_and_what_may_have_been_meant():
    page = error_pages.error_page(
        "Not found", "There is no such file.", "/abuot.html", ["/about.html"], "/folder/"
    ).decode()

    assert "<code>/abuot.html</code>" in page
    assert '<a href="/about.html"><code>/about.html</code></a>' in page
    assert '<a href="/folder/">' in page


def test_without_anything_near_the_page_offers_nothing():
    page = error_pages.error_page("Not found", "There is no such file.", "/x").decode()

    assert "Did you mean" not in page
    assert "See what there is" not in page


def test_control_characters_and_broken_bytes_are_shown_as_pictures():
    assert error_pages.readable("a\n\x1b\x7f\udce9b") == "a\u240a\u241b\u2421\ufffdb"


@given(ODD)
def test_no_path_gets_out_of_its_element(path):
    page = error_pages.error_page("Not found", "There is no such file.", path).decode()

    inside = page.split("<p><code>")[1].split("</code></p>")[0]
    assert "<" not in inside
    assert page.count("<p>") == error_pages.error_page("Not found", "x", "").decode().count("<p>")


def test_a_folder_that_is_not_there_yet_is_named_and_so_is_a_file():
    assert b"<code>/srv/a&amp;b</code>" in error_pages.nothing_yet("/srv/a&b")
    assert b"no such folder yet" in error_pages.nothing_yet("/srv/a&b")
    page = error_pages.not_found("/a.html", near=["/b.html"], above="/")
    assert b"no file of this name" in page
    assert b'<a href="/b.html">' in page
