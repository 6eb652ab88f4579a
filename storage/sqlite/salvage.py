"""Carry over what can be read of a damaged store: every record stands in it twice, in its table and in the log."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from zlib import crc32

import apsw

from storage.changes import Clock
from storage.records import EDITABLE, Record
from storage.sqlite.answers import change_of
from storage.sqlite.graft import graft, readable, remove
from storage.sqlite.pen import Pen
from storage.sqlite.queries import QUERIES
from storage.sqlite.tables import OF_CLASS, Row, Table, table_of

_LAST_ID: Final = 1 << 62
_CHANGE: Final = (
    "seq, store_id, uuid, kind, schema_version, body, digest, wall, boot_id, monotonic_ns, hlc, clock_state, received"
)
_UNREADABLE: Final = (apsw.Error, ValueError, TypeError, KeyError)
_REFUSED: Final = (apsw.ConstraintError, apsw.MismatchError, ValueError, TypeError)


@dataclass(slots=True)
class Salvage:
    """What came of a salvage."""

    damage: str
    aside: str
    from_log: int = 0
    from_tables: int = 0
    missing_changes: int = 0
    refused: int = 0
    gaps: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Say it in one sentence."""
        lost = max(0, self.missing_changes - self.from_tables) + self.refused
        return (
            f"{self.damage} {self.from_log + self.from_tables} changes were carried over; {len(self.gaps)} places "
            f"could not be read, about {lost} changes are lost. The damaged file is kept as {self.aside}."
        )


def salvage(damaged: Path, target: apsw.Connection, clock: Clock, found: Salvage) -> None:
    """Fill a new store from a damaged one, in one transaction: the log first, then what only the tables still hold.

    Log rows keep their numbers, stamps and store id. A record whose log row is gone gets a new one. What came of it
    is noted in `found`.
    """
    source, grafted = _opened(damaged, target)
    try:
        target.pragma("foreign_keys", False)
        with target:
            refused = _carry_log(source, target, found)
            _carry_tables(source, target, clock, found)
            found.refused += sum(not _wrote(target, record) for record in refused)
            _carry_states(source, target, found)
        target.pragma("foreign_keys", True)
    finally:
        source.close(force=True)
        if grafted:
            remove(grafted)


def _opened(damaged: Path, empty: apsw.Connection) -> tuple[apsw.Connection, Path | None]:
    """Open the damaged file, or where its schema is gone a copy under a new one."""
    source = _connect(damaged)
    if readable(source):
        return source, None
    source.close(force=True)
    grafted = graft(damaged, empty)
    return _connect(grafted), grafted


def _connect(path: Path) -> apsw.Connection:
    source = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    source.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    return source


def _carry_log(source: apsw.Connection, target: apsw.Connection, found: Salvage) -> list[Record]:
    """Write again what the log says; give the records whose parents are not there yet."""
    waiting: list[Record] = []
    last = 0
    for row in _readable(source, "changes", "seq", _CHANGE, found):
        record = _record_of(row)
        if record is None or not _took(target, QUERIES["relog_change"], row):
            found.gaps.append(f"changes: {row[0]} is not what was written")
            continue
        found.from_log += 1
        found.missing_changes += row[0] - last - 1
        last = row[0]
        if not _wrote(target, record):
            waiting.append(record)
    return waiting


def _record_of(row: Row) -> Record | None:
    """Make the record of a log row, None where the row is not what was written."""
    try:
        change = change_of(row)
        return change.record() if crc32(change.body) == change.digest else None
    except _UNREADABLE:
        return None


def _wrote(target: apsw.Connection, record: Record) -> bool:
    table = table_of(type(record))
    return _took(target, table.write, tuple(table.form.encode(record)[0]))


def _took(target: apsw.Connection, statement: str, values: Row) -> bool:
    try:
        target.execute(statement, values)
    except _REFUSED:
        return False
    return True


def _carry_tables(source: apsw.Connection, target: apsw.Connection, clock: Clock, found: Salvage) -> None:
    """Write what stands in a table but not in the readable part of the log."""
    pen = Pen(target, UUID(str(target.execute(QUERIES["meta"]).fetchall()[0][0])), clock)
    pen.begin()
    for table in OF_CLASS.values():
        for record in _records(source, table, found):
            if _is_news(target, table, record, found):
                try:
                    pen.records((record,))
                    found.from_tables += 1
                except _REFUSED:
                    found.refused += 1


def _records(source: apsw.Connection, table: Table[Any], found: Salvage) -> Iterator[Record]:
    read = _readable if table.order == ("id",) else _readable_from_both_ends
    for row in read(source, table.name, ", ".join(table.order), table.columns, found):
        try:
            yield table.decode(row)
        except _UNREADABLE:
            found.gaps.append(f"{table.name}: a row that is none")


def _is_news(target: apsw.Connection, table: Table[Any], record: Record, found: Salvage) -> bool:
    """Say whether the log did not already give this; a thing's table row wins only where the log has gaps."""
    rows = target.execute(f"SELECT {table.columns} FROM {table.name} WHERE uuid = ?", (str(record.uuid),)).fetchall()  # noqa: S608
    if not rows:
        return True
    return isinstance(record, EDITABLE) and bool(found.missing_changes) and table.decode(rows[0]) != record


def _carry_states(source: apsw.Connection, target: apsw.Connection, found: Salvage) -> None:
    """Carry over what the stations knew, unless it may speak of facts that are lost: nobody could work there then."""
    if found.gaps or found.refused:
        return
    for row in _readable(source, "station_state", "station_number", "station_number, body", found):
        if not _took(target, QUERIES["set_station_state"], row):
            found.refused += 1


def _readable(source: apsw.Connection, table: str, key: str, columns: str, found: Salvage) -> Iterator[Row]:
    """Read a table in the order of an integer key, leaping over what cannot be read."""
    select = f"SELECT {key}, {columns} FROM {table} WHERE {key} > ? ORDER BY {key}"  # noqa: S608 -- our own names
    after = -1
    while after < _LAST_ID:
        try:
            for key_value, *row in source.execute(select, (after,)):
                after = max(after, key_value)
                yield tuple(row)
            return
        except _UNREADABLE as error:
            found.gaps.append(f"{table} after {after}: {error}")
            after = _next_readable(source, select, after)


def _readable_from_both_ends(
    source: apsw.Connection, table: str, key: str, columns: str, found: Salvage
) -> Iterator[Row]:
    """Read a table without integer key up to the first damage and, if there is one, down to the last."""
    backwards = ", ".join(f"{column} DESC" for column in key.split(", "))
    for order in (key, backwards):
        try:
            yield from source.execute(f"SELECT {columns} FROM {table} ORDER BY {order}")  # noqa: S608
            return
        except _UNREADABLE as error:
            found.gaps.append(f"{table}: {error}")


def _next_readable(source: apsw.Connection, select: str, stuck: int) -> int:
    """Find the lowest key after which reading works again: leaps that double, then halving back."""

    def works(after: int) -> bool:
        try:
            source.execute(select + " LIMIT 1", (after,)).fetchall()
        except _UNREADABLE:
            return False
        return True

    bad, leap = stuck, 1
    while not works(bad + leap):
        bad, leap = bad + leap, leap * 2
        if bad > _LAST_ID:
            return bad
    good = bad + leap
    while good - bad > 1:
        middle = (good + bad) // 2
        bad, good = (bad, middle) if works(middle) else (middle, good)
    return good
