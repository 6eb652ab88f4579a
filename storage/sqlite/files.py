"""The store's file among its neighbours: who owns it, whose it is, and how another takes its place."""

import fcntl
import os
import shutil
from enum import Enum, auto
from pathlib import Path
from typing import Final

from storage.errors import FlushFailed, StoreBusy
from storage.sqlite.connection import disk_error
from storage.sqlite.migrate import APPLICATION_ID, Schema

_MAGIC: Final = b"SQLite format 3\0"
_PAST_BYTES: Final = 100


class Kind(Enum):
    """What lies at the store's path, judged by its first bytes alone."""

    ABSENT = auto()  # nothing, or no byte
    OURS = auto()
    FOREIGN = auto()  # a database of another program
    UNREADABLE = auto()  # no database: another file, or a store whose first page is gone


def kind_of(path: Path) -> Kind:
    """Say what lies at a path, touching nothing."""
    if not path.exists():
        return Kind.ABSENT
    with path.open("rb") as file:
        head = file.read(_PAST_BYTES)
    if not head:
        return Kind.ABSENT
    if not head.startswith(_MAGIC):
        return Kind.UNREADABLE
    return Kind.OURS if int.from_bytes(head[68:72], "big") == APPLICATION_ID else Kind.FOREIGN


def schema_in(path: Path) -> Schema:
    """Read a database's schema from its head, touching nothing."""
    with path.open("rb") as file:
        return Schema.of(int.from_bytes(file.read(_PAST_BYTES)[60:64], "big"))


class Ownership:
    """The right to be the only process with this store open; held by a lock on a file beside it.

    That file also remembers that a store of ours stood here, should its first page be lost.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path) -> "Ownership":
        """Become the owner. Raises StoreBusy, or DiskReadOnly where no file can be made beside the store."""
        try:
            make_folder(path.parent)
            descriptor = os.open(beside(path, ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError as error:
            raise disk_error(error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise StoreBusy(f"Another process has the store {path.name} open.") from error
        return cls(descriptor)

    @property
    def proven(self) -> bool:
        """Whether a store of ours once opened here."""
        return os.fstat(self._descriptor).st_size > 0

    @property
    def proof(self) -> str:
        """What was said of the store that once opened here; empty before the first."""
        return os.pread(self._descriptor, _PAST_BYTES, 0).decode("utf-8", "replace").strip()

    def prove(self, line: str) -> None:
        """Remember that a store of ours opened here."""
        if not self.proven:
            os.pwrite(self._descriptor, f"{line}\n".encode(), 0)

    def give_up(self) -> None:
        """Let the next process have it. Doing it again is harmless."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def beside(path: Path, suffix: str) -> Path:
    """Name a file beside the store."""
    return path.with_name(path.name + suffix)


def make_folder(folder: Path) -> None:
    """Create a folder and those above it, each name flushed."""
    if not folder.exists():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        flush(folder.parent)


def draft_of(path: Path) -> Path:
    """Give the path a new store is written to, free of leftovers."""
    draft = beside(path, ".part")
    for suffix in ("", "-wal", "-shm", "-journal"):
        beside(draft, suffix).unlink(missing_ok=True)
    return draft


def swap_in(path: Path) -> None:
    """Let the finished draft take the store's place. A crash at any point leaves the old store or the new one, whole.

    Every connection that writes to either must be closed, and the draft's write-ahead log empty.
    """
    draft = beside(path, ".part")
    for suffix in ("-wal", "-shm"):
        beside(draft, suffix).unlink(missing_ok=True)
    flush(draft)
    draft.rename(beside(path, ".ready"))
    flush(path.parent)
    finish_swap(path)


def finish_swap(path: Path) -> None:
    """End a swap that a crash cut short. The old write-ahead log goes first: it must never meet the new file."""
    ready = beside(path, ".ready")
    if not ready.exists():
        return
    for suffix in ("-wal", "-shm"):
        beside(path, suffix).unlink(missing_ok=True)
    flush(path.parent)
    ready.replace(path)
    flush(path.parent)


def set_aside(path: Path, stamp: str) -> Path:
    """Keep the file and its write-ahead log under another name as well; what stands at `path` may then be replaced."""
    aside = beside(path, f".damaged-{stamp}")
    for suffix in ("", "-wal"):
        source = beside(path, suffix)
        if source.exists():
            _link(source, beside(aside, suffix))
    flush(path.parent)
    return aside


def _link(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    try:
        target.hardlink_to(source)
    except OSError:  # a file system without links
        shutil.copy2(source, target)
        flush(target)


def flush(path: Path) -> None:
    """Make a file's content, or a folder's names, durable. Raises FlushFailed."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        raise FlushFailed(f"The data disk refused to flush {path.name}.") from error
    finally:
        os.close(descriptor)
