"""How the files of a site are reached: found, read, typed, and noted as used.

Knows: the four that go together. Refuses to know: what is done with a file.
"""

from collections.abc import Callable
from dataclasses import dataclass

from hotreload.static.site.file_cache import FileCache
from hotreload.static.site.site import Site


@dataclass(frozen=True, slots=True)
class FileAccess:
    """The access to a site's files.

    Attributes:
        site: resolves and opens.
        cache: reads.
        used: called with each file that a client was served, or a page turns out to have, and the
            digest of its content; or None where there is no such file.
        media_type: the type that a file is served as, by its path and its beginning.
    """

    site: Site
    cache: FileCache
    used: Callable[[str, str | None], None]
    media_type: Callable[..., str]
