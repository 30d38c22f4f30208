"""A folder as a page: what is in it, to be read, sorted and opened without a script.

Knows: the order of names, and the page's HTML and headers. Refuses to know: the disk, what of a
folder may be shown, and requests.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from html import escape
from typing import Final, Literal, Self, get_args
from urllib.parse import parse_qs, urlencode

from hotreload.http.mime import content_type
from hotreload.http.url_path import url_path
from hotreload.static.pages.error_pages import policy, readable
from hotreload.static.site.mount import Entry

Sort = Literal["name", "size", "date"]
SORTS: Final[tuple[Sort, ...]] = get_args(Sort)
TITLES: Final = {"name": "Name", "size": "Size", "date": "Modified"}
# More rows than this make a page slow to lay out, and nobody reads them.
PAGE: Final = 500
# A larger picture is not fetched to be shown as small as an icon.
MAX_PREVIEW: Final = 4 * 10**6

STYLE: Final = (
    ":root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif;"
    "--line:color-mix(in srgb,currentcolor 14%,transparent);"
    "--soft:color-mix(in srgb,currentcolor 6%,transparent);--link:light-dark(#0a58ca,#8ab4f8)}"
    "body{max-width:56rem;margin:0 auto;padding:1.5rem 1rem 3rem}"
    "h1{font-size:1.25rem;font-weight:600;margin:0 0 1rem;overflow-wrap:anywhere}"
    "a{color:var(--link);text-decoration:none}"
    "a:hover{text-decoration:underline}"
    "h1 a{padding:.15rem .1rem}"
    "i{font-style:normal;opacity:.4;margin:0 .15rem}"
    "table{width:100%;border-collapse:collapse;table-layout:fixed}"
    "th{text-align:left;font-weight:500;font-size:.875rem;padding:.4rem .5rem}"
    "th a{color:inherit;opacity:.75}"
    "th[aria-sort] a{opacity:1}"
    "tr{position:relative;border-bottom:1px solid var(--line)}"
    "tbody tr:hover,tbody tr:focus-within{background:var(--soft)}"
    "td{padding:.4rem .5rem;height:2rem}"
    "td a{display:flex;align-items:center;gap:.75rem;overflow-wrap:anywhere;color:inherit}"
    "td a::after{content:'';position:absolute;inset:0}"
    "a:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:3px}"
    "td a:focus-visible{outline:none}"
    "td a:focus-visible::after{outline:2px solid var(--link);outline-offset:-2px}"
    ".size,.date{color:color-mix(in srgb,currentcolor 70%,transparent);font-size:.875rem;"
    "font-variant-numeric:tabular-nums;white-space:nowrap}"
    ".size{width:6rem;text-align:right}"
    ".date{width:9.5rem;text-align:right}"
    "svg,img{width:2rem;height:2rem;flex:none;object-fit:contain}"
    "svg{padding:.3rem;box-sizing:border-box;opacity:.55;fill:none;stroke:currentcolor;"
    "stroke-width:1.5;stroke-linejoin:round}"
    ".folder svg{opacity:1;color:var(--link);fill:var(--soft)}"
    "footer{display:flex;gap:1.5rem;margin:1rem .5rem;font-size:.875rem;flex-wrap:wrap}"
    "footer span{opacity:.7}"
    "@media(max-width:36rem){.date{display:none}.size{width:5rem}body{padding:1rem .5rem 2rem}"
    "h1{padding:0 .5rem}}"
)
POLICY: Final = policy(STYLE, "img-src 'self'")

_FOLDER: Final = (
    '<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M1.5 4.5h6l2 2.5h9v9.5h-17z"/></svg>'
)
_FILE: Final = (
    '<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M4 1.5h8l4 4v13H4zM12 1.5v4h4"/></svg>'
)
_DIGITS: Final = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class View:
    """How the entries are shown.

    Attributes:
        sort: by what.
        descending: the largest, latest or last first.
        page: of so many entries, from 1 up.
    """

    sort: Sort = "name"
    descending: bool = False
    page: int = 1

    @classmethod
    def of(cls, query: bytes) -> Self:
        """The view that a query asks for; what it does not say, or says wrongly, is as usual."""
        asked = parse_qs(query.decode("ascii", "replace"))
        sort = next((sort for sort in SORTS if [sort] == asked.get("sort")), SORTS[0])
        page = asked.get("page", [""])[0]
        number = int(page) if page.isascii() and page.isdecimal() and len(page) < 7 else 1
        return cls(sort, asked.get("order") == ["desc"], max(number, 1))

    def query(self) -> str:
        """As a link says it, with its question mark; "?" for the usual one."""
        usual = View()
        said: dict[str, str | int] = {}
        if self.sort != usual.sort:
            said["sort"] = self.sort
        if self.descending:
            said["order"] = "desc"
        if self.page != usual.page:
            said["page"] = self.page
        return "?" + urlencode(said)


def page(
    segments: Sequence[str], entries: Sequence[Entry], view: View, zone: tzinfo | None = None
) -> bytes:
    """An HTML document, in UTF-8, that lists a folder.

    All links are relative to the folder's URL, which ends with a slash.

    Args:
        segments: the names on the folder's URL path.
        entries: what is shown of the folder, in any order.
        view: how.
        zone: of the times; the machine's own if None.
    """
    pages = max(1, -(-len(entries) // PAGE))
    view = replace(view, page=min(view.page, pages))
    ordered = arrange(entries, view)
    shown = ordered[(view.page - 1) * PAGE : view.page * PAGE]
    rows = "\n".join(_row(entry, zone) for entry in shown)
    title = escape(readable("/" + "".join(f"{name}/" for name in segments)))
    body = f"<tbody>\n{_up(segments)}{rows}\n</tbody>"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>{STYLE}</style>
</head>
<body>
<h1>{_trail(segments)}</h1>
<table>
<thead><tr>{"".join(_heading(sort, view) for sort in SORTS)}</tr></thead>
{body}
</table>
<footer>{_summary(entries)}{"".join(_turns(view, pages))}</footer>
</body>
</html>
""".encode("utf-8", "replace")


