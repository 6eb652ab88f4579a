"""The store of one line: one file, one write connection, one transaction a decision."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Protocol, TypeVar

import apsw
from uuid_utils.compat import uuid7

from storage.changes import Clock, SystemClock
from storage.errors import DecisionFailed, FlushFailed, StorageError, StoreClosed
from storage.records import Alarm, Batch, IntakeError, Record
from storage.sqlite.connection import our_errors
from storage.sqlite.files import Ownership, draft_of, swap_in
from storage.sqlite.ledger import Ledger
from storage.sqlite.pen import Pen
from storage.sqlite.queries import QUERIES
from storage.sqlite.start import Place, Started, renew, start
from storage.sqlite.view import View

CHECKPOINT_PAGES: Final = 1_000
"""Pages in the write-ahead log from which it is worth moving them into the file between two decisions."""
_CHECKPOINT_NOW: Final = 8_000


class Decision(Protocol):
    """Whatever a decision carries besides, it names what is to be written."""

    @property
    def batch(self) -> Batch:
        """What the decision writes."""


D = TypeVar("D", bound=Decision)
T = TypeVar("T")


class Store:
    """The durable memory of one line. Not thread-safe: it lives in one thread. Open it with `Store.open`."""

    def __init__(self, place: Place, ownership: Ownership, started: Started) -> None:
        self._place = place
        self._ownership = ownership
        self._doubtful = False
        self._detached = False
        self._closed = False
        self.log_pages = self._tended_pages = 0
        self._take(started)

    @classmethod
    def open(
        cls, path: Path, *, site: str, line_number: int, clock: Clock | None = None, vfs: str | None = None
    ) -> "Store":
        """Open the store of a line, creating it where there is none; afterwards it is checked and ready to commit.

        A damaged file is kept aside, what can be read is carried over, and an alarm says what came of it.
        Raises StoreBusy, StoreForeign (nothing was changed), or NotDurable where the disk takes no writes.
        """
        place = Place(path, site, line_number, clock or SystemClock(), vfs)
        ownership = Ownership.take(path)
        try:
            with our_errors():
                started = start(place, ownership)
            return cls(place, ownership, started)
        except BaseException:
            ownership.give_up()
            raise

    @property
    def doubtful(self) -> bool:
        """Whether a flush failed since the file was written: the next write rebuilds it first."""
        return self._doubtful

    def transact(self, raw: tuple[Record, ...], decide: Callable[[View], D]) -> D:
        """Store raw records, decide on them and store the decision's batch, all in one flushed commit.

        Raises DecisionFailed where deciding raised or decided what may not be stored: the raw records are then
        committed beside an IntakeError each, and nothing else. Raises NotDurable where nothing was committed.
        """
        try:
            with self._transaction():
                self._pen.records(raw)
                with _deciding():
                    decision = decide(self.view)
                    self._pen.batch(decision.batch)
        except DecisionFailed as failed:
            self._keep(raw, failed)
            raise
        return decision

    def transact_each(
        self,
        raw: tuple[Record, ...],
        decides: Sequence[Callable[[View], D]],
        enough: Callable[[], bool] = lambda: False,
    ) -> list[D | DecisionFailed]:
        """Store raw records, then take decisions one after the other, all in one flushed commit.

        Each decision sees what those before it wrote. One that fails leaves nothing behind and is answered by its
        error; raw records and the other decisions stand. Once `enough` says so no more are taken: the answers then
        end early, with the first at the earliest. Raises NotDurable where nothing was committed.
        """
        answers: list[D | DecisionFailed] = []
        with self._transaction():
            self._pen.records(raw)
            for decide in decides:
                answers.append(self._one_of_many(decide))
                if enough():
                    break
        return answers

    def write(self, batch: Batch) -> None:
        """Store a batch in one flushed commit. Raises RecordRefused, or NotDurable; nothing was committed then."""
        with self._transaction():
            self._pen.batch(batch)

    def read(self, read: Callable[[View], T]) -> T:
        """Read what is committed. Raises StorageError."""
        with our_errors():
            answer = read(self.view)
        return answer  # noqa: RET504 -- returning inside would hide from the type checker that errors pass

    def keep(self, work: Callable[[Ledger], T]) -> T:
        """Keep the books of the exchange with the central server in one flushed commit. Raises as `write`."""
        with self._transaction():
            answer = work(Ledger(self._connection, self.store_id, self._pen.moment.wall))
        return answer  # noqa: RET504 -- as in `read`

    def set_cursor(self, name: str, seq: int) -> None:
        """Remember how far a consumer of the change log came."""
        with self._transaction():
            self._connection.execute(QUERIES["set_cursor"], (name, str(self.store_id), seq))

    def tend(self) -> None:
        """Move the write-ahead log into the file when it has grown; to be called between decisions.

        Never raises: where the disk refuses, everything acknowledged still stands in the log, and the next write
        rebuilds the file.
        """
        if self.log_pages < CHECKPOINT_PAGES or self._closed:
            return
        try:
            self._tended_pages, _ = self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            self.log_pages = 0
        except apsw.BusyError:
            return
        except apsw.Error:
            self._doubtful = True

    def rebuild(self) -> None:
        """Copy everything acknowledged into a new file, flush it, check it and let it take the old one's place.

        After a failed flush the old file is not to be believed: what the system remembers of it is not what the disk
        holds. Raises NotDurable where that fails too; the old file then stays, and nothing is accepted.
        """
        with our_errors():
            if self._detached:  # an earlier attempt failed on its way
                self._take(start(self._place, self._ownership))
            self._doubtful = True
            draft = draft_of(self._place.path)
            self._connection.execute("VACUUM INTO ?", (str(draft),))
            renew(self._place, draft)
            self._detached = True
            self._connection.close(force=True)
            swap_in(self._place.path)
            self._take(start(self._place, self._ownership))
        self._alarm("store_rebuilt", "The data disk refused to flush; the store was copied to a new file.")

    def close(self) -> None:
        """Empty the write-ahead log and close the file. Doing it again is harmless."""
        if self._closed:
            return
        self._closed = True
        with suppress(apsw.Error):
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        self._connection.close(force=True)
        self._ownership.give_up()

    def _take(self, started: Started) -> None:
        self._connection = started.connection
        self._connection.set_wal_hook(self._count_log_pages)
        self._pen = Pen(started.connection, started.store_id, self._place.clock)
        self.store_id = started.store_id
        self.view = View(started.connection)
        self._doubtful = self._detached = False

    def _count_log_pages(self, _connection: apsw.Connection, _name: str, pages: int) -> int:
        """Count the pages written since the last checkpoint; a log shorter than it left it has begun anew."""
        if pages < self._tended_pages:
            self._tended_pages = 0
        self.log_pages = pages - self._tended_pages
        return apsw.SQLITE_OK

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._ready()
        try:
            with our_errors():
                self._connection.execute("BEGIN IMMEDIATE")
                self._pen.begin()
                try:
                    yield
                    self._connection.execute("COMMIT")
                except BaseException:
                    self._roll_back()
                    raise
        except FlushFailed:
            self._doubtful = True
            raise

    def _ready(self) -> None:
        if self._closed:
            raise StoreClosed("The store is closed.")
        if self.log_pages >= _CHECKPOINT_NOW:
            self.tend()
        if self._doubtful:
            self.rebuild()

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except apsw.Error:
                self._doubtful = True

    def _one_of_many(self, decide: Callable[[View], D]) -> D | DecisionFailed:
        self._connection.execute("SAVEPOINT decision")
        try:
            with _deciding():
                decision = decide(self.view)
                self._pen.batch(decision.batch)
        except DecisionFailed as failed:
            self._connection.execute("ROLLBACK TO decision")
            return failed
        finally:
            if self._connection.in_transaction:  # a full disk may already have ended it
                self._connection.execute("RELEASE decision")
        return decision

    def _keep(self, raw: tuple[Record, ...], failed: DecisionFailed) -> None:
        """Commit the raw records with the reason why nothing was decided on them."""
        if raw:
            with self._transaction():
                now = self._pen.moment.wall
                self._pen.records(raw)
                self._pen.records(
                    tuple(IntakeError(uuid=uuid7(), raw_uuid=it.uuid, error=str(failed), created_at=now) for it in raw)
                )

    def _alarm(self, code: str, message: str) -> None:
        now = self._place.clock().wall
        self.write(Batch((Alarm(uuid=uuid7(), code=code, message=message, created_at=now),)))


@contextmanager
def _deciding() -> Iterator[None]:
    """Tell what a decision did wrong from what the disk did: only the disk's troubles pass."""
    try:
        yield
    except (apsw.ConstraintError, apsw.MismatchError, apsw.TooBigError) as error:
        raise DecisionFailed(f"The decision broke a rule of the store: {error}.") from error
    except (apsw.Error, StorageError):
        raise
    except Exception as error:
        raise DecisionFailed(f"Deciding failed: {type(error).__name__}: {error}.") from error
