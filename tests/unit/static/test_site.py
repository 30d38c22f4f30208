"""Files by URL, and URLs by file, in one folder and in several."""

import os
import shutil
import unicodedata
from pathlib import Path

import pytest
from support.process.resolving import find, get, planted_site, small_site
from support.security.canary import DENIED, ODD, PUBLIC

from hotreload.files.open_file import NotServed
from hotreload.files.stamp import FileStamp, digest
from hotreload.http.url_path import Target, url_path
from hotreload.static.site import mount
from hotreload.static.site.site import Folder, Found, Missing, Mount, Redirect, Site

site = planted_site
folder = small_site


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


def test_a_stamp_tells_another_content_or_file_and_follows_links(folder):
    path = folder / "index.html"
    (folder / "link").symlink_to("index.html")
    site = Site([Mount((), folder)])
    first = site.stat(str(path))

    assert isinstance(first, FileStamp)
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
        assert site.contains(path)
    for path in (f"{folder}-secret/x", str(folder.parent), "/etc/passwd", ""):
        assert not site.contains(path)


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
    assert not mount._disregards_case("/", os.stat("/"))


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


def test_the_version_of_what_is_not_read_is_no_digest():
    stamps = [FileStamp(1, 2, 3, 4), FileStamp(1, 2, 3, 5), FileStamp(12, 3, 4, 0)]
    versions = {stamp.version for stamp in stamps}

    assert len(versions) == len(stamps)
    assert all(version[0] == "s" and len(version) == 17 for version in versions)


def test_denied_files_have_no_url(site, tree):
    for name in DENIED:
        assert site.urls(f"{tree.site}/{name}") == ()
