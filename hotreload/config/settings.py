"""All settings of a run of the server, as one frozen value.

Knows: the settings and their defaults. Refuses to know: where a value was typed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from hotreload.http.cors import Cors
from hotreload.injection.options import TagOptions
from hotreload.security.limits import Limits
from hotreload.static.options import StaticOptions
from hotreload.static.rules.header_rules import HeaderRule


@dataclass(frozen=True, slots=True)
class Settings:
    """What `hotreload serve` was asked for.

    Attributes:
        root: the folder that is served.
        host: address or name to listen on; None for this machine only (127.0.0.1 and ::1).
        port: to listen on, 0 for any free one; None for the default one or the next free.
        open_path: path to open in the browser once the server is ready; None to open none.
        watch: more places to watch; a change there reloads every page.
        ignore: patterns of what is not watched, in .gitignore's syntax, relative to the root.
        gitignore: leave out what git ignores.
        full_reload: never update in place.
        poll: seconds between looks at the files; None to use file events.
        allow_hosts: more host names that the server answers to.
        auth: "NAME:PASSWORD" that every client is asked for; None for none.
        follow_symlinks: serve files behind links that lead out of the root.
        ws_compression: compress WebSocket messages where a client asks for it.
        mounts: more folders, each below the URL path of these names.
        spa: names on the URL path of the page that navigations get where there is nothing else.
        https: speak TLS, with a certificate of our own unless there is one in `cert`.
        cert: PEM file of the certificate, and those above it; None without.
        key: PEM file of its key; None without.
        compress: send content compressed where the client takes it.
        listing: show what is in a folder that has no index page.
        base: names on the URL path that the site stands below.
        proxy_base: names on the URL path below which a proxy that takes them off shows the server;
            then they are those of `base`.
        headers: more headers for some paths, each set with the pattern of its paths.
        cors: which pages of other origins may read the site; None for none, "*" for all.
        clear_site_data: have each browser forget at first what it has of this address.
        types: content types by extension, in lower case and without its dot, before ours.
        inject: put our tag into documents.
        csp: "amend" a document's Content Security Policy so that our tag may run, or "keep" it.
        json: print one JSON event a line instead of text.
        verbosity: -1 problems only, 0 saves, 1 also pages and sockets.
        limits: how much a client may ask.
    """

    root: Path
    host: str | None = None
    port: int | None = None
    open_path: str | None = None
    watch: tuple[Path, ...] = ()
    ignore: tuple[str, ...] = ()
    gitignore: bool = True
    full_reload: bool = False
    poll: float | None = None
    allow_hosts: tuple[str, ...] = ()
    auth: str | None = field(default=None, repr=False)
    follow_symlinks: bool = False
    ws_compression: bool = False
    mounts: tuple[tuple[tuple[str, ...], Path], ...] = ()
    spa: tuple[str, ...] | None = None
    https: bool = False
    cert: Path | None = None
    key: Path | None = None
    compress: bool = False
    listing: bool = True
    base: tuple[str, ...] = ()
    proxy_base: tuple[str, ...] = ()
    headers: tuple[HeaderRule, ...] = ()
    cors: Cors | None = None
    clear_site_data: bool = False
    types: Mapping[str, str] = field(default_factory=dict)
    inject: bool = True
    csp: Literal["amend", "keep"] = "amend"
    json: bool = False
    verbosity: int = 0
    limits: Limits = field(default_factory=Limits)

    @property
    def folders(self) -> tuple[tuple[tuple[str, ...], Path], ...]:
        """Each folder that is served, after the names on its URL path below `base`."""
        return (((), self.root), *self.mounts)

    @property
    def static(self) -> StaticOptions:
        """The options of the site's files."""
        return StaticOptions(
            root=self.root,
            folders=self.folders,
            base=self.base,
            spa=self.spa,
            listing=self.listing,
            compress=self.compress,
            types=self.types,
            headers=self.headers,
            cors=self.cors,
            clear_site_data=self.clear_site_data,
            # A password is typed for one host; a proxy passes on one host.
            sandbox_hosts=self.auth is None and not self.proxy_base,
        )

    @property
    def tag(self) -> TagOptions:
        """The options of the tag in documents."""
        return TagOptions(proxy_base=self.proxy_base, inject=self.inject, csp=self.csp)
