"""The attributes of a tag, as a browser's tokenizer reads them.

Knows: where a name and its value stand. Refuses to know: what they mean, and references in values.
Source: https://html.spec.whatwg.org/ sections 13.2.5.32 to 13.2.5.40.
"""

import re
from dataclasses import dataclass

# One attribute, as the tokenizer (13.2.5.33) and the prescan read it alike. The last kind of value
# is one whose quote never ends: it takes the rest, so that its tag has no end either.
_ATTRIBUTE = r"""
    (?P<name> [^\t\n\f\r />] [^\t\n\f\r />=]*+ )
    (?: [\t\n\f\r ]*+ = [\t\n\f\r ]*+
        (?P<value> "[^"]*+" | '[^']*+' | (?!["'])[^\t\n\f\r >]*+ | ["'](?s:.*) )
    )?+
"""
ATTRIBUTES = rf"(?: [\t\n\f\r /]*+ {re.sub('[?]P<[a-z]+>', '?:', _ATTRIBUTE)} )*+ [\t\n\f\r /]*+"
"""Pattern of everything between a tag's name and its `>`, in verbose syntax; no group."""

_EACH_ATTRIBUTE = re.compile(_ATTRIBUTE, re.VERBOSE)


@dataclass(frozen=True, slots=True)
class Value:
    """An attribute's value as it is written, without its quotes, and where it stands with them."""

    raw: str
    start: int
    end: int


def attributes(text: str, start: int, end: int) -> dict[str, Value]:
    """Returns the attributes in this part of a tag by lower-case name; the first of a name wins."""
    found: dict[str, Value] = {}
    for match in _EACH_ATTRIBUTE.finditer(text, start, end):
        written = match["value"] or ""
        raw = written[1:-1] if written[:1] in {'"', "'"} and written else written
        found.setdefault(match["name"].lower(), Value(raw, *match.span("value")))
    return found
