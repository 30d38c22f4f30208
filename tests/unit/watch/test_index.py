"""What is known of the watched tree, and what a look at the disk says against it."""

import os
import shutil
import time
from pathlib import Path

import pytest

from hotreload.files import ignore
from hotreload.files.stamp import FileStamp, digest
from hotreload.watch import disk, first_look
from hotreload.watch.changes import ChangeKind
from hotreload.watch.debounce import FileState
from hotreload.watch.first_look import News
from hotreload.watch.index import Index
from hotreload.watch.watched_tree import WatchedTree


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    (site / "sub" / "deep").mkdir(parents=True)
    for name in ("index.html", "sub/a.css", "sub/deep/b.js"):
        (site / name).write_text("one")
    return site


def _index(site: Path, *asked: str, gitignore: bool = True, since: int | None = None) -> Index:
    """An index that knows the site as it is now."""
    since = time.time_ns() if since is None else since
    known = Index(WatchedTree(gitignore=gitignore, since=since), since)
    known.tree.place(str(site), ignore.scope(str(site), asked))
    assert known.tree.survey(str(site), news=News.LEARN) == []
    _tick()
    return known


def _tick() -> None:
    """Wait until what is written next has another time."""
    begun = time.time_ns()
    while disk.clock() <= begun:
        time.sleep(0.001)


def _use(known: Index, path: Path, content: str) -> list[str]:
    """A page is served a file, with this content."""
    return known.use(str(path), content, disk.status(str(path)))


def _report(known: Index, path: Path) -> str:
    """Look at a file and report what it shows."""
    _tick()
    look = known.look(str(path))
    if look.state is FileState.SAME:
        return "same"
    known.accept(look)
    return str(look.kind)


def test_what_was_there_at_the_start_is_the_same(site: Path) -> None:
    assert _report(_index(site), site / "index.html") == "same"


def test_a_change_is_reported_once(site: Path) -> None:
    known = _index(site)
    (site / "index.html").write_text("two")

    assert _report(known, site / "index.html") == "modified"
    assert _report(known, site / "index.html") == "same"


def test_an_added_file_and_a_deleted_one_are_told_by_what_was_known(site: Path) -> None:
    known = _index(site)
    new = site / "new.html"
    assert _report(known, new) == "same"

    new.write_text("new")
    assert _report(known, new) == "added"

    new.unlink()
    assert _report(known, new) == "deleted"
    assert _report(known, new) == "same"


def test_files_of_which_only_the_inode_is_known_are_seen_to_change(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_look, "_EXACT", 0)
    known = _index(site)
    page = site / "index.html"
    assert _report(known, page) == "same"

    old = site / "sub" / "a.css"
    fresh = site.parent / "fresh"
    fresh.write_text("two")
    os.utime(fresh, (0, 0))
    fresh.replace(old)
    assert known.tree.survey(str(site)) == [str(old)]
    assert known.tree.survey(str(site), deep=True) == [str(old)]
    assert _report(known, old) == "modified"
    assert known.tree.survey(str(site), deep=True) == []


