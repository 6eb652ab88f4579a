"""Targets that fail: full at a byte, broken at a call, gone, slow; over real files, so that what is left is seen."""

import errno
import os
from typing import Any

from storage.export.calls import Os

GOING = (
    "open_top", "open_folder", "look", "open_read", "create", "mkdir", "write", "read", "fsync", "settle", "rename",
    "unlink", "names", "stat", "room_bytes",
)  # fmt: skip
"""Every call that can fail."""


class Counting(Os):
    """Counts the calls that can fail, and the bytes written."""

    def __init__(self) -> None:
        self.calls = 0
        self.bytes = 0
        self.made: list[str] = []

    def write(self, fd: int, data: memoryview) -> int:
        done = super().write(fd, data)
        self.bytes += done
        return done

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401
        found = object.__getattribute__(self, name)
        if name not in GOING:
            return found

        def call(*args: object) -> object:
            self.calls += 1
            self.made.append(name)
            self.before(name)
            return found(*args)

        return call

    def before(self, name: str) -> None:
        """A call is about to be made."""


class Failing(Counting):
    """Fails the nth call, or from it on every one, with an error."""

    def __init__(self, at: int, error: int, *, for_good: bool = False) -> None:
        super().__init__()
        self.at, self.error, self.for_good = at, error, for_good

    def before(self, name: str) -> None:
        if self.calls == self.at or (self.for_good and self.calls > self.at):
            raise OSError(self.error, os.strerror(self.error), name)


class Full(Counting):
    """Takes so many bytes and no more; the last write is cut short before it fails."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def write(self, fd: int, data: memoryview) -> int:
        left = self.room - self.bytes
        if left <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(fd, data[:left])

    def room_bytes(self, fd: int) -> int:
        del fd
        return 1 << 40  # it lies


class Slow(Counting):
    """Takes a few bytes at a time, and gives a few."""

    def write(self, fd: int, data: memoryview) -> int:
        return super().write(fd, data[:97])

    def read(self, fd: int, size: int) -> bytes:
        return super().read(fd, min(size, 13))
