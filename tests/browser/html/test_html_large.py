"""Large pages, also where scripts have been at work: an edit is made in place, or soon given up."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from support.browser.patched_page import Shown


@dataclass(frozen=True)
class Shape:
    """A page of any size, and what a script does to it before the edit."""

    body: Callable[[int], str]
    live: str = ""


def paragraphs(count: int) -> str:
    return "".join(f"<p>Paragraph {i} of the text</p>" for i in range(count))


def rows(count: int) -> str:
    return f"<table id=t>{''.join(f'<tr><td>{i}</td></tr>' for i in range(count))}</table>"


def items(count: int) -> str:
    return f"<ul id=t>{''.join(f'<li>{i * 7919 % count}</li>' for i in range(count))}</ul>"


WRAP = (
    "for (const p of [...document.querySelectorAll('p')])"
    " { const d = document.createElement('div'); p.replaceWith(d); d.append(p) }"
)
SHAPES = {
    "untouched": Shape(paragraphs),
    "cut": Shape(rows, "t.tBodies[0].replaceChildren(...[...t.rows].slice(0, 10))"),
    "sorted": Shape(
        items, "t.replaceChildren(...[...t.children].sort((a, b) => a.textContent - b.textContent))"
    ),
    "wrapped": Shape(paragraphs, WRAP),
    "marked": Shape(
        paragraphs, "document.querySelectorAll('p').forEach((p, i) => p.classList.add('x' + i % 3))"
    ),
    "cut among equals": Shape(
        lambda count: f"<ul id=t>{'<li>Item</li>' * count}</ul>",
        "t.replaceChildren(...[...t.children].slice(0, -3))",
    ),
    "coloured": Shape(
        paragraphs,
        "for (const p of document.querySelectorAll('p'))"
        " p.innerHTML = p.textContent.replace(/(\\w+)/g, '<span>$1</span>')",
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_an_edit_of_a_large_page_that_scripts_have_changed_is_made_in_place(
    shown: Shown, name: str
) -> None:
    """A comparison of each with each would take a hundred times the steps that are allowed."""
    shape = SHAPES[name]
    page = shown(
        f"<h1>Old</h1>{shape.body(5_000)}",
        head=f"<script>addEventListener('DOMContentLoaded', () => {{ {shape.live} }})</script>"
        if shape.live
        else "",
    )

    operations = page.evaluate("patch('Old', 'New').operations")

    assert [each["op"] for each in operations] == ["text"]
    assert page.locator("h1").text_content() == "New"


def test_ten_thousand_pairs_that_change_places_end(shown: Shown) -> None:
    def pairs(first: str, second: str) -> str:
        return "".join(f"<i>{first}{i}</i><b>{second}{i}</b>" for i in range(10_000))

    page = shown(f"<div>{pairs('a', 'b')}</div>")
    swapped = "".join(f"<b>b{i}</b><i>a{i}</i>" for i in range(10_000))

    reason = page.evaluate(
        """([from, to]) => {
            try { patch(from, to); return 'in place' } catch ({ message }) { return message }
        }""",
        [pairs("a", "b"), swapped],
    )

    assert reason in ("in place", "the page is too large")


def test_a_page_of_a_hundred_thousand_elements_is_not_even_copied(shown: Shown) -> None:
    page = shown("<h1>Old</h1>")

    reason = page.evaluate(
        """async () => {
            const { Snapshot } = await import('/src/html/snapshot.js');
            const make = () => document.createElement('i');
            document.body.append(...Array.from({ length: 100_000 }, make));
            try { new Snapshot() } catch ({ message }) { return message }
        }"""
    )

    assert reason == "the page is too large"


def test_an_element_with_thousands_of_attributes_reloads_the_page(shown: Shown) -> None:
    page = shown("<h1>Old</h1>")
    many = " ".join(f"a{i}=1" for i in range(10_000))

    reason = page.evaluate(
        "(to) => { try { patch('<h1>Old', to) } catch ({ message }) { return message } }",
        f"<h1 {many}>Old",
    )

    assert reason == "an element has more than 1000 attributes"
