"""The pages that hotreload itself shows: what to read where the site has nothing to show.

Knows: their HTML and the headers that go with it. Refuses to know: when they are shown.
"""

from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import Final

from hotreload.responses import Header

STYLE: Final = (
    ":root{color-scheme:light dark;font:1.1rem/1.6 system-ui,sans-serif}"
    "body{max-width:34rem;margin:18vh auto;padding:0 1.5rem}"
    "h1{font-size:1.6rem;margin:0 0 .5rem}"
    "code{overflow-wrap:anywhere}"
    "p{margin:.5rem 0}"
    ".quiet{opacity:.7}"
)

# The page may run our client and nothing else, and no other site may frame it.
_STYLE_HASH: Final = b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY: Final[Header] = (
    b"content-security-policy",
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; script-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'self'".encode(),
)


def error_page(title: str, sentence: str, path: str) -> bytes:
    """An HTML document, in UTF-8, that says what is wrong with a path.

    Args:
        title: of the page, and its heading.
        sentence: what is wrong.
        path: the path that was asked for, as a person reads it.
    """
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{escape(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<h1>{escape(title)}</h1>
<p>{escape(sentence)}</p>
<p><code>{escape(path)}</code></p>
<p class="quiet">This page shows the file as soon as there is one.</p>
</body>
</html>
""".encode("utf-8", "backslashreplace")
