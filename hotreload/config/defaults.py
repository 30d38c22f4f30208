"""What is meant where a person leaves a value out.

Knows: those values. Refuses to know: which option they are for.
"""

from typing import Final

PORT: Final = 8765
POLL_MS: Final = "500"
EVERYWHERE: Final = "0.0.0.0"
INDEX: Final = "index.html"
ANY_ORIGIN: Final = "*"
FIRST_PAGE: Final = "/"
