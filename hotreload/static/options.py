"""What may be chosen about the answers for a site's files, as frozen values.

Knows: the options and what each means. Refuses to know: where a value was typed, and every option
that is no business of the site's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hotreload.http.cors import Cors
from hotreload.static.rules.header_rules import HeaderRule


@dataclass(frozen=True, slots=True)
class StaticOptions:
    """What may be chosen about the answers for a site's files.

    Attributes:
        root: the folder of the site.
        folders: each folder that is served, after the names on its URL path below `base`.
        base: names on the URL path that the site stands below.
        spa: names on the URL path of the page that navigations get where there is nothing else.
        listing: show what is in a folder that has no index page.
        compress: send content compressed where the client takes it.
        types: content types by extension, in lower case and without its dot, before ours.
        headers: more headers for some paths, each set with the pattern of its paths.
        cors: which pages of other origins may read the site; None for none.
        clear_site_data: have each browser forget at first what it has of this address.
        sandbox_hosts: name a host of its own for each document in a sandboxed frame.
    """

    root: Path
    folders: tuple[tuple[tuple[str, ...], Path], ...]
    base: tuple[str, ...] = ()
    spa: tuple[str, ...] | None = None
    listing: bool = True
    compress: bool = False
    types: Mapping[str, str] = field(default_factory=dict)
    headers: tuple[HeaderRule, ...] = ()
    cors: Cors | None = None
    clear_site_data: bool = False
    sandbox_hosts: bool = True
