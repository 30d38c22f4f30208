"""Edge: which certificates the commands trust: what the system does, and hotreload's own authority.

Knows: that this person's authority, whose key no other user can read, speaks for servers of
`serve --https`. Refuses to know: what is said over TLS, and what a refusal means.
"""

import ssl
from contextlib import suppress

from hotreload.security.certificate_files import own_authority


def context() -> ssl.SSLContext:
    """What a client needs to speak TLS."""
    made = ssl.create_default_context()
    with suppress(OSError, ssl.SSLError):  # there is none, or what is there is no certificate
        made.load_verify_locations(own_authority())
    return made