def test_a_save_is_seen_also_after_the_clock_was_set_back(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then new files are older than what was there when the server started."""
    monkeypatch.setattr(first_look, "_EXACT", 0)
    known = _index(site, since=time.time_ns() + 3_600_000_000_000)
    page = site / "index.html"
    page.write_text("two")

    assert known.hint(str(page), ChangeKind.MODIFIED) == [str(page)]
    assert _report(known, page) == "modified"
    assert _report(known, page) == "same"


def test_what_is_saved_between_the_start_and_the_first_listing_is_reported(site: Path) -> None:
    """Nothing is learnt of a file that was changed after the watching began."""
    known = Index(WatchedTree(gitignore=True, since=0), 0)
    known.tree.place(str(site), ignore.scope(str(site), []))
    known.tree.survey(str(site), news=News.LEARN)

    assert len(known.tree.survey(str(site), deep=True)) == 3
    assert _report(known, site / "index.html") == "modified"


def test_a_survey_finds_what_no_event_told_of(site: Path) -> None:
    known = _index(site)
    (site / "index.html").write_text("longer")
    (site / "sub" / "a.css").unlink()
    (site / "new" / "folder").mkdir(parents=True)
    (site / "new" / "folder" / "c.html").write_text("new")
    found = known.tree.survey(str(site), deep=True)

    assert sorted(_report(known, Path(path)) for path in found) == [
        "added",
        "deleted",
        "modified",
    ]
    assert known.tree.survey(str(site), deep=True) == []


def test_a_folder_that_is_gone_is_forgotten_when_its_files_are_reported(site: Path) -> None:
    known = _index(site)
    shutil.rmtree(site / "sub")
    found = known.hint(str(site / "sub"), ChangeKind.DELETED)

    assert sorted(found) == [str(site / "sub" / "a.css"), str(site / "sub" / "deep" / "b.js")]
    assert known.folders() == [str(site)]
    assert [_report(known, Path(path)) for path in found] == ["deleted"] * 2
    assert list(known.tree.table._folders) == [str(site)]


def test_a_folder_that_comes_back_is_covered_anew_and_its_files_compared(site: Path) -> None:
    os.link(site / "sub" / "a.css", site.parent / "kept")  # else the new file may get its inode
    known = _index(site)
    known.tree.fresh.clear()
    shutil.rmtree(site / "sub")
    known.hint(str(site / "sub"), ChangeKind.DELETED)
    (site / "sub").mkdir()
    (site / "sub" / "a.css").write_text("two")
    found = known.hint(str(site / "sub"), ChangeKind.ADDED)

    assert str(site / "sub" / "a.css") in found
    assert str(site / "sub") in known.tree.fresh
    assert _report(known, site / "sub" / "a.css") == "modified"


def test_a_hint_that_a_folder_was_modified_says_nothing(site: Path) -> None:
    assert _index(site).hint(str(site / "sub"), ChangeKind.MODIFIED) == []


def test_hints_of_what_is_ignored_or_unknown_lead_nowhere(site: Path) -> None:
    known = _index(site, "*.map")

    assert known.hint(str(site / "a.map"), ChangeKind.ADDED) == []
    assert known.hint(str(site / ".index.html.swp"), ChangeKind.MODIFIED) == []
    assert known.hint("/elsewhere/a", ChangeKind.MODIFIED) == []


def test_same_bytes_in_use_are_the_same_and_other_bytes_are_not(site: Path) -> None:
    known = _index(site)
    page = site / "index.html"
    assert _use(known, page, digest(b"one")) == [str(page)]
    assert _report(known, page) == "same"
    assert _use(known, page, digest(b"one")) == []

    page.write_text("one")
    assert known.beat() == [str(page)]
    assert _report(known, page) == "same"
    assert known.beat() == []

    page.write_text("two")
    assert _report(known, page) == "modified"
    assert _use(known, page, digest(b"two")) == []


def test_what_was_served_is_compared_with_the_disk(site: Path) -> None:
    known = _index(site)
    page = site / "index.html"
    _use(known, page, digest(b"zero"))

    assert _report(known, page) == "modified"


def test_a_write_in_the_same_tick_of_the_clock_is_not_missed(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same size, same inode, same time: only the content tells, so it is read again."""
    known = _index(site)
    page = site / "index.html"
    times = (page.stat().st_atime_ns, page.stat().st_mtime_ns)
    _use(known, page, digest(b"one"))
    with monkeypatch.context() as patch:
        patch.setattr(disk, "clock", lambda: times[1])
        assert known.look(str(page)).state is FileState.SAME

    page.write_text("two")
    os.utime(page, ns=times)
    assert known.beat() == [str(page)]
    assert _report(known, page) == "modified"


def test_a_file_that_is_written_while_it_is_read_is_looked_at_again(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = _index(site)
    page = site / "index.html"
    _use(known, page, digest(b"one"))
    page.write_text("two")
    read = os.read

    def write_meanwhile(file: int, size: int) -> bytes:
        data = read(file, size)
        page.write_text("three")
        return data

    with monkeypatch.context() as patch:
        patch.setattr(os, "read", write_meanwhile)
        assert known.look(str(page)).state is FileState.OPEN
    assert _report(known, page) == "modified"


def test_a_file_in_use_that_goes_stays_in_use(site: Path) -> None:
    known = _index(site)
    page = site / "index.html"
    _use(known, page, digest(b"one"))
    page.unlink()
    assert known.beat() == [str(page)]
    assert _report(known, page) == "deleted"
    assert known.beat() == []

    page.write_text("one")
    assert known.beat() == [str(page)]
    assert _report(known, page) == "added"


def test_of_a_large_file_the_content_is_not_compared(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "LARGE", 2)
    known = _index(site)
    page = site / "index.html"
    _use(known, page, FileStamp.of(page.stat()).version)
    assert _report(known, page) == "same"
    assert known.beat() == []

    page.write_text("one")
    assert known.beat() == [str(page)]
    assert _report(known, page) == "modified"
    assert _use(known, page, FileStamp.of(page.stat()).version) == []


def test_a_save_that_gives_back_the_time_before_is_a_change_of_a_file_in_use(site: Path) -> None:
    page = site / "index.html"
    os.utime(page, (0, 0))
    known = _index(site)
    _use(known, page, digest(b"one"))
    assert _report(known, page) == "same"

    page.write_text("two")
    os.utime(page, (0, 0))

    assert known.beat() == [str(page)]
    assert _report(known, page) == "modified"
    assert known.beat() == []


def test_permissions_are_no_change(site: Path) -> None:
    page, other = site / "index.html", site / "other.html"
    other.write_text("one")
    known = _index(site)
    _use(known, page, digest(b"one"))
    assert _report(known, page) == _report(known, other) == "same"

    for path in (page, other):
        path.chmod(0o600)
        assert _report(known, path) == "same"
    assert known.beat() == []


def test_a_file_in_use_in_an_ignored_folder_has_its_folder_covered(site: Path) -> None:
    known = _index(site, "!sub")
    (site / "node_modules").mkdir()
    (site / "node_modules" / "a.js").write_text("one")
    known.tree.fresh.clear()
    _use(known, site / "node_modules" / "a.js", digest(b"one"))

    assert known.tree.fresh == [str(site / "node_modules")]
    assert str(site / "node_modules") in known.folders()
    assert known.hint(str(site / "node_modules" / "a.js"), ChangeKind.MODIFIED)
    assert known.hint(str(site / "node_modules" / "b.js"), ChangeKind.ADDED) == []
    assert known.tree.relist(str(site / "node_modules")) == []


def test_what_is_asked_to_be_ignored_cannot_be_used(site: Path) -> None:
    assert _use(_index(site, "sub/"), site / "sub" / "a.css", "digest") == []


def test_folders_links_and_pipes_are_no_files(site: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (site / "link").symlink_to(tmp_path / "elsewhere")
    (site / "dangling").symlink_to("nowhere")
    if hasattr(os, "mkfifo"):
        os.mkfifo(site / "pipe")
    known = _index(site)

    (tmp_path / "elsewhere" / "a").write_text("changes the folder behind the link")
    assert known.tree.survey(str(site), deep=True) == []
    (site / "link").unlink()
    assert [_report(known, Path(path)) for path in known.tree.survey(str(site))] == ["same"]


def test_a_link_to_a_file_is_the_file(site: Path) -> None:
    (site / "link.html").symlink_to("index.html")
    known = _index(site)
    (site / "index.html").write_text("longer")

    assert sorted(known.tree.survey(str(site), deep=True)) == [
        str(site / "index.html"),
        str(site / "link.html"),
    ]


def test_a_place_that_lies_behind_a_link_is_covered_under_its_own_name_only(
    site: Path, tmp_path: Path
) -> None:
    (tmp_path / "named").symlink_to(site)
    known = _index(tmp_path / "named")
    _use(known, tmp_path / "named" / "index.html", digest(b"one"))

    assert all(folder.startswith(str(tmp_path / "named")) for folder in known.folders())


def test_a_gitignore_parts_files_and_folders_and_its_change_parts_them_anew(site: Path) -> None:
    rules = site / ".gitignore"
    rules.write_text("sub\n*.log\n")
    known = _index(site)
    assert known.folders() == [str(site)]

    rules.write_text("*.log\n")
    found = known.hint(str(rules), ChangeKind.MODIFIED)
    assert str(site / "sub" / "deep") in known.folders()
    assert str(rules) in found

    rules.unlink()
    (site / "a.log").write_text("new")
    assert str(site / "a.log") in known.hint(str(rules), ChangeKind.DELETED)


def test_files_that_were_there_long_are_not_new_when_they_are_not_ignored_any_more(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_look, "_OLD", -(10**12))
    (site / ".gitignore").write_text("sub\n")
    known = _index(site)
    (site / ".gitignore").write_text("")

    assert known.hint(str(site / ".gitignore"), ChangeKind.MODIFIED) == [str(site / ".gitignore")]


def test_without_gitignore_files_their_lines_do_not_count(site: Path) -> None:
    (site / ".gitignore").write_text("sub\n")

    assert str(site / "sub") in _index(site, gitignore=False).folders()


def test_a_swapped_place_is_surveyed_and_covered_anew(site: Path, tmp_path: Path) -> None:
    known = _index(site)
    known.tree.fresh.clear()
    site.rename(tmp_path / "old")
    assert sorted(map(os.path.basename, known.beat())) == ["a.css", "b.js", "index.html"]

    site.mkdir()
    assert known.beat() == [str(site / "index.html")]
    assert known.tree.fresh == [str(site)]


def test_folders_with_names_that_are_not_utf_8_are_named(site: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(site / "sub") + b"/caf\xe9"))
    try:
        odd.write_text("one")
    except OSError:
        pytest.skip("this file system has only UTF-8 names")
    (site / "é").mkdir()
    known = _index(site)
    assert known.tree.mute == {str(site / "sub")}

    odd.unlink()
    known.tree.relist(str(site / "sub"))
    assert known.tree.mute == set()


def test_a_file_that_may_not_be_read_can_still_change(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests may run as root, who may read everything: the refusal is simulated."""
    known = _index(site)
    (site / "index.html").write_text("longer")

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert _report(known, site / "index.html") == "modified"


def test_a_file_that_goes_while_it_is_looked_at_is_gone(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = _index(site)
    (site / "index.html").write_text("longer")

    def vanish(*_: object) -> int:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(os, "open", vanish)
    assert known.look(str(site / "index.html")).state is FileState.GONE


def test_a_new_file_without_content_is_not_taken_for_whole_at_once(site: Path) -> None:
    known = _index(site)
    (site / "new.css").write_text("")
    look = known.look(str(site / "new.css"))

    assert look.state is FileState.OPEN
    assert 0 < look.patience <= 0.3


def test_an_emptied_file_whose_content_pages_have_is_given_longer(site: Path) -> None:
    known, page = _index(site), site / "index.html"
    known.use(str(page), digest(page.read_bytes()), page.stat())
    page.write_text("")
    look = known.look(str(page))

    assert look.state is FileState.OPEN
    assert 0.3 < look.patience <= 1


def test_an_unreadable_folder_is_listed_again_when_it_can_be_read(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path == str(site / "sub"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refuse)
        known = _index(site)
        assert known.tree.unreadable == {str(site / "sub")}
    found = known.tree.relist(str(site / "sub"))

    assert known.tree.unreadable == set()
    assert len(found) == 2


def test_a_link_that_goes_while_it_is_followed_is_no_failure(tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to("elsewhere")

    def gone(*_: object, **__: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(os, "readlink", gone)
    assert disk.resolved(str(tmp_path / "link" / "a.css")) == str(tmp_path / "link" / "a.css")
