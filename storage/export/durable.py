"""A folder in which a file is whole under its name, or not there: whatever the medium does, and whoever pulls it."""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import Final, Self

from storage.export.calls import Os
from storage.export.layout import is_ours
from storage.export.target import TargetForeign, TargetGone, our_errors

PART: Final = ".part"
"""Ends the name of a file that is not finished."""

_MOST_LEFT: Final = 1_000
_READ_BYTES: Final = 1 << 20
_SETTLE_BYTES: Final = 16 << 20
"""So much may wait in memory for a slow medium: what is told of the progress is true, and no sync takes minutes."""


@dataclass(frozen=True, slots=True)
class Written:
    """A finished file; `sha256` in hex digits."""

    name: str
    bytes: int
    sha256: str


class Growing:
    """A file that is being written. `name` is what it will be called: it may still be changed, within its folder."""

    def __init__(self, calls: Os, fd: int, name: str) -> None:
        self.name = name
        self.size_bytes = 0
        self._calls, self._fd, self._digest = calls, fd, hashlib.sha256()
        self._settled_bytes = 0

    def write(self, data: bytes) -> int:
        """Write all of the data. Raises TargetError."""
        rest = memoryview(data)
        with our_errors(self.name):
            while rest:
                rest = rest[self._calls.write(self._fd, rest) :]
        self._digest.update(data)
        self.size_bytes += len(data)
        if self.size_bytes - self._settled_bytes >= _SETTLE_BYTES:
            self._settled_bytes = self.size_bytes
            with our_errors(self.name):
                self._calls.settle(self._fd)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    @property
    def written(self) -> Written:
        """What it is so far."""
        return Written(self.name, self.size_bytes, self._digest.hexdigest())


