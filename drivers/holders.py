"""Which programs hold a device file: by their open descriptors where those may be read, else by their locks."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True, order=True)
class Holder:
    """A running program, by its process."""

    pid: int
    name: str

    def __str__(self) -> str:
        return f"{self.name} ({self.pid})"


def holders(files: Iterable[str], proc: Path = PROC) -> Mapping[str, tuple[Holder, ...]]:
    """Return who holds each of the device files now.

    Whose descriptors this user may not read is still found where it locked the file, as every line's daemon does.
    A program that does neither is not seen.
    """
    wanted = {name: os.path.realpath(name) for name in files}
    real = set(wanted.values())
    found: dict[str, set[int]] = {file: set() for file in real}
    for pid, file in (*_opened(real, proc), *_locked(real, proc)):
        found[file].add(pid)
    return {name: tuple(Holder(pid, _name(pid, proc)) for pid in sorted(found[file])) for name, file in wanted.items()}


def _opened(files: set[str], proc: Path) -> Iterator[tuple[int, str]]:
    for process in _entries(proc):
        if process.name.isdigit():
            targets = {_target(entry) for entry in _entries(process / "fd")}
            yield from ((int(process.name), file) for file in targets & files)


def _locked(files: set[str], proc: Path) -> Iterator[tuple[int, str]]:
    """Read the kernel's list of locks: `1: FLOCK  ADVISORY  WRITE 812 00:06:412 0 EOF`."""
    try:
        lines = (proc / "locks").read_text().splitlines()
    except OSError:
        return
    by_id = {identity: file for file in files if (identity := _identity(file))}
    for words in (line.split() for line in lines):
        if len(words) >= _LOCK_WORDS and words[1] == "FLOCK" and words[5] in by_id and words[4].isdigit():
            yield int(words[4]), by_id[words[5]]


_LOCK_WORDS = 8


def _identity(file: str) -> str | None:
    """Give a file as the list of locks names it: device in hexadecimal, inode."""
    try:
        at = os.stat(file)  # noqa: PTH116 -- a name, as in the list
    except OSError:
        return None
    return f"{os.major(at.st_dev):02x}:{os.minor(at.st_dev):02x}:{at.st_ino}"


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # it ended, or is another user's
        return []


def _target(link: Path) -> str:
    try:
        return os.readlink(link)  # noqa: PTH115 -- hundreds of them
    except OSError:
        return ""


def _name(pid: int, proc: Path) -> str:
    try:
        return (proc / str(pid) / "comm").read_text("utf-8", "replace").strip() or "another program"
    except OSError:
        return "another program"
