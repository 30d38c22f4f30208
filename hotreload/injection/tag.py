"""The tag that loads our client in a document.

Knows: its attributes, and why each is there. Refuses to know: where it goes in.
"""

import re
from typing import Final

_ADDRESS: Final = re.compile(r"""[!#-%(-;=?-~]+""")


def script(src: str, encoding: str, *, xml: bool, closes: int, nonce: str | None) -> str:
    """Returns the tag as text.

    Args:
        src: The address of our script: ASCII without white space, quotes, `&`, `<` and `>`.
        encoding: Of the document, as browsers name it.
        xml: Whether the document is XML.
        closes: How many characters before the tag end what was open in the document.
        nonce: What a Content Security Policy wants of scripts, if it wants that.

    Raises:
        ValueError: The address could not stand in every kind of document.
    """
    if not _ADDRESS.fullmatch(src):
        raise ValueError(f"an address that cannot stand in every document: {src!r}")
    if encoding == "iso-2022-jp":
        src = src.replace("~", "%7E")  # 0x7E is an overline where JIS X 0201 has been escaped to
    xmlns = ' xmlns="http://www.w3.org/1999/xhtml"' if xml else ""
    extra = f' nonce="{nonce}"' if nonce else ""
    extra += f' data-closes="{closes}"' if closes else ""
    kind = 'type="module" async="" fetchpriority="low"'  # what the page itself needs comes first
    # Where nothing declares an encoding, Chromium's guess takes no notice of what stands behind a
    # plain "</script>"; a space in the end tag keeps the guess what it is without our tag.
    return f'<script{xmlns} {kind} src="{src}"{extra}></script >'
