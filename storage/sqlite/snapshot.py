"""The store as it was, kept before another program works with it."""

import logging
import shutil
from pathlib import Path
from typing import Final

import apsw

from storage.errors import DiskFull, FlushFailed
from storage.sqlite.connection import open_reading
from storage.sqlite.disk import MIB, REFUSE_BELOW_BYTES
from storage.sqlite.files import beside, flush

log = logging.getLogger(__name__)

_UNREADABLE: Final = "The copy of the store that is kept before a newer program changes it cannot be read back."


def kept_by(path: Path, name: str) -> Path:
    """Say where the copy of a store is that was kept under a name."""
    return beside(path, f".before-{name}")


def keep_before(connection: apsw.Connection, path: Path, name: str) -> Path:
    """Copy the store to `<store>.before-<name>`, read back and flushed; copies of earlier upgrades are removed.

    Raises DiskFull where there is no room for it beside what a line needs to go on, FlushFailed where it cannot be
    read back, apsw.Error, OSError.
    """
    _assert_room(connection, path)
    kept = kept_by(path, name)
    draft = beside(kept, ".part")
    draft.unlink(missing_ok=True)
    try:
        connection.execute("VACUUM INTO ?", (str(draft),))
        _assert_readable(draft)
        flush(draft)
        draft.replace(kept)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    flush(path.parent)
    for other in path.parent.glob(f"{path.name}.before-*"):
        if other != kept:
            other.unlink()
    log.info("The store was copied to %s before another program works with it.", kept)
    return kept


def _assert_room(connection: apsw.Connection, path: Path) -> None:
    size = int(str(connection.pragma("page_count"))) * int(str(connection.pragma("page_size")))
    needed = size + REFUSE_BELOW_BYTES
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise DiskFull(
            "The data disk has no room for the copy of the store that is kept before a newer program changes it.",
            todo=f"Free {-((free - needed) // MIB)} MB on it, or install the program before this one again.",
        )


def _assert_readable(copy: Path) -> None:
    try:
        connection = open_reading(copy)
        try:
            found = connection.execute("PRAGMA quick_check(1)").fetchall()
        finally:
            connection.close(force=True)
    except apsw.Error as error:  # damage of the copy: nobody may take it for damage of the store
        raise FlushFailed(_UNREADABLE) from error
    if found != [("ok",)]:
        raise FlushFailed(_UNREADABLE)
