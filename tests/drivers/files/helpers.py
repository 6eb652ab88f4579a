"""Shorthand for reading result files without a disk."""

import hashlib
from datetime import UTC, datetime

from drivers.files import ResultFile, batches
from drivers.readings import Flash, Garbled


def result_file(content: bytes, name: str = "export.xlsx") -> ResultFile:
    return ResultFile(name, hashlib.sha256(content).hexdigest(), content, datetime(2025, 3, 5, tzinfo=UTC), 1_000)


def read(content: bytes, name: str = "export.xlsx", *, complete: bool = True) -> list[Flash | Garbled]:
    """All readings of a file's content, in order."""
    return [row for batch in batches(result_file(content, name), "iv", complete=complete) for row in batch.rows]


def flashes(content: bytes, name: str = "export.xlsx", *, complete: bool = True) -> list[Flash]:
    """The same, proving that every row is a flash."""
    found = read(content, name, complete=complete)
    flashes = [row for row in found if isinstance(row, Flash)]
    assert flashes == found
    return flashes


def identity(flash: Flash) -> tuple[object, ...]:
    """What makes two flashes the same one."""
    return (flash.serial_text, flash.date_text, flash.time_text, flash.values)
