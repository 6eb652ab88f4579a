"""SQLite connections as this package needs them, and SQLite's troubles as this package's errors."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import apsw
import orjson

from storage.errors import (
    DiskFull,
    DiskReadOnly,
    FlushFailed,
    NotDurable,
    RecordRefused,
    StorageError,
    StoreDamaged,
)
from storage.reads import words

OLDEST_SAFE: Final = (3, 51, 3)  # older ones can corrupt a WAL file: https://sqlite.org/wal.html#walresetbug
BUSY_TIMEOUT_MS: Final = 5_000
_FULL: Final = 2
_MEMORY: Final = 2
_CACHE_KIB: Final = 16_384


def open_writing(path: Path, vfs: str | None = None, *, create: bool = False) -> apsw.Connection:
    """Open the write connection: WAL, every commit flushed, references checked.

    Raises StorageError where this SQLite is unsafe or a setting does not hold, apsw.Error where the file is bad.
    """
    assert_safe()
    flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
    connection = apsw.Connection(str(path), flags=flags, vfs=vfs)
    try:
        _configure(connection)
    except BaseException:
        connection.close(force=True)
        raise
    return connection


def open_reading(path: Path, vfs: str | None = None) -> apsw.Connection:
    """Open a connection that cannot write. Raises apsw.Error."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY, vfs=vfs)
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    _plan_once(connection)
    connection.pragma("temp_store", _MEMORY)
    connection.pragma("query_only", True)
    connection.pragma("trusted_schema", False)
    return connection


def assert_safe(version: str | None = None) -> None:
    """Raise StorageError where this SQLite is older than the oldest that keeps WAL files whole."""
    version = version or apsw.sqlite_lib_version()
    if tuple(map(int, version.split("."))) < OLDEST_SAFE:
        needed = ".".join(map(str, OLDEST_SAFE))
        raise StorageError(f"SQLite {version} can damage the store; {needed} or newer is needed.")


def _plan_once(connection: apsw.Connection) -> None:
    """Keep the plan of a statement whatever is bound: planning anew costs several times the running."""
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)


def _configure(connection: apsw.Connection) -> None:
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    _plan_once(connection)
    connection.create_scalar_function("words", _words, 1, deterministic=True, flags=apsw.SQLITE_INNOCUOUS)
    connection.pragma("foreign_keys", True)
    connection.pragma("trusted_schema", False)
    connection.pragma("cell_size_check", True)
    connection.pragma("temp_store", _MEMORY)
    connection.pragma("cache_size", -_CACHE_KIB)
    journal = connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", _FULL)
    connection.wal_autocheckpoint(0)  # its failures are silent: the store checkpoints by itself
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)  # so are these; and damage is to stay as it was
    held = (journal, connection.pragma("synchronous"), connection.pragma("foreign_keys"))
    if held != ("wal", _FULL, 1):
        raise StorageError(f"SQLite did not take its settings: {held}.", todo="Put the store on a local disk.")


def _words(*given: object) -> str:
    """Give the words of a note to the triggers that keep them, as a JSON list."""
    (text,) = given
    return orjson.dumps(words(str(text)) if text is not None else ()).decode()


@contextmanager
def our_errors() -> Iterator[None]:
    """Turn SQLite's and the file system's errors into this package's, chained."""
    try:
        yield
    except apsw.Error as error:
        raise translated(error) from error
    except OSError as error:
        raise disk_error(error) from error


def disk_error(error: OSError) -> NotDurable:
    """Name an operating-system error in the words of this package."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return DiskFull("The data disk is full: nothing was saved.")
        case errno.EIO:
            return FlushFailed("The data disk refused a write: nothing was saved.")
        case _:
            return DiskReadOnly(f"The data disk cannot be written: {error.strerror}.")


def translated(error: apsw.Error) -> StorageError:
    """Name an error of SQLite in the words of this package."""
    match error:
        case apsw.FullError():
            return DiskFull("The data disk is full: nothing was saved.")
        case apsw.ReadOnlyError() | apsw.CantOpenError() | apsw.PermissionsError():
            return DiskReadOnly("The data disk cannot be written: nothing was saved.")
        case apsw.CorruptError() | apsw.NotADBError() | apsw.SQLError():
            return StoreDamaged(f"The store is damaged: {error}.")
        case apsw.ConstraintError() | apsw.MismatchError() | apsw.TooBigError():
            return RecordRefused(f"The store refused a record: {error}.")
        case apsw.IOError():
            return FlushFailed("The data disk refused a write: nothing was saved.")
        case _:
            return NotDurable(f"The store could not save: {error}.")
