"""Files by URL, and nothing but the files of the site."""

import ast
import errno
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
import unicodedata
from pathlib import Path

import pytest
from canary import CANARY, DENIED, ODD, PUBLIC, SPECIAL, Tree, plant, targets
from hypothesis import given
from hypothesis import strategies as st

import hotreload
from hotreload.serving import site as site_module
from hotreload.serving.resolve import Target, parse, url_path
from hotreload.serving.site import (
    Folder,
    Found,
    Missing,
    Mount,
    NotServed,
    OutOfFiles,
    Redirect,
    Site,
    Stamp,
    digest,
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return plant(tmp_path_factory.mktemp("canary"))


@pytest.fixture
def site(tree: Tree) -> Site:
    return Site([Mount((), tree.site)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "site" / "sub").mkdir(parents=True)
    (tmp_path / "site" / "index.html").write_text("index")
    (tmp_path / "site" / "sub" / "page.html").write_text("page")
    return tmp_path / "site"


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


def test_every_public_file_is_found_below_its_url(site, tree):
    for name, content in PUBLIC.items():
        assert find(site, b"/" + name.encode()) == Found(f"{tree.site}/{name}", f"/{name}")
        assert get(site, b"/" + name.encode()) == content


@pytest.mark.parametrize("raw", ODD)
def test_every_name_that_the_disk_can_hold_is_served_under_its_escaped_url(site, tree, raw):
    path = os.fsdecode(os.fsencode(tree.site) + b"/" + raw)
    (url,) = site.urls(path)

    assert find(site, url.encode()) == Found(path, url)
    assert get(site, url.encode()) == ODD[raw]


def test_a_folder_is_its_index_page(site, tree):
    assert find(site, b"/") == Found(f"{tree.site}/index.html", "/index.html")
    assert find(site, b"/sub/?q") == Found(f"{tree.site}/sub/index.html", "/sub/index.html")


def test_a_folder_without_index_page_is_a_folder(site, tree):
    assert find(site, b"/.well-known/") == Folder(f"{tree.site}/.well-known", "/.well-known/")


@pytest.mark.parametrize(
    ("target", "location"),
    [
        (b"/sub", "/sub/"),
        (b"/sub?a=//b", "/sub/?a=//b"),
        (b"/s%75b", "/sub/"),
        (b"/sub//page.html?x", "/sub/page.html?x"),
        (b"/sub//", "/sub/"),
        (b"/.well-known", "/.well-known/"),
        (b"/insub", "/insub/"),
    ],
)
def test_a_redirect_leads_to_one_slash_and_keeps_the_query(site, target, location):
    assert find(site, target) == Redirect(location)


@pytest.mark.parametrize(
    "target",
    [b"/nope", b"/index.html/", b"/index.html/x", b"/sub/nope/", b"/nope//", b"/" + b"x" * 300],
)
def test_what_is_not_there_is_missing(site, target):
    assert isinstance(find(site, target), Missing)


def test_no_request_reads_a_canary(site):
    """More than 20,000 traversals, and none of them reads a secret or is sent elsewhere."""
    tried = 0
    for target in targets():
        tried += 1
        found = find(site, target)
        if isinstance(found, Redirect):
            assert found.location[:1] == "/"
            assert found.location[1:2] != "/"
            assert isinstance(find(site, found.location.encode()), Found | Folder)
        elif isinstance(found, Found):
            with site.open(found.path) as file:
                assert CANARY not in file.read(), target

    assert tried > 20_000


def test_no_url_of_another_mount_reads_a_canary_either(tree):
    site = Site([Mount((), tree.site), Mount(("m", "n"), tree.site / "sub")])
    for target in targets():
        assert CANARY not in (get(site, b"/m/n" + target) or b"")


def test_no_path_opens_a_canary(site, tree):
    """`open` checks for itself: it does not rely on what `find` has said."""
    for folder, _, names in os.walk(tree.top):
        for name in names:
            path = os.path.join(folder, name)
            for spelling in (
                path,
                path.replace("/site/", "/site/sub/../"),
                f"{path}/",
                f"{path}/.",
            ):
                try:
                    with site.open(spelling) as file:
                        assert CANARY not in file.read(), spelling
                except NotServed:
                    continue


@pytest.mark.parametrize(
    "path",
    ["", "/", "relative", "/etc/passwd", "/dev/zero", "{site}/\0", "{site}/\ud800", "{site}"],
)
def test_open_refuses_whatever_is_no_file_of_the_site(site, tree, path):
    with pytest.raises(NotServed):
        site.open(path.format(site=tree.site))


@given(st.binary(max_size=60))
def test_no_bytes_raise_or_escape(tree, target):
    site = Site([Mount((), tree.site)])
    for whole in (target, b"/" + target, b"/loop/" + target):
        assert CANARY not in (get(site, whole) or b"")


@given(st.text(max_size=40))
def test_no_path_raises_or_escapes(tree, text):
    site = Site([Mount((), tree.site)])
    for path in (text, f"/{text}", f"{tree.site}/{text}", f"{tree.site}{text}"):
        try:
            with site.open(path) as file:
                assert CANARY not in file.read()
        except NotServed:
            pass
        site.stat(path)
        for url in site.urls(path):
            assert url.startswith("/")


@pytest.mark.parametrize("name", SPECIAL)
def test_what_is_no_regular_file_is_missing_at_once(site, tree, name):
    begun = time.perf_counter()
    assert isinstance(find(site, b"/" + name.encode()), Missing)
    with pytest.raises(NotServed):
        site.open(f"{tree.site}/{name}")
    assert time.perf_counter() - begun < 0.1


def test_a_fifo_that_takes_the_place_of_a_file_does_not_block(folder, monkeypatch):
    """Between looking and opening, the file may become anything."""
    path = str(folder / "index.html")
    site = Site([Mount((), folder)])
    real_open = os.open

    def swap_then_open(name: str, flags: int) -> int:
        os.unlink(name)
        os.mkfifo(name)
        return real_open(name, flags)

    monkeypatch.setattr(os, "open", swap_then_open)
    with pytest.raises(NotServed, match="regular"):
        site.open(path)


def test_links_inside_are_served_and_links_to_the_outside_are_not(site):
    assert get(site, b"/in") == PUBLIC["index.html"]
    assert get(site, b"/insub/page.html") == PUBLIC["sub/page.html"]
    for target in (b"/out", b"/outdir/secret.txt", b"/outdir", b"/abs/passwd", b"/abs/", b"/a"):
        assert isinstance(find(site, target), Missing), target


def test_outside_denied_and_missing_look_the_same(site):
    for target in (
        b"/../secret.txt",
        b"/../nope",
        b"/.env",
        b"/.nope",
        b"/out",
        b"/outdir",
        b"/nope",
    ):
        assert type(find(site, target)) is Missing


def test_following_links_still_contains_the_url_and_keeps_secrets(tree):
    site = Site([Mount((), tree.site)], follow_symlinks=True)

    assert get(site, b"/out") == CANARY + b"secret.txt"
    assert get(site, b"/outdir/site-secret/leak.txt") == CANARY + b"site-secret/leak.txt"
    for target in (b"/../secret.txt", b"/a/../../secret.txt", b"/outdir/../secret.txt"):
        assert get(site, target) is None
    for target in (b"/env", b"/gitdir/config", b"/pem.txt", b"/outdir/site/.env", b"/zero"):
        assert get(site, target) is None
    with pytest.raises(NotServed):
        site.open(str(tree.top / "secret.txt"))


def test_a_package_managers_store_is_served_through_its_links(folder):
    package = folder / "node_modules" / ".pnpm" / "x@1" / "x"
    package.mkdir(parents=True)
    (package / "index.js").write_text("export {}")
    (folder / "node_modules" / "x").symlink_to(".pnpm/x@1/x")
    site = Site([Mount((), folder)])

    assert get(site, b"/node_modules/x/index.js") == b"export {}"
    assert get(site, b"/node_modules/.pnpm/x@1/x/index.js") is None


def test_a_root_below_a_folder_with_a_dot_is_served(tmp_path):
    root = tmp_path / ".git" / "node_modules" / ".cache"
    root.mkdir(parents=True)
    (root / "index.html").write_text("here")

    assert get(Site([Mount((), root)]), b"/") == b"here"


@pytest.mark.parametrize("follow", [False, True])
def test_no_file_is_read_through_a_link_that_is_swapped(folder, follow):
    """A name that flips between a file and a link to a secret never reads the secret."""
    (folder.parent / "secret.pem").write_bytes(CANARY + b"outside")
    for name, to in (("x", "../secret.pem"), ("y", ".env")):
        (folder / f".file-{name}").write_text("fine")
        (folder / f".link-{name}").symlink_to(to)
    (folder / ".env").write_bytes(CANARY + b"inside")
    _race(folder, [b"/x", b"/y"], follow=follow, seconds=1.0)


def test_no_file_is_read_through_a_folder_that_is_swapped(folder):
    """A folder that flips between itself and a link to its parent's parent stays inside."""
    (folder.parent / "page.html").write_bytes(CANARY + b"outside")
    (folder / ".file-d").mkdir()
    (folder / ".file-d" / "page.html").write_text("fine")
    (folder / ".link-d").symlink_to("..")
    _race(folder, [b"/d/page.html"], follow=False, seconds=1.0)


def _race(folder: Path, wanted: list[bytes], *, follow: bool, seconds: float) -> None:
    site = Site([Mount((), folder)], follow_symlinks=follow)
    names = {target.decode().split("/")[1] for target in wanted}
    end = time.monotonic() + seconds
    results: dict[bytes | None, int] = {}

    def swap(name: str) -> None:
        place = folder / name
        while time.monotonic() < end:
            for kind in ("file", "link"):
                hidden = folder / f".{kind}-{name}"
                os.rename(hidden, place)
                os.stat(folder)
                os.rename(place, hidden)

    swappers = [threading.Thread(target=swap, args=(name,)) for name in names]
    for swapper in swappers:
        swapper.start()
    while time.monotonic() < end:
        for target in wanted:
            content = get(site, target)
            results[content] = results.get(content, 0) + 1
            try:  # without the look of `find` before it
                with site.open(str(folder / target.decode().lstrip("/"))) as file:
                    content = file.read()
            except NotServed:
                continue
            results[content] = results.get(content, 0) + 1
    for swapper in swappers:
        swapper.join()

    assert set(results) == {b"fine", None}


@pytest.mark.parametrize("how", ["proc", "resolved"])
def test_a_file_swapped_for_a_link_between_looking_and_opening_is_refused(folder, monkeypatch, how):
    secret = folder.parent / "secret.txt"
    secret.write_bytes(CANARY)
    site = Site([Mount((), folder)])
    real_open = os.open

    def swap_then_open(name: str, flags: int) -> int:
        os.unlink(name)
        os.symlink(secret, name)
        return real_open(name, flags)

    if how == "resolved":
        monkeypatch.setattr(
            site_module, "_real_path", lambda _, path, stat: site_module._resolved(path, stat)
        )
    monkeypatch.setattr(os, "open", swap_then_open)
    with pytest.raises(NotServed, match="link"):
        site.open(str(folder / "index.html"))


def test_without_proc_the_resolved_path_must_be_the_opened_file(folder, monkeypatch):
    site = Site([Mount((), folder)])
    monkeypatch.setattr(os, "readlink", _raise(FileNotFoundError(errno.ENOENT, "no proc")))
    path = str(folder / "index.html")

    with site.open(path) as file:
        assert file.read() == b"index"
    with pytest.raises(NotServed, match="replaced"):
        site_module._resolved(path, os.stat(folder / "sub" / "page.html"))


def test_a_file_that_is_replaced_after_it_was_opened_is_read_whole(folder):
    site = Site([Mount((), folder)])
    path = str(folder / "index.html")
    real_fstat = os.fstat

    with pytest.MonkeyPatch.context() as patch:

        def replace_then_fstat(fd: int) -> os.stat_result:
            (folder / "new").write_text("new index")
            os.replace(folder / "new", path)
            return real_fstat(fd)

        patch.setattr(os, "fstat", replace_then_fstat)
        file = site.open(path)
    with file:
        assert file.read() == b"index"
    with site.open(path) as file:
        assert file.read() == b"new index"


def test_a_secret_that_is_deleted_after_it_was_opened_stays_secret(folder):
    """The kernel writes `key.pem (deleted)` then."""
    (folder / "key.pem").write_bytes(CANARY)
    (folder / "x.txt").symlink_to("key.pem")
    site = Site([Mount((), folder)])
    real_fstat = os.fstat

    def delete_then_fstat(fd: int) -> os.stat_result:
        (folder / "key.pem").unlink()
        return real_fstat(fd)

    with pytest.raises(NotServed), pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fstat", delete_then_fstat)
        site.open(str(folder / "x.txt"))


def test_what_may_not_be_read_is_missing_and_the_rest_is_served(tree):
    """Run without root's right to read everything."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1] + '/tests')\n"
        "from test_site import *\n"
        "site = Site([Mount((), Path(sys.argv[2]))])\n"
        "print(get(site, b'/unreadable.html'), get(site, b'/locked/page.html'),"
        " get(site, b'/locked/'), get(site, b'/app.js'), find(site, b'/locked/page.html'))\n"
    )
    project = Path(__file__).parents[1]
    command = [sys.executable, "-c", code, str(project), str(tree.site)]
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("root reads every file, and there is no setpriv to give that up")
        command = [setpriv, "--bounding-set=-dac_override,-dac_read_search", *command]
    done = subprocess.run(command, capture_output=True, text=True, cwd=project, check=False)

    assert done.stdout == ("None None None b'export {};' Missing(reason='permission denied')\n"), (
        done.stderr
    )


def test_without_descriptors_opening_says_so_and_recovers(folder):
    site = Site([Mount((), folder)])
    path = str(folder / "index.html")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    held = []
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, limits[1]))
        with pytest.raises(OutOfFiles):
            while True:
                held.append(site.open(path))
        assert isinstance(find(site, b"/"), Found)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        for file in held:
            file.close()

    assert get(site, b"/") == b"index"


def test_refusals_leave_no_descriptor_open(site, tree):
    before = len(os.listdir("/proc/self/fd"))
    for name in ("out", "env", "fifo", "pem.txt", "nope", "in"):
        for _ in range(3):
            try:
                site.open(f"{tree.site}/{name}").close()
            except NotServed:
                continue

    assert len(os.listdir("/proc/self/fd")) == before


def test_an_open_file_reads_in_pieces_and_closes_once(folder):
    (folder / "big").write_bytes(bytes(range(256)) * 20_000)
    site = Site([Mount((), folder)])
    with site.open(str(folder / "big")) as file:
        assert file.size == 5_120_000
        assert file.read(3, 4) == bytes([3, 4, 5, 6])
        assert file.read(5_119_999, 10) == b"\xff"
        assert file.read(6_000_000) == b""
        assert file.read(0, 0) == b""
        assert file.read() == (folder / "big").read_bytes()
        assert file.stamp == site.stat(str(folder / "big"))
    file.close()
    assert file.fd == -1


def test_a_file_that_grew_since_it_was_opened_is_read_to_its_end(folder):
    site = Site([Mount((), folder)])
    with site.open(str(folder / "index.html")) as file:
        with open(folder / "index.html", "ab") as writer:
            writer.write(b"+" * 100)
        assert file.read() == b"index" + b"+" * 100


def test_a_stamp_tells_another_content_or_file_and_follows_links(folder):
    path = folder / "index.html"
    (folder / "link").symlink_to("index.html")
    site = Site([Mount((), folder)])
    first = site.stat(str(path))

    assert isinstance(first, Stamp)
    assert site.stat(str(folder / "link")) == first
    assert site.stat(str(folder / "nope")) is None
    assert site.stat(f"{folder}/\0") is None

    path.write_text("longer index")
    longer = site.stat(str(path))
    assert longer != first
    os.utime(path, ns=(0, 0))
    assert site.stat(str(path)) not in (first, longer)


def test_urls_are_those_of_files_inside_by_whole_names(folder):
    (folder.parent / "site-secret").mkdir()
    site = Site([Mount((), folder)])

    assert site.urls(f"{folder}/sub/page.html") == ("/sub/page.html",)
    assert site.urls(f"{folder}/gone/a b.css") == ("/gone/a%20b.css",)
    assert site.urls(f"{folder}/.well-known/x") == ("/.well-known/x",)
    for path in (
        *(f"{folder}-secret/x", f"{folder}/.env", f"{folder}/a/key.pem", f"{folder}/../x"),
        *(str(folder), f"{folder}/", str(folder.parent), "relative", "", f"{folder}/\ud800"),
    ):
        assert site.urls(path) == ()


def test_a_site_holds_what_lies_below_its_folders_served_or_not(folder):
    site = Site([Mount((), folder)])

    for path in (f"{folder}", f"{folder}/sub/page.html", f"{folder}/.env", f"{folder}/gone"):
        assert site.holds(path)
    for path in (f"{folder}-secret/x", str(folder.parent), "/etc/passwd", ""):
        assert not site.holds(path)


def test_urls_know_mounts_and_what_they_hide(folder, tmp_path):
    vendor = tmp_path / "vendor"
    vendor.mkdir()
    (vendor / "x.js").write_text("vendor")
    (folder / "lib").mkdir()
    (folder / "lib" / "x.js").write_text("hidden")
    site = Site([Mount((), folder), Mount(("lib",), vendor), Mount(("b", "sub"), folder / "sub")])

    assert get(site, b"/lib/x.js") == b"vendor"
    assert get(site, b"/lib/nope.js") is None
    assert find(site, b"/lib") == Redirect("/lib/")
    assert find(site, b"/b/sub/") == Folder(f"{folder}/sub", "/b/sub/")
    assert get(site, b"/b/sub/page.html") == b"page"
    assert get(site, b"/b/index.html") is None
    assert site.urls(f"{folder}/sub/page.html") == ("/b/sub/page.html", "/sub/page.html")
    assert site.urls(f"{vendor}/x.js") == ("/lib/x.js",)
    assert site.urls(f"{folder}/lib/x.js") == ()


def test_without_a_root_mount_the_root_is_missing(folder):
    site = Site([Mount(("lib",), folder)])

    assert isinstance(find(site, b"/"), Missing)
    assert isinstance(find(site, b"/other"), Missing)
    assert get(site, b"/lib/") == b"index"
    with pytest.raises(NotServed):
        site.open("/etc/passwd")


def test_a_root_that_vanishes_is_missing_and_comes_back(folder):
    site = Site([Mount((), folder)])
    assert get(site, b"/") == b"index"

    shutil.rmtree(folder)
    assert isinstance(find(site, b"/"), Missing)
    assert isinstance(find(site, b"/sub"), Missing)
    with pytest.raises(NotServed):
        site.open(f"{folder}/index.html")
    assert site.urls(f"{folder}/index.html") == ("/index.html",)

    folder.mkdir()
    (folder / "index.html").write_text("again")
    assert get(site, b"/") == b"again"


def test_a_root_that_is_not_there_yet_is_missing_until_it_is(tmp_path):
    site = Site([Mount((), tmp_path / "later")])
    assert isinstance(find(site, b"/"), Missing)
    assert site.urls("/elsewhere/x") == ()

    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "index.html").write_text("now")
    assert get(site, b"/") == b"now"


def test_a_root_that_is_a_link_may_be_flipped(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(name)
    current = tmp_path / "current"
    current.symlink_to("one")
    site = Site([Mount((), current)])
    assert get(site, b"/") == b"one"
    assert site.urls(f"{tmp_path}/one/index.html") == ("/index.html",)

    (tmp_path / "next").symlink_to("two")
    os.replace(tmp_path / "next", current)
    assert get(site, b"/") == b"two"
    assert find(site, b"/") == Found(f"{current}/index.html", "/index.html")
    assert site.urls(f"{tmp_path}/two/index.html") == ("/index.html",)
    assert site.urls(f"{tmp_path}/one/index.html") == ()


def test_a_relative_root_is_where_it_was_when_the_site_was_made(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    site, other = Site([Mount((), Path("site"))]), Site([Mount((), Path("site/sub/.."))])
    monkeypatch.chdir("/")

    assert get(site, b"/") == get(other, b"/") == b"index"


def test_the_root_of_the_disk_can_be_served(folder):
    site = Site([Mount((), Path("/"))])
    path = str(folder / "index.html")

    assert find(site, path.encode()) == Found(path, path)
    assert get(site, path.encode()) == b"index"
    assert site.urls(path) == (path,)
    assert isinstance(find(site, b"/"), Folder)


@pytest.mark.parametrize("stored", ["NFC", "NFD"])
@pytest.mark.parametrize("asked", ["NFC", "NFD"])
def test_an_accent_is_found_however_it_is_composed(folder, stored, asked):
    accents = unicodedata.normalize(stored, "caf\u00e9")
    (folder / accents).mkdir()
    (folder / accents / f"{accents}.html").write_text("found")
    site = Site([Mount((), folder)])
    target = url_path((unicodedata.normalize(asked, "caf\u00e9"),) * 2) + ".html"

    found = find(site, target.encode())
    assert found == Found(
        f"{folder}/{accents}/{accents}.html", url_path((accents, f"{accents}.html"))
    )
    assert get(site, target.encode()) == b"found"


def test_where_case_is_disregarded_only_the_name_on_the_disk_is_found(folder, monkeypatch):
    """A page that works here works on the server that it goes to."""
    real_lstat, real_stat = os.lstat, os.stat

    def folding(real):
        def look(path, *args, **kwargs):
            try:
                return real(path, *args, **kwargs)
            except FileNotFoundError:
                lower = str(path).lower().replace(str(folder).lower(), str(folder))
                return real(lower, *args, **kwargs)

        return look

    monkeypatch.setattr(os, "lstat", folding(real_lstat))
    monkeypatch.setattr(os, "stat", folding(real_stat))
    site = Site([Mount((), folder)])

    assert isinstance(find(site, b"/index.html"), Found)
    assert isinstance(find(site, b"/sub/"), Folder)
    for target in (b"/Index.html", b"/SUB/page.html", b"/Sub/"):
        found = find(site, target)
        assert isinstance(found, Missing)
        assert "letters" in found.reason


def test_a_root_without_letters_in_its_path_regards_case():
    assert not site_module._disregards_case("/", os.stat("/"))


def test_where_files_run_out_while_looking_it_is_said(folder, monkeypatch):
    site = Site([Mount((), folder)])
    monkeypatch.setattr(os, "lstat", _raise(OSError(errno.ENFILE, "Too many open files in system")))
    with pytest.raises(OutOfFiles):
        find(site, b"/index.html")


def test_an_error_between_opening_and_answering_is_not_served(folder):
    site = Site([Mount((), folder)])
    with (
        pytest.raises(NotServed, match="input/output error"),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(os, "fstat", _raise(OSError(errno.EIO, "Input/output error")))
        site.open(str(folder / "index.html"))


def test_a_name_that_the_disk_cannot_hold_is_missing(site):
    for name in ("\ud800", "\0"):
        assert site.find(Target((name,), False, True, b"", b"")) == Missing("no such file")


def test_the_reason_for_a_missing_file_is_there_for_the_terminal(site):
    reasons = {
        b"/.env": "dotfiles and keys are not served",
        b"/env": "dotfiles and keys are not served",
        b"/out": "a link out of the site; --follow-symlinks serves it",
        b"/nope": "no such file or directory",
        b"/index.html/": "not a folder",
        b"/fifo": "not a regular file",
        b"/self": "too many levels of symbolic links",
    }
    assert {target: find(site, target).reason for target in reasons} == reasons


def test_the_digest_of_content_has_16_hexadecimal_digits():
    assert digest(b"") == "e4a6a0577479b2b4"
    assert digest(b"a") != digest(b"b")


def test_denied_files_have_no_url(site, tree):
    for name in DENIED:
        assert site.urls(f"{tree.site}/{name}") == ()


OPENERS = {
    *("open", "fdopen", "popen", "scandir", "listdir", "walk", "fwalk", "sendfile", "memmap"),
    *("read_bytes", "read_text", "open_code", "FileIO", "copyfile", "mmap", "glob", "rglob"),
}
# The one that may, and one that reads our own modules before there is any request.
OPEN_FILES = {"hotreload.serving.site", "hotreload.serving.assets"}
PACKAGE = Path(hotreload.__file__).parent


def file_of(module: str) -> Path:
    return PACKAGE.parent / (module.replace(".", "/") + ".py")


def source(module: str) -> ast.Module:
    return ast.parse(file_of(module).read_bytes())


def imports(module: str) -> set[str]:
    """The modules of hotreload that a module of it imports."""
    found = set()
    for node in ast.walk(source(module)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hotreload"):
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in found if file_of(name).exists()}


def in_the_path_of_a_request() -> list[str]:
    """Whatever answers requests and messages, and all that it imports."""
    found: set[str] = set()
    ahead = {"hotreload.app", "hotreload.pushing.channel", "hotreload.http1"}
    while ahead:
        found |= ahead
        ahead = {name for module in ahead for name in imports(module)} - found - OPEN_FILES
    return sorted(found)


@pytest.mark.parametrize("module", in_the_path_of_a_request())
def test_nothing_else_in_the_path_of_a_request_opens_files(module):
    """One function decides what is served; a second door is a second decision."""
    for node in ast.walk(source(module)):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            through_site = isinstance(called, ast.Attribute) and ast.unparse(called.value).endswith(
                "site"
            )
            assert name not in OPENERS or through_site, f"{module}:{node.lineno} calls {name}"


def test_the_modules_in_the_path_of_a_request_are_looked_at():
    names = {module.rpartition(".")[2] for module in in_the_path_of_a_request()}

    assert {"guard", "inject", "memory", "resolve", "static"} <= names


def _raise(error: Exception):
    def raising(*_args: object, **_kwargs: object) -> None:
        raise error

    return raising
