"""The store of one line: one file, one write connection, one transaction a decision."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar
from uuid import UUID, uuid4

import apsw
from uuid_utils.compat import uuid7

from storage.errors import DecisionFailed
from storage.records import Batch, IntakeError, Record
from storage.sqlite.clock import Clock, SystemClock
from storage.sqlite.codec import time_text
from storage.sqlite.connection import open_writing, our_errors
from storage.sqlite.migrate import migrate
from storage.sqlite.pen import Pen
from storage.sqlite.queries import QUERIES
from storage.sqlite.view import View


class Decision(Protocol):
    """Whatever a decision carries besides, it names what is to be written."""

    @property
    def batch(self) -> Batch:
        """What the decision writes."""


D = TypeVar("D", bound=Decision)


class Store:
    """The durable memory of one line. Not thread-safe: it lives in one thread. Open it with `Store.open`."""

    def __init__(self, connection: apsw.Connection, store_id: UUID, clock: Clock) -> None:
        self._connection = connection
        self._pen = Pen(connection, store_id, clock)
        self.store_id = store_id
        self.view = View(connection)

    @classmethod
    def open(
        cls, path: Path, *, site: str, line_number: int, clock: Clock | None = None, vfs: str | None = None
    ) -> "Store":
        """Open the store of a line, creating it where there is none; afterwards it is checked and ready to commit."""
        clock = clock or SystemClock()
        with our_errors():
            connection = open_writing(path, vfs, create=True)
            migrate(connection)
            if not connection.execute(QUERIES["meta"]).fetchall():
                row = (str(uuid4()), site, line_number, time_text(clock().wall))
                connection.execute(QUERIES["create_meta"], row)
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
            store_id = UUID(str(connection.execute(QUERIES["meta"]).fetchall()[0][0]))
            return cls(connection, store_id, clock)

    def transact(self, raw: tuple[Record, ...], decide: Callable[[View], D]) -> D:
        """Store raw records, decide on them and store the decision's batch, all in one flushed commit.

        Raises DecisionFailed where deciding raised or decided what may not be stored: the raw records are then
        committed beside an IntakeError each, and nothing else. Raises NotDurable where nothing was committed.
        """
        with our_errors():
            self._begin()
            try:
                self._pen.records(raw)
                outcome = self._decide(decide)
                if isinstance(outcome, DecisionFailed):
                    self._pen.records(tuple(self._note(record, outcome) for record in raw))
                self._connection.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise
        if isinstance(outcome, DecisionFailed):
            raise outcome
        return outcome

    def write(self, batch: Batch) -> None:
        """Store a batch in one flushed commit. Raises RecordRefused, or NotDurable; nothing was committed then."""
        with our_errors():
            self._begin()
            try:
                self._pen.batch(batch)
                self._connection.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise

    def set_cursor(self, name: str, seq: int) -> None:
        """Remember how far a consumer of the change log came."""
        with our_errors():
            self._connection.execute(QUERIES["set_cursor"], (name, str(self.store_id), seq))

    def close(self) -> None:
        """Close the file. Doing it again is harmless."""
        self._connection.close()

    def _begin(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._pen.begin()

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _decide(self, decide: Callable[[View], D]) -> D | DecisionFailed:
        self._connection.execute("SAVEPOINT decision")
        try:
            decision = decide(self.view)
            self._pen.batch(decision.batch)
        except Exception as error:
            if isinstance(error, apsw.Error) and not isinstance(error, apsw.ConstraintError):
                raise
            self._connection.execute("ROLLBACK TO decision")
            failed = DecisionFailed(f"Deciding failed: {error!r}.")
            failed.__cause__ = error
            return failed
        return decision

    def _note(self, raw: Record, failed: DecisionFailed) -> IntakeError:
        return IntakeError(uuid=uuid7(), raw_uuid=raw.uuid, error=str(failed), created_at=self._pen.moment.wall)
