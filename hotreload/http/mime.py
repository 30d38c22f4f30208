"""The content type of a file, from our own table.

Knows: extensions and what the web calls them (IANA's registry; MIME Sniffing Standard, section 7.2
for text or binary). Refuses to know: the system's tables, which differ between machines, and
files.

Every response carries `nosniff`: what is wrong here does not run there. No charset is claimed where
the content may say another: HTML and XML declare theirs, a style sheet may, a classic script has
its page's. Plain text cannot, so it is claimed when it is so.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

UNKNOWN: Final = "application/octet-stream"
TEXT: Final = "text/plain"
# The types that a browser shows as a document, and runs scripts in.
DOCUMENTS: Final = ("text/html", "application/xhtml+xml", "image/svg+xml")

# How much of a file decides between text and binary, as in browsers.
SNIFFED: Final = 1445
_BINARY: Final = bytes((*range(9), 11, *range(14, 27), *range(28, 32)))

_TABLE: Final = """
application/atom+xml              atom
application/dash+xml              mpd
application/epub+zip              epub
application/geo+json              geojson
application/gpx+xml               gpx
application/gzip                  gz tgz
application/java-archive          jar
application/json                  har json map topojson webapp
application/ld+json               jsonld
application/manifest+json         webmanifest
application/msword                doc
application/ogg                   ogx
application/pdf                   pdf
application/rdf+xml               rdf
application/rss+xml               rss
application/rtf                   rtf
application/schema+json           jsonschema
application/vnd.android.package-archive  apk
application/vnd.apple.mpegurl     m3u m3u8
application/vnd.google-earth.kml+xml  kml
application/vnd.google-earth.kmz  kmz
application/vnd.ms-excel          xls
application/vnd.ms-fontobject     eot
application/vnd.ms-powerpoint     ppt
application/vnd.oasis.opendocument.presentation  odp
application/vnd.oasis.opendocument.spreadsheet  ods
application/vnd.oasis.opendocument.text  odt
application/vnd.openxmlformats-officedocument.presentationml.presentation  pptx
application/vnd.openxmlformats-officedocument.spreadsheetml.sheet  xlsx
application/vnd.openxmlformats-officedocument.wordprocessingml.document  docx
application/vnd.sqlite3           sqlite sqlite3
application/wasm                  wasm
application/x-7z-compressed       7z
application/x-bzip2               bz2
application/x-ndjson              jsonl ndjson
application/x-tar                 tar
application/x-xz                  xz
application/xhtml+xml             xht xhtml
application/xml                   opml xml xsd
application/xslt+xml              xsl xslt
application/zip                   zip
application/zstd                  zst
audio/aac                         aac
audio/flac                        flac
audio/matroska                    mka
audio/midi                        mid midi
audio/mp4                         m4a
audio/mpeg                        mp3
audio/ogg                         oga ogg opus
audio/wav                         wav
audio/webm                        weba
font/collection                   ttc
font/otf                          otf
font/ttf                          ttf
font/woff                         woff
font/woff2                        woff2
image/apng                        apng
image/avif                        avif
image/bmp                         bmp
image/gif                         gif
image/heic                        heic
image/heif                        heif
image/jpeg                        jfif jpeg jpg
image/jxl                         jxl
image/ktx2                        ktx2
image/png                         png
image/svg+xml                     svg
image/tiff                        tif tiff
image/vnd.adobe.photoshop         psd
image/vnd.microsoft.icon          cur ico
image/webp                        webp
model/gltf+json                   gltf
model/gltf-binary                 glb
model/mtl                         mtl
model/obj                         obj
model/stl                         stl
model/vnd.usdz+zip                usdz
text/calendar                     ics
text/css                          css
text/csv                          csv
text/html                         htm html
text/javascript                   cjs js mjs
text/markdown                     markdown md
text/plain                        bat c cfg conf cpp cts frag glsl go h hpp ini java jsx less log
text/plain                        lua mts php py rb rs sass scss sh sql styl svelte swift text toml
text/plain                        ts tsx txt vert vue wgsl yaml yml
text/tab-separated-values         tsv
text/vcard                        vcf
text/vtt                          vtt
video/3gpp                        3gp
video/matroska                    mkv
video/mp2t                        m2ts
video/mp4                         m4v mp4
video/mpeg                        mpeg mpg
video/ogg                         ogv
video/quicktime                   mov
video/webm                        webm
"""

TYPES: Final[Mapping[str, str]] = {
    extension: content_type
    for content_type, *extensions in map(str.split, _TABLE.split("\n")[1:-1])
    for extension in extensions
}

# Types of text that has no way of its own to say its encoding.
_CHARSET_CLAIMED: Final = frozenset(
    (TEXT, "text/calendar", "text/csv", "text/markdown", "text/tab-separated-values", "text/vcard")
)
# What compresses well and is not called text.
_COMPRESSIBLE: Final = frozenset(
    (
        "application/json",
        "application/manifest+json",
        "application/rtf",
        "application/vnd.apple.mpegurl",
        "application/vnd.ms-fontobject",
        "application/vnd.sqlite3",
        "application/wasm",
        "application/x-ndjson",
        "application/x-tar",
        "application/xml",
        "audio/midi",
        "font/collection",
        "font/otf",
        "font/ttf",
        "image/bmp",
        "image/vnd.adobe.photoshop",
        "image/vnd.microsoft.icon",
        "model/gltf-binary",
        "model/mtl",
        "model/obj",
        "model/stl",
    )
)


def content_type(
    name: str, overrides: Mapping[str, str] | None = None, head: bytes | None = None
) -> str:
    """The value of Content-Type for a file.

    A name without an extension, or with one that the table does not know, is text that the
    browser shows when its bytes are text, else a download.

    Args:
        name: of the file, or its path.
        overrides: types by extension, in lower case and without its dot, before ours.
        head: the beginning of the content, `SNIFFED` bytes or more, or all of it; None when
            only the name counts: then an unknown one is a download.
    """
    extension = _extension(name)
    if overrides and extension in overrides:
        return overrides[extension]
    known = TYPES.get(extension)
    # Two formats share this extension: a page's source, and pieces of a video stream.
    if extension == "ts" and head is not None and _is_binary(head):
        return "video/mp2t"
    if known is None:
        known = UNKNOWN if head is None or _is_binary(head) else TEXT
    claim = known in _CHARSET_CLAIMED and _is_utf8(head or b"")
    return f"{known}; charset=utf-8" if claim else known


@lru_cache(maxsize=64)  # of each response
def essence_of(content_type: str) -> str:
    """The type itself, in lower case, without its parameters (RFC 9110, section 8.3.1)."""
    return content_type.partition(";")[0].strip().lower()


def parts_of(content_type: str) -> tuple[str, str | None]:
    """The type without its parameters, and its charset."""
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return essence_of(content_type), value.strip().strip('"')
    return essence_of(content_type), None


def compressible(content_type: str) -> bool:
    """Whether it is worth compressing content of this type, parameters or not."""
    essence = essence_of(content_type)
    return (
        essence.startswith("text/")
        or essence.endswith(("+json", "+xml"))
        or essence in _COMPRESSIBLE
    )


def _extension(name: str) -> str:
    base = name[max(name.rfind("/"), name.rfind("\\")) + 1 :]
    return base.rpartition(".")[2].lower() if "." in base else ""


def _is_binary(head: bytes) -> bool:
    """Section 7.2 of the MIME Sniffing Standard, without what a BOM decides."""
    if head.startswith((b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf")):
        return False
    start = head[:SNIFFED]
    return len(start) != len(start.translate(None, _BINARY))


def _is_utf8(head: bytes) -> bool:
    """Whether this is UTF-8; the last character of a mere beginning may be cut."""
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data" and len(head) >= SNIFFED
    return True
