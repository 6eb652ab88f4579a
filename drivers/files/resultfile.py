"""One result file, taken from the disk in one piece, so that its digest and its rows are of the same bytes."""

import errno
import hashlib
import os
import stat
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from drivers.errors import RetryLater, Unreadable
from drivers.files.csvfile import open_csv
from drivers.files.table import Table
from drivers.files.workbook import open_workbook

LARGEST_BYTES = 8 << 20
"""Three years of both lines fit, even as CSV; more is no export of the tester."""

_WORKBOOKS = (".xlsx", ".xlsm")
_FOREIGN = (".xls", ".xlsb", ".ods")
_EXPORT_AGAIN = "Export it again from the tester program as .xlsx or .csv."


@dataclass(frozen=True, slots=True)
class ResultFile:
    """The content of a file and when it was taken. `name` is printable; `digest` is SHA-256 in hexadecimal."""

    name: str
    digest: str
    content: bytes
    wall: datetime
    monotonic_ns: int


class FileChanging(RetryLater):
    """The file changed while it was read."""

    todo = "It is read again when it stays as it is."


def looks_like_results(name: str) -> bool:
    """Tell by its name whether a file may hold results, or a spreadsheet somebody took for it.

    Lock files (`~$x.xlsx`) and hidden files are none.
    """
    return not name.startswith(("~$", ".")) and name.lower().endswith((*_WORKBOOKS, ".csv", *_FOREIGN))


def printable(name: str) -> str:
    """Write a file name so that it can be shown and stored: undecodable bytes and control characters escaped."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def take(path: Path, *, largest_bytes: int = LARGEST_BYTES) -> ResultFile:
    """Read a whole file. Blocks as long as the disk or the network share does.

    Raises `Unreadable` for a link, a folder, a device, an empty or a far too large file; `FileChanging` when
    somebody wrote to it meanwhile; `OSError` when the disk or the share does not give it.
    """
    name = printable(path.name)
    content = _read(path, name, largest_bytes)
    if not content:
        raise Unreadable(f"{name} is empty (0 bytes).", todo=_EXPORT_AGAIN)
    digest = hashlib.sha256(content).hexdigest()
    return ResultFile(name, digest, content, datetime.now(UTC), time.monotonic_ns())


def open_table(file: ResultFile) -> Table:
    """Open a file as what its name says it is. Raises `Unreadable`, naming the file and what to do."""
    ending = Path(file.name).suffix.lower()
    if ending in _WORKBOOKS:
        return open_workbook(file.content, file.name)
    if ending == ".csv":
        return open_csv(file.content, file.name)
    raise Unreadable(f"{file.name} is neither a workbook (.xlsx, .xlsm) nor a .csv file.", todo=_EXPORT_AGAIN)


def _read(path: Path, name: str, largest_bytes: int) -> bytes:
    descriptor = _open(path, name)
    try:
        before = os.fstat(descriptor)
        _check_kind(before, name, largest_bytes)
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            content = stream.read(largest_bytes + 1)
        after = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    if len(content) != before.st_size or _version(before) != _version(after):
        raise FileChanging(f"{name} is being written.")
    return content


def _check_kind(status: os.stat_result, name: str, largest_bytes: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable(f"{name} is a folder or a device, not a file.", todo="Remove it from this folder.")
    if status.st_size > largest_bytes:
        size_mib, most_mib = status.st_size >> 20, largest_bytes >> 20
        raise Unreadable(
            f"{name} is larger than any export of the tester ({size_mib} MiB, at most {most_mib} MiB).",
            todo="Export fewer rows at a time, or split the file.",
        )


def _open(path: Path, name: str) -> int:
    """Open without following a link and without waiting for a pipe's other end."""
    try:
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise Unreadable(f"{name} is a link to another place.", todo="Put the file itself into this folder.") from error


def _version(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns
