"""What is known of the watched folders, whatever happens to them."""

import os

from hypothesis import given
from hypothesis import strategies as st

from hotreload.files.ignore import Scope, scope
from hotreload.files.stamp import FileStamp
from hotreload.watch.folder_table import FolderTable

RULES = scope("/", ["*.log"])
STAMP = FileStamp(1, 1, 1, 1)
PATHS = ["/a", "/a/b", "/a/b/c", "/a/d", "/e", "/e/f"]
NAMES = ["x.css", "y.html", "z.log"]

folders = st.sampled_from(PATHS)
names = st.sampled_from(NAMES)
acts = st.lists(
    st.tuples(
        st.sampled_from(["enter", "learn", "forget", "weigh", "distrust", "vanish", "drop"]),
        folders,
        names,
        st.integers(0, 100),
    ),
    max_size=40,
)


def entered(table: FolderTable, path: str, rules: Scope = RULES) -> None:
    """Enters a folder, and those above it, as a survey does."""
    above, name = os.path.split(path)
    if above != "/":
        entered(table, above, rules)
        parent = table.get(above)
        assert parent is not None
        parent.folders.add(name)
    table.enter(path, rules).inode = 7


def below(path: str) -> list[str]:
    return [each for each in PATHS if f"{each}/".startswith(f"{path}/")]


class Model:
    """A table, and beside it which folders exist and which files are known, as plain sets."""

    def __init__(self) -> None:
        self.table = FolderTable()
        self.exists: set[str] = set()
        self.files: dict[str, set[str]] = {}

    def enter(self, path: str) -> None:
        entered(self.table, path)
        new = {each for each in PATHS if f"{path}/".startswith(f"{each}/")}
        self.exists |= new
        self.files = {each: set() for each in new} | self.files

    def learn(self, path: str, name: str) -> None:
        self.table.learn(f"{path}/{name}", STAMP)
        if path in self.exists:
            self.files[path].add(name)

    def forget(self, path: str, name: str) -> None:
        self.table.forget(f"{path}/{name}")
        self.files.get(path, set()).discard(name)

    def vanish(self, path: str) -> None:
        reached = {path, *(below(path) if path in self.exists else ())}
        existing = self.exists & reached
        gone, suspects = self.table.vanish(path)
        for each in reached & self.files.keys():
            self.files[each] = {name for name in self.files[each] if not name.endswith(".log")}
        known = reached & self.files.keys()

        assert set(suspects) == {f"{each}/{name}" for each in known for name in self.files[each]}
        assert existing <= set(gone)
        self.exists -= reached

    def drop(self, path: str) -> None:
        if path in self.exists:
            self.table.drop(path)
            self.exists -= set(below(path))
            self.files = {each: self.files[each] for each in self.files if each not in below(path)}

    def check(self) -> None:
        """The table is as the model is, and takes no room for what is not in it."""
        self.files = {
            path: kept for path, kept in self.files.items() if kept or path in self.exists
        }
        assert set(self.table.existing()) == self.exists
        for path in PATHS:
            assert (path in self.table) == (path in self.files)
            known = {name for name in NAMES if self.table.known(f"{path}/{name}")}
            assert known == self.files.get(path, set())
        entries = [entry for path in PATHS if (entry := self.table.get(path)) is not None]
        assert self.table.weight == sum(entry.weight for entry in entries)


@given(acts)
def test_the_table_agrees_with_what_happened(acts: list[tuple[str, str, str, int]]) -> None:
    model = Model()
    for act, path, name, weight in acts:
        folder = model.table.get(path)
        if act in {"learn", "forget"}:
            getattr(model, act)(path, name)
        elif act == "distrust":
            model.table.distrust(path)
        elif act != "weigh":
            getattr(model, act)(path)
        elif folder is not None:
            model.table.weigh(folder, weight)
        model.check()


def test_a_folder_that_was_listed_and_never_entered_is_dropped_with_the_one_it_is_in() -> None:
    table = FolderTable()
    table.enter("/a", RULES).folders.add("b")
    table.distrust("/a")
    table.drop("/a")

    assert "/a" not in table


def test_a_folder_under_other_rules_reads_its_own_again() -> None:
    table = FolderTable()
    folder = table.enter("/a", RULES)
    folder.rules = STAMP
    assert table.enter("/a", RULES).rules is STAMP

    other = scope("/", ["*.css"])
    again = table.enter("/a", other)
    assert again is folder
    assert again.rules is None
    assert again.suspects("/a", ["x.css", "y.log"]) == ["/a/y.log"]
