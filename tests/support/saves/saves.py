"""How programs save a file: each way is a function of the path and of the new content.

What the programs do, call by call, or the programs themselves where they are installed. A file that
is not there is made, with its folders.
"""

import mmap
import os
import shutil
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

Save = Callable[[Path, bytes], object]


def truncate_and_write(path: Path, data: bytes) -> None:
    """As nano and VS Code do."""
    path.write_bytes(data)


def vim_by_renaming(path: Path, data: bytes) -> None:
    """With backup and backupcopy=no: a probe first, and the old file is moved away."""
    probe = path.with_name("4913")
    probe.touch()
    probe.unlink()
    backup = path.with_name(path.name + "~")
    _away(path, backup)
    path.write_bytes(data)
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    backup.unlink(missing_ok=True)


def emacs_by_renaming(path: Path, data: bytes) -> None:
    """With its lock, its copy of what was not saved yet, and a backup that stays."""
    lock = path.with_name(f".#{path.name}")
    lock.unlink(missing_ok=True)
    lock.symlink_to("me@host.1234:5678")
    unsaved = path.with_name(f"#{path.name}#")
    unsaved.write_bytes(data[: len(data) // 2])
    _away(path, path.with_name(f"{path.name}~"))
    path.write_bytes(data)
    unsaved.unlink()
    lock.unlink()


def jetbrains(path: Path, data: bytes) -> None:
    """Safe write."""
    fresh = path.with_name(f"{path.name}___jb_tmp___")
    fresh.write_bytes(data)
    old = path.with_name(f"{path.name}___jb_old___")
    _away(path, old)
    fresh.rename(path)
    old.unlink(missing_ok=True)


def temporary_beside(path: Path, data: bytes) -> None:
    fresh = path.with_name(f"{path.name}.tmp")
    fresh.write_bytes(data)
    fresh.replace(path)


def moved_from_elsewhere(path: Path, data: bytes) -> None:
    fresh = _elsewhere(path) / "fresh"
    fresh.write_bytes(data)
    fresh.replace(path)
    fresh.parent.rmdir()


def with_an_old_time(path: Path, data: bytes) -> None:
    """As rsync and tar give files the times that they had."""
    path.write_bytes(data)
    os.utime(path, (0, 0))


def by_rsync(path: Path, data: bytes) -> None:
    source = _elsewhere(path)
    (source / path.name).write_bytes(data)
    if shutil.which("rsync"):
        _run("rsync", "-a", "--ignore-times", str(source / path.name), str(path))
    else:
        hidden = path.with_name(f".{path.name}.AbC123")
        shutil.copy2(source / path.name, hidden)
        hidden.replace(path)
    shutil.rmtree(source)


def by_sed(path: Path, data: bytes) -> None:
    """sed -i writes sedXXXXXX and renames it; for any content: what is there goes, new is read."""
    source = _elsewhere(path)
    (source / "new").write_bytes(data)
    path.write_bytes(path.read_bytes() + b"\n" if path.exists() else b"\n")
    _run("sed", "-i", "-e", f"$r {source / 'new'}", "-e", "d", str(path))
    shutil.rmtree(source)


def by_vim(path: Path, data: bytes) -> None:
    name = shutil.which("vim") or shutil.which("vim.tiny")
    if name is None:
        vim_by_renaming(path, data)
        return
    source = _elsewhere(path)
    (source / "new").write_bytes(data)
    commands = ("set backup", f"silent %!cat {source / 'new'}", "wq!")
    words = [word for command in commands for word in ("-c", command)]
    subprocess.run(
        [name, "-Nu", "NONE", "-i", "NONE", "-es", *words, path],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False, timeout=30,
    )  # fmt: skip
    shutil.rmtree(source)


def by_emacs(path: Path, data: bytes) -> None:
    if shutil.which("emacs") is None:
        emacs_by_renaming(path, data)
        return
    source = _elsewhere(path)
    (source / "new").write_bytes(data)
    program = (
        f'(progn (find-file "{path}") (erase-buffer) (insert-file-contents "{source / "new"}")'
        " (save-buffer))"
    )
    ended = subprocess.run(
        ["emacs", "-Q", "--batch", "--eval", program], capture_output=True, check=False, timeout=30
    )
    shutil.rmtree(source)
    if ended.returncode:  # it asks a person about a file that was replaced under it just now
        emacs_by_renaming(path, data)


def deleted_and_written(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)
    time.sleep(0.02)
    path.write_bytes(data)


def copied_in_the_kernel(path: Path, data: bytes) -> None:
    source = _elsewhere(path) / "source"
    source.write_bytes(data)
    with source.open("rb") as reader, path.open("wb") as writer:
        while os.copy_file_range(reader.fileno(), writer.fileno(), 2**20):
            pass
    shutil.rmtree(source.parent)


def through_a_mapping(path: Path, data: bytes) -> None:
    """No event tells of it."""
    if not data:
        path.write_bytes(data)
        return
    with path.open("r+b" if path.exists() else "w+b") as file:
        file.truncate(len(data))
        with mmap.mmap(file.fileno(), 0) as mapping:
            mapping[:] = data
            mapping.flush()


def through_a_hard_link(path: Path, data: bytes) -> None:
    """No event tells of it: the file has another name in a folder that nobody watches."""
    other = _elsewhere(path) / "other"
    if path.exists():
        os.link(path, other)
    other.write_bytes(data)
    if not path.exists():
        os.link(other, path)
    shutil.rmtree(other.parent)


def by_turning_a_link(path: Path, data: bytes) -> None:
    """The name is a link inside of the site, to one version or the other, hidden from pages."""
    version = path.with_name(f"version-{time.time_ns()}.bin")
    version.write_bytes(data)
    link = path.with_name(f"{path.name}.link")
    link.symlink_to(version.name)
    link.replace(path)


def by_appending(path: Path, data: bytes) -> None:
    """All but the end at first, and the rest a moment later."""
    path.write_bytes(data[: len(data) // 2])
    with path.open("ab") as file:
        file.write(data[len(data) // 2 :])


def in_slow_parts(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        for part in range(10):
            file.write(data[part * len(data) // 10 : (part + 1) * len(data) // 10])
            file.flush()
            time.sleep(0.003)


def written_twice(path: Path, data: bytes) -> None:
    """A formatter runs on save."""
    path.write_bytes(data + b"\n\n")
    path.write_bytes(data)


SAVES: dict[str, Save] = {
    save.__name__: save
    for save in (
        truncate_and_write, vim_by_renaming, emacs_by_renaming, jetbrains, temporary_beside,
        moved_from_elsewhere, with_an_old_time, by_rsync, by_sed, by_vim, by_emacs,
        deleted_and_written, copied_in_the_kernel, through_a_mapping, through_a_hard_link,
        by_turning_a_link, by_appending, in_slow_parts, written_twice,
    )
}  # fmt: skip


def save(path: Path, data: bytes, way: str) -> None:
    """Save a file in one of the ways, whatever is in its place now."""
    path.parent.mkdir(parents=True, exist_ok=True)
    SAVES[way](path, data)


def _away(path: Path, backup: Path) -> None:
    if path.exists():
        path.replace(backup)


def _elsewhere(path: Path) -> Path:
    """A folder on the same file system that nobody watches."""
    top = next(parent for parent in path.parents if parent.name == "site")
    return Path(mkdtemp(dir=top.parent))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=30)
