"""What may be chosen about the tag in documents, as a frozen value.

Knows: the options and what each means. Refuses to know: where a value was typed.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class TagOptions:
    """What may be chosen about the tag in documents.

    Attributes:
        proxy_base: names on the URL path below which a proxy that takes them off shows the server.
        inject: put the tag into documents.
        csp: "amend" a document's Content Security Policy so that the tag may run, or "keep" it.
    """

    proxy_base: tuple[str, ...] = ()
    inject: bool = True
    csp: Literal["amend", "keep"] = "amend"
