"""What a URL stands for: a file, the page that it is the clean name of, a folder, or nothing.

Knows: names without `.html`, and which name wins where two could be meant. Refuses to know: the
disk (that is the site's), and requests.

As 11ty's development server and most hosts of static sites have it:

    on the disk                         /about            /about/              /about.html
    about.html                          about.html        redirect to /about   about.html
    about/index.html                    redirect          about/index.html     nothing
    about.html and about/index.html     about.html        about/index.html     about.html
    about.html and about/, no index     about.html        list of about/       about.html
    about, a file, and about.html       about             redirect to /about   about.html
"""

from dataclasses import replace

from hotreload.files.open_file import NotServed, TooManyOpenFiles
from hotreload.http.url_path import BadTarget, Target, parse, url_path
from hotreload.static.site.site import INDEX, Folder, Found, Missing, Redirect, Site
from hotreload.static.site.suggestions import suggestions

# A page may be so many folders below the first one that is not there, and its way be followed.
_DEEPEST = 8
# A list that may help is looked for so many folders down: a URL has room for thousands.
_DEEPEST_LIST = 32


class Finder:
    """Finds what a target names.

    Args:
        site: the files.
    """

    def __init__(self, site: Site) -> None:
        self._site = site

    def find(self, target: Target) -> Found | Folder | Redirect | Missing:
        """What the target names, by its own name or by a clean one."""
        found = self._site.find(target)
        if isinstance(found, Found | Folder) or not target.segments:
            return found
        if target.directory and isinstance(found, Redirect):
            return found
        return self._page(target) or found

    def _page(self, target: Target) -> Found | Redirect | None:
        """The page whose name this is, without its extension."""
        *folders, name = target.segments
        page = replace(target, segments=(*folders, f"{name}.html"), directory=False, canonical=True)
        found = self._site.find(page)
        if not isinstance(found, Found):
            return None
        if target.directory or not target.canonical:
            return Redirect(target.with_query(url_path(target.segments)))
        return found

    def file_at(self, url: str) -> Found | None:
        """The file at a URL path of this site, one redirect further if need be."""
        found = self._at(url)
        if isinstance(found, Redirect):
            found = self._at(found.location)
        return found if isinstance(found, Found) else None

    def _at(self, url: str) -> Found | Folder | Redirect | Missing:
        target = parse(url.encode("ascii", "replace"))
        return Missing() if isinstance(target, BadTarget) else self.find(target)

    def awaited(self, target: Target) -> list[str]:
        """The paths of all files that the target would name, if they were there."""
        *folders, name = target.segments or ("",)
        names = [] if target.directory or not name else [name, f"{name}.html"]
        inside = [*target.segments, INDEX]
        ways = [*((*folders, each) for each in names), tuple(inside)]
        return [path for segments in ways for path in self._site.paths(segments)]

    def suggestions(self, target: Target) -> list[str]:
        """URL paths of what there is of a name like that, the likeliest first."""
        return self._near((), target.segments[:_DEEPEST])

    def above(self, target: Target) -> str:
        """URL path of the innermost folder on the way to the target that is there; "/" at last."""
        for depth in range(min(len(target.segments) - 1, _DEEPEST_LIST), 0, -1):
            if self._names(target.segments[:depth]) is not None:
                return url_path(target.segments[:depth], directory=True)
        return "/"

    def _near(self, above: tuple[str, ...], below: tuple[str, ...]) -> list[str]:
        """What is near the names `below`, in the folder of the names `above`."""
        if not below:
            return []
        name, rest = below[0], below[1:]
        inside = self._names((*above, name)) if rest else None
        if inside is not None:
            return self._near((*above, name), rest)
        names = self._names(above) or {}
        return [
            url
            for found in suggestions(name, names)
            for url in self._follow((*above, found), rest, directory=names[found])
        ]

    def _follow(
        self, segments: tuple[str, ...], rest: tuple[str, ...], *, directory: bool
    ) -> list[str]:
        """A near name, or what is meant in a folder of a near name."""
        if directory and rest:
            return self._near(segments, rest) or [url_path(segments, directory=True)]
        return [] if rest else [url_path(segments, directory=directory)]

    def _names(self, segments: tuple[str, ...]) -> dict[str, bool] | None:
        """The names in a folder, each with whether it is a folder; None when there is none."""
        try:
            return {entry.name: entry.directory for entry in self._site.entries(segments)}
        except (NotServed, TooManyOpenFiles):
            return None
