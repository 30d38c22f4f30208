"""What is fuzzed: each target takes any bytes, and raises if a promise is broken.

The promises: documented errors only, no byte of a canary, nothing that a terminal or another reader
would take for something else, and an end within a time. Fields of an input are separated by line
feeds. What grows with the square of its input, or worse, is found by saying the input many times.
"""

import atexit
import json
import re
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from ipaddress import ip_address
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from support.browser.untag import remove
from support.security.canary import CANARY, plant
from support.security.guarding import asked

from hotreload.app import assets
from hotreload.app.admission import Admission
from hotreload.app.app import App
from hotreload.app.inject import Injector
from hotreload.app.own_routes import OwnRoutes
from hotreload.check import file_check, findings
from hotreload.check.references.site_files import SiteFiles
from hotreload.config import exposure
from hotreload.config.exposure import ConfiguredKey
from hotreload.config.parser import ValueKind, values
from hotreload.config.parser import parse as parse_file
from hotreload.config.settings import Settings
from hotreload.errors import BadSetting
from hotreload.files import gitignore
from hotreload.files.open_file import NotServed
from hotreload.http import url_path
from hotreload.http.messages import Request, Response
from hotreload.injection import inject
from hotreload.live.acks import Ack
from hotreload.live.history import UpdateHistory
from hotreload.live.import_graph import ImportGraph
from hotreload.live.messages import Applied, BadMessage, Log, Page, parse
from hotreload.security.guard import Guard
from hotreload.static.rules import header_rules as header_syntax
from hotreload.static.rules import redirects as redirect_syntax
from hotreload.static.site.site import Folder, Found, Mount, Redirect, Site
from hotreload.static.static import Static
from hotreload.terminal.terminal import Terminal

TOP = Path(tempfile.mkdtemp(prefix="hotreload-fuzz-"))
atexit.register(shutil.rmtree, TOP, ignore_errors=True)
TREE = plant(TOP)
SITE = Site([Mount((), TREE.site)])
GUARD = Guard.of(["127.0.0.1", "::1"])
SRC = "/__hotreload__/0123456789abcdef/client.js?ab12cd34-17-0123456789abcdef/index.html"


def resolver(data: bytes) -> None:
    """Whatever the target of a request is, it leads to a file of the site or to none."""
    target = url_path.parse(data)
    if isinstance(target, url_path.BadTarget):
        assert target.status in (400, 404), target
        return
    assert not {".", "..", ""}.intersection(target.segments)
    found = SITE.find(target)
    if isinstance(found, Redirect):
        assert found.location.startswith("/")
        assert not found.location.startswith(("//", "/\\"))
        assert found.location.isascii()
        assert found.location.isprintable()
    elif isinstance(found, Found):
        with SITE.open(found.path) as file:
            assert CANARY not in file.read(0, 4096)
    try:  # what is opened without having been looked for is checked just the same
        with SITE.open(f"{TREE.site}/{'/'.join(target.segments)}") as file:
            assert CANARY not in file.read(0, 4096)
    except NotServed:
        pass
    if isinstance(found, Folder):
        for entry in SITE.entries(target.segments):
            assert CANARY.decode() not in entry.name


def guard(data: bytes) -> None:
    """Only hosts of this machine are answered, and only their own pages get a socket.

    The fields: flags, target, hosts (by commas), origins (by commas), Sec-Fetch-Site, -Mode, -Dest.
    """
    flags, target, hosts, origins, *fetch = (data.split(b"\n") + [b""] * 7)[:7]
    site, mode, dest = (value or None for value in fetch)
    scheme = "https" if b"s" in flags else "http"
    upgrade = b"u" in flags
    acts = upgrade or b"c" in flags
    request = asked(
        method="POST" if b"c" in flags else "OPTIONS" if b"o" in flags else "GET",
        hosts=hosts.split(b","),
        target=target,
        origins=origins.split(b",") if origins else [],
        fetch_site=site,
        fetch_mode=mode,
        fetch_dest=dest,
        scheme=scheme,
    )
    refusal = GUARD.check(request, upgrade=upgrade)
    if refusal is not None:
        assert refusal.status in (400, 403)
        assert refusal.reason.isascii()
        assert refusal.reason.isprintable()
        return
    host = hosts.decode().strip(" \t")
    assert _of_this_machine(host), host
    if acts:
        assert site in (None, b"same-origin", b"none")
        if origins:
            page = urlsplit(origins.decode().strip(" \t"))
            ours = urlsplit(f"{scheme}://{host}")
            assert page.scheme == scheme
            assert _same_host(page.hostname, ours.hostname)
            default = 443 if scheme == "https" else 80
            assert (page.port or default) == (ours.port or default)


def _of_this_machine(host: str) -> bool:
    """The same question, answered by other code: the standard library's."""
    name = (urlsplit(f"http://{host}").hostname or "").removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = ip_address(name)
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _same_host(one: str | None, other: str | None) -> bool:
    def plain(host: str) -> object:
        return ip_address(host) if ":" in host else host.removesuffix(".")

    return plain(one or "") == plain(other or "")


