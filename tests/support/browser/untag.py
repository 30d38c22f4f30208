"""From a document with our tag back to the document: what the tag did not touch is the same.

Knows: the tag as it stands in a document. Refuses to know: where it went in.
"""

import re

from hotreload.injection import inject

SRC = "/__hotreload__/0123456789abcdef/client.js?ab12cd34-17-0123456789abcdef/dir/index.html"
TAG = f'<script type="module" async="" fetchpriority="low" src="{SRC}"></script >'

_OURS = re.compile(
    r"""<script(?: xmlns="[^"]*")? type="module" async="" fetchpriority="low" """
    r"""src="/__hotreload__/[^"]*"(?: nonce="[^"]*")?(?: data-closes="(?P<closes>[0-9])")?>"""
    r"""</script >"""
)


def remove(document: bytes, media_type: str = "text/html", charset: str | None = None) -> bytes:
    """The document without the tag that `inject` put in; amended policies stay."""
    seen = inject._look(document, media_type, charset)
    for element in seen.survey.elements if seen else ():
        ours = _OURS.fullmatch(seen.outline.text, element.start, element.end) if seen else None
        if seen and ours:
            start, end = seen.outline.offset(element.start), seen.outline.offset(element.end)
            start -= int(ours["closes"] or 0) * seen.outline.width
            return document[:start] + document[end:]
    return document
