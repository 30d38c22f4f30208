"""What a URL names, and what a GET of it would read."""

from hotreload.serving.opened import NotServed
from hotreload.serving.resolve import Target, parse
from hotreload.serving.site import Found, Missing, Site


def find(site: Site, target: bytes):
    parsed = parse(target)
    return site.find(parsed) if isinstance(parsed, Target) else Missing()


def get(site: Site, target: bytes) -> bytes | None:
    """The content that a GET would answer with, None for 404."""
    found = find(site, target)
    if not isinstance(found, Found):
        return None
    try:
        with site.open(found.path) as file:
            return file.read()
    except NotServed:
        return None