class Folder:
    """A folder below which nothing is trusted: no link is followed, and no name is used that is not ours.

    Names are relative, with `/` between a folder and what is in it; one that is not ours is a ValueError. Every method
    raises TargetError. Close it, or use it as a context.
    """

    def __init__(self, calls: Os, fd: int, name: str) -> None:
        self.name = name
        self._calls, self._fd = calls, fd
        self._within: dict[str, Folder] = {}

    @classmethod
    def at(cls, path: str, calls: Os | None = None) -> Self:
        """Open the folder a person, or a mount, named."""
        calls = calls or Os()
        with our_errors(path):
            return cls(calls, calls.open_top(path), path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close it and the folders that were opened in it."""
        for one in self._within.values():
            one.close()
        self._within.clear()
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            with suppress(OSError):
                self._calls.close(fd)

    def make(self, name: str) -> "Folder":
        """Make a folder that is not there yet, durably, and open it. Raises TargetForeign where the name is taken."""
        _assert_own(name)
        with our_errors(name):
            self._calls.mkdir(name, self._fd)
            self._calls.fsync(self._fd)
        return self.open(name)

    def open(self, name: str) -> "Folder":
        """Open a folder that is there. The caller closes it."""
        _assert_own(name)
        with our_errors(name):
            return Folder(self._calls, self._calls.open_folder(name, self._fd), name)

    def write(self, name: str, chunks: Iterable[bytes]) -> Written:
        """Write a whole file, durably; an older one of this name is replaced at the end."""
        with self.creating(name) as file:
            for chunk in chunks:
                file.write(chunk)
        return file.written

    @contextmanager
    def creating(self, name: str) -> Iterator[Growing]:
        """Write a file piece by piece: it has its name, durably, when the context ends, and never if it raises."""
        folder, last = self._place(name, make=True)
        part = last + PART
        with our_errors(name):
            folder._discard(part)
            fd = self._calls.create(part, folder._fd)
        file = Growing(self._calls, fd, name)
        try:
            yield file
            with our_errors(file.name):
                folder._finish(fd, part, file.name.rpartition("/")[2])
        except BaseException:
            with suppress(OSError):
                folder._discard(part)
            raise
        finally:
            with suppress(OSError):
                self._calls.close(fd)

    def measure(self, name: str) -> Written:
        """Read a file back, from the medium where the system can, and tell what it is.

        Raises TargetGone where there is none, TargetForeign for what is no plain file.
        """
        digest, size = hashlib.sha256(), 0
        for chunk in self._chunks(name):
            digest.update(chunk)
            size += len(chunk)
        return Written(name, size, digest.hexdigest())

    def read(self, name: str, most_bytes: int) -> bytes:
        """Read a small file whole. Raises as `measure`, and TargetForeign for one that is larger."""
        found = bytearray()
        for chunk in self._chunks(name):
            found += chunk
            if len(found) > most_bytes:
                raise TargetForeign(f"{name} is too large to be ours.")
        return bytes(found)

    def names(self) -> Iterator[tuple[str, bool]]:
        """Go through the names in it, each with whether it is a folder."""
        with our_errors(self.name):
            yield from self._calls.names(self._fd)

    def remove(self, name: str) -> None:
        """Remove, durably, whatever has this name and is no folder; nothing where there is none."""
        folder, last = self._place(name, make=True)
        with our_errors(name):
            folder._discard(last)
            self._calls.fsync(folder._fd)

    def sweep(self, *within: str) -> None:
        """Remove what an interrupted run left under unfinished names, here and in those folders that are there."""
        self._sweep()
        for name in within:
            try:
                self._place(f"{name}/x", make=False)[0]._sweep()
            except TargetGone as error:
                if not isinstance(error.__cause__, FileNotFoundError):
                    raise

    def _sweep(self) -> None:
        left = (one for one, is_folder in self.names() if one.endswith(PART) and is_ours(one) and not is_folder)
        with our_errors(self.name):
            for name in tuple(islice(left, _MOST_LEFT)):
                self._discard(name)

    def room_bytes(self) -> int:
        """Tell how much it still takes."""
        with our_errors(self.name):
            return self._calls.room_bytes(self._fd)

    def _chunks(self, name: str) -> Iterator[bytes]:
        folder, last = self._place(name, make=False)
        with our_errors(name):
            _assert_plain(self._calls.look(last, folder._fd), name)
            fd = self._calls.open_read(last, folder._fd)
            try:
                _assert_plain(self._calls.stat(fd), name)
                self._calls.forget(fd)
                while chunk := self._calls.read(fd, _READ_BYTES):
                    yield chunk
            finally:
                with suppress(OSError):
                    self._calls.close(fd)

    def _place(self, name: str, *, make: bool) -> tuple["Folder", str]:
        """Give the folder a file lies in, and its name there."""
        if not is_ours(name):
            raise ValueError(f"{name!r} is no name of ours")
        above, _, last = name.rpartition("/")
        if not above:
            return self, last
        if above not in self._within:
            with our_errors(above):
                self._within[above] = Folder(self._calls, self._subfolder(above, make=make), above)
        return self._within[above], last

    def _subfolder(self, name: str, *, make: bool) -> int:
        try:
            return self._calls.open_folder(name, self._fd)
        except FileNotFoundError:
            if not make:
                raise
        self._calls.mkdir(name, self._fd)
        self._calls.fsync(self._fd)
        return self._calls.open_folder(name, self._fd)

    def _discard(self, name: str) -> None:
        with suppress(FileNotFoundError):
            self._calls.unlink(name, self._fd)

    def _finish(self, fd: int, part: str, name: str) -> None:
        """Vfat left empty files under their final names until the open file was synced once more after the rename."""
        self._calls.fsync(fd)
        self._calls.rename(part, name, self._fd)
        try:
            self._calls.fsync(fd)
            self._calls.fsync(self._fd)
        except OSError:
            with suppress(OSError):
                self._calls.unlink(name, self._fd)
            raise


def _assert_own(name: str) -> None:
    if "/" in name or not is_ours(name):
        raise ValueError(f"{name!r} is no name of ours")


def _assert_plain(found: os.stat_result, name: str) -> None:
    """Refuse links, pipes, devices and whatever else answers to a name without being a file."""
    if not stat.S_ISREG(found.st_mode):
        raise TargetForeign(f"{name} is no plain file.")
