"""Make a file readable again whose schema is damaged: its pages, under the schema pages of a new, empty store.

The migrations lay the schema out in the same pages in every file, so the tables are where the new schema says.
"""

import os
from pathlib import Path
from typing import Final

import apsw

from storage.sqlite.files import beside

_PAGE_COUNT: Final = slice(28, 32)
_FREE_LIST: Final = slice(32, 40)
_CHUNK: Final = 1 << 20
_SECTOR: Final = 512


def readable(connection: apsw.Connection) -> bool:
    """Say whether the schema can be read, whatever became of the rows."""
    try:
        connection.execute("SELECT 1 FROM changes LIMIT 0")
    except apsw.Error:
        return False
    return True


def graft(damaged: Path, empty: apsw.Connection) -> Path:
    """Write a copy of a damaged store with the schema of an empty one, and give its path."""
    grafted = beside(damaged, ".graft")
    for suffix in ("", "-wal"):
        if beside(damaged, suffix).exists():
            _copy(beside(damaged, suffix), beside(grafted, suffix))
    page_size, pages = _schema_pages(empty)
    with grafted.open("r+b") as file:
        for number, page in pages.items():
            file.seek((number - 1) * page_size)
            file.write(_resized(page, damaged.stat().st_size // page_size) if number == 1 else page)
    return grafted


def _copy(source: Path, target: Path) -> None:
    """Copy a file sector by sector where the disk cannot read more; what it cannot read at all becomes zeros."""
    with source.open("rb") as whole, target.open("wb") as copy:
        size = os.fstat(whole.fileno()).st_size
        for place in range(0, size, _CHUNK):
            copy.write(_read(whole.fileno(), place, min(_CHUNK, size - place)))


def _read(descriptor: int, place: int, size: int) -> bytes:
    try:
        return os.pread(descriptor, size, place)
    except OSError:
        if size <= _SECTOR:
            return bytes(size)
        pieces = range(place, place + size, _SECTOR)
        return b"".join(_read(descriptor, piece, min(_SECTOR, place + size - piece)) for piece in pieces)


def remove(grafted: Path) -> None:
    """Delete the copy."""
    for suffix in ("", "-wal", "-shm"):
        beside(grafted, suffix).unlink(missing_ok=True)


def _schema_pages(empty: apsw.Connection) -> tuple[int, dict[int, bytes]]:
    empty.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    size = int(str(empty.pragma("page_size")))
    data = Path(empty.filename).read_bytes()
    rows = empty.execute("SELECT pageno FROM dbstat WHERE name = 'sqlite_schema'").fetchall()
    return size, {int(str(number)): data[(int(str(number)) - 1) * size :][:size] for (number,) in rows}


def _resized(first: bytes, pages: int) -> bytes:
    """Give the first page the damaged file's size and no free list (https://sqlite.org/fileformat2.html, 1.3)."""
    page = bytearray(first)
    page[_PAGE_COUNT] = pages.to_bytes(4, "big")
    page[_FREE_LIST] = bytes(8)
    return bytes(page)
