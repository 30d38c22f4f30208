"""Nothing but the files of the site is opened: no secret, no device, not in a race either."""

import errno
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.process.commands import CHECKOUT
from support.process.resolving import find, get, planted_site, small_site
from support.security.canary import CANARY, PUBLIC, SPECIAL, targets

from hotreload.files.open_file import NotServed, TooManyOpenFiles
from hotreload.static.site import mount
from hotreload.static.site.site import Folder, Found, Missing, Mount, Redirect, Site

site = planted_site
folder = small_site


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
    """A FIFO that was opened would wait for a writer, for ever."""
    assert isinstance(find(site, b"/" + name.encode()), Missing)
    with pytest.raises(NotServed):
        site.open(f"{tree.site}/{name}")


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
        monkeypatch.setattr(mount, "_real_path", lambda _, path, stat: mount._resolved(path, stat))
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
        mount._resolved(path, os.stat(folder / "sub" / "page.html"))


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
        "from pathlib import Path\n"
        "from hotreload.static.site.site import Mount, Site\n"
        "from support.process.resolving import find, get\n"
        "site = Site([Mount((), Path(sys.argv[2]))])\n"
        "print(get(site, b'/unreadable.html'), get(site, b'/locked/page.html'),"
        " get(site, b'/locked/'), get(site, b'/app.js'), find(site, b'/locked/page.html'))\n"
    )
    project = CHECKOUT
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
        with pytest.raises(TooManyOpenFiles):
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


def test_an_error_between_opening_and_answering_is_not_served(folder):
    site = Site([Mount((), folder)])
    with (
        pytest.raises(NotServed, match="input/output error"),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(os, "fstat", _raise(OSError(errno.EIO, "Input/output error")))
        site.open(str(folder / "index.html"))


def test_where_files_run_out_while_looking_it_is_said(folder, monkeypatch):
    site = Site([Mount((), folder)])
    monkeypatch.setattr(os, "lstat", _raise(OSError(errno.ENFILE, "Too many open files in system")))
    with pytest.raises(TooManyOpenFiles):
        find(site, b"/index.html")


def _raise(error: Exception):
    def raising(*_args: object, **_kwargs: object) -> None:
        raise error

    return raising


def test_where_a_name_has_no_letters_the_folder_above_tells_whether_case_counts(tmp_path):
    (tmp_path / "Ab" / "2024" / "11").mkdir(parents=True)
    place = tmp_path / "Ab" / "2024" / "11"
    assert not mount._disregards_case(str(place), place.stat())

    (tmp_path / "aB").symlink_to(tmp_path / "Ab")

    assert mount._disregards_case(str(place), place.stat())