def injector(data: bytes) -> None:
    """A document takes the tag once, and is the same document when it is taken out again.

    The fields: media type, charset, and all the rest is the document.
    """
    kind, charset, document = (data.split(b"\n", 2) + [b""] * 3)[:3]
    media_type = {b"x": "application/xhtml+xml", b"v": "image/svg+xml"}.get(kind, "text/html")
    label = charset.decode("latin-1") or None
    plan = inject.plan(document, media_type, label)
    if plan is None:
        return
    assert 0 <= plan.offset <= len(document)
    parts = inject.compose(document, plan, SRC)
    if plan.close:
        return  # ahead of the tag stands what ends an unfinished comment
    whole = parts.before + parts.tag + parts.after
    assert parts.before + parts.after == document
    if parts.charset is None:
        assert remove(whole, media_type, label) == document


def messages(data: bytes) -> None:
    """Whatever a page says, it is understood, echoed or refused, and can be told to people."""
    try:
        said = parse(data.decode("utf-8", "replace"))
    except BadMessage:
        return
    page = said if isinstance(said, Page) else Page("/", "0", 0)
    for as_json in (True, False):
        out = StringIO()
        terminal = Terminal(as_json=as_json, verbosity=1, out=out)
        terminal.pages.joined(page, 1)
        if isinstance(said, Applied):
            terminal.updates.answered(Ack(page, said))
        elif isinstance(said, Log):
            terminal.pages.logged(page, said)
        terminal.pages.left(page, 0)
        for line in out.getvalue().removesuffix("\n").split("\n"):
            assert line.isprintable() or as_json, line
            if as_json:
                json.loads(line, parse_constant=_no_json)


OPENERS = {"cors", "allow-host", "follow-symlinks", "fix"}
KEYS = {
    "port": ValueKind.NUMBER,
    "root": ValueKind.PATH,
    "watch": ValueKind.PATHS,
    "mount": ValueKind.PLACED,
    "open": ValueKind.GIVEN,
    "host": ValueKind.GIVEN,
    "cors": ValueKind.GIVEN,
    "allow-host": ValueKind.TEXTS,
    "follow-symlinks": ValueKind.SWITCH,
    "fix": ValueKind.SWITCH,
}


def configuration(data: bytes) -> None:
    """Whatever a file holds, it is understood or refused; what opens something is said."""
    try:
        source = parse_file(Path("/project/hotreload.toml"), data)
        found = values([source], None, {None: KEYS}) if source else {}
    except BadSetting:
        return
    said = [ConfiguredKey(key, each.value, each.kind, [], each.line) for key, each in found.items()]
    opened = {each.key for each in exposure.opened(said, [])}
    for key in OPENERS & found.keys():
        off = found[key].value in (False, []) or str(found[key].value).lower() == "false"
        assert off != (key in opened)


