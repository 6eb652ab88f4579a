"""The few calls of the operating system that writing to a target needs, in one place: tests put faults there."""

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

_FILE_MODE: Final = 0o644
_FOLDER_MODE: Final = 0o755
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class Os:
    """Every name is looked up in an open folder, and no link is ever followed. Raises OSError, as it comes."""

    def open_top(self, path: str) -> int:
        """Open the folder a person named; only here a link may lead there."""
        return os.open(path, _FOLDER)

    def open_folder(self, name: str, within: int) -> int:
        """Open a folder."""
        return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=within)

    def look(self, name: str, within: int) -> os.stat_result:
        """Tell what has this name, without opening it."""
        return os.stat(name, dir_fd=within, follow_symlinks=False)

    def open_read(self, name: str, within: int) -> int:
        """Open a file for reading; should it have become a pipe meanwhile, without waiting for its other end."""
        return os.open(name, _READ, dir_fd=within)

    def create(self, name: str, within: int) -> int:
        """Create a file that was not there."""
        return os.open(name, _CREATE, _FILE_MODE, dir_fd=within)

    def mkdir(self, name: str, within: int) -> None:
        """Make a folder."""
        os.mkdir(name, _FOLDER_MODE, dir_fd=within)

    def write(self, fd: int, data: memoryview) -> int:
        """Write some of the data; give how many bytes."""
        return os.write(fd, data)

    def read(self, fd: int, size: int) -> bytes:
        """Read some bytes; none at the end."""
        return os.read(fd, size)

    def fsync(self, fd: int) -> None:
        """Have everything written to a file or folder reach the medium."""
        os.fsync(fd)

    def settle(self, fd: int) -> None:
        """Have what was written to a file so far reach the medium, where it grows without end."""
        os.fdatasync(fd)

    def forget(self, fd: int) -> None:
        """Have the next read of a file come from the medium, where the system can."""
        with suppress(OSError):
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)

    def rename(self, old: str, new: str, within: int) -> None:
        """Give a file another name, over what had it."""
        os.rename(old, new, src_dir_fd=within, dst_dir_fd=within)

    def unlink(self, name: str, within: int) -> None:
        """Remove a name that is no folder."""
        os.unlink(name, dir_fd=within)

    def names(self, fd: int) -> Iterator[tuple[str, bool]]:
        """Go through the names in a folder, each with whether it is a folder, without holding all of them."""
        with os.scandir(fd) as entries:
            for entry in entries:
                yield entry.name, entry.is_dir(follow_symlinks=False)

    def stat(self, fd: int) -> os.stat_result:
        """Tell what is open."""
        return os.fstat(fd)

    def room_bytes(self, fd: int) -> int:
        """Tell how much the target still takes."""
        found = os.fstatvfs(fd)
        return found.f_bavail * found.f_frsize

    def close(self, fd: int) -> None:
        """Close."""
        os.close(fd)
