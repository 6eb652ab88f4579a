"""The least a durable commit can cost: one row, one transaction, one flush, nothing around it."""

from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any

import apsw

_CHECKPOINT_EVERY = 300


class BareCommits:
    """A database of its own on the same disk, as durable as the store: write-ahead log, every commit flushed.

    Its log is emptied between two commits, never within one: so does the store.
    """

    def __init__(self, path: Path) -> None:
        self._connection = apsw.Connection(str(path))
        self._connection.pragma("journal_mode", "wal")
        self._connection.pragma("synchronous", 2)
        self._connection.wal_autocheckpoint(0)
        self._connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")
        self._count = 0
        held: tuple[Any, Any] = self._connection.pragma("journal_mode"), self._connection.pragma("synchronous")
        assert held == ("wal", 2)

    def __enter__(self) -> "BareCommits":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._connection.close()

    def commit(self, body: bytes) -> float:
        """Commit one row and say how many seconds that took."""
        began = perf_counter()
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("INSERT INTO rows (body) VALUES (?)", (body,))
        self._connection.execute("COMMIT")
        took = perf_counter() - began
        self._count += 1
        if self._count % _CHECKPOINT_EVERY == 0:
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        return took
