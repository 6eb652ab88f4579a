"""The books of the exchange with the central server: what came down, what went up, what is parked."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zlib import crc32

import apsw
import orjson

from storage.changes import BODY_VERSION, NOBODY, Arrival, Change, FeedPosition, Stamp
from storage.changes.codec import time_text
from storage.records import EDITABLE, Record
from storage.sqlite.answers import change_of
from storage.sqlite.queries import QUERIES
from storage.sqlite.tables import OF_KIND, Table, table_of

log = logging.getLogger(__name__)

CURSOR: Final = "central"
"""The cursor of the way up."""
_PACE: Final = timedelta(days=7)
_DAY: Final = timedelta(days=1)
_UNFIT: Final = (ValueError, TypeError, KeyError, apsw.ConstraintError, apsw.MismatchError)
"""What a record does that no rule of this store allows, or that an older program cannot read."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """How far the exchange came. `feed` is None until the working set was fetched.

    Up to `refeed_until` also what came down goes up: that server was set back and may miss it. `schema_version` is
    that of the server under which everything it had refused was tried last; 0: under none.
    """

    epoch: str
    refeed_until: int
    feed: FeedPosition | None
    schema_version: int = 0


@dataclass(frozen=True, slots=True)
class Former:
    """How far the exchange came under the id this file had before it was copied."""

    store_id: UUID
    epoch: str
    sent: int


@dataclass(frozen=True, slots=True)
class Parked:
    """A change the server refused, or one that needs such a change. Discarded: it stays here for good."""

    seq: int
    uuid: UUID
    kind: str
    because_of: UUID | None
    sqlstate: str | None
    message: str
    attempts: int
    parked_at: datetime
    discarded_at: datetime | None = None
    discarded_by: UUID | None = None
    reason: str | None = None


class LedgerView:
    """Reads of the books over one connection."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def exchange(self) -> Exchange | None:
        """Tell how far the exchange came; None: this very store never met a server."""
        for epoch, until, xid, seq, version in self._rows("central"):
            return Exchange(epoch, until, None if xid is None else FeedPosition(xid, seq), version)
        return None

    def former(self) -> Former | None:
        """Tell how far the exchange came the last time, under whatever id; None: that is not known."""
        for store_id, epoch, sent in self._rows("central_before", CURSOR):
            return Former(UUID(store_id), epoch, sent)
        return None

    def own_ids(self) -> frozenset[UUID]:
        """Give the ids this file ever had: one follows on the other in the log, so the ends are found by halving."""
        found, seq, last = set(), 0, self._last_seq()
        while rows := self._rows("own_after", seq):
            ((seq, store_id),) = rows
            found.add(UUID(store_id))
            high = last
            while seq < high:
                middle = (seq + high) // 2
                later = self._rows("own_after", middle)
                if later and later[0][1] == store_id:
                    seq = later[0][0]
                else:
                    high = middle
        return frozenset(found)

    def own_hlc_before(self, seq: int) -> int:
        """Give the last own stamp before a change; 0: there is none."""
        rows = self._rows("last_own_hlc_before", seq)
        return int(rows[0][0]) if rows else 0

    def sent(self) -> int:
        """Give the number of the last change the server acknowledged."""
        rows = self._rows("cursor", CURSOR)
        return int(rows[0][0]) if rows else 0

    def waiting(self) -> tuple[int, datetime | None]:
        """Count the changes that did not go up yet, and give the time of the oldest."""
        sent, last = self.sent(), self._rows("last_change")
        oldest = self._rows("first_change_after", sent)
        if not oldest:
            return 0, None
        return last[0][0] - sent, datetime.fromisoformat(oldest[0][0])

    def bytes_per_day(self, now: datetime) -> float | None:
        """Say how fast the file grew over the last week; None before anything was recorded."""
        first, last = self._rows("first_change_after", 0), self._rows("last_change")
        if not first:
            return None
        recorded = last[0][0] - self._last_before(time_text(now - _PACE), last[0][0])
        days = min(_PACE, max(_DAY, now - datetime.fromisoformat(first[0][0]))) / _DAY
        ((size,),) = self._rows("file_size")
        return float(size / last[0][0] * recorded / days)

    def _last_seq(self) -> int:
        rows = self._rows("last_change")
        return int(rows[0][0]) if rows else 0

    def _last_before(self, wall: str, last: int) -> int:
        """Find the last change before a time by halving: their times grow with their numbers."""
        low, high = 0, last
        while low < high:
            middle = (low + high) // 2
            earlier = self._rows("first_change_after", middle)[0][0] < wall
            low, high = (middle + 1, high) if earlier else (low, middle)
        return low

    def parked(self) -> tuple[Parked, ...]:
        """Give everything parked, in the order it was recorded."""
        return tuple(map(_parked, self._rows("parked")))

    def refused(self) -> tuple[tuple[str, UUID], ...]:
        """Name what came down and this store could not take: kind and uuid."""
        return tuple((kind, UUID(uuid)) for kind, uuid in self._rows("refused"))

    def change(self, seq: int) -> Change | None:
        """Find a change by its number."""
        rows = self._rows("change", seq)
        return change_of(rows[0]) if rows else None

    def received_before(self, uuid: UUID, seq: int) -> Stamp | None:
        """Give the newest version of a thing that had come down when a change was made."""
        for store_id, hlc in self._rows("received_before", str(uuid), seq):
            return Stamp(hlc, UUID(store_id))
        return None

    def _rows(self, query: str, *bindings: str | int | None) -> list[Any]:
        return self._connection.execute(QUERIES[query], bindings).fetchall()