def _no_json(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def _fault(sentence: str, *_: object) -> None:
    if "fault" in sentence:
        raise AssertionError(sentence)


def _app() -> App:
    settings = Settings(TREE.site)
    modules = assets.load()
    static = Static(
        SITE, lambda _path, _digest: None, settings.static, _fault, import_graph=ImportGraph(),
        tagger=Injector(UpdateHistory("ab12cd34"), settings.tag, modules.client, _fault),
    )  # fmt: skip
    own = OwnRoutes(modules, source=static.source, health=dict, reload=lambda _reason, _urls: 0)
    return App(
        Admission(GUARD), own, static, sockets=_no_socket, report=_fault, root=str(TREE.site)
    )


def _no_socket(_: str) -> NoReturn:
    raise AssertionError("no request here is an upgrade")


APP = _app()


def answers(data: bytes) -> None:
    """Every request has an answer that is framed, is no fault of ours, and holds no canary.

    The fields: the request line without its version, then the headers.
    """
    line, *fields = data.split(b"\n")
    method, _, target = line.partition(b" ")
    headers = [(b"host", b"localhost"), *_headers(fields)]
    if not method.isalpha() or not all(0x20 < byte < 0x7F for byte in target) or b"#" in target:
        return  # ends before there is a request
    request = Request.of(method.decode("latin-1").upper(), target, headers, "http", "127.0.0.1")
    response = APP.respond(request)
    assert response.status != 500
    for name, value in response.headers:
        assert name.isascii()
        assert not {b"\r", b"\n", b"\0"}.intersection(value[i : i + 1] for i in range(len(value)))
        assert not name.startswith(b"access-control-")
        if name == b"location":
            assert value.startswith(b"/")
            assert not value.startswith((b"//", b"/\\"))
    body = _body(response)
    assert CANARY not in body
    if request.method != "HEAD" and response.status not in (204, 304):
        assert dict(response.headers)[b"content-length"] == b"%d" % len(body)


def _headers(fields: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    for field in fields:
        name, colon, value = field.partition(b":")
        if colon and name and not {0, 13}.intersection(value):
            yield name.lower(), value.strip(b" \t")


def _body(response: Response) -> bytes:
    if isinstance(response.body, bytes):
        return response.body
    with response.body.file as file:
        return b"".join(
            piece if isinstance(piece, bytes) else file.read(*piece)
            for piece in response.body.pieces
        )


# In seconds of the processor; each of these inputs takes a hundredth.
LIMIT = 3.0
SAID = 5_000  # so many bytes, at most, an input is made into by saying it many times


@contextmanager
def in_time(data: bytes) -> Iterator[None]:
    """Whatever is done meanwhile comes to its end."""
    if not hasattr(signal, "ITIMER_VIRTUAL"):
        yield
        return

    def over(*_: object) -> None:
        raise AssertionError(f"{data!r} takes longer than {LIMIT} s")

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def often(data: bytes) -> bytes:
    """The input as often as it fits."""
    return data * (SAID // max(len(data), 1))


def ignore_file(data: bytes) -> None:
    """The last line that says something of a path decides, however they are written.

    The fields: a path, and all the rest is an ignore file.
    """
    path, _, lines = data.decode("utf-8", "surrogateescape").partition("\n")
    name = "/r/" + (path.strip("/") or "a")
    for folder in (False, True):
        said = [_verdict(line, name, folder=folder) for line in lines.split("\n")]
        one = next((each for each in reversed(said) if each is not None), None)
        assert _verdict(lines, name, folder=folder) == one
    with in_time(data):
        longest = name + name[-40:] * 6
        _verdict(often(lines.encode("utf-8", "surrogateescape")).decode("latin-1"), longest)


def _verdict(lines: str, path: str, *, folder: bool = False) -> bool | None:
    return gitignore.Patterns("/r", gitignore.read(lines)).verdict(path, folder=folder)


def redirects(data: bytes) -> None:
    """The first rule that is for a path decides, and leads to where its line points.

    The fields: the target of a request, and all the rest is a `_redirects`.
    """
    line, _, text = data.partition(b"\n")
    target = url_path.parse(b"/" + line.strip().lstrip(b"/"))
    with in_time(data):
        found, remarks = redirect_syntax.redirects(often(text).decode("utf-8", "replace"))
        redirect_syntax.RedirectTable(found).first(["a"] * 4000, "", exists=False)
    found, remarks = redirect_syntax.redirects(text.decode("utf-8", "replace"))
    assert all(remark.sentence for remark in remarks)
    if isinstance(target, url_path.BadTarget) or not target.query.isascii():
        return
    query = target.query.decode()
    outcome = redirect_syntax.RedirectTable(found).first(target.segments, query, exists=False)
    alone = (
        redirect_syntax.RedirectTable([rule]).first(target.segments, query, exists=False)
        for rule in found
    )
    assert outcome == next((each for each in alone if each is not None), None)
    if outcome is not None:
        assert outcome.status in redirect_syntax.STATUSES
        assert re.fullmatch(r"(?:https?://|/(?!/))[!-~]*", outcome.location, re.IGNORECASE)


def header_rules(data: bytes) -> None:
    """No header gets out that is not for a site to decide, and none breaks an answer.

    The fields: the target of a request, and all the rest is a `_headers`.
    """
    line, _, text = data.partition(b"\n")
    with in_time(data):
        found, _ = header_syntax.parse(often(text).decode("utf-8", "replace"), cors=False)
        header_syntax.HeaderTable(found).at(["a" * 8000])
    found, _ = header_syntax.parse(text.decode("utf-8", "replace"), cors=False)
    target = url_path.parse(b"/" + line.strip().lstrip(b"/"))
    for name, value in (
        []
        if isinstance(target, url_path.BadTarget)
        else header_syntax.HeaderTable(found).at(target.segments)
    ):
        assert name not in (b"content-length", b"transfer-encoding", b"location", b"etag")
        assert not name.startswith(b"access-control-")
        assert not {10, 13, 0}.intersection(name + value)


EXAMINER = file_check.Examiner(file_check.Options(frozenset(findings.RULES)), SiteFiles())


def check(data: bytes) -> None:
    """Whatever is in a page or a style sheet, it is found where it is, in time."""
    folder = str(TREE.site)
    place = file_check.CheckedFile(f"{folder}/x.html", folder, folder)
    for content in (data, often(data)):
        with in_time(data):
            page = EXAMINER.page(place, content, {})
            sheet = EXAMINER.sheet(place, content)
        for finding in [*page.findings, *sheet.findings]:
            assert finding.line >= 1
            assert finding.column >= 1
            assert finding.code in findings.RULES


TARGETS: dict[str, Callable[[bytes], None]] = {
    "resolver": resolver,
    "guard": guard,
    "injector": injector,
    "messages": messages,
    "configuration": configuration,
    "answers": answers,
    "gitignore": ignore_file,
    "redirects": redirects,
    "headers": header_rules,
    "check": check,
}
