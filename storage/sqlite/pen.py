"""Writing records: each with its change row, facts once, editable things as often as they change."""

from typing import Any
from uuid import UUID
from zlib import crc32

import apsw

from storage.changes import BODY_VERSION, Clock, ClockState, LogicalClock, Moment
from storage.changes.codec import time_text
from storage.records import Batch, Record
from storage.sqlite.queries import QUERIES
from storage.sqlite.tables import table_of


class Pen:
    """Writes within the transaction its connection is in. One moment of the clocks stamps a whole transaction."""

    def __init__(self, connection: apsw.Connection, store_id: UUID, clock: Clock) -> None:
        rows: list[Any] = connection.execute(QUERIES["last_own_hlc"]).fetchall()
        self._connection = connection
        self._store_id = str(store_id)
        self._clock = clock
        self._logical = LogicalClock(rows[0][0] if rows else 0)
        self._stamp: tuple[str, str, int, ClockState] = ("", "", 0, ClockState.UNKNOWN)
        self.moment: Moment = clock()

    def begin(self) -> None:
        """Look at the clocks for the transaction that begins."""
        moment = self.moment = self._clock()
        state = ClockState.BEHIND if self._logical.follow(moment.wall) else moment.state
        self._stamp = (time_text(moment.wall), moment.boot_id, moment.monotonic_ns, state)

    def batch(self, batch: Batch) -> None:
        """Write a batch: the records in order, then the station states."""
        self.records(batch.records)
        for state in batch.states:
            self._connection.execute(QUERIES["set_station_state"], (state.station_number, state.body))

    def records(self, records: tuple[Record, ...]) -> None:
        """Write records in order. A fact already stored stays as it is and makes no second change row."""
        changes: list[tuple[str | int | bytes, ...]] = []
        for record in records:
            table = table_of(type(record))
            values, body = table.form.encode(record)
            self._connection.execute(table.write, values)
            if table.form.editable or self._connection.changes():
                change = (self._store_id, values[0], record.KIND, BODY_VERSION, body, crc32(body), self._logical.tick())
                changes.append(change + self._stamp)
        self._connection.executemany(QUERIES["log_change"], changes)