class Ledger(LedgerView):
    """Keeps the books within the transaction its connection is in."""

    def __init__(self, connection: apsw.Connection, store_id: UUID, now: datetime) -> None:
        super().__init__(connection)
        self._store_id = str(store_id)
        self._now = time_text(now)

    def begin(self, epoch: str, *, refeed: bool = True, schema_version: int = 0) -> None:
        """Begin from the first change; `refeed` also what came down, for a server that may have been set back."""
        self._rows("set_central", self._store_id, epoch, self._last_seq() if refeed else 0, schema_version)
        self._rows("unpark_undecided")
        self._rows("set_cursor", CURSOR, self._store_id, 0)

    def tried_under(self, schema_version: int) -> None:
        """Note that what an earlier schema of the server refused was tried under this one."""
        self._rows("set_schema_version", schema_version)

    def acknowledge(self, seq: int) -> None:
        """Note that the server holds everything up to a change, but for what is parked."""
        sent = self.sent()
        for query in ("mark_synced_panels", "mark_synced_results"):
            self._rows(query, self._now, sent, seq)
        self._rows("set_cursor", CURSOR, self._store_id, seq)

    def park(self, change: Change, message: str, *, sqlstate: str | None, because_of: UUID | None) -> None:
        """Set a change aside with the reason; doing it again counts an attempt."""
        because = None if because_of is None else str(because_of)
        self._rows("park", change.seq, str(change.uuid), change.kind, because, sqlstate, message, self._now)

    def unpark(self, seq: int) -> None:
        """Take a change out again: the server has it now."""
        self._rows("unpark", seq)

    def discard(self, seq: int, by: UUID, reason: str) -> None:
        """Note that a person let a parked change be."""
        self._rows("discard_parked", self._now, str(by), reason, seq)

    def seed(self, records: Sequence[Record]) -> None:
        """Write what every store begins with, under the stamp that loses against every other."""
        for record in records:
            table = table_of(type(record))
            values, body = table.form.encode(record)
            self._connection.execute(table.write, values)
            self._log(record.KIND, str(record.uuid), body, Arrival(record.KIND, body, Stamp(0, NOBODY), "unknown"), 0)

    def receive(self, arrivals: Sequence[Arrival], position: FeedPosition | None = None) -> bool:
        """Take over what came down, in order, and move on in the feed; what stands here already makes no change.

        Stops before a thing that was edited here meanwhile: False then, the edit has to go up before. What this store
        cannot take is noted among the `refused` and holds nothing up.
        """
        pending = {uuid for (uuid,) in self._rows("uuids_after", self.sent())}
        for arrival in arrivals:
            with self._apart(arrival):
                table = OF_KIND[arrival.kind]
                record = table.form.from_body(arrival.body)
                if str(record.uuid) in pending:
                    return False
                self._take(table, record, arrival)
                if self.refused():
                    self._rows("take_refused", str(record.uuid))
        if position is not None:
            self._rows("set_feed", position.xid, position.seq)
        return True

    @contextmanager
    def _apart(self, arrival: Arrival) -> Iterator[None]:
        """Leave nothing of an arrival that this store cannot take but a note of it."""
        self._connection.execute("SAVEPOINT arrival")
        try:
            yield
        except _UNFIT as error:
            self._connection.execute("ROLLBACK TO arrival")
            log.error("A %s from the central server cannot be taken over: %s", arrival.kind, error)
            self._rows("refuse", orjson.loads(arrival.body)["uuid"], arrival.kind, str(error), self._now)
        finally:
            if self._connection.in_transaction:  # a full disk may already have ended it
                self._connection.execute("RELEASE arrival")

    def _take(self, table: Table[Any], record: Record, arrival: Arrival) -> None:
        uuid = str(record.uuid)
        if isinstance(record, EDITABLE):
            query = f"SELECT {table.columns} FROM {table.name} WHERE uuid = ?"  # noqa: S608 -- our own names
            rows = self._connection.execute(query, (uuid,)).fetchall()
            if rows and table.decode(rows[0]) == record and self._has_seen(record.uuid, arrival.stamp):
                return
        values, body = table.form.encode(record)
        self._connection.execute(table.write, values)
        if table.form.editable or self._connection.changes():
            self._log(arrival.kind, uuid, body, arrival, 1)

    def _has_seen(self, uuid: UUID, stamp: Stamp) -> bool:
        """Say whether a version that stands here already need not be noted as known."""
        return (
            stamp.hlc == 0
            or self.received_before(uuid, self._last_seq() + 1) == stamp
            or stamp.store_id in self.own_ids()
        )

    def _log(self, kind: str, uuid: str, body: bytes, arrival: Arrival, received: int) -> None:
        stamp = arrival.stamp
        at = self._now if arrival.edited_at is None else time_text(arrival.edited_at)
        self._rows(
            "log_foreign", str(stamp.store_id), uuid, kind, BODY_VERSION, body, crc32(body), at, stamp.hlc,
            arrival.clock_state, received,
        )  # fmt: skip

    def _rows(self, query: str, *bindings: str | int | bytes | None) -> list[Any]:
        return self._connection.execute(QUERIES[query], bindings).fetchall()


def _parked(row: tuple[Any, ...]) -> Parked:
    seq, uuid, kind, because_of, sqlstate, message, attempts, parked_at, discarded_at, discarded_by, reason = row
    return Parked(
        seq, UUID(uuid), kind, because_of and UUID(because_of), sqlstate, message, attempts,
        datetime.fromisoformat(parked_at), discarded_at and datetime.fromisoformat(discarded_at),
        discarded_by and UUID(discarded_by), reason,
    )  # fmt: skip