def arrange(entries: Sequence[Entry], view: View) -> list[Entry]:
    """The entries in the order of a view: folders before files, numbers in names by their value."""
    by_name = sorted(entries, key=_by_name, reverse=view.sort == "name" and view.descending)
    if view.sort == "size":
        by_name.sort(key=lambda entry: entry.size, reverse=view.descending)
    elif view.sort == "date":
        by_name.sort(key=lambda entry: entry.modified, reverse=view.descending)
    return sorted(by_name, key=lambda entry: not entry.directory)


def _by_name(entry: Entry) -> tuple[list[tuple[int, str]], str]:
    pieces = enumerate(_DIGITS.split(entry.name.casefold()))
    # What the pattern captured, digits, stands at the odd places.
    return [(int(piece), piece) if place % 2 else (0, piece) for place, piece in pieces], entry.name


def _trail(segments: Sequence[str]) -> str:
    """The way down to the folder; each folder on it a link, but for this one."""
    names = ["/", *segments]
    links = [
        f'<a href="{"../" * (len(segments) - depth)}">{_name(name)}</a>'
        for depth, name in enumerate(names[:-1])
    ]
    top, *below = [*links, f'<span aria-current="page">{_name(names[-1])}</span>']
    return top + "<i>/</i>".join(below)


def _heading(sort: Sort, view: View) -> str:
    sorted_by = view.sort == sort
    # Names are looked for from A on, sizes and dates from the largest and the latest.
    descending = not view.descending if sorted_by else sort != "name"
    query = escape(View(sort, descending).query())
    state, arrow = "", ""
    if sorted_by:
        state = ' aria-sort="descending"' if view.descending else ' aria-sort="ascending"'
        arrow = " ↓" if view.descending else " ↑"
    return f'<th scope="col" class="{sort}"{state}><a href="{query}">{TITLES[sort]}{arrow}</a></th>'


def _up(segments: Sequence[str]) -> str:
    link = f'<a href="../">{_FOLDER}<span>..</span></a>'
    row = f'<tr class="folder"><td>{link}</td><td class="size"></td><td class="date"></td></tr>\n'
    return row if segments else ""


def _row(entry: Entry, zone: tzinfo | None) -> str:
    address = escape(_address(entry))
    name = f"{_picture(entry, address)}<span>{_name(entry.name)}"
    cells = (
        f'<td><a href="{address}">{name}{"/" if entry.directory else ""}</span></a></td>'
        f'<td class="size">{"" if entry.directory else _size_cell(entry.size)}</td>'
        f'<td class="date">{_time(entry.modified, zone)}</td>'
    )
    return f'<tr class="folder">{cells}</tr>' if entry.directory else f"<tr>{cells}</tr>"


def _size_cell(size: int) -> str:
    return f'<span title="{size:,} bytes">{_size(size)}</span>'


def _address(entry: Entry) -> str:
    """Relative, and begun with a dot: a name may have a colon in it, as a scheme does."""
    return "." + url_path((entry.name,), directory=entry.directory)


def _picture(entry: Entry, address: str) -> str:
    if entry.directory:
        return _FOLDER
    small = entry.size <= MAX_PREVIEW
    if small and content_type(entry.name).startswith("image/"):
        return f'<img src="{address}" alt="" width="32" height="32" loading="lazy">'
    return _FILE


def _name(name: str) -> str:
    """Isolated, so that a name in Arabic, or with a mark of direction, turns nothing around it."""
    return f"<bdi>{escape(readable(name))}</bdi>"


def _size(size: int) -> str:
    """Two or three digits and a unit; a kilobyte is a thousand bytes."""
    number, units = float(size), iter(("B", "kB", "MB", "GB", "TB"))
    unit = next(units)
    while number >= 999.5 and unit != "TB":
        number, unit = number / 1000, next(units)
    return f"{number:.0f} {unit}" if number > 9.95 or unit == "B" else f"{number:.1f} {unit}"


def _time(modified: float, zone: tzinfo | None) -> str:
    try:
        moment = datetime.fromtimestamp(modified, UTC)
        local = moment.astimezone(zone)
    except (OverflowError, OSError, ValueError):  # what some file systems say of a broken file
        return ""
    return f'<time datetime="{moment:%Y-%m-%dT%H:%M:%SZ}">{local:%Y-%m-%d %H:%M}</time>'


def _summary(entries: Sequence[Entry]) -> str:
    if not entries:
        return "<span>This folder is empty. What comes into it shows up here by itself.</span>"
    folders = sum(entry.directory for entry in entries)
    files = len(entries) - folders
    counts = [_count(number, noun) for number, noun in ((folders, "folder"), (files, "file"))]
    said = [count for count in counts if not count.startswith("0 ")]
    if files:
        said.append(_size(sum(entry.size for entry in entries)))
    return f"<span>{', '.join(said)}</span>"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _turns(view: View, pages: int) -> Iterator[str]:
    if pages > 1:
        yield f"<span>Page {view.page} of {pages}</span>"
    for word, rel, number in (("Previous", "prev", view.page - 1), ("Next", "next", view.page + 1)):
        if 1 <= number <= pages:
            query = escape(replace(view, page=number).query())
            yield f'<a rel="{rel}" href="{query}">{word}</a>'
